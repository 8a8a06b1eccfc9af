/**
 * Rules are asked about a DATA only where something is remarkable about it. That must not change what comes out: here the
 * same traffic is judged with every rule asked about every message, and both reports must be the same.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import mnet from '../../../dissectors/mnet/index.ts';
import { openBytes } from '../../../src/capture/open.ts';
import { type JudgeOptions, judge, judgeCapture, type Line, parties } from '../../kit/mnet.ts';
import { casesOf } from '../../kit/portion.ts';

const asking = { ...mnet, rules: mnet.rules.map(({ when: _, otherwise: __, ...rule }) => rule) };
const everywhere: JudgeOptions = { engine: { protocols: [asking] } };

describe.each(['echo-small', 'echo-large', 'lossy', 'faults'])('%s', name => {
  test('gives the same report', async () => {
    const bytes = readFileSync(new URL(`../../../fixtures/mnet/${name}.pcap`, import.meta.url));
    const ordinary = await judgeCapture(await openBytes(bytes));
    const asked = await judgeCapture(await openBytes(bytes), everywhere);
    expect(ordinary.report).toEqual(asked.report);
  });
});

test('sessions of any messages in any order give the same report', () => {
  const { C, L } = parties();
  const count = fc.constantFrom(0, 1, 39, 40, 41, 80, 0xffff_fff0, 0x8000_0000);
  const party = fc.constantFrom(C, L);
  const tag = fc.constantFrom(C.tag, C.tag, L.tag, 0x123456);
  const message: fc.Arbitrary<Line> = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(C.init(), L.cookie(), C.echo(), L.cookieAck()) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(party, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), count)
        .map(([who, first, more, acknowledged]) => who.data(first * 40, (first + more) * 40, acknowledged)),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(party, count, count, tag, fc.integer({ min: 0, max: 60 }))
        .map(([who, sequence, acknowledged, own, length]) =>
          who.data(0, 40, acknowledged, { sequence, tag: own, length }),
        ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(party, count).map(([who, acknowledged]) => who.shutdown(acknowledged)),
    },
    { weight: 1, arbitrary: fc.constantFrom(L.shutdownAck(), C.shutdownComplete(), C.abort(), L.cookie({ tag: 7 })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(C.echo({ tag: 7 }), C.raw(Uint8Array.of(0, 1)), L.raw(Uint8Array.of(9, 1, 1, 1))),
    },
  );
  const opened = [C.init(), L.cookie(), C.echo(), L.cookieAck()];
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), fc.boolean(), (lines, whole) => {
      const conversation = whole ? [...opened, ...lines] : lines;
      const options: JudgeOptions = { mapped: true, readings: true };
      expect(judge(conversation, options).report).toEqual(judge(conversation, { ...options, ...everywhere }).report);
    }),
    { numRuns: casesOf(400) },
  );
});
