/** What is kept of topics for quiet connections (`quiet-topics.ts`): what it says is right, and it says it as long as there is room. */
import { expect, test } from 'vitest';
import { QuietTopics } from '../../../dissectors/mqtt/quiet-topics.ts';
import { digestOf } from '../../../dissectors/mqtt/reading.ts';
import { Subscriptions } from '../../../dissectors/mqtt/subscriptions.ts';

const bytesOf = (topic: string) => Buffer.from(`..${topic}..`);

function keep(topics: QuietTopics, stamp: number, digest: number, topic: string, allowed: number): void {
  topics.keep(stamp, digest, bytesOf(topic), 2, topic.length, allowed);
}

function find(topics: QuietTopics, stamp: number, digest: number, topic: string): number {
  return topics.find(stamp, digest, bytesOf(topic), 2, topic.length);
}

const digestOfTopic = (topic: string) => digestOf(bytesOf(topic), 2, topic.length, 0);

test('of ten thousand topics nearly all are kept, each with what is allowed of it', () => {
  const topics = new QuietTopics();
  const all = Array.from({ length: 10_000 }, (_, n) => ({
    stamp: 1 + (n >>> 3),
    topic: `command/${n}`,
    allowed: n & 3,
  }));
  for (const { stamp, topic, allowed } of all) keep(topics, stamp, digestOfTopic(topic), topic, allowed);
  const found = all.filter(({ stamp, topic }) => find(topics, stamp, digestOfTopic(topic), topic) >= 0);
  expect(found.length).toBeGreaterThan(9_900);
  for (const { stamp, topic, allowed } of found.slice(0, 1_000)) {
    expect(find(topics, stamp, digestOfTopic(topic), topic)).toBe(allowed);
    expect(find(topics, stamp + 5_000, digestOfTopic(topic), topic)).toBe(-1);
  }
});

test('of topics with the same digest the last one is known, and no other is taken for it', () => {
  const topics = new QuietTopics();
  keep(topics, 1, 77, 'a/b', 1);
  expect(find(topics, 1, 77, 'a/c')).toBe(-1);
  expect(find(topics, 1, 77, 'a/bb')).toBe(-1);
  keep(topics, 1, 77, 'a/c', 2);
  expect(find(topics, 1, 77, 'a/c')).toBe(2);
  expect(find(topics, 1, 77, 'a/b')).toBe(-1);
});

test('a topic that is too long is not kept', () => {
  const topics = new QuietTopics();
  keep(topics, 1, 5, 'x'.repeat(52), 1);
  keep(topics, 1, 6, 'x'.repeat(53), 1);
  expect(find(topics, 1, 5, 'x'.repeat(52))).toBe(1);
  expect(find(topics, 1, 6, 'x'.repeat(53))).toBe(-1);
});

test('far more topics than there is room for: what is found is right all the same', () => {
  const topics = new QuietTopics();
  for (let n = 0; n < 100_000; n++) keep(topics, 1, digestOfTopic(`t/${n}`), `t/${n}`, n & 3);
  let found = 0;
  let wrong = 0;
  for (let n = 0; n < 100_000; n++) {
    const allowed = find(topics, 1, digestOfTopic(`t/${n}`), `t/${n}`);
    if (allowed >= 0) found++;
    if (allowed >= 0 && allowed !== (n & 3)) wrong++;
  }
  expect(wrong).toBe(0);
  expect(found).toBeGreaterThan(10_000);
  expect(found).toBeLessThanOrEqual(65_539);
});

test('subscriptions keep their stamp until they change, and share it with no others', () => {
  const topics = new QuietTopics();
  const [one, other] = [new Subscriptions(10, () => {}), new Subscriptions(10, () => {})];
  const first = topics.stampOf(one);
  expect(topics.stampOf(one)).toBe(first);
  expect(topics.stampOf(other)).not.toBe(first);
  one.ask('a/#', 1, 0);
  const second = topics.stampOf(one);
  expect(second).not.toBe(first);
  one.grant('a/#', 1, 1);
  expect([first, second]).not.toContain(topics.stampOf(one));
});
