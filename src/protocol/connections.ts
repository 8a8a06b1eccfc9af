/**
 * The connections of one capture: numbers, endpoints, life spans, and what became of them.
 *
 * Trackers open and close connections here and use the slot they get as the row of their own records. A live
 * connection is one row of numbers; only when it is closed, and only within the listing's bound, does it become an
 * object. Verdicts stay provisional until the capture's end, because a capture says only there that it dropped packets:
 * what rests on the absence of a message is then withdrawn.
 */
import type { CaptureTrust } from '../lint/capture-evidence.ts';
import { type Doubt, doubtBit, reasonsOf } from '../lint/doubt.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { Basis, Severity } from '../lint/rule.ts';
import type { ConnectionReport, Verdict } from '../lint/verdict.ts';
import { FlowSlots } from '../storage/flow-slots.ts';
import { Records, recordView } from '../storage/records.ts';
import type { Message } from '../wire/message.ts';

/** What every message needs: the beginning of a row. */
const Head = recordView(['number', 'messages', 'endSeconds', 'endNanoseconds']);
/** What only the beginning, the end and a finding need: after the protocol's words. */
const Tail = recordView(['startSeconds', 'startNanoseconds', 'flow', 'marks']);

/** Where the protocol's words begin in a row. */
export const ROW_START = Head.width;

/**
 * Words of a row that has room for so many: as many as a part of a cache line that divides it, or as whole lines. So a row
 * lies in as few lines as it can.
 */
function rowWidth(words: number): number {
  return words > LINE ? Math.ceil(words / LINE) * LINE : 2 ** Math.ceil(Math.log2(words));
}
/** Words of a cache line. */
const LINE = 16;

/** The fields that every message writes, by their place in the row. */
const MESSAGES = 1;
const END_SECONDS = 2;
const END_NANOSECONDS = 3;

/** Marks of a connection. */
const INCONCLUSIVE = 1;
/** An error or warning that the bytes in hand prove. */
const PROVEN = 2;
/** An error or warning that rests on the history being whole. */
const ARGUED = 4;
const ANY_FINDING = 8;
/** An error or warning that the capture may have made by missing something: one only where nothing can be missing. */
const EXCUSED = 16;
/** Something casts doubt on its flow, unless nothing can be missing. */
const DOUBTED = 32;
const VERDICT_MARKS = INCONCLUSIVE | PROVEN | ARGUED | ANY_FINDING | EXCUSED | DOUBTED;
/** The client is end 1 of the flow. */
const CLIENT_IS_SECOND = 64;
/** From here on the doubts, as a mask. */
const DOUBTS_SHIFT = 8;

export interface ConnectionNames {
  readonly protocol: string;
  /** Prints an end (0 or 1) of a flow. */
  endpoint(flow: number, side: number): string;
}

/** Called with each connection as it comes and goes. */
export interface ConnectionObserver {
  opened(slot: number, flow: number, start: Readonly<Timestamp>): void;
  /** All that the log has of it can still be read. */
  closing(slot: number, state: string, about: string): void;
}

/** A connection has opened, or is over; its messages, state, verdict and reasons are those up to here. */
export interface ConnectionEvent {
  readonly kind: 'opened' | 'closed';
  readonly connection: ConnectionReport;
  /** What its verdict hangs on, where something was found in it that is said once a run. */
  readonly weighed?: Weighed;
}

/** What a connection is judged by, and what of it counts only where it is said first. */
export interface Weighed {
  /** What is known of it beside the remarks, and each of these. */
  readonly marks: number;
  readonly remarks: readonly { readonly key: string; readonly marks: number }[];
  readonly excuse?: string | undefined;
  readonly trust: CaptureTrust;
}

/** A connection that is over, as far as its verdict does not hang on the end of the capture. */
export interface ClosedConnection {
  readonly report: ConnectionReport;
  readonly marks: number;
  readonly excuse: string | undefined;
  /** When it was closed, see `ConnectionLog.moment`. */
  readonly moment: number;
}

/** What a log has of the connections that are over. */
export interface ClosedConnections {
  /** All connections that were opened. */
  readonly opened: number;
  /** Worth listing in any case; and listed only on request or when verdicts are withdrawn. In the order in which they ended. */
  readonly notable: readonly ClosedConnection[];
  readonly plain: readonly ClosedConnection[];
  /** By what is known of their verdicts: how many, `verdictMarks` being the index. */
  readonly byMarks: readonly number[];
  /** When those were closed in which something was found that is said once a run; of them nothing else is here. */
  readonly remarkedAt: readonly number[];
}

/** A connection in which something was found that is said once a run. */
export interface RemarkedConnection extends Omit<Weighed, 'trust'> {
  /** Its verdict is open. */
  readonly report: ConnectionReport;
}

/** Those of a capture, and by what their verdicts are settled. */
export interface RemarkedConnections {
  readonly connections: readonly RemarkedConnection[];
  readonly trust: CaptureTrust;
  /** The conformant ones are listed, too. */
  readonly all: boolean;
}

/** How the connections of a capture turned out. */
export interface ConnectionOutcome {
  readonly total: number;
  readonly violations: number;
  readonly inconclusive: number;
  readonly listed: readonly ConnectionReport[];
  readonly omitted: number;
}

export class ConnectionLog {
  /**
   * A row a connection: from `ROW_START` on the words of the protocol, before and after them the log's own. One row for both,
   * because a message touches both, and at a hundred thousand connections each place it touches is fetched from memory. What
   * few messages touch stands last, so that it need not be fetched with the rest.
   */
  readonly rows: Records;
  /** Words of a row that any message may touch: all but those that stand last. */
  readonly hotWords: number;
  /** The connection in force on each flow, where the tracker has one a flow: kept by it, and here because every message needs it. */
  readonly inForce = new FlowSlots();
  observer: ConnectionObserver | undefined = undefined;
  /** Called with a connection that has just been opened, whoever else observes it. */
  onOpened: ((slot: number, flow: number) => void) | undefined = undefined;
  /** Called with a connection that is about to be closed, before the observer: held findings are settled then. */
  onClosing: ((slot: number) => void) | undefined = undefined;
  /** Where the capture stands, for who puts several logs of one capture together. */
  moment: () => number = never;
  readonly #head: InstanceType<typeof Head>;
  readonly #tail: InstanceType<typeof Tail>;
  readonly #free: number[] = [];
  /** Printed ends 0 and 1 of connections that may outlive their flow. */
  readonly #ends = new Map<number, readonly [string, string]>();
  /** In the words of the case: what has excused a finding of a connection. */
  readonly #excuses = new Map<number, string>();
  #slots = 0;
  readonly #capture: number;
  readonly #names: ConnectionNames;
  readonly #nextNumber: () => number;
  readonly #listLimit: number;
  /** Connections worth listing in any case, and those listed only on request or when verdicts are withdrawn. */
  readonly #notable: ClosedConnection[] = [];
  /** In which something was found that is said once a run: of those open by slot, and of those closed. */
  readonly #remarks = new Map<number, { readonly key: string; readonly marks: number; readonly isFirst: boolean }[]>();
  readonly #remarked: RemarkedConnection[] = [];
  readonly #remarkedAt: number[] = [];
  readonly #plain: ClosedConnection[] = [];
  readonly #closedByMarks = new Float64Array(VERDICT_MARKS + 1);
  #opened = 0;

  /**
   * @param capture index of the capture in the run
   * @param nextNumber hands out the run's connection numbers
   * @param listLimit connections kept for listing, of each kind
   * @param words that the protocol keeps in each row
   */
  constructor(capture: number, names: ConnectionNames, nextNumber: () => number, listLimit: number, words = 0) {
    this.hotWords = ROW_START + words;
    this.rows = new Records(rowWidth(this.hotWords + Tail.width));
    this.#head = new Head(this.rows);
    this.#tail = new Tail(this.rows);
    this.#capture = capture;
    this.#names = names;
    this.#nextNumber = nextNumber;
    this.#listLimit = listLimit;
  }

  get total(): number {
    return this.#opened;
  }

  /** Opens a connection whose client is the given end of the flow; returns its slot, small and reused after `close`. */
  open(flow: number, clientSide: number, message: Message): number {
    const slot = this.#free.pop() ?? this.#slots++;
    const head = this.#head;
    head.base = this.rows.reset(slot);
    head.number = this.#nextNumber();
    head.endSeconds = message.seconds;
    head.endNanoseconds = message.nanoseconds;
    const tail = this.#at(slot);
    tail.flow = flow;
    tail.marks = clientSide === 0 ? 0 : CLIENT_IS_SECOND;
    tail.startSeconds = message.seconds;
    tail.startNanoseconds = message.nanoseconds;
    this.#opened++;
    this.onOpened?.(slot, flow);
    this.observer?.opened(slot, flow, message);
    return slot;
  }

  /** Counts a message of the connection. */
  touch(slot: number, message: Message): void {
    const { words, width } = this.rows;
    const base = slot * width;
    words[base + MESSAGES]++;
    words[base + END_SECONDS] = message.seconds;
    words[base + END_NANOSECONDS] = message.nanoseconds;
  }

  number(slot: number): number {
    return this.rows.words[slot * this.rows.width];
  }

  flow(slot: number): number {
    return this.#at(slot).flow;
  }

  clientSide(slot: number): number {
    return this.#at(slot).marks & CLIENT_IS_SECOND ? 1 : 0;
  }

  /** The roles turned out the other way round. */
  setClientSide(slot: number, side: number): void {
    const view = this.#at(slot);
    view.marks = side === 0 ? view.marks & ~CLIENT_IS_SECOND : view.marks | CLIENT_IS_SECOND;
  }

  endpoint(slot: number, side: number): string {
    return this.#ends.get(slot)?.[side] ?? this.#names.endpoint(this.flow(slot), side);
  }

  /**
   * Keeps the printed ends of a connection until it is closed. For one that has something to report after its flow is
   * over: the flow's id may then be another pair's. To be called while the flow is there.
   */
  keepEnds(slot: number): void {
    if (!this.#ends.has(slot)) this.#ends.set(slot, [this.endpoint(slot, 0), this.endpoint(slot, 1)]);
  }

  /** Something about it cannot be judged, and why. */
  markInconclusive(slot: number, doubt: Doubt): void {
    this.#at(slot).marks |= INCONCLUSIVE | (doubtBit(doubt) << DOUBTS_SHIFT);
  }

  /** Something casts doubt on its flow. */
  markDoubted(slot: number, doubt: Doubt): void {
    this.#at(slot).marks |= DOUBTED | (doubtBit(doubt) << DOUBTS_SHIFT);
  }

  /** A fault came up that the capture may have made by missing something. @param words in those of the case */
  markExcused(slot: number, severity: Severity, doubt: Doubt, words?: string): void {
    const mark = severity === 'info' ? DOUBTED : EXCUSED;
    this.#at(slot).marks |= mark | (doubtBit(doubt) << DOUBTS_SHIFT);
    if (words && !this.#excuses.has(slot)) this.#excuses.set(slot, words);
  }

  markFinding(slot: number, severity: Severity, basis: Basis): void {
    const mark = severity === 'info' ? 0 : basis === 'unseen' ? ARGUED : PROVEN;
    this.#at(slot).marks |= ANY_FINDING | mark;
  }

  /** The same of what is said once a run. @param isFirst nothing before it in this run has said it */
  markRemark(slot: number, severity: Severity, basis: Basis, key: string, isFirst: boolean): void {
    const marks = ANY_FINDING | (severity === 'info' ? 0 : basis === 'unseen' ? ARGUED : PROVEN);
    this.#remarks.set(slot, [...(this.#remarks.get(slot) ?? []), { key, marks, isFirst }]);
  }

  /** Could something about it not be judged? */
  isInconclusive(slot: number): boolean {
    return (this.#at(slot).marks & INCONCLUSIVE) !== 0;
  }

  /** What is known so far of the connection's outcome, for `verdictOf` and `doubtsOf`. */
  marks(slot: number): number {
    const remarks = this.#remarks.size === 0 ? undefined : this.#remarks.get(slot);
    const said = remarks?.reduce((all, { marks, isFirst }) => (isFirst ? all | marks : all), 0) ?? 0;
    return ((this.#at(slot).marks | said) & ~CLIENT_IS_SECOND) >>> 0;
  }

  /** In the words of the case: what has excused a finding of an open connection. */
  excuse(slot: number): string | undefined {
    return this.#excuses.get(slot);
  }

  /**
   * @param state the connection's last state, for people
   * @param about says what else there is to say of it, if somebody will see it: see `ConnectionReport.about`
   */
  close(slot: number, state: string, about: () => string = nothing): void {
    this.onClosing?.(slot);
    const marks = this.marks(slot);
    const list = marks === 0 ? this.#plain : this.#notable;
    const isListed = list.length < this.#listLimit;
    const words = this.observer || isListed ? about() : '';
    this.observer?.closing(slot, state, words);
    const excuse = this.#excuses.get(slot);
    const remarks = this.#remarks.get(slot);
    if (remarks) this.#keepRemarked(slot, remarks, this.#describe(slot, state, words || about()), excuse);
    else {
      this.#closedByMarks[verdictMarks(marks)]++;
      if (isListed) list.push({ marks, excuse, report: this.#describe(slot, state, words), moment: this.moment() });
    }
    this.#ends.delete(slot);
    this.#excuses.delete(slot);
    this.#free.push(slot);
  }

  /**
   * The verdicts, once every connection is closed.
   * @param all list the conformant ones too
   */
  outcome(capturing: CaptureTrust, all: boolean): ConnectionOutcome {
    return outcomeOf(this.closed, capturing, all);
  }

  /** Those that are over. */
  get closed(): ClosedConnections {
    const byMarks = [...this.#closedByMarks];
    const remarkedAt = this.#remarkedAt;
    return { opened: this.#opened, notable: this.#notable, plain: this.#plain, byMarks, remarkedAt };
  }

  /** Of an open connection in which something was found that is said once a run. */
  weighed(slot: number, { isKnown, isDropping }: CaptureTrust): Weighed | undefined {
    const remarks = this.#remarks.get(slot)?.map(({ key, marks }) => ({ key, marks }));
    if (!remarks) return undefined;
    return { marks: this.#ownMarks(slot), remarks, excuse: this.#excuses.get(slot), trust: { isKnown, isDropping } };
  }

  /** Those whose verdict depends on what other captures have said. */
  remarked(trust: CaptureTrust, all: boolean): RemarkedConnections {
    const { isKnown, isDropping } = trust;
    return { connections: this.#remarked, trust: { isKnown, isDropping }, all };
  }

  #keepRemarked(
    slot: number,
    said: readonly { readonly key: string; readonly marks: number }[],
    report: ConnectionReport,
    excuse: string | undefined,
  ): void {
    const marks = this.#ownMarks(slot);
    const remarks = said.map(({ key, marks }) => ({ key, marks }));
    this.#remarked.push({ report, marks, excuse, remarks });
    this.#remarkedAt.push(this.moment());
    this.#remarks.delete(slot);
  }

  #ownMarks(slot: number): number {
    return (this.#at(slot).marks & ~CLIENT_IS_SECOND) >>> 0;
  }

  /** An open connection as the report would list it. @param state for people */
  describe(slot: number, state: string, trust: CaptureTrust): ConnectionReport {
    const marks = this.marks(slot);
    return { ...this.#describe(slot, state), ...standingOf(marks, this.excuse(slot), trust) };
  }

  #at(slot: number): InstanceType<typeof Tail> {
    this.#tail.base = slot * this.rows.width + this.hotWords;
    return this.#tail;
  }

  #describe(slot: number, state: string, about = ''): ConnectionReport {
    const clientSide = this.clientSide(slot);
    const client = this.endpoint(slot, clientSide);
    const server = this.endpoint(slot, 1 - clientSide);
    const head = this.#head;
    head.base = slot * this.rows.width;
    const tail = this.#at(slot);
    return {
      id: head.number,
      protocol: this.#names.protocol,
      capture: this.#capture,
      client,
      server,
      start: { seconds: tail.startSeconds, nanoseconds: tail.startNanoseconds },
      end: { seconds: head.endSeconds, nanoseconds: head.endNanoseconds },
      state,
      messages: head.messages,
      verdict: 'conformant',
      reasons: [],
      ...(about !== '' && { about }),
    };
  }
}

const nothing = () => '';
const never = () => -1;

/** How the connections turned out, by all that is known. @param all list the conformant ones too */
export function outcomeOf(
  { opened, notable, plain, byMarks }: Omit<ClosedConnections, 'remarkedAt'>,
  capturing: CaptureTrust,
  all: boolean,
): ConnectionOutcome {
  const listed: ConnectionReport[] = [];
  for (const { report, marks, excuse } of [...notable, ...plain]) {
    const standing = standingOf(marks, excuse, capturing);
    if (all || standing.verdict !== 'conformant' || marks & ANY_FINDING) listed.push({ ...report, ...standing });
  }
  const counts = { conformant: 0, violations: 0, inconclusive: 0 };
  let wanted = 0;
  byMarks.forEach((count, marks) => {
    const verdict = verdictOf(marks, capturing);
    counts[verdict] += count;
    if (all || verdict !== 'conformant' || marks & ANY_FINDING) wanted += count;
  });
  listed.sort((a, b) => a.id - b.id);
  const { violations, inconclusive } = counts;
  return { total: opened, violations, inconclusive, listed, omitted: wanted - listed.length };
}

/** What of a connection's marks its verdict hangs on. */
export const verdictMarks = (marks: number): number => marks & VERDICT_MARKS;

/**
 * The outcome with the verdicts of connections that something was said of which is said once a run.
 * @param isSaid whether what has this key is said here
 */
export function withRemarked(
  outcome: ConnectionOutcome,
  { connections, trust, all }: RemarkedConnections,
  isSaid: (key: string) => boolean,
): ConnectionOutcome {
  if (connections.length === 0) return outcome;
  const listed = [...outcome.listed];
  let { violations, inconclusive } = outcome;
  for (const { report, ...weighed } of connections) {
    const { marks, ...standing } = standingWith({ ...weighed, trust }, isSaid);
    if (standing.verdict === 'violations') violations++;
    if (standing.verdict === 'inconclusive') inconclusive++;
    if (all || standing.verdict !== 'conformant' || marks & ANY_FINDING) listed.push({ ...report, ...standing });
  }
  return { ...outcome, violations, inconclusive, listed: listed.sort((a, b) => a.id - b.id) };
}

/** @param isSaid whether what has this key is said here */
export function standingWith({ marks: own, remarks, excuse, trust }: Weighed, isSaid: (key: string) => boolean) {
  const marks = remarks.reduce((sum, remark) => (isSaid(remark.key) ? sum | remark.marks : sum), own) >>> 0;
  return { marks, ...standingOf(marks, excuse, trust) };
}

function standingOf(marks: number, excuse: string | undefined, trust: CaptureTrust) {
  const verdict = verdictOf(marks, trust);
  return { verdict, reasons: verdict === 'inconclusive' ? reasonsOf(doubtsOf(marks, trust), excuse) : [] };
}

/** @param capturing how far the capture can be trusted, as far as is known by now */
export function verdictOf(marks: number, { isKnown, isDropping }: CaptureTrust): Verdict {
  if (marks & PROVEN || (marks & ARGUED && !isDropping) || (marks & EXCUSED && isKnown)) return 'violations';
  const doubtful = marks & INCONCLUSIVE || (marks & (EXCUSED | DOUBTED) && !isKnown);
  return isDropping || doubtful ? 'inconclusive' : 'conformant';
}

/** Why a connection is inconclusive, as a mask of doubts. */
export function doubtsOf(marks: number, { isDropping }: CaptureTrust): number {
  return (marks >>> DOUBTS_SHIFT) | (isDropping ? doubtBit('dropped') : 0);
}
