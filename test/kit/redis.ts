/** A Redis on the loopback for one test, that keeps nothing on the disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { scratch } from './proxy.ts';

export class TestRedis {
  readonly url: string;
  readonly client: Redis;
  readonly #port: number;
  readonly #folder = scratch();
  readonly #settings: readonly string[];
  #server: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.#port = port;
    this.#settings = settings;
    this.url = `redis://127.0.0.1:${port}`;
    this.client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 20 });
    this.client.on('error', () => {});
    onTestFinished(async () => {
      this.client.disconnect();
      await this.stop();
    });
  }

  static async start(...settings: readonly string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), settings);
    await redis.begin();
    return redis;
  }

  /** With nothing in it. */
  async begin(): Promise<void> {
    const own = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--dir', this.#folder];
    this.#server = spawn('redis-server', [...own, ...this.#settings], { stdio: 'ignore' });
    await this.client.ping();
  }

  async stop(): Promise<void> {
    if (this.#server?.exitCode !== null) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await ended;
  }

  /** Jobs of all queues that are in such a list: `wait`, `active`. */
  async jobs(list: string): Promise<number> {
    const keys = await this.client.keys(`wirelint:captures-*:${list}`);
    const lengths = await Promise.all(keys.map(key => this.client.llen(key)));
    return lengths.reduce((sum, length) => sum + length, 0);
  }

  /** Who has the capture of this place in hand, or a share of it (`0-1of2`): another word each time that it is taken. */
  async takers(job: string): Promise<string[]> {
    const locks = await this.client.keys(`wirelint:captures-*-${job}:lock`);
    const takers = await Promise.all(locks.map(key => this.client.get(key)));
    return takers.filter(taker => taker !== null);
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
