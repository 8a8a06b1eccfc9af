/** `--plugin`: folders of others, on disk as they come, loaded by the built program. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Traffic } from '../../src/testkit.ts';
import { runInside } from './host.ts';
import { type Result, wirelint } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'wirelint-plugin-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;

/** A folder of its own with these files in it. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, `p${++folders}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** PING: every datagram is a PING of one byte; anything else is malformed. In plain JavaScript, with nothing beside it. */
const PING = `
import { BROKEN, defineLayout, FlowTracker, Machine, PASS, stay, to, UNKNOWN_MESSAGE } from 'wirelint/sdk';

const layouts = [
  defineLayout({
    name: 'PING',
    code: 7,
    meaning: 'asks whether anybody is there',
    clause: '1',
    fields: [{ name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'always 7', clause: '1' }],
  }),
];

const machine = new Machine({
  roles: ['peer'],
  states: ['SILENT', 'HEARD'],
  final: [],
  events: ['PING'],
  send: { peer: { SILENT: { PING: to('HEARD') }, HEARD: { PING: stay } } },
  receive: { peer: { SILENT: { PING: stay }, HEARD: { PING: stay } } },
  rulesOfStates: [],
});

const length = {
  id: 'ping/length',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '1',
  summary: 'a PING is not one byte',
  why: 'Its receiver drops it.',
  example: '07 07',
  on: ['PING', UNKNOWN_MESSAGE],
  phase: 'form',
  check: ({ message, layout }) => (layout && message.length === 1 ? PASS : BROKEN),
  describe: ({ message }) => ({ message: 'too long', expected: '1 byte', actual: String(message.length) }),
};

export default {
  id: 'ping',
  title: 'PING',
  summary: 'a byte that says hello',
  specification: 'PING, edition 1',
  carriers: [{ transport: 'udp', framing: 'datagram' }],
  recognition: 'a datagram of one byte, 07',
  dialect: [{ name: 'mood', kind: 'choice', values: ['calm', 'hasty'], default: 'calm', meaning: 'how it is sent' }],
  layouts,
  machine,
  rules: [length],
  recognise: ([{ message }]) => (message.length === 1 && message.byte(0) === 7 ? 'yes' : 'no'),
  createTracker: (host, message) =>
    new FlowTracker(host, message, {
      layouts,
      machine,
      typeOf: sent => (sent.byte(0) === 7 ? 0 : -1),
      remember: () => undefined,
      opening: ['PING'],
      midstream: 'HEARD',
    }),
};
`;

const ping = folderOf({ 'index.js': PING, 'package.json': '{ "type": "module" }' });

const capture = join(root, 'ping.pcap');
const [ANN, BOB] = ['10.0.0.1:1000', '10.0.0.2:2000'];
writeFileSync(capture, new Traffic().datagram(ANN, BOB, '07').datagram(BOB, ANN, '07 07').pcap());

/** TICK: four faults, in two files. Tables and rules are made by the sdk, which knows where. */
const TICK = `
import { breaks, defineMessages, defineProtocol, rule, stay, udp, uint } from 'wirelint/sdk';
import { late } from './late.mjs';

const messages = defineMessages(uint('type', 1), {
  TICK: [1, '1', 'is said first'],
  'TOCK': [2, '2', ' '],
});

const early =
  rule({ id: 'tick/early', severity: 'error', restsOn: 'unseen', summary: 'too early', why: 'It is.', example: '02' });

export default defineProtocol({
  id: 'tick', title: 'TICK.', summary: 'a clock', specification: 'TICK, edition 1', carriers: [udp()],
  opensWith: { client: '01' },
  messages,
  machine: {
    states: ['ON'], client: { ON: { TICK: stay } }, server: { ON: { TOCK: stay } }, otherwise: breaks(early),
  },
  rules: [early, late],
});
`;

const LATE = `import { rule } from 'wirelint/sdk';

export const late = rule({
  id: 'tick/late', severity: 'error', restsOn: 'bytes', clause: '2', summary: 'too late', example: '02',
  on: ['TOCK'], check: () => true,
});
`;

/** PING, waiting between two messages for what never comes. */
const NEVER = `
import ping from './ping.js';

const settle = () => new Promise(() => {});

export default {
  ...ping,
  createTracker: (...given) => Object.assign(ping.createTracker(...given), { settle }),
};
`;

const lineOf = (text: string, words: string) => text.slice(0, text.indexOf(words)).split('\n').length;

describe('a folder with nothing beside it', () => {
  test('is checked with, and the exit code is that of its findings', async () => {
    const { code, stdout, stderr } = await wirelint(['check', capture, '--plugin', ping, '--format', 'json']);
    const report = JSON.parse(stdout);
    expect([code, stderr]).toEqual([1, '']);
    expect(report.findings.map(({ ruleId, frame }: { ruleId: string; frame: number }) => [ruleId, frame])).toEqual([
      ['ping/length', 2],
    ]);
  });

  test.each([
    ['1', '', 2],
    ['2', ', in threads', 2],
    ['2', ', where its flows are divided', 1],
  ])('--jobs %s: what its tracker waits for never comes: 70 and a line%s', async (jobs, _, captures) => {
    const never = folderOf({ 'index.js': NEVER, 'ping.js': PING, 'package.json': '{ "type": "module" }' });
    const named = new Array<string>(captures).fill(capture);
    const result = await wirelint(['check', ...named, '--plugin', never, '--jobs', jobs]);
    expect([result.code, result.stdout]).toEqual([70, '']);
    expect(result.stderr).toMatch(/^wirelint: internal error: .*the program ended before its work was done.*\n$/);
  });

  test('is dissected with', async () => {
    const { stdout } = await wirelint(['dissect', capture, `--plugin=${ping}`]);
    expect(stdout).toMatch(/ping 1 {2}PING {2}type=7/);
  });

  test('stands in the catalogue and in the list of protocols', async () => {
    const rules = await wirelint(['rules', 'ping/length', '--plugin', ping]);
    expect([rules.code, rules.stdout]).toEqual([0, expect.stringContaining('a PING is not one byte')]);
    const protocols = await wirelint(['protocols', '--format', 'json', '--plugin', ping]);
    expect(JSON.parse(protocols.stdout).map(({ id }: { id: string }) => id)).toContain('ping');
  });

  test('can be set up as a built-in one', async () => {
    const settings = ['--dialect', 'ping.mood=hasty', '--rule', 'ping/length=off', '-d', 'udp.port==2000,ping'];
    expect((await wirelint(['check', capture, '--plugin', ping, ...settings])).code).toBe(0);
  });

  test('is not loaded to be completed', async () => {
    const { stdout } = await runInside('--complete', 'zsh', 'wirelint', 'check', '--plugin', ping, '--rule', '');
    expect(stdout).toContain('mnet/length=off');
    expect(stdout).not.toContain('ping/length=off');
  });

  test('that cannot be loaded is no reason to complete nothing', async () => {
    const { code, stdout } = await runInside(
      '--complete',
      'zsh',
      'wirelint',
      'check',
      '--plugin',
      './no',
      '--rule',
      '',
    );
    expect([code, stdout]).toEqual([0, expect.stringContaining('mnet/length=off')]);
  });

  test('is unknown without the option', async () => {
    expect((await runInside('rules', 'ping')).code).toBe(2);
  });
});

test('a rule of several editions is explained with the clause of each and what it says', async () => {
  const clauses = [
    { clause: '1', edition: 'old', says: 'A PING is one byte.' },
    { clause: '2.1', edition: 'new' },
  ];
  const folder = folderOf({
    'index.mjs': PING.replace("clause: '1',\n  summary", `clause: ${JSON.stringify(clauses)},\n  summary`),
  });
  const { stdout } = await wirelint(['rules', 'ping/length', '--plugin', folder]);
  expect(stdout).toMatch(
    /^ {2}clause {5}PING, edition 1: 1 \(old\)\n {2}says {7}A PING is one byte\.\n {2}clause {5}PING, edition 1: 2\.1 \(new\)\n\n/m,
  );
  const json = await wirelint(['rules', 'ping/length', '--format', 'json', '--plugin', folder]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    spec: { document: 'PING, edition 1', clause: '1 (old); 2.1 (new)', says: 'old: A PING is one byte.' },
    clauses,
  });
});

test.each([['1'], ['2']])(
  'a plugin that throws while it follows traffic is named, with %s threads too, and the exit code is that of a bug',
  async jobs => {
    const folder = folderOf({
      'index.mjs': PING.replace(
        'remember: () => undefined',
        "take: () => { throw new Error('oh'); },\n      remember: () => undefined",
      ),
    });
    const { code, stderr } = await wirelint(['check', capture, capture, '--plugin', folder, '--jobs', jobs]);
    expect(code).toBe(70);
    expect(stderr).toMatch(/^wirelint: --plugin \S+: index\.mjs:\d+: Error: oh; this is a fault of the plugin\n$/);
  },
);

describe('a plugin with a framing of its own', () => {
  /** PING over TCP: messages behind a length of two bytes, of which the first three bytes are kept. */
  const framed = (lengthOf: string) => ({
    'index.mjs': PING.replace('import { BROKEN,', 'import { BROKEN, lengthFraming,').replace(
      "carriers: [{ transport: 'udp', framing: 'datagram' }]",
      `carriers: [{ transport: 'tcp', framing: { ...lengthFraming({ bytes: 2 }), id: 'pipe'${lengthOf} }, keep: 3 }]`,
    ),
  });
  const stream = join(root, 'stream.pcap');
  const mapped = ['-d', 'tcp.port==7000,ping'];

  beforeAll(() => {
    const traffic = new Traffic();
    traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client('0001 07').client('0009 07 0102030405060708').close();
    writeFileSync(stream, traffic.pcap());
  });

  test('that answers what makes no sense is named, and so is the protocol: exit code 70, and nobody is accused', async () => {
    const folder = folderOf(framed(', lengthOf: () => NaN'));
    const { code, stdout, stderr } = await wirelint(['check', stream, '--plugin', folder, ...mapped]);
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toBe(
      'wirelint: framing pipe of protocol ping: lengthOf answers NaN, which is neither a length in whole bytes nor MORE nor ' +
        'MALFORMED, at 000107; this is a fault of the protocol\n',
    );
  });

  test('that throws is named with the place', async () => {
    const folder = folderOf(framed(", lengthOf: () => { throw new Error('oh'); }"));
    const { code, stderr } = await wirelint(['check', stream, '--plugin', folder, ...mapped]);
    expect(code).toBe(70);
    expect(stderr).toMatch(
      /^wirelint: --plugin \S+: index\.mjs:\d+: framing pipe of protocol ping: lengthOf throws Error: oh, at 000107; this is a fault of the protocol\n$/,
    );
  });

  test('shows how much of a message is kept, and does not take it for a gap', async () => {
    const folder = folderOf(framed(''));
    const { stdout } = await wirelint(['dissect', stream, '--plugin', folder, ...mapped, '--fields', '--hex']);
    expect(stdout).toContain('(6 bytes not kept)');
    expect(stdout).toContain('(3 of 9 bytes are kept)');
    expect(stdout).not.toContain('capture');
    const json = await wirelint(['dissect', stream, '--plugin', folder, ...mapped, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { length: 1, captured: 1 },
      { length: 9, captured: 3, skipped: true },
    ]);
    const report = await wirelint(['check', stream, '--plugin', folder, ...mapped]);
    expect(report.stdout).toContain('2 messages, HEARD, violations');
    expect(report.stdout).not.toMatch(/[1-9]\d* inconclusive/);
  });

  test('is told of by its title', async () => {
    const { stdout } = await wirelint(['protocols', 'ping', '--plugin', folderOf(framed(''))]);
    expect(stdout).toContain('tcp, framed by a length of 2 bytes before each message');
  });
});

describe('the module is found', () => {
  const found = async (files: Readonly<Record<string, string>>, name = '') =>
    (await wirelint(['rules', 'ping', '--plugin', join(folderOf(files), name)])).code;

  test.each<[string, object]>([
    ['exports', { exports: './lib/ping.js' }],
    ['exports of a subpath', { exports: { '.': './lib/ping.js' } }],
    [
      'exports by condition',
      { exports: { '.': { types: './lib/ping.d.ts', require: './no.js', import: './lib/ping.js' } } },
    ],
    ['main', { main: 'lib/ping.js' }],
    ['exports before main', { exports: './lib/ping.js', main: './no.js' }],
  ])('by %s of package.json', async (_, manifest) => {
    const files = { 'package.json': JSON.stringify({ type: 'module', ...manifest }), 'lib/ping.js': PING };
    expect(await found(files)).toBe(0);
  });

  test('as index.mjs, and by its own name', async () => {
    expect(await found({ 'index.mjs': PING })).toBe(0);
    expect(await found({ 'ping.mjs': PING }, 'ping.mjs')).toBe(0);
  });

  test('as TypeScript where this Node runs it, and is refused with advice where it does not', async () => {
    const folder = folderOf({
      'index.ts': `const id: string = 'ping';\n${PING}`,
      'package.json': '{ "type": "module" }',
    });
    const { code, stderr } = await wirelint(['rules', 'ping', '--plugin', folder]);
    const runs = 'typescript' in process.features && process.features.typescript !== false;
    expect(code).toBe(runs ? 0 : 2);
    if (!runs)
      expect(stderr).toContain('index.ts: this Node does not run TypeScript; compile it, or run on Node 22.18');
  });
});

describe('a folder that cannot be used is refused in a line a fault, with exit code 2:', () => {
  /** Everything of PING, with one thing changed. */
  const but = (found: string | RegExp, put: string) => ({ 'index.mjs': PING.replace(found, put) });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['an empty one', {}, 'no package.json that names a module, and no index.js, no index.mjs, no index.ts'],
    [
      'a package that is not built',
      { 'package.json': '{ "main": "dist/a.js" }' },
      'package.json names dist/a.js, which is not there; is it built?',
    ],
    ['a package.json that is no JSON', { 'package.json': '{' }, 'package.json: Expected'],
    ['a syntax error', { 'index.mjs': 'const a = ;' }, "index.mjs: Unexpected token ';'"],
    [
      'a throw, with the first line of what it says',
      { 'index.mjs': '\n\nthrow new Error("no luck\\nat all");' },
      'index.mjs:3: no luck',
    ],
    [
      'a throw in another file',
      { 'index.mjs': 'import "./a.mjs";', 'a.mjs': '\nthrow new Error("oh");' },
      'a.mjs:2: oh',
    ],
    ['a throw of what is no error', { 'index.mjs': 'throw 7;' }, 'index.mjs: 7 was thrown'],
    [
      'an import that is not there',
      { 'index.mjs': 'import "no-such-package";' },
      "index.mjs: Cannot find package 'no-such-package'",
    ],
    [
      'an import that the sdk does not have',
      { 'index.mjs': 'import { Nothing } from "wirelint/sdk";' },
      "index.mjs:1: The requested module 'wirelint/sdk' does not provide an export named 'Nothing'",
    ],
    [
      'no default export',
      { 'index.mjs': 'export const protocol = {};' },
      'index.mjs: no default export; it must be the protocol',
    ],
    [
      'a default export that is none',
      { 'index.mjs': 'export default 7;' },
      'index.mjs: the default export is 7, not a protocol',
    ],
    ['a rule without a clause', but("clause: '1',\n  summary", 'summary'), 'index.mjs: ping/length: no clause'],
    [
      'a rule of another id',
      but("id: 'ping/length'", "id: 'pong/length'"),
      'index.mjs: pong/length: its id does not begin with ping/',
    ],
    [
      'a state machine with a hole',
      but('HEARD: { PING: stay } } },\n  receive', 'HEARD: {} } },\n  receive'),
      'state machine: no cell for peer, HEARD, sends PING',
    ],
    ['a layout with a hole', but('offset: 0', 'offset: 1'), 'layout PING: field type is at 1, not at 0'],
    ['an id that is taken', but(/ping/g, 'mnet'), 'index.mjs: id mnet is taken'],
  ])('%s', async (_, files, reason) => {
    const folder = folderOf(files);
    expectRefusal(await wirelint(['check', capture, '--plugin', folder]), folder, reason);
  });

  test('with several faults, each in a line', async () => {
    const folder = folderOf({
      'index.mjs': PING.replace("clause: '1',\n  summary", 'summary')
        .replace("title: 'PING',", '')
        .replace("why: 'Its", "y: 'Its"),
    });
    const { code, stdout, stderr } = await wirelint(['rules', '--plugin', folder]);
    expect([code, stdout]).toEqual([2, '']);
    const at = `wirelint: --plugin ${folder}: index.mjs: `;
    expect(stderr).toBe(`${at}no title\n${at}ping/length: no clause\n${at}ping/length: no why\n`);
  });

  test('with more than twenty faults, the first twenty of them and how many there are besides', async () => {
    const rules =
      "rules: Array.from({ length: 30 }, (_, at) => ({ ...length, id: 'ping/r' + at, clause: undefined })),";
    const folder = folderOf({ 'index.mjs': PING.replace('rules: [length],', rules) });
    const { code, stderr } = await wirelint(['rules', '--plugin', folder]);
    const lines = stderr.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([2, 21]);
    expect(lines[0]).toBe(`wirelint: --plugin ${folder}: index.mjs: ping/r0: no clause`);
    expect(lines[20]).toBe(`wirelint: --plugin ${folder}: index.mjs: and 10 more faults`);
  });

  test('made by the sdk, each with the line where the rule, the message or the protocol stands', async () => {
    const folder = folderOf({
      'index.mjs': TICK,
      'late.mjs': LATE,
      'package.json': '{}',
    });
    const { code, stdout, stderr } = await wirelint(['rules', '--plugin', folder]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n').map(line => line.replace(`wirelint: --plugin ${folder}: `, ''))).toEqual([
      `index.mjs:${lineOf(TICK, 'export default')}: title ends in a full stop; it is one line of a list`,
      `index.mjs:${lineOf(TICK, "'TOCK':")}: layout TOCK: no meaning`,
      `index.mjs:${lineOf(TICK, "rule({ id: 'tick/early'")}: tick/early: no clause`,
      `late.mjs:${lineOf(LATE, 'export const late')}: tick/late: no why`,
      '',
    ]);
  });

  test('that a configuration names, each with its place there', async () => {
    const folder = folderOf({
      'index.mjs': 'export default { id: "ping" };',
      'wirelint.config.json': '{ "plugins": ["./index.mjs"] }',
      'package.json': '{}',
    });
    const { code, stderr } = await wirelint(['rules'], { folder });
    expect(code).toBe(2);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(line).toMatch(/^wirelint: wirelint\.config\.json:1:\d+: .*index\.mjs: /);
  });

  test('one that is not there', async () => {
    expectRefusal(await runInside('protocols', '--plugin', './no-such'), './no-such', 'there is no such folder');
  });

  test('one that was named before', async () => {
    expectRefusal(await wirelint(['rules', '--plugin', ping, '--plugin', ping]), ping, 'index.js: id ping is taken');
  });

  test('none at all', async () => {
    expect((await runInside('rules', '--plugin')).stderr).toBe('wirelint: --plugin needs a value\n');
  });

  function expectRefusal({ code, stdout, stderr }: Result, folder: string, reason: string): void {
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^wirelint: [^\n]+\n$/);
    expect(stderr).toContain(`--plugin ${folder}: `);
    expect(stderr).toContain(reason);
  }
});
