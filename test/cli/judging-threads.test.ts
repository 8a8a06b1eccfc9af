/** How many threads judge which captures. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Program } from '../../src/cli/command.ts';
import { threadsFor } from '../../src/cli/judging-threads.ts';
import { folderWith } from '../kit/folder.ts';

const MIB = 1024 * 1024;

/** A file that takes no room, of so many mebibytes. */
function file(mebibytes: number, begin = 'd4c3b2a1'): string {
  const path = join(folderWith({}), 'capture');
  writeFileSync(path, Buffer.from(begin, 'hex'));
  truncateSync(path, mebibytes * MIB);
  return path;
}

const gzip = (mebibytes: number) => file(mebibytes, '1f8b08');
const none = () => join(folderWith({}), 'none.pcap');

test.each([
  ['a gibibyte', () => [file(1_024)], undefined, 2, 2],
  ['a little less', () => [file(1_023)], undefined, 2, 1],
  ['a gibibyte, with many cores', () => [file(1_024)], undefined, 64, 2],
  ['many gibibytes, with many cores', () => [file(16 * 1_024)], undefined, 64, 16],
  ['many gibibytes in gzip', () => [gzip(16 * 1_024)], undefined, 64, 1],
  ['many gibibytes on one core', () => [file(16 * 1_024)], undefined, 1, 1],
  ['two files', () => [file(300), file(300)], undefined, 64, 2],
  ['a file and one that is not there', () => [file(1_023), none()], undefined, 64, 2],
  ['one that is not there', () => [none()], undefined, 64, 1],
  ['a folder', () => [folderWith({})], 2, 64, 1],
  ['a pipe', () => ['-'], 2, 64, 1],
  ['a server', () => ['http://host/a.pcap'], undefined, 64, 1],
  ['less, where more are asked for', () => [file(1_023)], 3, 2, 3],
  ['gzip, where more are asked for', () => [gzip(1)], 2, 2, 2],
  ['more, where one is asked for', () => [file(16 * 1_024)], 1, 64, 1],
] as const)('%s', async (_, captures, asked, cores, expected) => {
  const program = { host: { threads: { cores } }, plugins: [] } as unknown as Program;
  expect(await threadsFor(captures(), asked, program)).toBe(expected);
});

test('a protocol that cannot be loaded again is judged by one thread', async () => {
  const program = { host: { threads: { cores: 2 } }, plugins: undefined } as unknown as Program;
  expect(await threadsFor([file(1_024)], undefined, program)).toBe(1);
});
