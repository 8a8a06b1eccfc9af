/**
 * How far the reading is, on standard error, for captures that take long enough for somebody to wonder. Never shown
 * when standard error is no terminal, and wiped away when the reading ends.
 */
import type { SingleBar } from 'cli-progress';
import type { ReadProgress } from '../capture/source.ts';
import { visibleAtLineStart } from '../wire/escape.ts';
import { columnsOf, type Host } from './host.ts';

/** Below this nobody has begun to wonder. */
const PATIENCE_MS = 700;
const MEGABYTE = 1_000_000;
const NAME_WIDTH = 30;

export class Progress {
  #bar: SingleBar | undefined;
  /** Undefined until it is loaded, which takes less time than anybody's patience. */
  #Bar: typeof SingleBar | undefined;
  readonly #host: Host;
  readonly #wanted: boolean;
  readonly #began: number;

  constructor(host: Host, asked: boolean) {
    this.#host = host;
    this.#wanted = asked && host.stderr.isTTY === true;
    this.#began = host.now();
    if (this.#wanted) void this.#load();
  }

  async #load(): Promise<void> {
    this.#Bar = (await import('cli-progress')).SingleBar;
  }

  show(path: string, { read, total }: ReadProgress, packets: number): void {
    if (!this.#Bar || this.#host.now() - this.#began < PATIENCE_MS) return;
    const payload = { name: shorten(path), megabytes: Math.round(read / MEGABYTE), packets };
    if (this.#bar) this.#bar.update(total === undefined ? 0 : read, payload);
    else this.#bar = this.#start(this.#Bar, total, payload);
  }

  /** Wipes the bar; the next `show` starts another. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #start(Bar: typeof SingleBar, total: number | undefined, payload: object): SingleBar {
    const bar = total === undefined ? '' : '{bar} {percentage}%  {eta_formatted}  ';
    const options = {
      stream: this.#host.stderr as unknown as NodeJS.WriteStream,
      format: `{name}  ${bar}{megabytes} MB, {packets} packets`,
      clearOnComplete: true,
      hideCursor: false,
      // Nothing of the terminal is changed that a crash would leave behind.
      linewrap: true,
      barsize: Math.min(30, columnsOf(this.#host.stderr, this.#host.environment) - NAME_WIDTH - 40),
      barCompleteChar: '#',
      barIncompleteChar: '-',
    };
    const single = new Bar(options);
    single.start(total ?? 1, 0, payload);
    return single;
  }
}

function shorten(path: string): string {
  const name = visibleAtLineStart(path === '-' ? 'standard input' : path);
  return name.length <= NAME_WIDTH ? name : `...${name.slice(3 - NAME_WIDTH)}`;
}
