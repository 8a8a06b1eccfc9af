/**
 * Each rule of the catalogue is broken alone by a conversation of its own (cases.ts); and what holds for all rules: they can
 * be turned off, and stay silent where the history that they need was not seen.
 */
import { describe, expect, test } from 'vitest';
import filestorage from '../../../dissectors/filestorage/index.ts';
import libipc from '../../../dissectors/libipc/index.ts';
import { first, HANDSHAKE, judge, judgeFrames, talkOf, tally } from '../../kit/filestorage.ts';
import { placesOf } from '../../kit/portion.ts';
import { type BreakingCase, CASES } from './cases.ts';

const { ok, transfer } = first;

/** The rule that a case breaks as the kit prints findings. */
const printed = ({ rule, frame }: BreakingCase) => `${rule.replace('filestorage/', '')} ${frame}`;
/** The text of a message, for a finding that points at part of it. */
function pointedAt({ conversation, frame }: BreakingCase, bytes: { offset: number; length: number }): string {
  const line = conversation[frame - HANDSHAKE - 1].bytes;
  return Buffer.from(line.subarray(bytes.offset, bytes.offset + bytes.length)).toString();
}

test('every rule has a case, and every case a rule', () => {
  const rules = [...filestorage.rules, ...(libipc.framing?.rules ?? [])].map(({ id: rule }) => rule);
  expect(CASES.map(({ rule }) => rule).sort()).toEqual(rules.sort());
});

describe.each(CASES.map((one, turn) => ({ ...one, turn })))('$rule', ({ turn, ...breaking }) => {
  const { rule, severity, conversation, frame, atFault, points, options = {} } = breaking;

  test('is broken alone, at the right place', async () => {
    const found = await judge(conversation, options);
    expect(found.broken).toEqual([printed(breaking)]);
    const [finding] = found.findings;
    expect(finding).toMatchObject({ ruleId: rule, severity, frame, atFault });
    const { bytes } = finding;
    if (points === null) expect(bytes).toBeNull();
    else if (typeof points === 'string') expect(bytes && pointedAt(breaking, bytes)).toBe(points);
    else expect([bytes?.offset, bytes?.length]).toEqual(points);
    expect(tally(found, rule)).toMatchObject({ broken: 1 });
    expect(finding.expected && finding.actual).not.toBe('');
  });

  test('can be turned off', async () => {
    const found = await judge(conversation, { ...options, severities: { [rule]: 'off' } });
    expect(found.broken).toEqual([]);
    expect(tally(found, rule)).toBeUndefined();
  });

  test('is broken at no other place where the capture begins late', async () => {
    const frames = talkOf(conversation).frames();
    for (const missed of placesOf(frames.length, 2, turn, 1)) {
      const { broken } = await judgeFrames(frames.slice(missed), { ...options, mapped: true, midstream: 'auto' });
      const whole = printed({ ...breaking, frame: frame - missed });
      expect({ missed, broken: broken.filter(finding => finding !== whole) }).toEqual({ missed, broken: [] });
    }
  });

  test('is broken at no other place where one of its segments is missing', async () => {
    const frames = talkOf(conversation).frames();
    for (const missing of placesOf(frames.length, 2, turn)) {
      const { broken } = await judgeFrames(frames.toSpliced(missing, 1), { ...options, mapped: true });
      const whole = printed({ ...breaking, frame: frame > missing ? frame - 1 : frame });
      expect({ missing, broken: broken.filter(finding => finding !== whole) }).toEqual({ missing, broken: [] });
    }
  });

  test('is the same finding whether its segments are whole or of one byte', async () => {
    const whole = await judge(conversation, { ...options, mapped: true });
    const cut = await judgeFrames(talkOf(conversation, 1).frames(), { ...options, mapped: true });
    const rules = (judged: typeof whole) =>
      judged.findings.map(({ ruleId, message }) => [ruleId, message.replace(/frame \d+/, '')]);
    expect(rules(cut)).toEqual(rules(whole));
  });
});

describe('where the history was not seen', () => {
  const needsHistory = [...filestorage.rules].filter(({ restsOn }) => restsOn === 'unseen').map(({ id: rule }) => rule);

  test.each(CASES.filter(({ rule }) => needsHistory.includes(rule)))('$rule is inconclusive', async breaking => {
    const frames = talkOf(breaking.conversation).frames().slice(HANDSHAKE);
    const found = await judgeFrames(frames, { ...breaking.options, mapped: true });
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
  });
});

test('a capture that is held to be complete is judged as one', async () => {
  const frames = talkOf([transfer(2), ok(2)])
    .frames()
    .slice(HANDSHAKE);
  expect((await judgeFrames(frames, { mapped: true, midstream: 'never' })).broken).toEqual(['auth-not-first 1']);
});
