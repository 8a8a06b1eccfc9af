/** What TCP shows of a watched connection: what brought its bytes, what is acknowledged, who could not speak. */

import { describe, expect, test } from 'vitest';
import { CLIENT, SERVER, TcpTalk } from '../kit/tcp.ts';
import { Reassembled } from './reassembled.ts';

const FLOW = 3;

function watched(talk: TcpTalk): Reassembled {
  return new Reassembled({ watch: true }).take(talk.segments);
}

const reported = (talk: TcpTalk) => watched(talk).reported;

describe('what brought the bytes', () => {
  test('is their frame, their place in the stream, and how much of the other direction it acknowledges', () => {
    expect(reported(new TcpTalk().open().client('ask').server('answer').client('more'))).toEqual([
      'client [0-3 @4 acks 0] ask',
      'client acknowledged 3',
      'server [0-6 @5 acks 3] answer',
      'server acknowledged 6',
      'client [3-7 @6 acks 6] more',
    ]);
  });

  test('is told alike where the initial sequence numbers are the last there are', () => {
    const talk = new TcpTalk({ isns: [0xffff_fffe, 0xffff_ffff] }).open();
    expect(reported(talk.client('ask').server('answer').client('more'))).toEqual([
      'client [0-3 @4 acks 0] ask',
      'client acknowledged 3',
      'server [0-6 @5 acks 3] answer',
      'server acknowledged 6',
      'client [3-7 @6 acks 6] more',
    ]);
  });

  test('says its own acknowledgement, also where another segment has acknowledged more meanwhile', () => {
    const talk = new TcpTalk().open().server('hello').client('late', { ack: 0 });
    expect(reported(talk)).toEqual(['server [0-5 @4 acks 0] hello', 'client [0-4 @5 acks 0] late']);
    const { segments } = new TcpTalk().open().client('a').server('x').client('b', { ack: 1 }).client('c', { ack: 0 });
    expect(reported(new TcpTalk().with(segments)).at(-1)).toBe('client [2-3 @7 acks 0] c');
  });

  test('is not known of an acknowledgement that is none, or lies nowhere near', () => {
    expect(reported(new TcpTalk().syn('early').synAck())).toEqual([
      'client [0-5 @1 acks -1] early',
      'client acknowledged 5',
    ]);
    const talk = new TcpTalk()
      .open()
      .server('hello')
      .client('odd', { ack: 2 ** 30 + 10 });
    expect(reported(talk).at(-1)).toBe('client [0-3 @5 acks -1] odd');
  });

  test('is a piece’s own where it had to wait for an earlier one, which came late', () => {
    const { segments } = new TcpTalk().open().client('one').client('two').client('three');
    const [syn, synAck, ack, one, two, three] = segments;
    expect(reported(new TcpTalk().with([syn, synAck, ack, three, one, two]))).toEqual([
      'client [0-3 @5 acks 0, resent] one',
      'client [3-6 @6 acks 0, resent] two',
      'client [6-11 @4 acks 0] three',
    ]);
  });

  test('is a retransmission where it lies behind what was sent, for the bytes that are new in it, too', () => {
    expect(reported(new TcpTalk().open().client('one').client('one and two', { at: 0 }).client('three'))).toEqual([
      'client [0-3 @4 acks 0] one',
      'client resent same',
      'client [3-11 @5 acks 0, resent]  and two',
      'client [11-16 @6 acks 0] three',
    ]);
  });

  test('counts what was never captured', () => {
    const talk = new TcpTalk().open().client('one').server('', { ack: 100 }).client('behind', { at: 100 });
    expect(reported(talk)).toEqual([
      'client [0-3 @4 acks 0] one',
      'client gap 97',
      'client acknowledged 100',
      'client [100-106 @6 acks 0] behind',
    ]);
  });

  test('counts from the first byte that was seen where the beginning was not', () => {
    expect(reported(new TcpTalk().client('x'.repeat(9), { at: 5000, ack: 900 }).server('yes', { at: 900 }))).toEqual([
      'client [0-9 @1 acks 0] xxxxxxxxx',
      'client acknowledged 9',
      'server [0-3 @2 acks 9] yes',
    ]);
  });

  test('goes on counting where sequence numbers begin again', () => {
    const length = 2 ** 29;
    const talk = new TcpTalk().open();
    for (let step = 1; step <= 10; step++) talk.server('', { ack: step * length });
    talk.client('behind', { at: 10 * length }).server('yes', { ack: 10 * length + 6 });
    expect(reported(talk).slice(-4)).toEqual([
      `client acknowledged ${10 * length}`,
      `client [${10 * length}-${10 * length + 6} @14 acks 0] behind`,
      `client acknowledged ${10 * length + 6}`,
      `server [0-3 @15 acks ${10 * length + 6}] yes`,
    ]);
  });

  test('is told of what still waits when the connection is over', () => {
    const { segments } = new TcpTalk().open().client('one').client('two');
    const reassembled = watched(new TcpTalk().with(segments.filter((_, index) => index !== 3)));
    expect(reassembled.finish().reported).toEqual(['client gap 3', 'client [3-6 @4 acks 0] two']);
  });
});

describe('an acknowledgement', () => {
  test('is told when it says more than those before, and alone does as well', () => {
    const talk = new TcpTalk().open().client('12345').server('', { ack: 2 }).server('', { ack: 2 });
    expect(reported(talk.server('', { ack: 5 }).server('', { ack: 4 })).slice(1)).toEqual([
      'client acknowledged 2',
      'client acknowledged 5',
    ]);
  });

  test('of a FIN is told with the bytes before it', () => {
    const reassembled = watched(new TcpTalk().open().client('bye').server('').fin(CLIENT).server(''));
    const { facts } = reassembled.streams;
    expect(reassembled.reported.slice(1)).toEqual(['client acknowledged 3', 'client end', 'client acknowledged 3']);
    expect([facts.finAcknowledged(FLOW, CLIENT), facts.finAcknowledged(FLOW, SERVER)]).toEqual([true, false]);
    expect(facts.acknowledged(FLOW, CLIENT)).toBe(3);
  });

  test('that stops before the FIN leaves it unacknowledged', () => {
    const { streams } = watched(new TcpTalk().open().client('bye').fin(CLIENT).server('', { ack: 3 }));
    expect(streams.facts.finAcknowledged(FLOW, CLIENT)).toBe(false);
  });

  test('that the other side’s own FIN carries counts before that', () => {
    const talk = new TcpTalk().open().client('bye').fin(CLIENT).fin(SERVER);
    const { streams } = watched(talk);
    expect(streams.facts.finAcknowledged(FLOW, CLIENT)).toBe(true);
  });

  test('is not told of a connection that nobody watches any more', () => {
    const reassembled = watched(new TcpTalk().open().client('one'));
    reassembled.streams.unwatch(FLOW);
    const { segments } = new TcpTalk().open().client('one').server('', { ack: 3 });
    expect(reassembled.take(segments.slice(4)).reported).toEqual(['client [0-3 @4 acks 0] one']);
    expect(reassembled.streams.facts.acknowledged(FLOW, CLIENT)).toBe(3);
  });
});

describe('what is known of a side', () => {
  test('is what it has sent, also what waits, and what the other has acknowledged', () => {
    const { segments } = new TcpTalk().open().client('one').server('', { ack: 3 }).client('lost').client('waits');
    const { streams } = watched(new TcpTalk().with(segments.filter((_, index) => index !== 5)));
    const { facts } = streams;
    expect([facts.sent(FLOW, CLIENT), facts.acknowledged(FLOW, CLIENT)]).toEqual([12, 3]);
    expect([facts.sent(FLOW, SERVER), facts.acknowledged(FLOW, SERVER)]).toEqual([0, 0]);
  });

  test('is nothing where its acknowledgements were not captured', () => {
    const { streams } = watched(new TcpTalk().syn().client('one', { ack: 0 }));
    expect([streams.facts.acknowledged(FLOW, CLIENT), streams.facts.acknowledged(FLOW, SERVER)]).toEqual([-1, -1]);
  });
});

describe('a side is stalled', () => {
  const stalled = (talk: TcpTalk, side: number, now: number) => watched(talk).streams.facts.stalled(FLOW, side, now);
  const opened = () => new TcpTalk({ seconds: 10 }).open();

  test.each([CLIENT, SERVER])('while bytes of either wait for their acknowledgement: side %i', side => {
    const talk = opened().client('ask', { seconds: 20 });
    expect(stalled(talk, side, 25)).toBe(5);
    talk.server('', { ack: 2, seconds: 26 }).server('', { ack: 3, seconds: 30 });
    expect(stalled(talk, side, 99)).toBe(10);
    talk.client('again', { seconds: 100 }).server('yes', { seconds: 100.5 });
    expect(stalled(talk, side, 200)).toBe(110);
  });

  test('while the other takes nothing, until it says that it does', () => {
    const talk = opened().client('', { window: 0, seconds: 20 });
    expect(stalled(talk, SERVER, 50)).toBe(30);
    expect(stalled(talk, CLIENT, 50)).toBe(0);
    talk.client('', { window: 0, seconds: 60 }).client('', { window: 1, seconds: 70 });
    expect(stalled(talk, SERVER, 80)).toBe(50);
  });

  test('not by a window that an overtaken segment brings', () => {
    const talk = opened().server('hello', { seconds: 14 }).client('', { seconds: 15 });
    talk.client('', { ack: 0, at: 0, window: 0, seconds: 16 });
    expect(stalled(talk, SERVER, 50)).toBe(1);
  });

  test('not by a side that has not spoken yet', () => {
    const talk = new TcpTalk({ seconds: 10 }).syn('', { seconds: 10 });
    expect(stalled(talk, CLIENT, 50)).toBe(0);
  });

  test('anew in another connection on the same ports', () => {
    const talk = opened().client('ask', { seconds: 20 });
    const next = new TcpTalk({ isns: [900_000, 800_000], seconds: 100 }).open().client('ask', { seconds: 110 });
    const { streams, reported: lines } = watched(talk.with([...talk.segments, ...next.segments]));
    expect(lines).toContain('restart');
    expect(streams.facts.stalled(FLOW, CLIENT, 111)).toBe(1);
  });

  test('never for a negative time', () => {
    const talk = opened().client('ask', { seconds: 20 }).server('', { seconds: 15 });
    expect(stalled(talk, CLIENT, 30)).toBe(0);
  });
});

describe('directions recorded apart', () => {
  const early = (talk: TcpTalk) => talk.server('yes', { ack: 3, seconds: 1003.01 }).client('ask', { seconds: 1003.02 });

  test('show in bytes that come behind their acknowledgement, and are told of once', () => {
    const talk = early(new TcpTalk().open());
    talk.server('', { ack: 6, seconds: 1003.03 }).client('ask', { at: 3, seconds: 1003.04 });
    const reassembled = watched(talk);
    expect(reassembled.reported.filter(line => line === 'apart')).toEqual(['apart']);
    expect(reassembled.streams.facts.isRecordedApart(FLOW)).toBe(true);
  });

  test('do not where what is acknowledged never comes', () => {
    const talk = new TcpTalk().open().server('yes', { ack: 3 }).client('more', { at: 3 });
    expect(watched(talk).streams.facts.isRecordedApart(FLOW)).toBe(false);
  });
});
