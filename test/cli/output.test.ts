import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { requireTool } from '../kit/tools.ts';
import { CLEAN, Folder, LARGE, readFixture, violating } from './captures.ts';
import { runAsBuilt, runInside, runInterrupted, runUnder } from './host.ts';
import { shell, start, wirelint } from './run.ts';

const folder = new Folder();
const error = folder.file('error.pcap', violating());

afterAll(() => folder.remove());

describe('a reader that goes away is no error', () => {
  test('dissect | head', async () => {
    const result = await shell(`$WIRELINT dissect ${LARGE} --hex --fields | head -1; echo \${PIPESTATUS[0]}`);
    expect(result.stderr).toBe('');
    expect(result.stdout).toMatch(/^ {5}1 {2}0\.000000 .*INIT\n0\n$/);
  });

  test('check whose report nobody reads keeps its verdict', async () => {
    const line = (path: string) => `$WIRELINT check --format json ${path} | true; echo \${PIPESTATUS[0]}`;
    expect(await shell(line(CLEAN))).toMatchObject({ stdout: '0\n', stderr: '' });
    expect(await shell(line(error))).toMatchObject({ stdout: '1\n', stderr: '' });
  });

  test('standard error closed', async () => {
    expect(await shell(`$WIRELINT check ${folder.file('nothing')} 2>&-; echo $?`)).toMatchObject({ stdout: '3\n' });
  });
});

describe('a full disk is an error', () => {
  test.each([
    ['check', `check ${CLEAN}`],
    ['dissect', `dissect ${CLEAN}`],
    ['rules', 'rules'],
    ['--help', '--help'],
  ])('%s ends in 2', async (_command, words) => {
    if (!existsSync('/dev/full')) return;
    const stderr = 'wirelint: cannot write to standard output: no space left on the disk\n';
    expect(await shell(`$WIRELINT ${words} > /dev/full`)).toEqual({ code: 2, stdout: '', stderr });
  });

  test.each(['check', 'dissect'])('%s -o ends in 2', async command => {
    if (!existsSync('/dev/full')) return;
    const stderr = 'wirelint: cannot write to /dev/full: no space left on the disk\n';
    expect(await runInside(command, CLEAN, '-o', '/dev/full')).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('-o', () => {
  test('writes what would have been printed, and nothing is printed', async () => {
    const { stdout } = await runAsBuilt('check', CLEAN, '--format', 'json');
    const path = folder.file('report.json');
    expect(await wirelint(['check', CLEAN, '--format', 'json', '-o', path])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(folder.read('report.json')).toBe(stdout);
  });

  test('- is standard output', async () => {
    expect((await runInside('check', CLEAN, '-o', '-')).stdout).toMatch(/: conformant\n$/);
  });

  test('into a folder that is not there ends in 2', async () => {
    const path = folder.file('nowhere/report.json');
    const stderr = `wirelint: cannot write to ${path}: no such directory\n`;
    expect(await runInside('check', CLEAN, '-o', path)).toEqual({ code: 2, stdout: '', stderr });
  });

  test('into a file as if it were a folder ends in 2', async () => {
    const path = `${folder.file('file', Buffer.alloc(1))}/report.json`;
    const stderr = `wirelint: cannot write to ${path}: not a directory\n`;
    expect(await runInside('check', CLEAN, '-o', path)).toEqual({ code: 2, stdout: '', stderr });
  });

  test('never writes over the capture, by whatever name', async () => {
    const path = folder.file('precious.pcap', readFixture(CLEAN));
    symlinkSync(path, `${path}.link`);
    expect((await runInside('check', path, '-o', `${path}.link`)).code).toBe(2);
    expect(readFileSync(path)).toEqual(readFixture(CLEAN));
  });
});

describe('standard input', () => {
  test('gives the report that the file gives', async () => {
    const file = await runAsBuilt('check', CLEAN);
    const pipe = await wirelint(['check', '-'], { input: readFixture(CLEAN) });
    expect({ ...pipe, stdout: reportIn(pipe.stdout) }).toEqual(file);
    expect(await shell(`$WIRELINT check - < ${CLEAN}`)).toEqual(file);
  });

  test('named in the report as -', async () => {
    const { stdout } = await wirelint(['check', '-', '--format', 'json'], { input: readFixture(CLEAN) });
    expect(JSON.parse(stdout).captures[0].path).toBe('-');
  });

  test('with nothing in it is unreadable', async () => {
    const result = await wirelint(['check', '-'], { input: new Uint8Array(0) });
    expect(result).toEqual({ code: 3, stdout: '', stderr: 'wirelint: standard input: is empty\n' });
  });

  test('a FIFO is read like a file', async () => {
    if (!requireTool('mkfifo')) return;
    const path = folder.file('fifo');
    const result = await shell(`mkfifo ${path}; cat ${CLEAN} > ${path} & $WIRELINT check ${path}`);
    expect(result.code).toBe(0);
    expect(reportIn(result.stdout)).toBe((await runAsBuilt('check', CLEAN)).stdout);
  });

  /** What stands behind the findings that were shown as they came up. */
  function reportIn(stdout: string): string {
    return stdout.slice(stdout.indexOf('\n\n') + 2);
  }
});

describe('an interruption', () => {
  test('ends dissect in order while the pipe keeps silent: to stop is the usual end of what is being captured', async () => {
    const child = start(['dissect', '-', '--format', 'json']);
    child.stdin.write(readFixture(CLEAN));
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(28);
    expect(stderr).toBe('');
  });

  test.each(['check', 'dissect'])('of %s before a capture is open ends in 3 with a line', async command => {
    const stderr = 'wirelint: interrupted: not everything was read\n';
    expect(await runInterrupted(command, CLEAN)).toMatchObject({ code: 3, stderr });
  });

  test('leaves check with a report on what was read', async () => {
    const child = start(['check', '-', '--format', 'json']);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    const capture = readFixture(CLEAN);
    const many = Buffer.concat([capture, ...Array.from({ length: 400 }, () => capture.subarray(24))]);
    // More than a pipe holds: when all is written the program is reading.
    await new Promise(resolve => child.stdin.write(many, resolve));
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.captures[0]).toMatchObject({ complete: true });
    expect(report.summary.messages).toBeGreaterThan(0);
    expect(report.notes).not.toContainEqual(expect.stringContaining('interrupted'));
  });
});

describe('colour', () => {
  const colored = (text: string) => text.includes('\x1b[');

  test.each<[boolean, string, readonly string[], Record<string, string>]>([
    [false, 'a pipe', [], {}],
    [true, '--color', ['--color'], {}],
    [true, '--color over NO_COLOR', ['--color'], { NO_COLOR: '1' }],
    [true, 'FORCE_COLOR', [], { FORCE_COLOR: '1' }],
    [false, 'NO_COLOR over FORCE_COLOR', [], { FORCE_COLOR: '1', NO_COLOR: '1' }],
    [false, '--no-color over FORCE_COLOR', ['--no-color'], { FORCE_COLOR: '1' }],
  ])('is %s for %s', async (expected, _situation, args, environment) => {
    const { stdout } = await runUnder(environment, 'check', error, ...args);
    expect(colored(stdout)).toBe(expected);
  });

  test('is asked for in the environment of a process', async () => {
    const { stdout } = await wirelint(['check', error], { environment: { FORCE_COLOR: '1' } });
    expect(colored(stdout)).toBe(true);
  });

  test('stays out of a file that -o names', async () => {
    await runUnder({ FORCE_COLOR: '1' }, 'check', error, '-o', folder.file('plain.txt'));
    expect(colored(folder.read('plain.txt'))).toBe(false);
  });
});
