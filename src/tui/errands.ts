/**
 * What the model asks for and the world outside answers in its own time: a file that is written, a text that is copied, a
 * folder that is listed, another capture. The screen never waits for any of it; what came of it is reported to the model.
 */
import { Buffer } from 'node:buffer';
import type { StoredCapture } from '../capture/stored.ts';
import { type FolderListing, openFolder, refuseCapture, showFolder } from './model/capture-picker.ts';
import type { Effect, ExportEffect, WriteEffect } from './model/effects.ts';
import type { RecentCapture } from './model/memory.ts';
import type { Model } from './model/model.ts';
import type { Run } from './run.ts';
import {
  type ClipboardProgram,
  clipboardPrograms,
  copyInWords,
  copySequence,
  MAX_TO_PROGRAM,
  tmuxProgram,
} from './screen/clipboard.ts';
import type { Tty } from './screen/terminal.ts';

export type Exported = { readonly kind: 'done' | 'failed'; readonly line: string } | { readonly kind: 'exists' };

/** Programs that reach a clipboard. */
export interface ClipboardHost {
  /** As Node names it: `linux`, `darwin`. */
  readonly platform: string;
  /** Gives it the text. Resolves with whether it took it, in bounded time; never rejects. */
  run(program: ClipboardProgram, text: string): Promise<boolean>;
}

export type Opening =
  | { readonly kind: 'capture'; readonly capture: StoredCapture }
  | { readonly kind: 'folder'; readonly listing: FolderListing }
  /** Why it cannot be looked at, in a line. */
  | { readonly kind: 'failed'; readonly line: string };

/** Captures that can be chosen while the screen is there. Nothing here rejects for what a user or a file system may do. */
export interface CaptureHost {
  /** @param folder absolute; undefined: the one to begin with */
  list(folder: string | undefined, recent: readonly RecentCapture[]): Promise<FolderListing>;
  /** @param from the folder that a relative path starts from; absent: the working directory */
  open(path: string, from: string | undefined, recent: readonly RecentCapture[]): Promise<Opening>;
}

export interface ErrandHosts {
  /** Writes a file. Resolves with what came of it, in a line, or `exists` when it is there and must not be overwritten. */
  readonly exportFile: (effect: ExportEffect | WriteEffect, run: Run) => Promise<Exported>;
  /** Absent: only the terminal's own clipboard. */
  readonly clipboard?: ClipboardHost | undefined;
  /** Absent: what was named to begin with is all that can be looked at. */
  readonly captures?: CaptureHost | undefined;
}

export type Errand = Extract<Effect, { readonly kind: 'copy' | 'write' | 'export' | 'browse' | 'open' }>;

/** What an errand needs of the app. */
export interface ErrandSide {
  readonly model: Model;
  readonly tty: Pick<Tty, 'environment' | 'output'>;
  readonly run: () => Run;
  /** Looks at this capture from now on. */
  readonly lookAt: (capture: StoredCapture) => void;
  /** The model has changed. */
  readonly changed: () => void;
  readonly isOver: () => boolean;
}

export class Errands {
  readonly #hosts: ErrandHosts;
  readonly #side: ErrandSide;
  /** Folders and captures asked for: an answer that comes after the next question counts no more. */
  #browsed = 0;
  #opened = 0;
  /** What is copied later stays on the clipboard. */
  #copying: Promise<unknown> = Promise.resolve();
  readonly #writing = new Set<Promise<Exported>>();

  constructor(hosts: ErrandHosts, side: ErrandSide) {
    this.#hosts = hosts;
    this.#side = side;
  }

  /** Rejects only for a fault of the program. */
  async run(errand: Errand): Promise<void> {
    switch (errand.kind) {
      case 'copy':
        await this.#copy(errand.text, errand.what);
        break;
      case 'write':
      case 'export':
        await this.#export(errand);
        break;
      case 'browse':
        await this.#browse(errand.folder);
        break;
      case 'open':
        await this.#open(errand.path, errand.from);
        break;
    }
    if (!this.#side.isOver()) this.#side.changed();
  }

  /** Resolves when nothing is read any more for what is written now. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  async #copy(text: string, what: string): Promise<void> {
    const { model, tty } = this.#side;
    const { environment } = tty;
    const sequence = copySequence(text, environment);
    if (sequence !== undefined) tty.output.write(sequence);
    const isInTmux = Boolean(environment.TMUX);
    const outcome = { what, isSent: sequence !== undefined, takenBy: [], isInTmux };
    model.notify(copyInWords(outcome), outcome.isSent ? 'plain' : 'warning');
    const { said } = model;
    const taking = this.#copying.then(() => this.#takenBy(text));
    this.#copying = taking;
    const takenBy = await taking;
    // Something else may have been said since, which is not to be taken away.
    if (takenBy.length > 0 && model.said === said && !this.#side.isOver())
      model.notify(copyInWords({ ...outcome, takenBy }));
  }

  async #takenBy(text: string): Promise<readonly string[]> {
    const { clipboard } = this.#hosts;
    const { environment } = this.#side.tty;
    if (!clipboard || Buffer.byteLength(text) > MAX_TO_PROGRAM) return [];
    const takenBy: string[] = [];
    for (const program of clipboardPrograms(environment, clipboard.platform)) {
      if (!(await clipboard.run(program, text))) continue;
      takenBy.push(program.name);
      break;
    }
    const tmux = tmuxProgram(environment);
    if (tmux && (await clipboard.run(tmux, text))) takenBy.push(tmux.name);
    return takenBy;
  }

  async #export(effect: ExportEffect | WriteEffect): Promise<void> {
    const { model, run, isOver } = this.#side;
    // All that a filter matches may take minutes.
    model.notify(`writing ${effect.path}`, 'dim');
    const writing = this.#hosts.exportFile(effect, run());
    this.#writing.add(writing);
    const outcome = await writing.finally(() => this.#writing.delete(writing));
    if (isOver()) return;
    if (outcome.kind === 'exists') model.confirmOverwrite(effect);
    else if (outcome.kind === 'failed') model.refuse(outcome.line, effect);
    else model.notify(outcome.line, 'good');
  }

  async #browse(folder: string | undefined): Promise<void> {
    const { model, isOver } = this.#side;
    const asked = ++this.#browsed;
    const listing = await this.#hosts.captures?.list(folder, model.memory.remembered.captures);
    if (listing && asked === this.#browsed && !isOver()) showFolder(model, listing);
  }

  async #open(path: string, from: string | undefined): Promise<void> {
    const { model, lookAt, isOver } = this.#side;
    const asked = ++this.#opened;
    const outcome = await this.#hosts.captures?.open(path, from, model.memory.remembered.captures);
    if (!outcome) return;
    if (asked !== this.#opened || isOver()) {
      if (outcome.kind === 'capture') await outcome.capture.close();
      return;
    }
    if (outcome.kind === 'capture') lookAt(outcome.capture);
    else if (outcome.kind === 'folder') openFolder(model, outcome.listing);
    else if (!refuseCapture(model, outcome.line)) model.refuse(outcome.line);
  }
}
