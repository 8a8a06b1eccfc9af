/**
 * Topics and filters (§4.7, §4.8): which filter matches which topic, what a filter may look like, and what a Shared
 * Subscription is made of. Compared level by level and character by character: nothing is normalised.
 */

const SHARE = '$share/';
const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;

/** A Shared Subscription of 5.0: the ShareName, and the filter behind it. */
export interface SharedFilter {
  readonly name: string;
  readonly filter: string;
}

export interface MatchOptions {
  /** Lets a wildcard at a filter's beginning match a topic that begins with `$`, which §4.7.2 forbids. */
  readonly dollar?: boolean;
}

/**
 * Whether a filter matches a topic. The filter is one without `$share`: see `sharedFilter`.
 */
export function topicMatches(filter: string, topic: string, { dollar = false }: MatchOptions = {}): boolean {
  if (!dollar && topic.charCodeAt(0) === DOLLAR && beginsWithWildcard(filter)) return false;
  let at = 0;
  for (let i = 0; i < filter.length; i++) {
    const wanted = filter.charCodeAt(i);
    if (wanted === HASH) return true;
    if (wanted === PLUS) {
      while (at < topic.length && topic.charCodeAt(at) !== SLASH) at++;
    } else if (at < topic.length && topic.charCodeAt(at) === wanted) at++;
    // `a/#` matches `a` too: the levels below may be none.
    else return at === topic.length && wanted === SLASH && filter.charCodeAt(i + 1) === HASH;
  }
  return at === topic.length;
}

/** Such a filter matches no topic that begins with `$`. */
export function beginsWithWildcard(filter: string): boolean {
  const first = filter.charCodeAt(0);
  return first === HASH || first === PLUS;
}

/** Whether the text has `+` or `#`. */
export function hasWildcard(text: string): boolean {
  return wildcardAt(text) >= 0;
}

/** Where the first `+` or `#` stands, or -1. */
export function wildcardAt(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === PLUS || character === HASH) return i;
  }
  return -1;
}

/** Where a wildcard stands that a filter may not have there, or -1: `#` alone in the last level, `+` alone in any. */
export function misplacedWildcardAt(filter: string): number {
  for (let i = 0; i < filter.length; i++) {
    const character = filter.charCodeAt(i);
    if (character !== PLUS && character !== HASH) continue;
    const isAlone =
      (i === 0 || filter.charCodeAt(i - 1) === SLASH) &&
      (i === filter.length - 1 || filter.charCodeAt(i + 1) === SLASH);
    if (!isAlone || (character === HASH && i < filter.length - 1)) return i;
  }
  return -1;
}

/** What a Shared Subscription of 5.0 is made of; undefined for a filter that is none, or not a right one. */
export function sharedFilter(filter: string): SharedFilter | undefined {
  if (!isShared(filter) || !isSharedWell(filter)) return undefined;
  const end = filter.indexOf('/', SHARE.length);
  return { name: filter.slice(SHARE.length, end), filter: filter.slice(end + 1) };
}

/** Whether a filter of 5.0 asks for a Shared Subscription, rightly or not. */
export function isShared(filter: string): boolean {
  return filter.startsWith(SHARE);
}

/** Whether one that does has a ShareName without wildcards, and a filter behind it. */
export function isSharedWell(filter: string): boolean {
  const end = filter.indexOf('/', SHARE.length);
  return end > SHARE.length && end < filter.length - 1 && !hasWildcard(filter.slice(SHARE.length, end));
}

/** Where the filter begins that topics are compared with: behind the ShareName in 5.0. */
export function filterStart(filter: string): number {
  return isShared(filter) && isSharedWell(filter) ? filter.indexOf('/', SHARE.length) + 1 : 0;
}
