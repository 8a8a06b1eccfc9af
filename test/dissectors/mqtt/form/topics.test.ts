import { expect, test } from 'vitest';
import { misplacedWildcardAt, sharedFilter, topicMatches } from '../../../../dissectors/mqtt/topics.ts';

test.each([
  ['a/b', 'a/b', true],
  ['a/b', 'a/c', false],
  ['a/b', 'a/b/c', false],
  ['a/b', 'a', false],
  ['a/b', 'A/b', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['+/b', '/b', true],
  ['+/+', '/a', true],
  ['/+', '/a', true],
  ['+', '/a', false],
  ['+', 'a', true],
  ['#', 'a/b/c', true],
  ['#', '/', true],
  ['a/#', 'a', true],
  ['a/#', 'a/', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'ab', false],
  ['a/#', 'b', false],
  ['a/+/#', 'a/b', true],
  ['a/+/#', 'a', false],
  ['+/#', 'a', true],
  ['a/', 'a', false],
  ['ä/+', 'ä/ö', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
  ['$SYS/+', '$SYS/x', true],
  ['a/#', 'a/$b', true],
])('%s and %s: %s', (filter, topic, matches) => {
  expect(topicMatches(filter, topic)).toBe(matches);
});

test('a leading wildcard matches $ where that is asked for', () => {
  expect(topicMatches('#', '$SYS/x', { dollar: true })).toBe(true);
  expect(topicMatches('+/x', '$SYS/x', { dollar: true })).toBe(true);
  expect(topicMatches('+/y', '$SYS/x', { dollar: true })).toBe(false);
});

test.each([
  ['$share/g/a/+', 'a/+'],
  ['$share/g//', '/'],
  ['$share/g/', '#'],
  ['$share/g', '#'],
  ['$share//a', 'a'],
  ['$share/g+/a', 'a'],
  ['$share', undefined],
  ['a/$share/g/b', undefined],
])('what %s matches as a Shared Subscription', (filter, behind) => {
  expect(sharedFilter(filter)).toBe(behind);
});

test.each([
  ['#', -1],
  ['a/#', -1],
  ['+', -1],
  ['+/a/+/#', -1],
  ['a#', 1],
  ['a/#/b', 2],
  ['#/', 0],
  ['a+', 1],
  ['+a/b', 0],
  ['a/b+/c', 3],
  ['a/+#', 2],
])('a wildcard out of place in %s: %i', (filter, at) => {
  const bytes = new TextEncoder().encode(filter);
  expect(misplacedWildcardAt(bytes, 0, bytes.length)).toBe(at);
});
