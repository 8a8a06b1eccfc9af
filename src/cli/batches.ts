/**
 * The captures that a command line means: files and URLs as they are named, all captures in a folder, at any depth, and those that a
 * list names (`@list`, one a line). In a folder captures are recognised by their bytes, in the order of their names; what else is
 * there is counted. Links to folders are not followed, so that there is an end.
 */
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { captureName, isUrl } from '../capture/location.ts';
import { isCaptureFile } from '../capture/recognise.ts';
import { counted } from '../report/numbers.ts';
import { UsageError } from '../settings/words.ts';
import { reasonOf } from '../system-errors.ts';

export interface Batch {
  readonly captures: readonly string[];
  /** Folders that hold no capture, and what in them cannot be read: a line each. */
  readonly unreadable: readonly string[];
  /** What a reader of the report should know of what was left out: a line for each folder. */
  readonly notes: readonly string[];
}

/** Bytes of a list: some million paths. */
const LONGEST_LIST = 64 * 1024 * 1024;

/** @throws UsageError for a list that cannot be read, or that names nothing */
export async function batchOf(words: readonly string[]): Promise<Batch> {
  const captures: string[] = [];
  const unreadable: string[] = [];
  const notes: string[] = [];
  for (const path of words.flatMap(listed)) {
    if (path === '-' || isUrl(path) || !(await isFolder(path))) {
      captures.push(path);
      continue;
    }
    const found = new Folder();
    await found.search(path);
    captures.push(...found.captures);
    unreadable.push(...found.unreadable);
    if (found.captures.length === 0)
      unreadable.push(`${path}: no capture in this folder (${counted(found.others, 'other file')})`);
    else if (found.others > 0)
      notes.push(
        `${path}: ${counted(found.others, 'file')} that ${found.others === 1 ? 'is not a capture was' : 'are not captures were'} left out`,
      );
  }
  return { captures, unreadable, notes };
}

/** A word, or the lines of the list that it names. */
function listed(word: string): readonly string[] {
  if (!word.startsWith('@') || word === '@') return [word];
  const path = word.slice(1);
  if (isUrl(path)) throw new UsageError(`@${captureName(path)}: a list is a file; download it first`);
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UsageError(`${word}: cannot read the list: ${reasonOf(error)}`);
  }
  if (text.length > LONGEST_LIST) throw new UsageError(`${word}: too long for a list of captures`);
  const paths = text.split(/\r?\n/).filter(line => line.trim() !== '');
  if (paths.length === 0) throw new UsageError(`${word}: the list names no capture`);
  return paths;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // What opens it says what is wrong.
    return false;
  }
}

/** What is in a folder. */
class Folder {
  readonly captures: string[] = [];
  readonly unreadable: string[] = [];
  others = 0;

  async search(path: string): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      this.unreadable.push(`cannot read ${path}: ${reasonOf(error)}`);
      return [];
    });
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) await this.search(inside);
      else if (entry.isFile() || entry.isSymbolicLink()) await this.#look(inside);
      else this.others++;
    }
  }

  async #look(path: string): Promise<void> {
    try {
      if (!(await stat(path)).isFile()) this.others++;
      else if (await isCaptureFile(path)) this.captures.push(path);
      else this.others++;
    } catch (error) {
      this.unreadable.push(`cannot read ${path}: ${reasonOf(error)}`);
    }
  }
}
