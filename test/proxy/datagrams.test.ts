import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { datagramServer, datagramSocket, portOf, startProxy, until } from '../kit/proxy.ts';

const echo = (socket: dgram.Socket, bytes: Buffer, { port, address }: dgram.RemoteInfo) =>
  socket.send(bytes, port, address);

test('datagrams keep their boundaries, an empty one and the longest one too; answers find their client', async () => {
  const { server, seen } = await startProxy('udp:0', `udp:${await datagramServer(echo)}`);
  const lengths = [1, 0, 65_507, 512];
  for (const client of [await datagramSocket(), await datagramSocket()]) {
    const heard: number[] = [];
    client.on('message', bytes => heard.push(bytes.length));
    for (const length of lengths) {
      const before = heard.length;
      client.send(Buffer.alloc(length, 7), portOf(server), '127.0.0.1');
      await until('the answer', () => heard.length > before);
    }
    expect(heard).toEqual(lengths);
  }
  expect(server.open).toBe(2);
  expect(seen.frames).toHaveLength(16);
});

test('a port that nobody listens on stands in the packets as ICMP, and is said', async () => {
  const closed = await datagramSocket();
  const { port } = closed.address();
  const { server, seen } = await startProxy('udp:0', `udp:${port}`);
  const client = await datagramSocket();
  closed.close();
  await once(closed, 'close');
  client.send('anybody?', portOf(server), '127.0.0.1');
  await until('the refusal', () => seen.frames.length === 2);
  expect(seen.frames.map(({ bytes }) => bytes[9])).toEqual([17, 1]);
  expect(seen.events[0]).toEqual({ kind: 'refused', message: `udp:127.0.0.1:${port}: connection refused` });
});

test('a client that has been silent for long is forgotten, one that speaks is not', async () => {
  let now = 1_000_000;
  const { server } = await startProxy('udp:0', `udp:${await datagramServer(echo)}`, { idle: 60_000, now: () => now });
  const [silent, lively] = [await datagramSocket(), await datagramSocket()];
  const say = async (client: dgram.Socket) => {
    client.send('x', portOf(server), '127.0.0.1');
    await once(client, 'message');
  };
  await say(silent);
  await say(lively);
  now += 50_000;
  await say(lively);
  now += 20_000;
  await until('one to be forgotten', () => server.open === 1);
  await say(silent);
  expect(server.open).toBe(2);
});

test('a flood of clients that each say one thing: bounded, the one silent longest goes', async () => {
  let now = 1_000_000;
  const { server, seen } = await startProxy('udp:0', `udp:${await datagramServer(echo)}`, {
    limits: { 'proxy-flows': 8 },
    now: () => now,
  });
  for (let i = 0; i < 40; i++) {
    now += 2_000;
    const client = await datagramSocket();
    client.send('x', portOf(server), '127.0.0.1');
    await once(client, 'message');
    expect(server.open).toBeLessThanOrEqual(8);
  }
  expect(server.opened).toBe(40);
  expect(seen.events.filter(({ kind }) => kind === 'limit')).toHaveLength(32);
});

test('IPv6', async () => {
  const { server, seen } = await startProxy('udp:[::1]:0', `udp:[::1]:${await datagramServer(echo, '::1')}`);
  const client = await datagramSocket('::1');
  client.send('six', portOf(server), '::1');
  const [answer] = await once(client, 'message');
  expect(String(answer)).toBe('six');
  expect(seen.frames.map(({ bytes }) => bytes[0] >>> 4)).toEqual([6, 6]);
});
