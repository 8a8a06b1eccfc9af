/**
 * `check --queue` and `worker`, through a Redis: reports as one process writes them, whatever happens to workers, to the Redis and
 * to the submitter.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandsOf } from '../kit/documented.ts';
import { giveFile, serve, serveFixtures } from '../kit/file-server.ts';
import { folderWith } from '../kit/folder.ts';
import { formats, written } from './every-format.ts';
import { runAsBuilt } from './host.ts';
import { begin, folderWithHeld, Running, reader, redis, threeDeaths, until, worker, workerHere } from './queue-run.ts';
import { shell } from './run.ts';

const FAULTS = readFileSync('fixtures/mnet/faults.pcap');
const LOSSY = readFileSync('fixtures/mnet/lossy.pcap');

test('two workers write what one process does, in every format, with what is missing, what is cut, and what a server has', async () => {
  const server = await redis();
  if (!server) return;
  const folder = folderWith({});
  const cut = folderWith({ 'cut.pcap': FAULTS.subarray(0, -7) });
  const { origin } = await serveFixtures();
  const url = `${origin.replace('//', '//me:hush@')}/fixtures/mnet/lossy.pcap`;
  const captures = ['fixtures/mnet', 'fixtures/ministreaming', join(cut, 'none.pcap'), join(cut, 'cut.pcap'), url];
  const one = await runAsBuilt('check', ...captures, '--format', 'ndjson', ...formats(folder));
  const expected = written(folder);
  const workers = await Promise.all([worker(server), workerHere(server)]);
  const queued = ['check', ...captures, '--queue', server.url, '--format', 'ndjson', ...formats(folder)];
  const two = await runAsBuilt(...queued);
  expect(one.code).toBe(3);
  expect(two).toEqual(one);
  expect(written(folder)).toEqual(expected);
  for (const { stdout } of workers) {
    expect(stdout).toContain('packets');
    expect(stdout).not.toContain('hush');
  }
  // What one cannot read another may.
  expect(
    workers
      .map(({ stdout }) => stdout)
      .join('')
      .match(/none\.pcap: no such file/g),
  ).toHaveLength(3);
  expect(await server.client.keys('wirelint:{run,result}*')).toEqual([]);
});

test('what a worker was in the middle of when it was killed is judged by another, once in the report', async () => {
  const server = await redis();
  if (!server) return;
  const { folder, held } = folderWithHeld({ 'a.pcap': LOSSY, 'z.pcap': LOSSY });
  const paths = [join(folder, 'a.pcap'), held, join(folder, 'z.pcap')];
  const first = await worker(server, '--dead-after', '500ms');
  const check = begin('check', ...paths, '--queue', server.url, '--format', 'json');
  await until(async () => first.stdout.includes('a.pcap:') && (await server.jobs('active')) === 1);
  expect((await first.kill('SIGKILL')).code).toBe('SIGKILL');
  rmSync(held);
  writeFileSync(held, FAULTS);
  await workerHere(server, '--dead-after', '500ms');
  const queued = await check.ended;
  expect(queued).toEqual(await runAsBuilt('check', ...paths, '--format', 'json'));
  expect(queued.code).toBe(1);
});

test('a worker that was suspended for too long goes on with what nobody else has, and drops what another one has', async () => {
  const server = await redis();
  if (!server) return;
  const held: (() => void)[] = [];
  const { origin } = await serve((request, response) => {
    held.push(() => giveFile(request, response, FAULTS));
  });
  const args = ['check', `${origin}/a.pcap`, '--queue', server.url, '--format', 'json'];
  const first = await worker(server, '--dead-after', '500ms');
  const alone = begin(...args);
  await until(() => held.length === 1);
  first.signal('SIGSTOP');
  await until(async () => (await server.takers('0')).length === 0);
  first.signal('SIGCONT');
  held[0]();
  const { code, stdout } = await alone.ended;
  expect([code, JSON.parse(stdout).summary.packets]).toEqual([1, 25]);
  const both = begin(...args);
  await until(() => held.length === 2);
  first.signal('SIGSTOP');
  await workerHere(server, '--dead-after', '500ms');
  await until(() => held.length === 3);
  first.signal('SIGCONT');
  await until(() => first.stdout.includes('dropped'));
  held[2]();
  expect((await both.ended).stdout).toBe(stdout);
  expect(first.stdout.split('\n').slice(1, 3)).toEqual([
    expect.stringMatching(/a\.pcap: 25 packets, [\d.]+ s$/),
    `${origin}/a.pcap: dropped: another worker has it by now`,
  ]);
});

test('a capture that each of its workers dies of is given up, and the others are in the report', async () => {
  const server = await redis();
  if (!server) return;
  const { folder, held } = folderWithHeld({ 'a.pcap': LOSSY });
  const path = join(folder, 'a.pcap');
  const check = begin('check', held, path, '--queue', server.url, '--format', 'json');
  await until(async () => (await server.jobs('wait')) === 2);
  await workerHere(server, '--dead-after', '800ms');
  const descriptor = await reader(held);
  await threeDeaths(server);
  await until(async () => (await server.jobs('active')) === 1);
  writeFileSync(descriptor, FAULTS);
  closeSync(descriptor);
  const { code, stdout, stderr } = await check.ended;
  expect([code, stderr]).toEqual([3, `wirelint: ${path}: each of 3 workers died while it judged it\n`]);
  expect(JSON.parse(stdout).captures.map((capture: { path: string }) => capture.path)).toEqual([held]);
});

test('a Redis that comes back empty loses nothing', async () => {
  const server = await redis();
  if (!server) return;
  const { folder, held } = folderWithHeld({ 'a.pcap': LOSSY });
  const busy = await workerHere(server);
  const path = join(folder, 'a.pcap');
  const check = begin('check', held, path, '--queue', server.url, '--format', 'json');
  await until(async () => (await server.jobs('active')) === 1 && (await server.jobs('wait')) === 1);
  await server.stop();
  await until(() => check.stderr.includes('lost') && busy.stderr.includes('lost'));
  await server.begin();
  await until(() => check.stderr.includes('again') && busy.stderr.includes('again'));
  await until(async () => (await server.client.keys('wirelint:run:*')).length === 1);
  writeFileSync(held, FAULTS);
  const { code, stdout } = await check.ended;
  expect(code).toBe(1);
  const captures = JSON.parse(stdout).captures as readonly { readonly path: string; readonly packets: number }[];
  expect(captures.map(({ path, packets }) => [path, packets])).toEqual([
    [held, 25],
    [path, 124],
  ]);
});

test('who is interrupted reports what was read, and takes the jobs away', async () => {
  const server = await redis();
  if (!server) return;
  const { folder, held } = folderWithHeld({ 'a.pcap': FAULTS, 'z.pcap': FAULTS });
  const busy = await workerHere(server);
  const check = new Running(['check', 'a.pcap', 'held.pcap', 'z.pcap', '--queue', server.url], folder);
  const descriptor = await reader(held);
  await until(async () => (await server.client.keys('wirelint:result:*')).length === 0);
  const { code, stdout, stderr } = await check.kill('SIGINT');
  expect([code, stderr]).toEqual([3, expect.stringContaining('interrupted')]);
  expect(stdout).toContain('3 errors');
  expect(await server.jobs('wait')).toBe(0);
  expect(await server.client.keys('wirelint:run:*')).toEqual([]);
  writeFileSync(descriptor, FAULTS);
  closeSync(descriptor);
  await until(() => busy.stdout.includes('held.pcap: nobody waits for it any longer'));
  expect(await server.client.keys('wirelint:result:*')).toEqual([]);
});

test('a worker that is asked to end judges what it has in hand first', async () => {
  const server = await redis();
  if (!server) return;
  const { held } = folderWithHeld({});
  const busy = await worker(server);
  const check = begin('check', held, '--queue', server.url, '--format', 'json');
  const descriptor = await reader(held);
  const ending = busy.kill('SIGTERM');
  await until(() => busy.stderr.includes('in hand'));
  writeFileSync(descriptor, FAULTS);
  closeSync(descriptor);
  expect((await ending).code).toBe(0);
  const { code, stdout } = await check.ended;
  expect([code, JSON.parse(stdout).summary.packets]).toEqual([1, 25]);
});

test('the commands of the documentation do what they are there for', async () => {
  const server = await redis();
  if (!server) return;
  const lines = commandsOf(readFileSync('docs/scale.md', 'utf8')).flatMap(({ line }) =>
    /redis:/.test(line) ? line : [],
  );
  expect(lines.map(line => line.split(' ')[2])).toEqual(['worker', 'worker', 'check']);
  const here = lines.map(line =>
    line.replace('npx wirelint', '$WIRELINT').replace('redis://localhost:6379', server.url),
  );
  const { code, stdout } = await shell(`${here.join('\n').replaceAll('20s', '2s')}; code=$?; wait; exit $code`);
  expect([code, stdout.match(/waiting for jobs/g)?.length, stdout.match(/^3 errors/gm)?.length]).toEqual([1, 2, 1]);
});

test('without the packages for it a line says what to install', () => {
  const folder = folderWith({});
  for (const part of ['dist', 'package.json']) cpSync(part, join(folder, part), { recursive: true });
  const main = join(folder, 'dist/src/cli/main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, 'worker', '--queue', 'redis://127.0.0.1:1'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^wirelint: --queue needs .* npm install bullmq ioredis\n$/),
  ]);
});

describe('in one line', () => {
  test.each([
    [['worker'], 'worker: name the Redis'],
    [['worker', '--queue', 'redis://h', '--dead-after', '5ms'], '--dead-after 5ms'],
    [
      ['worker', '--queue', 'http://user:hush@host'],
      '--queue: expected redis://HOST[:PORT][/DB], or rediss:// for TLS',
    ],
    [['worker', '--queue', 'redis://user:hush@127.0.0.1:1'], 'redis://127.0.0.1:1: cannot connect: connection refused'],
    [['check', '-', '--queue', 'redis://127.0.0.1:1'], 'standard input'],
    [['check', 'fixtures/mnet', '--queue', 'redis://127.0.0.1:1', '--jobs', 'x'], '--jobs'],
    [
      [
        'check',
        'fixtures/mnet',
        '--queue',
        'redis://h',
        ...['mnet.cookieMac=spec', 'mnet.cookieKey=00'].flatMap(word => ['--dialect', word]),
      ],
      'mnet.cookieKey is a key',
    ],
  ])('%j', async (args, expected) => {
    const { code, stdout, stderr } = await begin(...args).ended;
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('hush');
  });
});
