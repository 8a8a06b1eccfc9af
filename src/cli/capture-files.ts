/**
 * Captures that are chosen on the screen: what is in a folder, which of it are captures, and their opening. A name that ends
 * as those of captures do is enough to be listed as one; of other files the first bytes are read, as far as that takes no
 * time that anybody would notice.
 */
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { captureName, isUrl } from '../capture/location.ts';
import { isCaptureFile } from '../capture/recognise.ts';
import { CaptureError } from '../capture/source.ts';
import type { StoredCapture } from '../capture/stored.ts';
import { reasonOf } from '../system-errors.ts';
import type { CaptureHost, Opening } from '../tui/errands.ts';
import type { FolderEntry, FolderListing, RecentEntry } from '../tui/model/capture-picker.ts';
import type { Memory, RecentCapture } from '../tui/model/memory.ts';
import type { Host } from './host.ts';

/** Entries of a folder that are listed, and files whose first bytes are read to see what they are. */
const MOST_LISTED = 2000;
const MOST_READ = 300;
/** Milliseconds after which no further one is read. */
const READING_TIME = 300;
/** Files that are looked at together. */
const TOGETHER = 16;

const CAPTURE_NAME = /\.(pcap|pcapng|cap|ntar|dmp)(\.gz)?$/i;

const NO_FOLDER = { missing: 'no such folder', notDirectory: 'no folder' };

/** Opens a file. Rejects with a `CaptureError`. */
export type OpenCaptureFile = (path: string) => Promise<StoredCapture>;

export class CaptureFiles implements CaptureHost {
  readonly #open: OpenCaptureFile;
  readonly #host: Pick<Host, 'environment' | 'workingDirectory'>;
  readonly #memory: Memory | undefined;
  /** Those that were opened and may be open still. */
  readonly #opened: StoredCapture[] = [];

  constructor(open: OpenCaptureFile, host: Pick<Host, 'environment' | 'workingDirectory'>, memory: Memory | undefined) {
    this.#open = open;
    this.#host = host;
    this.#memory = memory;
  }

  /** Captures that were opened here. */
  get count(): number {
    return this.#opened.length;
  }

  async list(folder: string | undefined, recent: readonly RecentCapture[]): Promise<FolderListing> {
    const path = folder ?? this.#here;
    const now = Date.now();
    const recents = await Promise.all(recent.toReversed().map(recentEntry));
    try {
      const { entries, omitted } = await entriesOf(path);
      return { ...placed(path), entries, omitted, recent: recents, now };
    } catch (error) {
      return { ...placed(path), entries: [], omitted: 0, recent: recents, now, problem: unlistable(path, error) };
    }
  }

  async open(typed: string, from: string | undefined, recent: readonly RecentCapture[]): Promise<Opening> {
    const path = this.#resolved(typed, from);
    try {
      if (!isUrl(path)) {
        const status = await stat(path);
        if (status.isDirectory()) {
          const listing = await this.list(path, recent);
          return listing.problem === undefined ? { kind: 'folder', listing } : failed(listing.problem);
        }
        // A pipe would be waited for, and there is no way to stop that from here.
        if (!status.isFile()) return failed(`${basename(path)} is not a file; name it on the command line`);
      }
      const capture = await this.#open(path);
      this.#opened.push(capture);
      this.remember(path);
      return { kind: 'capture', capture };
    } catch (error) {
      // The folder is on the screen; the reason is what there is to be room for.
      const name = captureName(path);
      const reason = error instanceof CaptureError ? error.message.replace(`${name}: `, '') : reasonOf(error);
      return failed(`cannot read ${basename(name)}: ${reason}`);
    }
  }

  /** It is among those that are offered another time. @param path `-` for standard input, which is not */
  remember(path: string): void {
    if (path === '-' || !this.#memory) return;
    // Secrets are not for a file, and without them nobody could open it again.
    if (isUrl(path) && captureName(path) !== path) return;
    const capture = { path: isUrl(path) ? path : resolve(this.#here, path), opened: Date.now() };
    const others = this.#memory.remembered.captures.filter(other => other.path !== capture.path);
    this.#memory.remember({ captures: [...others, capture] });
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map(capture => capture.close()));
  }

  get #here(): string {
    return this.#host.workingDirectory ?? process.cwd();
  }

  #resolved(typed: string, from = this.#here): string {
    if (isUrl(typed)) return typed;
    const { HOME: home } = this.#host.environment;
    const path = home && /^~(?=\/|$)/.test(typed) ? home + typed.slice(1) : typed;
    return resolve(from, path);
  }
}

const failed = (line: string): Opening => ({ kind: 'failed', line });

function unlistable(path: string, error: unknown): string {
  return `cannot list ${path}: ${reasonOf(error, NO_FOLDER)}`;
}

function placed(path: string): Pick<FolderListing, 'path' | 'parent'> {
  const parent = dirname(path);
  return { path, parent: parent === path ? undefined : parent };
}

async function recentEntry({ path, opened }: RecentCapture): Promise<RecentEntry> {
  const status = isUrl(path) ? undefined : await statusOf(path);
  return {
    path,
    opened,
    name: basename(path),
    folder: dirname(path),
    size: status?.isFile() ? status.size : undefined,
  };
}

async function entriesOf(folder: string): Promise<Pick<FolderListing, 'entries' | 'omitted'>> {
  const found = await readdir(folder, { withFileTypes: true });
  found.sort((one, other) => (one.name < other.name ? -1 : 1));
  const listed = found.slice(0, MOST_LISTED);
  const reading = { left: MOST_READ, until: Date.now() + READING_TIME };
  const entries: FolderEntry[] = [];
  for (let at = 0; at < listed.length; at += TOGETHER) {
    const some = await Promise.all(listed.slice(at, at + TOGETHER).map(entry => entryOf(folder, entry, reading)));
    for (const entry of some) if (entry) entries.push(entry);
  }
  const ORDER = ['folder', 'capture', 'file'];
  entries.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
  return { entries, omitted: found.length - listed.length };
}

/** Nothing for what is neither a folder nor a file, wherever a link leads. */
async function entryOf(
  folder: string,
  { name }: Dirent,
  reading: { left: number; readonly until: number },
): Promise<FolderEntry | undefined> {
  const path = join(folder, name);
  const status = await statusOf(path);
  if (status?.isDirectory()) return { name, path, kind: 'folder' };
  if (!status?.isFile()) return undefined;
  const { size, mtimeMs: modified } = status;
  const kind = CAPTURE_NAME.test(name) || (await beginsAsCapture(path, reading)) ? 'capture' : 'file';
  return { name, path, kind, size, modified };
}

async function beginsAsCapture(path: string, reading: { left: number; readonly until: number }): Promise<boolean> {
  if (reading.left <= 0 || Date.now() > reading.until) return false;
  reading.left--;
  return isCaptureFile(path).catch(() => false);
}

function statusOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
