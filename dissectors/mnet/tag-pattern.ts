/** Whether hosts make their connection tags at random, by those that they have made. */
import { KeyTable, MOST_ENTRIES } from '../../src/sdk.ts';

const TAG_MODULUS = 1 << 24;
/** Connections from which on a host's tags are judged. */
export const ENOUGH_TAGS = 8;

/** What is odd about a host's tags, if anything. */
export type TagPattern =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'repeats'; readonly distinct: number };

export const ADDRESS_WORDS = 4;
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

/** The tags of hosts, connectors and listeners apart. */
export class HostTags {
  readonly #hosts: KeyTable;
  /** Of hosts with more tags than the first: those that differ. */
  readonly #distinct = new Map<number, Set<number>>();
  readonly #most: number;

  /** @param hosts that there is room for @param most tags of a host that are remembered */
  constructor(seed: number, hosts: number, most: number) {
    this.#hosts = new KeyTable(HOST_WORDS, seed, Math.min(hosts, MOST_ENTRIES), HOST_OWN, HOST_WORDS - HOST_HEAD);
    this.#most = most;
  }

  /** The number of a host; -1 where there is no room for it. @param address of four words */
  hostAt(address: ArrayLike<number>, connector: boolean): number {
    const { key } = this.#hosts;
    key[ADDRESS] = address[0];
    key[IS_CONNECTOR] = connector ? 1 : 0;
    for (let word = 1; word < ADDRESS_WORDS; word++) key[ADDRESS_REST + word - 1] = address[word];
    return this.#hosts.insert();
  }

  /** Nothing further is judged. */
  isDone(id: number): boolean {
    return this.#hosts.records[id * this.#hosts.stride + IS_DONE] !== 0;
  }

  /**
   * @param tag as three bytes in network order
   * @returns `few` while there is nothing to judge, `random`, `full` when there are too many to remember, or the pattern, once
   */
  add(id: number, tag: number): TagPattern | 'few' | 'random' | 'full' {
    const { records, stride } = this.#hosts;
    const row = id * stride;
    if (records[row + IS_DONE] !== 0) return 'few';
    const count = records[row + COUNT]++;
    goOn(records, row + BIG_ENDIAN, tag, count);
    goOn(records, row + LITTLE_ENDIAN, ((tag & 0xff) << 16) | (tag & 0xff00) | (tag >>> 16), count);
    const distinct = count < MOST_FIRST ? enterFirst(records, row, tag, count) : this.#distinctWith(id, tag).size;
    return count + 1 < ENOUGH_TAGS ? 'few' : this.#judge(id, distinct, count + 1);
  }

  #judge(id: number, distinct: number, count: number): TagPattern | 'random' | 'full' {
    const { records, stride } = this.#hosts;
    const row = id * stride;
    const step = Math.max(records[row + BIG_ENDIAN + STEP], records[row + LITTLE_ENDIAN + STEP]) - 1;
    const isRandom = step < 0 && distinct * 2 >= count;
    if (isRandom && count < this.#most) return 'random';
    records[row + IS_DONE] = 1;
    this.#distinct.delete(id);
    if (isRandom) return 'full';
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
