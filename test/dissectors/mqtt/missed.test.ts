/**
 * A capture that lacks something accuses nobody of what the whole one does not: one frame in four of a conversation is left out in
 * turn, and the beginning up to one in four. A capture says nothing of what it lacks but by what is left.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { framesOf } from '../../kit/filestorage.ts';
import { type JudgeOptions, judgeFrames } from '../../kit/mqtt-judge.ts';
import { placesOf } from '../../kit/portion.ts';
import { STORIES } from './stories.ts';

const FIXTURES = new URL('../../../fixtures/mqtt/', import.meta.url).pathname;

interface Whole {
  readonly name: string;
  readonly frames: readonly Frame[];
}

const captures = await Promise.all(
  readdirSync(FIXTURES)
    .filter(file => file.endsWith('.pcap'))
    .map(async (name): Promise<Whole> => ({ name, frames: await framesOf(await openCapture(FIXTURES + name)) })),
);
const stories = STORIES.map(({ name, net }): Whole => ({ name, frames: net.frames() }));

/** What is found, with the numbers that the frames have in the whole. That a connection is taken up midstream is no accusation. */
function found(frames: readonly Frame[], options: JudgeOptions, place: (index: number) => number): string[] {
  const { findings } = judgeFrames(frames, { capture: 'auto', ...options });
  return findings
    .filter(({ ruleId }) => ruleId !== 'mqtt/midstream')
    .map(({ ruleId, frame, atFault }) => `${ruleId} ${place(frame - 1) + 1} ${atFault}`);
}

const wholes = [...stories, ...captures].map((whole, turn) => ({ ...whole, turn }));

describe.each(wholes)('$name', ({ frames, turn }) => {
  test('without any one frame', () => {
    const whole = found(frames, {}, index => index);
    for (const out of placesOf(frames.length, 4, turn)) {
      const left = frames.filter((_, index) => index !== out);
      const these = found(left, {}, index => (index < out ? index : index + 1));
      expect({ out, added: these.filter(finding => !whole.includes(finding)) }).toEqual({ out, added: [] });
    }
  });

  test('from any frame on, on a mapped port', () => {
    const mapped = { mapped: true };
    const whole = found(frames, mapped, index => index);
    for (const first of placesOf(frames.length, 4, turn, 1)) {
      const these = found(frames.slice(first), mapped, index => index + first);
      expect({ first, added: these.filter(finding => !whole.includes(finding)) }).toEqual({ first, added: [] });
    }
  });
});
