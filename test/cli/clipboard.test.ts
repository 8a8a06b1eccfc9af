import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { clipboardHost } from '../../src/cli/clipboard.ts';
import { folderWith } from '../kit/folder.ts';

const TEXT = 'x'.repeat(300_000);

/** A folder in which a program of this name does what the script says, and whether it took the text. */
async function given(script: string): Promise<{ readonly folder: string; readonly isTaken: boolean }> {
  const folder = folderWith({ 'a-clipboard': `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder, 'a-clipboard'), 0o755);
  const environment = { PATH: `${folder}${delimiter}${process.env.PATH}`, FOLDER: folder };
  const program = { name: 'a clipboard', command: 'a-clipboard', args: ['--input'] };
  return { folder, isTaken: await clipboardHost({ environment }).run(program, TEXT) };
}

test('a program that ends well has got the text', async () => {
  const { folder, isTaken } = await given('echo "$1" > "$FOLDER/args"; cat > "$FOLDER/text"');
  expect([isTaken, readFileSync(join(folder, 'args'), 'utf8')]).toEqual([true, '--input\n']);
  expect(readFileSync(join(folder, 'text'), 'utf8')).toBe(TEXT);
});

test.each([
  ['says that it failed', 'cat > /dev/null; exit 1'],
  ['reads nothing and fails', 'exit 2'],
  ['is killed', 'kill -9 $$'],
])('one that %s has not', async (_, script) => {
  expect((await given(script)).isTaken).toBe(false);
});

test('one that is not there has not, either', async () => {
  const host = clipboardHost({ environment: { PATH: folderWith({}) } });
  expect(await host.run({ name: 'none', command: 'no-such-clipboard', args: [] }, TEXT)).toBe(false);
});
