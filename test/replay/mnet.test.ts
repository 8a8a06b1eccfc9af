/** Recordings of MNET against a listener that chooses its own tags and cookies, and against some that do not behave. */
import { expect, test } from 'vitest';
import { type ReplayOutcome, replay } from '../../src/api.ts';
import { mnetListener } from '../kit/mnet-listener.ts';
import { datagramServer, datagramSocket } from '../kit/proxy.ts';

const ECHO = 'fixtures/mnet/echo-small.pcap';
const QUICK = { speed: 'max', timeout: '4s' };
/** For what does not come. */
const SHORT = { ...QUICK, timeout: '500ms' };
const kinds = (departures: readonly { readonly kind: string; readonly messageName: string }[]) =>
  departures.map(({ kind, messageName }) => `${kind} ${messageName}`);

test('the recorded client brings back the tag and the cookie of the live listener, with a tag of its own that is new', async () => {
  const { port, got } = await mnetListener({ tag: '5eed01' });
  const { report, departures, counts } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...QUICK });
  expect(departures).toEqual([]);
  expect(counts).toEqual({ toSay: 14, said: 14, expected: 8, heard: 8 });
  expect(report.summary).toMatchObject({ errors: 0, warnings: 0, verdict: 'conformant' });
  const own = got[0].slice(12);
  expect(own).not.toBe('cf742a');
  expect(got[0]).toBe(`014d4e455401${own}`);
  expect(got[1].slice(0, 16)).toBe(`035eed01${own}01`);
  // All that follows carries our own tag, as in the recording.
  expect(got.slice(2).every(datagram => datagram.slice(2, 8) === own)).toBe(true);
  expect(got[2].slice(8, 28)).toBe('28000000000000002800');
});

test('a tag is another one each time', async () => {
  const tags = new Set<string>();
  for (let time = 0; time < 3; time++) {
    const { port, got } = await mnetListener();
    await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...QUICK });
    tags.add(got[0].slice(12));
  }
  expect(tags.size).toBe(3);
});

test.each([7, 1, 40])('a listener that cuts its data at %i bytes says the same', async longest => {
  const { port } = await mnetListener({ longest });
  const { report, departures } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...QUICK });
  expect(departures).toEqual([]);
  expect(report.summary.errors).toBe(0);
});

test.each([1, 39, 40])('the last %i bytes sent again are no more than they were', async resends => {
  const { port } = await mnetListener({ resends });
  const { report, departures } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...QUICK });
  expect(departures).toEqual([]);
  expect(report.summary.errors).toBe(0);
});

test('a listener that alters the data is found out, by what it says and where', async () => {
  const alter = (bytes: Buffer) => {
    if (bytes[0] === 0) bytes[14 + 20] ^= 0xff;
    return bytes;
  };
  const { port } = await mnetListener({ answer: alter });
  const { departures } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...QUICK });
  expect(kinds(departures)).toEqual(Array(5).fill('differs DATA'));
  expect(departures[0]).toMatchObject({ connection: 1, recordedFrame: 7 });
  expect(departures[0].text).toContain('data from its byte 20 on');
});

test('a listener whose COOKIE is for somebody else has broken a rule, and departs from the recording', async () => {
  const forAnother = (bytes: Buffer) => {
    if (bytes[0] === 2) bytes[5] ^= 0x55;
    return bytes;
  };
  const { port } = await mnetListener({ answer: forAnother });
  const { report, departures } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...SHORT });
  expect(report.findings.map(({ ruleId }) => ruleId)).toContain('mnet/cookie-peer-tag');
  expect(report.findings.every(({ atFault }) => atFault === null || atFault === `127.0.0.1:${port}`)).toBe(true);
  expect(kinds(departures).slice(0, 1)).toEqual(['differs COOKIE']);
});

test('a listener that answers nothing ends in a time-out that names what was waited for', async () => {
  const { port, got } = await mnetListener({ silentAfter: 0 });
  const { departures, counts } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...SHORT });
  expect(departures).toEqual([
    {
      kind: 'missing',
      connection: 1,
      messageName: 'COOKIE',
      recordedFrame: 2,
      liveFrame: undefined,
      text: 'no COOKIE within 500 ms (--timeout)',
    },
  ]);
  expect(counts).toMatchObject({ said: 1, heard: 0 });
  expect(got).toHaveLength(1);
});

test('one that falls silent in the middle, and one that does and is talked to all the same', async () => {
  const first = await mnetListener({ silentAfter: 3 });
  const ended = await replay(ECHO, { to: `udp:127.0.0.1:${first.port}`, ...SHORT });
  expect(kinds(ended.departures)).toEqual(['missing DATA']);
  const second = await mnetListener({ silentAfter: 9 });
  const went = await replay(ECHO, { to: `udp:127.0.0.1:${second.port}`, ...SHORT, keepGoing: true });
  expect(kinds(went.departures)).toEqual(['missing DATA', 'missing SHUTDOWN-ACK']);
  expect(went.counts.said).toBe(14);
});

test('an ABORT in the place of the COOKIE is told as that', async () => {
  const port = await datagramServer((socket, bytes, client) => {
    socket.send(Buffer.concat([Buffer.of(8), bytes.subarray(6, 9)]), client.port, client.address);
  });
  const { departures } = await replay(ECHO, { to: `udp:127.0.0.1:${port}`, ...SHORT });
  expect(kinds(departures)).toEqual(['instead COOKIE']);
  expect(departures[0].text).toBe('no COOKIE within 500 ms (--timeout); ABORT came instead');
});

test('a port that nobody listens on', async () => {
  const { departures } = await replay(ECHO, { to: 'udp:127.0.0.1:1', ...QUICK });
  expect(kinds(departures)).toEqual(['refused ']);
});

test('the recorded listener, played to a live connector, takes the tag of that and gives a cookie that is good now', async () => {
  let outcome: Promise<ReplayOutcome> | undefined;
  const address = await new Promise<string>(resolve => {
    outcome = replay(ECHO, { as: 'server', listen: 'udp:0', ...SHORT, onListening: resolve });
  });
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  const connector = await datagramSocket();
  const answers: Buffer[] = [];
  connector.on('message', bytes => {
    answers.push(bytes);
    // COOKIE-ECHO, and then no word more.
    if (bytes[0] === 2) connector.send(Buffer.concat([Buffer.of(3), bytes.subarray(1)]), port, '127.0.0.1');
  });
  connector.send(Buffer.from('014d4e455401aabbcc', 'hex'), port, '127.0.0.1');
  const { departures, report } = await outcome!;
  const [cookie, ack] = answers.map(bytes => bytes.toString('hex'));
  expect(cookie.slice(8, 16)).toBe('aabbcc01');
  expect(cookie.slice(2, 8)).not.toBe('b60afb');
  expect(Math.abs(answers[0].readUInt32LE(8) - Date.now() / 1_000 - 6)).toBeLessThan(4);
  expect(ack).toBe(`04${cookie.slice(2, 8)}`);
  expect(kinds(departures)).toEqual(['missing DATA']);
  expect(report.summary.errors).toBe(0);
});
