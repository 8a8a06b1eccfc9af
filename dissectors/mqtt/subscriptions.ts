/**
 * The subscriptions of a session, all that ever were: one that was replaced or removed may still explain a message that
 * the server had buffered (Certainty 6). What they allow for a topic is worked out once a topic and kept until the next
 * SUBSCRIBE or SUBACK.
 */
import type { OwnBound } from '../../src/sdk.ts';
import { REFUSAL } from './terms.ts';
import { keyOf } from './texts.ts';
import { beginsWithWildcard, sharedFilter, topicMatches } from './topics.ts';

/** Topics whose match is kept, of one session. */
const MOST_MATCHES = 1024;
/**
 * Characters of filters that are compared with topics, of one session: so many, and for each message some more. What goes
 * beyond is not matched.
 */
const MOST_COMPARED = 67_108_864;
const COMPARED_BY_MESSAGE = 65_536;
/** Subscription Identifiers that are kept of one filter. */
const MOST_IDS = 64;

/** All that was ever subscribed under one Topic Filter. */
interface Subscription {
  /** As it was written, and behind `$share/NAME/`. */
  readonly text: string;
  readonly filter: string;
  readonly isShared: boolean;
  /** Highest QoS that was granted; -1 while there was no grant. */
  granted: number;
  /** SUBSCRIBEs with it that were not answered yet, by the QoS that they ask for. */
  readonly pending: [number, number, number];
  /** A version of it keeps RETAIN as published, or has a Retain Handling below 2. */
  keepsRetain: boolean;
  getsRetained: boolean;
  /** A version of it has no Subscription Identifier. */
  lacksId: boolean;
  /** Made with the first. */
  ids: Set<number> | undefined;
}

/** What the subscriptions allow of messages with one topic. */
export interface Match {
  /** Any filter matches, leading wildcards with `$` topics excepted; and with those. */
  readonly isMatched: boolean;
  readonly isMatchedByWildcard: boolean;
  readonly qos: number;
  readonly isShared: boolean;
  readonly mayRetain: boolean;
  readonly mustHaveId: boolean;
}

/** A topic whose match is kept. */
export interface MatchedTopic {
  readonly topic: string;
  readonly match: Match;
}

/** Where the comparison was given up: whatever comes is right. */
const UNTOLD: Match = {
  isMatched: true,
  isMatchedByWildcard: true,
  qos: 2,
  isShared: true,
  mayRetain: true,
  mustHaveId: false,
};

export class Subscriptions {
  /** As long as they are few, which they mostly are, a list; then by `keyOf` their text. */
  #few: readonly Subscription[] = NONE;
  #filters: Map<string, Subscription> | undefined = undefined;
  /** Those that may match another topic than the one they are written as. */
  #wild: Subscription[] = NONE;
  /** By the digest of the topic; made with the first. */
  #matches: Map<number, MatchedTopic> | undefined = undefined;
  readonly #most: number;
  readonly #onFull: (bound: OwnBound) => void;
  /** Identifiers of all of them, and whether some are not kept. */
  #ids: Set<number> | undefined = undefined;
  #lacksIds = false;
  /** Characters that may be compared. */
  #credit = MOST_COMPARED;
  /** Some were not taken in, or are not matched any more: a bound was hit. */
  isFull = false;
  /** Under which `QuietTopics` keep what was matched; 0 for none. */
  stamp = 0;

  /** @param most filters kept @param onFull called when a bound is hit */
  constructor(most: number, onFull: (bound: OwnBound) => void) {
    this.#most = most;
    this.#onFull = onFull;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** A SUBSCRIBE asks for a filter. @param id Subscription Identifier; 0 for none */
  ask(filter: string, options: number, id: number): void {
    const subscription = this.#of(filter);
    if (!subscription) return;
    this.#forgetMatches();
    subscription.pending[Math.min(2, options & 3)]++;
    if (options & 0x08) subscription.keepsRetain = true;
    if ((options & 0x30) < 0x20) subscription.getsRetained = true;
    if (id === 0) subscription.lacksId = true;
    else if ((subscription.ids?.size ?? 0) < MOST_IDS) {
      subscription.ids ??= new Set();
      subscription.ids.add(id);
      this.#ids ??= new Set();
      this.#ids.add(id);
    } else if (!subscription.ids?.has(id)) {
      this.#lacksIds = true;
      this.#onFull(`subscription-ids=${MOST_IDS}`);
    }
  }

  /** Its SUBACK came. @param code granted QoS, or a refusal; -1 where the SUBACK has none at its place */
  grant(filter: string, options: number, code: number): void {
    const subscription = this.#find(filter);
    if (!subscription) return;
    this.#forgetMatches();
    const asked = Math.min(2, options & 3);
    subscription.pending[asked] = Math.max(0, subscription.pending[asked] - 1);
    // A code that there is not, and that is no refusal, may be any grant.
    const granted = code < 0 ? asked : code < REFUSAL ? Math.min(2, code) : -1;
    if (granted >= 0) subscription.granted = Math.max(subscription.granted, granted);
  }

  /** Was this identifier ever given? */
  hasId(id: number): boolean {
    return this.#lacksIds || this.#ids?.has(id) === true;
  }

  /** @param digest of the topic's bytes: the same for the same topic */
  match(topic: string, digest: number): Match {
    this.countMessage();
    this.#matches ??= new Map();
    const known = this.#matches.get(digest);
    if (known?.topic === topic) return known.match;
    if (this.#matches.size >= MOST_MATCHES) this.#matches.clear();
    const match = this.#isWorthComparing(topic) ? this.#work(topic) : UNTOLD;
    this.#matches.set(digest, { topic, match });
    return match;
  }

  /** The same of a topic that has been asked about, in printable ASCII, straight from its bytes; it counts as no message. */
  known(digest: number, bytes: Uint8Array, from: number, length: number): MatchedTopic | undefined {
    const known = this.#matches?.get(digest);
    if (known?.topic.length !== length) return undefined;
    for (let at = 0; at < length; at++) if (known.topic.charCodeAt(at) !== bytes[from + at]) return undefined;
    return known;
  }

  #forgetMatches(): void {
    this.#matches?.clear();
    this.stamp = 0;
  }

  /** A message more, for which more may be compared. */
  countMessage(): void {
    this.#credit += COMPARED_BY_MESSAGE;
  }

  /** Is there credit left for the comparisons with a topic? Takes it. */
  #isWorthComparing(topic: string): boolean {
    const first = topic.charCodeAt(0);
    for (const { filter } of this.#wild) {
      this.#credit -= beginsWithWildcard(filter) || filter.charCodeAt(0) === first ? filter.length : 1;
      if (this.#credit >= 0) continue;
      this.#credit = 0;
      this.isFull = true;
      this.#onFull(`compared-characters=${MOST_COMPARED}`);
      return false;
    }
    return true;
  }

  #work(topic: string): Match {
    const match = {
      isMatched: false,
      isMatchedByWildcard: false,
      qos: 0,
      isShared: false,
      mayRetain: false,
      mustHaveId: true,
    };
    const exact = this.#find(topic);
    for (const subscription of exact ? [exact, ...this.#wild] : this.#wild) {
      const { text, filter, pending, granted } = subscription;
      const highest = Math.max(granted, pending[2] > 0 ? 2 : pending[1] > 0 ? 1 : pending[0] > 0 ? 0 : -1);
      // Refused, and nothing else: it never was (settled readings).
      if (highest < 0) continue;
      // In 3.1.1 `$share/...` may be a filter like any other, or a server's own way to share.
      const isLiteral = subscription.isShared && topicMatches(text, topic);
      if (!isLiteral && !topicMatches(filter, topic, { dollar: true })) continue;
      match.isMatchedByWildcard = true;
      if (isLiteral || topicMatches(filter, topic)) match.isMatched = true;
      match.qos = Math.max(match.qos, highest);
      match.isShared ||= subscription.isShared;
      match.mayRetain ||= subscription.keepsRetain || (!subscription.isShared && subscription.getsRetained);
      match.mustHaveId &&= !subscription.lacksId;
    }
    return match;
  }

  get #size(): number {
    return this.#filters?.size ?? this.#few.length;
  }

  #find(filter: string): Subscription | undefined {
    return this.#filters ? this.#filters.get(keyOf(filter)) : this.#few.find(({ text }) => text === filter);
  }

  #add(made: Subscription): void {
    if (!this.#filters && this.#few.length < FEW) {
      this.#few = [...this.#few, made];
      return;
    }
    this.#filters ??= new Map(this.#few.map(subscription => [keyOf(subscription.text), subscription]));
    this.#few = NONE;
    this.#filters.set(keyOf(made.text), made);
  }

  #of(filter: string): Subscription | undefined {
    const known = this.#find(filter);
    if (known) return known;
    if (this.#size >= this.#most) {
      this.isFull = true;
      this.#onFull(`subscriptions=${this.#most}`);
      return undefined;
    }
    const shared = sharedFilter(filter);
    const made: Subscription = {
      text: filter,
      filter: shared ?? filter,
      isShared: shared !== undefined,
      granted: -1,
      pending: [0, 0, 0],
      keepsRetain: false,
      getsRetained: false,
      lacksId: false,
      ids: undefined,
    };
    this.#add(made);
    if (made.isShared || /[+#]/.test(filter)) {
      if (this.#wild === NONE) this.#wild = [made];
      else this.#wild.push(made);
    }
    return made;
  }
}

/** Subscriptions that are kept in a list. */
const FEW = 8;
/** No subscriptions, of all sessions that have none. */
const NONE: Subscription[] = [];
