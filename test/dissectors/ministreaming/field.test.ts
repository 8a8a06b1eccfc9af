/** Captures in which somebody was once accused falsely, or a fault was missed: fixtures/field/, each with what is right. */
import { expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { judgeCapture } from '../../kit/ministreaming.ts';

const judged = async (name: string, mapped = true) =>
  judgeCapture(await openCapture(new URL(`../../../fixtures/field/${name}`, import.meta.url).pathname), { mapped });

test.each<[what: string, file: string, broken: readonly string[]]>([
  ['an id that nobody opened, in the role without a SYN', 'f1-reverse-role', ['close-unknown-id 3']],
  ['taken up midstream by a CLOSE with a payload', 'f3-close-payload-midstream', ['close-payload 2']],
  ['taken up midstream by an ACK with server id 0', 'f3-ack-id0-midstream', ['reserved-id 2']],
  ['a second ACK after an id was used again', 'f6-reuse-after-30s', ['ack-duplicate 6']],
])('%s', async (_what, file, broken) => {
  const { findings } = await judged(`ministreaming-${file}.pcap`);
  const accused = findings.filter(({ severity }) => severity !== 'info');
  expect(accused.map(({ ruleId, frame }) => `${ruleId.replace('ministreaming/', '')} ${frame}`)).toEqual(broken);
});

test('a datagram of one byte between SYN and ACK, on a port that nobody has named', async () => {
  expect((await judged('ministreaming-f2-short-before-answer.pcap', false)).broken).toEqual(['truncated-header 2']);
});

test('a capture that begins between two SYNs of one client accuses nobody, and says that it cannot know', async () => {
  const { findings, report } = await judged('ministreaming-cut-first-1.pcap', false);
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(report.summary.verdict).toBe('inconclusive');
});

test.each(['f4-lost-fragment.pcap', 'f5-epb-dropcount.pcapng'])(
  'what is counted as missing excuses: %s',
  async file => {
    const { broken, report } = await judged(`ministreaming-${file}`);
    expect([broken, report.summary.verdict]).toEqual([[], 'inconclusive']);
  },
);
