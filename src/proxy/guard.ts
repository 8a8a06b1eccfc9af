/**
 * What all guarded flows share (guarded-course.ts): the two views in which what is said is judged before it is passed on,
 * those who decide what is done to it, and what was done. Pure like the relay: time and timers are given to it.
 *
 * A peer is judged by what it was given. So there are two captures of the traffic, one as the clients had it and one as the
 * servers had it, each with an engine of its own; what was passed on is recorded. Packets of all three are numbered by
 * the recording, so that a finding's frame can be looked up there.
 */
import type { Frame } from '../capture/source.ts';
import type { Overseer } from '../faults/passage.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import { visible } from '../wire/escape.ts';
import type { Course, NewFlow } from './course.ts';
import { CLIENT, SERVER, type Side } from './ends.ts';
import { GuardedCourse } from './guarded-course.ts';
import type { FlowWatch, Guarding, GuardOptions, JudgedFlow } from './guarding.ts';
import { HeldUnits } from './held-units.ts';
import { LiveCapture } from './live-capture.ts';

export class Guard implements Guarding {
  /** Asked in their order. May be changed between two messages. */
  overseers: readonly Overseer[];
  readonly options: GuardOptions;
  readonly holds: HeldUnits;
  /** Of what was passed on; set before the first flow. */
  passedOn: LiveCapture | undefined = undefined;
  /** Follows what the peers do after something was done to them. */
  watch: FlowWatch | undefined = undefined;
  readonly #captures: readonly [LiveCapture, LiveCapture];
  readonly #courses = new Set<JudgedFlow>();
  /** The flow whose bytes are being judged. */
  #current: JudgedFlow | undefined = undefined;
  #currentSide: Side = CLIENT;
  /** When the event in hand came; undefined between events. */
  #stamp: number | undefined = undefined;
  /** The number of the next packet in the views: that of the last one passed on, or of the next. */
  #frame = 0;

  constructor(options: GuardOptions) {
    this.options = options;
    this.overseers = options.overseers;
    const { views, now } = options;
    const capture = (side: Side) =>
      new LiveCapture({
        path: 'proxy',
        now: () => this.#stamp ?? now(),
        sinks: [frame => views.frame(side, frame)],
        number: () => this.#frame,
      });
    this.#captures = [capture(CLIENT), capture(SERVER)];
    for (const side of [CLIENT, SERVER]) views.begin(side, this.#captures[side]);
    views.onMessage = (side, seen) => {
      // What a view is given of the other side was judged when that side sent it.
      if (side === this.#currentSide) this.#current?.seen(seen);
    };
    this.holds = new HeldUnits(() => [...this.#courses]);
  }

  readonly course = (flow: NewFlow): Course => {
    const course = new GuardedCourse(flow, this);
    this.#courses.add(course);
    return course;
  };

  /** The proxy has come to its end. */
  stop(): void {
    this.options.timers.clear();
  }

  forget(course: JudgedFlow): void {
    this.#courses.delete(course);
  }

  event<T>(work: () => T): T {
    if (this.#stamp !== undefined) return work();
    this.#stamp = this.options.now();
    try {
      return work();
    } finally {
      this.#stamp = undefined;
    }
  }

  show(side: Side, frame: Frame, pair: number, isAhead: boolean): void {
    const { packets } = this.passedOn?.facts ?? { packets: 0 };
    this.#frame = Math.max(this.#frame, isAhead ? packets + 1 : packets, 1);
    this.#captures[side].frame(frame, pair);
  }

  judging(course: JudgedFlow, side: Side, feed: () => void): void {
    this.#current = course;
    this.#currentSide = side;
    try {
      feed();
    } finally {
      this.#current = undefined;
    }
  }

  get origin(): Timestamp {
    return this.#captures[CLIENT].facts.firstTime ?? this.#captures[SERVER].facts.firstTime ?? EPOCH;
  }

  done(record: DeedRecord): void {
    this.options.onDeed({ ...record, words: visible(record.words) });
  }
}

const EPOCH: Timestamp = { seconds: 0, nanoseconds: 0 };
