/**
 * Requests that wait for their answers, over all connections of a capture: found by their key or in the order in which
 * they came, bounded, and judged when an answer is overdue. Nothing ticks: a connection's requests stand in a list for
 * each side, oldest first, which is looked at when the connection speaks again and when it is closed. The finding
 * stands on the request.
 *
 * A request is one entry of a hash table of numbers, so that a hundred thousand of them cost no object. Keys are what
 * peers choose; they are compared whole, and hashed with the run's seed.
 */
import type { Doubt } from '../lint/doubt.ts';
import type { Judge } from '../lint/judge.ts';
import { BROKEN, type Evidence, INCONCLUSIVE, type Outcome, PASS, type RuleDocument, SKIP } from '../lint/rule.ts';
import { Subject } from '../lint/subject.ts';
import type { BoundName } from '../protocol/limits.ts';
import type { EarlierMessage } from '../protocol/protocol.ts';
import { KeyTable } from '../storage/key-table.ts';
import { Records, recordView } from '../storage/records.ts';
import type { Field } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { isOverdue } from './answer-timeout.ts';

/** What a check may ask of a wait, about the message in hand. */
export interface Wait {
  /** Of an answer: does a request wait for it? `SKIP` for a message that is none. */
  readonly answered: Outcome;
  /** Of a request: is its key free, so that its answer can be distinguished from others? `SKIP` for a message that is none. */
  readonly free: Outcome;
  /** Frame of the request that the message answers or whose key it has; 0 for none. */
  readonly frame: number;
  /** Requests of the same side as that one that wait. */
  readonly waiting: number;
  /**
   * A field of that request, of those that the wait notes; undefined where there is no request, or the field was not there.
   * @throws Error for a field that the wait does not note
   */
  asked(field: string): number | undefined;
}

type Written<T> = { -readonly [Key in keyof T]: T[Key] };

/** A message has its key, has none and so neither asks nor answers, or has one that was not captured. */
export const KEY = 1;
export const NO_KEY = 0;
export const KEY_NOT_CAPTURED = -1;

/** Writes the key of a message from `at` on. */
export type KeyReader = (
  message: Message,
  type: number,
  into: Uint32Array,
  at: number,
) => typeof KEY | typeof NO_KEY | typeof KEY_NOT_CAPTURED;

export interface WaitingOptions {
  /** As the protocol calls it: `lookup`. */
  readonly name: string;
  /** By type of message: does it ask, does it answer? */
  readonly asks: readonly boolean[];
  readonly answers: readonly boolean[];
  /** By state of the machine: are they requests and answers there? In all if absent. What was asked may be answered in any. */
  readonly states?: readonly boolean[];
  /** Words that `readKey` writes, and how; absent where answers come in the order of their requests. */
  readonly keyWords: number;
  readonly readKey: KeyReader | undefined;
  /** Integers of at most 4 bytes that are remembered of a request: their names, and the fields by type of message. */
  readonly notes?: { readonly names: readonly string[]; readonly fields: readonly (readonly (Field | undefined)[])[] };
  /** Requests of one side of a connection remembered; beyond it the oldest is forgotten. */
  readonly most: number;
  /** Seconds until an answer is overdue. */
  readonly within: number;
  /** The rule that a request without an answer breaks, and its words. */
  readonly overdue: RuleDocument | undefined;
  readonly describe: (type: number) => Evidence;
  /** The same request may be sent again, and be answered again. */
  readonly resent: boolean;
}

/** What it needs of the engine and the tracker. */
export interface WaitingHost {
  readonly judge: Pick<Judge<never>, 'enter'>;
  readonly seed: number;
  /** Requests remembered over all connections. */
  readonly most: number;
  limitHit(bound: BoundName): void;
  /** Something of the connection was forgotten. */
  forgot(slot: number): void;
  /** Sets up a subject for a request of a side: what the tracker knows of the connection. */
  place(subject: Subject, slot: number, side: number, type: number): void;
}

/** The list of one side of a connection: entries of the table + 1, 0 for none; how many there are, and how many wait. */
const List = recordView(['first', 'last', 'count', 'live', 'flags']);
/** Requests of this side were forgotten. */
const FORGOTTEN = 1;
/** One of the two streams has ended: an answer may have been lost by that, or be no longer wanted. */
const ENDED = 2;

/** Words of an entry behind its key. */
const FRAME = 0;
const SECONDS = 1;
const NANOSECONDS = 2;
const TYPE = 3;
const HASH = 4;
const NEXT = 5;
const PREVIOUS = 6;
const ANSWERED = 7;
const ORDINAL = 8;
/** Which of the notes are there, a bit each, and behind it the notes. */
const NOTED = 9;
const NOTES = 10;
/** Slot and side stand before what the protocol reads. */
const OWN_KEY = 2;
/** Without a key, the number of the request. */
const ORDER_KEY = 1;

const NO_ENTRY = -1;
const UNREADABLE = -2;
const NO_KEY_THERE = -3;

export class Waiting implements Wait {
  readonly #options: WaitingOptions;
  readonly #host: WaitingHost;
  readonly #table: KeyTable;
  readonly #firstOwn: number;
  readonly #lists: Records;
  readonly #list: InstanceType<typeof List>;
  readonly #subject = new Subject();
  #order = 0;
  // The message in hand
  #slot = 0;
  #side = 0;
  #type = 0;
  /** Its sender is in a state in which such a message asks, or must answer something. */
  #applies = true;
  #message: Message | undefined = undefined;
  /** The entry that it is about, once that was looked for. */
  #found = NO_ENTRY;
  #isSought = false;

  constructor(options: WaitingOptions, host: WaitingHost) {
    this.#options = options;
    this.#host = host;
    const keyWords = OWN_KEY + (options.readKey ? options.keyWords : ORDER_KEY);
    const { notes } = options;
    this.#table = new KeyTable(keyWords, host.seed, host.most, notes ? NOTES + notes.names.length : NOTED);
    this.#firstOwn = keyWords;
    this.#lists = new Records(List.width);
    this.#list = new List(this.#lists);
  }

  get answered(): Outcome {
    if (!this.#options.answers[this.#type]) return SKIP;
    const entry = this.#entry();
    if (entry >= 0) return PASS;
    if (entry === NO_KEY_THERE || !this.#applies) return SKIP;
    return entry === UNREADABLE || this.#seek(this.#slot, this.#asker).flags & FORGOTTEN ? INCONCLUSIVE : BROKEN;
  }

  get free(): Outcome {
    if (!this.#isAsking) return SKIP;
    const entry = this.#options.readKey ? this.#entry() : NO_ENTRY;
    if (entry === UNREADABLE) return INCONCLUSIVE;
    if (entry === NO_KEY_THERE) return SKIP;
    return entry < 0 || this.#own(entry, ANSWERED) !== 0 || this.#isSame(entry) ? PASS : BROKEN;
  }

  get frame(): number {
    const entry = this.#entry();
    return entry < 0 ? 0 : this.#own(entry, FRAME);
  }

  get waiting(): number {
    return this.#seek(this.#slot, this.#asker).live;
  }

  asked(name: string): number | undefined {
    const index = this.#options.notes?.names.indexOf(name) ?? -1;
    if (index < 0) throw new Error(`wait ${this.#options.name} does not note ${name}`);
    const entry = this.#entry();
    return entry >= 0 && this.#own(entry, NOTED) & (1 << index) ? this.#own(entry, NOTES + index) : undefined;
  }

  /** Is the message in hand one that was sent before: a request that waits, or the answer to one that was answered? */
  get isRepeat(): boolean {
    if (!this.#options.resent || !(this.#isAsking || this.#options.answers[this.#type])) return false;
    const entry = this.#entry();
    return entry >= 0 && (this.#isAsking ? this.#isSame(entry) : this.#own(entry, ANSWERED) !== 0);
  }

  /** The request that the message in hand answers, written over `into`; false where it answers none that is known. */
  copyAnswered(into: Written<EarlierMessage>): boolean {
    const entry = this.#options.answers[this.#type] ? this.#entry() : NO_ENTRY;
    if (entry < 0) return false;
    into.ordinal = this.#own(entry, ORDINAL);
    into.frame = this.#own(entry, FRAME);
    into.seconds = this.#own(entry, SECONDS);
    into.nanoseconds = this.#own(entry, NANOSECONDS);
    return true;
  }

  /** A connection has opened. */
  open(slot: number): void {
    this.#lists.reset(slot * 2);
    this.#lists.reset(slot * 2 + 1);
  }

  /**
   * A message is in hand, until the next one is.
   * @param type place of its layout
   * @param state of its sender before it; asked for only where the options name states
   */
  look(slot: number, side: number, type: number, message: Message, state = 0): void {
    this.#slot = slot;
    this.#side = side;
    this.#type = type;
    this.#message = message;
    this.#applies = this.#options.states?.[state] ?? true;
    this.#isSought = false;
  }

  /** The message in hand was judged: its request waits from now on, or no longer. */
  take(): void {
    const { answers, overdue, resent } = this.#options;
    if (answers[this.#type]) {
      const entry = this.#entry();
      if (entry < 0) return;
      if (overdue && this.#own(entry, ANSWERED) === 0) this.#enter(entry, PASS);
      if (resent) this.#setAnswered(this.#slot, this.#asker, entry);
      else this.#forget(this.#slot, this.#asker, entry);
    } else if (this.#isAsking) this.#ask();
    this.#isSought = false;
  }

  /** The message in hand is malformed. It may be a request, and then what answers it answers something. */
  malformed(): void {
    const isKnown = this.#type < this.#options.asks.length;
    if (!isKnown || this.#isAsking) this.#seek(this.#slot, this.#side).flags |= FORGOTTEN;
  }

  /** Reports the requests of a connection that have waited too long by `now`, in seconds of capture time. */
  check(slot: number, now: number): void {
    if (this.#options.within === Number.POSITIVE_INFINITY) return;
    for (let side = 0; side < 2; side++) {
      for (let link = this.#seek(slot, side).first; link !== 0; link = this.#seek(slot, side).first) {
        const entry = link - 1;
        const since = this.#own(entry, SECONDS) + this.#own(entry, NANOSECONDS) * 1e-9;
        if (!isOverdue(since, now, this.#options.within)) break;
        if (this.#own(entry, ANSWERED) === 0)
          this.#enter(entry, this.#seek(slot, side).flags & ENDED ? INCONCLUSIVE : BROKEN);
        this.#forget(slot, side, entry);
        // Its answer may come yet, late.
        this.#seek(slot, side).flags |= FORGOTTEN;
      }
    }
    this.#isSought = false;
  }

  /** One of the streams has ended: whether what waits is still answered shows nothing. */
  ended(slot: number, now: number): void {
    this.check(slot, now);
    for (let side = 0; side < 2; side++) this.#seek(slot, side).flags |= ENDED;
  }

  /** The connection is closed: what still waits could have been answered. */
  close(slot: number, now: number): void {
    this.check(slot, now);
    for (let side = 0; side < 2; side++) {
      for (let link = this.#seek(slot, side).first; link !== 0; link = this.#seek(slot, side).first) {
        if (this.#own(link - 1, ANSWERED) === 0) this.#enter(link - 1, INCONCLUSIVE);
        this.#forget(slot, side, link - 1);
      }
    }
  }

  /** Messages of the connection were not seen: the request of an answer may be one of them. */
  lost(slot: number): void {
    for (let side = 0; side < 2; side++) this.#seek(slot, side).flags |= FORGOTTEN | ENDED;
  }

  get #isAsking(): boolean {
    return this.#applies && this.#options.asks[this.#type];
  }

  /** The side whose request the message in hand is, or answers. */
  get #asker(): number {
    return this.#options.answers[this.#type] ? 1 - this.#side : this.#side;
  }

  #entry(): number {
    if (!this.#isSought) {
      this.#found = this.#search();
      this.#isSought = true;
    }
    return this.#found;
  }

  #search(): number {
    const { readKey } = this.#options;
    if (!readKey) return this.#seek(this.#slot, this.#asker).first - 1;
    const read = this.#readKey();
    return read === KEY ? this.#table.find() : read === NO_KEY ? NO_KEY_THERE : UNREADABLE;
  }

  #readKey(): ReturnType<KeyReader> {
    const { key } = this.#table;
    key[0] = this.#slot;
    key[1] = this.#asker;
    const { readKey } = this.#options;
    return this.#message && readKey ? readKey(this.#message, this.#type, key, OWN_KEY) : NO_KEY;
  }

  #ask(): void {
    const { readKey, most, name } = this.#options;
    const table = this.#table;
    const slot = this.#slot;
    const side = this.#side;
    if (readKey) {
      const present = this.#entry();
      if (present === UNREADABLE) {
        this.#seek(slot, side).flags |= FORGOTTEN;
        return;
      }
      if (present === NO_KEY_THERE) return;
      if (present >= 0) this.#forget(slot, side, present);
    }
    if (this.#seek(slot, side).count >= most) {
      const oldest = this.#seek(slot, side).first - 1;
      if (this.#own(oldest, ANSWERED) === 0) this.#miss(slot, side, `${name}=${most}`);
      this.#forget(slot, side, oldest);
    }
    if (readKey) this.#readKey();
    else {
      table.key[0] = slot;
      table.key[1] = side;
      table.key[2] = this.#order++;
    }
    const entry = table.insert();
    if (entry < 0) {
      this.#miss(slot, side, 'requests');
      return;
    }
    const { ordinal = 0, frame = 0, seconds = 0, nanoseconds = 0 } = this.#message ?? {};
    this.#set(entry, ORDINAL, ordinal);
    this.#set(entry, FRAME, frame);
    this.#set(entry, SECONDS, seconds);
    this.#set(entry, NANOSECONDS, nanoseconds);
    this.#set(entry, TYPE, this.#type);
    this.#set(entry, HASH, this.#options.resent ? hashOf(this.#message) : 0);
    this.#set(entry, ANSWERED, 0);
    this.#note(entry);
    const list = this.#seek(slot, side);
    this.#set(entry, PREVIOUS, list.last);
    this.#set(entry, NEXT, 0);
    if (list.last === 0) list.first = entry + 1;
    else this.#set(list.last - 1, NEXT, entry + 1);
    list.last = entry + 1;
    list.count++;
    list.live++;
  }

  #note(entry: number): void {
    const message = this.#message;
    const fields = this.#options.notes?.fields[this.#type];
    if (!fields || !message) return;
    let there = 0;
    for (const [index, field] of fields.entries()) {
      if (!field || !message.has(field)) continue;
      there |= 1 << index;
      this.#set(entry, NOTES + index, message.uint(field));
    }
    this.#set(entry, NOTED, there);
  }

  /** A bound leaves no room: what is not known any more is not judged. */
  #miss(slot: number, side: number, bound: BoundName): void {
    this.#seek(slot, side).flags |= FORGOTTEN;
    this.#host.limitHit(bound);
    this.#host.forgot(slot);
  }

  #setAnswered(slot: number, side: number, entry: number): void {
    if (this.#own(entry, ANSWERED) !== 0) return;
    this.#set(entry, ANSWERED, 1);
    this.#seek(slot, side).live--;
  }

  #isSame(entry: number): boolean {
    return this.#options.resent && this.#own(entry, HASH) === hashOf(this.#message);
  }

  #forget(slot: number, side: number, entry: number): void {
    const next = this.#own(entry, NEXT);
    const previous = this.#own(entry, PREVIOUS);
    const list = this.#seek(slot, side);
    if (previous === 0) list.first = next;
    else this.#set(previous - 1, NEXT, next);
    if (next === 0) list.last = previous;
    else this.#set(next - 1, PREVIOUS, previous);
    list.count--;
    if (this.#own(entry, ANSWERED) === 0) list.live--;
    this.#table.remove(entry);
  }

  /** Enters how a wait ended, on the request. */
  #enter(entry: number, outcome: Outcome): void {
    const { overdue, describe } = this.#options;
    if (!overdue) return;
    const { records, stride } = this.#table;
    const slot = records[entry * stride];
    const side = records[entry * stride + 1];
    const type = this.#own(entry, TYPE);
    const subject = this.#subject;
    subject.recall(slot, side, this.#own(entry, FRAME), this.#own(entry, SECONDS), this.#own(entry, NANOSECONDS));
    this.#host.place(subject, slot, side, type);
    if (!subject.partial) subject.doubt = 'ended' satisfies Doubt;
    this.#host.judge.enter(overdue, outcome, subject, () => describe(type));
  }

  #seek(slot: number, side: number): InstanceType<typeof List> {
    this.#list.base = (slot * 2 + side) * List.width;
    return this.#list;
  }

  #own(entry: number, word: number): number {
    return this.#table.records[entry * this.#table.stride + this.#firstOwn + word];
  }

  #set(entry: number, word: number, value: number): void {
    this.#table.records[entry * this.#table.stride + this.#firstOwn + word] = value;
  }
}

/** FNV-1a of the captured bytes: tells a request that is sent again from another one with its key. */
function hashOf(message: Message | undefined): number {
  if (!message) return 0;
  let hash = 0x811c9dc5;
  const end = message.start + message.captured;
  for (let at = message.start; at < end; at++) hash = Math.imul(hash ^ message.bytes[at], 0x01000193);
  return hash >>> 0;
}
