/**
 * Packets that wait for an answer, and the close of a connection that is waited for. A silence counts from the TCP
 * acknowledgement of the packet, and stands still while its receiver could not be expected to speak (Certainty 13): so it is
 * measured on the clock of the silent side, which stops then.
 */

/** What is waited for; each has its rule (`overdue.ts`). */
export const AWAITED = {
  CONNACK: 0,
  ACKNOWLEDGEMENT: 1,
  PUBREL: 2,
  PUBCOMP: 3,
  SUBACK: 4,
  UNSUBACK: 5,
  PINGRESP: 6,
  CLOSE_AFTER_REFUSAL: 7,
  CLOSE_AFTER_DISCONNECT: 8,
} as const;

export class Wait {
  /** `AWAITED` */
  readonly awaited: number;
  readonly messageName: string;
  /** Side that sent the packet, and side from which something is awaited. */
  readonly asker: number;
  readonly silent: number;
  readonly frame: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Offset in its stream behind its last byte. */
  readonly end: number;
  /** State of its sender when it was sent. */
  readonly state: string;
  /** On the clock of the silent side; -1 while TCP has not acknowledged it. */
  since = -1;
  previous: Wait | undefined = undefined;
  next: Wait | undefined = undefined;
  list: WaitList | undefined = undefined;

  constructor(awaited: number, name: string, asker: number, silent: number, at: WaitPlace) {
    this.awaited = awaited;
    this.messageName = name;
    this.asker = asker;
    this.silent = silent;
    this.frame = at.frame;
    this.seconds = at.seconds;
    this.nanoseconds = at.nanoseconds;
    this.end = at.end;
    this.state = at.state;
  }
}

/** Where a packet that waits stands. */
export interface WaitPlace {
  readonly frame: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly end: number;
  readonly state: string;
}

/** What one side waits for, in the order of sending; a wait that is over, or was reported, is not in it. */
export class WaitList {
  first: Wait | undefined = undefined;
  #last: Wait | undefined = undefined;
  /** The first whose silence has not begun. */
  #unheard: Wait | undefined = undefined;

  add(wait: Wait): void {
    wait.list = this;
    wait.previous = this.#last;
    if (this.#last) this.#last.next = wait;
    else this.first = wait;
    this.#last = wait;
    this.#unheard ??= wait;
  }

  remove(wait: Wait): void {
    if (wait.list !== this) return;
    if (this.#unheard === wait) this.#unheard = wait.next;
    if (wait.previous) wait.previous.next = wait.next;
    else this.first = wait.next;
    if (wait.next) wait.next.previous = wait.previous;
    else this.#last = wait.previous;
    wait.list = undefined;
    wait.previous = undefined;
    wait.next = undefined;
  }

  clear(): void {
    while (this.first) this.remove(this.first);
  }

  /** The first whose silence has not begun, if TCP has acknowledged the side's bytes up to `offset`. */
  unheard(offset: number): Wait | undefined {
    const wait = this.#unheard;
    return wait !== undefined && wait.end <= offset ? wait : undefined;
  }

  /** The silence of the first for which it had not has begun. @param since on the clock of the silent side */
  beginSilence(since: number): void {
    if (!this.#unheard) return;
    this.#unheard.since = since;
    this.#unheard = this.#unheard.next;
  }
}
