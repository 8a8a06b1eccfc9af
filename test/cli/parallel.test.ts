/** Captures that are judged elsewhere and taken in their order: how many are begun ahead of the one whose turn it is. */
import { expect, test } from 'vitest';
import type { Judged } from '../../src/cli/judging.ts';
import { type Carrier, readInParallel } from '../../src/cli/parallel.ts';

const MIB = 1024 * 1024;

/** Has each capture end when the test says so, with a line of this many characters, and keeps what was begun. */
class HeldCarrier implements Carrier {
  readonly mostAhead = 100;
  waiting = 0;
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (judged: Judged) => void>();

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
  const carrier = new HeldCarrier();
  const { taken, ended } = reading(carrier, 103);
  expect(carrier.begun).toHaveLength(100);
  carrier.waiting = 70 * MIB;
  await carrier.end('0', captured(10));
  expect([taken, carrier.begun.length]).toEqual([['0 captured'], 100]);
  // What was begun ends, and makes room.
  carrier.waiting = 0;
  await carrier.end('1', captured(10));
  expect(carrier.begun).toHaveLength(102);
  await carrier.end('3', captured(70 * MIB));
  expect([taken.length, carrier.begun.length]).toEqual([2, 102]);
  for (let place = 2; place < 102; place++) await carrier.end(String(place), captured(10));
  await carrier.end('102', captured(10));
  expect((await ended).hasBegunAll).toBe(true);
  expect(taken).toHaveLength(103);
});

test('the next one is begun where none is under way, whatever there is no room for', async () => {
  const carrier = new HeldCarrier();
  const { taken, ended } = reading(carrier, 101);
  carrier.waiting = 70 * MIB;
  for (let place = 0; place < 101; place++) await carrier.end(String(place), captured(10));
  await ended;
  expect(taken).toHaveLength(101);
});

test('one that was stopped with a reason is reported, and not all have been begun', async () => {
  const carrier = new HeldCarrier();
  const { taken, ended } = reading(carrier, 2);
  await carrier.end('0', { kind: 'stopped', reason: '0: interrupted' });
  await carrier.end('1', { kind: 'stopped' });
  expect(await ended).toEqual({ isStopped: false, hasBegunAll: false });
  expect(taken).toEqual(['0 unreadable']);
});
