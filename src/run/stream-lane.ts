/**
 * One protocol on the streams of one capture: has their bytes cut into messages, hands these to the tracker, and
 * judges the rules of what carries them. A message of the framing's own does not reach the tracker as a message; the
 * tracker is only asked whose connection it concerns.
 */

import type { BegunMessage } from '../framing/begun.ts';
import { Cutter, type CutterSink } from '../framing/cutter.ts';
import { answered, FramingFault } from '../framing/fault.ts';
import { type FramedMessage, HELD } from '../framing/framing.ts';
import type { Budget, PartialMessage } from '../framing/partial-message.ts';
import { BROKEN, type Evidence, INCONCLUSIVE, PASS, type Rule, type RuleDocument } from '../lint/rule.ts';
import { Subject } from '../lint/subject.ts';
import { type Extents, positionOf, UNPLACED } from '../net/extents.ts';
import type { Arrival, Moment, Origin } from '../net/moment.ts';
import { OVERLAP_DIFFERS } from '../protocol/carrier.ts';
import { type Closing, type Cut, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { Message } from '../wire/message.ts';
import type { Delivery } from './delivery.ts';
import type { Lane, StreamCounts } from './lane.ts';
import type { StreamCarrier } from './lane-plan.ts';
import type { CarriedName } from './seen.ts';

/** The frame in hand, and where the bytes lie that are handed on. */
export interface FrameMoment extends Arrival {
  /** What somebody noted on it in the capture. */
  comment: string;
}

/** What the lanes of one capture share. */
export interface StreamLaneOptions {
  readonly delivery: Delivery;
  /** The view in which messages are handed on. */
  readonly message: Message;
  readonly moment: Readonly<FrameMoment>;
  /** Of the bytes that are handed on to a lane that watches. */
  readonly origin: Readonly<Origin>;
  readonly budget: Budget;
  readonly extents: Extents | undefined;
  /** Where messages stood is asked for, of whatever protocol. */
  readonly locates: boolean;
}

const NOTHING = new Uint8Array(0);

export class StreamLane implements CutterSink {
  /** Directions taken up in their middle that could not be followed. */
  unfollowed = 0;
  readonly lane: Lane;
  readonly carrier: StreamCarrier;
  readonly #delivery: Delivery;
  readonly #message: Message;
  readonly #moment: Readonly<FrameMoment>;
  readonly #cutter: Cutter;
  readonly #watches: boolean;
  readonly #subject = new Subject();
  #resentSame = 0;
  /** By framing, and that of the direction in hand. */
  readonly #framings: readonly FramingInUse[];
  #framing: FramingInUse;
  readonly #prefaces = new Set<string>();
  /** Messages that did not reach the tracker, by name. */
  readonly #own = new Map<string, number>();

  constructor(lane: Lane, carrier: StreamCarrier, options: StreamLaneOptions) {
    const { delivery, message, moment, origin, budget, extents, locates } = options;
    this.lane = lane;
    this.carrier = carrier;
    this.#delivery = delivery;
    this.#message = message;
    this.#moment = moment;
    this.#watches = watchesTcp(lane, locates);
    const { resync } = lane.protocol;
    this.#cutter = new Cutter(this, {
      ...wayOf(carrier),
      later: carrier.later.map(wayOf),
      protocol: lane.protocol.id,
      resync: resync && ((bytes, at, end) => resync.call(lane.protocol, bytes, at, end)),
      budget,
      moment,
      origin: this.#watches ? origin : undefined,
      extents,
    });
    const { begun } = this.#cutter;
    this.#framings = [carrier, ...carrier.later].map(one => framingInUse(one, message, locates ? begun : undefined));
    [this.#framing] = this.#framings;
  }

  /** What TCP shows is wanted, by the protocol or by who passes its bytes on. */
  get watches(): boolean {
    return this.#watches;
  }

  /** Bytes of a message of a direction that is not whole yet. */
  unfinished(flow: number, side: number): number {
    return this.#cutter.unfinished(flow, side);
  }

  /** Of the message in hand, for a lane that watches. */
  get begun(): BegunMessage {
    return this.#cutter.begun;
  }

  /** A direction is taken up in its middle. Without a sure sign of a message's beginning it cannot be followed. */
  beginMidstream(flow: number, side: number): void {
    if (!this.#cutter.knowsBeginnings) this.unfollowed++;
    this.#delivery.flows?.lost(flow, side);
    this.#cutter.loseBoundary(flow, side);
  }

  /** Bytes of the beginning were lost before it was clear where the first message begins. */
  loseBeginning(flow: number): void {
    for (const side of [0, 1]) {
      this.#delivery.flows?.lost(flow, side);
      this.#cutter.loseBoundary(flow, side);
    }
  }

  data(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    this.#delivery.flows?.bytes(flow, side, bytes, from, to, this.#moment);
    this.#cutter.data(flow, side, bytes, from, to);
  }

  gap(flow: number, side: number, length: number): void {
    this.#delivery.flows?.lost(flow, side);
    this.#cutter.gap(flow, side, length);
  }

  end(flow: number, side: number, now: number): void {
    this.#choose(flow, side);
    if (!this.#cutter.end(flow, side)) this.#framing.endedBetween++;
    this.lane.tracker.ended?.(flow, side, now);
    this.#goOn(flow);
    this.#delivery.streamMoved(this.lane, flow);
    this.#delivery.flows?.ended(flow, side, this.#moment);
  }

  /** Bytes were sent again; `differs` is reported once a connection. */
  resent(flow: number, side: number, outcome: 'same' | 'differs' | 'unknown'): void {
    if (outcome === 'same') {
      this.#resentSame++;
      return;
    }
    this.#choose(flow, side);
    this.#show(NOTHING, 0, 0, 0, UNPLACED, this.#moment, false);
    this.#carried(flow, side);
    this.#subject.message = undefined;
    this.#enter(OVERLAP_DIFFERS, outcome === 'differs' ? BROKEN : INCONCLUSIVE, () => ({
      message: 'bytes that were sent before are sent again with another content; the first copy is read',
      expected: 'the bytes that were sent first',
      actual: 'other bytes under the same sequence numbers',
    }));
  }

  /** Bytes of a side were acknowledged. */
  acknowledged(flow: number, side: number, bytes: number): void {
    this.lane.tracker.acknowledged?.(flow, side, bytes, this.#now);
  }

  reset(flow: number, side: number): void {
    this.lane.tracker.reset?.(flow, side, this.#now);
    this.#delivery.flows?.reset(flow, side, this.#moment);
  }

  apart(flow: number): void {
    this.lane.tracker.apart?.(flow, this.#now);
  }

  /** The flow is over. */
  close(flow: number, now: number, how: Closing): void {
    this.#cutter.forget(flow);
    this.lane.judge.ending(flow);
    this.lane.tracker.close(flow, now, how);
    this.#delivery.flows?.closed(flow, how);
  }

  notePreface(name: string): void {
    this.#prefaces.add(name);
  }

  /** Enters what was only counted; the capture is at its end. */
  finish(): void {
    const { judge } = this.lane;
    for (const { carrier, withinBound, endedBetween, passed } of this.#framings) {
      const { framing } = carrier;
      judge.passed(framing.tooLong, withinBound);
      if (framing.malformed) judge.passed(framing.malformed, withinBound);
      judge.passed(framing.truncated, endedBetween);
      for (const [index, rule] of framing.rules.entries()) judge.passed(rule, passed[index]);
    }
    judge.passed(OVERLAP_DIFFERS, this.#resentSame);
  }

  get counts(): StreamCounts {
    return { messageCounts: this.#messageCounts(), settled: this.#settled() };
  }

  /** What the dialect option `preface` settled on, where it was left to the traffic. */
  #settled(): ReadonlyMap<string, readonly string[]> {
    const option = this.carrier.framing.dialect?.find(({ name }) => name === 'preface');
    if (!option || this.#prefaces.size === 0) return new Map();
    return new Map([[option.name, [...this.#prefaces].sort()]]);
  }

  /** All messages: those that the tracker has counted, and those of the framing's own. */
  #messageCounts(): ReadonlyMap<string, number> {
    const counts = new Map(this.lane.tracker.messageCounts());
    for (const [name, count] of this.#own) counts.set(name, (counts.get(name) ?? 0) + count);
    return counts;
  }

  // What the cutter finds

  message(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
  ): void {
    this.#choose(flow, side);
    const inUse = this.#framing;
    const { framing, carriesApplication, longestShown } = inUse.carrier;
    const message = this.#message;
    this.#show(bytes, start, length, captured, base, this.#moment, true);
    this.#delivery.begin(message, inUse.cut);
    if (!carriesApplication || framing.isApplications === undefined || framing.isApplications(message)) {
      const slot = this.lane.tracker.message(flow, side, message);
      if (inUse.trims && message.length > longestShown) this.#blameLength(slot, side, this.lane.tracker.messageName);
      else inUse.withinBound++;
      this.#judge(slot, side, this.lane.tracker.messageName);
      this.#delivery.end(this.lane, slot, side, message, undefined, length, message.start - start);
      this.#goOn(flow);
      return;
    }
    const name = this.#nameOf(message);
    inUse.withinBound++;
    this.#count(name.name);
    const slot = this.#carried(flow, side, name.name);
    this.lane.connections.touch(slot, message);
    this.#judge(slot, side, name.name);
    this.#delivery.end(this.lane, slot, side, message, name, length, message.start - start);
  }

  tooLong(
    flow: number,
    side: number,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
  ): void {
    this.#choose(flow, side);
    const { framing, longest } = this.#framing.carrier;
    const shown = framing.headLength - framing.hidden;
    this.#showRefused(flow, side, framing.tooLong, bytes, start, length || captured, captured, base, () => {
      if (length > 0) {
        return {
          message: `the head claims a message of ${length} bytes; ${this.#consequence}`,
          expected: `at most ${longest} bytes`,
          actual: `${length} bytes`,
          ...(shown > 0 && { bytes: { offset: 0, length: shown } }),
        };
      }
      return {
        message: `${captured} bytes came without the end of a message; ${this.#consequence}`,
        expected: `at most ${longest} bytes`,
        actual: `more than ${longest} bytes`,
      };
    });
  }

  malformed(flow: number, side: number, bytes: Uint8Array, start: number, captured: number, base: number): void {
    this.#choose(flow, side);
    const { framing } = this.#framing.carrier;
    const shown = Math.max(0, captured - framing.hidden);
    this.#showRefused(flow, side, framing.malformed ?? framing.tooLong, bytes, start, captured, captured, base, () => ({
      message: `these bytes are the beginning of no message; ${this.#consequence}`,
      expected: framing.title,
      actual: Buffer.from(bytes.subarray(start, start + Math.min(captured, MOST_SHOWN))).toString('hex'),
      ...(shown > 0 && { bytes: { offset: 0, length: shown } }),
    }));
  }

  lost(flow: number, side: number): void {
    this.lane.tracker.lost?.(flow, side, this.#now);
    this.#delivery.streamMoved(this.lane, flow);
  }

  truncated(flow: number, side: number, part: PartialMessage): void {
    this.#choose(flow, side);
    const { framing } = this.#framing.carrier;
    this.#show(part.bytes, 0, part.length || part.held, part.held, UNPLACED, part.last, false);
    this.#carried(flow, side, this.#nameOf(this.#message).name);
    if (this.lane.tracker.excusesCarrier?.(flow, side)) return;
    this.#enter(framing.truncated, BROKEN, () => ({
      message: 'the stream ends in order inside this message',
      expected: expectedOf(part, framing.headLength),
      actual: `${part.position} bytes, then the end of the stream`,
    }));
  }

  /** What cuts the direction in hand. */
  #choose(flow: number, side: number): void {
    if (this.#framings.length > 1) this.#framing = this.#framings[Math.max(0, this.#cutter.placeOf(flow, side))];
  }

  /** The tracker may have learned by which framing a side goes on. */
  #goOn(flow: number): void {
    if (this.#framings.length === 1) return;
    for (const side of [0, 1]) this.#cutter.goOn(flow, side, this.#placeIn(flow, side));
  }

  #placeIn(flow: number, side: number): number {
    const place = this.lane.tracker.framingOf?.(flow, side) ?? 0;
    if (Number.isInteger(place) && place >= HELD && place < this.#framings.length) return place;
    const words = `framingOf answers ${answered(place)}, not HELD or 0 to ${this.#framings.length - 1}`;
    throw new FramingFault(this.carrier.framing, this.lane.protocol.id, words);
  }

  get #now(): number {
    return this.#moment.seconds + this.#moment.nanoseconds * 1e-9;
  }

  /** What cannot be cut is shown as a message of the framing's, and breaks one of its rules. */
  #showRefused(
    flow: number,
    side: number,
    rule: Rule<FramedMessage>,
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
    evidence: () => Evidence,
  ): void {
    this.#show(bytes, start, length, captured, base, this.#moment, false);
    this.#delivery.begin(this.#message, this.#framing.cut);
    const name = this.#nameOf(this.#message);
    this.#count(name.name);
    const slot = this.#carried(flow, side, name.name);
    this.lane.connections.touch(slot, this.#message);
    if (!this.lane.tracker.excusesCarrier?.(flow, side)) this.#enter(rule, BROKEN, evidence);
    this.#delivery.end(this.lane, slot, side, this.#message, name, captured, this.#message.start - start);
    this.lane.tracker.lost?.(flow, side, this.#now);
    this.#delivery.flows?.uncut(flow, side);
  }

  get #consequence(): string {
    return this.#framing.carrier.framing.beginning
      ? 'what follows is skipped to the next beginning of one'
      : 'messages cannot be separated after it in this direction';
  }

  /** The message in the view is whole, and within the bound only with what the framing hides of others. */
  #blameLength(slot: number, side: number, name: string): void {
    const { longestShown, framing } = this.#framing.carrier;
    const { length } = this.#message;
    this.#setSubject(slot, side, name);
    this.#enter(framing.tooLong, BROKEN, () => ({
      message: `the message has ${length} bytes`,
      expected: `at most ${longestShown} bytes`,
      actual: `${length} bytes`,
    }));
  }

  /**
   * Points the view at a message, or at what there is of it, behind what the framing hides.
   * @param isCut the framing has found its end
   */
  #show(
    bytes: Uint8Array,
    start: number,
    length: number,
    captured: number,
    base: number,
    at: Readonly<Moment>,
    isCut: boolean,
  ): void {
    const { hidden } = this.#framing.carrier.framing;
    const message = this.#message;
    message.assign(bytes, start + hidden, Math.max(0, length - hidden), Math.max(0, captured - hidden));
    if (this.#framing.trims) this.#trim(bytes, start, length, captured, isCut);
    message.position = positionOf(base, message.start);
    message.ordinal = 0;
    message.frame = at.frame;
    message.seconds = at.seconds;
    message.nanoseconds = at.nanoseconds;
    message.comment = this.#moment.comment;
  }

  /** Takes off the view what the framing hides of this message, and what the carrier does not keep. */
  #trim(bytes: Uint8Array, start: number, length: number, captured: number, isCut: boolean): void {
    const { framing, keep } = this.#framing.carrier;
    const mostAtEnd = isCut ? (framing.hiddenAtEnd ?? 0) : 0;
    const message = this.#message;
    const hidden = framing.hiddenOf
      ? this.#hiddenPart('hiddenOf', framing.hiddenOf(bytes, start, captured), framing.hidden)
      : framing.hidden;
    const hiddenAtEnd =
      isCut && framing.hiddenAtEndOf && captured === length
        ? this.#hiddenPart('hiddenAtEndOf', framing.hiddenAtEndOf(bytes, start, length), mostAtEnd)
        : mostAtEnd;
    const shown = Math.max(0, length - hidden - hiddenAtEnd);
    message.assign(bytes, start + hidden, shown, Math.max(0, Math.min(captured - hidden, keep)));
    message.skipped = isCut && message.captured < shown && message.captured === keep;
  }

  /** How much of a message a framing says it hides, if that makes sense. */
  #hiddenPart(name: string, hidden: number, most: number): number {
    if (Number.isSafeInteger(hidden) && hidden >= 0 && hidden <= most) return hidden;
    const { framing } = this.#framing.carrier;
    throw new FramingFault(framing, this.lane.protocol.id, `${name} answers ${answered(hidden)}, not 0 to ${most}`);
  }

  /** The connection that what is in the view concerns; a finding would stand on it. */
  #carried(flow: number, side: number, name = ''): number {
    const { tracker } = this.lane;
    if (!tracker.carried)
      throw new Error(`${this.lane.protocol.id} is carried by streams, but its tracker has no 'carried'`);
    const slot = tracker.carried(flow, side, this.#message);
    this.#setSubject(slot, side, name);
    return slot;
  }

  #setSubject(slot: number, side: number, name: string): void {
    const subject = this.#subject;
    const message = this.#message;
    subject.connection = slot;
    subject.side = side;
    subject.frame = message.frame;
    subject.seconds = message.seconds;
    subject.nanoseconds = message.nanoseconds;
    subject.message = message;
    subject.messageName = name;
    subject.state = this.lane.tracker.state(slot);
  }

  /** Asks the framing's rules about the message in the view. */
  #judge(slot: number, side: number, name: string): void {
    let prepared = false;
    const { checks, framed, passed } = this.#framing;
    for (const { rule, check, index } of checks) {
      const outcome = check(framed);
      if (outcome === PASS) {
        passed[index]++;
        continue;
      }
      if (!prepared) this.#setSubject(slot, side, name);
      prepared = true;
      this.#enter(rule, outcome, () => rule.describe?.(framed) ?? NO_WORDS);
    }
  }

  #enter(rule: RuleDocument, outcome: 0 | 1 | 2 | 3, evidence: () => Evidence): void {
    this.lane.judge.enter(rule, outcome, this.#subject, evidence);
  }

  /** Names a message that the tracker does not get. */
  #nameOf(message: Message): CarriedName {
    const layout = this.#framing.carrier.framing.layoutOf?.(message);
    return { layout, name: layout?.name ?? UNKNOWN_MESSAGE };
  }

  #count(name: string): void {
    this.#own.set(name, (this.#own.get(name) ?? 0) + 1);
  }
}

/** A framing in this run: how its messages are shown and judged, and what was counted of them, to be entered at the end. */
interface FramingInUse {
  readonly carrier: StreamCarrier;
  readonly framed: FramedMessage;
  /** What protocols see of a message is more than a matter of where its head ends. */
  readonly trims: boolean;
  /** What is shown of the place of a message, where that is asked for. */
  readonly cut: Cut | undefined;
  /** Rules that look at each message, and their places among the framing's. */
  readonly checks: readonly {
    readonly rule: Rule<FramedMessage>;
    readonly check: NonNullable<Rule<FramedMessage>['check']>;
    readonly index: number;
  }[];
  /** Messages that each of the framing's rules has passed. */
  readonly passed: Float64Array;
  /** Messages within the bound, and streams that ended between messages. */
  withinBound: number;
  endedBetween: number;
}

function framingInUse(carrier: StreamCarrier, message: Message, begun: BegunMessage | undefined): FramingInUse {
  const { framing, keep, carriesApplication } = carrier;
  return {
    carrier,
    framed: { message, carriesApplication },
    trims: framing.hiddenOf !== undefined || framing.hiddenAtEnd !== undefined || Number.isFinite(keep),
    cut: begun && { begun, framing },
    checks: framing.rules.flatMap((rule, index) => (rule.check ? [{ rule, check: rule.check, index }] : [])),
    passed: new Float64Array(framing.rules.length),
    withinBound: 0,
    endedBetween: 0,
  };
}

/** Whether what TCP shows is wanted, by the protocol or by who asks where messages stood. */
export function watchesTcp({ protocol, stream }: Lane, locates: boolean): boolean {
  return stream !== undefined && (locates || protocol.watchesTcp === true);
}

const wayOf = ({ framing, longest, keep }: StreamCarrier) => ({ framing, longest, keep: keep + framing.hidden });

/** What should have come where a stream ends inside a message. */
function expectedOf({ length, position }: PartialMessage, headLength: number): string {
  if (length > 0) return `${length} bytes`;
  return position < headLength ? `a head of ${headLength} bytes` : 'the rest of the message';
}

/** Bytes of what is no message that a finding spells out. */
const MOST_SHOWN = 16;

const NO_WORDS: Evidence = { message: '', expected: '', actual: '' };
