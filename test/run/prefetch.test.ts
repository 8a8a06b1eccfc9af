import { describe, expect, test } from 'vitest';
import { Frame, MOST_UPCOMING } from '../../src/capture/source.ts';
import { FlowTable } from '../../src/net/flow-table.ts';
import { Packet } from '../../src/net/packet.ts';
import type { ConnectionLog } from '../../src/protocol/connections.ts';
import { Prefetcher } from '../../src/run/prefetch.ts';
import { FlowSlots } from '../../src/storage/flow-slots.ts';
import { Records } from '../../src/storage/records.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { tcpFrame, udpFrame } from '../../src/testkit/packet.ts';

const SERVER = '10.0.0.2:26999';
const PAYLOAD = Uint8Array.of(1);
const NOBODY: ConnectionLog['onOpened'] = undefined;

/** The frames as one batch, as a reader hands out the first of them. */
function batchOf(frames: readonly Uint8Array[], linkType = 1): Frame {
  const frame = new Frame();
  frame.linkType = linkType;
  frame.bytes = concat(...frames);
  frame.starts = new Int32Array(MOST_UPCOMING);
  for (const [index, bytes] of frames.entries()) {
    if (index > 0) frame.starts[index] = frame.starts[index - 1] + frames[index - 1].length;
    frame.end = frame.starts[index] + bytes.length;
  }
  frame.upcoming = frames.length;
  return frame;
}

/** Flows of UDP from ports 1, 2, 3 of 10.0.0.1, of which the first has a connection in lane 0 and the second in lane 1. */
function prefetcher() {
  const flows = new FlowTable({ limit: 100, idleSeconds: 300, seed: 1, onEvict: () => {} });
  for (const sourcePort of [1, 2, 3]) {
    const ends = { source0: 0x0a00_0001, destination0: 0x0a00_0002, sourcePort, destinationPort: 26999 };
    flows.insert(Object.assign(new Packet(), ends, { transport: 17 }), 5);
  }
  const lanes = [8, 48].map(width => ({
    connections: { rows: new Records(width, 2), hotWords: width - 4, inForce: new FlowSlots() },
    onOpened: NOBODY,
  }));
  const prefetcher = new Prefetcher(flows, lanes);
  /** As the log does when a connection is opened. */
  const open = (lane: number, slot: number, flow: number) => lanes[lane].onOpened?.(slot, flow);
  open(0, 1, 0);
  open(1, 0, 1);
  return { flows, lanes, open, prefetcher };
}

const from = (port: number) => udpFrame(`10.0.0.1:${port}`, SERVER, PAYLOAD);
const back = (port: number) => udpFrame(SERVER, `10.0.0.1:${port}`, PAYLOAD);

describe('of a batch', () => {
  test('the rows of those frames are read on whose flow a connection was opened', () => {
    expect(prefetcher().prefetcher.frame(batchOf([from(1)]))).toBe(1);
    expect(prefetcher().prefetcher.frame(batchOf([from(1), back(2), back(1), from(3), from(4)]))).toBe(3);
  });

  test('each line of a row is read that has a word which any message may touch', () => {
    const { lanes, prefetcher: reader } = prefetcher();
    const without = reader.frame(batchOf([from(2)])) && reader.sum;
    const { words } = lanes[1].connections.rows;
    for (const at of words.keys()) words[at] = 1 << (at % 31);
    reader.sum = 0;
    reader.frame(batchOf([from(2)]));
    expect(reader.sum ^ without).toBe((1 << 0) ^ (1 << 16) ^ (1 << (32 % 31)));
  });

  test('which connection is in force on its flow is read, too', () => {
    const { lanes, prefetcher: reader } = prefetcher();
    lanes[0].connections.inForce.set(2, 9);
    reader.frame(batchOf([from(1)]));
    const none = reader.sum;
    lanes[0].connections.inForce.set(0, 6);
    reader.sum = 0;
    reader.frame(batchOf([from(1)]));
    expect(reader.sum ^ none).toBe(-1 ^ 6);
  });

  test('frames of another form are left out, and so is one that the buffer ends in', () => {
    const { prefetcher: reader } = prefetcher();
    const tcp = tcpFrame({ source: '10.0.0.1:1', destination: SERVER }, PAYLOAD);
    const ipv6 = udpFrame('[2001:db8::1]:1', '[2001:db8::2]:26999', PAYLOAD);
    const tagged = udpFrame('10.0.0.1:1', SERVER, PAYLOAD, { vlan: [5] });
    expect(reader.frame(batchOf([tcp, ipv6, tagged, new Uint8Array(0)]))).toBe(0);
    expect(reader.frame(batchOf([tcp, from(1), from(2).subarray(0, 37)]))).toBe(1);
    expect(reader.frame(batchOf([from(1)], 101))).toBe(0);
  });

  test('nothing is read where none is known', () => {
    expect(prefetcher().prefetcher.frame(new Frame())).toBe(0);
  });

  test('a row that is not there is not read, and a slot too high for the mark spoils no lane', () => {
    const { open, prefetcher: reader } = prefetcher();
    open(0, 2, 0);
    expect(reader.frame(batchOf([from(1)]))).toBe(0);
    open(0, 2 ** 24 + 1, 0);
    expect(reader.frame(batchOf([from(1)]))).toBe(1);
  });

  test('the flows stay as they are', () => {
    const { flows, prefetcher: reader } = prefetcher();
    reader.frame(batchOf([from(1), back(2), from(9)]));
    expect([flows.size, flows.lastSeen(0), flows.lastSeen(1)]).toEqual([3, 5, 5]);
  });
});
