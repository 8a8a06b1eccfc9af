/** The file by which a program that listens says that it does, for those who wait for it. */
import { rename, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { UsageError } from '../settings/words.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';

/**
 * Written beside it and then renamed: a program that waits for the file finds all of it.
 * @param facts where it listens; the number of the process stands before them
 * @throws UsageError (the promise rejects) where it cannot be written
 */
export async function writeReady(path: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
  const beside = `${path}.${process.pid}`;
  try {
    await writeFile(beside, `${JSON.stringify({ pid: process.pid, ...facts })}\n`);
    await rename(beside, path);
  } catch (error) {
    throw new UsageError(`cannot write --ready-file ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
}
