/**
 * The short conversations of cases/ and conforming/ without one frame, one in three in turn: nobody is accused of what the whole
 * does not show, but where nothing in the capture tells that it lacks something.
 */
import { expect, test } from 'vitest';
import type { Frame } from '../../../src/capture/source.ts';
import { type JudgeOptions, judgeFrames, type Scene, scene } from '../../kit/mqtt-judge.ts';
import { MqttNet, type NetChoice } from '../../kit/mqtt-net.ts';
import { placesOf } from '../../kit/portion.ts';
import { CASES } from './cases/all.ts';
import { OF_PACKETS, OF_SIDES, OF_TIMES_AND_LIMITS } from './cases/variants.ts';
import { TWINS } from './conforming/all.ts';

/** Longer ones are judged in missed.test.ts. */
const LONGEST = 20;
/** Frames. */
const HANDSHAKE = 3;

/** Beginnings of a conversation's title, what is found in it then, and why. */
const EXCEPTIONS: readonly (readonly [title: string, found: string, why: string])[] = [
  ['state-carried-over', 'dup-first', 'the same fault of the same packet, whose former session was not seen'],
  [
    'publish-unanswered: what the silent side has sent',
    'publish-unanswered',
    'what was lost was the only sign of an outage',
  ],
  [
    'publish-unanswered: the peer of the silent side',
    'publish-unanswered',
    'what was lost was the only sign of a closed window',
  ],
  [
    'after-disconnect: what the other side sent',
    'publish-qos',
    'it is malformed, and no DISCONNECT is known that it crosses',
  ],
];

interface Talk {
  readonly title: string;
  readonly level: 3 | 4 | 5;
  readonly options?: JudgeOptions | undefined;
  readonly net?: NetChoice | undefined;
  readonly talk: (scene: Scene) => void;
}

const all: readonly Talk[] = [
  ...[...CASES, ...OF_SIDES, ...OF_PACKETS, ...OF_TIMES_AND_LIMITS].map(({ rule, ...rest }) => ({
    title: rule,
    ...rest,
  })),
  ...TWINS.map(({ rule, what, level, choice, talk }) => ({ title: `${rule}: ${what}`, level, ...choice, talk })),
];

const in5 = new Set(all.filter(({ level }) => level === 5).map(({ title }) => title));
/** What both versions share is tried in 5.0 alone: each takes a judgement a frame. */
const tried = all.filter(({ title, level }) => level === 5 || !in5.has(title));

/** Warnings and errors, with the numbers that the frames have in the whole. */
function accusations(frames: readonly Frame[], options: JudgeOptions, place: (index: number) => number): string[] {
  const { findings } = judgeFrames(frames, { ...options, capture: 'auto' });
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, frame }) => `${ruleId.replace('mqtt/', '')} ${place(frame - 1) + 1}`);
}

const used = new Set<string>();
const isExcepted = (title: string, found: string) =>
  EXCEPTIONS.some(([beginning, rule]) => {
    const fits = title.startsWith(beginning) && found.startsWith(`${rule} `);
    if (fits) used.add(beginning);
    return fits;
  });

test.each(tried.map((one, place) => ({ ...one, place })))(
  '$place $title, level $level',
  ({ title, level, options = {}, net, talk, place }) => {
    const stage = scene(level, new MqttNet(net));
    talk(stage);
    const frames = stage.net.frames();
    if (frames.length > LONGEST) return;
    const whole = accusations(frames, options, index => index);
    // An exception is for one frame of its conversation.
    const step = EXCEPTIONS.some(([beginning]) => title.startsWith(beginning)) ? 1 : 3;
    // Nearly all begin with the same TCP handshake: each lacks one frame of it.
    for (const out of [place % HANDSHAKE, ...placesOf(frames.length, step, place, HANDSHAKE)]) {
      const left = frames.filter((_, index) => index !== out);
      const these = accusations(left, options, index => (index < out ? index : index + 1));
      const added = these.filter(one => !whole.includes(one) && !isExcepted(title, one));
      expect({ out: out + 1, added }).toEqual({ out: out + 1, added: [] });
    }
  },
);

test('no exception is made that nobody needs', () => {
  expect([...used].sort()).toEqual(EXCEPTIONS.map(([title]) => title).sort());
});
