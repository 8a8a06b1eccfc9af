/** A configuration's file: which form it has, that it is a file at all and of a size that one can have, and its text. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../system-errors.ts';
import { locatedCode, type WhenPointless } from './code.ts';
import { EXTENSIONS, type Form, formOf } from './forms.ts';
import { complaint, type Located, type SourceFile } from './located.ts';
import { type Configuration, configurationOf } from './settings.ts';
import { locatedJson, locatedYaml } from './text.ts';

/** Bytes: thousands of rules. */
const LONGEST = 256 * 1024;

/** A file that somebody names. @param from folder that the path starts from */
export function fileNamed(name: string, from: string): SourceFile {
  const path = resolve(from, name);
  return { path, name, folder: dirname(path) };
}

/**
 * Reads a configuration, which for code means that it is run.
 * @throws UsageError for whatever is wrong with it
 */
export async function readConfiguration(file: SourceFile, whenPointless: WhenPointless): Promise<Configuration> {
  const form = formOf(file.path);
  if (form === undefined) throw complaint(file, undefined, `what is it? Name it .${EXTENSIONS.join(', .')}`);
  return configurationOf(await located(form, textOf(file), file, whenPointless), file);
}

/**
 * Reads a file that holds data and no code.
 * @param what it is, for complaints: `a scenario`
 * @throws UsageError for whatever is wrong with it
 */
export async function readData(file: SourceFile, what: string): Promise<Located> {
  const form = formOf(file.path);
  if (form !== 'json' && form !== 'yaml')
    throw complaint(file, undefined, `${what} is YAML or JSON; name it .yaml, .yml or .json`);
  return located(form, textOf(file), file, () => () => {});
}

function located(form: Form, text: string, file: SourceFile, whenPointless: WhenPointless): Located | Promise<Located> {
  if (text.trim() === '') throw complaint(file, undefined, 'it is empty');
  if (form === 'code') return locatedCode(text, file, whenPointless);
  return form === 'json' ? locatedJson(text, file) : locatedYaml(text, file);
}

function textOf(file: SourceFile): string {
  const bytes = bytesOf(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw complaint(file, undefined, 'this is not UTF-8 text');
  }
}

function bytesOf(file: SourceFile): Uint8Array {
  let descriptor: number | undefined;
  try {
    // A FIFO is opened at once, and then refused.
    descriptor = openSync(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) throw complaint(file, undefined, 'this is not a file');
    const bytes = Buffer.alloc(LONGEST + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length > LONGEST) break;
    }
    if (length > LONGEST)
      throw complaint(file, undefined, `more than ${LONGEST / 1024} KiB: nothing that people write is so long`);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw complaint(file, undefined, `cannot be read: ${reasonOf(error)}`);
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
