/** `wirelint extract` and `check --annotate`: what they write, what they say of it, and what they refuse. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { requireTool, runTool } from '../kit/tools.ts';
import { CLEAN, Folder, readFixture, unanswered } from './captures.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const LOSSY = 'fixtures/mnet/lossy.pcap';
const RECEIVER = ['--dialect', 'mnet.tags=receiver'];
const FAULTS = 'fixtures/mnet/faults.pcap';

const folder = new Folder();
const out = folder.file('out.pcapng');
afterAll(() => folder.remove());

interface Found {
  readonly ruleId: string;
  readonly frame: number;
}

async function foundIn(path: string, ...options: readonly string[]): Promise<readonly Found[]> {
  const { stdout } = await runInside('check', path, '--format', 'json', ...options);
  return JSON.parse(stdout).findings.map(({ ruleId, frame }: Found) => ({ ruleId, frame }));
}

/** By frame of a capture: its comments, as tshark prints them. */
function commentsIn(path: string): string[] {
  return runTool('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.comment']).split('\n').slice(0, -1);
}

test('a finding is taken out in the fewest frames and without data, and the command that is printed finds it again', async () => {
  const options = ['--finding', '2', '--minimize', '--redact', '-o', out];
  const { code, stdout, stderr } = await runInside('extract', LOSSY, ...RECEIVER, ...options);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const [again] = /wirelint check .*/.exec(stderr) ?? [''];
  expect(again).toBe(`wirelint check --dialect mnet.tags=receiver ${out}`);
  expect(await foundIn(out, ...RECEIVER)).toContainEqual({ ruleId: 'mnet/tag-mismatch', frame: 4 });
  expect(readFileSync(out).includes('abcdefgh')).toBe(false);
  if (!requireTool('tshark')) return;
  const comments = commentsIn(out);
  expect(comments.slice(0, 3)).toEqual(['', '', '']);
  expect(comments[3]).toMatch(/^wirelint error mnet\/tag-mismatch: /);
});

test('numbers of findings are those that check prints with the same options', async () => {
  const filter = ['-Y', 'severity == error'];
  const { stdout } = await runInside('check', FAULTS, ...filter);
  const [, rule, number] = /error +(mnet\/ack-unsent) .*#(\d+)/.exec(stdout) ?? [];
  const { code } = await runInside('extract', FAULTS, ...filter, '--finding', number!, '-o', out);
  expect(code).toBe(0);
  expect((await foundIn(out)).map(({ ruleId }) => ruleId)).toContain(rule);
  if (requireTool('tshark')) expect(commentsIn(out).filter(Boolean)).toEqual([expect.stringContaining(rule!)]);
});

test('a connection is taken out with all that was found in it', async () => {
  expect((await runInside('extract', FAULTS, '--connection', '1', '-o', out)).code).toBe(0);
  const rules = (await foundIn(out)).map(({ ruleId }) => ruleId);
  expect(rules).toEqual(['mnet/ambiguous-reading', 'mnet/ambiguous-reading', 'mnet/retransmit-differs']);
});

test('all connections that break a rule are taken out, and a rule may have another severity on the way', async () => {
  const options = ['--rule', 'mnet/tag-mismatch', '--rule', 'mnet/tag-mismatch=warning', '-o', out];
  const { code, stderr } = await runInside('extract', LOSSY, ...RECEIVER, ...options);
  expect(code).toBe(0);
  expect(stderr).toContain('124 frames, 106 x mnet/tag-mismatch');
  expect(stderr).toContain(`wirelint check --dialect mnet.tags=receiver --rule mnet/tag-mismatch=warning ${out}`);
});

test('a capture goes through a pipe at both ends', async () => {
  const options = ['--finding', '2', '--minimize', '-o', '-'];
  const { code, stderr } = await wirelint(['extract', '-', ...RECEIVER, ...options], { input: readFixture(LOSSY) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

describe('extract refuses', () => {
  test.each<[number, string, readonly string[], RegExp]>([
    [2, 'to guess what is wanted', [FAULTS, '-o', out], /by one of --finding N, --connection N and --rule ID/],
    [2, 'two wishes', [FAULTS, '--finding', '1', '--connection', '1', '-o', out], /by one of/],
    [2, 'to write nowhere', [FAULTS, '--finding', '1'], /name the file to write: -o/],
    [2, 'two captures', [FAULTS, CLEAN, '--finding', '1', '-o', out], /name one capture/],
    [2, 'a finding that is not there', [FAULTS, '--finding', '6', '-o', out], /--finding 6: there are 5 findings/],
    [2, 'a connection that is not there', [FAULTS, '--connection', '9', '-o', out], /--connection 9: there are 3/],
    [
      2,
      'a rule that there is not',
      [FAULTS, '--rule', 'mnet/tag-mismach', '-o', out],
      /did you mean mnet\/tag-mismatch/,
    ],
    [2, 'to write over the capture', [FAULTS, '--finding', '1', '-o', FAULTS], /this is the capture to read/],
    [
      4,
      'what nobody has broken',
      [FAULTS, '--rule', 'mnet/tag-mismatch', '-o', out],
      /nothing breaks mnet\/tag-mismatch/,
    ],
    [3, 'what is no capture', ['package.json', '--finding', '1', '-o', out], /package\.json/],
  ])('%i: %s', async (code, _, args, reason) => {
    const result = await runInside('extract', ...args);
    expect(result.code).toBe(code);
    expect(result.stderr.trim().split('\n')).toEqual([expect.stringMatching(reason)]);
  });
});

test('what is left of a cut capture is taken out, and the exit code says that it is cut', async () => {
  const cut = folder.file('cut.pcap', readFixture(FAULTS).subarray(0, -20));
  expect((await runInside('extract', cut, '--finding', '3', '-o', out)).code).toBe(3);
  expect((await foundIn(out)).map(({ ruleId }) => ruleId)).toContain('mnet/retransmit-differs');
  expect((await runInside('extract', cut, '--finding', '3', '-o', out, '--allow-incomplete')).code).toBe(0);
});

describe('check --annotate', () => {
  test('writes every frame again, and what was found beside it', async () => {
    const { code } = await runInside('check', FAULTS, '--annotate', out);
    expect(code).toBe(1);
    expect(await foundIn(out)).toEqual(await foundIn(FAULTS));
    if (!requireTool('tshark')) return;
    const comments = commentsIn(out);
    expect(comments).toHaveLength(25);
    const numbers = comments.flatMap((comment, index) => (comment ? [index + 1] : []));
    expect(numbers).toEqual([2, 5, 7, 17, 20]);
  });

  test('has room for the findings alone that a filter asks for', async () => {
    await runInside('check', FAULTS, '--annotate', out, '-Y', 'rule == mnet/ack-unsent');
    if (requireTool('tshark')) expect(commentsIn(out).filter(Boolean)).toHaveLength(1);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['two captures', [FAULTS, CLEAN, '--annotate', out], /--annotate: one capture at a time/],
    ['a pipe', ['-', '--annotate', out], /--annotate reads the capture a second time/],
    ['standard output', [FAULTS, '--annotate', '-'], /--annotate: name a file/],
    ['the capture itself', [FAULTS, '--annotate', FAULTS], /--annotate .*: this is the capture/],
  ])('refuses %s', async (_, args, reason) => {
    const before = readFixture(FAULTS);
    const result = await runInside('check', ...args);
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 2, stderr: expect.stringMatching(reason) });
    expect(readFixture(FAULTS)).toEqual(before);
  });
});

test('check --annotate is refused before a report is emptied', async () => {
  const report = folder.file('precious.txt', Uint8Array.of(1, 2, 3));
  const { code } = await runInside('check', FAULTS, CLEAN, '--annotate', out, '--report', `tap=${report}`);
  expect(code).toBe(2);
  expect(readFileSync(report)).toEqual(Buffer.of(1, 2, 3));
});

test('what a finding needs to come up again is in the command that is printed', async () => {
  const path = folder.file('unanswered.pcap', unanswered());
  const { stderr } = await runInside(
    ...[
      'extract',
      path,
      '--rule',
      'mnet/handshake-incomplete',
      '--capture',
      'complete',
      '--midstream',
      'never',
      '-o',
      out,
    ],
  );
  expect(stderr).toContain(`wirelint check --midstream never --capture complete ${out}`);
});

test('what a configuration has settled for the capture holds for what is taken out of it, and is in the command', async () => {
  const config = folder.file(
    'settled.json',
    Buffer.from(JSON.stringify({ overrides: [{ captures: '**/lossy.pcap', dialects: { 'mnet.tags': 'receiver' } }] })),
  );
  const capture = folder.file('lossy.pcap', readFixture(LOSSY));
  const options = ['--finding', '2', '--minimize', '--redact', '-o', out];
  const { code, stderr } = await runInside('extract', capture, '--config', config, ...options);
  expect(code).toBe(0);
  expect(stderr).toContain(`wirelint check --dialect mnet.tags=receiver ${out}`);
  expect((await foundIn(out, ...RECEIVER)).map(({ ruleId }) => ruleId)).toContain('mnet/tag-mismatch');
});
