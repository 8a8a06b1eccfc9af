/**
 * The connection tags: which reading of the specification a connection follows, which tags are alive at a listener,
 * and whether a host makes its tags at random.
 *
 * The specification calls the tag in every message after the handshake "the tag received in the initial INIT", and says
 * elsewhere that the listener's tag is the one to use towards the connector. Three readings follow; a connection is
 * held to whichever all its messages so far allow, and to the one that is left from then on.
 */
import { KeyTable, type Message, MOST_ENTRIES, readUint, type TrackerHost, withRoomFor } from '../../src/sdk.ts';

/** Readings of the tags, as bits of a mask. */
export const READING = { initiator: 1, receiver: 2, sender: 4 } as const;
export type Reading = keyof typeof READING;
export const ALL_READINGS = READING.initiator | READING.receiver | READING.sender;
export const READINGS = Object.keys(READING) as Reading[];

/** Mask of the readings under which the connector or the listener may send this tag. */
export function readingsAllowing(tag: number, initTag: number, listenerTag: number, fromConnector: boolean): number {
  let mask = 0;
  if (tag === initTag) mask |= READING.initiator | (fromConnector ? READING.sender : READING.receiver);
  if (tag === listenerTag) mask |= fromConnector ? READING.receiver : READING.sender;
  return mask;
}

/** Name of the only reading in a mask, or undefined. */
export function onlyReading(mask: number): Reading | undefined {
  return READINGS.find(name => READING[name] === mask);
}

/** What the tables of tags need of the tracker's host. */
type Bounds = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit' | 'flows'>;

const ADDRESS_WORDS = 4;
const TAG_MODULUS = 1 << 24;
/** Connections from which on a host's tags are judged. */
export const ENOUGH_TAGS = 8;

/** What is odd about a host's tags, if anything. */
export type TagPattern =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'repeats'; readonly distinct: number };

/** Words of a host in the table: its address's first, and 1 for a connector; the rest of an address of IPv6 stands apart. */
const ADDRESS = 0;
const IS_CONNECTOR = 1;
const ADDRESS_REST = 2;
const HOST_WORDS = ADDRESS_WORDS + 1;
const HOST_HEAD = 2;
/** Behind them how many tags there were; 1 once nothing further is judged: it was reported, or a bound was hit. */
const COUNT = HOST_HEAD;
const IS_DONE = COUNT + 1;
/** Of the tags, read as big-endian and as little-endian: the last one, and the step between them + 1; 0 once that was not constant. */
const BIG_ENDIAN = IS_DONE + 1;
const LITTLE_ENDIAN = BIG_ENDIAN + 2;
const LAST = 0;
const STEP = 1;
/** How many of the first tags differ, and these tags: as many as most connectors make, and more than are judged at first. */
const DISTINCT = LITTLE_ENDIAN + 2;
const FIRST_TAGS = DISTINCT + 1;
const MOST_FIRST = 15;
const HOST_OWN = FIRST_TAGS + MOST_FIRST - HOST_HEAD;

/** The tags that each host made, connectors and listeners apart. */
export class HostTagLog {
  readonly #hosts: KeyTable;
  /** Of hosts with more tags than the first: those that differ. */
  readonly #distinct = new Map<number, Set<number>>();
  readonly #host: Bounds;
  readonly #address = new Uint32Array(ADDRESS_WORDS);

  constructor(host: Bounds) {
    this.#host = host;
    this.#hosts = new KeyTable(HOST_WORDS, host.seed, host.limits.hosts, HOST_OWN, HOST_WORDS - HOST_HEAD);
  }

  /**
   * Counts a tag that an end of a flow made, three bytes at `offset` of the message.
   * @returns `few` while there is nothing to judge, `random`, `forgotten` when a bound was hit, or the pattern, once
   */
  add(
    flow: number,
    side: number,
    connector: boolean,
    message: Message,
    offset: number,
  ): TagPattern | 'few' | 'random' | 'forgotten' {
    const id = this.#hostAt(flow, side, connector);
    if (id < 0) {
      this.#host.limitHit('hosts');
      return 'forgotten';
    }
    const { records, stride } = this.#hosts;
    const row = id * stride;
    if (records[row + IS_DONE] !== 0) return 'few';
    const { bytes } = message;
    const at = message.start + offset;
    const tag = readUint(bytes, at, 3, false);
    const count = records[row + COUNT]++;
    goOn(records, row + BIG_ENDIAN, tag, count);
    goOn(records, row + LITTLE_ENDIAN, readUint(bytes, at, 3, true), count);
    const distinct = count < MOST_FIRST ? enterFirst(records, row, tag, count) : this.#distinctWith(id, tag).size;
    return count + 1 < ENOUGH_TAGS ? 'few' : this.#judge(id, distinct, count + 1);
  }

  #judge(id: number, distinct: number, count: number): TagPattern | 'random' {
    const { records, stride } = this.#hosts;
    const row = id * stride;
    const step = Math.max(records[row + BIG_ENDIAN + STEP], records[row + LITTLE_ENDIAN + STEP]) - 1;
    const isRandom = step < 0 && distinct * 2 >= count;
    if (isRandom && count < this.#host.limits['host-tags']) return 'random';
    records[row + IS_DONE] = 1;
    this.#distinct.delete(id);
    if (isRandom) {
      this.#host.limitHit('host-tags');
      return 'random';
    }
    return step < 0 ? { kind: 'repeats', distinct } : { kind: 'step', step };
  }

  /** The different tags of a host that has made more than the first, this one among them. */
  #distinctWith(id: number, tag: number): Set<number> {
    const known = this.#distinct.get(id);
    if (known) return known.add(tag);
    const { records, stride } = this.#hosts;
    const first = id * stride + FIRST_TAGS;
    const distinct = new Set(records.subarray(first, first + MOST_FIRST));
    this.#distinct.set(id, distinct);
    return distinct.add(tag);
  }

  /** The row of a host; -1 where there is no room for it. */
  #hostAt(flow: number, side: number, connector: boolean): number {
    const address = this.#address;
    const { key } = this.#hosts;
    this.#host.flows.copyEndpoint(flow, side, address);
    key[ADDRESS] = address[0];
    key[IS_CONNECTOR] = connector ? 1 : 0;
    for (let word = 1; word < ADDRESS_WORDS; word++) key[ADDRESS_REST + word - 1] = address[word];
    return this.#hosts.insert();
  }
}

/** Enters one of the first tags of a host, after `count` of them; returns how many differ. */
function enterFirst(records: Uint32Array, row: number, tag: number, count: number): number {
  const first = row + FIRST_TAGS;
  let at = 0;
  while (at < count && records[first + at] !== tag) at++;
  records[first + count] = tag;
  if (at === count) records[row + DISTINCT]++;
  return records[row + DISTINCT];
}

/** Enters the next tag of a sequence that stands at `at`. @param count tags there were before */
function goOn(records: Uint32Array, at: number, tag: number, count: number): void {
  const step = (tag - records[at + LAST] + TAG_MODULUS) % TAG_MODULUS;
  if (count === 1) records[at + STEP] = step + 1;
  else if (records[at + STEP] !== step + 1) records[at + STEP] = 0;
  records[at + LAST] = tag;
}

/** The tags of INIT that live connections hold at each listener. */
export class LiveTags {
  readonly #table: KeyTable;
  readonly #host: Bounds;
  readonly #address = new Uint32Array(ADDRESS_WORDS);
  #owners = new Uint32Array(64);

  constructor(host: Bounds) {
    this.#host = host;
    this.#table = new KeyTable(ADDRESS_WORDS + 2, host.seed, Math.min(host.limits.flows * 2, MOST_ENTRIES));
  }

  /** Slot of the live connection that holds this tag at the listener on an end of the flow; -1 if none does. */
  holder(flow: number, listenerSide: number, tag: number): number {
    this.#writeKey(flow, listenerSide, tag);
    const id = this.#table.find();
    return id < 0 ? -1 : this.#owners[id];
  }

  /** Enters a connection, unless another holds its tag; returns what `release` takes, or -1 when it was not entered. */
  hold(flow: number, listenerSide: number, tag: number, slot: number): number {
    this.#writeKey(flow, listenerSide, tag);
    if (this.#table.find() >= 0) return -1;
    const id = this.#table.add();
    if (id < 0) {
      this.#host.limitHit('flows');
      return -1;
    }
    this.#owners = withRoomFor(this.#owners, id);
    this.#owners[id] = slot;
    return id;
  }

  /** Forgets an entry. */
  release(id: number): void {
    this.#table.remove(id);
  }

  #writeKey(flow: number, listenerSide: number, tag: number): void {
    const port = this.#host.flows.copyEndpoint(flow, listenerSide, this.#address);
    this.#table.key.set(this.#address);
    this.#table.key[ADDRESS_WORDS] = port;
    this.#table.key[ADDRESS_WORDS + 1] = tag;
  }
}
