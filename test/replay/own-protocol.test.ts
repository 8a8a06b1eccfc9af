/** Protocols of others: what their tables say of replaying, in a line or without one. */
import { expect, test } from 'vitest';
import { type ReplayOptions, type ReplayOutcome, replay } from '../../src/api.ts';
import { bytes, defineMessages, defineProtocol, stay, tcp, text, udp, uint } from '../../src/sdk.ts';
import { contractProblems, hex, Traffic } from '../../src/testkit.ts';
import { datagramSocket, streamServer, until } from '../kit/proxy.ts';

const about = (id: string) => ({ id, title: id, summary: `${id} for a test`, specification: `${id}, version 1` });

/** Either side may say anything. */
function anythingGoes<Cells extends object>(cells: Cells) {
  const side = { OPEN: { ...cells, BYE: 'CLOSED' as const }, CLOSED: { ...cells, BYE: stay } };
  return {
    states: ['OPEN', 'CLOSED'],
    final: ['CLOSED'],
    client: side,
    server: side,
    receives: 'stay',
    midstream: 'OPEN',
  } as const;
}

const bye = [9, '1', 'ends it'] as const;

/** Look-ups by number: requests and answers are paired by it. */
const lookup = defineProtocol({
  ...about('lookup'),
  carriers: [udp()],
  opensWith: { client: '01' },
  messages: defineMessages(uint('type', 1), {
    ASK: [1, '1', 'asks', uint('number', 2), bytes('key', 'rest')],
    TELL: [2, '1', 'tells', uint('number', 2), bytes('value', 'rest')],
    BYE: bye,
  }),
  machine: anythingGoes({ ASK: stay, TELL: stay }),
  waits: { answer: { asks: 'ASK', answers: 'TELL', by: 'number' } },
  rules: [],
});

/** A server gives a token away, and wants it back. */
const tokens = defineProtocol({
  ...about('tokens'),
  carriers: [tcp('length16')],
  opensWith: { client: '0001 01' },
  messages: defineMessages(uint('type', 1), {
    HELLO: [1, '1', 'asks for a token'],
    TOKEN: [2, '1', 'gives it', text('token', { prefix: 1 }), uint('load', 1)],
    LONG: [6, '1', 'gives a long one', text('token', { prefix: 2 })],
    USE: [3, '1', 'uses it', text('token', { prefix: 1 }), bytes('content', 'rest')],
    NEWS: [4, '1', 'something that happens'],
    DONE: [5, '1', 'it was used'],
    BYE: bye,
  }),
  machine: anythingGoes({ HELLO: stay, TOKEN: stay, LONG: stay, USE: stay, NEWS: stay, DONE: stay }),
  replay: {
    values: [{ name: 'token', chosen: ['TOKEN.token', 'LONG.token'], echoed: ['USE.token'] }],
    varying: ['TOKEN.load'],
    optional: ['NEWS'],
  },
  rules: [],
});

const QUICK: ReplayOptions = { plugins: [lookup, tokens], speed: 'max', timeout: '4s' };
/** For what does not come. */
const SHORT: ReplayOptions = { ...QUICK, timeout: '500ms' };
const A = '10.0.0.1:4000';
const B = '10.0.0.2:5000';

test('both are protocols', () => {
  expect([lookup, tokens].flatMap(protocol => contractProblems(protocol))).toEqual([]);
});

test('what a wait pairs by is answered with the number of the live request, without a word of the author', async () => {
  const traffic = new Traffic().datagram(A, B, '01 0007 61').datagram(A, B, '01 0008 62');
  traffic.datagram(B, A, '02 0008 6262').datagram(B, A, '02 0007 6161');
  let outcome: Promise<ReplayOutcome> | undefined;
  const address = await new Promise<string>((resolve, reject) => {
    outcome = replay(traffic.pcap(), { ...QUICK, as: 'server', listen: 'udp:0', onListening: resolve });
    outcome.catch(reject);
  });
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const client = await datagramSocket();
  const heard: string[] = [];
  client.on('message', message => heard.push(message.toString('hex')));
  client.send(hex('01 beef 61'), port, '127.0.0.1');
  client.send(hex('01 cafe 62'), port, '127.0.0.1');
  expect((await outcome!).departures).toEqual([]);
  expect(heard).toEqual(['02cafe6262', '02beef6161']);
});

test('a longer token goes back in a longer message, behind a length that is right; what may differ or come does', async () => {
  const traffic = new Traffic();
  const talk = traffic.connect(A, B).client('0001 01').server('0005 02 02 6162 09');
  talk.client('0006 03 02 6162 7878').server('0001 05').close();
  const heard: Buffer[] = [];
  const port = await streamServer(socket => {
    socket.on('data', message => {
      heard.push(message);
      socket.write(hex(heard.length === 1 ? '0001 04  000a 02 07 6c6f6e67657221 44' : '0001 04  0001 05'));
    });
    socket.on('end', () => socket.end());
  });
  const { departures, counts } = await replay(traffic.pcap(), { ...QUICK, to: `tcp:127.0.0.1:${port}` });
  expect(departures).toEqual([]);
  expect(counts).toEqual({ toSay: 2, said: 2, expected: 2, heard: 2 });
  expect(heard.map(message => message.toString('hex'))).toEqual(['000101', '000b03076c6f6e676572217878']);
});

test('part of a message that never came to its end is said, too', async () => {
  const traffic = new Traffic();
  traffic.connect(A, B).client('0001 01').server('0005 02 02 6162 09').client('0006 03 02').close();
  const heard: Buffer[] = [];
  const ended: unknown[] = [];
  const port = await streamServer(socket => {
    socket.on('data', message => {
      heard.push(message);
      if (heard.length === 1) socket.write(hex('0005 02 02 6162 09'));
    });
    socket.on('end', () => {
      ended.push(Buffer.concat(heard).toString('hex'));
      socket.end();
    });
  });
  const { departures } = await replay(traffic.pcap(), { ...QUICK, to: `tcp:127.0.0.1:${port}` });
  expect(departures).toEqual([]);
  expect(ended).toEqual(['00010100060302']);
});

test('what the capture has lost of our own side cannot be said: the conversation ends there, and a remark says so', async () => {
  const traffic = new Traffic();
  const talk = traffic.connect(A, B).client('0001 01').server('0005 02 02 6162 09');
  talk.client('0006 03 02 6162 7878', { captured: false }).server('0001 05').client('0001 01').close();
  const port = await streamServer(peer => {
    peer.once('data', () => peer.write(hex('0005 02 02 6162 09 0001 05')));
    peer.on('end', () => peer.end());
  });
  const { remarks, counts } = await replay(traffic.pcap(), { ...QUICK, to: `tcp:127.0.0.1:${port}` });
  expect(remarks).toEqual([
    expect.stringMatching(/not all of what was said is in the capture; connection 1 ends there$/),
  ]);
  expect(counts.said).toBe(1);
});

test('a token that has no room where it must stand: the recorded one is sent, and that is told', async () => {
  const traffic = new Traffic();
  const talk = traffic.connect(A, B).client('0001 01').server('0005 06 0002 6162');
  talk.client('0006 03 02 6162 7878').server('0001 05').close();
  const long = Buffer.concat([hex('012f 06 012c'), Buffer.alloc(300, 'x')]);
  const heard: string[] = [];
  const port = await streamServer(socket => {
    socket.on('data', message => {
      heard.push(message.toString('hex'));
      socket.write(heard.length === 1 ? long : hex('0001 05'));
    });
    socket.on('end', () => socket.end());
  });
  const { departures } = await replay(traffic.pcap(), { ...QUICK, to: `tcp:127.0.0.1:${port}` });
  expect(heard).toEqual(['000101', '0006030261627878']);
  expect(departures).toMatchObject([{ kind: 'unchanged', messageName: 'USE', recordedFrame: 6 }]);
});

/** Much that the client says at once. */
function load(): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(A, B);
  const message = Buffer.concat([hex('ea60 03 00'), Buffer.alloc(59_998, 'x')]);
  for (let count = 0; count < 200; count++) talk.client(message);
  talk.close();
  return traffic;
}

test('a peer that takes its time gets everything', async () => {
  let heard = 0;
  const port = await streamServer(socket => {
    socket.on('data', bytes => {
      heard += bytes.length;
      socket.pause();
      setTimeout(() => socket.resume(), 1);
    });
    socket.on('end', () => socket.end());
  });
  const options = { ...QUICK, decodeAs: ['tcp.port==5000,tokens'], timeout: '5s' };
  const { departures } = await replay(load().pcap(), { ...options, to: `tcp:127.0.0.1:${port}` });
  expect(departures).toEqual([]);
  // The system has what is still on its way.
  await until('all of it', () => heard === 200 * 60_002);
});

test('one that takes nothing is given up in time', async () => {
  const port = await streamServer(socket => socket.pause());
  const options = { ...SHORT, decodeAs: ['tcp.port==5000,tokens'] };
  const { departures, counts } = await replay(load().pcap(), { ...options, to: `tcp:127.0.0.1:${port}` });
  expect(departures.map(({ text }) => text)).toEqual(['the peer took nothing more for 500 ms (--timeout)']);
  expect(counts.said).toBeLessThan(200);
});
