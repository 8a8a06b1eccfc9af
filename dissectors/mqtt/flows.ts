/**
 * What one sender has under way: a flow a Packet Identifier, from PUBLISH, SUBSCRIBE or UNSUBSCRIBE to its last
 * acknowledgement. A flow lives in its session, since PUBLISH and PUBREL go on in a later connection; what was sent and
 * acknowledged is counted by connection, since nothing that travelled in an earlier one can be acknowledged in this.
 */
import type { Due, Ordered } from './due.ts';
import { type IdSet, including, NO_IDS } from './ids.ts';
import { OpenFlows } from './open-flows.ts';
import { copyPlace, type Place } from './place.ts';
import type { Wait } from './waits.ts';

export const KIND = { QOS1: 1, QOS2: 2, SUBSCRIBE: 3, UNSUBSCRIBE: 4 } as const;

/** PUBLISH (or SUBSCRIBE, UNSUBSCRIBE) sent; PUBREC seen; PUBREL sent; over. */
export const STAGE = { SENT: 0, RECEIVED: 1, RELEASED: 2, OVER: 3 } as const;

/** Digest of content that the capture does not hold. */
export const UNREAD = -1;

const NO_FILTERS: readonly string[] = [];
const NO_OPTIONS: readonly number[] = [];

export class Flow implements Place, Ordered<Flow> {
  readonly id: number;
  kind: number;
  stage: number = STAGE.SENT;
  /** Of topic, QoS and payload, or the filters; `UNREAD` where not all was captured. */
  digest: number;
  /** Its place in the order of first sending, of the session's sender; below 0 for what was sent in a session before. */
  order: number;
  /** Serial number of the connection that first carried it. */
  readonly born: number;
  /** Of the connection that the numbers below are of. */
  #here: number;
  /** Transmissions of the first packet, and of PUBREL, that are not acknowledged yet; how often it was sent at all. */
  sent = 0;
  released = 0;
  transmissions = 0;
  /** Of the first and the last packet that are counted there: which of them an acknowledgement answers is certain of these alone. */
  firstSent = 0;
  lastSent = 0;
  firstReleased = 0;
  lastReleased = 0;
  /** Of its last packet: what an acknowledgement answers. */
  ordinal = 0;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** The packet was malformed, or what became of it is not certain: it deserves no answer, and may have one. */
  isFaulty = false;
  /** The packet broke a rule of another kind, and no PUBREC shows that its receiver took it all the same. */
  isWeak = false;
  /**
   * Its sender need not send it again: the limits of a connection that took its session up forbade it, or it was acknowledged
   * to a side that had sent DISCONNECT, which may have taken it.
   */
  isOptional = false;
  /** It was seen when it was first sent, so that its place in the order is known. */
  hasOrder = true;
  /** It has a certain place among those of this connection: it was sent once, under an identifier that nothing was sent under twice. */
  hasPlace = false;
  /** It shares its identifier with another in this connection: what an acknowledgement is for nobody can tell. */
  isAmbiguous = false;
  /** Sent again although its last acknowledgement was seen, which did not arrive: it goes on in this connection alone. */
  isCrossed = false;
  /** Of QoS 1: time, in seconds, from which it need not be sent again (Message Expiry Interval). */
  expires = Number.POSITIVE_INFINITY;
  /** Bytes of the PUBLISH, and whether it is retained: the limits of a later connection may forbid to send it again. */
  length = 0;
  isRetained = false;
  /** Of a server's PUBLISH: it matches a Shared Subscription, so that another member may get it. */
  isShared = false;
  /** Of a SUBSCRIBE: its filters in order, with their options; of an UNSUBSCRIBE their number. */
  filters: readonly string[] = NO_FILTERS;
  options: readonly number[] = NO_OPTIONS;
  subscriptionId = 0;
  /** The order in which its acknowledgement is due, and those before and behind it there. */
  due: Due<Flow> | undefined = undefined;
  duePrevious: Flow | undefined = undefined;
  dueNext: Flow | undefined = undefined;
  /** Another flow under the same identifier, which should have been free: both may be acknowledged. */
  other: Flow | undefined = undefined;
  /** Its last packet waits for an answer. */
  wait: Wait | undefined = undefined;

  constructor(id: number, kind: number, digest: number, order: number, connection: number) {
    this.id = id;
    this.kind = kind;
    this.digest = digest;
    this.order = order;
    this.born = connection;
    this.#here = connection;
  }

  get isPublish(): boolean {
    return this.kind <= KIND.QOS2;
  }

  /** Its numbers are those of this connection from now on. */
  enter(connection: number): void {
    if (this.#here === connection) return;
    this.#here = connection;
    this.sent = 0;
    this.released = 0;
    this.transmissions = 0;
    this.hasPlace = false;
    this.isAmbiguous = false;
    this.wait = undefined;
  }

  /** What was sent of it in a connection, as another flow has it. */
  resume(early: Flow, connection: number): void {
    this.enter(connection);
    this.sent += early.sent;
    this.firstSent = early.firstSent;
    this.lastSent = early.lastSent;
    this.released += early.released;
    this.firstReleased = early.firstReleased;
    this.lastReleased = early.lastReleased;
    this.transmissions += early.transmissions;
    copyPlace(early, this);
    this.wait = early.wait;
    if (early.released > 0) this.stage = STAGE.RELEASED;
  }

  /** Is it the same message as an earlier flow, or the PUBREL of it alone? */
  goesOnWith({ kind, digest }: Flow): boolean {
    if (this.stage === STAGE.OVER) return this.sent === 0 && this.released > 0 && kind === KIND.QOS2;
    return this.kind === kind && this.digest === digest;
  }

  /** Is it another message than an earlier flow under its identifier, which its sender has forgotten then? */
  replaces({ kind, digest }: Flow): boolean {
    if (!this.hasOrder || this.stage === STAGE.OVER) return false;
    return this.kind !== kind || (this.digest !== digest && this.digest !== UNREAD && digest !== UNREAD);
  }

  /** The packet in hand sends it, or its PUBREL. */
  send(ordinal: number): void {
    if (this.sent++ === 0) this.firstSent = ordinal;
    this.lastSent = ordinal;
  }

  release(ordinal: number): void {
    if (this.released++ === 0) this.firstReleased = ordinal;
    this.lastReleased = ordinal;
  }

  /** Ordinal of the packet that an acknowledgement answers, or of an earlier one where it may. @param isLast it is a PUBCOMP */
  askedBy(isLast: boolean): number {
    if (isLast && this.released > 0) return this.released > 1 ? this.firstReleased : this.lastReleased;
    if (this.sent > 0) return this.sent > 1 ? this.firstSent : this.lastSent;
    return this.ordinal;
  }

  /** Was it sent, or its PUBREL, in this connection? */
  isHere(connection: number): boolean {
    return this.#here === connection && this.transmissions > 0;
  }
}

/** Flows kept under one identifier: one in flight, and those whose acknowledgements may still come. */
const MOST_UNDER_ONE_ID = 16;
export const FLOWS_BOUND = `flows-of-identifier=${MOST_UNDER_ONE_ID}` as const;

/** The flows of one sender in one session. */
export class FlowBook {
  /** In flight, or with acknowledgements that may still come. */
  readonly open = new OpenFlows<Flow>();
  /** Identifiers that were ever used, and used for a PUBLISH of QoS 2. */
  used: IdSet = NO_IDS;
  usedForQos2: IdSet = NO_IDS;
  /** Identifiers with more flows than are kept: nobody knows what an acknowledgement there is for. */
  crowded: IdSet = NO_IDS;
  readonly #onFull: () => void;
  #orders = 0;
  /** Flows begun before this one may have been acknowledged: nobody knows which. */
  #looseBefore = Number.NEGATIVE_INFINITY;

  /** @param onFull called when there are too many flows under one identifier */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  /**
   * A new flow. One that is over under its identifier, and was sent once more, may still be acknowledged beside it.
   * @param keep the same of one that is not over
   */
  begin(id: number, kind: number, digest: number, connection: number, keep: boolean): Flow {
    const flow = new Flow(id, kind, digest, this.#orders++, connection);
    const present = this.open.get(id);
    if (present && (keep || present.stage === STAGE.OVER)) flow.other = this.#thinned(present);
    this.open.set(id, flow);
    this.used = including(this.used, id);
    if (kind === KIND.QOS2) this.usedForQos2 = including(this.usedForQos2, id);
    return flow;
  }

  /** Makes room under an identifier: the oldest flow that is over goes, else the newest, which is none too many in the window. */
  #thinned(first: Flow): Flow | undefined {
    let count = 0;
    let over: Flow | undefined;
    for (let flow: Flow | undefined = first; flow !== undefined; flow = flow.other) {
      count++;
      if (flow.stage === STAGE.OVER) over = flow;
    }
    if (count < MOST_UNDER_ONE_ID) return first;
    this.crowded = including(this.crowded, first.id);
    this.#onFull();
    const gone = over ?? first;
    gone.wait?.list?.remove(gone.wait);
    this.#unlink(gone);
    return gone === first ? first.other : first;
  }

  /** One of the flows so far was acknowledged, and nobody knows which: nobody is accused over any of them. */
  loosen(): void {
    this.#looseBefore = this.#orders;
  }

  isLoose({ order }: Flow): boolean {
    return order < this.#looseBefore;
  }

  /** The flow in flight under an identifier, the newest if there are two; of QoS 2 alone if asked for. */
  find(id: number, isQos2 = false): Flow | undefined {
    for (let flow = this.open.get(id); flow !== undefined; flow = flow.other) {
      if (flow.stage === STAGE.OVER || (isQos2 && flow.kind !== KIND.QOS2)) continue;
      flow.isFaulty ||= this.isLoose(flow);
      return flow;
    }
    return undefined;
  }

  /** A flow is over; it stays as long as a repeated transmission may still be acknowledged. */
  end(flow: Flow): void {
    flow.stage = STAGE.OVER;
    if (flow.sent > 0 || flow.released > 0) return;
    if (this.open.get(flow.id) !== flow) {
      this.#unlink(flow);
      return;
    }
    if (flow.other) this.open.set(flow.id, flow.other);
    else this.open.delete(flow.id);
  }

  #unlink(flow: Flow): void {
    const first = this.open.get(flow.id);
    for (let at = first; at !== undefined; at = at.other) if (at.other === flow) at.other = flow.other;
  }

  /**
   * The flows of a former session go on in this one, unless it has another message under their identifiers; what was sent of
   * them in the connection so far is theirs.
   */
  adopt(former: FlowBook, connection: number): void {
    for (const flow of former.open.values()) {
      const { id } = flow;
      const own = this.open.get(id);
      if (!flow.isPublish || flow.stage === STAGE.OVER || (own && !own.goesOnWith(flow))) continue;
      flow.isFaulty ||= former.isLoose(flow);
      flow.order -= former.#orders;
      if (own) flow.resume(own, connection);
      this.open.set(id, flow);
      this.used = including(this.used, id);
      if (flow.kind === KIND.QOS2) this.usedForQos2 = including(this.usedForQos2, id);
    }
  }

  /** What was sent in a connection before it was known that this session goes on in it. */
  take(early: FlowBook, connection: number): void {
    for (const flow of early.open.values()) {
      const { id } = flow;
      const known = this.find(id);
      flow.isFaulty ||= early.isLoose(flow);
      flow.order += this.#orders;
      if (known && !flow.replaces(known)) known.resume(flow, connection);
      else {
        known?.enter(connection);
        if (known) this.end(known);
        this.open.set(id, flow);
      }
      if (early.crowded.has(id)) this.crowded = including(this.crowded, id);
      this.used = including(this.used, id);
      if (flow.kind === KIND.QOS2) this.usedForQos2 = including(this.usedForQos2, id);
    }
    this.#orders += early.#orders;
  }

  /** A connection is over: what does not outlive it is forgotten. */
  leave(): void {
    for (const first of this.open.values()) {
      const { id } = first;
      let flow: Flow | undefined = first;
      while (flow && !(flow.isPublish && flow.stage !== STAGE.OVER && !flow.isCrossed)) flow = flow.other;
      if (!flow) {
        this.open.delete(id);
        continue;
      }
      flow.other = undefined;
      if (flow !== first) this.open.set(id, flow);
    }
  }
}
