/**
 * Where a capture is, as the user names it: a path, `-` for standard input, or a URL. Only what begins with `http://` or
 * `https://` is a URL; a file of such a name can be given as `./http://...`.
 *
 * A URL may hold secrets: a password before the host, a signature in the query. They are for the request alone. Whatever
 * is shown, written or remembered of a capture has its name instead, which is made here.
 */

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/**
 * What a capture is called in reports, messages and patterns: its location, of a URL without userinfo and query. A
 * fragment, which no server sees, stays: it tells captures apart that differ in their queries only.
 */
export function captureName(location: string): string {
  if (!isUrl(location)) return location;
  // How a text that is no URL was meant to be divided nobody knows: what looks like a path may be a password.
  if (!URL.canParse(location)) return `${location.slice(0, location.indexOf(':'))}://...`;
  return urlName(new URL(location));
}

/** The same of a URL in parts. */
export function urlName({ origin, pathname, hash }: URL): string {
  return origin + pathname + hash;
}
