/** `wirelint new`: the folder works as it stands, whatever carries the protocol, and nothing that is there is touched. */
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { READY_NAMES } from '../../src/framing/ready.ts';
import { oneOfEach } from '../kit/portion.ts';
import { sourceText } from '../kit/sources.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const root = realpathSync(mkdtempSync(join(tmpdir(), 'wirelint-new-')));
afterAll(() => rmSync(root, { recursive: true }));

/** What npm would install, for all folders below. */
beforeAll(() => {
  mkdirSync(join(root, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(root, 'node_modules/wirelint'));
  for (const name of ['typescript', '@types/node'])
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
});

const run = promisify(execFile);
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('the folder of a protocol', () => {
  const carriers = [...READY_NAMES, 'datagram'];
  /** Compiled and tested: one of each kind, as the others differ in a number or in the end of a line. */
  const tried = oneOfEach(carriers, name => name.replace(/\d+|-(cr)?lf$/g, ''));
  const folderOf = (framing: string) => join(root, `over-${framing}`);

  /** `npm test` of all at once, in two processes: `tsc`, then `node --test`. */
  beforeAll(async () => {
    for (const framing of carriers) {
      const { code } = await runInside('new', `over-${framing}`, folderOf(framing), '--framing', framing);
      expect(code).toBe(0);
    }
    await run(process.execPath, [TSC, '-b', ...tried.map(folderOf)]);
  }, 120_000);

  test('passes its tests over each kind of framing, and over datagrams', async () => {
    const files = tried.map(framing => join(folderOf(framing), `dist/test/over-${framing}.test.js`));
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', ...files], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
    });
    expect(stdout).toContain(`# pass ${11 * tried.length}\n# fail 0\n`);
  }, 120_000);

  test.each([
    ['length16', 6],
    ['varint', 6],
    ['lines', 6],
    ['datagram', 3],
  ])('has the fault in its capture found: over %s, in frame %i', async (framing, frame) => {
    const folder = folderOf(framing);
    await run(process.execPath, ['dist/test/make-capture.js', 'a.pcap'], { cwd: folder });
    const { code, stdout } = await wirelint(['check', 'a.pcap', '--plugin', '.', '--format', 'json'], { folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).findings).toMatchObject([{ ruleId: `over-${framing}/unsolicited`, frame }]);
  });

  test('has these files, and no word of the template in them', async () => {
    const folder = join(root, 'key-value');
    const { stdout } = await runInside('new', 'key-value', folder, '--framing', 'lines');
    expect(stdout).toContain(`cd ${folder}\n`);
    expect(stdout).toContain('wirelint check key-value.pcap --plugin .');
    const files = filesIn(folder);
    expect(files).toEqual(
      [
        '.gitignore',
        'README.md',
        'package.json',
        'src/index.ts',
        'test/conversation.ts',
        'test/key-value.test.ts',
        'test/make-capture.ts',
        'tsconfig.json',
      ].sort(),
    );
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text).not.toMatch(/my-protocol|length16|length prefix/i);
    }
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('lines, with LF or CR LF after each message');
  });

  test('asks for the version of the program that wrote it', () => {
    const { version } = JSON.parse(sourceText('package.json'));
    const { devDependencies } = JSON.parse(sourceText('templates/protocol/package.json'));
    expect(devDependencies.wirelint).toBe(`^${version}`);
  });

  test('is offered each framing by completion', async () => {
    const { stdout } = await runInside('--complete', 'zsh', 'wirelint', 'new', 'a', '--framing', '');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(carriers));
  });

  test('may be there if it is empty', async () => {
    const folder = join(root, 'empty');
    mkdirSync(folder);
    expect((await runInside('new', 'empty', folder)).code).toBe(0);
    expect(filesIn(folder)).toHaveLength(8);
  });
});

describe('is refused in one line, with exit code 2:', () => {
  const file = join(root, 'file');
  const full = join(root, 'full');
  beforeAll(() => {
    writeFileSync(file, '');
    mkdirSync(full);
    writeFileSync(join(full, 'mine'), 'mine');
  });

  test.each<[string, readonly string[], string]>([
    ['no name', [], 'new: name one protocol'],
    ['too many words', ['a', 'b', 'c'], 'new: name one protocol'],
    ['a name in capitals', ['KeyValue'], 'id KeyValue is not in lower case with hyphens'],
    ['a name with a path in it', ['../a'], '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'],
    ['a name that the program has itself', ['tcp'], 'id tcp is reserved'],
    ['a protocol that there is', ['mnet'], 'id mnet is taken'],
    ['datagrams over TCP', ['a', '--framing', 'datagram', '--transport', 'tcp'], '--framing datagram is for'],
    ['lines over UDP', ['a', '--framing', 'lines', '--transport', 'udp'], '--framing lines is for'],
    ['a framing that there is not', ['a', '--framing', 'pigeon'], '--framing pigeon: expected one of length16'],
    ['a folder that is not empty', ['a', full], `${full} is there and not empty`],
    ['a file', ['a', file], `cannot write to ${file}: not a directory`],
    [
      'a folder in one that is not there',
      ['a', join(root, 'no/a')],
      `cannot write to ${join(root, 'no/a')}: no such directory`,
    ],
  ])('%s', async (_, words, reason) => {
    const { code, stdout, stderr } = await runInside('new', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^wirelint: [^\n]+\n$/);
    expect(stderr).toContain(reason);
    expect(filesIn(full)).toEqual(['mine']);
  });
});
