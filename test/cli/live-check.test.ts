/** `check -` and `check FIFO` while somebody still writes: findings as they come, and an orderly end. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../kit/proxy.ts';
import { runInside } from './host.ts';
import { start } from './run.ts';

const FAULTS = new URL('../../fixtures/mnet/faults.pcap', import.meta.url).pathname;

function reading(...args: readonly string[]) {
  const child = start(['check', ...args, '-']);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', text => {
    printed.stdout += text;
  });
  child.stderr.on('data', text => {
    printed.stderr += text;
  });
  return { child, printed, code: once(child, 'close').then(([code, signal]) => code ?? signal) };
}

test('a finding shows while the pipe is open; Ctrl-C is an orderly end, and the exit code tells of the findings', async () => {
  const { child, printed, code } = reading('--capture', 'complete');
  child.stdin.write(readFileSync(FAULTS));
  await until('the finding', () => printed.stdout.includes(' mnet/retransmit-differs frame 7 '), 20_000);
  expect(printed.stdout).not.toContain('3 errors');
  child.kill('SIGINT');
  expect(await code).toBe(1);
  expect(printed.stdout).toContain('3 errors');
  expect(printed.stderr).toBe('');
});

test('who writes the pipe, interrupted too, may end it: nothing of it is lost', async () => {
  const bytes = readFileSync(FAULTS);
  const { child, printed, code } = reading('--capture', 'complete');
  child.stdin.write(bytes.subarray(0, 500));
  await until('it to be read', () => printed.stdout !== '', 20_000);
  child.kill('SIGINT');
  child.stdin.end(bytes.subarray(500));
  expect(await code).toBe(1);
  expect(printed.stdout).toContain('25 messages, 25 packets');
});

test('quiet ones and those that a filter leaves out do not show', async () => {
  const { child, printed, code } = reading('--capture', 'complete', '--quiet', '-Y', 'rule == mnet/tag-mismatch');
  child.stdin.end(readFileSync(FAULTS));
  expect(await code).toBeGreaterThanOrEqual(0);
  expect(printed.stdout).not.toContain('retransmit-differs');
});

test('a file shows nothing before its report, but for programs that ask for a line each', async () => {
  const text = await runInside('check', FAULTS);
  expect(text.stdout).toMatch(/^mnet connection 1/);
  const { stdout } = await runInside('check', '--format', 'ndjson', FAULTS);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: 'start', captures: [FAULTS] });
  expect(lines.filter(({ type }) => type === 'finding').length).toBe(lines.at(-1).report.findings.length);
  expect(lines.filter(({ type }) => type === 'connection-closed')).toHaveLength(3);
});

test('a JSON document stays alone on standard output; where it goes to a file, findings show meanwhile', async () => {
  const alone = reading('--format', 'json', '--capture', 'complete');
  alone.child.stdin.end(readFileSync(FAULTS));
  await alone.code;
  expect(JSON.parse(alone.printed.stdout).findings.length).toBeGreaterThan(2);
  const beside = reading('--format', 'json', '--capture', 'complete', '-o', '/dev/null');
  beside.child.stdin.end(readFileSync(FAULTS));
  await beside.code;
  expect(beside.printed.stdout).toContain(' mnet/retransmit-differs frame 7 ');
});
