/** A framing that breaks its contract is no peer's fault: the run ends, and says whose framing it was. */
import { describe, expect, test } from 'vitest';
import { FramingFault } from '../../src/framing/fault.ts';
import { type Framing, MALFORMED, MORE } from '../../src/framing/framing.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { lineFraming, varintFraming } from '../../src/sdk.ts';
import { run } from '../../src/testkit/engine.ts';
import { Traffic } from '../../src/testkit/traffic.ts';
import { recorder } from '../kit/recorder.ts';
import { contents } from './cutting.ts';

const answering = (answer: unknown): Framing => ({ ...varintFraming(), id: 'odd', lengthOf: () => answer as number });

describe('lengthOf that answers', () => {
  test.each([
    ['NaN', Number.NaN, 'NaN, which is neither a length in whole bytes nor MORE nor MALFORMED'],
    ['a fraction', 2.5, '2.5, which is neither'],
    ['a negative number', -2, '-2, which is neither'],
    ['infinity', Number.POSITIVE_INFINITY, 'Infinity, which is neither'],
    ['more than 2^53', 2 ** 53, '9007199254740992, which is neither'],
    ['nothing', undefined, 'undefined, which is neither'],
    ['a text', '4', 'a string, which is neither'],
    ['a bigint', 4n, '4n, which is neither'],
  ])('%s', (_, answer, words) => {
    const cutting = () => contents(['0102 03'], { framing: answering(answer) });
    expect(cutting).toThrow(FramingFault);
    expect(cutting).toThrow(`framing odd of protocol toy: lengthOf answers ${words}`);
    expect(cutting).toThrow('at 010203');
  });

  test('less than its head', () => {
    const framing = { ...answering(1), headLength: 2 };
    expect(() => contents(['0102'], { framing })).toThrow('answers 1, which is less than its headLength of 2, at 0102');
  });

  test('a length that had come when it asked for more', () => {
    const framing: Framing = { ...varintFraming(), lengthOf: (_, at, end) => (end - at < 3 ? MORE : 2) };
    expect(() => contents(['01', '02', '03'], { framing })).toThrow(
      'answers 2, and had asked for more with 2 bytes there',
    );
  });

  test('MALFORMED without a rule for it', () => {
    const framing: Framing = { ...LENGTH_16, lengthOf: () => MALFORMED };
    expect(() => contents(['0102'], { framing })).toThrow('answers MALFORMED, and the framing has no rule `malformed`');
  });

  test('nothing, and throws', () => {
    const framing: Framing = {
      ...LENGTH_16,
      lengthOf: () => {
        throw new TypeError('no such byte\nor so');
      },
    };
    expect(() => contents(['0102'], { framing })).toThrow(
      /^framing length16 of protocol toy: lengthOf throws TypeError: no such byte, at 0102$/,
    );
  });
});

test.each([[-2], [7], [Number.NaN], [0.5]])('a beginning at %s', answer => {
  const framing: Framing = { ...lineFraming({ end: 'lf' }), beginning: () => answer };
  expect(() => contents(['61', 3, '6162'], { framing })).toThrow(
    `framing lines-lf of protocol toy: beginning answers ${answer}, not -1 or an offset from 0 to 2, at 6162`,
  );
});

describe('in a run', () => {
  function running(framing: Framing): () => void {
    const traffic = new Traffic();
    traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client('01 aa').close();
    const protocol = recorder([], { carriers: [{ transport: 'tcp', framing }], recogniseStream: () => 'yes' });
    return () => run([protocol], [[...traffic.frames()]]);
  }

  test('what it hides makes no sense', () => {
    expect(running({ ...varintFraming(), hiddenOf: () => Number.NaN })).toThrow(
      'framing varint of protocol recorder: hiddenOf answers NaN, not 0 to 4',
    );
    expect(running({ ...varintFraming(), hiddenAtEnd: 1, hiddenAtEndOf: () => 2 })).toThrow(
      'framing varint of protocol recorder: hiddenAtEndOf answers 2, not 0 to 1',
    );
  });

  test('the length is none', () => {
    expect(running(answering(Number.NaN))).toThrow(FramingFault);
  });
});
