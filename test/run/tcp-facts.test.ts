/** What TCP shows of a stream, as trackers learn it: where messages begin, what is acknowledged, how a flow closes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import type { Framing, Opening, Protocol } from '../../src/sdk.ts';
import { type RunOptions, run } from '../../src/testkit/engine.ts';
import { casesOf } from '../kit/portion.ts';
import { beginsWith, type RecorderOptions, recorder } from '../kit/recorder.ts';
import { CLIENT, SERVER, type Segment, TcpTalk } from '../kit/tcp.ts';

const MAPPED: RunOptions = { decodeAs: [{ transport: 'tcp', from: 7000, to: 7000, protocol: 'recorder' }] };

/** The recorder, which writes down what it is shown of TCP; each message with its text. */
function watcher(log: string[], options: RecorderOptions & { readonly stalls?: boolean } = {}): Protocol {
  const base = recorder([], options);
  return {
    watchesTcp: true,
    ...base,
    createTracker: (host, view) => {
      const tracker = base.createTracker(host, view);
      const { flows } = host;
      const who = (flow: number, side: number) => (side === flows.clientSide(flow) ? 'client' : 'server');
      const stalls = (flow: number, now: number) =>
        options.stalls ? ` stalled ${flows.stalled(flow, 0, now)} ${flows.stalled(flow, 1, now)}` : '';
      return {
        ...tracker,
        message(flow, side, message) {
          const { frame, at, end, acknowledged, isResent } = flows.begun(flow);
          const text = Buffer.from(message.copy()).toString('latin1');
          const [sent, own] = [flows.sent(flow, side), flows.acknowledged(flow, side)];
          log.push(
            `${who(flow, side)} ${text} [${at}-${end} @${frame} acks ${acknowledged}${isResent ? ', resent' : ''}]` +
              ` ${own}/${sent}${stalls(flow, message.seconds)}`,
          );
          return tracker.message(flow, side, message);
        },
        ended(flow, side) {
          log.push(
            `${who(flow, side)} ended, ${flows.finAcknowledged(flow, 1 - side) ? '' : 'not '}acknowledging a FIN`,
          );
        },
        acknowledged: (flow, side, bytes, now) =>
          log.push(`${who(flow, side)} acknowledged ${bytes} at ${now}${stalls(flow, now)}`),
        reset: (flow, side, now) => log.push(`${who(flow, side)} reset at ${now}`),
        apart: (flow, now) => log.push(`apart at ${now} ${flows.isRecordedApart(flow)}`),
        close(flow, now, how) {
          tracker.close(flow, now, how);
          const acknowledged = [0, 1].filter(side => flows.finAcknowledged(flow, side)).map(side => who(flow, side));
          log.push(['closed:', how, ...acknowledged.map(side => `${side}'s FIN acknowledged`)].join(' '));
        },
      };
    },
  };
}

function shown(talk: TcpTalk, settings: Parameters<typeof watcher>[1] = {}, options: RunOptions = MAPPED): string[] {
  const log: string[] = [];
  run([watcher(log, settings)], [talk.frames()], options);
  return log;
}

/** Behind its length in two bytes. */
const message = (text: string) => `\0${String.fromCharCode(text.length)}${text}`;
const messages = (lines: readonly string[]) => lines.filter(line => line.includes('['));

describe('a message', () => {
  test('begins with the frame of its first byte and what that acknowledges, whatever brings the rest', () => {
    const talk = new TcpTalk({ mss: 2 }).open().client(message('ask')).server(message('yes'));
    expect(messages(shown(talk))).toEqual(['client ask [0-5 @4 acks 0] 0/5', 'server yes [0-5 @7 acks 5] 0/5']);
  });

  test('has its own place where many share a segment', () => {
    const talk = new TcpTalk().open().client(message('a') + message('b') + message('c').slice(0, 2));
    talk.server(message('x')).client('c');
    expect(messages(shown(talk))).toEqual([
      'client a [0-3 @4 acks 0] 0/8',
      'client b [3-6 @4 acks 0] 0/8',
      'server x [0-3 @5 acks 8] 0/3',
      'client c [6-9 @4 acks 0] 8/9',
    ]);
  });

  test('that waited for an earlier segment keeps what its own said', () => {
    const { segments } = new TcpTalk()
      .open()
      .server(message('x'))
      .client(message('a'), { ack: 0 })
      .client(message('b'));
    const [syn, synAck, ack, hello, a, b] = segments;
    expect(messages(shown(new TcpTalk().with([syn, synAck, ack, hello, b, a])))).toEqual([
      'server x [0-3 @4 acks 0] 0/3',
      'client a [0-3 @6 acks 0, resent] 0/6',
      'client b [3-6 @5 acks 3] 0/6',
    ]);
  });

  test('is resent where its first byte is, and not where only a later one is', () => {
    const talk = new TcpTalk()
      .open()
      .client(message('a'))
      .client(message('a') + message('b'), { at: 0 });
    talk.client(message('cc').slice(0, 3)).client('cc', { at: 8 });
    expect(messages(shown(talk))).toEqual([
      'client a [0-3 @4 acks 0] 0/3',
      'client b [3-6 @5 acks 0, resent] 0/6',
      'client cc [6-10 @6 acks 0] 0/10',
    ]);
  });

  test('is as long as on the wire where bytes of it were lost', () => {
    const talk = new TcpTalk().open().client(message('lost').slice(0, 3)).server('', { ack: 6 });
    talk.client(message('b'), { at: 6 });
    expect(messages(shown(talk))).toEqual(['client l [0-6 @4 acks 0] 6/6', 'client b [6-9 @6 acks 0] 6/9']);
  });

  test('has its place behind a preface', () => {
    const framing: Framing = {
      ...LENGTH_16,
      id: 'recorder',
      dialect: [{ name: 'preface', kind: 'choice', values: ['auto', 'none'], default: 'auto', meaning: 'greeting' }],
      preface: () => ({ client: 5, server: 0, name: 'hello' }),
    };
    const talk = new TcpTalk()
      .open()
      .client(`hello${message('ask')}`)
      .server(message('yes'));
    const log = shown(talk, { framing, carriers: [{ transport: 'tcp', framing: 'recorder' }] });
    expect(messages(log)).toEqual(['client ask [5-10 @4 acks 0] 0/10', 'server yes [0-5 @5 acks 10] 0/5']);
  });

  test('is told alike where sequence numbers begin again', () => {
    const talk = new TcpTalk({ isns: [0xffff_ffff, 0xffff_fffd], mss: 1 }).open();
    const log = shown(talk.client(message('ask')).server(message('yes'), { ack: 5 }));
    expect(messages(log)).toEqual(['client ask [0-5 @4 acks 0] 0/5', 'server yes [0-5 @9 acks 5] 0/5']);
  });

  test('says no more than when it came to a protocol that does not watch', () => {
    const log = shown(new TcpTalk().open().client(message('ask')).server(''), { watchesTcp: false });
    expect(log).toEqual(['client ask [-1--1 @4 acks -1] 0/5', 'closed: end of capture']);
  });
});

describe('a beginning that was kept until its protocol was clear', () => {
  const RECOGNISED: RecorderOptions = { recogniseStream: beginsWith('0003796573') };
  const told = (segments: readonly Segment[], stalls = false) =>
    shown(new TcpTalk().with(segments), { ...RECOGNISED, stalls }, {});

  test('brings what was acknowledged meanwhile, each thing at its time', () => {
    const talk = new TcpTalk({ mss: 2 }).open().server(message('hi'), { seconds: 1010 });
    talk.client('', { seconds: 1020 }).client(message('yes'), { seconds: 1030 }).server('', { seconds: 1040 });
    const log = [
      'server hi [0-4 @4 acks 0] 0/4 stalled 0 0',
      'server acknowledged 4 at 1020 stalled 10 10',
      'client yes [0-5 @7 acks 4] 0/5 stalled 10 10',
      'client acknowledged 5 at 1040 stalled 20 20',
      'closed: end of capture',
    ];
    expect(told(talk.segments, true)).toEqual(log);
    expect(shown(talk, { stalls: true })).toEqual(log);
  });

  test('brings a FIN with how it stood then', () => {
    const talk = new TcpTalk().open().client(message('yes').slice(0, 4)).server(message('x')).fin(SERVER);
    talk.client('s', { ack: 3 }).fin(CLIENT).server('');
    expect(told(talk.segments)).toEqual([
      'client acknowledged 4 at 1004',
      'server x [0-3 @5 acks 4] 0/3',
      'server ended, not acknowledging a FIN',
      'server acknowledged 3 at 1006',
      'client yes [0-5 @4 acks 0] 4/5',
      'server acknowledged 3 at 1007',
      'client ended, acknowledging a FIN',
      "closed: ended server's FIN acknowledged",
    ]);
  });

  test('gives the same however it is cut', () => {
    const whole = new TcpTalk().open().server(message('hello')).client(message('yes')).server(message('done')).close();
    const bytes = new TcpTalk({ mss: 1 })
      .open()
      .server(message('hello'))
      .client(message('yes'))
      .server(message('done'))
      .close();
    const places = (log: readonly string[]) => messages(log).map(line => line.replace(/ @\d+| \d+\/\d+$/g, ''));
    expect(places(told(bytes.segments))).toEqual(places(told(whole.segments)));
    expect(messages(told(bytes.segments))).toHaveLength(3);
  });

  test('that is broken off tells who did it', () => {
    const talk = new TcpTalk().open().client(message('yes')).reset(SERVER);
    expect(told(talk.segments)).toEqual(['client yes [0-5 @4 acks 0] 0/5', 'server reset at 1004', 'closed: reset']);
  });
});

describe('a flow', () => {
  test('ends when both sides have, with what was acknowledged of that by then', () => {
    expect(shown(new TcpTalk().open().client(message('a')).close())).toEqual([
      'client a [0-3 @4 acks 0] 0/3',
      'client ended, not acknowledging a FIN',
      'client acknowledged 3 at 1005',
      'server ended, acknowledging a FIN',
      "closed: ended client's FIN acknowledged",
    ]);
  });

  test('ends with nothing acknowledged where the FINs cross', () => {
    const talk = new TcpTalk().open().client(message('a')).fin(CLIENT).fin(SERVER, { ack: 3 }).client('').server('');
    expect(shown(talk).at(-1)).toBe('closed: ended');
  });

  test.each([CLIENT, SERVER] as const)('is reset by side %d', side => {
    const talk = new TcpTalk().open().client(message('a')).server('').reset(side);
    expect(shown(talk).slice(-2)).toEqual([`${side === CLIENT ? 'client' : 'server'} reset at 1005`, 'closed: reset']);
  });

  test('is over when another connection begins in its place', () => {
    const talk = new TcpTalk().open().client(message('a'));
    const next = new TcpTalk({ isns: [900_000, 800_000], seconds: 2000 }).open().client(message('b'));
    expect(shown(talk.with([...talk.segments, ...next.segments]))).toEqual([
      'client a [0-3 @4 acks 0] 0/3',
      'closed: restarted',
      'client b [0-3 @8 acks 0] 0/3',
      'closed: end of capture',
    ]);
  });

  test('is given up when it is idle and others need its place', () => {
    const talk = new TcpTalk().open().client(message('a'));
    const other = new TcpTalk({ client: '10.0.0.3:1', seconds: 9000 }).open().client(message('b'));
    const log: string[] = [];
    const limits = { flows: 1 };
    run([watcher(log)], [[...talk.frames(), ...other.frames()]], { ...MAPPED, limits });
    expect(log.filter(line => line.startsWith('closed'))).toEqual(['closed: given up', 'closed: end of capture']);
  });

  test('whose directions were recorded apart is known for it, also when that shows in its beginning', () => {
    const talk = new TcpTalk().open().client(message('a')).server(message('x'), { ack: 6, seconds: 1010 });
    talk.client(message('b'), { at: 3, seconds: 1010.01 });
    expect(shown(talk)).toContain('apart at 1010.01 true');
    const recogniseStream = ({ server }: Opening) => (server.length > 3 ? 'yes' : 'more');
    expect(shown(talk, { recogniseStream }, {})).not.toContain('apart at 1010.01 true');
    talk.server(message('y'), { seconds: 1010.02 });
    expect(shown(talk, { recogniseStream }, {})).toContain('apart at 1010.02 true');
  });
});

test('of datagrams nothing is known but when they came', () => {
  const log: string[] = [];
  const carriers = [{ transport: 'udp', framing: 'datagram' }] as const;
  const decodeAs = [{ transport: 'udp', from: 7000, to: 7000, protocol: 'recorder' }] as const;
  run([watcher(log, { carriers, stalls: true })], [[['10.0.0.1:1 > 10.0.0.2:7000', '6869', 1000]]], { decodeAs });
  expect(log).toEqual(['client hi [-1--1 @1 acks -1] -1/-1 stalled 0 0', 'closed: end of capture']);
});

describe('however the segments are cut, ordered, doubled and acknowledged', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 }), { minLength: 1, maxLength: 6 });
  const shape = fc.record({
    texts,
    mss: fc.integer({ min: 1, max: 12 }),
    isn: fc.constantFrom(1_000, 0xffff_ffff, 0xffff_fff0),
    /** By segment: how many places it comes late, whether it comes twice, whether the other side answers it with an ACK. */
    late: fc.infiniteStream(fc.constantFrom(0, 0, 0, 1, 2, 5)),
    twice: fc.infiniteStream(fc.constantFrom(false, false, true)),
    answered: fc.infiniteStream(fc.boolean()),
    /** Bytes by which the protocol is recognised. */
    recognised: fc.integer({ min: 1, max: 40 }),
  });

  test('a message has the place, the frame and the acknowledgement of its first byte', () => {
    fc.assert(
      fc.property(shape, ({ texts: said, mss, isn, late, twice, answered, recognised }) => {
        const stream = said.map(message).join('');
        const handshake = new TcpTalk({ isns: [isn, 7] }).open().segments;
        const parts = new TcpTalk({ isns: [isn, 7], mss }).client(stream, { ack: 0 }).segments;
        const places = parts.map((part, index) => ({ part, at: index * mss, order: index }));
        const doubled = places.flatMap(place =>
          twice.next().value ? [place, { ...place, order: place.order + 3 }] : [place],
        );
        const arriving = doubled
          .map(place => ({ ...place, order: place.order + late.next().value }))
          .sort((one, other) => one.order - other.order);

        const segments = [...handshake];
        const first: { frame: number; isResent: boolean }[] = [];
        const acknowledged: number[] = [];
        let [reach, whole, told] = [0, 0, 0];
        for (const { part, at } of arriving) {
          segments.push(part);
          const isResent = at < reach;
          reach = Math.max(reach, at + part.payload.length);
          for (let byte = at; byte < at + part.payload.length; byte++)
            first[byte] ??= { frame: segments.length, isResent };
          while (first[whole]) whole++;
          if (!answered.next().value) continue;
          segments.push(...new TcpTalk({ isns: [isn, 7] }).server('', { ack: whole }).segments);
          if (whole > told) acknowledged.push(whole);
          told = whole;
        }

        let at = 0;
        const expected = said.map(text => {
          const { frame, isResent } = first[at];
          const line = `client ${text} [${at}-${at + 2 + text.length} @${frame} acks 0${isResent ? ', resent' : ''}]`;
          at += 2 + text.length;
          return line;
        });
        const recogniseStream = ({ client }: Opening) =>
          client.length >= Math.min(recognised, stream.length) ? 'yes' : 'more';
        const log = shown(new TcpTalk().with(segments), { recogniseStream }, {});
        expect(messages(log).map(line => line.slice(0, line.indexOf(']') + 1))).toEqual(expected);
        const acks = log.filter(line => line.startsWith('client acknowledged')).map(line => Number(line.split(' ')[2]));
        expect(acks).toEqual(acknowledged);
      }),
      { numRuns: casesOf(200) },
    );
  });
});
