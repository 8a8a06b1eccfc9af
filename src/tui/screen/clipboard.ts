/**
 * The way into the user's clipboard: OSC 52, which the terminal takes over ssh as well. Written only for text that the
 * user asked to copy; the text travels as base64, so that nothing in it can end the sequence.
 */
import { Buffer } from 'node:buffer';

/** Bytes that are copied at most: terminals drop a sequence that is longer than they like, and say nothing. */
export const MAX_COPY = 65_536;

/** Between tmux or screen and us the sequence has to be handed through, in pieces that screen takes. */
const SCREEN_PIECE = 252;

type Environment = Readonly<Record<string, string | undefined>>;

/** The sequence that copies the text; undefined when it is longer than `MAX_COPY`. */
export function copySequence(text: string, { TMUX: tmux, TERM: term = '' }: Environment): string | undefined {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_COPY) return undefined;
  const osc = `\x1b]52;c;${bytes.toString('base64')}`;
  // tmux either takes it itself (set-clipboard on) or lets it through (allow-passthrough on): each ignores the other.
  if (tmux) return `${osc}\x07\x1bPtmux;\x1b${osc}\x07\x1b\\`;
  if (term.startsWith('screen'))
    return inPieces(`${osc}\x07`)
      .map(piece => `\x1bP${piece}\x1b\\`)
      .join('');
  return `${osc}\x07`;
}

function inPieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / SCREEN_PIECE) }, (_, index) =>
    text.slice(index * SCREEN_PIECE, (index + 1) * SCREEN_PIECE),
  );
}
