/**
 * What `inspect` remembers, in a file: `inspect.json` in the state folder of the XDG Base Directory Specification, readable
 * by its owner alone. It is read once, and written a moment after each change: beside the file, which is then replaced, so
 * that it is whole at any time. Before that it is read again, under a lock, because another session may have changed it.
 *
 * Nothing here is worth a failure: what cannot be read or kept is reported in a line (`news`), and the session goes on.
 */
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, reasonOf, TO_WRITE } from '../system-errors.ts';
import type { Memory, Remembered } from '../tui/model/memory.ts';
import type { Host } from './host.ts';
import { ForeignMemory, merged, NOTHING_KEPT, parseRemembered, printRemembered } from './remembered.ts';

/** Milliseconds in which further changes go into the same file. */
const GATHERING = 200;
/** Far more than all that is kept. */
const LONGEST_FILE = 4 * 2 ** 20;
/** Milliseconds between two tries for the lock, how many there are, and the age of a lock that nobody holds any more. */
const BETWEEN_TRIES = 20;
const MOST_TRIES = 50;
const LONGEST_LOCK = 10_000;

/** The variable by which a user says that nothing is to be kept, and what it says. */
const SWITCH = 'WIRELINT_STATE';
const OFF = ['off', '0', 'no', 'none'];

/** Where it is kept; undefined where there is no home, or the user wants none of it. */
export function memoryPath(environment: Host['environment']): string | undefined {
  const { XDG_STATE_HOME: state = '', HOME: home = '' } = environment;
  if (OFF.includes((environment[SWITCH] ?? '').toLowerCase())) return undefined;
  // A path that is not absolute does not count.
  if (isAbsolute(state)) return join(state, 'wirelint', 'inspect.json');
  return isAbsolute(home) ? join(home, '.local', 'state', 'wirelint', 'inspect.json') : undefined;
}

export class FileMemory implements Memory {
  readonly #path: string;
  /** What the file held when it was last read or written, as far as this session knows. */
  #base: Remembered;
  #remembered: Remembered;
  readonly #news: string[] = [];
  #isBroken = false;
  #timer: NodeJS.Timeout | undefined = undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, remembered: Remembered) {
    this.#path = path;
    this.#base = remembered;
    this.#remembered = remembered;
  }

  /** Never rejects. A file that makes no sense is put aside. */
  static async load(path: string): Promise<FileMemory> {
    const memory = new FileMemory(path, NOTHING_KEPT);
    try {
      memory.#remembered = await memory.#read();
      memory.#base = memory.#remembered;
    } catch (error) {
      memory.#giveUp(error);
    }
    return memory;
  }

  get remembered(): Remembered {
    return this.#remembered;
  }

  remember(change: Partial<Remembered>): void {
    this.#remembered = { ...this.#remembered, ...change };
    if (this.#isBroken || this.#timer) return;
    this.#timer = setTimeout(() => this.#writeNow(), GATHERING);
  }

  news(): string | undefined {
    return this.#news.shift();
  }

  /** Resolves when all that is to be kept has been written, or cannot be. */
  async end(): Promise<void> {
    if (this.#timer) this.#writeNow();
    await this.#writing;
  }

  #writeNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch(error => this.#giveUp(error));
  }

  async #write(): Promise<void> {
    if (this.#isBroken) return;
    await makeFolder(dirname(this.#path));
    const lock = `${this.#path}.lock`;
    const isLocked = await takeLock(lock);
    try {
      const ours = this.#remembered;
      const together = merged(await this.#read(), this.#base, ours);
      await replace(this.#path, printRemembered(together));
      // What was changed while it was written is still to come.
      this.#remembered = merged(together, ours, this.#remembered);
      this.#base = together;
    } finally {
      if (isLocked) await rm(lock, { force: true });
    }
  }

  /** Nothing, where there is no file: somebody may have wanted that. Of one that is put aside, what is known of it. */
  async #read(): Promise<Remembered> {
    const text = await textOf(this.#path);
    if (text === undefined) return NOTHING_KEPT;
    try {
      return parseRemembered(text);
    } catch (error) {
      if (!(error instanceof ForeignMemory) || error.isLater) throw error;
      await this.#putAside(error.message);
      return this.#base;
    }
  }

  async #putAside(reason: string): Promise<void> {
    const aside = `${this.#path}.damaged`;
    await rename(this.#path, aside);
    this.#news.push(`what was remembered is damaged (${reason}); put aside: ${aside}`);
  }

  #giveUp(error: unknown): void {
    this.#isBroken = true;
    const reason = error instanceof ForeignMemory ? error.message : reasonOf(error, TO_WRITE);
    this.#news.push(`nothing is remembered for another session: ${reason}: ${this.#path}`);
  }
}

/** With those above it. Node's own way to do that never ends where the system lies about what is missing, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch(error => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

/** Undefined where there is no such file. What is no regular file is not waited for, and no text. */
async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const status = await file.stat();
    return status.isFile() && status.size <= LONGEST_FILE ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  try {
    // Of another process by that number, which was killed.
    await rm(beside, { force: true });
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** False after a second: the other one hangs, and a change of its that is lost is a small loss. */
async function takeLock(path: string): Promise<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const status = await stat(path).catch(() => undefined);
    // Of a session that was killed while it wrote.
    if (status && Date.now() - status.mtimeMs > LONGEST_LOCK) await rm(path, { force: true });
    else await delay(BETWEEN_TRIES);
  }
  return false;
}
