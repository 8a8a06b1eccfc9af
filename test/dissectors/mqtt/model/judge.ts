/**
 * The catalogue read a second time: takes a capture of whole conversations and says which rules are broken in which frames.
 * Nothing of it is the dissector's. It goes through the packets in the order of their frames, keeps every flow of every
 * session for ever, and asks plain lists.
 */
import { otherSide, type SegmentSeen } from '../../../kit/mqtt-net.ts';
import { acknowledge } from './acknowledgements.ts';
import { judgeDisconnect, judgeEnds, judgeKeepAlive, noteAnswer, ping, pingResponse } from './closing.ts';
import { formFaults } from './form.ts';
import { judgeLimits } from './limits.ts';
import { auth, connack, connect } from './opening.ts';
import { publish } from './publish.ts';
import { type Packet, readPacket } from './read.ts';
import { isFatal, type Link, newLink, SETTINGS, type Settings, type Waiting } from './state.ts';
import { subscribe } from './subscriptions.ts';
import { closedAt, hasHandshake, type Seen, wiresOf } from './wire.ts';

export interface Broken {
  readonly rule: string;
  readonly frame: number;
}

export class Judge {
  readonly settings: Settings;
  readonly broken: Broken[] = [];
  readonly links: Link[] = [];
  readonly waiting: Waiting[] = [];
  /** Time of the last frame. */
  readonly end: number;
  /** Connections that the server accepted, in the order of their CONNACKs. */
  readonly accepted: Link[] = [];
  /** Findings of the packet in hand, and whether any may be made. */
  #faults = 0;
  #quiet = false;
  #malformed = false;

  constructor(segments: readonly SegmentSeen[], settings: Settings) {
    this.settings = settings;
    this.end = (segments.at(-1)?.time ?? 0) / 1_000_000;
    this.links = wiresOf(segments).map(newLink);
  }

  judge(): Broken[] {
    const packets = this.links.flatMap(link => link.wire.packets.map(seen => ({ link, seen })));
    packets.sort((a, b) => a.seen.frame - b.seen.frame);
    for (const { link, seen } of packets) this.#packet(link, seen);
    for (const link of this.links) judgeEnds(this, link);
    return this.broken.sort((a, b) => a.frame - b.frame || (a.rule < b.rule ? -1 : 1));
  }

  /** Did the packet in hand break something? */
  get isFaulty(): boolean {
    return this.#faults > 0;
  }

  /** Is it, by itself, what it may not be? */
  get isMalformed(): boolean {
    return this.#malformed;
  }

  report(rule: string, seen: Seen, link?: Link): void {
    if (this.#quiet) return;
    this.#faults++;
    this.broken.push({ rule, frame: seen.frame });
    if (link && seen.side === 'client' && isFatal(rule)) link.malformed ??= seen;
  }

  /** A finding about another packet than the one in hand. */
  reportLater(rule: string, frame: number): void {
    this.broken.push({ rule, frame });
  }

  wait(rule: string, link: Link, seen: Seen): void {
    if (!this.#quiet && this.#faults === 0) this.waiting.push({ rule, link, seen, answered: Number.POSITIVE_INFINITY });
  }

  /** Nobody must answer it. */
  excuse(seen: Seen): void {
    for (const one of this.waiting) if (one.seen === seen) one.answered = 0;
  }

  settle(rule: string, seen: Seen | undefined, time: number): void {
    for (const one of this.waiting) {
      if (one.rule === rule && one.seen === seen) one.answered = Math.min(one.answered, time);
    }
  }

  #packet(link: Link, seen: Seen): void {
    const { side } = seen;
    const fromClient = side === 'client';
    if (link.given) return;
    this.#faults = 0;
    // What crosses a DISCONNECT breaks nothing; nor does what passes behind a RST.
    const { reset } = link.wire;
    const isAfterReset = reset !== undefined && reset.frame < seen.frame;
    this.#quiet = link.disconnected[otherSide(side)] !== undefined || isAfterReset;
    if (link.disconnected[side]) {
      this.report('after-disconnect', seen);
      return;
    }
    const packet = readPacket(seen.bytes, link.version, fromClient);
    if (!this.#isInOrder(link, seen, packet)) return;
    if (fromClient) judgeKeepAlive(this, link, seen);
    const ownFaults = packet.fault ? [packet.fault] : formFaults(packet, link.version, fromClient);
    this.#malformed = ownFaults.length > 0;
    for (const rule of ownFaults) this.report(rule, seen, link);
    judgeLimits(this, link, seen, packet);
    this.#dispatch(link, seen, packet);
  }

  /** Is there a CONNECT, and its CONNACK, before? */
  #isInOrder(link: Link, seen: Seen, { type }: Packet): boolean {
    if (link.refused) {
      if (seen.side === 'server') this.report('after-refusal', seen);
      return false;
    }
    if (!link.connect && seen.side === 'client' && type !== 1) {
      if (hasHandshake(link.wire)) this.report('connect-not-first', seen);
      link.given = true;
      return false;
    }
    if (!link.connect && seen.side === 'server') {
      this.report(type === 2 ? 'connack-unsolicited' : 'connack-not-first', seen);
      link.given = true;
      return false;
    }
    if (seen.side === 'server' && !link.connack && type !== 2 && !(type === 15 && link.version === 5)) {
      const isDisconnect = type === 14 && link.version === 5;
      this.report(isDisconnect ? 'disconnect-before-connack' : 'connack-not-first', seen);
      this.#quiet = true;
    }
    const hasMethod = link.connect?.packet.properties.has(21);
    // A second CONNECT has a rule of its own, which says more.
    const isFree = type === 1 || type === 14 || type === 15;
    if (seen.side === 'client' && link.connect && !link.connack && hasMethod && !isFree) {
      this.report('auth-packet-before-connack', seen);
      this.#quiet = true;
    }
    return true;
  }

  #dispatch(link: Link, seen: Seen, packet: Packet): void {
    const { type, fault } = packet;
    if (type === 1 && seen.side === 'client') connect(this, link, seen, packet);
    else if (type === 14 && fault !== 'wrong-direction') judgeDisconnect(this, link, seen, packet);
    else if (type === 12 && fault !== 'wrong-direction') ping(this, link, seen);
    else if (type === 3) publish(this, link, seen, packet);
    else if (fault && packet.id === undefined) return;
    else if (type === 2 && seen.side === 'server') connack(this, link, seen, packet);
    else if (type >= 4 && type <= 7) acknowledge(this, link, seen, packet);
    else if (type === 8 || type === 10) subscribe(this, link, seen, packet);
    else if (type === 9 || type === 11) acknowledge(this, link, seen, packet);
    else if (type === 13) pingResponse(this, link, seen);
    else if (type === 15) auth(this, link, seen, packet);
  }

  /** Is a connection open, as far as the capture shows by then? */
  isConnected({ wire }: Link, time: number): boolean {
    return (closedAt(wire) ?? Number.POSITIVE_INFINITY) > time;
  }

  /** The server answers a packet of the client: it should not if that, or one before, was malformed, or came too late. */
  answers(link: Link, question: Seen, answer: Seen, isSuccess: boolean): void {
    if (!this.#quiet && answer.side === 'server') noteAnswer(this, link, question, answer, isSuccess);
  }
}

/** What the catalogue says of a capture; findings in the order of frames. */
export function judgeCapture(segments: readonly SegmentSeen[], settings: Partial<Settings> = {}): Broken[] {
  return new Judge(segments, { ...SETTINGS, ...settings }).judge();
}
