/**
 * A step of `npm run build`: bundles the program and what package.json exports into dist/, with code that several of them use
 * in files that they share. So there is one sdk, whoever imports it: the program, a plugin, a test. Names are kept and lines
 * are not joined, as stacks show both.
 *
 * They are CommonJS, for which V8's work can be kept for the next start (src/cli/code-cache.ts), each entry with an ES module beside it.
 *
 * What package.json names under `dependencies` stays outside, and what a user may add to it. Everything else is bundled, and its licences are written beside it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';

const {
  bin,
  exports: exported,
  dependencies,
  optionalDependencies,
  peerDependencies,
} = JSON.parse(readFileSync('package.json', 'utf8'));
const built: readonly string[] = [
  ...Object.values<string>(bin),
  ...Object.values<{ default?: string }>(exported).flatMap(target => target.default ?? []),
  // Node's module loader takes the one by its path, its threads the other.
  './dist/src/plugin-hook.js',
  './dist/src/cli/judging-thread.js',
];
/** `src/cli/main` for `dist/src/cli/main.js`. */
const names = built.map(path => relative('dist', path).split(sep).join('/').replace(/\.js$/, ''));

/**
 * What starts together, in the order in which it is taken: each with all that it needs and none before it has in one file, since
 * a file takes a quarter of a millisecond to load, and `check` would load a hundred. What else there is comes with what uses it.
 */
const TOGETHER: readonly (readonly [name: string, modules: RegExp])[] = [
  // All that is needed where the rest cannot be loaded, or need not be.
  [
    'start',
    /[\\/]src[\\/](version|cli[\\/](code-cache|exit-code|host|judging|open-files|waiting|young-generation))\.ts$/,
  ],
  ['thread-pool', /[\\/]src[\\/]cli[\\/]thread-pool\.ts$/],
  ['plugin-hook', /[\\/]src[\\/]plugin-hook\.ts$/],
  ['matcher', /[\\/]src[\\/]vitest\.ts$/],
  ['core', /[\\/]src[\\/](sdk|testkit|engine)\.ts$/],
  ['protocols', /[\\/]dissectors[\\/]index\.ts$/],
  // With the two before it, what a thread needs to judge.
  ['judging', /[\\/]src[\\/]cli[\\/]judging-here\.ts$/],
  // What imports code that is not ours, which a part with a code cache cannot.
  ['importing', /[\\/]src[\\/]plugins\.ts$/],
  ['checking', /[\\/]src[\\/]cli[\\/](program|command-line|terminal|check)\.ts$/],
];

/** Where packages make at every start what is hardly ever used, and how it is made when it is used for the first time. */
const LATE: readonly (readonly [modules: RegExp, early: string, late: string])[] = [
  // Thousands of sequences: a twentieth of what a start costs.
  [
    /[\\/]yargs[\\/]node_modules[\\/]string-width[\\/]index\.js$/,
    'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
    "const rgiEmojiRegex = { set: undefined, test(text) { return (this.set ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text); } };",
  ],
  // The first one reads ICU's tables: another twentieth.
  [
    /[\\/](yargs|cliui|wrap-ansi)[\\/]node_modules[\\/]string-width[\\/]index\.js$/,
    'const segmenter = new Intl.Segmenter();',
    'const segmenter = { own: undefined, segment(text) { return (this.own ??= new Intl.Segmenter()).segment(text); } };',
  ],
];

const late = {
  name: 'late',
  transform: {
    filter: { id: LATE.map(([modules]) => modules) },
    handler: (code: string, id: string): string => {
      let text = code;
      for (const [modules, early, later] of LATE) {
        if (!modules.test(id)) continue;
        if (!text.includes(early))
          throw new Error(`${id} has no '${early}' any more: see what it makes at every start`);
        text = text.replace(early, () => later);
      }
      return text;
    },
  },
};

const bundle = await rolldown({
  input: Object.fromEntries(names.map(name => [name, `./${name}.ts`])),
  platform: 'node',
  plugins: [late],
  // Packages that have both forms are read as modules, of which only what is used is kept.
  resolve: { mainFields: ['module', 'main'] },
  // Of yargs, where it looks for packages that a configuration of its own extends: ours has none.
  transform: { define: { 'import.meta.resolve': 'undefined' } },
  external: [/^node:/, ...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })],
});
const { output } = await bundle.write({
  dir: 'dist',
  format: 'cjs',
  entryFileNames: '[name].cjs',
  // Beside the sdk and the hook, which src/plugins.ts looks for beside itself.
  chunkFileNames: 'src/[name]-[hash].cjs',
  codeSplitting: { groups: TOGETHER.map(([name, test], place) => ({ name, test, priority: TOGETHER.length - place })) },
  comments: { legal: true, annotation: false, jsdoc: false },
});

for (const part of output) if (part.type === 'chunk' && part.isEntry) writeModuleOf(part);

const modules = output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []));
const packages = [...new Set(modules.flatMap(packageOf))].sort();
writeFileSync('dist/THIRD-PARTY.txt', packages.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`));

/** Beside an entry, the module of that name that exports what it does, or runs it: what is imported has to be an ES module. */
function writeModuleOf({ fileName, exports }: OutputChunk): void {
  const entry = `./${basename(fileName)}`;
  const text =
    exports.length > 0
      ? `import entry from '${entry}';\nexport const { ${exports.join(', ')} } = entry;\n`
      : `#!/usr/bin/env node\nimport { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('${entry}');\n`;
  writeFileSync(join('dist', fileName.replace(/\.cjs$/, '.js')), text);
}

/** Folder of the installed package that a module is from; none for our own. */
function packageOf(module: string): string | [] {
  const [folder] = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(module) ?? [];
  return folder === undefined ? [] : relative('.', folder);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
  if (file === undefined && license === undefined) throw new Error(`${folder}: no licence, so it cannot be bundled`);
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version}: ${license}\n${text}`;
}
