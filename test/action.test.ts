/** The GitHub action, as far as it can be run without GitHub: its script, with what a workflow hands it in variables. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));
const check = action.runs.steps.find(({ id }: { id?: string }) => id === 'check');
const folder = mkdtempSync(join(tmpdir(), 'wirelint-action-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Inputs {
  readonly captures: string;
  readonly args?: string;
  readonly failOn?: string;
  readonly sarif?: string;
}

function run({ captures, args = '', failOn = 'error', sarif = join(folder, 'out.sarif') }: Inputs) {
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const own = {
    ACTION_PATH: ROOT,
    CAPTURES: captures,
    ARGS: args,
    FAIL_ON: failOn,
    SARIF: sarif,
    GITHUB_OUTPUT: output,
  };
  const script = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', check.run];
  const { status, stdout } = spawnSync('bash', script, {
    cwd: ROOT,
    env: { ...process.env, ...own },
    encoding: 'utf8',
  });
  return { status, stdout, output: readFileSync(output, 'utf8') };
}

test('findings fail the step, stand beside the code, and are in the SARIF file', () => {
  const { status, stdout, output } = run({ captures: 'fixtures/mnet/faults.pcap\nfixtures/mnet/echo-small.pcap\n' });
  expect({ status, output }).toEqual({ status: 1, output: 'exit-code=1\n' });
  expect(stdout.match(/^::error /gm)).toHaveLength(3);
  const sarif = JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8'));
  expect(sarif.runs[0].results.length).toBeGreaterThan(0);
  expect(existsSync(join(folder, 'out.sarif.txt'))).toBe(true);
});

test('the threshold and options are those that the workflow names', () => {
  expect(run({ captures: 'fixtures/mnet/faults.pcap', failOn: 'never' }).status).toBe(0);
  expect(run({ captures: 'fixtures/mnet/faults.pcap', args: '--rule\nmnet/*=off\n', sarif: '' }).status).toBe(0);
  expect(run({ captures: '/nowhere.pcap' })).toMatchObject({ status: 3, output: 'exit-code=3\n' });
});

test('what a workflow hands it is never a command', () => {
  const mark = join(folder, 'mark');
  const hostile = `$(touch ${mark}); touch ${mark} #`;
  expect(run({ captures: hostile }).status).toBe(3);
  expect(run({ captures: 'fixtures/mnet/echo-small.pcap', args: hostile }).status).not.toBe(0);
  expect(run({ captures: '--plugin' }).status).toBe(3);
  expect(existsSync(mark)).toBe(false);
  for (const step of action.runs.steps) expect(step.run ?? '').not.toContain('${{');
});
