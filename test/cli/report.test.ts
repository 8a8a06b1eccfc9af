import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { CLEAN, Folder, foreign, readFixture, unanswered, violating } from './captures.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const folder = new Folder();
const error = folder.file('error.pcap', violating());
const warning = folder.file('warning.pcap', unanswered());

afterAll(() => folder.remove());

const usageError = (line: string) => ({ code: 2, stdout: '', stderr: `wirelint: ${line}\n` });

describe('--report', () => {
  test('writes each format to its file, and the text is printed as ever', async () => {
    const reports = FORMAT_NAMES.flatMap(name => ['--report', `${name}=${folder.file(`all.${name}`)}`]);
    const plain = await runInside('check', error);
    expect(await runInside('check', error, ...reports)).toEqual(plain);
    for (const name of FORMAT_NAMES) expect(folder.read(`all.${name}`)).toContain('mnet/cookie-peer-tag');
    expect(folder.read('all.sarif.txt')).toMatch(/frame 2 .*mnet\/cookie-peer-tag/);
  });

  test('gives what --format gives', async () => {
    for (const name of FORMAT_NAMES.filter(format => format !== 'ndjson')) {
      const path = folder.file('one');
      await runInside('check', error, '--format', name, '-o', path);
      const one = folder.read('one');
      await runInside('check', error, '--report', `${name}=${path}`);
      expect(folder.read('one')).toBe(one);
    }
  });

  test('to - takes the place of the text that nobody asked for', async () => {
    const { stdout } = await runInside('check', error, '--report', 'compact=-');
    expect(stdout).toBe((await runInside('check', error, '--format', 'compact')).stdout);
    expect(stdout).toMatch(/^\S+error\.pcap:2: error mnet\/cookie-peer-tag: [^\n]*\n$/);
  });

  test('to - beside a text in a file', async () => {
    const path = folder.file('beside.txt');
    const { stdout } = await runInside('check', error, '-o', path, '--report', 'tap=-');
    expect(stdout).toMatch(/^TAP version 14\n/);
    expect(folder.read('beside.txt')).toMatch(/: violations\n$/);
  });

  test.each([
    [
      ['--report', 'tap=-', '--report', 'junit=-'],
      '--report tap=- and --report junit=-: standard output holds one of them; give the other a file',
    ],
    [
      ['--format', 'json', '--report', 'junit=-'],
      '--format json and --report junit=-: standard output holds one of them; give the other a file',
    ],
    [
      ['--format', 'ndjson', '-o', 'x', '--report', 'junit=-'],
      '--format ndjson and --report junit=-: standard output holds one of them; give the other a file',
    ],
    [['--report', 'jnuit=x'], '--report jnuit=x: unknown format jnuit; did you mean junit?'],
    [['--format', 'sarfi'], '--format sarfi: unknown format sarfi; did you mean sarif?'],
    [['--report', 'junit'], '--report junit: write FORMAT=FILE, as junit=report.xml; - as FILE is standard output'],
    [['--report', 'junit='], '--report junit=: write FORMAT=FILE, as junit=report.xml; - as FILE is standard output'],
    [['--report', '=x'], '--report =x: write FORMAT=FILE, as junit=report.xml; - as FILE is standard output'],
  ])('%j is a usage error', async (args, line) => {
    expect(await runInside('check', CLEAN, ...args)).toEqual(usageError(line));
  });

  test('two to one file are refused, the transcript of SARIF among them', async () => {
    const path = folder.file('same');
    expect(await runInside('check', CLEAN, '-o', path, '--report', `tap=${path}`)).toEqual(
      usageError(`--output ${path} and --report tap=${path} write to the same file, ${path}`),
    );
    const { code } = await runInside('check', CLEAN, '--report', `sarif=${path}`, '--report', `tap=${path}.txt`);
    expect(code).toBe(2);
  });

  test.each(['--annotate', '--write-baseline'])(
    'and %s to one file are refused, before anything is written',
    async option => {
      const path = folder.file('precious', Uint8Array.of(1, 2, 3));
      expect(await runInside('check', CLEAN, '--report', `tap=${path}`, option, path)).toEqual(
        usageError(`--report tap=${path} and ${option} write to the same file, ${path}`),
      );
      expect(readFileSync(path)).toEqual(Buffer.of(1, 2, 3));
    },
  );

  test('two runs of the program give the same bytes, in every format', async () => {
    const captures = ['fixtures/mnet/faults.pcap', 'fixtures/filestorage/2019-12-auth.pcap', CLEAN];
    const filesOf = async (run: string) => {
      const names = FORMAT_NAMES.map(name => `twice.${name}`);
      const reports = FORMAT_NAMES.flatMap(name => ['--report', `${name}=${folder.file(`twice.${name}`)}`]);
      const { code } = await wirelint(['check', ...captures, ...reports]);
      expect([run, code]).toEqual([run, 1]);
      return [...names, 'twice.sarif.txt'].map(name => folder.read(name));
    };
    expect(await filesOf('second')).toEqual(await filesOf('first'));
  });

  test('never writes over a capture, nor a transcript over it', async () => {
    const bytes = readFixture(CLEAN);
    const path = folder.file('precious.txt', bytes);
    const other = path.replace(/\.txt$/, '');
    expect(await runInside('check', path, '--report', `junit=${path}`)).toEqual(
      usageError(`--report ${path}: this is the capture to read`),
    );
    expect((await runInside('check', path, '--report', `sarif=${other}`)).code).toBe(2);
    expect(readFileSync(path)).toEqual(Buffer.from(bytes));
  });

  test('into a folder that is not there ends in 2', async () => {
    const path = folder.file('nowhere/report.xml');
    expect(await runInside('check', CLEAN, '--report', `junit=${path}`)).toEqual(
      usageError(`cannot write to ${path}: no such directory`),
    );
  });
});

describe('the verdict in JUnit is that of the exit code', () => {
  const cut = folder.file('cut.pcap', readFixture(CLEAN).slice(0, -9));
  const nothing = folder.file('nothing.pcap', foreign());
  const missing = folder.file('missing.pcap');

  test.each([
    ['clean', [CLEAN]],
    ['an error', [error]],
    ['a clean capture and an error', [CLEAN, error]],
    ['an error, never failing', [error, '--fail-on', 'never']],
    ['a warning', [warning]],
    ['a warning that fails', [warning, '--fail-on', 'warning']],
    ['one warning too many', [warning, '--max-warnings', '0']],
    ['an error that a filter leaves out', [error, '-Y', 'rule == mnet/length']],
    ['an error that a filter asks for', [error, '-Y', 'rule == mnet/cookie-peer-tag']],
    ['a cut capture', [cut]],
    ['a cut capture that may be', [cut, '--allow-incomplete']],
    ['nothing to check', [nothing]],
    ['nothing to check, which may be', [nothing, '--allow-empty']],
    ['a capture that is not there', [missing]],
    ['one that is not there beside a clean one', [CLEAN, missing]],
  ])('%s', async (_situation, args) => {
    for (const granularity of ['rule', 'connection']) {
      const path = folder.file('verdict.xml');
      const { code } = await runInside(
        'check',
        ...args,
        '--report',
        `junit=${path}`,
        '--junit-granularity',
        granularity,
      );
      const xml = folder.read('verdict.xml');
      expect({ failed: xml.includes('<failure'), error: xml.includes('<error') }).toEqual({
        failed: code === 1 || (code === 3 && xml.includes('<failure')),
        error: code === 3 || code === 4,
      });
    }
  });
});

test('a test case for each connection, those that passed too', async () => {
  const args = ['--dialect', 'mnet.tags=sender', '--dialect', 'mnet.byteOrder=little'];
  const { stdout } = await runInside('check', CLEAN, ...args, '-f', 'junit', '--junit-granularity', 'connection');
  expect(stdout).toMatch(/<testcase classname="mnet\.[^"]*" name="connection 1 [^"]*"\/>/);
});

describe('the summary of a step of GitHub', () => {
  test('is written to beside annotations, behind what is there', async () => {
    const path = folder.file('summary.md', Buffer.from('# before\n'));
    const { stdout } = await wirelint(['check', error, '--format', 'github'], {
      environment: { GITHUB_STEP_SUMMARY: path },
    });
    expect(stdout).toMatch(/^::error title=mnet\/cookie-peer-tag::/m);
    expect(folder.read('summary.md')).toMatch(/^# before\n## wirelint: violations\n/);
  });

  test('is not written for other formats', async () => {
    const path = folder.file('untouched.md', Buffer.from(''));
    await wirelint(['check', error], { environment: { GITHUB_STEP_SUMMARY: path } });
    expect(folder.read('untouched.md')).toBe('');
  });

  test('leaves out what GitHub would refuse with all of it', async () => {
    const path = folder.file('full.md', Buffer.alloc(1024 * 1024 - 500, 'x'));
    await wirelint(['check', error, '--format', 'github'], { environment: { GITHUB_STEP_SUMMARY: path } });
    const text = folder.read('full.md');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toMatch(/did not fit in here\._\n$/);
  });
});

test('completion knows the formats', async () => {
  const complete = async (...words: readonly string[]) =>
    (await runInside('--complete', 'zsh', 'wirelint', ...words)).stdout.trimEnd().split('\n');
  expect(await complete('check', '--report', '')).toContain('junit=');
  expect(await complete('proxy', '--format', '')).toContain('sarif');
  expect(await complete('dissect', '--format', '')).not.toContain('sarif');
});

test('help names every format', async () => {
  const { stdout } = await runInside('check', '--help');
  for (const name of FORMAT_NAMES) expect(stdout).toContain(name);
});

test('proxy writes them at its end', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  const path = folder.file('proxy.xml');
  const { code, stdout } = await wirelint([
    ...['proxy', 'udp:0', `udp:${server.address().port}`, '--allow-empty', '--duration', '200ms'],
    ...['--report', `junit=${path}`, '--report', 'github=-'],
  ]);
  server.close();
  expect([code, stdout]).toEqual([0, 'no findings in 0 connections; 0 messages, 0 packets: inconclusive\n']);
  expect(folder.read('proxy.xml')).toMatch(/^<testsuites [^>]*tests="1" failures="0" errors="0">/m);
});
