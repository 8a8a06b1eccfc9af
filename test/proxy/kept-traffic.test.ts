/** What passes, kept for somebody who reads behind the proxy: it is the capture that passed, and ends as it should. */
import { afterEach, expect, onTestFinished, test } from 'vitest';
import type { ByteInput } from '../../src/capture/input.ts';
import { Frame } from '../../src/capture/source.ts';
import { type StoredCapture, storeInput } from '../../src/capture/stored.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { parsePair } from '../../src/proxy/address.ts';
import { KeptTraffic } from '../../src/proxy/io/kept-traffic.ts';
import { ProxyServer } from '../../src/proxy/io/server.ts';
import { LiveCapture } from '../../src/proxy/live-capture.ts';
import { LINKTYPE_RAW } from '../../src/proxy/packets.ts';
import { datagramServer, datagramSocket, portOf, until } from '../kit/proxy.ts';

const INTERFACES = [{ linkType: LINKTYPE_RAW, name: 'udp:127.0.0.1:1', description: 'a pair' }];

let stored: StoredCapture | undefined;
afterEach(() => stored?.close());

interface Calls {
  caughtUp: number;
  gone: number;
}

function kept(mostWaiting = 1_000_000): { traffic: KeptTraffic; calls: Calls } {
  const calls = { caughtUp: 0, gone: 0 };
  const traffic = new KeptTraffic({
    mostWaiting,
    onCaughtUp: () => calls.caughtUp++,
    onGone: () => calls.gone++,
  });
  return { traffic, calls };
}

function frameOf(length: number): Frame {
  const frame = new Frame();
  return Object.assign(frame, { bytes: new Uint8Array(length).fill(7), end: length, wireLength: length });
}

/** Frames as they come, by their numbers; `all` resolves at the end. */
async function following(capture: StoredCapture) {
  const source = await capture.open();
  const numbers: number[] = [];
  const all = source.read(({ number }) => {
    numbers.push(number);
  });
  return { numbers, all, facts: source.facts };
}

test('a reader has each packet within a moment, and the end when it is there; it is a complete capture', async () => {
  const { traffic, calls } = kept();
  stored = storeInput('proxy', traffic, { order: 'capture' });
  const live = new LiveCapture({ path: 'proxy', now: () => 1_000_000, sinks: [frame => traffic.frame(frame)] });
  traffic.begin(live.facts, INTERFACES);
  const { numbers, all, facts } = await following(stored);
  live.frame(frameOf(40), 0, 'a comment');
  const sent = performance.now();
  await until('the packet', () => numbers.length === 1);
  expect(performance.now() - sent).toBeLessThan(1_000);
  live.frame(frameOf(50), 0);
  traffic.end();
  await all;
  expect(numbers).toEqual([1, 2]);
  expect(facts).toMatchObject({ knownComplete: true, complete: true, packets: 2, bytes: 90 });
  expect(stored.live).toBe(false);
  expect(calls.gone).toBe(0);
});

test('what is not taken holds up who can wait, and beyond the bound keeping ends', async () => {
  const { traffic, calls } = kept(4_000_000);
  traffic.begin(new LiveCapture({ path: 'proxy', now: () => 0, sinks: [] }).facts, INTERFACES);
  const frame = frameOf(60_000);
  for (let count = 0; count < 20 && !traffic.isBehind; count++) traffic.frame(frame);
  expect([traffic.isBehind, calls.caughtUp]).toEqual([true, 0]);
  const buffer = new Uint8Array(1_000_000);
  while (traffic.isBehind) await traffic.read(buffer, 0, buffer.length);
  expect(calls.caughtUp).toBe(1);
  for (let count = 0; count < 100; count++) traffic.frame(frame);
  expect(calls).toEqual({ caughtUp: 2, gone: 1 });
  expect(traffic.isBehind).toBe(false);
  expect(await traffic.read(buffer, 0, buffer.length)).toBe(0);
  expect(traffic.damage).toContain('too slow');
});

test('a reader who has gone is reported once, and then nothing is kept', async () => {
  const { traffic, calls } = kept();
  traffic.begin(new LiveCapture({ path: 'proxy', now: () => 0, sinks: [] }).facts, INTERFACES);
  const input: ByteInput = traffic;
  await input.close();
  traffic.frame(frameOf(10));
  traffic.end();
  await input.close();
  expect(calls.gone).toBe(1);
});

test('between sockets: packets have their checksums, and clients that come and go are reported', async () => {
  const { traffic } = kept();
  stored = storeInput('proxy', traffic, { order: 'capture' });
  const upstream = await datagramServer((socket, bytes, { port, address }) => socket.send(bytes, port, address));
  const clients: string[] = [];
  const server = await ProxyServer.start(
    {
      pairs: [parsePair('udp:0', `udp:${upstream}`)],
      limits: DEFAULT_LIMITS,
      idle: 200,
      now: () => performance.timeOrigin + performance.now(),
      onEvent: () => {},
      onClient: ({ kind, flow, client }) => clients.push(`${kind} ${flow} ${client?.port}`),
    },
    traffic,
  );
  onTestFinished(() => server.stop());
  const { numbers } = await following(stored);
  const client = await datagramSocket();
  client.send('hello', portOf(server), '127.0.0.1');
  await until('both datagrams', () => numbers.length === 2);
  const { port } = client.address();
  await until('the client to be forgotten', () => clients.length === 2);
  expect(clients).toEqual([`came 1 ${port}`, `gone 1 ${port}`]);
  const bytes = stored.read(0, stored.size);
  const at = Buffer.from(bytes).indexOf('hello');
  expect(Buffer.from(bytes).readUInt16BE(at - 2)).not.toBe(0);
});
