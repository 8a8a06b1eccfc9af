import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileMemory, memoryPath } from '../../src/cli/memory-file.ts';
import { parseRemembered } from '../../src/cli/remembered.ts';
import { withLatest } from '../../src/tui/model/memory.ts';
import { folderWith } from '../kit/folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;
const kept = (path: string) => parseRemembered(readFileSync(path, 'utf8'));

function enter(memory: FileMemory, filter: string): void {
  memory.remember({ filters: withLatest(memory.remembered.filters, filter) });
}

describe('where it is', () => {
  test.each<[Record<string, string>, string | undefined]>([
    [{ XDG_STATE_HOME: '/s', HOME: '/h' }, '/s/wirelint/inspect.json'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/h' }, '/h/.local/state/wirelint/inspect.json'],
    [{ HOME: '/h' }, '/h/.local/state/wirelint/inspect.json'],
    [{ HOME: '/h', WIRELINT_STATE: 'off' }, undefined],
    [{ HOME: '/h', WIRELINT_STATE: 'OFF' }, undefined],
    [{ HOME: '/h', WIRELINT_STATE: '' }, '/h/.local/state/wirelint/inspect.json'],
    [{ HOME: '' }, undefined],
    [{}, undefined],
  ])('%j: %s', (environment, path) => {
    expect(memoryPath(environment)).toBe(path);
  });
});

test('a session finds what the one before has left, in a file of the user alone', async () => {
  const path = join(folderWith({}), 'state', 'wirelint', 'inspect.json');
  const first = await FileMemory.load(path);
  enter(first, 'type == DATA');
  first.remember({ savedFilters: { data: 'type == DATA' } });
  await first.end();
  expect([modeOf(path), modeOf(join(path, '..'))]).toEqual([0o600, 0o700]);
  expect(readdirSync(join(path, '..'))).toEqual(['inspect.json']);
  const second = await FileMemory.load(path);
  expect(second.remembered).toMatchObject({ filters: ['type == DATA'], savedFilters: { data: 'type == DATA' } });
  expect([first.news(), second.news()]).toEqual([undefined, undefined]);
});

test('a session that changes nothing writes nothing', async () => {
  const folder = folderWith({});
  const memory = await FileMemory.load(join(folder, 'wirelint', 'inspect.json'));
  await memory.end();
  expect(readdirSync(folder)).toEqual([]);
});

test('what others might read is readable by the user alone once it is written again', async () => {
  const path = join(folderWith({ 'inspect.json': '{"version":1}' }), 'inspect.json');
  const memory = await FileMemory.load(path);
  enter(memory, 'a');
  await memory.end();
  expect(modeOf(path)).toBe(0o600);
});

test('two sessions at once lose nothing of each other', async () => {
  const path = join(folderWith({}), 'inspect.json');
  const sessions = await Promise.all(Array.from({ length: 4 }, () => FileMemory.load(path)));
  for (let round = 0; round < 5; round++) {
    for (const [index, memory] of sessions.entries()) enter(memory, `frame == ${index}${round}`);
    await Promise.all(sessions.map(memory => memory.end()));
  }
  expect(kept(path).filters.toSorted()).toEqual(
    sessions.flatMap((_, index) => [0, 1, 2, 3, 4].map(round => `frame == ${index}${round}`)).toSorted(),
  );
  expect(sessions.map(memory => memory.news())).toEqual(sessions.map(() => undefined));
});

test('what is changed while it is written comes after it', async () => {
  const path = join(folderWith({}), 'inspect.json');
  const memory = await FileMemory.load(path);
  enter(memory, 'a');
  const writing = memory.end();
  enter(memory, 'b');
  await writing;
  expect(memory.remembered.filters).toEqual(['a', 'b']);
  await memory.end();
  expect(kept(path).filters).toEqual(['a', 'b']);
});

test.each([
  ['text', 'no JSON at all'],
  ['cut', '{"version":1,"filters":["a"'],
  ['somebody else', '{"name":"package","version":"1.2.3"}'],
])('a file of %s is put aside and reported, and the next one is whole', async (_, text) => {
  const folder = folderWith({ 'inspect.json': text });
  const path = join(folder, 'inspect.json');
  const memory = await FileMemory.load(path);
  expect(memory.news()).toMatch(/; put aside: .*inspect\.json\.damaged$/);
  expect(memory.news()).toBeUndefined();
  enter(memory, 'a');
  await memory.end();
  expect(kept(path).filters).toEqual(['a']);
  expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
});

test('a file that is damaged while the session runs is put aside, too, and what the session knows stays', async () => {
  const path = join(folderWith({}), 'inspect.json');
  const memory = await FileMemory.load(path);
  enter(memory, 'a');
  await memory.end();
  writeFileSync(path, 'garbage');
  enter(memory, 'b');
  await memory.end();
  expect(kept(path).filters).toEqual(['a', 'b']);
  expect(memory.news()).toContain('put aside');
});

test('the file of a later version is left as it is, and nothing is kept', async () => {
  const text = '{"version":7}';
  const path = join(folderWith({ 'inspect.json': text }), 'inspect.json');
  const memory = await FileMemory.load(path);
  expect(memory.news()).toMatch(/^nothing is remembered .*: a later version wrote it: /);
  enter(memory, 'a');
  await memory.end();
  expect(memory.remembered.filters).toEqual(['a']);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['a link to nowhere else than itself', (path: string) => symlinkSync(path, path)],
])('%s in its place ends no session', async (_, make) => {
  const path = join(folderWith({}), 'inspect.json');
  make(path);
  const memory = await FileMemory.load(path);
  expect(memory.news()).toBeDefined();
  enter(memory, 'a');
  await memory.end();
  expect(memory.remembered.filters).toEqual(['a']);
});

test('where nothing can be written it says so once, and the session remembers all the same', async () => {
  // A file where the folder would be: nobody can write there, whoever runs the test.
  const path = join(folderWith({ wirelint: '' }), 'wirelint', 'deeper', 'inspect.json');
  const memory = await FileMemory.load(path);
  for (const filter of ['a', 'b']) {
    enter(memory, filter);
    await memory.end();
  }
  expect(memory.news()).toMatch(/^nothing is remembered for another session: not a directory: /);
  expect(memory.news()).toBeUndefined();
  expect(memory.remembered.filters).toEqual(['a', 'b']);
});

test.runIf(existsSync('/proc/self'))('where no folder can be made it says so, too, and comes to an end', async () => {
  const memory = await FileMemory.load('/proc/nowhere/wirelint/inspect.json');
  enter(memory, 'a');
  await memory.end();
  expect(memory.news()).toMatch(/^nothing is remembered for another session: no such directory: /);
});

test('a lock that a killed session has left is broken', async () => {
  const folder = folderWith({ 'inspect.json.lock': '' });
  utimesSync(join(folder, 'inspect.json.lock'), 1000, 1000);
  const path = join(folder, 'inspect.json');
  const memory = await FileMemory.load(path);
  enter(memory, 'a');
  await memory.end();
  expect(kept(path).filters).toEqual(['a']);
  expect(readdirSync(folder)).toEqual(['inspect.json']);
});
