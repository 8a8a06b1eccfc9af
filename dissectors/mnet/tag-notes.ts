/**
 * The tags that hosts made, as a tracker notes them that sees only some flows of a capture: those of one host may have gone to
 * hosts whose flows another tracker sees. Put together, they are judged once more, in the order in which they were made.
 */
import type { AcrossFlows, Joint } from '../../src/sdk.ts';
import { HostTags, type TagPattern } from './tag-pattern.ts';

/** Tags that are noted; a capture with more is judged as a whole. */
const MOST_NOTED = 2 ** 21;

/** Plain data; hosts by a number of the tracker's. */
export interface NotedTags {
  /** Address and role. */
  readonly hosts: string[];
  /** Host, tag and moment, three numbers each. */
  readonly made: number[];
  /** By host: how often its tags were found random, and whether there were too many to remember. */
  readonly passed: number[];
  readonly full: boolean[];
  /** By host: whether a pattern was found in its tags. */
  readonly odd: boolean[];
  /** Tags remembered of a host. */
  readonly most: number;
}

export class TagNotes {
  readonly notes: NotedTags;
  readonly #across: AcrossFlows;

  constructor(across: AcrossFlows, most: number) {
    this.#across = across;
    this.notes = { hosts: [], made: [], passed: [], full: [], odd: [], most };
  }

  /** @param id of the host, ascending @param address of the host, four words */
  made(id: number, tag: number, address: ArrayLike<number>, connector: boolean): void {
    const { hosts, passed, full, odd, made } = this.notes;
    if (id === hosts.length) {
      hosts.push(`${Array.from(address).join(' ')} ${connector}`);
      passed.push(0);
      full.push(false);
      odd.push(false);
    }
    made.push(id, tag, this.#across.moment);
    if (made.length > MOST_NOTED * 3) this.#across.needsWhole(`more than ${MOST_NOTED} tags`);
  }

  judged(id: number, found: TagPattern | 'few' | 'random' | 'full'): void {
    const { passed, full, odd } = this.notes;
    if (found === 'random' || found === 'full') passed[id]++;
    if (found === 'full') full[id] = true;
    if (typeof found === 'object') odd[id] = true;
  }
}

/** Of the one host in a table. */
const ANY_ADDRESS = [0, 0, 0, 0];

/** What one part has noted of one host. */
interface OwnTags {
  readonly part: NotedTags;
  readonly id: number;
  readonly made: { readonly tag: number; readonly moment: number }[];
}

/**
 * @param rule that is judged by them
 * @returns undefined where the tags of a host of several parts are odd, in one or in all: what is said of them is another thing
 *   in the whole
 */
export function joinTags(noted: readonly NotedTags[], rule: string): Joint | undefined {
  let passed = 0;
  let full = noted.flatMap(part => part.full).filter(isFull => isFull).length;
  for (const owners of tagsByHost(noted).values()) {
    if (owners.length === 1) continue;
    const tags = new HostTags(0, 1, noted[0].most);
    const host = tags.hostAt(ANY_ADDRESS, true);
    const made = owners.flatMap(own => own.made).sort((one, other) => one.moment - other.moment);
    for (const { tag } of made) {
      if (tags.isDone(host)) break;
      const found = tags.add(host, tag);
      if (typeof found === 'object') return undefined;
      if (found !== 'few') passed++;
      if (found === 'full') full++;
    }
    for (const { part, id } of owners) {
      if (part.odd[id]) return undefined;
      passed -= part.passed[id];
      if (part.full[id]) full--;
    }
  }
  return { passed: new Map([[rule, passed]]), limitHits: new Map([['host-tags', full]]) };
}

function tagsByHost(noted: readonly NotedTags[]): Map<string, OwnTags[]> {
  const hosts = new Map<string, OwnTags[]>();
  for (const part of noted) {
    const own = part.hosts.map((_, id): OwnTags => ({ part, id, made: [] }));
    for (let i = 0; i < part.made.length; i += 3)
      own[part.made[i]].made.push({ tag: part.made[i + 1], moment: part.made[i + 2] });
    for (const [id, name] of part.hosts.entries()) {
      const others = hosts.get(name);
      if (others) others.push(own[id]);
      else hosts.set(name, [own[id]]);
    }
  }
  return hosts;
}
