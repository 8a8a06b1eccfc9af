/** `wirelint replay`: what it prints of how it went, its reports and its exit codes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mnetListener } from '../kit/mnet-listener.ts';
import { scratch, until } from '../kit/proxy.ts';
import { runInside, runInterrupted } from './host.ts';
import { wirelint } from './run.ts';

const ECHO = 'fixtures/mnet/echo-small.pcap';
const QUICK = ['--speed', 'max', '--timeout', '4s'];
const summary = (stderr: string) => stderr.trimEnd().split('\n').at(-1);

test('a listener that does as the recorded one did', async () => {
  const { port } = await mnetListener();
  const live = join(scratch(), 'live.pcapng');
  const { code, stdout, stderr } = await wirelint([
    'replay',
    ECHO,
    '--to',
    `udp:127.0.0.1:${port}`,
    ...QUICK,
    '--record',
    live,
  ]);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'wirelint: said 14 of 14 messages, heard 8 of 8; as recorded\n',
  });
  expect(stdout).toContain('22 packets: conformant');
  expect(stdout).not.toContain('departs');
  // What was recorded can be replayed itself, and checked.
  expect((await runInside('check', live)).code).toBe(0);
  const again = await mnetListener();
  expect((await runInside('replay', live, '--to', `udp:127.0.0.1:${again.port}`, ...QUICK)).code).toBe(0);
});

test('one that goes another way: what is different, frame by frame, and exit code 1 without a finding', async () => {
  const alter = (bytes: Buffer) => {
    if (bytes[0] === 0) bytes[14] ^= 1;
    return bytes;
  };
  const { port } = await mnetListener({ answer: alter });
  const { code, stdout, stderr } = await runInside('replay', ECHO, '--to', `udp:127.0.0.1:${port}`, ...QUICK);
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\n +/g, ' ')).toContain(
    'note: departs from the recording: connection 1, frame 7: DATA: data from its byte 0 on is ',
  );
  expect(summary(stderr)).toBe('wirelint: said 14 of 14 messages, heard 8 of 8; 5 departures from the recording');
});

test('one that breaks a rule: the finding, as it comes up and in the report, and exit code 1', async () => {
  const wrong = (bytes: Buffer) => {
    if (bytes[0] === 0) bytes.writeUInt32LE(9_999, 8);
    return bytes;
  };
  const { port } = await mnetListener({ answer: wrong });
  const { code, stdout } = await runInside('replay', ECHO, '--to', `udp:127.0.0.1:${port}`, ...QUICK);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^\S+ error mnet\/ack-unsent frame \d+ connection 1, 127\.0\.0\.1:\d+ -> /m);
  expect(stdout).toContain('at fault');
});

test('what the recorded side does wrong is no finding, and a note says that there is some', async () => {
  // The client of this recording is to blame for one of its faults.
  const { code, stdout } = await runInside(
    'replay',
    'fixtures/mnet/faults.pcap',
    '--to',
    `udp:127.0.0.1:${(await mnetListener({ tag: '0a0b0c' })).port}`,
    '--connection',
    '1',
    ...QUICK,
    '--keep-going',
    '--format',
    'json',
  );
  const report = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(report.findings.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([]);
  expect(report.summary).toMatchObject({ errors: 0, accepted: 1 });
  expect(report.notes).toContain('1 finding about what was replayed, accepted as it was recorded so');
});

test('departures are in every report: a failure in junit, a line in ndjson and in compact', async () => {
  const { port } = await mnetListener({ silentAfter: 0 });
  const folder = scratch();
  const to = ['--to', `udp:127.0.0.1:${port}`, '--speed', 'max', '--timeout', '50ms'];
  const junit = join(folder, 'junit.xml');
  const { code, stdout, stderr } = await runInside('replay', ECHO, ...to, '-f', 'json', '--report', `junit=${junit}`);
  const line = 'connection 1, frame 2: no COOKIE within 50 ms (--timeout)';
  expect(code).toBe(1);
  expect(JSON.parse(stdout).notes).toContain(`departs from the recording: ${line}`);
  expect(stderr).toContain(`wirelint: ${line}\n`);
  expect(readFileSync(junit, 'utf8')).toContain(line);
  const compact = await runInside('replay', ECHO, ...to, '-f', 'compact');
  expect(compact.stdout).toContain(line);
});

test('a played server writes where it listens, and waits for its client', async () => {
  const ready = join(scratch(), 'ready.json');
  const served = wirelint([
    'replay',
    ECHO,
    '--as',
    'server',
    '--listen',
    'udp:0',
    '--ready-file',
    ready,
    '--speed',
    'max',
  ]);
  await until('the ready file', () => existsSync(ready), 20_000);
  const { listen, role } = JSON.parse(readFileSync(ready, 'utf8'));
  expect(role).toBe('server');
  const played = await runInside('replay', ECHO, '--to', listen, '--speed', 'max');
  expect(played.code).toBe(0);
  const { code, stderr } = await served;
  expect(stderr).toBe(
    `wirelint: listening on ${listen}\nwirelint: said 14 of 14 messages, heard 9 of 9; as recorded\n`,
  );
  expect(code).toBe(0);
});

describe('exit codes', () => {
  const TO = ['--to', 'udp:127.0.0.1:1'];

  test.each<[string, readonly string[], number, string]>([
    ['no capture', TO, 2, 'replay: name one capture, or - for standard input'],
    ['two captures', [ECHO, ECHO, ...TO], 2, 'replay: name one capture, or - for standard input'],
    ['no address', [ECHO], 2, 'replay: name the live server: --to tcp:127.0.0.1:1883'],
    [
      'an address that is none',
      [ECHO, '--to', 'udp:x:y'],
      2,
      'udp:x:y: write udp:HOST:PORT, udp:PORT or udp:[::1]:PORT',
    ],
    [
      'no such connection',
      [ECHO, ...TO, '--connection', '2'],
      2,
      '--connection 2: the recording has no such connection',
    ],
    ['a connection that is no number', [ECHO, ...TO, '--connection', 'x'], 2, '--connection x: '],
    [
      'a field of no message',
      [ECHO, ...TO, '--ignore', 'COOKY.tag'],
      2,
      '--ignore COOKY.tag: mnet has no message COOKY; write MESSAGE.FIELD, or *.FIELD for all',
    ],
    ['a field that there is not', [ECHO, ...TO, '--ignore', '*.tog'], 2, '--ignore *.tog: unknown field tog'],
    ['a time that is none', [ECHO, ...TO, '--timeout', 'soon'], 2, '--timeout soon: '],
    [
      'a recording that cannot be written',
      [ECHO, ...TO, '--record', '/nowhere/x'],
      2,
      'cannot record to /nowhere/x: no such directory',
    ],
    [
      'a ready file of a client',
      [ECHO, ...TO, '--ready-file', 'x'],
      2,
      '--ready-file: a client is ready when it runs; it is for --as server',
    ],
    ['no such capture', ['nothing.pcap', ...TO], 3, 'nothing.pcap: no such file'],
    ['no capture at all', ['README.md', ...TO], 3, 'README.md: '],
    ['nothing to replay', ['fixtures/tcp/whois.pcap', ...TO], 4, 'nothing to replay: '],
    ['nobody there', [ECHO, ...TO], 1, 'said 1 of 14 messages, heard 0 of 8; 1 departure from the recording'],
  ])('%s', async (_, args, expected, message) => {
    const { code, stderr } = await runInside('replay', ...args);
    expect({ code, says: stderr.includes(`wirelint: ${message}`), stderr }).toMatchObject({
      code: expected,
      says: true,
    });
  });

  test('nothing to replay is accepted with --allow-empty', async () => {
    expect((await runInside('replay', 'fixtures/tcp/whois.pcap', ...TO, '--allow-empty')).code).toBe(0);
  });

  test('an interrupted reading is no replay', async () => {
    const { code, stdout } = await runInterrupted('replay', ECHO, ...TO);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});
