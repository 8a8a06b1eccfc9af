/**
 * A capture where the command belongs: `wirelint trace.pcap`. Nothing runs then, as several commands could be meant; one
 * line gives the command line that checks it, ready to be copied.
 */
import { statSync } from 'node:fs';
import { captureName, isUrl } from '../capture/location.ts';
import { UsageError } from '../settings/words.ts';

/** Names that captures have, compressed or not. */
const CAPTURE_NAME = /\.(?:pcap|pcapng|cap)(?:\.gz)?$/i;

/** What a shell takes for itself. */
const PLAIN_WORD = /^[\w./:@%+=,-]+$/;

/**
 * @param word the first word that is no option
 * @param args the whole command line
 * @throws UsageError for a word that names a file, or could name a capture; what is secret of a URL is not repeated
 */
export function refuseCapture(word: string, args: readonly string[]): void {
  if (!CAPTURE_NAME.test(word) && !isUrl(word) && !isFile(word)) return;
  throw new UsageError(`did you mean wirelint check ${args.map(arg => shellWord(captureName(arg))).join(' ')}`);
}

/** The word as a POSIX shell reads it. */
function shellWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or no path at all: a word too long for one.
    return false;
  }
}
