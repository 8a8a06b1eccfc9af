import { expect, test } from 'vitest';
import { BoundedLines } from '../../src/cli/bounded-lines.ts';

test('beyond a megabyte that nobody reads lines are left out, and counted once somebody does', () => {
  const lines: string[] = [];
  let waiting = 0;
  const bounded = new BoundedLines({
    waiting: () => waiting,
    write: line => lines.push(line),
    left: count => `${count} left out`,
  });
  bounded.write('one');
  waiting = 1_048_577;
  bounded.write('two');
  bounded.write('three');
  expect(lines).toEqual(['one']);
  waiting = 1_048_576;
  bounded.write('four');
  expect(lines).toEqual(['one', '2 left out', 'four']);
  waiting = 2_000_000;
  bounded.write('five');
  bounded.end();
  bounded.end();
  expect(lines.slice(3)).toEqual(['1 left out']);
});
