/** What a user sees of the workers of a queue, from what they say of themselves in a Redis. */
import { Writable } from 'node:stream';
import { Queue } from 'bullmq';
import { expect, onTestFinished, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { judgedBy } from '../../src/blob/run.ts';
import type { Program } from '../../src/cli/command.ts';
import { QueueBoard } from '../../src/cli/queue-board.ts';
import { QueueLink } from '../../src/cli/queue-link.ts';
import { KEYS, type WorkerFacts } from '../../src/cli/queue-messages.ts';
import { TestRedis } from '../kit/redis.ts';
import { requireTool } from '../kit/tools.ts';

const ALIKE: WorkerFacts = { name: 'far:1', tool: '1.2.3', protocols: judgedBy(protocols), threads: 2, packets: 0 };

class Screen extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

/** A board over a Redis that these workers are in, in the eyes of wirelint 1.2.3; ten seconds go by between two looks. */
async function board(isTTY: boolean, workers: readonly (WorkerFacts | string)[]) {
  const server = await TestRedis.start();
  for (const [place, worker] of workers.entries()) {
    await server.client.sadd(KEYS.workers, String(place));
    await server.client.set(KEYS.worker(String(place)), typeof worker === 'string' ? worker : JSON.stringify(worker));
  }
  const stderr = new Screen(isTTY);
  let now = 0;
  const host = {
    args: [],
    environment: {},
    stdout: new Screen(false),
    stderr,
    now: () => (now += 10_000),
    onInterrupt: () => () => {},
  };
  const program = { host, protocols, tool: { name: 'wirelint', version: '1.2.3' } } as unknown as Program;
  const link = await QueueLink.open(server.url, host);
  const queue = new Queue('captures-test', { connection: link.client, prefix: 'wirelint' });
  const shown = new QueueBoard(link, program, 4, true);
  onTestFinished(async () => {
    shown.stop();
    await link.close(queue);
  });
  shown.watch(queue);
  return { server, shown, screen: stderr };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 20));
}

const [first, ...others] = ALIKE.protocols;

const LEFT_ALONE: readonly (readonly [string, readonly (WorkerFacts | string)[], string])[] = [
  ['nobody is there', [], 'begin one: wirelint worker --queue URL'],
  ['another version', [{ ...ALIKE, tool: '1.2.2' }], 'far:1 there is wirelint 1.2.2, and this is 1.2.3'],
  ['another protocol', [{ ...ALIKE, protocols: others }], `this run is for ${first.id}`],
  [
    'another table',
    [{ ...ALIKE, protocols: [{ ...first, fingerprint: '00' }, ...others] }],
    `another version of ${first.id}`,
  ],
  ['what no worker wrote', ['{"name":1}', 'x'], 'begin one: wirelint worker --queue URL'],
];

test('where no worker takes the jobs a line says so, once', async () => {
  if (!requireTool('redis-server')) return;
  // All at once: most of it is waiting for a second line that must not come.
  const screens = await Promise.all(LEFT_ALONE.map(async ([, workers]) => (await board(false, workers)).screen));
  await until(() => screens.every(({ text }) => text !== ''));
  await new Promise(resolve => setTimeout(resolve, 1_200));
  for (const [place, [situation, , expected]] of LEFT_ALONE.entries()) {
    const { text } = screens[place];
    expect(text.match(/no worker takes jobs from redis:\/\/127\.0\.0\.1:\d+;/g), situation).toHaveLength(1);
    expect(text, situation).toContain(expected);
  }
});

test('a terminal shows the workers that take the jobs, how many jobs and captures are done, and packets over time', async () => {
  if (!requireTool('redis-server')) return;
  const { server, shown, screen } = await board(true, [ALIKE, { ...ALIKE, name: 'near:2', tool: '1' }]);
  for (const _ of [1, 2, 3]) shown.jobDone();
  shown.captureDone();
  await until(() => screen.text.includes('1 worker with 2 threads, 0 waiting, 0 active, 3 done, 0 packets/s'));
  expect(screen.text).toMatch(/4 captures .* 25%/);
  await server.client.set(KEYS.worker('0'), JSON.stringify({ ...ALIKE, packets: 40_000 }));
  await until(() => / [1-4],000 packets\/s/.test(screen.text));
  expect(screen.text).not.toContain('no worker');
});
