/**
 * Segments that go a short way (`in-order.ts`): nothing of that may change what is reported, nor what may be asked. Random
 * traffic goes both ways: cut anew, lost, doubled, late, with other content, with numbers that wrap around, with one side
 * missing, with FIN, RST and a second SYN in between.
 */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { InOrder } from '../../src/net/in-order.ts';
import { FIN, RST } from '../../src/testkit/packet.ts';
import { casesOf } from '../kit/portion.ts';
import { type Segment, type Side, TcpTalk } from '../kit/tcp.ts';
import { Reassembled } from './reassembled.ts';

const FLOW = 2;

interface Step {
  readonly kind: string;
  readonly side: Side;
  readonly length: number;
  readonly back: number;
  readonly ackBack: number;
  readonly window: number;
  readonly pause: number;
  readonly lag: number;
}

const isn = fc.oneof(
  fc.nat(2 ** 32 - 1),
  fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 31 - 300, max: 2 ** 31 }),
);

const plain = ['bytes', 'bytes', 'bytes', 'ack', 'ack'];
const odd = [
  'again',
  'other',
  'lost',
  'keep-alive',
  'cut',
  'fin',
  'reset',
  'syn',
  'unwatch',
  'ignore',
  'stray',
  'finish',
];
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...plain) },
    { weight: 2, arbitrary: fc.constantFrom(...odd.slice(0, 5)) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  ),
  side: fc.constantFrom<Side>(0, 1),
  length: fc.integer({ min: 1, max: 30 }),
  back: fc.nat(40),
  ackBack: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -20, max: 60 }) },
  ),
  window: fc.oneof({ weight: 8, arbitrary: fc.constant(500) }, { weight: 1, arbitrary: fc.constant(0) }),
  pause: fc.constantFrom(0, 0.001, 0.25),
  /** By how many places it comes too late. */
  lag: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
});

type Event = Segment | 'unwatch' | 'ignore' | 'finish';

function content(side: Side, from: number, length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 97 + ((from + i + side * 5 + seed) % 26));
}

/** What arrives of a conversation, in order. @param opening how much of the handshake was captured */
function arriving(isns: readonly [number, number], opening: number, steps: readonly Step[], onlySide?: Side): Event[] {
  const talk = new TcpTalk({ isns, seconds: 1_000 }).open();
  const sent = [0, 0];
  const placed: { readonly event: Event; readonly at: number }[] = talk.segments
    .slice(3 - opening)
    .map((event, at) => ({ event, at: at - 3 }));
  let seconds = 1_010;
  steps.forEach(({ kind, side, length, back, ackBack, window, pause, lag }, index) => {
    seconds += pause;
    const at = Math.max(0, sent[side] - back);
    const ack = sent[1 - side] - ackBack;
    const options = { ack, window, seconds };
    const one = talk.with([]);
    if (kind === 'unwatch' || kind === 'ignore' || kind === 'finish') {
      placed.push({ event: kind, at: index });
      return;
    }
    if (kind === 'bytes' || kind === 'lost' || kind === 'cut') {
      const cut = kind === 'cut' ? Math.min(back, length) : 0;
      one.send(side, content(side, sent[side], length), { ...options, at: sent[side], cut });
      sent[side] += length;
    } else if (kind === 'again') one.send(side, content(side, at, length), { ...options, at });
    else if (kind === 'other') one.send(side, content(side, at, length, 3), { ...options, at });
    else if (kind === 'keep-alive') one.send(side, '?', { ...options, at: sent[side] - 1 });
    else if (kind === 'stray')
      one.send(side, 'stray', { ...options, at: sent[side] + back * 10_000_000, ack: ack - 3e8 });
    else if (kind === 'fin') one.send(side, '', { ...options, at: sent[side], flags: FIN });
    else if (kind === 'reset') one.send(side, '', { ...options, at: sent[side], flags: RST });
    else if (kind === 'syn') one.syn('', { at: back * 1_000, seconds });
    else one.send(side, '', { ...options, at: sent[side] });
    sent[side] = Math.max(sent[side], kind === 'again' || kind === 'other' ? at + length : 0);
    // What comes behind a FIN, and the acknowledgement of that.
    if (kind === 'fin') sent[side]++;
    if (kind === 'lost') return;
    for (const event of one.segments) placed.push({ event, at: index + lag });
  });
  return placed
    .sort((first, second) => first.at - second.at)
    .map(({ event }) => event)
    .filter(event => typeof event === 'string' || onlySide === undefined || event.side === onlySide);
}

/** All that is reported and may be asked, event by event. */
function story(events: readonly Event[], watch: boolean, shortWay: boolean): string[] {
  const reassembled = new Reassembled({ watch, shortWay, limits: { streamBytes: 2_000 } });
  const { streams, reportedAt, unseen, moment } = reassembled;
  const { facts } = streams;
  const lines: string[] = [];
  let isFresh = true;
  for (const event of events) {
    if (event === 'unwatch') streams.unwatch(FLOW);
    else if (event === 'ignore') streams.ignore(FLOW);
    else if (event === 'finish') {
      reassembled.finish(FLOW);
      isFresh = true;
    } else {
      reassembled.take([event], FLOW, isFresh);
      isFresh = false;
    }
    const now = moment.seconds + moment.nanoseconds * 1e-9 + 0.5;
    const sides = [0, 1].map(side =>
      [
        facts.acknowledged(FLOW, side),
        facts.sent(FLOW, side),
        facts.sequenceBase(FLOW, side),
        facts.finAcknowledged(FLOW, side),
        facts.startsWhole(FLOW, side),
        facts.isStalled(FLOW, side),
        facts.stalled(FLOW, side, now),
        facts.placeOf(FLOW, side, event instanceof Object ? event.sequence : 0, 5),
      ].join(),
    );
    const whole = [facts.segments(FLOW), facts.spoke(FLOW), facts.clientSide(FLOW), facts.isRecordedApart(FLOW)];
    lines.push(`${sides.join(' ')} ${whole} ${streams.pendingCost} ${streams.givenUp}`);
  }
  if (!isFresh) reassembled.finish(FLOW);
  return [...lines, ...reportedAt, `unseen ${unseen}`];
}

const traffic = fc.record({
  isns: fc.tuple(isn, isn),
  opening: fc.constantFrom(3, 3, 3, 2, 1, 0),
  steps: fc.array(step, { minLength: 1, maxLength: 80 }),
  watch: fc.boolean(),
  onlySide: fc.constantFrom<Side | undefined>(undefined, undefined, undefined, undefined, 0, 1),
});

test('what is reported and known is the same the short way and the long way', () => {
  fc.assert(
    fc.property(traffic, ({ isns, opening, steps, watch, onlySide }) => {
      const events = arriving(isns, opening, steps, onlySide);
      expect(story(events, watch, true)).toEqual(story(events, watch, false));
    }),
    { numRuns: casesOf(4_000) },
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('most segments of an ordinary conversation go the short way, and none where one side is missing', () => {
  const takes = vi.spyOn(InOrder.prototype, 'takes');
  const taken = () => takes.mock.results.filter(({ value }) => value === true).length;
  const talk = new TcpTalk().open();
  for (let i = 0; i < 50; i++) talk.client('question').server('answer').client('');
  story(talk.segments, true, true);
  // All but SYN and SYN-ACK.
  expect(taken()).toBe(151);

  takes.mockClear();
  const ofClient = talk.segments.filter(({ side }) => side === 0);
  story(ofClient, true, true);
  expect(takes.mock.calls.length).toBe(ofClient.length - 1);
  expect(taken()).toBeLessThan(ofClient.length / 2 + 2);
});
