/**
 * `fixtures/mnet/faults.pcap`: the capture that the README checks. It is made here, so that what stands in it can be
 * read, and the file is held to it. `WIRELINT_WRITE_FIXTURES=1 npx vitest run test/dissectors/mnet/scripted.test.ts`*
 * rewrites it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openBytes } from '../../../src/capture/open.ts';
import { type PcapFrame, pcap } from '../../../src/testkit/capture.ts';
import { between, frameBytes, handshake, judgeCapture, type Line, later, parties, START } from '../../kit/mnet.ts';

const FILE = new URL('../../../fixtures/mnet/faults.pcap', import.meta.url);

/** Sends bytes 20 to 40 a second time, with one byte changed, and closes in order. */
function corruptingConnector(): Line[] {
  const { C, L } = parties();
  const again = C.content(20, 40);
  again[9] ^= 0x20;
  return between('10.0.0.1:5000', '10.0.0.9:26999', [
    ...handshake({ C, L }),
    C.data(0, 40),
    L.bare(0, 40),
    later(0.2, C.data(20, 40, 0, { content: again })),
    L.bare(0, 40),
    C.shutdown(0),
    L.shutdownAck(),
    C.shutdownComplete(),
  ]);
}

/** Acknowledges bytes that nobody sent, and goes on sending after its SHUTDOWN. */
function carelessListener(): Line[] {
  const { C, L } = parties({ initTag: 0x3b91d2, listenerTag: 0x77e04c });
  return between('10.0.0.2:5000', '10.0.0.9:26999', [
    ...handshake({ C, L }),
    C.data(0, 100),
    L.data(0, 64, 160),
    C.bare(100, 64),
    L.shutdown(100),
    L.data(64, 96, 100),
    C.shutdownAck(),
    L.shutdownComplete(),
  ]);
}

/** Never gets an answer. */
function unansweredConnector(): Line[] {
  const { C } = parties({ initTag: 0x0c55a1 });
  const lines = [C.init(), later(0.3, C.init()), later(6, C.init())];
  return between('10.0.0.3:5000', '10.0.0.9:26999', lines);
}

function capture(lines: readonly Line[]): Uint8Array {
  let milliseconds = 0;
  const frames = lines.map((line): PcapFrame => {
    milliseconds += Math.round((line.after ?? 0.001) * 1000);
    const { bytes, wireLength } = frameBytes(line);
    return {
      bytes,
      wireLength,
      seconds: START + Math.floor(milliseconds / 1000),
      fraction: (milliseconds % 1000) * 1000,
    };
  });
  return pcap(frames);
}

const bytes = capture([...corruptingConnector(), ...carelessListener(), ...unansweredConnector()]);
if (process.env.WIRELINT_WRITE_FIXTURES) writeFileSync(FILE, bytes);

test('the file holds these three conversations', () => {
  expect(Buffer.from(readFileSync(FILE)).equals(Buffer.from(bytes))).toBe(true);
});

test('each fault is found in its place, and nothing beside it', async () => {
  const { broken, report } = await judgeCapture(await openBytes(bytes));
  expect(broken).toEqual([
    { rule: 'mnet/retransmit-differs', frame: 7 },
    { rule: 'mnet/ack-unsent', frame: 17 },
    { rule: 'mnet/data-after-shutdown', frame: 20 },
    { rule: 'mnet/handshake-incomplete', frame: 23 },
  ]);
  expect(report.connections.map(({ state, verdict }) => [state, verdict])).toEqual([
    ['CLOSED', 'violations'],
    ['CLOSED', 'violations'],
    ['COOKIE-WAIT', 'violations'],
  ]);
});
