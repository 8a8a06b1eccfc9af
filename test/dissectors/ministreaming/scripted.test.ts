/**
 * `fixtures/ministreaming/faults.pcap`: a capture with faults of several kinds, to show. It is made here, so that what
 * stands in it can be read, and the file is held to it. `WIRELINT_WRITE_FIXTURES=1 npx vitest run
 * test/dissectors/ministreaming/scripted.test.ts` rewrites it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openBytes } from '../../../src/capture/open.ts';
import { type PcapFrame, pcap } from '../../../src/testkit/capture.ts';
import { frameBytes, judgeCapture, type Line, later, link, raw, START, states } from '../../kit/ministreaming.ts';

const FILE = new URL('../../../fixtures/ministreaming/faults.pcap', import.meta.url);

const as = (ann: string, lines: readonly Line[]): Line[] => lines.map(line => ({ ...line, ann }));

/** Two connections at once; on the second the client writes its own id, and goes on sending after its CLOSE. */
function confusedClient(): Line[] {
  const first = link('ann', 0x13e05b, 0x2a96cd);
  const second = link('ann', 0x0bb78b, 0x80ecf5);
  return as('10.0.0.1:7001', [
    first.syn(),
    second.syn(),
    first.ack(),
    second.ack(),
    first.send('GET /index.html'),
    raw('ann', [0xa0, 0x0b, 0xb7, 0x8b, 0x68, 0x69]),
    later(0.2, first.answer('200 OK')),
    second.close(),
    second.send('one more'),
    second.answer('and one that crossed'),
    first.serverClose(),
    first.close(),
  ]);
}

/** The server speaks before its ACK, gives one id to two connections, and misprints CLOSE as the specification does. */
function carelessServer(): Line[] {
  const first = link('ann', 0x3c1125, 0x7f19ea);
  const second = link('ann', 0xe9a702, 0x7f19ea);
  const third = link('ann', 0x78145a, 0xfc8b6c);
  return as('10.0.0.3:7001', [
    first.syn(),
    first.answer('too early'),
    first.ack(),
    second.syn(),
    second.ack(),
    third.syn(),
    third.ack(),
    third.send('question'),
    third.answer('answer'),
    raw('bob', [0x51, 0x78, 0x14, 0x5a]),
  ]);
}

/** Is never answered, and pings. */
function patientClient(): Line[] {
  const lonely = link('ann', 0xdd37ce, 0x010203);
  return as('10.0.0.4:7001', [lonely.syn(), later(75, raw('ann', [0xff]))]);
}

function capture(lines: readonly Line[]): Uint8Array {
  let milliseconds = 0;
  const frames = lines.map((line): PcapFrame => {
    milliseconds += Math.round((line.after ?? 0.001) * 1000);
    const { bytes, wireLength } = frameBytes(line);
    const seconds = START + Math.floor(milliseconds / 1000);
    return { bytes, wireLength, seconds, fraction: (milliseconds % 1000) * 1000 };
  });
  return pcap(frames);
}

const bytes = capture([...confusedClient(), ...carelessServer(), ...patientClient()]);
if (process.env.WIRELINT_WRITE_FIXTURES) writeFileSync(FILE, bytes);

test('the file holds these conversations', () => {
  expect(Buffer.from(readFileSync(FILE)).equals(Buffer.from(bytes))).toBe(true);
});

test('each fault is found in its place, and nothing beside it', async () => {
  const found = await judgeCapture(await openBytes(bytes), { capture: 'complete' });
  expect(found.findings.map(({ ruleId, frame, atFault }) => [ruleId, frame, atFault])).toEqual([
    ['ministreaming/own-id', 6, '10.0.0.1:7001'],
    ['ministreaming/data-after-close', 9, '10.0.0.1:7001'],
    ['ministreaming/data-crossing-close', 10, null],
    ['ministreaming/data-before-ack', 14, '10.0.0.2:7654'],
    ['ministreaming/server-id-in-use', 17, '10.0.0.2:7654'],
    ['ministreaming/ack-length', 22, '10.0.0.2:7654'],
    ['ministreaming/syn-unanswered', 23, '10.0.0.2:7654'],
    ['ministreaming/truncated-header', 24, '10.0.0.4:7001'],
  ]);
  expect(found.findings.find(({ frame }) => frame === 22)?.message).toContain('sample conversation (c)');
  expect(states(found)).toEqual(['CLOSED', 'CLIENT-CLOSED', 'OPEN', 'OPEN', 'OPEN', 'SYN-SENT', 'NONE']);
});
