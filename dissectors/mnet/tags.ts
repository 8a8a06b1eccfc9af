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

/** The tags of a host, read in one byte order: the last one, and the step between them; -1 once that was not constant. */
class TagSequence {
  #last = 0;
  #step = -1;

  /** @param count tags there were before */
  add(tag: number, count: number): void {
    const step = (tag - this.#last + TAG_MODULUS) % TAG_MODULUS;
    if (count === 1) this.#step = step;
    else if (this.#step !== step) this.#step = -1;
    this.#last = tag;
  }

  get last(): number {
    return this.#last;
  }

  get step(): number {
    return this.#step;
  }
}

class HostTags {
  count = 0;
  readonly bigEndian = new TagSequence();
  readonly littleEndian = new TagSequence();
  /** The tags themselves, once there are two. */
  distinct: Set<number> | undefined = undefined;
  /** Nothing further is judged: it was reported, or a bound was hit. */
  done = false;

  add(bytes: Uint8Array, at: number): void {
    const tag = readUint(bytes, at, 3, false);
    if (this.count === 1) this.distinct = new Set([this.bigEndian.last]);
    this.distinct?.add(tag);
    this.bigEndian.add(tag, this.count);
    this.littleEndian.add(readUint(bytes, at, 3, true), this.count);
    this.count++;
  }

  finish(): void {
    this.done = true;
    this.distinct = undefined;
  }
}

/** What is odd about a host's tags, if anything. */
export type TagPattern =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'repeats'; readonly distinct: number };

/** The tags that each host made, connectors and listeners apart. */
export class HostTagLog {
  readonly #hosts: KeyTable;
  readonly #tags: HostTags[] = [];
  readonly #host: Bounds;
  readonly #address = new Uint32Array(ADDRESS_WORDS);

  constructor(host: Bounds) {
    this.#host = host;
    this.#hosts = new KeyTable(ADDRESS_WORDS + 1, host.seed, host.limits.hosts);
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
    const host = this.#hostTags(flow, side, connector);
    if (!host || host.done) return host ? 'few' : 'forgotten';
    host.add(message.bytes, message.start + offset);
    return this.#judge(host);
  }

  #judge(host: HostTags): TagPattern | 'few' | 'random' | 'forgotten' {
    if (host.count < ENOUGH_TAGS || !host.distinct) return 'few';
    const step = Math.max(host.bigEndian.step, host.littleEndian.step);
    const { size } = host.distinct;
    if (step < 0 && size * 2 >= host.count) {
      if (host.count >= this.#host.limits['host-tags']) {
        this.#host.limitHit('host-tags');
        host.finish();
      }
      return 'random';
    }
    host.finish();
    return step < 0 ? { kind: 'repeats', distinct: size } : { kind: 'step', step };
  }

  #hostTags(flow: number, side: number, connector: boolean): HostTags | undefined {
    this.#host.flows.copyEndpoint(flow, side, this.#address);
    this.#hosts.key.set(this.#address);
    this.#hosts.key[ADDRESS_WORDS] = connector ? 1 : 0;
    let id = this.#hosts.find();
    if (id < 0) id = this.#hosts.insert();
    if (id < 0) {
      this.#host.limitHit('hosts');
      return undefined;
    }
    this.#tags[id] ??= new HostTags();
    return this.#tags[id];
  }
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

  /** Enters a connection whose tag nobody holds; returns what `release` takes, or -1 when there is no room. */
  hold(flow: number, listenerSide: number, tag: number, slot: number): number {
    this.#writeKey(flow, listenerSide, tag);
    const id = this.#table.insert();
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
