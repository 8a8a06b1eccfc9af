import { describe, expect, test } from 'vitest';
import type { FollowedStream } from '../../src/history/followed-stream.ts';
import { type FollowedFlow, StreamFollower } from '../../src/history/stream-follower.ts';
import type { Endpoint } from '../../src/net/address.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { bytesOf, feed, followed } from '../kit/following.ts';
import { fixtureBytes, historyOf } from '../kit/history.ts';
import { CLIENT, SERVER, TcpTalk } from '../kit/tcp.ts';

const CLIENT_END: Endpoint = { family: 4, words: [0x0a000001, 0, 0, 0], port: 40_000 };
const SERVER_END: Endpoint = { family: 4, words: [0x0a000002, 0, 0, 0], port: 7000 };
const TCP: FollowedFlow = {
  transport: 'tcp',
  client: CLIENT_END,
  server: SERVER_END,
  capture: 0,
  frame: 0,
  until: 1_000_000,
};

function follow(capture: Uint8Array, flow: Partial<FollowedFlow> = {}): Promise<FollowedStream> {
  const bytes = { read: (_: number, from: number, length: number) => capture.subarray(from, from + length) };
  const facts = {
    path: 'memory',
    format: 'pcap',
    description: '',
    linkTypes: [],
    packets: 0,
    bytes: 0,
    dropped: 0,
  } as unknown as ConstructorParameters<typeof StreamFollower>[1];
  return feed(new StreamFollower({ ...TCP, ...flow }, facts, bytes), capture);
}

/** `>GET 1@0 <[3]`: who, the bytes or how many are missing, the frame and the offset in the side's stream. */
function chunksOf(stream: FollowedStream): string[] {
  return Array.from({ length: stream.count }, (_, chunk) => {
    const what = stream.isMissing(chunk)
      ? `[${stream.length(chunk)}]`
      : Buffer.from(stream.read(chunk)).toString('latin1');
    return `${stream.side(chunk) === 0 ? '>' : '<'}${what} ${stream.frame(chunk)}@${stream.offset(chunk)}`;
  });
}

describe('a TCP connection', () => {
  test('is what both sides sent, in the order of the capture, with its frames and offsets', async () => {
    const talk = new TcpTalk().open().client('GET').server('two').server('three').client('BYE').close();
    const stream = await follow(talk.pcap());
    expect(chunksOf(stream)).toEqual(['>GET 4@0', '<two 5@0', '<three 6@3', '>BYE 7@3']);
    expect([stream.sizes, stream.isWhole, stream.isDatagrams]).toEqual([[6, 8], true, false]);
  });

  test('has each byte once, in order, however often and whenever it came', async () => {
    const talk = new TcpTalk().open().client('one').client('two').client('three').again(-2).again();
    const [syn, synAck, ack, one, two, three, ...more] = talk.segments;
    const shuffled = talk.with([syn!, synAck!, ack!, one!, one!, three!, two!, ...more]);
    const stream = await follow(shuffled.pcap());
    expect(bytesOf(stream).toString()).toBe('onetwothree');
  });

  test('shows bytes that were acknowledged and not captured as missing, and those that the snap length cut off', async () => {
    const talk = new TcpTalk()
      .open()
      .client('one')
      .client('lost')
      .client('three')
      .server('ok')
      .server('long', { cut: 3 });
    const whole = talk.client('').client('.').close();
    const without = whole.with(whole.segments.filter((_, index) => index !== 4));
    const stream = await follow(without.pcap());
    expect(chunksOf(stream)).toEqual([
      '>one 4@0',
      '>[4] 6@3',
      '>three 6@7',
      '<ok 6@0',
      '<l 7@2',
      '<[3] 7@3',
      '>. 9@12',
    ]);
  });

  test('is the one that a frame belongs to, of several between the same ports', async () => {
    const first = new TcpTalk().open().client('first').close();
    const second = new TcpTalk({ isns: [900_000, 800_000], seconds: 5000 }).open().client('second').close();
    const capture = first.with([...first.segments, ...second.segments]).pcap();
    expect(chunksOf(await follow(capture, { frame: 4 }))).toEqual(['>first 4@0']);
    expect(chunksOf(await follow(capture, { frame: 11 }))).toEqual(['>second 11@0']);
    expect(chunksOf(await follow(capture))).toEqual(['>first 4@0']);
  });

  test('ends where the run has come to', async () => {
    const talk = new TcpTalk().open().client('seen').client('later');
    expect(chunksOf(await follow(talk.pcap(), { until: 4 }))).toEqual(['>seen 4@0']);
  });

  test('keeps what came behind a reset of an earlier one out, and another flow too', async () => {
    const talk = new TcpTalk().open().client('one').reset(CLIENT).client('after');
    const other = new TcpTalk({ client: '10.0.0.1:40001' }).open().client('other').fin(SERVER);
    const frames = [talk, other].map(each => each.pcap().subarray(24));
    const capture = Buffer.concat([talk.pcap().subarray(0, 24), ...frames]);
    expect(bytesOf(await follow(capture)).toString()).toBe('one');
  });
});

describe('datagrams', () => {
  const at = (source: string, destination: string, text: string, seconds: number) => ({
    bytes: udpFrame(source, destination, Buffer.from(text)),
    seconds,
  });
  const [CLIENT_NAME, SERVER_NAME] = ['10.0.0.1:40000', '10.0.0.2:7000'];

  test('follow each other, sent twice or not, those of others left out', async () => {
    const capture = pcap([
      at(CLIENT_NAME, SERVER_NAME, 'one', 1),
      at('10.0.0.3:40000', SERVER_NAME, 'stranger', 2),
      at(SERVER_NAME, CLIENT_NAME, 'two', 3),
      at(CLIENT_NAME, SERVER_NAME, 'one', 4),
      at(CLIENT_NAME, SERVER_NAME, 'of another', 5),
    ]);
    const stream = await follow(capture, { transport: 'udp', isOthers: frame => frame === 5 });
    expect(chunksOf(stream)).toEqual(['>one 1@0', '<two 3@0', '>one 4@3']);
    expect([stream.leftOut, stream.isDatagrams]).toEqual([1, true]);
  });

  test('of several connections between two ends are told apart: each has its own', async () => {
    const capture = 'ministreaming/2009-multiplexed.pcap';
    // Behind another capture with frames of the same numbers.
    const past = await historyOf(['mnet/echo-small.pcap', capture]);
    const { connections, messages } = past.history;
    const sizes: number[] = [];
    const others = connections.messages(1);
    expect([connections.capture(1), connections.capture(2)]).toEqual([0, 1]);
    for (let connection = 2; connection <= connections.count; connection++) {
      const stream = await followed(past, connection, fixtureBytes(capture));
      const own = [...connections.messagesOf(connection)].map(message => messages.frame(message));
      const frames = Array.from({ length: stream.count }, (_, chunk) => stream.frame(chunk));
      expect(frames.filter(frame => !own.includes(frame))).toEqual([]);
      expect(stream.leftOut).toBeGreaterThan(0);
      sizes.push(stream.count);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(messages.count - others);
  });
});
