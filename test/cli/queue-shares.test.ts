/** `check --queue --jobs`: shares of a capture's flows are jobs, and the report is the one that a single process writes. */
import { closeSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { expect, test } from 'vitest';
import { isWorthDividing } from '../../src/cli/dividing.ts';
import { KEYS, PREFIX, writeResult } from '../../src/cli/queue-messages.ts';
import { captureFile } from '../field/captured.ts';
import { judgedTwice, large, times, writeWide } from '../kit/divisible.ts';
import { giveFile, serve } from '../kit/file-server.ts';
import { folderWith } from '../kit/folder.ts';
import { recordedShare } from '../kit/share-notes.ts';
import { runTool } from '../kit/tools.ts';
import { CLEAN } from './captures.ts';
import { formats, written } from './every-format.ts';
import { type Run, runAsBuilt } from './host.ts';
import { begin, queueHere, reader, redis, threeDeaths, until, worker, workerHere } from './queue-run.ts';

/** What a worker has said of its jobs, without the time that they took. */
const jobsOf = ({ stdout }: { readonly stdout: string }) =>
  stdout
    .split('\n')
    .slice(1, -1)
    .map(line => line.replace(/,? [\d.]+ s$/, ''));

/** A worker that is long in coming is worth a line on standard error. */
const reported = ({ code, stdout }: Run) => ({ code, stdout });

/** A folder with one capture in two shares that wait for a worker; it is a FIFO from then on. */
async function waiting(url: string, bytes: Uint8Array, jobs: () => Promise<number>) {
  const folder = folderWith({ 'a.pcap': bytes });
  const path = join(folder, 'a.pcap');
  const check = begin('check', path, '--queue', url, '--jobs', '2', '--format', 'json');
  await until(async () => (await jobs()) === 2);
  rmSync(path);
  runTool('mkfifo', [path]);
  const file = () => {
    rmSync(path);
    writeFileSync(path, bytes);
  };
  return { path, check, file };
}

test('three shares of two workers are what one process writes, in every format', async () => {
  const server = await redis();
  if (!server) return;
  const folder = folderWith({});
  const bytes = captureFile(await large());
  const path = join(folderWith({ 'large.pcap': bytes }), 'large.pcap');
  const reports = [...formats(folder), '--report', `blob=${join(folder, 'run.blob')}`];
  const one = await runAsBuilt('check', path, '--format', 'ndjson', ...reports);
  const expected = written(folder);
  const workers = await Promise.all([worker(server), workerHere(server)]);
  const queued = await runAsBuilt(
    'check',
    path,
    '--jobs',
    '3',
    '--queue',
    server.url,
    '--format',
    'ndjson',
    ...reports,
  );
  expect(one.code).toBe(1);
  expect(queued).toEqual(one);
  expect(written(folder)).toEqual(expected);
  // All have read the same packets: they are counted once.
  expect(workers.flatMap(jobsOf).sort()).toEqual([
    expect.stringMatching(/large\.pcap, share 1 of 3: \d+ packets$/),
    expect.stringMatching(/large\.pcap, share 2 of 3:$/),
    expect.stringMatching(/large\.pcap, share 3 of 3:$/),
  ]);
  expect(await server.client.keys('wirelint:{run,result}*')).toEqual([]);
});

test('shares are judged again, or the whole is, or there is none, as the capture is', async () => {
  const server = await redis();
  if (!server) return;
  const bytes = captureFile(await large());
  const folder = folderWith({
    'again.pcap': captureFile(await judgedTwice()),
    'tags.pcap': captureFile(await times('mnet/echo-small', 6, 0.01)),
    'cut.pcap': bytes.subarray(0, -7),
  });
  const { origin } = await serve((_, response) => {
    response.writeHead(404).end();
  });
  const busy = await workerHere(server, '--jobs', '2');
  let done = 0;
  for (const [name, code, jobs] of [
    ['again.pcap', 0, ['share 1', 'share 1', 'share 2', 'share 2']],
    ['tags.pcap', 0, ['share 1', 'share 2', 'whole']],
    ['cut.pcap', 3, ['share 1', 'share 2']],
    [`${origin}/none.pcap`, 3, []],
  ] as const) {
    const path = name.startsWith('http') ? name : join(folder, name);
    const args = ['check', path, '--format', 'json'];
    const queued = await runAsBuilt(...args, '--queue', server.url, '--jobs', '2');
    expect(queued).toEqual(await runAsBuilt(...args));
    expect(queued.code).toBe(code);
    const own = jobsOf(busy)
      .slice(done)
      .filter(line => line.startsWith(path) && !line.includes('404'));
    done = jobsOf(busy).length;
    expect(own.map(line => /share \d/.exec(line)?.[0] ?? 'whole').sort()).toEqual(jobs);
  }
});

test('a share that a worker was in the middle of when it was killed is judged by another', async () => {
  const server = await redis();
  if (!server) return;
  const { path, check, file } = await waiting(server.url, captureFile(await large()), () => server.jobs('wait'));
  const first = await worker(server, '--dead-after', '500ms');
  await until(async () => (await server.jobs('active')) === 1);
  await first.kill('SIGKILL');
  file();
  const second = await workerHere(server, '--dead-after', '500ms');
  expect(reported(await check.ended)).toEqual(reported(await runAsBuilt('check', path, '--format', 'json')));
  expect(jobsOf(second)).toHaveLength(2);
});

test('a share of no use is dropped while the whole is judged, and who has it in hand hears of that', async () => {
  const server = await redis();
  if (!server) return;
  const bytes = captureFile(await large());
  const held: (() => void)[] = [];
  const { origin, asked } = await serve((request, response) => {
    // The first share is never read, and the whole when it is time.
    if (asked.length === 2) giveFile(request, response, bytes);
    else held.push(() => giveFile(request, response, bytes));
  });
  const args = ['check', `${origin}/a.pcap`, '--limit', 'flows=2', '--format', 'json'];
  const check = begin(...args, '--queue', server.url, '--jobs', '2');
  await until(async () => (await server.jobs('wait')) === 2);
  const first = await workerHere(server);
  await until(() => held.length === 1);
  const second = await workerHere(server);
  await until(() => held.length === 2 && first.stdout.includes('a.pcap, share 1 of 2: nobody waits for it any longer'));
  expect(jobsOf(second)).toEqual([expect.stringContaining('a.pcap, share 2 of 2')]);
  held[1]();
  const queued = await check.ended;
  const here = runAsBuilt(...args);
  await until(() => held.length === 3);
  held[2]();
  expect(reported(queued)).toEqual(reported(await here));
  expect(queued.code).toBe(1);
});

test('a capture of which a share kills its workers is given up in one line', async () => {
  const server = await redis();
  if (!server) return;
  const { path, check } = await waiting(server.url, captureFile(await large()), () => server.jobs('wait'));
  const other = await workerHere(server, '--dead-after', '800ms');
  const descriptor = await reader(path);
  await threeDeaths(server);
  await workerHere(server);
  expect(await check.ended).toMatchObject({
    code: 3,
    stderr: `wirelint: ${path}: each of 3 workers died while it judged it\n`,
  });
  await until(() => other.stdout.includes('a.pcap, share 1 of 2: nobody waits for it any longer'));
  closeSync(descriptor);
});

test('who is interrupted takes all shares away', async () => {
  const server = await redis();
  if (!server) return;
  const { path, check } = await waiting(server.url, captureFile(await large()), () => server.jobs('wait'));
  const busy = await workerHere(server);
  const descriptor = await reader(path);
  check.interrupt();
  const { code, stderr } = await check.ended;
  expect(code).toBe(3);
  expect(stderr).toContain(`${path}: interrupted before its shares could be put together; nothing of it is reported\n`);
  expect(await server.jobs('wait')).toBe(0);
  closeSync(descriptor);
  await until(() => busy.stdout.includes('a.pcap, share 1 of 2: nobody waits for it any longer'));
});

test('of several captures the large ones are divided', async () => {
  const server = await redis();
  if (!server) return;
  const folder = folderWith({ 'a.pcap': captureFile(await large()) });
  writeWide(join(folder, 'b.pcapng'), await large(), 2 ** 20);
  const busy = await workerHere(server);
  const args = ['check', join(folder, 'a.pcap'), join(folder, 'b.pcapng'), '--format', 'json'];
  const queued = await runAsBuilt(...args, '--queue', server.url, '--jobs', '2');
  expect(queued).toEqual(await runAsBuilt(...args));
  expect(queued.code).toBe(1);
  expect(jobsOf(busy).sort()).toEqual([
    expect.stringMatching(/\/a\.pcap: /),
    expect.stringMatching(/\/b\.pcapng, share 1 of 2: /),
    expect.stringMatching(/\/b\.pcapng, share 2 of 2:/),
  ]);
});

test.each([
  ['a file alone', CLEAN, true, true],
  ['a small one of several', CLEAN, false, false],
  ['what a server has, alone', 'http://host/a.pcap', true, true],
  ['what a server has, of several', 'http://host/a.pcap', false, false],
  ['what is not there', 'none.pcap', true, false],
  ['what is no file', '/dev/null', true, false],
])('%s is divided or not', async (_, path, isAlone, expected) => {
  expect(await isWorthDividing(path, isAlone)).toBe(expected);
});

test('what is no result of a share ends in one line', async () => {
  const server = await redis();
  if (!server) return;
  const answer = await writeResult({ kind: 'captured', line: '{}', recorded: recordedShare(undefined) });
  const forger = new Worker(
    queueHere(),
    async ({ id }) => {
      await server.client.set(KEYS.result(String(id)), answer);
    },
    { connection: { url: server.url, maxRetriesPerRequest: null }, prefix: PREFIX },
  );
  const { code, stderr } = await runAsBuilt('check', CLEAN, '--queue', server.url, '--jobs', '2', '--allow-empty');
  expect([code, stderr.match(/.*echo-small.*/g)]).toEqual([
    3,
    [`wirelint: ${CLEAN}: what came of its shares is damaged: index: missing`],
  ]);
  await forger.close();
});

test('a job that names no share is refused in one line', async () => {
  const server = await redis();
  if (!server) return;
  const queue = new Queue(queueHere(), { connection: server.client, prefix: PREFIX });
  const task = { index: 0, path: 'a.pcap', part: { share: { index: 4, of: 2, classes: 1 } } };
  const job = await queue.add('share', { run: 'r', place: '/a.pcap', task });
  await workerHere(server);
  await until(() => job.isFailed());
  expect((await queue.getJob(job.id!))?.failedReason).toBe(
    'its worker does not understand the job: task.part.share.index: no share of 2',
  );
  await queue.close();
});
