/**
 * What breaks a rule at the end of a capture is found there as well where the last two frames stand in the file the other way
 * round: what comes later is told by times, and not by the numbers of frames.
 */
import { expect, test } from 'vitest';
import { faulty } from './conversations.ts';
import { judgeCaptured } from './judging.ts';

const UDP = ['mnet', 'ministreaming'];
const cases = (await faulty(1_000)).filter(
  ({ protocol, packets, settings }) => UDP.includes(protocol) && packets.length > 2 && settings.capture !== 'complete',
);

test.each(cases)('$protocol, $name', async ({ packets, settings }) => {
  const [last, before] = [packets.length, packets.length - 1];
  const apart = packets[last - 1].time - packets[before - 1].time;
  if (apart >= 1e6) return;
  const swapped = [...packets.slice(0, before - 1), packets[last - 1], packets[before - 1]];
  const place = (frame: number) => (frame === last ? before : frame === before ? last : frame);
  const straight = await judgeCaptured(packets, settings);
  const { faults } = await judgeCaptured(swapped, settings);
  const found = faults.map(({ rule, frame }) => `${rule} ${place(frame)}`).sort();
  expect(found).toEqual(straight.faults.map(({ rule, frame }) => `${rule} ${frame}`).sort());
});
