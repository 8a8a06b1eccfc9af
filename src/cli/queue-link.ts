/**
 * The connection to a queue: loads the packages for it, which are installed only where there is one, and connects. Once it
 * stands it is made again whenever it is lost; the user learns both, once each time.
 */
import type { Redis } from 'ioredis';
import { UsageError } from '../settings/words.ts';
import { reasonOf } from '../system-errors.ts';
import { complain, type Host } from './host.ts';
import { parseQueueAddress, type QueueAddress } from './queue-address.ts';

type Bull = typeof import('bullmq');

/** Milliseconds for the first connection, and between two attempts to make it again. */
const CONNECT_TIME = 5_000;
const LONGEST_PAUSE = 2_000;
/** Milliseconds for what is still to be said when it ends. */
const LAST_WORDS = 2_000;

/** The first Redis that gives a value and removes it at once. */
const OLDEST = [6, 2] as const;

export class QueueLink {
  readonly address: QueueAddress;
  readonly bull: Bull;
  /** For commands. Those who wait for something block their own. */
  readonly client: Redis;
  /** Called before a line of it goes to standard error, by who draws there. */
  beforeComplaint = () => {};
  readonly #host: Pick<Host, 'stderr'>;
  #lostAt: number | undefined;
  #isClosing = false;

  private constructor(address: QueueAddress, bull: Bull, client: Redis, host: Pick<Host, 'stderr'>) {
    this.address = address;
    this.bull = bull;
    this.client = client;
    this.#host = host;
    client.on('close', () => this.#lost());
    client.on('ready', () => this.#found());
  }

  /** @throws UsageError for an address that is none, packages that are not there, or a Redis that does not answer as it should */
  static async open(text: string, host: Pick<Host, 'environment' | 'stderr'>): Promise<QueueLink> {
    const address = parseQueueAddress(text, host.environment);
    const { bull, redis } = await loadPackages();
    const client = new redis.Redis(optionsOf(address));
    let refusal: Error | undefined;
    client.on('error', (error: Error) => {
      refusal = error;
    });
    let version: string | undefined;
    try {
      await client.connect();
      version = /^redis_version:(\S+)/m.exec(await client.info('server'))?.[1];
    } catch (error) {
      client.disconnect();
      throw new UsageError(`${address.name}: ${refused(refusal ?? error, address)}`);
    }
    if (version !== undefined && isBefore(version, OLDEST)) {
      client.disconnect();
      throw new UsageError(`${address.name}: is Redis ${version}; ${OLDEST.join('.')} or later is needed`);
    }
    client.options.retryStrategy = (times: number) => Math.min(100 * 2 ** Math.min(times, 5), LONGEST_PAUSE);
    return new QueueLink(address, bull, client, host);
  }

  /** Milliseconds that the connection has been lost for; 0 while it stands. */
  get absence(): number {
    return this.#lostAt === undefined ? 0 : Date.now() - this.#lostAt;
  }

  /** What to say where it refuses something. */
  refusal(error: unknown): UsageError {
    return new UsageError(`${this.address.name}: ${error instanceof Error ? error.message : error}`);
  }

  /** Closes first what stands on it, which it waits for no longer than a connection that is lost deserves. */
  async close(...users: readonly { close(): Promise<unknown> }[]): Promise<void> {
    this.#isClosing = true;
    const closed = Promise.allSettled(users.map(user => user.close()));
    await Promise.race([closed, new Promise(resolve => setTimeout(resolve, LAST_WORDS).unref())]);
    this.client.disconnect();
  }

  #lost(): void {
    if (this.#isClosing || this.#lostAt !== undefined) return;
    this.#lostAt = Date.now();
    this.#complain('the connection is lost; waiting until it is back');
  }

  #found(): void {
    if (this.#lostAt === undefined) return;
    this.#lostAt = undefined;
    this.#complain('connected again');
  }

  #complain(line: string): void {
    this.beforeComplaint();
    complain(this.#host, `${this.address.name}: ${line}`);
  }
}

async function loadPackages() {
  try {
    return { bull: await import('bullmq'), redis: await import('ioredis') };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError('--queue needs two packages that wirelint does not bring: npm install bullmq ioredis');
  }
}

function optionsOf({ host, port, db, username, password, isSecure }: QueueAddress) {
  return {
    ...{ host, port, db, ...(username !== undefined && { username }), ...(password !== undefined && { password }) },
    ...(isSecure && { tls: {} }),
    connectTimeout: CONNECT_TIME,
    lazyConnect: true,
    // A command waits for the connection to come back.
    maxRetriesPerRequest: null,
    // The first one is there or it is not.
    retryStrategy: () => null,
  };
}

function refused(error: unknown, { password }: QueueAddress): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/.test(message))
    return password === undefined
      ? 'asks for a password: put it into the URL, or into the variable REDISCLI_AUTH'
      : 'the user or the password is wrong';
  if (message.includes('ETIMEDOUT')) return 'no answer in time';
  return `cannot connect: ${reasonOf(error).split('\n', 1)[0]}`;
}

function isBefore(version: string, [major, minor]: typeof OLDEST): boolean {
  const [own = 0, ownMinor = 0] = version.split('.').map(Number);
  return own < major || (own === major && ownMinor < minor);
}
