/** What `wirelint help` and `--help` print. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { runInside } from './host.ts';

const COMMANDS = [
  'check',
  'merge',
  'dissect',
  'inspect',
  'proxy',
  'replay',
  'extract',
  'rules',
  'protocols',
  'config',
  'new',
];

describe('wirelint help', () => {
  test('alone prints what --help prints', async () => {
    const { code, stdout, stderr } = await runInside('help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('wirelint dissect');
    expect(stdout).toBe((await runInside('--help')).stdout);
  });

  test.each([...COMMANDS, 'completion'])('%s prints what its --help prints', async command => {
    const { code, stdout, stderr } = await runInside('help', command);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`wirelint ${command}`);
    expect(stdout).toBe((await runInside(command, '--help')).stdout);
  });

  test.each([
    [['chek'], 'help: unknown command chek; did you mean check?'],
    [['check', 'dissect'], 'help: name one'],
  ])('%j is refused', async (words, line) => {
    const { code, stdout, stderr } = await runInside('help', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(line);
  });

  test('an option that it does not have is refused', async () => {
    const { code, stderr } = await runInside('help', 'check', '--quiet');
    expect(code).toBe(2);
    expect(stderr).toContain('unknown option --quiet');
  });
});

/** Those that can run into a limit. */
const LIMITED = ['check', 'dissect', 'inspect', 'proxy', 'replay', 'extract'];

/** The lines of help under a heading, up to the next blank one. */
function under(heading: string, help: string): string[] {
  const lines = help.split('\n');
  const from = lines.indexOf(heading) + 1;
  return from === 0 ? [] : lines.slice(from, lines.indexOf('', from));
}

/** Names of options that stand under a heading. */
function optionsUnder(heading: string, help: string): string[] {
  return under(heading, help).flatMap(line => /^ {2}(?:-\w,| {3}) --([\w-]+) /.exec(line)?.[1] ?? []);
}

describe('limits', () => {
  test('are listed by help limits, each with its default and what it counts', async () => {
    const { code, stdout, stderr } = await runInside('help', 'limits');
    expect([code, stderr]).toEqual([0, '']);
    for (const [name, value] of Object.entries(DEFAULT_LIMITS))
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +${value} [a-z]+\\n {6}[A-Z]`, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toContain('--limit flows=100000');
    expect(stdout).toContain('--reader');
  });

  test.each(LIMITED)('are no options in the help of %s, which says where they are', async command => {
    const { stdout } = await runInside(command, '--help');
    expect(stdout).not.toMatch(/^ +--(limit|reader) /m);
    expect(stdout).toContain('wirelint help limits');
  });

  test('can be completed, and misspelt', async () => {
    const { stdout } = await runInside('--complete', 'zsh', 'wirelint', 'help', '');
    expect(stdout.split('\n')).toContain('limits');
    expect((await runInside('help', 'limit')).stderr).toContain('did you mean limits?');
  });
});

describe('the help of', () => {
  test.each(['', ...COMMANDS])('%s fits 80 columns, each command in its examples on one line', async command => {
    const { stdout } = await runInside(...[command].filter(word => word !== ''), '--help');
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const examples = under('Examples:', stdout).filter(line => /^ {2}\S/.test(line));
    for (const line of examples) expect(line).toContain('wirelint ');
    for (const line of examples) expect((line.match(/'/g) ?? []).length % 2, line).toBe(0);
    expect(examples.length).toBeGreaterThan(0);
  });

  test.each(['', ...COMMANDS])('%s has every option under a heading that says what it is for', async command => {
    const { stdout } = await runInside(...[command].filter(word => word !== ''), '--help');
    expect(under('Options:', stdout)).toEqual([]);
    expect(optionsUnder('For every command:', stdout)).toEqual(['plugin', 'config', 'help', 'version']);
  });

  test('check has what to read, how to judge, how to report', async () => {
    const { stdout } = await runInside('check', '--help');
    expect(optionsUnder('What to read:', stdout)).toContain('decode-as');
    expect(optionsUnder('How to judge:', stdout)).toEqual(expect.arrayContaining(['rule', 'dialect', 'fail-on']));
    expect(optionsUnder('How to report:', stdout)).toEqual(expect.arrayContaining(['format', 'report', 'filter']));
  });

  test('proxy has recording, TLS, and what to do to what passes, too', async () => {
    const { stdout } = await runInside('proxy', '--help');
    expect(optionsUnder('Recording:', stdout)).toEqual(['record', 'record-size', 'record-time', 'record-keep']);
    expect(optionsUnder('TLS:', stdout)).toEqual(expect.arrayContaining(['cert', 'insecure', 'print-ca']));
    expect(optionsUnder('What to do to the traffic:', stdout)).toEqual(
      expect.arrayContaining(['fault', 'scenario', 'attack']),
    );
  });

  test('extract has what to take, among it the rule', async () => {
    const { stdout } = await runInside('extract', '--help');
    expect(optionsUnder('What to take:', stdout)).toEqual(expect.arrayContaining(['finding', 'rule', 'output']));
    expect(optionsUnder('How to judge:', stdout)).not.toContain('rule');
  });
});
