/**
 * The terminal while it is ours: taken over and given back, whole, whichever way the program ends or stops. What is
 * written here is the same for every terminal, and is ignored by those that do not know it; it is kept in two lines, so
 * that a crash, wherever it happens, needs one write to be undone.
 */

/** What the terminal needs from the process that runs the app, which alone touches streams, signals and the clock. */
export interface Tty {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the screen is drawn. Writes are done when they return. */
  readonly output: TerminalOutput;
  /** Bytes from the keyboard. */
  onInput(listener: (bytes: Uint8Array) => void): void;
  /** The size of the terminal has changed. */
  onResize(listener: () => void): void;
  /** Somebody ends the program (SIGTERM, SIGHUP, SIGINT, SIGQUIT, or the terminal is gone): its last chance to tidy up. */
  onEnd(listener: (signal: EndSignal) => void): void;
  /** Somebody stops it as ctrl-z would (SIGTSTP), or lets it go on (SIGCONT). */
  onStop(listener: () => void): void;
  onContinue(listener: () => void): void;
  /** The program fails: called before anything is said about it. */
  onCrash(listener: () => void): void;
  /** Keys one by one and without echo, or lines as usual. */
  setRaw(raw: boolean): void;
  /** Stops the job that the program is part of, and returns; where nobody would let it go on, nothing is stopped. */
  stopJob(): void;
  /** Ends the program by this signal. */
  endBy(signal: EndSignal): void;
  /** Stops listening to everything, so that the process can end. */
  close(): void;
  /** Milliseconds of a steady clock. */
  now(): number;
  /** Calls back once after so many milliseconds; returns what calls it off. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Resolves when the event loop has turned. */
  turn(): Promise<void>;
}

export type TerminalOutput = NodeJS.WriteStream;
export type EndSignal = 'SIGTERM' | 'SIGHUP' | 'SIGINT' | 'SIGQUIT';

const on = (...modes: readonly number[]) => modes.map(mode => `\x1b[?${mode}h`).join('');
const off = (...modes: readonly number[]) => modes.map(mode => `\x1b[?${mode}l`).join('');

const ALTERNATE_SCREEN = 1049;
const CURSOR = 25;
/** Off, so that a character wider than we think stays in its line. */
const WRAPPING = 7;
/** Buttons, movements with one held down, the wheel, and their positions in decimal. */
const MOUSE = [1000, 1002, 1006];
const BRACKETED_PASTE = 2004;
/** Colours and line drawing set back, in the form of each kind of terminal. */
const PLAIN = '\x1b[m\x1b(B\x0f';
const CLEAR = '\x1b[H\x1b[J';
const BELL = '\x07';

const TAKE = `${on(ALTERNATE_SCREEN)}${off(CURSOR, WRAPPING)}${on(...MOUSE, BRACKETED_PASTE)}${PLAIN}${CLEAR}`;
// What has no alternate screen is left clear.
const GIVE_BACK = `${off(BRACKETED_PASTE, ...MOUSE)}${PLAIN}${CLEAR}${on(WRAPPING, CURSOR)}${off(ALTERNATE_SCREEN)}`;

/** Milliseconds in which a stop signal has surely arrived. */
const STOPPED_BY_NOW = 100;

export class Terminal {
  readonly #tty: Tty;
  /**
   * A signal asks the program to end. True: it will end by itself, in order. Called for the first signal only; a second
   * one ends the program at once.
   */
  mayEndInOrder: () => boolean = () => false;
  /** Called when the terminal is ours again after a stop, with nothing left of what was drawn. */
  onReturn: () => void = () => {};
  #ours = false;

  constructor(tty: Tty) {
    this.#tty = tty;
    tty.onCrash(() => this.giveBack());
    tty.onStop(() => this.suspend());
    tty.onContinue(() => this.#return());
    tty.onEnd(signal => {
      const isCared = this.mayEndInOrder();
      this.mayEndInOrder = () => false;
      this.giveBack();
      if (!isCared) tty.endBy(signal);
    });
  }

  /** What is written while it is not is written over what the shell shows. */
  get isOurs(): boolean {
    return this.#ours;
  }

  take(): void {
    this.#ours = true;
    this.#tty.setRaw(true);
    this.#tty.output.write(TAKE);
  }

  /** Can be called at any time, and more than once. */
  giveBack(): void {
    if (!this.#ours) return;
    this.#ours = false;
    this.#tty.output.write(GIVE_BACK);
    this.#tty.setRaw(false);
  }

  /** Rings, or flashes, as the user has set it up; while somebody else has the terminal, it does nothing. */
  bell(): void {
    if (this.#ours) this.#tty.output.write(BELL);
  }

  /** As ctrl-z does elsewhere; comes back with `fg`. */
  suspend(): void {
    if (!this.#ours) return;
    this.giveBack();
    this.#tty.stopJob();
    // Without a shell that could let us go on we were not stopped, and nobody will tell.
    this.#tty.after(STOPPED_BY_NOW, () => {
      if (!this.#ours) this.#return();
    });
  }

  /**
   * Also after a stop that sent us no signal to handle (SIGSTOP): the shell has changed the terminal's settings since.
   */
  #return(): void {
    if (this.#ours) this.#tty.setRaw(false);
    this.take();
    this.onReturn();
  }
}
