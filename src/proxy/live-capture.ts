/**
 * What passes through the proxy as a capture that is being made: numbers the packets, stamps them, keeps the facts, and
 * hands each one, the same, to the recording and to the engine. It is known to be complete: nothing goes past it.
 */
import type { CaptureFacts, CaptureTime, Frame } from '../capture/source.ts';
import { LINKTYPE_RAW } from './packets.ts';

/** Where packets go: the recording, then the judge. */
export type FrameSink = (frame: Frame) => void;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const DIGITS = 9;

export interface LiveCaptureOptions {
  /** As reports name it. */
  readonly path: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly sinks: readonly FrameSink[];
  /** In words, for people. */
  readonly description?: string;
  /** Numbers the packets where another capture of the same traffic does; from 1 if absent. Never goes back. */
  readonly number?: () => number;
}

export class LiveCapture {
  readonly facts: CaptureFacts;
  readonly #sinks: readonly FrameSink[];
  readonly #now: () => number;
  readonly #number: (() => number) | undefined;
  /** Time never runs backwards here, whatever the clock does. */
  #latest = 0;
  /** About what is not in it, for the comment of the next packet. */
  #notes: string[] = [];

  constructor({ path, now, sinks, number, description = 'live, through the proxy' }: LiveCaptureOptions) {
    this.facts = {
      path,
      format: 'pcapng',
      description,
      linkTypes: [],
      packets: 0,
      bytes: 0,
      dropped: 0,
      dropsCounted: false,
      knownComplete: true,
      eachOnce: true,
      complete: true,
    };
    this.#now = now;
    this.#sinks = sinks;
    this.#number = number;
  }

  /** Says something about what is not among the packets, in the comment of the next one. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** What was noted and found no packet any more. */
  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  /** @param pair the packet's interface, counted from 0 */
  frame(frame: Frame, pair: number, comment = ''): void {
    const { facts } = this;
    this.#latest = Math.max(this.#latest, this.#now());
    facts.packets++;
    frame.number = this.#number?.() ?? facts.packets;
    frame.seconds = Math.floor(this.#latest / 1_000);
    frame.nanoseconds = Math.floor((this.#latest - frame.seconds * 1_000) * NANOSECONDS_PER_MILLISECOND);
    frame.interfaceId = pair;
    frame.comment = this.#notes.length === 0 ? comment : [...this.takeNotes(), comment].filter(Boolean).join('; ');
    facts.bytes += frame.wireLength;
    const { seconds, nanoseconds } = frame;
    const time: CaptureTime = { seconds, nanoseconds, digits: DIGITS };
    facts.firstTime ??= time;
    facts.lastTime = time;
    if (facts.linkTypes.length === 0) facts.linkTypes.push(LINKTYPE_RAW);
    for (const sink of this.#sinks) sink(frame);
  }
}
