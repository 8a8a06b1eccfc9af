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

/** A program that takes a text from its standard input to a clipboard. */
export interface ClipboardProgram {
  /** For people: `wl-copy`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Bytes that such a program is given at most. */
export const MAX_TO_PROGRAM = 1_048_576;

/** To its clients' terminals as well (-w), as far as set-clipboard lets tmux do that by itself, which it does by default. */
const TMUX_BUFFER: ClipboardProgram = { name: 'tmux', command: 'tmux', args: ['load-buffer', '-w', '-'] };
const WAYLAND: ClipboardProgram = { name: 'wl-copy', command: 'wl-copy', args: [] };
const X11: readonly ClipboardProgram[] = [
  { name: 'xclip', command: 'xclip', args: ['-selection', 'clipboard', '-in'] },
  { name: 'xsel', command: 'xsel', args: ['--clipboard', '--input'] },
];
const MAC: ClipboardProgram = { name: 'pbcopy', command: 'pbcopy', args: [] };

/** Programs by which the user's own clipboard may be reached, the best first: the first that does it is enough. */
export function clipboardPrograms(environment: Environment, platform: string): readonly ClipboardProgram[] {
  const { SSH_CONNECTION: connection, SSH_TTY: tty, WAYLAND_DISPLAY: wayland, DISPLAY: display } = environment;
  // The clipboard of the machine that one is logged in to is not the one that the user pastes from.
  if (connection || tty) return [];
  return [...(platform === 'darwin' ? [MAC] : []), ...(wayland ? [WAYLAND] : []), ...(display ? X11 : [])];
}

/** The buffer of the tmux around us, which takes the text whatever its terminal makes of the sequence. */
export function tmuxProgram({ TMUX: tmux }: Environment): ClipboardProgram | undefined {
  return tmux ? TMUX_BUFFER : undefined;
}

/** What was done with a text. */
export interface CopyOutcome {
  readonly what: string;
  /** The sequence was written. Nobody knows what the terminal made of it. */
  readonly isSent: boolean;
  /** Names of the programs that took it. */
  readonly takenBy: readonly string[];
  readonly isInTmux: boolean;
}

/** One line, the most important part first. */
export function copyInWords({ what, isSent, takenBy, isInTmux }: CopyOutcome): string {
  const ways = [
    ...takenBy.map(name => (name === 'tmux' ? "copied to tmux's buffer" : `copied with ${name}`)),
    ...(isSent ? ['sent to the terminal'] : []),
  ];
  if (ways.length === 0) return `too long to copy: ${what}; :write FILE writes it to a file`;
  const isReached = takenBy.some(name => name !== 'tmux');
  // Nothing says whether it has come through, so the way to let it is named each time.
  const advice = isInTmux && !isReached ? '; tmux needs set -g set-clipboard on, or allow-passthrough on' : '';
  return `${ways.join(', ')}: ${what}${advice}`;
}
