/** Folders and lists in the place of captures, and what is said of each capture of many. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { CLEAN, foreign, readFixture, unanswered, violating } from './captures.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'wirelint-batch-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Makes a folder with these files. */
function folder(name: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const path = join(root, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

const mixed = folder('mixed', {
  'b.pcap': violating(),
  'a/deep/clean': readFixture(CLEAN),
  'a/packed.bin': gzipSync(readFixture(CLEAN)),
  'notes.pcap': 'no capture, whatever its name says',
  'a/empty.pcap': '',
  'a/other.gz': gzipSync('text'),
});

/** Lines that a narrow page has broken, whole. */
const unwrapped = (text: string) => text.replace(/\n {4,}/g, ' ');

async function captures(...args: readonly string[]): Promise<{ path: string; result: Record<string, unknown> }[]> {
  const { stdout } = await runInside('check', ...args, '--format', 'json');
  return JSON.parse(stdout).captures;
}

describe('a folder', () => {
  test('stands for all captures in it, recognised by their bytes, in the order of their names', async () => {
    const paths = (await captures(mixed)).map(({ path }) => path.slice(mixed.length + 1));
    expect(paths).toEqual(['a/deep/clean', 'a/packed.bin', 'b.pcap']);
    const { code, stdout } = await runInside('check', mixed);
    expect(code).toBe(1);
    expect(unwrapped(stdout)).toContain('3 files that are not captures were left out');
  });

  test('that holds no capture is said to, beside captures that are checked', async () => {
    const empty = folder('empty', { 'readme.txt': 'nothing' });
    const { code, stdout, stderr } = await runInside('check', empty, CLEAN);
    expect(code).toBe(3);
    expect(stderr).toContain(`${empty}: no capture in this folder (1 other file)`);
    expect(stdout).toContain('28 messages');
  });

  test('that links to itself has an end, and links to captures are followed', async () => {
    const path = folder('links', { 'one/x.pcap': violating() });
    symlinkSync('..', join(path, 'one', 'up'));
    symlinkSync(join(path, 'one', 'x.pcap'), join(path, 'y.pcap'));
    expect((await captures(path)).map(capture => capture.path.slice(path.length + 1))).toEqual([
      'one/x.pcap',
      'y.pcap',
    ]);
  });
});

describe('a list', () => {
  test('names captures and folders, one a line', async () => {
    const list = join(root, 'list.txt');
    writeFileSync(list, `${CLEAN}\r\n\n${mixed}\n`);
    expect(await captures(`@${list}`)).toHaveLength(4);
  });

  test.each<[string, string | undefined, RegExp]>([
    ['that is not there', undefined, /cannot read the list: no such file/],
    ['that is empty', '\n', /the list names no capture/],
  ])('%s is refused', async (name, content, reason) => {
    const path = join(root, `${name}.txt`);
    if (content !== undefined) writeFileSync(path, content);
    const { code, stderr } = await runInside('check', `@${path}`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(reason) });
  });
});

test('each capture has its own verdict, in JSON and in text', async () => {
  const path = folder('verdicts', {
    '1.pcap': readFixture(CLEAN),
    '2.pcap': violating(),
    '3.pcap': unanswered(),
    '4.pcap': foreign(),
  });
  expect((await captures(path)).map(({ result }) => result)).toEqual([
    expect.objectContaining({ messages: 28, errors: 0, verdict: 'conformant' }),
    expect.objectContaining({ messages: 2, errors: 1, verdict: 'violations' }),
    expect.objectContaining({ warnings: 1, verdict: 'violations' }),
    expect.objectContaining({ messages: 0, connections: 0, verdict: 'inconclusive' }),
  ]);
  const { stdout } = await runInside('check', path);
  expect(unwrapped(stdout)).toMatch(/1\.pcap: 28 messages(?:, 2 infos)?: conformant\n/);
  expect(unwrapped(stdout)).toMatch(/4\.pcap: 0 messages: inconclusive\n/);
});

describe('--require-each', () => {
  const silent = folder('silent', { '1.pcap': readFixture(CLEAN), '2.pcap': foreign() });

  test.each<[number, string, readonly string[]]>([
    [0, 'a silent capture passes among others', [silent]],
    [4, 'a silent capture is named', [silent, '--require-each']],
    [4, 'a silent capture goes before what was found', [silent, mixed, '--require-each']],
    [0, 'none is silent', [CLEAN, CLEAN, '--require-each']],
  ])('%i: %s', async (code, _, args) => {
    const result = await wirelint(['check', ...args]);
    expect(result.code).toBe(code);
    expect(result.stderr.includes('2.pcap: no message of a known protocol in 2 packets')).toBe(code === 4);
  });

  test('the report that CI reads says the same', async () => {
    const { stdout } = await runInside('check', silent, '--require-each', '--format', 'tap');
    expect(stdout).toMatch(/\nnot ok 1 [\s\S]*2\.pcap: no message of a known protocol/);
  });
});

test('of many captures findings are shown as they come up, with the capture that they are in', async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${10 + index}.pcap`, violating()]));
  const many = folder('many', files);
  const { stdout } = await runInside('check', many);
  const [shown] = stdout.split('\n\n');
  expect(shown.split('\n').map(line => /error mnet\/cookie-peer-tag .*(\d\d\.pcap) frame 2/.exec(line)?.[1])).toEqual(
    Object.keys(files),
  );
});
