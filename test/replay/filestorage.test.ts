/** A recorded filestorage server, through libipc and its bridge, for a live client with ids of its own. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type * as net from 'node:net';
import { describe, expect, test } from 'vitest';
import { type ReplayOutcome, replay } from '../../src/api.ts';
import { Traffic } from '../../src/testkit.ts';
import { heardOf, streamClient, streamServer } from '../kit/proxy.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.9:9000';

function libipc(userType: number, content: object): Buffer {
  const payload = Buffer.from(JSON.stringify(content));
  const head = Buffer.alloc(6);
  head[0] = 2;
  head.writeUInt32BE(payload.length, 1);
  head[5] = userType;
  return Buffer.concat([head, payload]);
}

const ID = '72faef5f-7a2f-49fe-ab8f-6ad4d3738de6';
const OTHER = '13233b82-df20-4673-a379-ce3cf5fdd1ba';

const authentication = (mid: string, login = 'ann') =>
  libipc(1, { mid, token: { uid: 1, login }, uploads: [], downloads: [] });
const asked = (mid: string, name: string) => libipc(3, { mid, name });
const responses = (mid: string) => libipc(5, { mid, responses: [], response: 'Ok' });
const response = (mid: string) => libipc(4, { mid, response: 'Not OK', reason: `no file for ${OTHER}` });

function recording(bridged = false): Uint8Array {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER);
  if (bridged) talk.client(Buffer.from('storage')).server(Buffer.from('OK'));
  talk.client(authentication(ID)).server(responses(ID)).client(asked(OTHER, 'a')).server(response(OTHER)).close();
  return traffic.pcap();
}

/** The recorded server, and where it listens. */
async function played(
  capture: Uint8Array,
): Promise<{ readonly port: number; readonly outcome: Promise<ReplayOutcome> }> {
  let outcome: Promise<ReplayOutcome> | undefined;
  const address = await new Promise<string>((resolve, reject) => {
    outcome = replay(capture, { as: 'server', listen: 'tcp:0', speed: 'max', timeout: '4s', onListening: resolve });
    outcome.catch(reject);
  });
  return { port: Number(address.slice(address.lastIndexOf(':') + 1)), outcome: outcome! };
}

/** Says one thing after the other, each when something has come in answer to the one before. */
async function talkTo(port: number, ...parts: readonly Buffer[]): Promise<Buffer> {
  const socket: net.Socket = await streamClient(port);
  const heard = heardOf(socket.on('error', () => {}));
  for (const part of parts) {
    socket.write(part);
    if (part !== parts.at(-1)) await once(socket, 'data');
  }
  await new Promise(resolve => setTimeout(resolve, 50));
  socket.end();
  return heard;
}

test('its answers have the ids of the live client, also where these are longer', async () => {
  const { port, outcome } = await played(recording());
  const [one, two] = ['an-id', 'another id, which is longer than a UUID of thirty-six characters'];
  const heard = await talkTo(port, authentication(one), asked(two, 'a'));
  const { departures, counts } = await outcome;
  expect(departures).toEqual([]);
  expect(counts).toMatchObject({ said: 2, heard: 2 });
  // What only looks like an id stays as it was.
  expect(heard.toString('latin1')).toBe(Buffer.concat([responses(one), response(two)]).toString('latin1'));
});

test('a client that asks for something else departs from the recording', async () => {
  const { port, outcome } = await played(recording());
  await talkTo(port, authentication('x', 'bob'), asked('y', 'b'));
  const { departures } = await outcome;
  expect(departures.map(({ text }) => text)).toEqual([
    'AUTHENTICATION: payload.token.login is bob, not ann',
    'DOWNLOAD-REQUEST: payload.name is b, not a',
  ]);
});

test('the bridge answers a name before the first message, as it was recorded', async () => {
  const { port, outcome } = await played(recording(true));
  const heard = await talkTo(port, Buffer.from('storage'), authentication('x'), asked('y', 'a'));
  expect((await outcome).departures).toEqual([]);
  expect(heard.toString('latin1')).toBe(
    Buffer.concat([Buffer.from('OK'), responses('x'), response('y')]).toString('latin1'),
  );
});

test('another name is another beginning', async () => {
  const { port, outcome } = await played(recording(true));
  await talkTo(port, Buffer.from('printer'), authentication('x'), asked('y', 'a'));
  expect((await outcome).departures.map(({ text }) => text)).toEqual(['the first bytes are printer, not storage']);
});

describe('a token of 2019-12', () => {
  const KEY = 'a secret of the issuer';
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = (claims: object, key = KEY) => {
    const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
    return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
  };
  /** Recorded by `Traffic` in November 2023, for an hour. */
  const RECORDED = { sub: 'ann', exp: 1_700_003_600 };

  async function sentFor(token: string, dialect: readonly string[]): Promise<string> {
    const authentication = { 'message-id': ID, token, files: [{ name: 'a', size: 1 }] };
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(libipc(1, authentication));
    talk.server(libipc(2, { 'message-id': ID, response: 'Ok' })).close();
    const heard: Buffer[] = [];
    const port = await streamServer(socket => {
      socket.on('data', bytes => {
        heard.push(bytes);
        socket.write(libipc(2, { 'message-id': ID, response: 'Ok' }));
      });
      socket.on('end', () => socket.end());
    });
    const options = { to: `tcp:127.0.0.1:${port}`, speed: 'max', timeout: '4s', dialect };
    const { departures, report } = await replay(traffic.pcap(), options);
    expect(departures).toEqual([]);
    expect(report.summary.errors).toBe(0);
    const [message] = heard;
    expect(message.readUInt32BE(1)).toBe(message.length - 6);
    return JSON.parse(message.subarray(6).toString('utf8')).token;
  }

  const WITH_KEY = [`filestorage.tokenKey=${Buffer.from(KEY).toString('hex')}`];

  test('is good for an hour from now on, where its key is given', async () => {
    const token = await sentFor(signed(RECORDED), WITH_KEY);
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
    expect(claims.sub).toBe('ann');
    expect(Math.abs(claims.exp - Date.now() / 1_000 - 3_600)).toBeLessThan(10);
    expect(token).toBe(signed(claims));
  });

  test('is sent as it was where the key is not given, or was another one', async () => {
    expect(await sentFor(signed(RECORDED), [])).toBe(signed(RECORDED));
    expect(await sentFor(signed(RECORDED, 'of somebody else'), WITH_KEY)).toBe(signed(RECORDED, 'of somebody else'));
  });
});
