import { expect, test } from 'vitest';
import { Strangers } from '../../src/storage/strangers.ts';

const hash = (index: number) => Math.imul(index + 1, 0x9e3779b1) >>> 0;

test('knows nobody at first', () => {
  const strangers = new Strangers();
  expect([0, 1, 0xffff_ffff].filter(number => strangers.mayHave(number))).toEqual([]);
});

test('forgets nobody, and takes few for somebody that it has seen', () => {
  const strangers = new Strangers();
  const flows = Array.from({ length: 160_000 }, (_, index) => hash(index));
  for (const flow of flows.slice(0, 80_000)) strangers.add(flow);
  expect(flows.slice(0, 80_000).every(flow => strangers.mayHave(flow))).toBe(true);
  expect(flows.slice(80_000).filter(flow => strangers.mayHave(flow)).length).toBeLessThan(1_600);
});
