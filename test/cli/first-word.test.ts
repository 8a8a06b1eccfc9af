/** What stands where the command belongs. */
import { describe, expect, test } from 'vitest';
import { runInside } from './host.ts';

describe('a capture where the command belongs', () => {
  test.each([
    [['trace.pcap'], 'trace.pcap'],
    [['trace.pcapng'], 'trace.pcapng'],
    [['TRACE.CAP'], 'TRACE.CAP'],
    [['traces/trace.pcap.gz'], 'traces/trace.pcap.gz'],
    [['trace.pcapng.gz', '--fail-on', 'warning'], 'trace.pcapng.gz --fail-on warning'],
    [['--no-config', 'a.pcap', 'b.pcap'], '--no-config a.pcap b.pcap'],
    [["it's mine.pcap"], "'it'\\''s mine.pcap'"],
    // A file, whatever its name is.
    [['package.json'], 'package.json'],
  ])('%j: the line that checks it', async (words, line) => {
    expect(await runInside(...words)).toEqual({
      code: 2,
      stdout: '',
      stderr: `wirelint: did you mean wirelint check ${line}\n`,
    });
  });

  test.each(['trace.txt', 'src', 'pcap', 'chek', 'x'.repeat(5000)])('%s is an unknown command', async word => {
    const { code, stderr } = await runInside(word);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^wirelint: unknown command .*\n$/);
  });

  test('a command is one, even if there is a file of that name', async () => {
    const { code, stdout } = await runInside('rules', 'mnet/reordered');
    expect(code).toBe(0);
    expect(stdout).toContain('mnet/reordered');
  });
});
