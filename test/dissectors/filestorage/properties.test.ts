/** What holds for all conversations and all bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLIENT,
  closing,
  data,
  first,
  id,
  judge,
  judgeFrames,
  type Line,
  later,
  libipc,
  SERVER,
  second,
  talkOf,
} from '../../kit/filestorage.ts';
import { casesOf } from '../../kit/portion.ts';
import { upload } from './endpoints.ts';

const runs = (all: number) => ({ numRuns: casesOf(all), endOnFailure: true });
const sizes = fc.array(fc.nat(2_500), { minLength: 1, maxLength: 4 });

const conversations = fc.tuple(
  fc.constantFrom('2019-12' as const, '2020-01' as const),
  sizes,
  fc.array(fc.boolean(), { minLength: 3, maxLength: 7 }),
);

describe('two correct ends', () => {
  test('are never accused, however their bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, fc.integer({ min: 50, max: 3_000 }), async ([edition, files, refusals], mss) => {
        const lines = upload(edition, files, refusals).map(line => later(0, line));
        const found = await judgeFrames(talkOf(lines, mss).frames());
        expect(found.broken).toEqual([]);
        expect(found.connections.map(({ verdict, state }) => [verdict, state])).toEqual([['conformant', 'CLOSED']]);
      }),
      runs(60),
    );
  });

  test('are never accused where the capture lacks some of their frames', async () => {
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fc.array(fc.nat(100), { maxLength: 6 }),
        async ([edition, files, refusals], lost) => {
          const lines = upload(edition, files, refusals).map(line => later(0, line));
          const frames = talkOf(lines, 500).frames();
          const seen = frames.filter((_, index) => !lost.some(number => number % frames.length === index));
          for (const mapped of [false, true]) expect((await judgeFrames(seen, { mapped })).broken).toEqual([]);
        },
      ),
      runs(100),
    );
  });
});

describe('any messages at all', () => {
  const side = fc.constantFrom(CLIENT, SERVER);
  const number = fc.nat(4);
  const member = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    number.map(id),
    fc.constantFrom('Ok', 'Error', 'Not Ok', [], [{ name: 'a', size: 5 }], 'AAAA'),
  );
  const names = [
    'message-id',
    'mid',
    'token',
    'files',
    'uploads',
    'file',
    'response',
    'responses',
    'chunk',
    'data',
    'filedigest',
  ];
  const object = fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 6 });
  const line: fc.Arbitrary<Line> = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(side, fc.nat(7), object).map(([from, type, value]) => data(from, type, value)) },
    { weight: 2, arbitrary: number.map(n => first.transfer(n)) },
    { weight: 2, arbitrary: number.map(n => first.ok(n)) },
    fc.tuple(side, fc.nat(5), fc.nat(7), fc.uint8Array({ maxLength: 9 })).map(([from, type, user, bytes]) => {
      return { side: from, bytes: libipc(type, user, bytes) };
    }),
    fc.tuple(side, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(([from, bytes]) => ({ side: from, bytes })),
  );
  const beginning = fc.constantFrom(first.authentication(1), second.authentication(1, [{ name: 'a', size: 3 }]));

  test('are read without an exception, and give the same findings in every run and in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(beginning, fc.array(line, { maxLength: 25 }), async (opening, lines) => {
        const said = [opening, ...lines, ...closing].map(each => later(0, each));
        const found = await judge(said);
        expect((await judge(said)).broken).toEqual(found.broken);
        const cut = await judgeFrames(talkOf(said, 3).frames(), { dialect: { answerTimeout: '1000000s' } });
        const whole = await judge(said, { dialect: { answerTimeout: '1000000s' } });
        expect(cut.findings.map(({ ruleId }) => ruleId).sort()).toEqual(
          whole.findings.map(({ ruleId }) => ruleId).sort(),
        );
        expect(whole.report.summary.messages).toBe(cut.report.summary.messages);
      }),
      runs(150),
    );
  });
});
