/** Both sides of a recording against each other over every transport that carries streams, and as which packets that is recorded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check, type ReplayOptions, type ReplayOutcome, replay } from '../../src/api.ts';
import { scratch, streamServer } from '../kit/proxy.ts';
import { AUTHORITY, LOCAL } from '../kit/tls.ts';

const CAPTURE = 'fixtures/mqtt/mosquitto-paho-311-qos.pcap';
const QUICK: ReplayOptions = { speed: 'max', timeout: '3s' };

async function twins(
  listen: string,
  ofServer: ReplayOptions,
  ofClient: ReplayOptions,
): Promise<readonly ReplayOutcome[]> {
  let serving: Promise<ReplayOutcome> | undefined;
  const to = await new Promise<string>((resolve, reject) => {
    serving = replay(CAPTURE, { ...QUICK, ...ofServer, as: 'server', listen, onListening: resolve });
    serving.catch(reject);
  });
  return [await replay(CAPTURE, { ...QUICK, ...ofClient, to: to.replace('127.0.0.1', 'localhost') }), await serving!];
}

test.each(['tcp', 'tls', 'unix', 'unix-seqpacket'])('%s', async scheme => {
  const folder = scratch();
  const at = (name: string, content = '') => {
    if (content !== '') writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const listen = scheme.startsWith('unix') ? `${scheme}:${at('socket')}` : `${scheme}:localhost:0`;
  const isTls = scheme === 'tls';
  const [client, server] = await twins(
    listen,
    isTls ? { tls: { cert: at('cert', LOCAL.cert), key: at('key', LOCAL.key) } } : {},
    { record: at('live.pcapng'), ...(isTls && { tls: { upstreamCa: at('ca', AUTHORITY.cert) } }) },
  );
  for (const { departures, report, counts } of [client, server]) {
    expect(departures).toEqual([]);
    expect(report.summary).toMatchObject({ connections: 2, messages: 52, errors: 0, verdict: 'conformant' });
    expect(counts.said).toBe(counts.toSay);
  }
  // What was recorded says the same again.
  const options = scheme.startsWith('unix') ? { decodeAs: ['tcp.port==1,mqtt'] } : {};
  const { summary } = await check(at('live.pcapng'), options);
  expect(summary).toMatchObject({ connections: 2, messages: 52, errors: 0, verdict: 'conformant' });
});

test('a server that speaks no TLS, and one that has a certificate of nobody', async () => {
  const plain = await streamServer(socket => {
    socket.on('data', () => socket.end('no\r\n'));
  });
  const [first] = (await replay(CAPTURE, { ...QUICK, to: `tls:localhost:${plain}`, tls: {} })).departures;
  expect(first).toMatchObject({ kind: 'refused', connection: 1 });
  expect(first.text).toContain(`tls:localhost:${plain}: `);
});

test('nobody where a client is played to, and nobody who comes to a server', async () => {
  const gone = await replay(CAPTURE, { ...QUICK, to: `unix:${join(scratch(), 'nothing')}` });
  expect(gone.departures.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  const waited = await replay(CAPTURE, { speed: 'max', timeout: '100ms', as: 'server', listen: 'tcp:0' });
  expect(waited.departures[0]).toMatchObject({ kind: 'refused', text: 'no client came within 100 ms (--timeout)' });
});

test('a replay is stopped by a signal, and says that it was', async () => {
  const port = await streamServer(socket => socket.resume());
  const leaving = new AbortController();
  const outcome = replay(CAPTURE, { to: `tcp:127.0.0.1:${port}`, timeout: '1h', signal: leaving.signal });
  setTimeout(() => leaving.abort(), 50);
  const { departures } = await outcome;
  expect(departures.map(({ text }) => text)).toEqual(['the replay was stopped']);
});

test.each<[string, ReplayOptions, string | RegExp]>([
  ['no address', {}, 'replay: name the live server: --to tcp:127.0.0.1:1883'],
  ['both addresses', { to: 'tcp:9', listen: 'tcp:0' }, '--listen: a client listens nowhere; say --as server, or --to'],
  ['a server without a place', { as: 'server' }, 'replay --as server: name where to listen: --listen tcp:1883'],
  ['datagrams for a stream', { to: 'udp:9' }, /^udp:127\.0\.0\.1:9: connection 1 was recorded on tcp/],
  [
    'a connection that there is not',
    { to: 'tcp:9', connection: [9] },
    '--connection 9: the recording has no such connection',
  ],
  ['a speed that is none', { to: 'tcp:9', speed: 0 }, '--speed 0: write how many times as fast, 2 or 0.5, or max'],
  ['an option that there is not', { to: 'tcp:9', fast: true } as ReplayOptions, /^unknown option fast/],
  ['TLS where there is none', { to: 'tcp:9', tls: { insecure: true } }, '--insecure: no pair has a tls: upstream'],
])('%s is refused', async (_, options, message) => {
  await expect(replay(CAPTURE, options)).rejects.toThrow(message);
});
