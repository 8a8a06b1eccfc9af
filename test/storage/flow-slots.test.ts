/** The connection of each flow, by slot. */
import { expect, test } from 'vitest';
import { FlowSlots } from '../../src/storage/flow-slots.ts';

test('a flow that no connection was opened on has none, however high its number', () => {
  const slots = new FlowSlots();
  slots.clear(70_000);
  expect([0, 63, 64, 70_000].map(flow => slots.slotOf(flow))).toEqual([-1, -1, -1, -1]);
});

test('a flow has the connection that was set last, slot 0 too, until it is cleared', () => {
  const slots = new FlowSlots();
  slots.set(5_000, 0);
  slots.set(3, 7);
  slots.set(3, 8);
  expect([5_000, 3, 4].map(flow => slots.slotOf(flow))).toEqual([0, 8, -1]);
  slots.clear(3);
  expect([5_000, 3].map(flow => slots.slotOf(flow))).toEqual([0, -1]);
});
