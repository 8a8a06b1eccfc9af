/**
 * File names that a receiver must not use as they came. Both separators count: the name may be used on a system other
 * than its sender's.
 */

const CONTROL = /\p{Cc}/u;
const ABSOLUTE = /^(?:[/\\]|[A-Za-z]:[/\\])/;
const PARENT = /(?:^|[/\\])\.\.(?:[/\\]|$)/;

/** What is unsafe about a file name, as the end of a sentence; nothing when it is safe. */
export function unsafety(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds a NUL';
  if (CONTROL.test(name)) return 'holds a control character';
  if (ABSOLUTE.test(name)) return 'is absolute';
  return PARENT.test(name) ? 'has a component ".."' : undefined;
}
