/**
 * The connection tags: which reading of the specification a connection follows, which tags are alive at a listener,
 * and which ones a host has made.
 *
 * The specification calls the tag in every message after the handshake "the tag received in the initial INIT", and says
 * elsewhere that the listener's tag is the one to use towards the connector. Three readings follow; a connection is
 * held to whichever all its messages so far allow, and to the one that is left from then on.
 */
import { KeyTable, type Message, MOST_ENTRIES, readUint, type TrackerHost } from '../../src/sdk.ts';
import { type NotedTags, TagNotes } from './tag-notes.ts';
import { ADDRESS_WORDS, HostTags, type TagPattern } from './tag-pattern.ts';

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

const READING_BY_MASK = new Map<number, Reading>(READINGS.map(name => [READING[name], name]));

/** Name of the only reading in a mask, or undefined. */
export function onlyReading(mask: number): Reading | undefined {
  return READING_BY_MASK.get(mask);
}

/** What the tables of tags need of the tracker's host. */
type Bounds = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit' | 'flows' | 'across'>;

/** The tags that each host made, connectors and listeners apart. */
export class HostTagLog {
  readonly #tags: HostTags;
  readonly #notes: TagNotes | undefined;
  readonly #host: Bounds;
  readonly #address = new Uint32Array(ADDRESS_WORDS);

  constructor(host: Bounds) {
    this.#host = host;
    this.#notes = host.across && new TagNotes(host.across, host.limits['host-tags']);
    this.#tags = new HostTags(host.seed, host.limits.hosts, host.limits['host-tags']);
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
    this.#host.flows.copyEndpoint(flow, side, this.#address);
    const id = this.#tags.hostAt(this.#address, connector);
    if (id < 0) {
      this.#host.limitHit('hosts');
      return 'forgotten';
    }
    const tag = readUint(message.bytes, message.start + offset, 3, false);
    this.#notes?.made(id, tag, this.#address, connector);
    const found = this.#tags.add(id, tag);
    this.#notes?.judged(id, found);
    if (found !== 'full') return found;
    this.#host.limitHit('host-tags');
    return 'random';
  }

  /** What was noted for `joinTags`; undefined where all hosts are seen here. */
  noted(): NotedTags | undefined {
    return this.#notes?.notes;
  }
}

/** Words of a live tag: its listener's address's first and its port, the tag; the rest of an address of IPv6 stands apart. */
const LISTENER = 0;
const PORT = 1;
const TAG = 2;
const LISTENER_REST = 3;
const LIVE_WORDS = LISTENER_REST + ADDRESS_WORDS - 1;
/** Behind the first three the slot of the connection that holds it: four words, so that none lies in two cache lines. */
const OWNER = LISTENER_REST;
const OWN_WORDS = 1;

/** The tags of INIT that live connections hold at each listener. */
export class LiveTags {
  readonly #table: KeyTable;
  readonly #host: Bounds;
  readonly #address = new Uint32Array(ADDRESS_WORDS);

  constructor(host: Bounds) {
    this.#host = host;
    const limit = Math.min(host.limits.flows * 2, MOST_ENTRIES);
    this.#table = new KeyTable(LIVE_WORDS, host.seed, limit, OWN_WORDS, LIVE_WORDS - LISTENER_REST);
  }

  /** Slot of the live connection that holds this tag at the listener on an end of the flow; -1 if none does. */
  holder(flow: number, listenerSide: number, tag: number): number {
    this.#writeKey(flow, listenerSide, tag);
    const id = this.#table.find();
    if (id >= 0) return this.#table.read(id, OWNER);
    this.#host.across?.asks('tag', this.#table.key);
    return -1;
  }

  /** Enters a connection, unless another holds its tag; returns what `release` takes, or -1 when it was not entered. */
  hold(flow: number, listenerSide: number, tag: number, slot: number): number {
    this.#writeKey(flow, listenerSide, tag);
    if (this.#table.find() >= 0) return -1;
    this.#host.across?.asks('tag', this.#table.key);
    this.#host.across?.holds('tag', this.#table.key);
    const id = this.#table.add();
    if (id < 0) {
      this.#host.limitHit('flows');
      return -1;
    }
    this.#table.write(id, OWNER, slot);
    return id;
  }

  /** Forgets an entry. */
  release(id: number): void {
    this.#table.remove(id);
  }

  #writeKey(flow: number, listenerSide: number, tag: number): void {
    const { key } = this.#table;
    const address = this.#address;
    key[PORT] = this.#host.flows.copyEndpoint(flow, listenerSide, address);
    key[LISTENER] = address[0];
    key[TAG] = tag;
    for (let word = 1; word < ADDRESS_WORDS; word++) key[LISTENER_REST + word - 1] = address[word];
  }
}
