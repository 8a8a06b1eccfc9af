/** Which message a copy is of, and what is forgotten when there are too many. */
import { expect, test } from 'vitest';
import { Publication } from '../../../../dissectors/mqtt/broker/publication.ts';
import { Publications } from '../../../../dissectors/mqtt/broker/publications.ts';
import { RetainedMessages } from '../../../../dissectors/mqtt/broker/retained.ts';
import type { BoundName } from '../../../../src/sdk.ts';

const presence = {
  server: 's',
  clientKey: 'c',
  publisher: 'c',
  connection: undefined,
  level: 5,
  isThere: true,
  willDelay: 0,
  isLeft: false,
  isContested: false,
  isSucceeded: false,
  isWillVoid: false,
};

function publication(topic: string, earliest: number, latest = earliest + 1, retain = false): Publication {
  const made = new Publication({
    topic,
    presence,
    qos: 1,
    retain,
    isWill: false,
    isEmpty: false,
    expiry: Number.POSITIVE_INFINITY,
    properties: undefined,
    length: 10,
    frame: earliest,
    seconds: earliest,
    earliest,
  });
  made.latest = latest;
  return made;
}

function hits() {
  const bounds = new Map<BoundName, number>();
  return { bounds, limitHit: (bound: BoundName) => void bounds.set(bound, (bounds.get(bound) ?? 0) + 1) };
}

test('two messages with one topic and payload cannot be told apart, nor one from what came from nowhere', () => {
  const publications = new Publications(hits().limitHit);
  const [first, second, third] = [publication('a', 1), publication('a', 2), publication('b', 3)];
  publications.add('a x', first);
  expect(publications.find('a x')).toBe(first);
  publications.add('a x', second);
  expect([publications.find('a x'), first.isUnique, second.isUnique]).toEqual([undefined, false, false]);
  publications.spoil('b x');
  publications.add('b x', third);
  expect([publications.find('b x'), third.isUnique]).toEqual([undefined, false]);
});

test('a message whose topic had one that could not be read is not told from that', () => {
  const publications = new Publications(hits().limitHit);
  const [before, other, after] = [publication('a', 1), publication('b', 2), publication('a', 3)];
  publications.add('a 1', before);
  publications.add('b 1', other);
  publications.spoilTopic('a');
  publications.add('a 2', after);
  expect([before.isUnique, other.isUnique, after.isUnique]).toEqual([false, true, false]);
});

test('beyond 65,536 messages the oldest is forgotten, and what has its topic and payload is not taken for new', () => {
  const { bounds, limitHit } = hits();
  const publications = new Publications(limitHit);
  const first = publication('t', 1);
  publications.add('0', first);
  for (let key = 1; key <= 65_536; key++) publications.add(`${key}`, publication('t', key + 1));
  expect(bounds).toEqual(new Map([['publications=65536', 1]]));
  expect([publications.find('0'), first.isUnique]).toEqual([undefined, false]);
  const again = publication('t', 100_000);
  publications.add('0', again);
  expect(again.isUnique).toBe(false);
  expect(publications.find('1')).toBeDefined();
});

test('beyond 262,144 copies the oldest message is forgotten with its own', () => {
  const { bounds, limitHit } = hits();
  const publications = new Publications(limitHit);
  const [first, second] = [publication('t', 1), publication('t', 2)];
  publications.add('1', first);
  publications.add('2', second);
  const subscribers = Array.from({ length: 262_144 }, () => ({}));
  for (const subscriber of subscribers) publications.copiesOf(first, subscriber).plain++;
  expect(bounds.size).toBe(0);
  publications.copiesOf(second, subscribers[0]).plain++;
  expect(bounds).toEqual(new Map([['copies=262144', 1]]));
  expect([first.isUnique, first.copies.size, second.isUnique]).toEqual([false, 0, true]);
});

test('a retained message is in force where all others were worked on before it came', () => {
  const retained = new RetainedMessages(hits().limitHit);
  const first = publication('t', 1, 2, true);
  const second = publication('t', 3, 6, true);
  retained.add(first);
  expect(retained.isInForce(first, 5)).toBe(true);
  retained.add(second);
  // The second came when the first was done: whichever packet comes before its acknowledgement may get either.
  expect([retained.isInForce(first, 5), retained.isInForce(second, 5), retained.isInForce(second, 7)]).toEqual([
    false,
    false,
    true,
  ]);
  expect([retained.wasReplaced(first, 5), retained.wasReplaced(first, 7)]).toEqual([undefined, second]);
});
