/** What each ready framing cuts out of a stream. */
import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/framing/framing.ts';
import { READY } from '../../src/framing/ready.ts';
import { lengthFraming, lineFraming, recordFraming, varintFraming } from '../../src/sdk.ts';
import { contents } from './cutting.ts';

const named = (name: string): Framing => READY.find(({ id }) => id === name)!;
const text = (line: string) => Buffer.from(line, 'latin1').toString('hex');

describe('a length of fixed size', () => {
  test.each([
    ['length8', '02aabb 00 01cc', ['02aabb', '00', '01cc']],
    ['length16', '0002aabb 0000', ['0002aabb', '0000']],
    ['length24', '000002aabb 000001cc', ['000002aabb', '000001cc']],
    ['length32', '00000002aabb', ['00000002aabb']],
    ['length16-le', '0200aabb', ['0200aabb']],
    ['length24-le', '020000aabb', ['020000aabb']],
    ['length32-le', '02000000aabb', ['02000000aabb']],
  ])('%s', (name, stream, messages) => {
    expect(contents([stream], { framing: named(name) })).toEqual(messages);
  });

  test('of four bytes counts beyond 2 GiB', () => {
    expect(contents(['ffffffff aa'], { framing: named('length32') })).toEqual(['too long ffffffffaa/4294967299']);
  });

  test('among what the message begins with', () => {
    // Type, length of what follows, payload.
    const framing = lengthFraming({ bytes: 2, offset: 1 });
    expect(contents(['07 0002 aabb 08 0000'], { framing })).toEqual(['070002aabb', '080000']);
    expect([framing.hidden, framing.title]).toEqual([0, 'a length of 2 bytes at byte 1 of each message']);
  });

  test('that counts the whole message', () => {
    const framing = lengthFraming({ bytes: 2, uncounted: 0 });
    expect(contents(['0004aabb 0002'], { framing })).toEqual(['0004aabb', '0002']);
  });

  test('that counts the whole message, and says that it is shorter than itself', () => {
    const framing = lengthFraming({ bytes: 2, uncounted: 0 });
    expect(contents(['0004aabb 0001 0003cc'], { framing })).toEqual(['0004aabb', 'malformed 0001']);
    expect(framing.rules.map(({ id }) => id)).toContain('framing/malformed');
  });

  test('that does not count a head of 8 bytes', () => {
    const framing = lengthFraming({ bytes: 2, uncounted: 8 });
    expect(contents(['0001 000000000000 ff'], { framing })).toEqual(['0001000000000000ff']);
  });

  test.each([
    ['bytes', { bytes: 5 as 4 }, 'bytes is 5; it is a whole number from 1 to 4'],
    ['hidden', { bytes: 2, hidden: 3 } as const, 'hidden is 3; it is a whole number from 0 to 2'],
    [
      'longest',
      { bytes: 2, longest: 2 ** 32 } as const,
      `longest is ${2 ** 32}; it is a whole number from 2 to ${2 ** 32 - 1}`,
    ],
    ['offset', { bytes: 2, offset: 0.5 } as const, 'offset is 0.5; it is a whole number from 0 to 65535'],
  ])('is not made of wrong %s', (_, options, problem) => {
    expect(() => lengthFraming(options)).toThrow(problem);
  });
});

describe('a length of variable size', () => {
  test.each([
    ['of one byte', '02aabb 00', ['02aabb', '00']],
    ['of two bytes', `8001${'ee'.repeat(128)}`, [`8001${'ee'.repeat(128)}`]],
    ['of two bytes where one would do', '8000', ['8000']],
    ['of the most bytes', 'ffffff7f', ['too long ffffff7f/268435459']],
    ['of more bytes than there may be', '01aa ffffffff 7f', ['01aa', 'malformed ffffffff']],
  ])('%s', (_, stream, messages) => {
    expect(contents([stream], { framing: named('varint') })).toEqual(messages);
  });

  test('behind the first byte, as in MQTT, with the head in view', () => {
    const framing = varintFraming({ offset: 1 });
    expect(contents(['c000 30 03 000161 d000'], { framing })).toEqual(['c000', '3003000161', 'd000']);
    expect([framing.hidden, framing.headLength]).toEqual([0, 2]);
  });

  test('LEB128 has five bytes', () => {
    const framing = named('leb128');
    expect(contents(['8080808000'], { framing })).toEqual(['8080808000']);
    expect(contents(['808080808000'], { framing })).toEqual(['malformed 8080808080']);
  });

  test('hides as many bytes as it has', () => {
    const { hiddenOf } = named('varint');
    const hidden = (...bytes: number[]) => hiddenOf?.(Uint8Array.from([0xff, ...bytes]), 1, bytes.length);
    expect([
      hidden(0x05, 0xaa),
      hidden(0x80, 0x01, 0xaa),
      hidden(0x80),
      hidden(),
      hidden(255, 255, 255, 255, 255),
    ]).toEqual([1, 2, 1, 0, 4]);
  });
});

describe('lines', () => {
  test.each([
    ['lines-crlf', 'a\r\nb\nc\rd\r\n\r\n', ['a\r\n', 'b\nc\rd\r\n', '\r\n']],
    ['lines-lf', 'a\r\n\nb\n', ['a\r\n', '\n', 'b\n']],
    ['lines', 'a\r\nb\n\n\r\n', ['a\r\n', 'b\n', '\n', '\r\n']],
  ])('%s', (name, stream, lines) => {
    expect(contents([text(stream)], { framing: named(name) })).toEqual(lines.map(text));
  });

  test('an LF is no end of a line whose CR belongs to the one before', () => {
    expect(contents([text('a\r\n\nb\r\n')], { framing: named('lines-crlf') })).toEqual([
      text('a\r\n'),
      text('\nb\r\n'),
    ]);
  });

  test('a line that is too long is said once, and the next one is found', () => {
    const framing = lineFraming({ end: 'lf', longest: 4 });
    expect(contents([text('ab\nabcdef\ncd\n')], { framing })).toEqual([
      text('ab\n'),
      `too long ${text('abcd')}/0`,
      text('cd\n'),
    ]);
  });

  test('of exactly the longest there may be', () => {
    const framing = lineFraming({ end: 'crlf', longest: 4 });
    expect(contents([text('ab\r\nabc\r\nde\r\n')], { framing })).toEqual([
      text('ab\r\n'),
      `too long ${text('abc\r')}/0`,
      text('de\r\n'),
    ]);
  });

  test('behind a loss the first whole one is found, and a CR that was lost ends none', () => {
    const framing = named('lines-crlf');
    expect(contents([text('a\r\nb'), 2, text('\nc\r\nd\r\n')], { framing })).toEqual([
      text('a\r\n'),
      'lost',
      text('d\r\n'),
    ]);
  });

  test('that a stream ends in', () => {
    expect(contents([text('a\nb'), 'end'], { framing: named('lines') })).toEqual([text('a\n'), 'truncated 1 of 0']);
  });
});

test('records of one size', () => {
  expect(contents(['aabbcc dd', 'eeff 00'], { framing: recordFraming(3) })).toEqual(['aabbcc', 'ddeeff']);
});

test('each ready framing has a name of its own', () => {
  const names = READY.map(({ id }) => id);
  expect(names).toEqual([...new Set(names)]);
});
