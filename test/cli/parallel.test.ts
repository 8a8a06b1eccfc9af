/** Captures that are judged elsewhere and taken in their order: how many are begun ahead of the one whose turn it is. */
import { expect, test } from 'vitest';
import type { Judged } from '../../src/cli/judging.ts';
import { type Carrier, readInParallel } from '../../src/cli/parallel.ts';

const MIB = 1024 * 1024;

/** Has each capture end when the test says so, with a line of this many characters, and keeps what was begun. */
class HeldCarrier implements Carrier {
  readonly mostAhead: number;
  waiting = 0;
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (judged: Judged) => void>();

  constructor(mostAhead: number) {
    this.mostAhead = mostAhead;
  }

  judge({ path }: { readonly path: string }): Promise<Judged> {
    this.begun.push(path);
    return new Promise(resolve => this.#ends.set(path, resolve));
  }

  async end(path: string, judged: Judged): Promise<void> {
    this.#ends.get(path)?.(judged);
    await new Promise(resolve => setTimeout(resolve, 1));
  }

  stop(): void {}

  async close(): Promise<void> {}
}

const captured = (length: number): Judged => ({ kind: 'captured', line: 'x'.repeat(length) });

/** Reads so many captures, named by their numbers. */
function reading(carrier: HeldCarrier, count: number) {
  const taken: string[] = [];
  const captures = Array.from({ length: count }, (_, index) => ({ index, path: String(index) }));
  const take = async ({ kind }: Judged, { path }: { readonly path: string }) => void taken.push(`${path} ${kind}`);
  const ended = readInParallel({ onInterrupt: () => () => {} }, { captures, ownOf: () => undefined, take }, carrier);
  return { taken, ended };
}

test('no more are begun while what waits for its turn, or for the rest of its capture, takes all the room', async () => {
  const carrier = new HeldCarrier(60);
  const { taken, ended } = reading(carrier, 63);
  expect(carrier.begun).toHaveLength(60);
  carrier.waiting = 70 * MIB;
  await carrier.end('0', captured(10));
  expect([taken, carrier.begun.length]).toEqual([['0 captured'], 60]);
  // What was begun ends, and makes room.
  carrier.waiting = 0;
  await carrier.end('1', captured(10));
  expect(carrier.begun).toHaveLength(62);
  await carrier.end('3', captured(70 * MIB));
  expect([taken.length, carrier.begun.length]).toEqual([2, 62]);
  for (let place = 2; place < 62; place++) await carrier.end(String(place), captured(10));
  await carrier.end('62', captured(10));
  expect((await ended).hasBegunAll).toBe(true);
  expect(taken).toHaveLength(63);
});

test('the next one is begun where none is under way, whatever there is no room for', async () => {
  const carrier = new HeldCarrier(60);
  const { taken, ended } = reading(carrier, 61);
  carrier.waiting = 70 * MIB;
  for (let place = 0; place < 61; place++) await carrier.end(String(place), captured(10));
  await ended;
  expect(taken).toHaveLength(61);
});

test('few are begun before it is known how much comes of one, and twice as many with each round', async () => {
  const carrier = new HeldCarrier(1_000);
  const { ended } = reading(carrier, 300);
  expect(carrier.begun).toHaveLength(64);
  await carrier.end('0', captured(10));
  expect(carrier.begun).toHaveLength(66);
  for (let place = 1; place < 64; place++) await carrier.end(String(place), captured(10));
  expect(carrier.begun).toHaveLength(192);
  for (let place = 64; place < 300; place++) await carrier.end(String(place), captured(10));
  expect((await ended).hasBegunAll).toBe(true);
});

test('none are begun behind a slow one once as much waits as there is room for', async () => {
  const carrier = new HeldCarrier(1_000);
  const { taken, ended } = reading(carrier, 300);
  for (let place = 1; place < 12; place++) await carrier.end(String(place), captured(7 * MIB));
  expect([taken.length, carrier.begun.length]).toEqual([0, 64]);
  for (const place of carrier.begun.slice(12)) await carrier.end(place, captured(10));
  expect([taken.length, carrier.begun.length]).toEqual([0, 64]);
  for (const place of ['0', ...Array.from({ length: 236 }, (_, more) => String(64 + more))])
    await carrier.end(place, captured(10));
  await ended;
  expect(taken).toHaveLength(300);
});

test('one that was stopped with a reason is reported, and not all have been begun', async () => {
  const carrier = new HeldCarrier(60);
  const { taken, ended } = reading(carrier, 2);
  await carrier.end('0', { kind: 'stopped', reason: '0: interrupted' });
  await carrier.end('1', { kind: 'stopped' });
  expect(await ended).toEqual({ isStopped: false, hasBegunAll: false });
  expect(taken).toEqual(['0 unreadable']);
});
