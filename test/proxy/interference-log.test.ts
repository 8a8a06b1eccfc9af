import { expect, test } from 'vitest';
import { CLIENT, SERVER } from '../../src/proxy/ends.ts';
import { InterferenceLog } from '../../src/proxy/interference-log.ts';
import { type DoneDeed, MOST_DEEDS, MOST_NAMED, MOST_REACTIONS, type Reaction } from '../../src/report/interference.ts';

const DEED: DoneDeed = {
  frame: 1,
  time: { seconds: 1, nanoseconds: 0 },
  connection: 7,
  from: 'a',
  to: 'b',
  messageName: 'DATA',
  deed: 'drop',
  cause: 'drop=5%',
  note: '',
};
const REACTION: Reaction = {
  rule: 'mnet/tag-mismatch',
  cause: 'wrong-tag',
  frame: 1,
  connection: 7,
  reaction: 'closed',
  by: 'b',
  messages: [],
};
/** Connections of the client's view keep their number. */
const numberOf = (side: number, id: number) => (side === CLIENT ? id : id + 100);

test('nothing was done', () => {
  const log = new InterferenceLog();
  expect(log.isEmpty).toBe(true);
  log.done('fault', DEED, CLIENT);
  expect(log.isEmpty).toBe(false);
});

test('deeds are counted by who does them, why and what', () => {
  const log = new InterferenceLog();
  log.done('fault', DEED, CLIENT);
  log.done('fault', { ...DEED, deed: 'delay' }, CLIENT);
  log.done('attack', DEED, CLIENT);
  log.done('fault', DEED, SERVER);
  expect(log.report(undefined, numberOf).faults).toEqual([
    { cause: 'drop=5%', by: 'fault', deed: 'drop', count: 2 },
    { cause: 'drop=5%', by: 'fault', deed: 'delay', count: 1 },
    { cause: 'drop=5%', by: 'attack', deed: 'drop', count: 1 },
  ]);
});

test('connections have the numbers of the report', () => {
  const log = new InterferenceLog();
  const { connection: _, ...unknown } = DEED;
  for (const side of [CLIENT, SERVER] as const) log.done('fault', DEED, side);
  log.done('fault', unknown, SERVER);
  log.reacted(REACTION, SERVER);
  const { seed, deeds, reactions } = log.report(3, numberOf);
  expect(seed).toBe(3);
  expect(deeds.map(({ connection }) => connection)).toEqual([7, 107, undefined]);
  expect(reactions.map(({ connection }) => connection)).toEqual([107]);
});

test('listings are bounded, and counts exact', () => {
  const log = new InterferenceLog();
  for (let time = 0; time < MOST_DEEDS + 5; time++) log.done('fault', DEED, CLIENT);
  for (let time = 0; time < MOST_REACTIONS + 3; time++) log.reacted(REACTION, CLIENT);
  const { faults, deeds, reactions, omitted } = log.report(undefined, numberOf);
  expect([faults[0]?.count, deeds.length, reactions.length]).toEqual([MOST_DEEDS + 5, MOST_DEEDS, MOST_REACTIONS]);
  expect(omitted).toEqual({ deeds: 5, reactions: 3 });
});

test('causes without number are counted together', () => {
  const log = new InterferenceLog();
  for (let time = 0; time < 1_500; time++) log.done('interception', { ...DEED, cause: `drop ${time}` }, CLIENT);
  log.done('interception', { ...DEED, cause: 'drop 0' }, CLIENT);
  const { faults } = log.report(undefined, numberOf);
  expect([faults.length, faults[0]?.count, faults.at(-1)]).toEqual([
    1_001,
    2,
    { cause: 'further causes', by: 'interception', deed: 'drop', count: 500 },
  ]);
});

test('of a reaction the first messages are named', () => {
  const log = new InterferenceLog();
  const messages = Array.from({ length: 20 }, (_, place) => `M${place}`);
  log.reacted({ ...REACTION, messages }, CLIENT);
  expect(log.report(undefined, numberOf).reactions[0]?.messages).toEqual(messages.slice(0, MOST_NAMED));
});
