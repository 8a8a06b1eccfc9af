/**
 * Puts the segments of TCP connections (RFC 9293) in order and hands their bytes on: in order, each once, out of the
 * packet that brought them. Only what comes too early is copied, and waits in `PendingSegments`.
 *
 * Of bytes that were sent twice the first copy counts; the second is held against it. What the receiver acknowledges was
 * sent, so a hole that an acknowledgement passes was lost by the capture and becomes a gap at once, as do bytes that the
 * snap length cut off. When a bound on what waits is hit, the stream that hit it gives up the hole in its way, whose bytes
 * become a gap, so that what waits behind it is delivered (`give-up-the-hole`).
 *
 * Nothing here believes a segment because of its ports alone: sequence and acknowledgement must fit to the connection
 * that is there, so that neither blind resets nor late duplicates of an earlier connection on the same ports disturb it.
 */

import { Records } from '../storage/records.ts';
import { DIFFERS, type StreamMemory, UNSEEN } from '../storage/stream-memory.ts';
import { type Comparison, OUTCOMES, worse } from './comparison.ts';
import { InOrder } from './in-order.ts';
import type { Arrival, Delivered, Moment, Origin } from './moment.ts';
import type { Packet } from './packet.ts';
import { PendingSegments, type Piece, type StreamLimits } from './pending.ts';
import { StreamFacts } from './stream-facts.ts';
import type { StreamSink } from './stream-sink.ts';
import {
  ACKNOWLEDGED,
  ahead,
  BEGUN,
  CANDIDATE,
  CANDIDATE_ANSWERS,
  CLOSED,
  CONNECTION_WORDS,
  DIFFERED,
  Direction,
  ENDED,
  FIN_SEEN,
  FROM_START,
  GAVE_UP,
  IGNORED,
  OVER,
  RESET,
  SEEN,
  SPOKE,
  SUSPECTED,
  SYN_SEEN,
  TcpConnection,
  WAITS,
  WATCHED,
  WINDOW,
} from './tcp-connection.ts';
import { TcpWatch } from './tcp-watch.ts';
import { noteSettled, UnseenBytes } from './unseen-bytes.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
/** How far beyond the next byte of a direction an acknowledgement may lie, and still seem to be of this connection. */
const NEARBY = 2 ** 20;

export class TcpStreams {
  /** Directions whose holes were given up because a bound was hit. */
  givenUp = 0;
  readonly #sink: StreamSink;
  readonly #moment: Arrival;
  readonly #memory: StreamMemory;
  readonly #pending: PendingSegments;
  readonly #rows = new Records(CONNECTION_WORDS);
  readonly #watch: TcpWatch;
  readonly facts: StreamFacts;
  /** Of the segment in hand. */
  readonly #connection = new TcpConnection(this.#rows);
  readonly #sender = new Direction(this.#rows);
  readonly #receiver = new Direction(this.#rows);
  /** Of the connection that is ignored, which may be while a segment is in hand. */
  readonly #asked = new TcpConnection(this.#rows);
  readonly #askedDirection = new Direction(this.#rows);
  /** The last owner's number; every connection takes two, one a direction. */
  #owners = 0;
  readonly #unseen: UnseenBytes;
  /** Undefined where all segments go the long way. */
  readonly #inOrder: InOrder | undefined;
  /** What waited is handed out although nothing has filled the hole before it. */
  #flushing = false;

  /**
   * @param moment the frame in hand, set by the owner. While what still waited is handed out because a connection is over,
   * it is set to the frame that had brought each piece, and put back. Its base is set here: that of the bytes handed out.
   * @param origin set to what brought the bytes that are handed out of a connection that is watched: if present, every one
   * is until `unwatch`
   * @param shortWay false to have all segments go the long way
   */
  constructor(
    sink: StreamSink,
    moment: Arrival,
    memory: StreamMemory,
    limits: StreamLimits,
    origin?: Origin,
    shortWay = true,
  ) {
    this.#sink = sink;
    this.#moment = moment;
    this.#memory = memory;
    this.#pending = new PendingSegments(limits);
    this.#unseen = new UnseenBytes(moment, sink);
    this.#watch = new TcpWatch(moment, this.#pending, origin);
    const { stalls } = this.#watch;
    this.facts = new StreamFacts(this.#rows, this.#pending, stalls);
    this.#inOrder = shortWay ? new InOrder(this.#rows, { sink, moment, memory, stalls, origin }) : undefined;
  }

  /** Was a bound hit that is one for all connections together, or would be if there were so many times as many? */
  isCrowded(times: number): boolean {
    return this.#pending.isCrowded || this.#unseen.isCrowded(times);
  }

  /** Bytes that wait, with what it costs to keep them. */
  get pendingCost(): number {
    return this.#pending.cost;
  }

  /** Is this segment worth a flow of its own: a SYN, or one that carries bytes. */
  opens(packet: Packet): boolean {
    const flags = packet.tcpFlags;
    return (flags & RST) === 0 && ((flags & SYN) !== 0 || packet.payloadLength > 0);
  }

  /**
   * Takes one segment of a flow, from its end 0 or 1.
   * @param fresh the flow id was given out for this segment; what an earlier owner of the id left behind is forgotten
   */
  segment(flow: number, side: number, packet: Packet, fresh: boolean): void {
    if (fresh) this.#forget(flow);
    this.#moment.base = packet.base;
    if (!fresh && this.#inOrder?.takes(flow, side, packet)) return;
    this.#look(flow, side);
    const connection = this.#connection;
    if (connection.owner === 0) this.#open(side);
    connection.segments++;
    const { flags } = connection;
    if ((flags & (SEEN << side)) === 0) connection.flags = flags | (SEEN << side);
    if (flags & SUSPECTED) this.#unseen.check(connection, flow);
    this.#consider(packet);
    if (connection.flags & WATCHED) this.#watch.settle(connection, this.#sender, this.#receiver);
  }

  /** The flow is over for its owner: hands out what waits, with gaps for what is missing. It may be asked about until `forget`. */
  finish(flow: number): void {
    this.#look(flow, 0);
    this.#flush();
  }

  /** Nobody will ask about the flow again. */
  forget(flow: number): void {
    this.#forget(flow);
  }

  /** Nobody wants to know more of this connection than its bytes, until `restart`. */
  unwatch(flow: number): void {
    this.#asked.base = flow * CONNECTION_WORDS;
    this.#watch.end(this.#asked, this.#askedDirection, flow);
  }

  /** Nobody wants this connection's bytes: frees them, and delivers nothing more until `restart`. */
  ignore(flow: number): void {
    const connection = this.#asked;
    connection.base = flow * CONNECTION_WORDS;
    connection.flags = (connection.flags & ~WATCHED) | IGNORED;
    for (const side of [0, 1]) this.#dropWaiting(flow, side);
  }

  #look(flow: number, side: number): void {
    this.#connection.base = flow * CONNECTION_WORDS;
    this.#sender.look(flow, side);
    this.#receiver.look(flow, 1 - side);
  }

  #open(side: number): void {
    this.#owners = (this.#owners + 2) >>> 0 || 2;
    this.#connection.owner = this.#owners;
    this.#watch.begin(this.#connection);
    this.#connection.setClient(side, false);
  }

  #forget(flow: number): void {
    this.#pending.drop(flow * 2);
    this.#pending.drop(flow * 2 + 1);
    this.#unseen.forget(flow);
    this.#watch.forget(flow);
    this.#rows.reset(flow);
  }

  /** Frees what waits in a direction of a connection that is ignored; how far it was seen is still known. */
  #dropWaiting(flow: number, side: number): void {
    const direction = this.#askedDirection;
    direction.look(flow, side);
    const first = this.#waiting(direction);
    direction.memory = 0;
    direction.flags &= ~WAITS;
    if (first === undefined) return;
    direction.flags |= WAITS;
    direction.islandStart = first.start;
    direction.islandEnd = this.#pending.sentTo(direction);
    this.#pending.drop(direction.key);
  }

  #consider(packet: Packet): void {
    const flags = packet.tcpFlags;
    if ((flags & (SYN | RST)) === SYN) {
      if (!this.#takesSyn(packet)) return;
    } else {
      const { flags: marks } = this.#connection;
      if (marks & OVER) {
        if ((marks & OVER) === IGNORED) this.#unseen.pass(this.#connection, this.#sender, this.#receiver, packet);
        return;
      }
      if (flags & RST) {
        this.#takeReset(packet);
        return;
      }
      if (this.#confirmsCandidate(packet)) this.#restartWithCandidate(this.#sender);
      if (!this.#belongs(packet)) return;
    }
    this.#takeSegment(packet);
  }

  /** Could the segment be one of this connection, and not a stray one of an earlier connection on the same ports? */
  #belongs(packet: Packet): boolean {
    const sender = this.#sender;
    const receiver = this.#receiver;
    if (sender.has(BEGUN) && Math.abs(ahead(packet.tcpSequence, sender.next)) > WINDOW) return false;
    // A keep-alive before anything was sent has the number of the SYN; nothing has a lower one.
    if (sender.has(SYN_SEEN) && ahead(packet.tcpSequence, sender.first) < -1) return false;
    if (!receiver.has(SYN_SEEN)) return true;
    if ((packet.tcpFlags & ACK) === 0) return sender.has(BEGUN);
    const beyondStart = ahead(packet.tcpAcknowledgement, receiver.first);
    if (sender.has(BEGUN)) return beyondStart >= 0;
    return beyondStart >= 0 && ahead(packet.tcpAcknowledgement, receiver.next) <= NEARBY;
  }

  /** @returns whether the segment belongs to the connection that there is now, and needs more work */
  #takesSyn(packet: Packet): boolean {
    const connection = this.#connection;
    const sender = this.#sender;
    const receiver = this.#receiver;
    const answers = (packet.tcpFlags & ACK) !== 0;
    const fits = answers && this.#acknowledgesSent(packet);
    if (sender.has(BEGUN) && sender.isn === packet.tcpSequence) {
      if (connection.isOver() || (sender.next - sender.isn) >>> 0 > WINDOW) return false;
      this.#beginWithSyn(sender, packet.tcpSequence, answers);
      return true;
    }
    if (connection.isOver()) {
      if (connection.flags & IGNORED && !sender.has(BEGUN) && fits) {
        this.#beginWithSyn(sender, packet.tcpSequence, answers);
        return false;
      }
      this.#restart(1);
    } else if (sender.has(BEGUN) || (answers && receiver.has(BEGUN) && !fits)) {
      if (!answers || !receiver.has(CANDIDATE) || packet.tcpAcknowledgement !== (receiver.candidate + 1) >>> 0) {
        if (sender.has(BEGUN)) this.#noteCandidate(packet.tcpSequence, answers);
        return false;
      }
      this.#restartWithCandidate(receiver);
    } else {
      this.#forgetWaiting(receiver);
    }
    this.#beginWithSyn(sender, packet.tcpSequence, answers);
    return true;
  }

  #beginWithSyn(direction: Direction, isn: number, answers: boolean): void {
    if (!direction.has(BEGUN)) direction.begin((isn + 1) >>> 0, 0);
    direction.flags |= SYN_SEEN | FROM_START;
    this.#connection.setClient(answers ? 1 - direction.side : direction.side, true);
  }

  #noteCandidate(isn: number, answers: boolean): void {
    const sender = this.#sender;
    sender.candidate = isn;
    sender.flags = (sender.flags & ~CANDIDATE_ANSWERS) | CANDIDATE | (answers ? CANDIDATE_ANSWERS : 0);
  }

  /** The side that sent a SYN while a connection was open goes on where that SYN would have it. */
  #confirmsCandidate(packet: Packet): boolean {
    const sender = this.#sender;
    if (!sender.has(CANDIDATE) || packet.tcpSequence === sender.next) return false;
    return packet.tcpSequence === (sender.candidate + 1) >>> 0;
  }

  #restartWithCandidate(direction: Direction): void {
    const { candidate } = direction;
    const answers = direction.has(CANDIDATE_ANSWERS);
    this.#restart(2);
    this.#beginWithSyn(direction, candidate, answers);
  }

  /** @param segments of the new connection that were counted for the one before */
  #restart(segments: number): void {
    const { flow, side } = this.#sender;
    const connection = this.#connection;
    connection.segments -= segments;
    this.#flush();
    this.#sink.restart(flow);
    this.#forget(flow);
    this.#open(side);
    connection.segments = segments;
    connection.flags |= SEEN << side;
  }

  /** Before a side has sent its SYN the other cannot send bytes that follow others: they are of an earlier connection. */
  #forgetWaiting(direction: Direction): void {
    if (direction.has(ENDED)) return;
    this.#pending.drop(direction.key);
    direction.flags &= ~(WAITS | FIN_SEEN);
  }

  /** RFC 9293 3.10.7: a reset counts if its number is that of the next byte or in the window; one for a SYN, if it acknowledges it. */
  #takeReset(packet: Packet): void {
    const sender = this.#sender;
    const connection = this.#connection;
    const counts = sender.has(BEGUN)
      ? this.#isInWindow(packet.tcpSequence)
      : (packet.tcpFlags & ACK) !== 0 && this.#acknowledgesSent(packet);
    if (!counts) return;
    this.#flush();
    // It has the number of the next byte: those before it were sent, and not captured.
    if (sender.has(BEGUN) && ahead(packet.tcpSequence, sender.next) > 0) this.#proceed(sender, packet.tcpSequence);
    if (connection.isOver()) return;
    connection.flags |= RESET;
    this.#sink.reset(sender.flow, sender.side);
  }

  /**
   * Is this a number that the receiver of the sender's segments would take? What it had got is known from its
   * acknowledgements, and may be less than was sent; its window is that of the header, since the scale is not known.
   */
  #isInWindow(sequence: number): boolean {
    const sender = this.#sender;
    const lowest = sender.has(ACKNOWLEDGED) ? sender.acknowledged : sender.next;
    const window = ahead(sequence, sender.next) <= this.#receiver.window;
    return ahead(sequence, lowest) >= 0 && (window || ahead(sequence, this.#pending.sentTo(sender)) <= 0);
  }

  /** Does the segment acknowledge a SYN that was seen, or what came with it? */
  #acknowledgesSent(packet: Packet): boolean {
    const receiver = this.#receiver;
    const { tcpAcknowledgement } = packet;
    return (
      receiver.has(BEGUN) &&
      ahead(tcpAcknowledgement, receiver.first) >= 0 &&
      ahead(tcpAcknowledgement, this.#pending.sentTo(receiver)) <= 0
    );
  }

  #takeSegment(packet: Packet): void {
    const sender = this.#sender;
    const { tcpFlags: flags, payloadLength } = packet;
    const start = flags & SYN ? (packet.tcpSequence + 1) >>> 0 : packet.tcpSequence;
    if (!(flags & ACK && this.#receiver.knowsMore(packet.tcpAcknowledgement))) sender.window = packet.tcpWindow;
    if (!sender.has(BEGUN) && (payloadLength > 0 || flags & FIN)) sender.begin(start, 0);
    if (flags & ACK) this.#takeAcknowledgement(packet, start);
    if (!sender.has(BEGUN)) return;
    if (this.#connection.flags & WATCHED) this.#watch.take(packet, start, sender, this.#receiver);
    const connection = this.#connection;
    if (connection.flags & SUSPECTED) {
      this.#unseen.came(connection, sender, start, (start + payloadLength + (flags & FIN ? 1 : 0)) >>> 0);
    }
    const ends = (flags & FIN) !== 0 && this.#noteFin((start + payloadLength) >>> 0);
    if (payloadLength > 0) this.#takePayload(packet, start);
    if (ends && !sender.has(ENDED)) this.#take(sender.fin, packet.bytes, 0, 0, sender.fin);
    // The sink may have ignored the connection during a call above, before all of the segment was taken.
    if ((connection.flags & OVER) === IGNORED) {
      this.#unseen.passBytes(connection, sender, start, payloadLength, (flags & FIN) !== 0);
    }
  }

  /** What was acknowledged was sent: holes before it are not going to be filled. */
  #takeAcknowledgement(packet: Packet, start: number): void {
    const receiver = this.#receiver;
    const { tcpAcknowledgement } = packet;
    if (!receiver.has(BEGUN)) {
      // A SYN-ACK acknowledges the other's SYN alone; any later segment may acknowledge bytes that were not captured.
      if (this.#tellsStart(start)) receiver.begin(tcpAcknowledgement, packet.tcpFlags & SYN ? FROM_START : 0);
      return;
    }
    if (Math.abs(ahead(tcpAcknowledgement, receiver.next)) > WINDOW) return;
    const isMore = this.#noteAcknowledged(packet);
    this.#proceed(receiver, tcpAcknowledgement, true);
    if (isMore) this.#tellAcknowledged(receiver);
  }

  /** May the acknowledgement of a segment at `start` say where the other direction stands? Not if it is out of place itself. */
  #tellsStart(start: number): boolean {
    const sender = this.#sender;
    return !sender.has(SYN_SEEN) || (ahead(start, sender.first) >= 0 && ahead(start, sender.next) <= 0);
  }

  /** @returns whether the segment acknowledges more than those before it */
  #noteAcknowledged(packet: Packet): boolean {
    const receiver = this.#receiver;
    const { tcpAcknowledgement } = packet;
    if (receiver.has(ACKNOWLEDGED) && ahead(tcpAcknowledgement, receiver.acknowledged) <= 0) return false;
    receiver.acknowledged = tcpAcknowledgement;
    receiver.flags |= ACKNOWLEDGED;
    if (tcpAcknowledgement === receiver.next) noteSettled(receiver);
    return true;
  }

  #tellAcknowledged(receiver: Direction): void {
    if ((this.#connection.flags & WATCHED) === 0) return;
    const bytes = receiver.bytesBefore(receiver.acknowledged);
    if (bytes > 0) this.#sink.acknowledged(receiver.flow, receiver.side, bytes);
  }

  #takePayload(packet: Packet, sequence: number): void {
    const sender = this.#sender;
    // A keep-alive repeats the byte before the next one, and may put anything in its place.
    if (packet.payloadLength === 1 && ahead(sequence, sender.next) === -1) return;
    const early = Math.max(0, ahead(sender.first, sequence));
    const length = sender.has(FIN_SEEN)
      ? Math.min(packet.payloadLength, ahead(sender.fin, sequence))
      : packet.payloadLength;
    if (length <= early || length > WINDOW) return;
    const from = Math.min(packet.payloadStart + early, packet.payloadEnd);
    const to = Math.max(from, Math.min(packet.payloadEnd, packet.payloadStart + length));
    this.#take((sequence + early) >>> 0, packet.bytes, from, to, (sequence + length) >>> 0);
  }

  /** The first FIN counts; one that lies before bytes that were delivered does not. */
  #noteFin(sequence: number): boolean {
    const sender = this.#sender;
    const lead = ahead(sequence, sender.next);
    if (sender.has(FIN_SEEN) || lead < 0 || lead > WINDOW) return false;
    sender.fin = sequence;
    sender.flags |= FIN_SEEN;
    return true;
  }

  /**
   * Takes the bytes [from, to), whose first has the sequence number `start`.
   * @param sentTo the segment ends here, at `to` or further on; what lies between was not captured
   */
  #take(start: number, bytes: Uint8Array, from: number, to: number, sentTo: number): void {
    if (this.#connection.isOver()) return;
    const sender = this.#sender;
    const lead = ahead(start, sender.next);
    if (lead > WINDOW) return;
    if (lead > 0) {
      this.#report(sender, this.#keep(start, bytes, from, to, sentTo));
      if (sender.has(ACKNOWLEDGED)) this.#proceed(sender, sender.acknowledged);
      while (this.#pending.isOverfull(sender.key)) this.#giveUpHole(sender);
      return;
    }
    const at = Math.min(from - lead, to);
    const { owner } = this.#connection;
    let outcome: Comparison =
      at > from ? this.#memory.compare(owner + sender.side, sender.memory, start, bytes, from, at - from) : UNSEEN;
    const keeps = at < to && this.#overlapsWaiting(sender, to - at);
    if (keeps) outcome = worse(outcome, this.#keep(sender.next, bytes, at, to, sentTo));
    this.#report(sender, outcome);
    if (at < to && !keeps && !this.#connection.isOver()) this.#deliver(sender, bytes, at, to);
    this.#proceed(sender, sentTo);
  }

  #keep(start: number, bytes: Uint8Array, from: number, to: number, sentTo: number): Comparison {
    const sender = this.#sender;
    sender.flags |= WAITS;
    return this.#pending.add(sender.key, start, bytes, from, to, sentTo, this.#moment, this.#watch.inHand);
  }

  /** Do the next `length` bytes of a direction reach into what waits? */
  #overlapsWaiting(direction: Direction, length: number): boolean {
    const piece = this.#waiting(direction);
    return piece !== undefined && ahead(piece.start, direction.next) < length;
  }

  #waiting(direction: Direction): Piece | undefined {
    return direction.has(WAITS) ? this.#pending.first(direction.key) : undefined;
  }

  /**
   * Hands on what waits for as long as nothing is missing; holes below `lostTo` are not going to be filled.
   * @param acknowledged because the other side has got them
   */
  #proceed(direction: Direction, lostTo: number, acknowledged = false): void {
    let lost = lostTo;
    let carriedTo = direction.next;
    while (!this.#connection.isOver() && !direction.has(ENDED)) {
      const piece = this.#waiting(direction);
      if (piece !== undefined && this.#flushing) this.#moveTo(piece);
      if (piece !== undefined && ahead(piece.start, direction.next) <= 0) {
        if (ahead(piece.sentTo, lost) > 0) lost = piece.sentTo;
        if (ahead(piece.sentTo, carriedTo) > 0) carriedTo = piece.sentTo;
        this.#deliverPiece(direction, piece);
      } else if (direction.has(FIN_SEEN) && direction.next === direction.fin) {
        this.#end(direction);
      } else {
        const hole = this.#holeBelow(direction, lost, piece);
        if (hole <= 0) return;
        if (acknowledged) this.#noteUnseen(direction, carriedTo, hole);
        direction.advance(hole);
        this.#sink.gap(direction.flow, direction.side, hole);
      }
    }
  }

  /** Of the next `hole` bytes those behind `carriedTo` were in no segment, not even in one that the capture has cut. */
  #noteUnseen(direction: Direction, carriedTo: number, hole: number): void {
    const cut = Math.max(0, ahead(carriedTo, direction.next));
    if (hole <= cut) return;
    this.#unseen.acknowledged(this.#connection, direction, (direction.next + cut) >>> 0, hole - cut);
  }

  /** Bytes missing from the next one on to `lost`, to the piece that waits, or to the FIN, whichever comes first. */
  #holeBelow(direction: Direction, lost: number, piece: Piece | undefined): number {
    let hole = ahead(lost, direction.next);
    if (piece !== undefined) hole = Math.min(hole, ahead(piece.start, direction.next));
    return direction.has(FIN_SEEN) ? Math.min(hole, ahead(direction.fin, direction.next)) : hole;
  }

  #deliverPiece(direction: Direction, piece: Piece): void {
    const { key } = direction;
    this.#pending.shift(key);
    if (this.#pending.first(key) === undefined) direction.flags &= ~WAITS;
    const { length } = piece.bytes;
    const from = ahead(direction.next, piece.start);
    const to = direction.has(FIN_SEEN) ? Math.min(length, ahead(direction.fin, piece.start)) : length;
    if (from >= to) return;
    const { base } = this.#moment;
    this.#moment.base = piece.base;
    this.#deliver(direction, piece.bytes, from, to, piece);
    this.#moment.base = base;
  }

  /** @param source what brought the bytes, if that is not the segment in hand */
  #deliver(direction: Direction, bytes: Uint8Array, from: number, to: number, source?: Readonly<Delivered>): void {
    const { flow, side, next } = direction;
    if (this.#connection.flags & WATCHED) this.#watch.handOut(direction, source);
    const owner = this.#connection.owner + side;
    direction.memory = this.#memory.append(owner, direction.memory, next, bytes, from, to - from);
    direction.advance(to - from);
    if (!direction.has(SPOKE)) direction.flags |= SPOKE;
    this.#sink.data(flow, side, bytes, from, to);
  }

  #end(direction: Direction): void {
    direction.advance(1);
    direction.flags = (direction.flags & ~WAITS) | ENDED;
    this.#pending.drop(direction.key);
    if (this.#sender.has(ENDED) && this.#receiver.has(ENDED)) {
      this.#unseen.end(this.#connection, direction.flow);
      this.#connection.flags |= CLOSED;
    }
    this.#sink.end(direction.flow, direction.side);
  }

  #giveUpHole(direction: Direction): void {
    if (!direction.has(GAVE_UP)) this.givenUp++;
    direction.flags |= GAVE_UP;
    this.#proceed(direction, this.#waiting(direction)?.start ?? direction.next);
  }

  /** The connection is over: hands out what waits in either direction, oldest first, as far as the order of each allows. */
  #flush(): void {
    const { frame, seconds, nanoseconds } = this.#moment;
    this.#unseen.end(this.#connection, this.#sender.flow);
    this.#flushing = true;
    for (let direction = this.#oldestWaiting(); direction !== undefined; direction = this.#oldestWaiting()) {
      this.#proceed(direction, this.#waiting(direction)?.start ?? direction.next);
    }
    this.#flushing = false;
    this.#moveTo({ frame, seconds, nanoseconds });
  }

  #oldestWaiting(): Direction | undefined {
    const own = this.#waiting(this.#sender);
    const other = this.#waiting(this.#receiver);
    if (own === undefined) return other && this.#receiver;
    return other !== undefined && other.frame < own.frame ? this.#receiver : this.#sender;
  }

  #moveTo({ frame, seconds, nanoseconds }: Readonly<Moment>): void {
    const moment = this.#moment;
    moment.frame = frame;
    moment.seconds = seconds;
    moment.nanoseconds = nanoseconds;
  }

  #report(direction: Direction, outcome: Comparison): void {
    if (outcome === UNSEEN || (outcome === DIFFERS && direction.has(DIFFERED))) return;
    if (outcome === DIFFERS) direction.flags |= DIFFERED;
    this.#sink.resent(direction.flow, direction.side, OUTCOMES[outcome]);
  }
}
