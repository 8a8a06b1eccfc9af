/** Files of a test in a folder of their own, which is gone when the test is over. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TemporaryFile {
  readonly path: string;
  read(): Uint8Array;
}

export function temporaryFile(name: string, content?: Uint8Array): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return { path, read: () => readFileSync(path) };
}
