/** A configuration in each of its forms, and what is wrong with those that are none. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { fileNamed, readConfiguration } from '../../src/configuration/file.ts';
import { type Configuration, checkedConfiguration } from '../../src/configuration/settings.ts';
import { UsageError } from '../../src/settings/words.ts';
import { folderWith } from '../kit/folder.ts';

const never = () => () => {};

function read(name: string, content: string | Uint8Array, others: Readonly<Record<string, string>> = {}) {
  const folder = folderWith({ [name]: content, ...others });
  return readConfiguration(fileNamed(name, folder), never);
}

async function refusal(name: string, content: string | Uint8Array, others?: Readonly<Record<string, string>>) {
  const error = await read(name, content, others)
    .then(configuration => checkedConfiguration(configuration, protocols))
    .catch(reason => reason);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).not.toContain('\n');
  return error.message as string;
}

/** Option and word of each setting. */
const wordsOf = ({ settings }: Configuration) => settings.map(({ key, word }) => `${key.option} ${word}`);

const WORDS = ['rule mnet/*=off', 'rule mnet/length=error', 'dialect mnet.tags=sender', 'max-warnings 3', 'sort true'];

describe('the same settings', () => {
  test.each([
    [
      'wirelint.config.json',
      '{ "$schema": "x", "rules": { "mnet/*": "off", "mnet/length": "error" }, "dialects": { "mnet.tags": "sender" },' +
        ' "maxWarnings": 3, "sort": true }',
    ],
    [
      'wirelint.config.yaml',
      'rules:\n  mnet/*: off\n  mnet/length: error\ndialects: { mnet.tags: sender }\nmaxWarnings: 3\nsort: true\n',
    ],
    [
      'wirelint.config.yml',
      'rules: { mnet/*: off, mnet/length: error }\ndialects: { mnet.tags: sender }\nmaxWarnings: 3\nsort: true',
    ],
    [
      'wirelint.config.mjs',
      "export default { rules: { 'mnet/*': 'off', 'mnet/length': 'error' }, dialects: { 'mnet.tags': 'sender' }, maxWarnings: 3, sort: true };",
    ],
    [
      'wirelint.config.cjs',
      "module.exports = { rules: { 'mnet/*': 'off', 'mnet/length': 'error' }, dialects: { 'mnet.tags': 'sender' }, maxWarnings: 3, sort: true };",
    ],
    [
      'wirelint.config.ts',
      `import { defineConfig, type WirelintConfig } from 'wirelint';
       import { most } from './most.ts';
       enum Severity { Off = 'off' }
       const rules: WirelintConfig['rules'] = { 'mnet/*': Severity.Off, 'mnet/length': 'error' };
       export default defineConfig({ rules, dialects: { 'mnet.tags': 'sender' }, maxWarnings: await most(), sort: true, output: undefined });`,
    ],
  ])('in %s', async (name, text) => {
    const others = { 'most.ts': 'export const most = async (): Promise<number> => 3;' };
    expect(wordsOf(await read(name, text, others))).toEqual(WORDS);
  });

  test('behind a byte order mark', async () => {
    expect(wordsOf(await read('a.json', '\ufeff{ "sort": true }'))).toEqual(['sort true']);
    expect(wordsOf(await read('a.yaml', '\ufeffsort: true'))).toEqual(['sort true']);
    expect(wordsOf(await read('a.mjs', '\ufeffexport default { sort: true }'))).toEqual(['sort true']);
  });
});

test('every key, in its order, as its option takes it', async () => {
  const configuration = await read(
    'a.yaml',
    `decodeAs: ['udp.port==27001,mnet']
dialects: { mnet.clockSkew: 5 }
limits: { flows: 7 }
capture: complete
format: json
output: out/report.json
reports: [junit=out/a.xml, { format: sarif, file: /b.sarif }, { format: html, file: '-' }]
proxy: { idle: 5s, maxConnections: 2, faults: ['drop=5%'], seed: 7, scenario: bad.yaml, enforce: close }
filter: severity >= warning
plugins: [./kv, /opt/kv]
`,
  );
  const { folder } = configuration.file;
  expect(wordsOf(configuration)).toEqual([
    'decode-as udp.port==27001,mnet',
    'dialect mnet.clockSkew=5',
    'limit flows=7',
    'capture complete',
    'format json',
    `output ${join(folder, 'out/report.json')}`,
    `report junit=${join(folder, 'out/a.xml')}`,
    'report sarif=/b.sarif',
    'report html=-',
    'idle 5s',
    'max-connections 2',
    'fault drop=5%',
    'seed 7',
    `scenario ${join(folder, 'bad.yaml')}`,
    'enforce close',
    'filter severity >= warning',
    `plugin ${join(folder, 'kv')}`,
    'plugin /opt/kv',
  ]);
});

test('the file of a key is looked for from the folder of the configuration', async () => {
  const files = { 'secret.key': 'ab' };
  const configuration = await read('a.yaml', 'dialects: { mnet.cookieKey: secret.key }', files);
  const [setting] = checkedConfiguration(configuration, protocols).settings;
  expect(setting!.word).toBe(`mnet.cookieKey=${join(configuration.file.folder, 'secret.key')}`);
});

test('places are those of lines and columns, whatever is before them', async () => {
  const { settings } = await read('a.yaml', '# first\nrules:\n  mnet/length: off\n  "mnet/*": info\n');
  expect(settings.map(({ path, at }) => [path, at])).toEqual([
    ['rules["mnet/length"]', { line: 3, column: 3 }],
    ['rules["mnet/*"]', { line: 4, column: 3 }],
  ]);
  const { settings: ofJson } = await read('a.json', '{\n\t"maxWarnings": 3 }');
  expect(ofJson[0]!.at).toEqual({ line: 2, column: 17 });
});

describe('a key or value that there is not', () => {
  test.each([
    ['rule: {}', '1:1: rule: unknown key rule; did you mean rules?'],
    ['proxy: { idl: 5s }', '1:10: proxy.idl: unknown key idl; did you mean idle?'],
    ['proxy.idle: 5s', '1:1: ["proxy.idle"]: write idle in an object proxy'],
    ['__proto__: {}', '1:1: __proto__: unknown key'],
    ['constructor: {}', '1:1: constructor: unknown key'],
    [
      'rules: { mnet/lenght: off }',
      '1:10: rules["mnet/lenght"]: "off": unknown rule mnet/lenght; did you mean mnet/length?',
    ],
    ['rules: { mnett/*: off }', '1:10: rules["mnett/*"]: "off": no rule matches mnett/*'],
    ['rules: { mnet/length: fatal }', 'rules["mnet/length"]: "fatal": a rule can be set to off'],
    ['rules: { mnet/length: false }', 'rules["mnet/length"]: false: expected a string'],
    ['rules: [mnet/length=off]', '1:8: rules: a list: expected an object'],
    ['rules: { a=b: off }', '1:10: rules["a=b"]: this is not a name'],
    [
      'dialects: { mnet.tag: sender }',
      'dialects["mnet.tag"]: "sender": unknown dialect option mnet.tag; did you mean mnet.tags?',
    ],
    ['dialects: { mnet.tags: mine }', 'dialects["mnet.tags"]: "mine": expected one of auto'],
    ['limits: { flow: 1 }', 'limits.flow: 1: unknown limit flow; did you mean flows?'],
    ['limits: { flows: 0 }', '1:18: limits.flows: 0: expected a whole number of at least 1'],
    ['limits: { flows: 99999999999 }', 'limits.flows: 99999999999: flows is a whole number from 1'],
    ['maxWarnings: many', '1:14: maxWarnings: "many": expected a whole number'],
    ['maxWarnings: -1', 'maxWarnings: -1: expected a whole number'],
    ['maxWarnings: 1e999', 'maxWarnings: Infinity: expected a whole number'],
    ['sort: yes', '1:7: sort: "yes": expected true or false'],
    ['capture: complet', 'capture: "complet": expected one of auto, complete, lossy; did you mean complete?'],
    [
      'decodeAs: ["udp.port==1,mnett"]',
      '1:12: decodeAs[0]: "udp.port==1,mnett": unknown protocol mnett; did you mean mnet?',
    ],
    ['decodeAs: udp', 'decodeAs: "udp": expected a list'],
    ['filter: severity >>', '1:9: filter: "severity >>": column'],
    ['proxy: { idle: soon }', 'proxy.idle: "soon": write a time'],
    ['proxy: { faults: ["drop=5%", "drp=5%"] }', '1:30: proxy.faults[1]: "drp=5%": column 1: '],
    ['proxy: { faults: drop=5% }', '1:18: proxy.faults: "drop=5%": expected a list'],
    ['proxy: { seed: -1 }', '1:16: proxy.seed: -1: expected a whole number of at least 0'],
    ['proxy: { enforce: dorp }', 'proxy.enforce: "dorp": expected one of drop, close, abort; did you mean drop?'],
    ['proxy: 5s', 'proxy: "5s": expected an object'],
    ['inspect: { thme: dark }', '1:12: inspect.thme: unknown key thme; did you mean theme?'],
    ['inspect: { theme: 3 }', '1:19: inspect.theme: 3: expected a string'],
    ['inspect: { bell: loud }', '1:18: inspect.bell: "loud": expected true or false'],
    ['inspect: { keys: [n] }', '1:18: inspect.keys: a list: expected an object'],
    ['inspect: { keys: { down: [a b] } }', '1:27: inspect.keys.down: "a b": expected the name of a key'],
    ['theme: dark', '1:1: theme: unknown key theme'],
    ['reports: [{ format: junit }]', '1:11: reports[0]: no file'],
    ['reports: [{ format: junit, file: a, fil: b }]', 'reports[0].fil: unknown key fil; did you mean file?'],
    ['plugins: [{ id: kv }]', 'plugins[0]: an object: expected a string'],
    ['overrides: [{ rules: {} }]', '1:13: overrides[0]: no captures'],
    ['overrides: [{ captures: a, limits: {} }]', 'overrides[0].limits: is for all captures'],
    ['overrides: [{ captures: a, rulez: {} }]', 'overrides[0].rulez: unknown key rulez; did you mean rules?'],
    ['overrides: [{ captures: a, rules: { mnet/lenght: off } }]', 'overrides[0].rules["mnet/lenght"]'],
    ['- sort', '1:1: expected an object of settings, not a list'],
    ['sort', '1:1: expected an object of settings, not "sort"'],
    ['null', 'expected an object of settings, not null'],
  ])('%s', async (text, reason) => {
    expect(await refusal('a.yaml', text)).toContain(`a.yaml:${/^\d/.test(reason) ? reason : ''}`);
    expect(await refusal('a.yaml', text)).toContain(reason);
  });

  test('what would act on a terminal is spelt out, and what is endless is cut', async () => {
    const message = await refusal('a.json', JSON.stringify({ '\x1b[31m': 1 }));
    expect(message).not.toContain('\x1b');
    expect(message).toContain('\\x1b[31m');
    expect((await refusal('a.json', JSON.stringify({ sort: 'x'.repeat(5_000) }))).length).toBeLessThan(300);
    expect((await refusal('a.json', JSON.stringify({ ['x'.repeat(5_000)]: 1 }))).length).toBeLessThan(700);
  });
});

describe('what is no file of its form', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [above, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${above}`).join()}]`);
  }

  test.each([
    ['a.json', '', 'a.json: it is empty'],
    ['a.yaml', ' \n\t\n', 'a.yaml: it is empty'],
    ['a.yaml', '# nothing set\n', 'a.yaml: it is empty; {} sets nothing'],
    ['a.ts', '', 'a.ts: it is empty'],
    ['a.json', '{ "sort": true, }', 'a.json:1:17: not JSON'],
    ['a.json', '{ "sort": true } // why\n', 'a.json:1:18: not JSON: invalid comment token'],
    ['a.json', '{ "sort": true, "sort": false }', 'a.json:1:17: "sort" is here twice'],
    ['a.yaml', 'sort: true\nsort: false\n', 'a.yaml:2:1: not YAML: Map keys must be unique'],
    ['a.yaml', 'rules:\n\t- off', 'a.yaml:2:1: not YAML'],
    ['a.yaml', 'sort: !!js/function "0"', 'a.yaml:1:7: not YAML: Unresolved tag'],
    ['a.yaml', 'sort: true\n---\nsort: false\n', 'not YAML: Source contains multiple documents'],
    ['a.yaml', 'sort: *nobody', 'a.yaml:1:7: '],
    ['a.yaml', '{ [a]: b }', 'a key is a single word'],
    ['a.yaml', '&a sort: *a', 'sort: "sort": expected true or false'],
    ['a.yaml', 'a: &a [*a]', 'more than 32 lists and objects within each other'],
    ['a.yaml', bomb.join('\n'), 'more than 10000 values'],
    ['a.json', '['.repeat(100_000), 'lists and objects too deep within each other'],
    ['a.yaml', '['.repeat(100_000), 'lists and objects too deep within each other'],
    ['a.json', Uint8Array.of(0xff, 0xfe, 0x7b, 0), 'a.json: this is not UTF-8 text'],
    ['a.json', ' '.repeat(300_000), 'a.json: more than 256 KiB'],
    ['a.toml', 'sort = true', 'a.toml: what is it? Name it .ts, '],
  ])('%s: %j', async (name, content, reason) => {
    expect(await refusal(name, content)).toContain(reason);
  });

  test('a folder, a FIFO, nothing at all', async () => {
    const folder = folderWith({ 'a.json/x': '' });
    execFileSync('mkfifo', [join(folder, 'b.json')]);
    const reasonOf = (name: string) =>
      readConfiguration(fileNamed(name, folder), never).catch(({ message }) => message);
    expect(await reasonOf('a.json')).toBe('a.json: this is not a file');
    expect(await reasonOf('b.json')).toBe('b.json: this is not a file');
    expect(await reasonOf('c.json')).toBe('c.json: cannot be read: no such file');
  });
});

describe('code', () => {
  test.each([
    ['export const sort = true;', 'no default export'],
    ['export default () => ({});', 'the default export is a function'],
    ['export default Promise.resolve({});', 'the default export is a promise'],
    ['export default Promise.reject(new Error("no"));', 'the default export is a promise'],
    ['export default 5;', 'expected an object of settings, not 5'],
    ['export default {', 'a.ts: line 1: '],
    ['\n\nthrow new Error("first\\nsecond");', 'a.ts: line 3: first'],
    ['throw null;', 'null was thrown'],
    ['throw { get message() { throw 1; }, toString() { throw 2; } };', 'a.ts: '],
    ['import { a } from "./missing.ts"; a(); export default {};', "Cannot find module './missing.ts'"],
    ['export default { get sort() { throw new Error("in a getter"); } };', 'in a getter'],
    ['export default new Proxy({}, { ownKeys() { throw new Error("in a trap"); } });', 'in a trap'],
    ['export default new Proxy({}, { get() { throw new Error("in a trap"); } });', 'in a trap'],
    ['const rules = {}; rules.rules = rules; export default { rules };', 'more than 32 lists and objects'],
    ['export default { decodeAs: Array(1e6).fill("") };', 'more than 10000 values'],
    ['export default { rules: new Map([["mnet/length", "off"]]) };', 'rules: an object of a class: expected an object'],
    ['export default { maxWarnings: 1n };', 'maxWarnings: a bigint: expected a whole number'],
    ['export default { sort() {} };', 'sort: a function: expected true or false'],
    ['export default JSON.parse(\'{"__proto__": {"sort": true}}\');', '__proto__: unknown key'],
  ])('%s', async (text, reason) => {
    expect(await refusal('a.ts', text)).toContain(reason);
  });

  test('that nothing will ever come of is given up when that is certain', async () => {
    const folder = folderWith({ 'a.ts': 'await new Promise(() => {}); export default {};' });
    const soon = (listener: () => void) => {
      const timer = setTimeout(listener, 50);
      return () => clearTimeout(timer);
    };
    await expect(readConfiguration(fileNamed('a.ts', folder), soon)).rejects.toThrow('a.ts: it never finishes loading');
  });

  test('takes its own imports, and the sdk of the running program, whatever is installed', async () => {
    const configuration = await read(
      'a.ts',
      `import { PASS } from 'wirelint/sdk';
       import { own } from './own.ts';
       export default { plugins: [{ id: own, createTracker: () => PASS }] };`,
      { 'own.ts': "import { PASS } from 'wirelint/sdk'; export const own: string = 'own ' + PASS;" },
    );
    const [plugin] = configuration.settings;
    const { createTracker } = plugin!.protocol as { createTracker: () => unknown };
    const { PASS } = await import('../../src/sdk.ts');
    expect([plugin!.word, createTracker()]).toEqual([`own ${PASS}`, PASS]);
  });
});
