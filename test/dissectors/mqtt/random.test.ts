/**
 * Random conversations of MQTT clients with a server, right or with one fault, judged by the engine and by a second reading
 * of the catalogue (model/): the same rules in the same frames, exactly. `MQTT_RANDOM=10000` judges so many of either kind,
 * `MQTT_SEED=7` begins there, `MQTT_RULE=not-resent` breaks that rule alone.
 */
import { describe, expect, it } from 'vitest';
import { Dice } from '../mnet/dice.ts';
import { found } from './found.ts';
import { listing } from './listing.ts';
import { type Broken, judgeCapture } from './model/judge.ts';
import { type Conversation, randomConversation } from './random-conversations.ts';
import { BROKEN_RULES } from './random-faults.ts';

const COUNT = Number(process.env.MQTT_RANDOM ?? 117);
const FIRST_SEED = Number(process.env.MQTT_SEED ?? 1);
const RULES = process.env.MQTT_RULE ? [process.env.MQTT_RULE] : BROKEN_RULES;
const seeds = (count: number) => Array.from({ length: count }, (_, index) => FIRST_SEED + index);
const SEEDS = seeds(COUNT);
/** Without a fault none differs from another by design: a third will do where nobody has asked for more. */
const RIGHT_SEEDS = process.env.MQTT_RANDOM ? SEEDS : seeds(Math.ceil(COUNT / 3));
/** Of a run that somebody has asked for by a number. */
const TIMEOUT = 3_600_000;

const texts = (broken: readonly Broken[]) => broken.map(({ rule, frame }) => `${rule} ${frame}`);

/** What to look at when it fails: a single one in full. */
const story = (seed: number, { rule, segments }: Conversation) =>
  `seed ${seed} ${rule ?? ''}${COUNT === 1 ? `\n${listing(segments)}` : ''}`;

describe('clients and a server that keep the rules', () => {
  it(`are not accused, nor where the capture lacks frames and does not say so, ${RIGHT_SEEDS.length} times`, {
    timeout: TIMEOUT,
  }, () => {
    for (const seed of RIGHT_SEEDS) {
      const conversation = randomConversation(seed);
      const { segments, net } = conversation;
      const frames = net.frames();
      expect(texts(judgeCapture(segments)), `the model, ${story(seed, conversation)}`).toEqual([]);
      expect(texts(found(frames)), story(seed, conversation)).toEqual([]);
      const dice = new Dice(seed);
      const lost = new Set(Array.from({ length: dice.roll(dice.pick([4, 40])) }, () => 1 + dice.roll(frames.length)));
      const left = net.frames().filter(({ number }) => !lost.has(number));
      expect(texts(found(left, 'auto')), `seed ${seed} without ${[...lost]}`).toEqual([]);
    }
  });
});

describe('clients and a server of which one breaks a rule', () => {
  it(`are accused of what the catalogue says, ${COUNT} times`, { timeout: TIMEOUT }, () => {
    const hits = new Set<string>();
    for (const seed of SEEDS) {
      const rule = RULES[seed % RULES.length];
      const conversation = randomConversation(seed, rule);
      const demanded = judgeCapture(conversation.segments);
      for (const broken of demanded) hits.add(broken.rule);
      expect(texts(found(conversation.net.frames())), story(seed, conversation)).toEqual(texts(demanded));
    }
    if (COUNT >= 100 * RULES.length) expect(RULES.filter(rule => !hits.has(rule))).toEqual([]);
  });
});
