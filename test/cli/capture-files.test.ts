import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { storeCapture } from '../../src/capture/stored.ts';
import { CaptureFiles } from '../../src/cli/capture-files.ts';
import { WALL_CLOCK } from '../../src/cli/wall-clock.ts';
import { SessionMemory } from '../../src/tui/model/memory.ts';
import { PATIENT, serveFixtures } from '../kit/file-server.ts';
import { folderWith } from '../kit/folder.ts';
import { readFixture } from './captures.ts';

const FAULTS = readFixture('fixtures/mnet/faults.pcap');

async function openStored(path: string) {
  const capture = await storeCapture(path, { clock: WALL_CLOCK, network: { clock: PATIENT } });
  try {
    await capture.open();
    return capture;
  } catch (error) {
    await capture.close();
    throw error;
  }
}

function filesIn(workingDirectory: string, memory = new SessionMemory()) {
  const files = new CaptureFiles(openStored, { environment: { HOME: workingDirectory }, workingDirectory }, memory);
  onTestFinished(() => files.close());
  return files;
}

test('folders come first, then captures by their name or their first bytes, then what else there is', async () => {
  const folder = folderWith({
    'z/in.pcap': FAULTS,
    'a.txt': 'text',
    'no-ending': FAULTS,
    packed: gzipSync(FAULTS),
    'being-written.pcapng': '',
  });
  execFileSync('mkfifo', [join(folder, 'pipe.pcap')]);
  const { entries, path, parent, omitted } = await filesIn(folder).list(undefined, []);
  expect([path, parent, omitted]).toEqual([folder, join(folder, '..'), 0]);
  expect(entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    'folder z',
    'capture being-written.pcapng',
    'capture no-ending',
    'capture packed',
    'file a.txt',
  ]);
  expect(entries[2]).toMatchObject({ size: FAULTS.length, path: join(folder, 'no-ending') });
});

test('a folder with very many entries is listed in part, and says so', async () => {
  const folder = folderWith(Object.fromEntries(Array.from({ length: 2100 }, (_, index) => [`f${index}`, ''])));
  const { entries, omitted } = await filesIn(folder).list(folder, []);
  expect([entries.length, omitted]).toEqual([2000, 100]);
});

test('a folder that is not there says so, and the recent captures are listed all the same', async () => {
  const folder = folderWith({ 'a.pcap': FAULTS });
  const recent = [
    { path: join(folder, 'gone.pcap'), opened: 1 },
    { path: join(folder, 'a.pcap'), opened: 2 },
  ];
  const listing = await filesIn(folder).list(join(folder, 'no'), recent);
  expect(listing.problem).toContain('no such folder');
  expect(listing.recent.map(({ name, size }) => [name, size])).toEqual([
    ['a.pcap', FAULTS.length],
    ['gone.pcap', undefined],
  ]);
  expect((await filesIn(folder).list('/', [])).parent).toBeUndefined();
});

test('what is opened is remembered, once, as an absolute path', async () => {
  const folder = folderWith({ 'a.pcap': FAULTS });
  const memory = new SessionMemory();
  const files = filesIn(folder, memory);
  for (const path of ['a.pcap', '~/a.pcap', './a.pcap', join(folder, 'a.pcap')])
    expect((await files.open(path, undefined, [])).kind).toBe('capture');
  files.remember('-');
  expect(memory.remembered.captures.map(({ path }) => path)).toEqual([join(folder, 'a.pcap')]);
  expect(files.count).toBe(4);
});

test('a folder that is opened is listed, and what is no capture says why, with nothing remembered', async () => {
  const folder = folderWith({ 'deeper/b.pcap': FAULTS, 'a.txt': 'text that is no capture' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const memory = new SessionMemory();
  const files = filesIn(folder, memory);
  expect(await files.open('deeper', undefined, [])).toMatchObject({
    kind: 'folder',
    listing: { path: join(folder, 'deeper') },
  });
  expect(await files.open('b.pcap', join(folder, 'deeper'), [])).toMatchObject({ kind: 'capture' });
  const lines = await Promise.all(
    ['a.txt', 'no.pcap', 'pipe'].map(async path => {
      const opening = await files.open(path, undefined, []);
      return opening.kind === 'failed' ? opening.line : opening.kind;
    }),
  );
  expect(lines).toEqual([
    expect.stringMatching(/^cannot read a\.txt: not a capture/),
    'cannot read no.pcap: no such file',
    'pipe is not a file; name it on the command line',
  ]);
  expect(memory.remembered.captures).toHaveLength(1);
});

test('links lead where they lead', async () => {
  const folder = folderWith({ 'a.pcap': FAULTS });
  mkdirSync(join(folder, 'sub'));
  execFileSync('ln', ['-s', '../a.pcap', join(folder, 'sub', 'link.pcap')]);
  execFileSync('ln', ['-s', 'nowhere', join(folder, 'sub', 'broken.pcap')]);
  const { entries } = await filesIn(realpathSync(folder)).list(join(folder, 'sub'), []);
  expect(entries.map(({ name }) => name)).toEqual(['link.pcap']);
});

test('a URL that is typed is opened, remembered unless it has a secret, and offered again', async () => {
  const server = await serveFixtures();
  const memory = new SessionMemory();
  const files = filesIn(folderWith({}), memory);
  const url = `${server.origin}/fixtures/mnet/faults.pcap`;
  for (const typed of [`${url}?X-Signature=s1gned`, url.replace('//', '//ann:hunter2@'), url]) {
    const opening = await files.open(typed, undefined, []);
    expect(opening).toMatchObject({ kind: 'capture', capture: { path: url, size: FAULTS.length } });
  }
  expect(memory.remembered.captures.map(({ path }) => path)).toEqual([url]);
  const { recent } = await files.list(undefined, memory.remembered.captures);
  expect(recent).toMatchObject([{ path: url, name: 'faults.pcap', size: undefined }]);
  const missing = await files.open(`${server.origin}/none.pcap?X-Signature=s1gned`, undefined, []);
  expect(missing).toEqual({ kind: 'failed', line: expect.stringMatching(/^cannot read none\.pcap: .*404/) });
});
