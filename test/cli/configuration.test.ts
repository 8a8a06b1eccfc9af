/** The configuration file as the commands take it: which file counts, what beats what, and what `wirelint config` says of it. */
import { chownSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import type { Program } from '../../src/cli/command.ts';
import { screenOptions } from '../../src/cli/inspect.ts';
import { CAPTURE_LAYERS } from '../../src/cli/options.ts';
import { fileNamed, readConfiguration } from '../../src/configuration/file.ts';
import { captureLayers } from '../../src/configuration/layers.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { folderWith } from '../kit/folder.ts';
import { type Run, runIn, runInside } from './host.ts';
import { wirelint } from './run.ts';

const FAULTS = fileURLToPath(new URL('../../fixtures/mnet/faults.pcap', import.meta.url));
const OFF = 'rules: { "*": off }\n';
const PROJECT = '{ "type": "module" }';
/** Says so where it is run. */
const CODE = 'globalThis.wirelintConfigWasRun = true; export default { rules: { "*": "off" } };';

function wasRun(): boolean {
  const { wirelintConfigWasRun = false } = globalThis as { wirelintConfigWasRun?: boolean };
  Object.assign(globalThis, { wirelintConfigWasRun: false });
  return wirelintConfigWasRun;
}

/** Nothing is settled yet on the screen. */
const NOTHING = { decodeAs: [], dialects: [] };

interface Rows {
  readonly file: string | null;
  readonly settings: readonly {
    readonly key: string;
    readonly value: string | boolean | null;
    readonly from: string;
    readonly at?: { readonly line: number; readonly column: number };
  }[];
  readonly overrides: readonly { readonly captures: readonly string[] }[];
}

async function shown(folder: string, ...args: string[]): Promise<Rows> {
  const { code, stdout, stderr } = await runIn(folder, 'config', '--format', 'json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

/** Value and origin of a key, in order. */
const of = (rows: Rows, key: string) =>
  rows.settings.filter(row => row.key === key).map(({ value, from }) => `${value} (${from})`);

/** One line, and the code of wrong usage. */
function expectRefusal({ code, stdout, stderr }: Run, ...parts: readonly string[]): void {
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^wirelint: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
}

describe('which file counts', () => {
  test('the nearest one from the working directory upwards', async () => {
    const folder = folderWith({
      'wirelint.config.yaml': 'maxWarnings: 1',
      'a/wirelint.config.json': '{ "maxWarnings": 2 }',
      'a/b/c/x': '',
    });
    expect((await shown(folder)).file).toBe('wirelint.config.yaml');
    const inside = await shown(join(folder, 'a/b/c'));
    expect([inside.file, of(inside, 'maxWarnings')]).toEqual(['../../wirelint.config.json', ['2 (file)']]);
  });

  test('never one beside a capture, whatever it is', async () => {
    const folder = folderWith({ 'work/x': '', 'mail/package.json': PROJECT, 'mail/wirelint.config.js': CODE });
    copyFileSync(FAULTS, join(folder, 'mail/trace.pcap'));
    const { code } = await runIn(join(folder, 'work'), 'check', join(folder, 'mail/trace.pcap'));
    expect([code, wasRun()]).toEqual([1, false]);
  });

  test('two in one folder are one too many', async () => {
    const folder = folderWith({ 'wirelint.config.yaml': OFF, 'wirelint.config.json': '{}' });
    expectRefusal(await runIn(folder, 'config'), 'wirelint.config.json: wirelint.config.yaml is there, too');
    expect(of(await shown(folder, '--config', 'wirelint.config.yaml'), 'rules')).toEqual(['*=off (file)']);
  });

  test('the one that is named, from the working directory, and no other', async () => {
    const folder = folderWith({ 'wirelint.config.yaml': 'maxWarnings: 1', 'ci/strict.yaml': 'maxWarnings: 0' });
    expect(of(await shown(folder, '--config=ci/strict.yaml'), 'maxWarnings')).toEqual(['0 (file)']);
    expectRefusal(
      await runIn(folder, 'config', '--config', 'ci/loose.yaml'),
      'ci/loose.yaml: cannot be read: no such file',
    );
    expectRefusal(
      await runIn(folder, 'config', '--config', 'ci/strict.yaml', '--no-config'),
      '--config was given more',
    );
    expectRefusal(await runIn(folder, 'config', '--config'), '--config needs a value');
  });

  test.each([['--no-config'], ['--config=none'], ['--config', 'none']])('none with %s', async (...words) => {
    const folder = folderWith({ 'wirelint.config.yaml': 'rulez: {}' });
    expect((await shown(folder, ...words)).file).toBeNull();
    expect((await runIn(folder, 'check', FAULTS, ...words)).code).toBe(1);
  });

  test('a broken one keeps nobody from help, the version and completion', async () => {
    const folder = folderWith({ 'package.json': PROJECT, 'wirelint.config.js': `${CODE} throw new Error();` });
    for (const words of [['--help'], ['--version'], ['completion'], ['--complete', 'zsh', 'wirelint', 'ch']])
      expect((await runIn(folder, ...words)).code).toBe(0);
    expect(wasRun()).toBe(false);
  });
});

describe('what is found is not believed blindly', () => {
  test('code is run in a project, and where it is named', async () => {
    const folder = folderWith({ 'wirelint.config.js': CODE });
    const refused = await runIn(folder, 'check', FAULTS);
    expectRefusal(refused, 'wirelint.config.js: not run', 'no package.json', '--config FILE', '--no-config');
    expect(wasRun()).toBe(false);
    expect([(await runIn(folder, 'check', FAULTS, '--config', 'wirelint.config.js')).code, wasRun()]).toEqual([
      0,
      true,
    ]);
    writeFileSync(join(folder, 'package.json'), PROJECT);
    expect([(await runIn(folder, 'check', FAULTS)).code, wasRun()]).toEqual([0, true]);
  });

  test('a folder called package.json makes no project', async () => {
    const folder = folderWith({ 'wirelint.config.js': CODE, 'package.json/x': '' });
    expectRefusal(await runIn(folder, 'check', FAULTS), 'no package.json');
    expect(wasRun()).toBe(false);
  });

  test('plugins are code, whatever names them', async () => {
    const files = { 'wirelint.config.yaml': 'plugins: [./kv]', 'kv/index.mjs': CODE };
    const folder = folderWith(files);
    expectRefusal(await runIn(folder, 'rules'), 'wirelint.config.yaml:1:11: plugins[0]', 'not run');
    expect(wasRun()).toBe(false);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'the file of somebody else is refused, unless it is theirs where we are',
    async () => {
      const somebody = 12_345;
      const folder = folderWith({ 'wirelint.config.yaml': OFF, 'work/x': '', 'theirs/wirelint.config.yaml': OFF });
      chownSync(join(folder, 'wirelint.config.yaml'), somebody, somebody);
      expectRefusal(
        await runIn(join(folder, 'work'), 'check', FAULTS),
        '../wirelint.config.yaml',
        'belongs to another user',
      );
      expect((await runIn(join(folder, 'work'), 'check', FAULTS, '--config=../wirelint.config.yaml')).code).toBe(0);
      for (const path of ['theirs', 'theirs/wirelint.config.yaml']) chownSync(join(folder, path), somebody, somebody);
      expect((await runIn(join(folder, 'theirs'), 'check', FAULTS)).code).toBe(0);
    },
  );

  test.skipIf(process.getuid?.() !== 0)('nor does a link of somebody else make a file ours', async () => {
    const folder = folderWith({ 'own/settings.yaml': OFF, 'tmp/x': '', 'tmp/work/x': '' });
    const link = join(folder, 'tmp/wirelint.config.yaml');
    symlinkSync(join(folder, 'own/settings.yaml'), link);
    expect((await runIn(join(folder, 'tmp/work'), 'check', FAULTS)).code).toBe(0);
    const { lchownSync } = await import('node:fs');
    lchownSync(link, 12_345, 12_345);
    expectRefusal(await runIn(join(folder, 'tmp/work'), 'check', FAULTS), 'belongs to another user');
  });

  test('a link to nowhere, and a folder of that name', async () => {
    const folder = folderWith({ x: '' });
    symlinkSync('nowhere', join(folder, 'wirelint.config.yaml'));
    expectRefusal(await runIn(folder, 'check', FAULTS), 'a link that leads nowhere');
    const other = folderWith({ 'wirelint.config.yaml/x': '' });
    expectRefusal(await runIn(other, 'check', FAULTS), 'this is not a file');
  });

  test('a key that is none is refused by every command', async () => {
    const folder = folderWith({ 'wirelint.config.yaml': 'rules:\n  mnet/lenght: off\n' });
    for (const words of [
      ['check', FAULTS],
      ['dissect', FAULTS],
      ['inspect', FAULTS],
      ['proxy', 'udp:0', 'udp:9'],
      ['rules'],
      ['protocols'],
      ['config'],
    ])
      expectRefusal(
        await runIn(folder, ...words),
        'wirelint.config.yaml:2:3: rules["mnet/lenght"]: "off": ',
        'did you mean mnet/length?',
      );
  });
});

describe('in the built program', () => {
  const inProject = (text: string) => folderWith({ 'package.json': PROJECT, 'wirelint.config.ts': text });

  test('TypeScript with a plugin beside it', async () => {
    const folder = inProject(`import { defineConfig } from 'wirelint';
      export default defineConfig({ rules: { 'mnet/*': 'off' as const }, maxWarnings: 0 });`);
    expect((await wirelint(['check', FAULTS], { folder })).code).toBe(0);
    const { stdout } = await wirelint(['config'], { folder });
    expect(stdout).toMatch(/rules +mnet\/\*=off +wirelint\.config\.ts rules\["mnet\/\*"\]/);
  });

  test.each([
    ['that waits for what never comes', 'await new Promise(() => {}); export default {};', 'never finishes loading'],
    ['that throws', 'const a: number = 1;\nthrow new Error("first\\nsecond");', 'line 2: first'],
    ['that ends the program', 'process.exit(0);', 'it ended the program'],
    ['that is no TypeScript', 'export default {', 'line 1: ParseError'],
  ])('code %s ends in one line', async (_, text, reason) => {
    const { code, stdout, stderr } = await wirelint(['check', FAULTS], { folder: inProject(text) });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^wirelint: wirelint\.config\.ts: [^\n]+\n$/);
    expect(stderr).toContain(reason);
  });

  test('code that leaves something running does not keep the program', async () => {
    const folder = inProject('setInterval(() => {}, 1000); export default { rules: { "*": "off" } };');
    expect((await wirelint(['check', FAULTS], { folder })).code).toBe(0);
  });
});

describe('the command line beats the file', () => {
  const folder = () =>
    folderWith({
      'wirelint.config.yaml': `rules:
  mnet/*: off
  mnet/retransmit-differs: warning
dialects: { mnet.tags: sender }
limits: { flows: 7 }
capture: complete
sort: true
quiet: true
maxFindings: 3
`,
    });

  test('in what holds one value', async () => {
    const rows = await shown(folder(), '--capture', 'lossy', '--no-sort', '--max-findings=5');
    expect(['capture', 'sort', 'maxFindings', 'quiet', 'midstream'].map(key => of(rows, key).join())).toEqual([
      'lossy (command line)',
      'false (command line)',
      '5 (command line)',
      'true (file)',
      'auto (default)',
    ]);
  });

  test('name by name in what holds many, where the later one holds', async () => {
    const rows = await shown(folder(), '--rule', 'mnet/*=info', '--dialect', 'mnet.clockSkew=3s');
    expect(of(rows, 'rules')).toEqual(['mnet/retransmit-differs=warning (file)', 'mnet/*=info (command line)']);
    expect(of(rows, 'dialects')).toEqual(['mnet.tags=sender (file)', 'mnet.clockSkew=3s (command line)']);
    expect(of(rows, 'limits')).toEqual(['flows=7 (file)']);
  });

  test('when captures are checked', async () => {
    const idsOf = async (...words: string[]) => {
      const { stdout } = await runIn(folder(), 'check', FAULTS, '--format', 'json', ...words);
      return JSON.parse(stdout).findings.map(({ ruleId, severity }: Record<string, string>) => `${ruleId} ${severity}`);
    };
    expect(await idsOf()).toEqual(['mnet/retransmit-differs warning']);
    expect(await idsOf('--rule', 'mnet/*=off')).toEqual([]);
    expect(await idsOf('--rule', 'mnet/retransmit-differs=error')).toEqual(['mnet/retransmit-differs error']);
  });

  test('a file that is named on the command line is from there, one in the file from its folder', async () => {
    const place = folderWith({ 'wirelint.config.yaml': 'output: out.json\nformat: json\nfailOn: never', 'work/x': '' });
    const { code, stdout } = await runIn(join(place, 'work'), 'check', FAULTS);
    expect([code, stdout]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(join(place, 'out.json'), 'utf8')).summary.messages).toBe(25);
    expect((await runIn(join(place, 'work'), 'check', FAULTS, '-o', '-')).stdout).toContain('"schemaVersion"');
  });

  test('reports are written beside the file that names them, and those of the command line too', async () => {
    const place = folderWith({
      'wirelint.config.yaml': `reports: [{ format: junit, file: out.xml }, compact=out.txt]
minCoverage: { mnet: 99 }
failOn: never
`,
      'work/x': '',
    });
    const own = join(place, 'work/own.json');
    const { code, stderr } = await runIn(join(place, 'work'), 'check', FAULTS, '--report', `json=${own}`);
    expect(readFileSync(join(place, 'out.xml'), 'utf8')).toMatch(/^<\?xml/);
    expect(readFileSync(join(place, 'out.txt'), 'utf8')).toContain('mnet/retransmit-differs');
    expect(JSON.parse(readFileSync(own, 'utf8')).summary.messages).toBe(25);
    expect([code, stderr]).toEqual([1, expect.stringContaining('--min-coverage mnet=99')]);
  });

  test('a proxy has its times from the file, and no settings of captures', async () => {
    const place = folderWith({
      'wirelint.config.yaml': `proxy: { untilIdle: 100ms }
allowEmpty: true
overrides: [{ captures: '**', dialects: { mnet.cookieKey: ab } }]
`,
    });
    expect((await runIn(place, 'proxy', 'udp:0', 'udp:127.0.0.1:9')).code).toBe(0);
  });

  test('settings of reports are those of check and proxy: dissect and rules have forms of their own', async () => {
    const place = folderWith({ 'wirelint.config.yaml': 'format: json\noutput: out.json\nfilter: severity == error' });
    expect((await runIn(place, 'dissect', FAULTS)).stdout).toMatch(/mnet 1 {2}INIT/);
    expect((await runIn(place, 'rules')).stdout).toContain('mnet/retransmit-differs');
  });
});

describe('single captures', () => {
  const folder = () => {
    const place = folderWith({
      'wirelint.config.yaml': `rules: { mnet/*: off }
overrides:
  - captures: 'old/**'
    rules: { mnet/*: info }
    capture: complete
  - captures: ['**/b.pcap', new/c.pcap]
    rules: { mnet/retransmit-differs: warning }
    dialects: { mnet.tags: sender, mnet.clockSkew: 9s }
`,
    });
    for (const name of ['a.pcap', 'old/a.pcap', 'old/b.pcap']) {
      mkdirSync(join(place, 'old'), { recursive: true });
      copyFileSync(FAULTS, join(place, name));
    }
    return place;
  };
  /** For each capture the severities of what was found. */
  const severitiesIn = async (place: string, ...words: string[]) => {
    const names = ['a.pcap', 'old/a.pcap', 'old/b.pcap'].map(name => join(place, name));
    const { stdout } = await runIn(place, 'check', ...names, '--format', 'json', ...words);
    const report = JSON.parse(stdout);
    const findings = report.findings as readonly { capture: number; ruleId: string; severity: string }[];
    const severities = names.map((_, index) =>
      findings
        .filter(({ capture, ruleId }) => capture === index && ruleId === 'mnet/retransmit-differs')
        .map(({ severity }) => severity),
    );
    return { report, severities };
  };

  test('have the settings of all patterns that describe them, and connections are numbered through', async () => {
    const { report, severities } = await severitiesIn(folder());
    expect(severities).toEqual([[], ['info'], ['warning']]);
    const [{ dialect, rules }] = report.protocols;
    expect(dialect.clockSkew).toEqual(['2s', '9s']);
    const rows = rules.filter(({ id }: { id: string }) => id === 'mnet/retransmit-differs');
    expect(rows.map(({ severity, broken }: { severity: string; broken: number }) => [severity, broken])).toEqual([
      ['info', 1],
      ['warning', 1],
    ]);
    expect(report.summary).toMatchObject({ errors: 0, connections: 9 });
    const ids = report.connections.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test('are each accepted by a baseline, whatever the severity is there', async () => {
    const place = folder();
    const baseline = join(place, 'accepted.json');
    await severitiesIn(place, '--write-baseline', baseline);
    const { report } = await severitiesIn(place, '--baseline', baseline);
    const rows = report.protocols[0].rules.filter(({ broken }: { broken: number }) => broken !== 0);
    const left = rows.map(({ id, severity, broken }: Record<string, unknown>) => `${id} ${severity} ${broken}`);
    expect(left.filter((row: string) => / warning |-\d/.test(row))).toEqual([]);
    expect(report.summary.warnings).toBe(0);
  });

  test('have nothing over the command line', async () => {
    const { severities } = await severitiesIn(folder(), '--rule', 'mnet/retransmit-differs=error');
    expect(severities).toEqual([['error'], ['error'], ['error']]);
    expect((await severitiesIn(folder(), '--rule', 'mnet/*=off')).severities).toEqual([[], [], []]);
  });

  test('are counted as all are when they have the same settings', async () => {
    const place = folder();
    const words = ['--no-config', '--format', 'json', join(place, 'a.pcap'), join(place, 'old/a.pcap')];
    const plain = JSON.parse((await runIn(place, 'check', ...words)).stdout);
    writeFileSync(join(place, 'wirelint.config.yaml'), "overrides: [{ captures: '**', rules: {} }]");
    const layered = JSON.parse((await runIn(place, 'check', ...words.slice(1))).stdout);
    expect(layered).toEqual(plain);
  });

  test('have what is settled in the terminal over theirs', async () => {
    const place = folder();
    const configuration = await readConfiguration(fileNamed('wirelint.config.yaml', place), () => () => {});
    const layers = await captureLayers(configuration, place, new Set());
    const args = { rule: undefined, midstream: 'auto', limit: undefined, [CAPTURE_LAYERS]: layers } as const;
    const host = { environment: {} } as Program['host'];
    const program = { host, protocols, configuration } as unknown as Program;
    const { engineOptions } = await screenOptions({ ...DEFAULT_ENGINE_OPTIONS, protocols }, NOTHING, args, program);
    const skewOf = (...dialects: string[]) =>
      engineOptions({ ...NOTHING, dialects })
        .optionsFor?.(join(place, 'old/b.pcap'))
        ?.dialects.get('mnet.clockSkew');
    expect([skewOf(), skewOf('mnet.clockSkew=4s')]).toEqual(['9s', '4s']);
    expect(engineOptions(NOTHING).optionsFor?.(join(place, 'a.pcap'))).toBeUndefined();
  });

  test('what does not fit together is refused before any is read', async () => {
    const place = folder();
    writeFileSync(
      join(place, 'wirelint.config.yaml'),
      'overrides: [{ captures: "*", dialects: { mnet.cookieKey: ab } }]',
    );
    expectRefusal(await runIn(place, 'check', join(place, 'a.pcap')), 'cookieKey is used only with');
    expect((await runIn(place, 'dissect', join(place, 'old/a.pcap'))).code).toBe(0);
  });
});

describe('wirelint config', () => {
  test('says of every key what holds and where it is from', async () => {
    const folder = folderWith({ 'wirelint.config.yaml': '# ours\nmaxWarnings: 3\nproxy:\n  idle: 5s\n' });
    const { code, stdout } = await runIn(folder, 'config', '--fail-on', 'warning');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^configuration wirelint\.config\.yaml\n/);
    expect(stdout).toMatch(/ maxWarnings +3 +wirelint\.config\.yaml:2:14\n/);
    expect(stdout).toMatch(/ proxy\.idle +5s +wirelint\.config\.yaml:4:9\n/);
    expect(stdout).toMatch(/ failOn +warning +command line\n/);
    expect(stdout).toMatch(/ maxFindings +100 +default\n/);
  });

  test('without a file says so', async () => {
    expect((await runInside('config', '--no-config')).stdout).toMatch(/^no configuration file\n/);
    expect((await runInside('config', '--no-config', '--format', 'json')).stdout).toContain('"file": null');
  });

  test('has the settings of single captures', async () => {
    const folder = folderWith({ 'wirelint.config.yaml': 'overrides: [{ captures: old/*, rules: { mnet/*: off } }]' });
    expect((await shown(folder)).overrides.map(({ captures }) => captures)).toEqual([['old/*']]);
    expect((await runIn(folder, 'config')).stdout).toMatch(/for captures old\/\*\n +rules +mnet\/\*=off/);
  });

  test('keeps keys to itself', async () => {
    const folder = folderWith({
      'wirelint.config.yaml': 'dialects: { mnet.cookieMac: spec, mnet.cookieKey: "c0ffee" }',
    });
    for (const form of ['text', 'json']) {
      const { stdout } = await runIn(folder, 'config', '--format', form);
      expect(stdout).toContain('mnet.cookieKey=(a key)');
      expect(stdout).not.toContain('c0ffee');
    }
  });

  test('refuses what the other commands would', async () => {
    const folder = folderWith({ x: '' });
    expectRefusal(await runIn(folder, 'config', '--rule', 'mnet/lenght=off'), 'did you mean mnet/length?');
    expectRefusal(await runIn(folder, 'config', '--rul', 'x'), 'did you mean --rule?');
  });

  test('spells out what would act on a terminal', async () => {
    const folder = folderWith({ 'wirelint.config.json': JSON.stringify({ output: '\x1b[31m\u202e' }) });
    const { stdout } = await runIn(folder, 'config');
    expect(stdout).toContain('\\x1b[31m\\u{202e}');
    expect(stdout).not.toContain('\x1b');
  });
});
