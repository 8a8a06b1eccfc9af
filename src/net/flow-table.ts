/**
 * The flows that are alive: a pair of endpoints and a transport, both directions in one, each under a small integer id
 * by which the owner keeps its own state in arrays. 32 bytes a flow, half of a cache line, and 6 to 11 for the index; twice
 * that just after the table has grown, and 24 bytes more a flow from the first one of IPv6 on.
 *
 * Two things end a flow besides its owner: `sweep` finds those that were idle too long, looking at a few a call, and
 * `insert` into a full table evicts one that was idle long compared with its neighbours. Both notify the owner first,
 * while the flow's endpoints can still be read, and then remove the flow; the owner must not insert during that call.
 * Ids are used again after a removal. Time is the capture's and may jump: see `sweep`.
 */

import { KeyTable } from '../storage/key-table.ts';
import type { Endpoint } from './address.ts';
import type { Packet } from './packet.ts';

/** Words of a key. IPv4 needs the first four only, of which the last says that it is IPv4; the hash skips the zeros behind them. */
const LOW_0 = 0;
const HIGH_0 = 1;
const PORTS = 2;
const KIND = 3;
const HEAD_WORDS = 4;
/** What IPv6 needs besides, in a key and in its tail. */
const LOW_REST = 4;
const HIGH_REST = 7;
const KEY_WORDS = 10;
const TAIL_WORDS = KEY_WORDS - HEAD_WORDS;
/** The table's own words behind the head: a double, so on an even word and in a record of even length. */
const LAST_SEEN = 4;
/** The lowest bit: 1 when endpoint 0 is the higher one of the key. Above it, see `setNote`. */
const SWAPPED = 6;
const SWAPPED_BIT = 1;
const NOTE_SHIFT = 1;
/** See `setRow`. */
const ROW = 7;
const OWN_WORDS = 4;
const RECORD_WORDS = HEAD_WORDS + OWN_WORDS;
const RECORD_DOUBLES = RECORD_WORDS / 2;
const LAST_SEEN_DOUBLE = LAST_SEEN / 2;

/** Flows compared when one must be evicted: enough that the victim is among the oldest few per cent. */
const EVICTION_WINDOW = 64;

export interface FlowTableOptions {
  /** Most flows alive at once. */
  readonly limit: number;
  /** Seconds of capture time without a packet after which a flow counts as over. */
  readonly idleSeconds: number;
  /** Any 32-bit number that the peers cannot know. */
  readonly seed: number;
  /** Called with a flow that must go because the table is full, just before it goes. */
  readonly onEvict: (flow: number) => void;
}

export class FlowTable {
  /** Set by `find` and `insert`: 0 when the packet came from endpoint 0, who sent the flow's first packet, else 1. */
  side: 0 | 1 = 0;
  /** Flows that went because the table was full. */
  evicted = 0;
  readonly #table: KeyTable;
  readonly #idleSeconds: number;
  readonly #onEvict: (flow: number) => void;
  /** The records again, for the time of the last packet in seconds of the capture; NaN marks an id that is not in use. */
  #doubles: Float64Array;
  /** 1 when the source of the packet whose key was written last is the higher one. */
  #sourceIsHigh: 0 | 1 = 0;
  #hand = 0;
  /** Flows that the next packets probably belong to, in this order, and how many of them are left behind: see `guessAll`. */
  #guessed: Int32Array = new Int32Array(0);
  #guesses = 0;
  #guess = 0;

  constructor(options: FlowTableOptions) {
    this.#table = new KeyTable(KEY_WORDS, options.seed, options.limit, OWN_WORDS, TAIL_WORDS);
    this.#doubles = new Float64Array(this.#table.records.buffer);
    this.#idleSeconds = options.idleSeconds;
    this.#onEvict = options.onEvict;
  }

  /** Flows alive. */
  get size(): number {
    return this.#table.size;
  }

  /** One more than the largest flow id ever given out: the length that an owner's arrays need. */
  get idsUsed(): number {
    return this.#table.idsUsed;
  }

  /** Bytes that the table's arrays take. */
  get byteLength(): number {
    return this.#table.byteLength;
  }

  /** The flow that the packet belongs to, or -1. Sets `side`. */
  find(packet: Packet): number {
    return packet.family === 4 ? this.#findIpv4(packet) : this.#findIpv6(packet);
  }

  /** Without the key being written: of the packets of most captures this is half of what it takes. */
  #findIpv4({ source0, destination0, sourcePort, destinationPort, transport }: Packet): number {
    const sourceIsHigh = source0 === destination0 ? sourcePort > destinationPort : source0 > destination0;
    const low = (sourceIsHigh ? destination0 : source0) | 0;
    const high = (sourceIsHigh ? source0 : destination0) | 0;
    const ports = sourceIsHigh ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    const kind = (transport << 8) | 4;
    const guess = this.#guess;
    const isGuessed = guess < this.#guesses && this.#table.beginsWith(this.#guessed[guess], low, high, ports, kind);
    const flow = isGuessed ? this.#guessed[guess] : this.#table.findFour(low, high, ports, kind);
    if (flow < 0) return flow;
    if (isGuessed) this.#guess = guess + 1;
    // The packet before was not looked up.
    else if (guess + 1 < this.#guesses && this.#guessed[guess + 1] === flow) this.#guess = guess + 2;
    this.side = (sourceIsHigh ? 1 : 0) === this.#swapped(flow) ? 0 : 1;
    return flow;
  }

  /**
   * The flows of packets with these hashes, put in their place, and the rows noted of them. By the hashes alone: now and then
   * it is another flow; packets for which there is none are left out. Each read waits for none of the others of its kind.
   * @param hashes of the packets that will be looked up next: `find` then tries these flows first, until others are guessed
   * @returns how many there are
   */
  guessAll(hashes: Int32Array, count: number, rows: Int32Array): number {
    const found = this.#table.guessAll(hashes, count);
    this.#guessed = hashes;
    this.#guesses = found;
    this.#guess = 0;
    const { records } = this.#table;
    for (let i = 0; i < found; i++) rows[i] = records[hashes[i] * RECORD_WORDS + ROW];
    return found;
  }

  #findIpv6(packet: Packet): number {
    this.#writeKey(packet);
    const flow = this.#table.find();
    if (flow >= 0) this.side = this.#sourceIsHigh === this.#swapped(flow) ? 0 : 1;
    return flow;
  }

  /** A 32-bit number that is the same for all packets of a flow, in the table or not. */
  hash(packet: Packet): number {
    this.#writeKey(packet);
    return this.#table.hashOfKey();
  }

  /** The same of a packet of IPv4 that is still to be decoded; addresses and ports as in `Packet`. */
  hashIpv4(
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    transport: number,
  ): number {
    const sourceIsHigh = source === destination ? sourcePort > destinationPort : source > destination;
    const ports = sourceIsHigh ? (destinationPort << 16) | sourcePort : (sourcePort << 16) | destinationPort;
    return this.#table.hashOfFour(
      sourceIsHigh ? destination : source,
      sourceIsHigh ? source : destination,
      ports,
      (transport << 8) | 4,
    );
  }

  /** Adds the flow of a packet for which `find` has none, with its source as endpoint 0. Sets `side`. */
  insert(packet: Packet, seconds: number): number {
    if (this.#table.size >= this.#table.limit) this.#evictOne(seconds);
    this.#writeKey(packet);
    const flow = this.#table.add();
    const { records } = this.#table;
    if (records.buffer !== this.#doubles.buffer) this.#doubles = new Float64Array(records.buffer, records.byteOffset);
    records[flow * RECORD_WORDS + SWAPPED] = this.#sourceIsHigh;
    this.touch(flow, seconds);
    this.side = 0;
    return flow;
  }

  /** Notes that the flow has sent something at this capture time, in seconds. */
  touch(flow: number, seconds: number): void {
    this.#doubles[flow * RECORD_DOUBLES + LAST_SEEN_DOUBLE] = seconds;
  }

  /** What the owner has noted of the flow; 0 for a new one. */
  note(flow: number): number {
    return this.#table.read(flow, SWAPPED) >>> NOTE_SHIFT;
  }

  /** Notes a number of the owner's, 0..2^31 - 1. It lies in the record that each packet reads anyway: no fetch of its own. */
  setNote(flow: number, note: number): void {
    this.#table.write(flow, SWAPPED, (note << NOTE_SHIFT) | this.#swapped(flow));
  }

  /** Notes which of its owner's rows the flow's next packets will probably need: any 32-bit number, 0 where that is not known. */
  setRow(flow: number, row: number): void {
    this.#table.records[flow * RECORD_WORDS + ROW] = row;
  }

  row(flow: number): number {
    return this.#table.records[flow * RECORD_WORDS + ROW];
  }

  /** Capture time of the flow's last packet in seconds. */
  lastSeen(flow: number): number {
    return this.#doubles[flow * RECORD_DOUBLES + LAST_SEEN_DOUBLE];
  }

  /** True while the id stands for a flow. */
  isAlive(flow: number): boolean {
    return flow >= 0 && flow < this.#table.idsUsed && !Number.isNaN(this.lastSeen(flow));
  }

  /** Forgets a flow; does nothing for one that is gone. */
  remove(flow: number): void {
    if (!this.isAlive(flow)) return;
    this.#table.remove(flow);
    // No packet is taken for one of it, if it was guessed before.
    this.#table.write(flow, KIND, 0);
    this.touch(flow, Number.NaN);
  }

  /**
   * Looks at the next `steps` ids and ends the flows that were idle for longer than the limit. A flow that lies in the
   * future by more than that limit shows that the capture's clock was set back: its age counts from `now` on.
   */
  sweep(now: number, steps: number, onIdle: (flow: number) => void): void {
    const ids = this.#table.idsUsed;
    for (let step = Math.min(steps, ids); step > 0; step--) {
      const flow = this.#advanceHand(ids);
      const idle = now - this.lastSeen(flow);
      if (idle > this.#idleSeconds) {
        onIdle(flow);
        this.remove(flow);
      } else if (idle < -this.#idleSeconds) {
        this.touch(flow, now);
      }
    }
  }

  /** Calls for each flow alive, in order of ids; the one at hand may be removed meanwhile. */
  forEach(visit: (flow: number) => void): void {
    for (let flow = 0; flow < this.#table.idsUsed; flow++) {
      if (this.isAlive(flow)) visit(flow);
    }
  }

  /** IP protocol number of the flow's transport. */
  transport(flow: number): number {
    return this.#table.read(flow, KIND) >>> 8;
  }

  family(flow: number): 4 | 6 {
    return (this.#table.read(flow, KIND) & 0xff) === 4 ? 4 : 6;
  }

  port(flow: number, side: 0 | 1): number {
    const ports = this.#table.read(flow, PORTS);
    return this.#isHigh(flow, side) ? ports & 0xffff : ports >>> 16;
  }

  /** Writes the four address words of one end to `target` from `at` on; for tables keyed by host. */
  copyAddress(flow: number, side: 0 | 1, target: Uint32Array, at: number): void {
    const high = this.#isHigh(flow, side);
    const rest = high ? HIGH_REST : LOW_REST;
    target[at] = this.#table.read(flow, high ? HIGH_0 : LOW_0);
    for (let word = 0; word < 3; word++) target[at + 1 + word] = this.#table.readTail(flow, rest - HEAD_WORDS + word);
  }

  /** One end of the flow, in an object of its own: for reports. */
  endpoint(flow: number, side: 0 | 1): Endpoint {
    const high = this.#isHigh(flow, side);
    const rest = (high ? HIGH_REST : LOW_REST) - HEAD_WORDS;
    const tail = (word: number) => this.#table.readTail(flow, rest + word);
    const words = [this.#table.read(flow, high ? HIGH_0 : LOW_0), tail(0), tail(1), tail(2)];
    return { family: this.family(flow), words, port: this.port(flow, side) };
  }

  #isHigh(flow: number, side: 0 | 1): boolean {
    return this.#swapped(flow) !== side;
  }

  #swapped(flow: number): number {
    return this.#table.read(flow, SWAPPED) & SWAPPED_BIT;
  }

  /** The lower endpoint goes first, so that both directions give one key. */
  #writeKey(packet: Packet): void {
    const key = this.#table.key;
    const sourceIsHigh = sourceIsHigher(packet);
    this.#sourceIsHigh = sourceIsHigh ? 1 : 0;
    const source = sourceIsHigh ? HIGH_0 : LOW_0;
    key[source] = packet.source0;
    key[LOW_0 + HIGH_0 - source] = packet.destination0;
    key[PORTS] = sourceIsHigh
      ? (packet.destinationPort << 16) | packet.sourcePort
      : (packet.sourcePort << 16) | packet.destinationPort;
    key[KIND] = (packet.transport << 8) | packet.family;
    const sourceRest = sourceIsHigh ? HIGH_REST : LOW_REST;
    const destinationRest = LOW_REST + HIGH_REST - sourceRest;
    key[sourceRest] = packet.source1;
    key[sourceRest + 1] = packet.source2;
    key[sourceRest + 2] = packet.source3;
    key[destinationRest] = packet.destination1;
    key[destinationRest + 1] = packet.destination2;
    key[destinationRest + 2] = packet.destination3;
  }

  /** Exact least-recently-seen order would cost a list to relink for every packet. */
  #evictOne(now: number): void {
    const ids = this.#table.idsUsed;
    let victim = this.#advanceHand(ids);
    for (let step = Math.min(EVICTION_WINDOW, ids) - 1; step > 0; step--) {
      const flow = this.#advanceHand(ids);
      if (this.#age(flow, now) > this.#age(victim, now)) victim = flow;
    }
    this.evicted++;
    this.#onEvict(victim);
    this.remove(victim);
  }

  /** Seconds since the flow was seen; one that the clock has left in the far future is the oldest of all. */
  #age(flow: number, now: number): number {
    const idle = now - this.lastSeen(flow);
    return idle < -this.#idleSeconds ? Number.POSITIVE_INFINITY : idle;
  }

  #advanceHand(ids: number): number {
    const flow = this.#hand < ids ? this.#hand : 0;
    this.#hand = flow + 1;
    return flow;
  }
}

/** Compares address, then port. Between equal ends (one that talks to itself on one port) there is no second side. */
function sourceIsHigher(packet: Packet): boolean {
  if (packet.source0 !== packet.destination0) return packet.source0 > packet.destination0;
  if (packet.source1 !== packet.destination1) return packet.source1 > packet.destination1;
  if (packet.source2 !== packet.destination2) return packet.source2 > packet.destination2;
  if (packet.source3 !== packet.destination3) return packet.source3 > packet.destination3;
  return packet.sourcePort > packet.destinationPort;
}
