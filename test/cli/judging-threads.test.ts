/** How many threads judge which captures. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Program } from '../../src/cli/command.ts';
import { threadsFor } from '../../src/cli/judging-threads.ts';
import { captureFile } from '../field/captured.ts';
import { times } from '../kit/divisible.ts';
import { folderWith } from '../kit/folder.ts';

const MIB = 1024 * 1024;

/** A capture that takes no room, of so many mebibytes: as many conversations of two hosts each, and empty packets behind them. */
async function file(mebibytes: number, pairs = 64): Promise<string> {
  const path = join(folderWith({}), 'capture');
  writeFileSync(path, captureFile(await times('mnet/echo-small', pairs, 0.01)));
  truncateSync(path, mebibytes * MIB);
  return path;
}

function gzip(mebibytes: number): string {
  const path = join(folderWith({}), 'capture.gz');
  writeFileSync(path, Buffer.from('1f8b08', 'hex'));
  truncateSync(path, mebibytes * MIB);
  return path;
}

const none = () => join(folderWith({}), 'none.pcap');

test.each([
  ['a gibibyte', async () => [await file(1_024)], undefined, 2, 2],
  ['a little less', async () => [await file(1_023)], undefined, 2, 1],
  ['a gibibyte, with many cores', async () => [await file(1_024)], undefined, 64, 2],
  ['many gibibytes, with some cores', async () => [await file(16 * 1_024)], undefined, 6, 6],
  ['many gibibytes of two hosts', async () => [await file(16 * 1_024, 1)], undefined, 6, 1],
  ['many gibibytes of three pairs of hosts', async () => [await file(16 * 1_024, 3)], undefined, 6, 3],
  ['many gibibytes in gzip', async () => [gzip(16 * 1_024)], undefined, 64, 1],
  ['many gibibytes on one core', async () => [await file(16 * 1_024)], undefined, 1, 1],
  ['two files', async () => [await file(300), await file(300)], undefined, 64, 2],
  ['a file and one that is not there', async () => [await file(1_023), none()], undefined, 64, 2],
  ['one that is not there', async () => [none()], undefined, 64, 1],
  ['a folder', async () => [folderWith({})], 2, 64, 1],
  ['a pipe', async () => ['-'], 2, 64, 1],
  ['a server', async () => ['http://host/a.pcap'], undefined, 64, 1],
  ['less, where more are asked for', async () => [await file(1_023)], 3, 2, 3],
  ['two hosts, where more are asked for', async () => [await file(1_024, 1)], 3, 2, 3],
  ['gzip, where more are asked for', async () => [gzip(1)], 2, 2, 2],
  ['more, where one is asked for', async () => [await file(16 * 1_024)], 1, 64, 1],
] as const)('%s', async (_, captures, asked, cores, expected) => {
  const program = { host: { threads: { cores } }, plugins: [] } as unknown as Program;
  expect(await threadsFor(await captures(), asked, program)).toBe(expected);
});

test('a protocol that cannot be loaded again is judged by one thread', async () => {
  const program = { host: { threads: { cores: 2 } }, plugins: undefined } as unknown as Program;
  expect(await threadsFor([await file(1_024)], undefined, program)).toBe(1);
});
