/** A carrier that keeps the beginning of long messages: their heads are judged, and nobody is blamed or doubted for the rest. */
import { describe, expect, test } from 'vitest';
import { type Carrier, lengthFraming } from '../../src/sdk.ts';
import { run } from '../../src/testkit/engine.ts';
import { Traffic } from '../../src/testkit/traffic.ts';
import { Message } from '../../src/wire/message.ts';
import { fieldTree } from '../../src/wire/tree.ts';
import { historyOf } from '../kit/history.ts';
import { word } from '../kit/word.ts';

const BODY = 'ab'.repeat(3_000);
const carrier: Carrier = { transport: 'tcp', framing: lengthFraming({ bytes: 4, longest: 2 ** 32 - 1 }), keep: 4 };
const protocol = { ...word, carriers: [carrier], recogniseStream: () => 'yes' as const };

/** Two words of the client's, the first of 3,000 bytes, in segments of `cut` bytes. */
function traffic(cut: number): Traffic {
  const traffic = new Traffic();
  traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client(`00000bb8 ${BODY} 00000002 6869`, { cut }).close();
  return traffic;
}

describe.each([1, 7, 1_460, 10_000])('in segments of %i bytes', cut => {
  test('comes as one message of its true length, and the next one is whole', () => {
    const seen: unknown[] = [];
    const report = run([protocol], [[...traffic(cut).frames()]], {
      onMessage: ({ message, layout }) =>
        seen.push([
          message.length,
          Buffer.from(message.copy()).toString('hex'),
          message.skipped,
          fieldTree(message, layout!).map(({ display }) => display),
        ]),
    });
    expect(seen).toEqual([
      [3_000, 'abababab', true, ['abababab (2996 bytes not kept)']],
      [2, '6869', false, ['hi']],
    ]);
    expect([report.findings, report.summary.inconclusive, report.summary.verdict]).toEqual([[], 0, 'conformant']);
  });

  test('is the same when it is looked at again', async () => {
    const { history, bytes } = await historyOf(traffic(cut).pcap(), { protocols: [protocol] });
    const again = [0, 1].map(number => history.recall(number, bytes).message);
    expect(again.map(({ length, captured, skipped }) => [length, captured, skipped])).toEqual([
      [3_000, 4, true],
      [2, 2, false],
    ]);
    expect(Buffer.from(again[0]!.copy()).toString('hex')).toBe('abababab');
  });
});

test('a line is held to its end, and shown as far as it is kept', () => {
  const lines = { ...protocol, carriers: [{ transport: 'tcp', framing: 'lines', keep: 4 }] as const };
  for (const cut of [1, 5, 100]) {
    const traffic = new Traffic();
    // "abcdefgh" CR LF, "hi" LF
    traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client('6162636465666768 0d0a 6869 0a', { cut }).close();
    const seen: unknown[] = [];
    run([lines], [[...traffic.frames()]], {
      onMessage: ({ message: { length, captured, skipped } }) => seen.push([length, captured, skipped]),
    });
    expect(seen).toEqual([
      [8, 4, true],
      [2, 2, false],
    ]);
  }
});

test('bytes that the capture lost before what is kept are lost, and not skipped', () => {
  const traffic = new Traffic();
  traffic
    .connect('10.0.0.1:40000', '10.0.0.2:7000')
    .client('00000bb8 ab')
    .client('abab', { captured: false })
    .client(BODY.slice(6))
    .close();
  const seen: unknown[] = [];
  run([protocol], [[...traffic.frames()]], {
    onMessage: ({ message }) => seen.push([message.captured, message.skipped]),
  });
  expect(seen).toEqual([[1, false]]);
});

test('a field that is cut by the capture says so, as ever', () => {
  const message = new Message();
  message.assign(Uint8Array.of(1, 2), 0, 10, 2);
  expect(fieldTree(message, word.layouts[0]!).map(({ display }) => display)).toEqual([
    '0102 (2 of 10 bytes: the capture holds no more)',
  ]);
});
