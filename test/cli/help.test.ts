/** What `wirelint help` and `--help` print. */
import { describe, expect, test } from 'vitest';
import { runInside } from './host.ts';

const COMMANDS = [
  ...['check', 'dissect', 'inspect', 'proxy', 'replay', 'extract', 'rules', 'protocols', 'config', 'new', 'completion'],
];

describe('wirelint help', () => {
  test('alone prints what --help prints', async () => {
    const { code, stdout, stderr } = await runInside('help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('wirelint dissect');
    expect(stdout).toBe((await runInside('--help')).stdout);
  });

  test.each(COMMANDS)('%s prints what its --help prints', async command => {
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
