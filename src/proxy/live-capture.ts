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

export class LiveCapture {
  readonly facts: CaptureFacts;
  readonly #sinks: readonly FrameSink[];
  readonly #now: () => number;
  /** Time never runs backwards here, whatever the clock does. */
  #latest = 0;

  /** @param path as reports name it @param now milliseconds since the Unix epoch @param description in words, for people */
  constructor(path: string, now: () => number, sinks: readonly FrameSink[], description = 'live, through the proxy') {
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
  }

  /** @param pair the packet's interface, counted from 0 */
  frame(frame: Frame, pair: number, comment = ''): void {
    const { facts } = this;
    this.#latest = Math.max(this.#latest, this.#now());
    frame.number = ++facts.packets;
    frame.seconds = Math.floor(this.#latest / 1_000);
    frame.nanoseconds = Math.floor((this.#latest - frame.seconds * 1_000) * NANOSECONDS_PER_MILLISECOND);
    frame.interfaceId = pair;
    frame.comment = comment;
    facts.bytes += frame.wireLength;
    const { seconds, nanoseconds } = frame;
    const time: CaptureTime = { seconds, nanoseconds, digits: DIGITS };
    facts.firstTime ??= time;
    facts.lastTime = time;
    if (facts.linkTypes.length === 0) facts.linkTypes.push(LINKTYPE_RAW);
    for (const sink of this.#sinks) sink(frame);
  }
}
