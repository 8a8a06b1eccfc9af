/** What npm packs: everything that the program reads, and that the documentation in the package links to or shows. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderWith } from './kit/folder.ts';
import { sourceText } from './kit/sources.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

const [{ files }] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' }),
);
const packed: readonly string[] = files.map(({ path }: { path: string }) => path);
const isPacked = (path: string) => packed.some(file => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));

const PAGES = packed.filter(file => file.endsWith('.md') && !file.startsWith('templates/'));

test('the templates are packed, each file of them', () => {
  for (const file of [
    'package.json',
    'tsconfig.json',
    'gitignore',
    'README.md',
    'src/index.ts',
    'test/my-protocol.test.ts',
  ])
    expect(packed).toContain(`templates/protocol/${file}`);
  expect(packed).toContain('templates/udp/test/conversation.ts');
});

test('of the sources and the tests themselves nothing is', () => {
  const own = packed.filter(file => !/^(templates|examples)\//.test(file));
  expect(own.filter(file => /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
  expect(own).toContain('dist/src/sdk.d.ts');
});

test('what is built or installed in an example is not', () => {
  expect(packed.filter(file => /^examples\/.*(node_modules|dist)\/|\.pcap$/.test(file))).toEqual([]);
});

describe('the documentation', () => {
  test('is there', () => {
    expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/protocol.md', 'docs/CHANGELOG.md']));
  });

  test.each(PAGES)('of %s links to nothing and shows nothing that is not packed', page => {
    const text = sourceText(page)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .replace(/`[^`\n]*`/g, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.replace(/#.*$/, ''));
    const relative = targets.filter(target => target !== '' && !/^[a-z]+:/.test(target));
    const paths = relative.map(target => posix.normalize(posix.join(posix.dirname(page), target)));
    expect(paths.filter(path => !isPacked(path))).toEqual([]);
  });
});

test('the schemas are exported', () => {
  const require = createRequire(import.meta.url);
  expect(require('wirelint/schema/report.schema.json')).toHaveProperty('$schema');
});

describe('of the declarations', () => {
  const isDeclaration = (file: string) => file.endsWith('.d.ts');

  test('those are packed that a program reaches that imports all that can be imported, and it type-checks', () => {
    const folder = folderWith({
      'package.json': '{"type":"module"}',
      'tsconfig.json': `{"compilerOptions":{"target":"es2022","module":"nodenext","types":["node"],"strict":true,
        "skipLibCheck":false,"noEmit":true,"listFiles":true}}`,
      'program.ts': `
        import { check, type DeedRecord, defineConfig, type HeldUnit, type RunReport, startProxy } from 'wirelint';
        import { defineMessages, text, uint } from 'wirelint/sdk';
        import { Traffic } from 'wirelint/testkit';
        import { type ConformOptions, toConform } from 'wirelint/vitest';

        export const report: RunReport = await check('trace.pcap', { dialect: ['mnet.tags=sender'] });
        export const proxy = await startProxy({ listen: 'udp:0', upstream: 'udp:127.0.0.1:26999', faults: ['drop=5%'], enforce: 'drop' });
        export const deeds: DeedRecord[] = [];
        proxy.on('deed', deed => deeds.push(deed)).on('released', ({ unit, how }) => how === 'gone' && unit.wire.length > 0);
        export const held: readonly HeldUnit[] = proxy.held();
        export const note: string = proxy.forward(1, { set: 'mnet.acknowledged = 9999' });
        export const config = defineConfig({ dialects: { 'mnet.tags': 'sender' } });
        export const messages = defineMessages(uint('type', 1, 'kind'), { GET: [1, '2.1', 'asks', text('key', 'rest', 'what')] });
        export const traffic = new Traffic().connect('10.0.0.1:40000', '10.0.0.2:7411').client('00');
        const options: ConformOptions = { failOn: 'warning' };
        toConform.call({}, report, options);
      `,
    });
    const installed = join(folder, 'node_modules/wirelint');
    for (const file of packed) cpSync(join(ROOT, file), join(installed, file));
    symlinkSync(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
    const { stdout } = spawnSync(process.execPath, [COMPILER], { cwd: folder, encoding: 'utf8' });
    const said = stdout.split('\n');
    expect(said.filter(line => line.includes('error TS'))).toEqual([]);
    const within = said.filter(path => path.startsWith(`${installed}/`));
    expect(within.map(path => posix.relative(installed, path)).sort()).toEqual(packed.filter(isDeclaration).sort());
  });

  test('the build leaves those that an export reaches, by whichever kind of import', () => {
    const folder = folderWith({
      'package.json': `{"exports":{".":{"types":"./dist/a.d.ts"},"./b":{"types":"./dist/b.d.ts"},"./x/*":"./x/*"}}`,
      'dist/a.d.ts': `export { C } from './parts/c.ts';\nexport declare const d: import('./parts/d.ts').D;`,
      'dist/b.d.ts': '/** As `./parts/f.ts` does. */\nexport declare const b: number;',
      'dist/parts/c.d.ts': `import type { E } from './e.ts';\nexport type C = E;`,
      'dist/parts/d.d.ts': `import '../a.ts';\nexport interface D {}`,
      'dist/parts/e.d.ts': 'export type E = 1;',
      'dist/parts/f.d.ts': `export { D } from './d.ts';`,
      'dist/parts/f.js': '',
    });
    leaveReached(folder);
    const left = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(left.filter(isDeclaration).sort()).toEqual(
      ['a', 'b', 'parts/c', 'parts/d', 'parts/e'].map(name => `${name}.d.ts`),
    );
    expect(left).toContain('parts/f.js');
  });

  test('the build removes none where an export has none', () => {
    const folder = folderWith({
      'package.json': `{"exports":{".":{"types":"./dist/a.d.ts"}}}`,
      'dist/b.d.ts': 'export {};',
    });
    expect(() => leaveReached(folder)).toThrow('a.d.ts');
    expect(readdirSync(join(folder, 'dist'))).toEqual(['b.d.ts']);
  });
});

function leaveReached(cwd: string): void {
  const jiti = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs');
  execFileSync(process.execPath, [jiti, join(ROOT, '.ci/declarations.ts')], { cwd, stdio: 'pipe' });
}
