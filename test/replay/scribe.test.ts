/** What becomes a script of a recording: its steps in order, whose they are, and what of the recording is not in it. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { Engine } from '../../src/engine.ts';
import { Scribe } from '../../src/replay/scribe.ts';
import type { Role, Script } from '../../src/replay/script.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { UsageError } from '../../src/settings/words.ts';
import { facts } from '../../src/testkit/engine.ts';
import { Traffic } from '../../src/testkit.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.9:1883';
const CONNECT = '10 0d 0004 4d515454 04 02 003c 0001 63';
const CONNACK = '20 02 00 00';
const PING = 'c0 00';
const PONG = 'd0 00';
const SYN = (id: string) => `a1 ${id} ${'00'.repeat(8)}`;

function scriptOf(traffic: Traffic, role: Role = 'client', wanted?: readonly number[]): Script {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const scribe = new Scribe(engine, new Map(), wanted && new Set(wanted));
  engine.beginCapture(facts());
  for (const frame of traffic.frames()) engine.frame(frame);
  engine.closeCapture();
  engine.endCapture();
  return scribe.script(role);
}

/** `open`, `say CONNECT`, `hear CONNACK`, `end own fin`, each with its conversation where there are several. */
function lines({ steps, conversations }: Script): string[] {
  return steps.map(step => {
    const flow = conversations.length > 1 ? `${step.flow} ` : '';
    if (step.kind === 'say') return `${flow}say ${step.recorded?.name ?? Buffer.from(step.wire).toString('hex')}`;
    if (step.kind === 'hear') return `${flow}hear ${step.recorded.name}`;
    if (step.kind === 'preface') return `${flow}preface ${Buffer.from(step.bytes).toString('latin1')}`;
    return step.kind === 'end' ? `${flow}end ${step.by} ${step.how}` : `${flow}${step.kind}`;
  });
}

function ping(): Traffic {
  const traffic = new Traffic();
  traffic
    .connect(CLIENT, SERVER)
    .client(CONNECT)
    .server(CONNACK)
    .client(`${PING}${PING}`)
    .server(PONG + PONG)
    .close();
  return traffic;
}

test('the client of a connection, and its server', () => {
  const asClient = scriptOf(ping());
  expect(lines(asClient)).toEqual([
    'open',
    'say CONNECT',
    'hear CONNACK',
    'say PINGREQ',
    'say PINGREQ',
    'hear PINGRESP',
    'hear PINGRESP',
    'end own fin',
  ]);
  expect(asClient.conversations).toMatchObject([{ own: CLIENT, peer: SERVER, transport: 'tcp', connections: [1] }]);
  const says = asClient.steps.flatMap(step => (step.kind === 'say' ? [Buffer.from(step.wire).toString('hex')] : []));
  expect(says).toEqual([CONNECT.replaceAll(' ', ''), 'c000', 'c000']);
  expect(lines(scriptOf(ping(), 'server')).slice(0, 4)).toEqual([
    'open',
    'hear CONNECT',
    'say CONNACK',
    'hear PINGREQ',
  ]);
  expect(scriptOf(ping(), 'server').conversations).toMatchObject([{ own: SERVER, peer: CLIENT }]);
});

test('times are milliseconds since the first step, frames those of the recording', () => {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER).client(CONNECT);
  traffic.wait(2.5);
  talk.server(CONNACK);
  const { steps } = scriptOf(traffic);
  expect(steps.map(({ time, frame }) => [Math.round(time), frame])).toEqual([
    [0, 4],
    [0, 4],
    [2_501, 5],
  ]);
});

test('segments that came late, twice or cut are what was said, once', () => {
  const traffic = new Traffic();
  const talk = traffic
    .connect(CLIENT, SERVER)
    .client(CONNECT, { cut: 3, reversed: true })
    .server(CONNACK, { doubled: true });
  talk.client(PING, { cut: 1, doubled: true });
  expect(lines(scriptOf(traffic))).toEqual(['open', 'say CONNECT', 'hear CONNACK', 'say PINGREQ']);
});

test('bytes that can be no message, and all that follows them, are said as they came', () => {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER).client(CONNECT).server(CONNACK);
  talk.client('30 ff ff ff ff 01').client('dead').client('beef').close();
  const script = scriptOf(traffic);
  const said = script.steps.flatMap(step => (step.kind === 'say' ? [Buffer.from(step.wire).toString('hex')] : []));
  expect(said.slice(1).join('')).toBe('30ffffffff01deadbeef');
  expect(script.remarks).toEqual([]);
});

test('of a connection whose beginning was not captured there is nothing to say', () => {
  const traffic = new Traffic();
  traffic.join(CLIENT, SERVER).client(PING).server(PONG).client(CONNECT).server(CONNACK);
  const script = scriptOf(traffic);
  expect(script.steps.some(({ kind }) => kind === 'say')).toBe(false);
});

test('conversations that stand in each other, of which some are wanted', () => {
  const traffic = new Traffic();
  const one = traffic.connect(CLIENT, SERVER).client(CONNECT);
  const two = traffic.connect('10.0.0.2:40000', SERVER).client(CONNECT).server(CONNACK);
  one.server(CONNACK).client(PING);
  two.client(PING);
  expect(lines(scriptOf(traffic))).toEqual([
    '0 open',
    '0 say CONNECT',
    '1 open',
    '1 say CONNECT',
    '1 hear CONNACK',
    '0 hear CONNACK',
    '0 say PINGREQ',
    '1 say PINGREQ',
  ]);
  expect(lines(scriptOf(traffic, 'client', [2]))).toEqual(['open', 'say CONNECT', 'hear CONNACK', 'say PINGREQ']);
  expect(scriptOf(traffic, 'client', [9]).steps).toEqual([]);
});

test('several connections of one pair of datagram sockets are one conversation, whichever end opens them', () => {
  const traffic = new Traffic();
  const [ann, bob] = ['10.0.0.1:7001', '10.0.0.2:7654'];
  traffic.datagram(ann, bob, SYN('000001')).datagram(bob, ann, '51 000001 00000b');
  traffic.datagram(bob, ann, SYN('000002')).datagram(ann, bob, '51 000002 00000c');
  traffic.datagram(ann, bob, 'a0 00000b 61').datagram(ann, bob, '50 000002 62');
  const all = ['open', 'say SYN', 'hear ACK', 'hear SYN', 'say ACK', 'say DATA (client)', 'say DATA (server)'];
  expect(lines(scriptOf(traffic))).toEqual(all);
  // The client of the second one is the other end.
  expect(lines(scriptOf(traffic, 'client', [2]))).toEqual(['open', 'say SYN', 'hear ACK', 'hear DATA (server)']);
});

test('the name before the first message, and its answer', () => {
  const traffic = new Traffic();
  const payload = Buffer.from('{"mid":"1","token":{}}');
  const message = Buffer.concat([Buffer.of(2, 0, 0, 0, payload.length, 1), payload]);
  traffic.connect(CLIENT, SERVER).client(Buffer.from('storage')).server(Buffer.from('OK')).client(message).close();
  expect(lines(scriptOf(traffic))).toEqual([
    'open',
    'say 73746f72616765',
    'preface OK',
    'say AUTHENTICATION',
    'end own fin',
  ]);
  expect(lines(scriptOf(traffic, 'server'))).toEqual([
    'open',
    'preface storage',
    'say 4f4b',
    'hear AUTHENTICATION',
    'end peer fin',
    'end own fin',
  ]);
});

test('two protocols in one recording are two replays', () => {
  const traffic = ping();
  traffic.datagram('10.0.0.1:7001', '10.0.0.2:7654', SYN('000001'));
  traffic.datagram('10.0.0.2:7654', '10.0.0.1:7001', '51 000001 00000b');
  expect(() => scriptOf(traffic)).toThrow(UsageError);
  expect(scriptOf(traffic, 'client', [1]).conversations).toHaveLength(1);
});
