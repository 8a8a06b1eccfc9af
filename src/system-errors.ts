/** What the system says when it refuses a file or a socket, in the words that users get to read. */

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'is a directory'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files on this machine'],
  ['EIO', 'input/output error'],
  ['ENOSPC', 'no space left on the disk'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file is too large'],
  ['EROFS', 'the file system is read-only'],
  ['EADDRINUSE', 'the address is in use already'],
  ['EADDRNOTAVAIL', 'no such address on this machine'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['EHOSTUNREACH', 'no route to the host'],
  ['ENETUNREACH', 'no route to the network'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the name cannot be looked up now'],
]);

export interface ReasonWords {
  /** What is not there where a path leads nowhere. */
  readonly missing?: string;
  /** The same where the path goes on behind a file. */
  readonly notDirectory?: string;
  /** What could not be done, in front of what the system says in its own words. */
  readonly failure?: string;
}

/** For a file that is written: its directory may be missing, never itself. */
export const TO_WRITE: ReasonWords = { missing: 'no such directory', notDirectory: 'not a directory' };

/** Why the system refused, in a few words. */
export function reasonOf(error: unknown, words: ReasonWords = {}): string {
  const { missing = 'no such file', notDirectory = missing, failure } = words;
  if (!(error instanceof Error)) return failure ?? String(error);
  const code = codeOf(error);
  if (code === 'ENOENT') return missing;
  if (code === 'ENOTDIR') return notDirectory;
  return REASONS.get(code) ?? (failure === undefined ? error.message : `${failure}: ${error.message}`);
}

/** The system's code of an error, `ENOENT`; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
