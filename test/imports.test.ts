/**
 * Holds the directions in which the parts may import each other (see the head of src/engine.ts), by reading the sources:
 * an import that goes the wrong way fails here before it becomes a habit.
 */
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourcesUnder, sourceText } from './kit/sources.ts';

interface Import {
  readonly from: string;
  /** Path from the root for what is ours, else the name of the package. */
  readonly to: string;
  /** Erased by the compiler. (`import { type T }` is not: verbatimModuleSyntax keeps the statement.) */
  readonly typeOnly: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;

/** Where the engine's outcome becomes a report. */
const JOINTS = ['src/report/build.ts', 'src/report/gathered.ts', 'src/report/notes.ts'];

const FILES = ['src', 'dissectors'].flatMap(sourcesUnder);
const TEXTS = new Map(FILES.map(file => [file, sourceText(file)]));
const IMPORTS = FILES.flatMap(file => importsOf(file, textOf(file)));

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, type, name]) => ({
    from: file,
    to: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name,
    typeOnly: type !== undefined,
  }));
}

function textOf(file: string): string {
  return TEXTS.get(file) ?? '';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** `typeof import('x')` is gone when the program runs. */
function withoutTypeQueries(text: string): string {
  return text.replace(/\btypeof import\(/g, '');
}

const within = (path: string, ...folders: readonly string[]) => folders.some(folder => path.startsWith(`${folder}/`));
const isOurs = (path: string) => within(path, 'src', 'dissectors');

/** A package, or part of one, that is installed with the program or bundled into it. */
const { dependencies, devDependencies } = JSON.parse(sourceText('package.json'));
const DECLARED = Object.keys({ ...dependencies, ...devDependencies });
const isDeclared = (name: string) => DECLARED.some(declared => name === declared || name.startsWith(`${declared}/`));

/** Imports that a rule does not allow, one a line. */
function violations(of: (file: string) => boolean, allowed: (found: Import) => boolean): string[] {
  return IMPORTS.filter(found => of(found.from) && !allowed(found)).map(
    ({ from, to, typeOnly }) => `${from} imports ${to}${typeOnly ? ' (types)' : ''}`,
  );
}

test('the sources are read at all', () => {
  expect(FILES).toContain('src/engine.ts');
  expect(IMPORTS).toContainEqual({ from: 'src/engine.ts', to: 'src/capture/source.ts', typeOnly: true });
  expect(IMPORTS).toContainEqual({ from: 'src/sdk.ts', to: 'src/lint/rule.ts', typeOnly: false });
  expect(IMPORTS).toContainEqual({ from: 'dissectors/mnet/rules/init.ts', to: 'src/sdk.ts', typeOnly: false });
});

test('imports stand at the top of a file, where they are seen; only the program loads its parts and plugins by hand', () => {
  const hidden = FILES.filter(file => /\bimport\(|\brequire\(/.test(withoutTypeQueries(withoutComments(textOf(file)))));
  // What draws on the terminal is not for commands that do not: blessed takes as long to load as the engine.
  const terminal = ['src/cli/inspect.ts'];
  // A command is for who asks for it, the parser not for completion, and a configuration for who has one.
  // What a proxy is made of is not for the other commands; what has a binary part may be missing; what makes certificates is
  // for a proxy that has none left from before.
  const commands = ['src/cli/command-line.ts', 'src/cli/commands.ts', 'src/cli/program.ts'];
  const late = ['src/cli/proxy.ts', 'src/cli/replay.ts', 'src/proxy/io/records.ts', 'src/proxy/io/authority.ts'];
  // What reads a configuration is for those who have one, and each form has a parser of its own.
  const configuration = ['code', 'layers', 'text'].map(name => `src/configuration/${name}.ts`);
  const readers = ['src/cli/configured.ts', 'src/cli/configuring.ts', ...configuration];
  // Threads are for those who judge captures in them, and load what the program itself loads.
  const threads = ['src/cli/judging-thread.ts', 'src/cli/thread-pool.ts'];
  // A queue is for who has one, and the packages for it are installed only there.
  const queue = ['src/cli/queue-link.ts', 'src/cli/queueing.ts', 'src/cli/worker.ts'];
  // A format is for who asks for it.
  const formats = 'src/report/formats.ts';
  // HTTP and TLS are for captures by URL.
  const network = ['src/capture/named-input.ts', 'src/cli/shard.ts'];
  // What draws a bar is for those who look at a terminal for that long.
  const progress = 'src/cli/progress.ts';
  expect(hidden).toEqual(
    [
      ...commands,
      ...terminal,
      ...late,
      ...readers,
      ...threads,
      ...queue,
      formats,
      progress,
      ...network,
      'src/cli/main.ts',
      'src/plugins.ts',
    ].toSorted(),
  );
});

/** Every file that is loaded with this one. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const found of IMPORTS) if (found.from === file && !found.typeOnly) loadedWith(found.to, seen);
  return seen;
}

describe('the terminal UI', () => {
  const isUi = (path: string) => within(path, 'src/tui');

  test('is loaded by the command that shows it only', () => {
    for (const command of ['check', 'dissect', 'proxy', 'replay', 'extract', 'rules'])
      expect([...loadedWith(`src/cli/${command}.ts`)].filter(file => /^blessed/.test(file))).toEqual([]);
    expect(
      [...loadedWith('src/cli/program.ts')].filter(file => /^(blessed|yargs)|^src\/(tui|engine|proxy)\b/.test(file)),
    ).toEqual([]);
    expect(loadedWith('src/tui/app.ts')).toContain('blessed');
  });

  test('knows blessed where it draws, and nowhere else', () => {
    const users = IMPORTS.filter(({ to }) => /^blessed/.test(to)).map(({ from }) => from);
    expect(users.filter(file => !within(file, 'src/tui/screen'))).toEqual([]);
    expect(users).toContain('src/tui/screen/screen.ts');
  });

  test('keeps its model, panes and plan of the screen clear of terminals, files and runs', () => {
    const pure = (file: string) => within(file, 'src/tui/model', 'src/tui/panes', 'src/tui/plan', 'src/tui/text');
    const isOutside = (to: string) =>
      /^(node:|blessed)/.test(to) || within(to, 'src/tui/screen') || to === 'src/tui/app.ts';
    expect(violations(pure, ({ to }) => !isOutside(to))).toEqual([]);
    expect(
      violations(pure, ({ to, typeOnly }) => typeOnly || !['src/tui/run.ts', 'src/engine.ts'].includes(to)),
    ).toEqual([]);
  });

  test('draws panes from what they are given: they know the history, and no model', () => {
    const panes = (file: string) => within(file, 'src/tui/panes');
    const isModel = (to: string) => within(to, 'src/tui/model', 'src/tui/plan') && to !== 'src/tui/model/commands.ts';
    expect(violations(panes, ({ to }) => !isModel(to))).toEqual([]);
    const text = (file: string) => within(file, 'src/tui/text');
    expect(violations(text, ({ to }) => !isUi(to) || within(to, 'src/tui/text'))).toEqual([]);
  });

  test('is known to the cli only', () => {
    const others = (file: string) => !isUi(file) && !within(file, 'src/cli');
    expect(violations(others, ({ to }) => !isUi(to))).toEqual([]);
    const commands = (file: string) => within(file, 'src/cli') && file !== 'src/cli/inspect.ts';
    expect(violations(commands, ({ to, typeOnly }) => typeOnly || !isUi(to))).toEqual([]);
    expect(violations(isUi, ({ to }) => !within(to, 'src/cli', 'dissectors'))).toEqual([]);
  });
});

describe('a protocol', () => {
  const folderOf = (file: string) => file.split('/').slice(0, 2).join('/');

  test('imports the sdk, its own folder, node:crypto and declared packages, and nothing else', () => {
    const inFolder = (file: string) => within(file, 'dissectors') && file !== 'dissectors/index.ts';
    const isLent = (to: string) => to === 'src/sdk.ts' || to === 'node:crypto' || isDeclared(to);
    expect(violations(inFolder, ({ from, to }) => isLent(to) || within(to, folderOf(from)))).toEqual([]);
  });

  test('is what defineProtocol makes', () => {
    const entries = FILES.filter(file => /^dissectors\/[^/]+\/index\.ts$/.test(file));
    expect(entries).toContain('dissectors/mnet/index.ts');
    expect(entries.filter(file => !textOf(file).includes('\nexport default defineProtocol({'))).toEqual([]);
  });

  test('is known to the list of protocols only', () => {
    const list = (file: string) => file === 'dissectors/index.ts';
    expect(violations(list, ({ to, typeOnly }) => typeOnly || /^dissectors\/[^/]+\/index\.ts$/.test(to))).toEqual([]);
    // The program and the package's functions have the built-in protocols; no other part chooses any.
    const choosers = ['src/cli/main.ts', 'src/api/options.ts'];
    const others = (file: string) => within(file, 'src') && !choosers.includes(file);
    expect(violations(others, ({ to }) => !within(to, 'dissectors'))).toEqual([]);
  });
});

describe('a protocol of others', () => {
  const importsOfAll = (files: readonly string[]) => files.flatMap(file => importsOf(file, sourceText(file)));

  test('has enough in the sdk', () => {
    const protocols = ['test/kit/toy.ts', 'test/kit/word.ts'];
    expect(importsOfAll(protocols).map(({ to }) => to)).toEqual(protocols.map(() => 'src/sdk.ts'));
  });

  test.each(['examples/kv', 'templates/protocol'])(
    'as in %s, imports the published sdk and its own files; its tests, the published test kit',
    folder => {
      const sources = sourcesUnder(`${folder}/src`);
      const tests = sourcesUnder(`${folder}/test`);
      const foreign = (files: readonly string[]) =>
        new Set(importsOfAll(files).flatMap(({ to }) => (to.startsWith(`${folder}/`) ? [] : to)));
      expect(sources).toContain(`${folder}/src/index.ts`);
      expect([...foreign(sources)]).toEqual(['wirelint/sdk']);
      expect([...foreign(tests)].filter(name => !name.startsWith('node:'))).toEqual(['wirelint/testkit']);
    },
  );
});

describe('the test kit', () => {
  const isKit = (path: string) => path === 'src/testkit.ts' || within(path, 'src/testkit');

  test('is for tests: the program does without it', () => {
    expect(
      violations(
        file => !isKit(file),
        ({ to }) => !isKit(to),
      ),
    ).toEqual([]);
  });

  test('drives the engine, and knows neither the command line nor our own protocols', () => {
    expect(violations(isKit, ({ to }) => !within(to, 'src/cli', 'dissectors') && !to.startsWith('node:'))).toEqual([]);
  });
});

describe('the proxy', () => {
  const core = (file: string) => within(file, 'src/proxy') && !within(file, 'src/proxy/io');

  test('has a core that knows nothing of its sockets but what they are asked for', () => {
    expect(
      violations(core, ({ to }) => !within(to, 'src/proxy/io', 'src/cli', 'src/tui') && !to.startsWith('node:')),
    ).toEqual([]);
  });

  test('makes certificates in one file, which is loaded when one is to be made', () => {
    const users = (name: string) => IMPORTS.filter(({ to, typeOnly }) => !typeOnly && to.startsWith(name));
    const maker = 'src/proxy/io/certificates.ts';
    expect(new Set(users('@peculiar/').map(({ from }) => from))).toEqual(new Set([maker]));
    expect(users(maker)).toEqual([]);
  });

  test('meets its sockets without knowing what is judged', () => {
    const judging = ['src/engine.ts', 'src/proxy/live-run.ts'];
    const isJudging = (to: string) =>
      judging.includes(to) || within(to, 'src/lint', 'src/run', 'src/framing', 'src/protocol', 'src/report');
    expect(
      violations(
        file => within(file, 'src/proxy/io'),
        ({ to }) => !isJudging(to) && !within(to, 'src/cli', 'src/tui'),
      ),
    ).toEqual([]);
  });
});

test('what a queue needs is loaded where one is connected to, and may be missing elsewhere', () => {
  const isQueue = (name: string) => /^(bullmq|ioredis)/.test(name);
  expect(IMPORTS.filter(({ to, typeOnly }) => isQueue(to) && !typeOnly)).toEqual([]);
});

describe('a replay', () => {
  const core = (file: string) => within(file, 'src/replay') && !within(file, 'src/replay/io');

  test('has a player that knows neither sockets nor clocks: they call it', () => {
    expect(
      violations(core, ({ to }) => !within(to, 'src/replay/io', 'src/proxy/io', 'src/cli') && !to.startsWith('node:')),
    ).toEqual([]);
  });

  test('is for who starts it, on the command line or in a program', () => {
    const others = (file: string) => isOurs(file) && !within(file, 'src/replay', 'src/api', 'src/cli');
    expect(
      violations(others, ({ to }) => !within(to, 'src/replay')).filter(line => !line.startsWith('src/api.ts')),
    ).toEqual([]);
  });
});

describe("the package's functions", () => {
  const isApi = (path: string) => path === 'src/api.ts' || within(path, 'src/api') || path === 'src/vitest.ts';

  test('are as far from the process as from the command line: several run side by side in programs of others', () => {
    expect(violations(isApi, ({ to }) => !within(to, 'src/cli', 'src/tui') && !to.startsWith('node:'))).toEqual([]);
    const ofCli = (name: string) => /^(yargs|cli-progress|blessed)/.test(name);
    expect([...loadedWith('src/api.ts')].filter(ofCli)).toEqual([]);
    const speaking = FILES.filter(file => isApi(file) && /\bconsole\./.test(withoutComments(textOf(file))));
    expect(speaking).toEqual([]);
  });

  test('are a way in, and nothing that the program or a protocol stands on', () => {
    expect(
      violations(
        file => !isApi(file),
        ({ to }) => !isApi(to),
      ),
    ).toEqual([]);
  });

  test('bring a matcher that loads no test runner, and none of the engine', () => {
    const loaded = [...loadedWith('src/vitest.ts')];
    expect(loaded.filter(name => /^(vitest|@vitest|jest|@jest|expect$)/.test(name))).toEqual([]);
    expect(loaded.filter(file => file === 'src/engine.ts' || within(file, 'src/run', 'src/proxy'))).toEqual([]);
  });
});

describe('the world outside', () => {
  test('files, sockets and streams are touched in capture, cli, configurations and where the proxy and a replay meet their sockets only', () => {
    const outside = /^(node:)?(fs|net|dgram|dns|zlib|stream|http|https|tls|child_process|worker_threads)(\/|$)/;
    // Folders of protocols are looked into, and the package into its own package.json, for the command line and for callers.
    const lookers = ['src/settings/words.ts', 'src/plugins.ts', 'src/version.ts'];
    const touching = ['src/capture', 'src/cli', 'src/configuration', 'src/proxy/io', 'src/replay/io'];
    const mayTouch = (file: string) => within(file, ...touching) || lookers.includes(file);
    expect(
      violations(
        file => !mayTouch(file),
        ({ to }) => !outside.test(to),
      ),
    ).toEqual([]);
  });

  test('the process is known to the cli only', () => {
    const users = FILES.filter(file => /\bprocess\b/.test(withoutComments(textOf(file))));
    expect(users.filter(file => !within(file, 'src/cli'))).toEqual([]);
  });

  test("the clock is the capture's: nobody but who runs a proxy or a replay and the cli asks for the time, and nobody for chance", () => {
    const clock = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bMath\.random\(/;
    const users = FILES.filter(file => clock.test(withoutComments(textOf(file))));
    expect(users.filter(file => !within(file, 'src/cli'))).toEqual(['src/clock.ts']);
    // Traffic that passes now has no time stamps of its own. Those who start a proxy or a replay hand it the clock; it takes none itself.
    const askers = IMPORTS.filter(({ to }) => to === 'src/clock.ts').map(({ from }) => from);
    expect(
      askers.filter(file => !within(file, 'src/cli') && !['src/api/proxy.ts', 'src/api/replay.ts'].includes(file)),
    ).toEqual([]);
    // Seeds of tables come from where options are made, so that the engine gives the same for the same seed. The others are
    // names of temporary files and of runs in a queue, and serial numbers of certificates.
    const seeds = FILES.filter(file => /\brandom(Int|Bytes|UUID)\(/.test(withoutComments(textOf(file))));
    const names = ['src/capture/spool.ts', 'src/cli/queue-carrier.ts', 'src/proxy/io/authority.ts'];
    expect(seeds).toEqual(['src/analysis.ts', ...names, 'src/proxy/io/certificates.ts']);
    const timers = /\bset(Timeout|Interval|Immediate)\(/;
    const waiters = FILES.filter(file => timers.test(withoutComments(textOf(file))));
    expect(waiters.filter(file => !within(file, 'src/cli', 'src/proxy/io', 'src/replay/io'))).toEqual([]);
  });
});

describe('the parts', () => {
  test('storage, net, wire, protocol and lint know of captures only what a frame is, and nothing of reports', () => {
    const types = ['src/capture/source.ts'];
    const inner = (file: string) =>
      within(file, 'src/storage', 'src/net', 'src/wire', 'src/framing', 'src/protocol', 'src/lint');
    const isOuter = (path: string) => within(path, 'src/capture', 'src/cli', 'src/report');
    expect(violations(inner, ({ to, typeOnly }) => !isOuter(to) || (typeOnly && types.includes(to)))).toEqual([]);
  });

  test('storage stands on nothing', () => {
    const storage = (file: string) => within(file, 'src/storage');
    expect(violations(storage, ({ from, to }) => storage(to) && from !== to)).toEqual([]);
  });

  test('net and wire know nothing of protocols and rules', () => {
    const lower = (file: string) => within(file, 'src/net', 'src/wire');
    expect(violations(lower, ({ to }) => !within(to, 'src/framing', 'src/protocol', 'src/lint'))).toEqual([]);
  });

  test('results are kept below those who report them: no import climbs from a run to its report', () => {
    const below = (file: string) => within(file, 'src/lint', 'src/protocol', 'src/run', 'src/history');
    expect(violations(below, ({ to }) => !within(to, 'src/report'))).toEqual([]);
  });

  test("none but the cli puts parts together that are not the engine's", () => {
    const parts = [
      'src/capture',
      'src/storage',
      'src/net',
      'src/wire',
      'src/framing',
      'src/follow',
      'src/define',
      'src/protocol',
      'src/lint',
      'src/report',
    ];
    const isTop = (path: string) => ['src/engine.ts', 'src/settings/words.ts', 'src/sdk.ts'].includes(path);
    expect(
      violations(
        file => within(file, ...parts) && !JOINTS.includes(file),
        ({ to }) => !isTop(to) && !within(to, 'src/cli'),
      ),
    ).toEqual([]);
  });

  test('filters know messages, findings and protocols, and nothing of where they come from', () => {
    const known = ['src/filter', 'src/wire', 'src/lint'];
    // Names that carriers bring are the catalogue's, too; how near two names are is decided where options are checked.
    const lent = ['src/protocol/carrier.ts', 'src/settings/nearest.ts', 'src/settings/glob.ts'];
    const filter = (file: string) => within(file, 'src/filter');
    const isKnown = ({ to, typeOnly }: Import) =>
      within(to, ...known) || lent.includes(to) || (typeOnly && within(to, 'src/protocol')) || to === 'ipaddr.js';
    expect(violations(filter, isKnown)).toEqual([]);
    const knowing = ['src/filter', 'src/edit', 'src/faults', 'src/cli', 'src/tui'];
    const users = (file: string) =>
      isOurs(file) &&
      !['src/narrowing.ts', 'src/intervention.ts', 'src/held-editing.ts'].includes(file) &&
      !within(file, ...knowing);
    expect(violations(users, ({ to }) => !within(to, 'src/filter'))).toEqual([]);
  });

  test('editing knows messages, protocols and the language of filters, and nothing of where messages go', () => {
    const known = ['src/edit', 'src/filter', 'src/protocol', 'src/framing', 'src/wire'];
    expect(
      violations(
        file => within(file, 'src/edit'),
        ({ to }) => within(to, ...known),
      ),
    ).toEqual([]);
  });

  test('a history is kept by the engine and looked at by what people use', () => {
    const isHistory = (path: string) => within(path, 'src/history');
    const others = (file: string) =>
      isOurs(file) && !isHistory(file) && !within(file, 'src/blob', 'src/cli', 'src/tui', 'src/evidence');
    const isEngine = ({ from, typeOnly }: Import) => from === 'src/engine.ts' || (typeOnly && within(from, 'src/run'));
    expect(violations(others, found => isEngine(found) || !isHistory(found.to))).toEqual([]);
    const isAbove = (to: string) =>
      within(to, 'src/cli', 'src/tui', 'src/filter', 'src/report') || to === 'src/engine.ts';
    expect(violations(isHistory, ({ to }) => !isAbove(to))).toEqual([]);
  });

  test('evidence is made for the command line, by means of the engine, and touches no file', () => {
    const evidence = (file: string) => within(file, 'src/evidence');
    const isOver = (to: string) => within(to, 'src/cli', 'src/tui', 'src/api') || to.startsWith('node:');
    expect(violations(evidence, ({ to }) => !isOver(to))).toEqual([]);
    const others = (file: string) => isOurs(file) && !evidence(file) && !within(file, 'src/cli');
    expect(violations(others, ({ to }) => !evidence(to))).toEqual([]);
  });

  test('capture stands alone', () => {
    expect(
      violations(
        file => within(file, 'src/capture'),
        ({ to }) => !isOurs(to) || within(to, 'src/capture') || to === 'src/system-errors.ts',
      ),
    ).toEqual([]);
  });

  test('a report looks at the outcome of a run and at nothing behind it', () => {
    const results = ['deed', 'doubt', 'finding', 'rule', 'tally', 'transcript-entry', 'verdict'].map(
      name => `src/lint/${name}.ts`,
    );
    // A state machine as it is drawn, how much of it was seen, and what became of numbered statements.
    const ofProtocols = ['coverage', 'diagram', 'statements'].map(name => `src/protocol/${name}.ts`);
    const data = ['src/capture/source.ts', ...results, ...ofProtocols];
    const lent = ['clause', 'fingerprint', 'rule'].map(name => `src/lint/${name}.ts`);
    const values = ['src/wire/escape.ts', 'src/capture/location.ts', ...lent];
    // One message, not a run, is what these print: its fields are made into a tree only now.
    const ofMessages = [
      'src/report/brief.ts imports src/protocol/protocol.ts (types)',
      'src/report/brief.ts imports src/wire/tree.ts (types)',
      'src/report/message-json.ts imports src/protocol/protocol.ts (types)',
      'src/report/message-json.ts imports src/wire/tree.ts',
    ];
    const report = (file: string) => within(file, 'src/report') && !JOINTS.includes(file);
    expect(
      violations(
        report,
        ({ to, typeOnly }) =>
          !isOurs(to) || within(to, 'src/report') || values.includes(to) || (typeOnly && data.includes(to)),
      ).filter(line => !ofMessages.includes(line)),
    ).toEqual([]);
  });
});

describe('every source file', () => {
  test('opens with prose that says what it owns', () => {
    const opening = /^(?:#!.*\n)?\/\*\*\s(?:(?!\*\/)[\s\S]){15,}\*\//;
    expect(FILES.filter(file => !opening.test(textOf(file)))).toEqual([]);
  });

  test('has at most 600 lines', () => {
    const long = FILES.map(file => [file, textOf(file).trimEnd().split('\n').length] as const);
    expect(long.filter(([, lines]) => lines > 600)).toEqual([]);
  });

  test('imports our files by their names, ending in .ts', () => {
    const unnamed = IMPORTS.filter(({ to }) => isOurs(to) && !FILES.includes(to));
    expect(unnamed).toEqual([]);
  });

  test('exports by name; only a protocol is a default', () => {
    const defaults = FILES.filter(file => /^export default/m.test(textOf(file)));
    expect(defaults.filter(file => !/^dissectors\/[^/]+\/index\.ts$/.test(file))).toEqual([]);
  });
});
