/**
 * What becomes of what the two programs of a flow say: passed on as it comes (here), or looked at before and perhaps changed,
 * held or dropped (guarded-course.ts).
 */
import { type Ends, otherSide, type Side } from './ends.ts';
import type { ShowFrame, Showing } from './showing.ts';

/** The sockets of one flow. */
export interface FlowLine {
  /** False when it can take no more for now: `drained` of the course is called when it can. */
  send(to: Side, bytes: Uint8Array): boolean;
  end(to: Side): void;
  reset(to: Side): void;
}

/** Called with what happens on the sockets of a flow. */
export interface Course {
  /** Both programs of a stream are connected. @param comment about the flow, for the recording */
  open(comment: string): void;
  /** The server of a stream was not reached. */
  refuse(comment: string): void;
  /** One side has said something: any part of a stream, or a record or datagram as it stands. */
  said(from: Side, bytes: Uint8Array): void;
  /** Nobody was there for a datagram of the client. @param length of its payload, as far as that is known */
  unreachable(length: number): void;
  /** One side of a stream will say no more. */
  ended(side: Side): void;
  /** One side of a stream has broken it off. The flow is over. */
  broken(side: Side): void;
  /** One side can take bytes again. */
  drained(side: Side): void;
  /** So much of this side waits that it should not be read for now. */
  isFull(from: Side): boolean;
  /** The flow is over. */
  close(): void;
}

/** What keeps apart what is said one behind the other: nothing, or the transport. */
export type Carriage = 'stream' | 'datagrams' | 'records';

/** A flow whose two ends are known. */
export interface NewFlow {
  readonly id: number;
  readonly pair: number;
  readonly ends: Ends;
  readonly line: FlowLine;
  readonly carrier: Carriage;
  /** Shows it as packets. @param emit where they go */
  readonly show: (emit: ShowFrame) => Showing;
  /** What is passed on. */
  readonly emit: ShowFrame;
  /** Some of what waited of a side is gone. */
  readonly onEased: (from: Side) => void;
  /** The flow was broken off by its course. */
  readonly onOver: () => void;
}

export type CourseMaker = (flow: NewFlow) => Course;

/**
 * Passes on what comes. Forwarding comes first and showing after it: the peers do not wait for the judge.
 */
export class DirectCourse implements Course {
  readonly #line: FlowLine;
  readonly #showing: Showing;
  /** By side: it can take no more for now. */
  readonly #isBlocked: [boolean, boolean] = [false, false];

  constructor(line: FlowLine, showing: Showing) {
    this.#line = line;
    this.#showing = showing;
  }

  open(comment: string): void {
    this.#showing.open(comment);
  }

  refuse(comment: string): void {
    this.#showing.refuse(comment);
  }

  said(from: Side, bytes: Uint8Array): void {
    const to = otherSide(from);
    const isTaken = this.#line.send(to, bytes);
    this.#showing.data(from, bytes);
    // Who judges counts the silence of a side from when it has got what it does not answer.
    if (isTaken) this.#showing.acknowledge(to);
    else this.#isBlocked[to] = true;
  }

  unreachable(length: number): void {
    this.#showing.unreachable(length);
  }

  ended(side: Side): void {
    this.#line.end(otherSide(side));
    this.#showing.end(side);
  }

  broken(side: Side): void {
    this.#line.reset(otherSide(side));
    this.#showing.reset(side);
  }

  drained(side: Side): void {
    this.#isBlocked[side] = false;
    this.#showing.acknowledge(side);
  }

  isFull(from: Side): boolean {
    return this.#isBlocked[otherSide(from)];
  }

  close(): void {}
}
