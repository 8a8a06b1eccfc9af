/**
 * Topics and filters (§4.7, §4.8): which filter matches which topic, what a filter may look like, and what a Shared
 * Subscription matches. Compared level by level and character by character: nothing is normalised.
 */

const SHARE = '$share/';
const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;

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
  return text.includes('+') || text.includes('#');
}

/**
 * The filter behind the ShareName of a Shared Subscription; undefined for a filter that is none. One that is not a right one
 * matches what a server may take it for: what stands behind whatever is in the name's place, and all where that is nothing.
 */
export function sharedFilter(filter: string): string | undefined {
  if (!filter.startsWith(SHARE)) return undefined;
  const end = filter.indexOf('/', SHARE.length);
  return end < 0 ? '#' : filter.slice(end + 1) || '#';
}

// The same on the bytes in [from, to), which every packet is asked about: all characters that matter are ASCII.

/** Where the first `+` or `#` stands, or -1. */
export function wildcardAt(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (isWildcard(bytes[at])) return at;
  return -1;
}

/** Is it a topic without wildcards, in printable ASCII, as most are? */
export function isPlainTopic(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte < 0x20 || byte > 0x7e || isWildcard(byte)) return false;
  }
  return true;
}

/** Where a wildcard stands that a filter may not have there, or -1: `#` alone in the last level, `+` alone in any. */
export function misplacedWildcardAt(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (!isWildcard(bytes[at])) continue;
    const begins = at === from || bytes[at - 1] === SLASH;
    const ends = at === to - 1 || (bytes[at] === PLUS && bytes[at + 1] === SLASH);
    if (!begins || !ends) return at;
  }
  return -1;
}

/** Whether a filter of 5.0 asks for a Shared Subscription, rightly or not. */
export function isShared(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < SHARE.length) return false;
  for (let i = 0; i < SHARE.length; i++) if (bytes[from + i] !== SHARE.charCodeAt(i)) return false;
  return true;
}

/** Where the filter begins that a Shared Subscription has behind its ShareName; -1 if it is not a right one. */
export function sharedFilterAt(bytes: Uint8Array, from: number, to: number): number {
  const name = from + SHARE.length;
  let end = name;
  while (end < to && bytes[end] !== SLASH) end++;
  return end === name || end >= to - 1 || wildcardAt(bytes, name, end) >= 0 ? -1 : end + 1;
}

function isWildcard(byte: number): boolean {
  return byte === PLUS || byte === HASH;
}
