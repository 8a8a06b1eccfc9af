/** All reports of a run, in a folder of their own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMAT_NAMES } from '../../src/report/formats.ts';

/** Every format into one folder, which some of them name. */
export function formats(folder: string): string[] {
  return FORMAT_NAMES.filter(name => name !== 'ndjson').flatMap(name => ['--report', `${name}=${join(folder, name)}`]);
}

export const written = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));
