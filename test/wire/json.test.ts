import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonFault, type JsonFault, type JsonValue, MOST_VALUES, parseJson } from '../../src/wire/json.ts';

function parseBytes(bytes: Uint8Array, depth?: number): JsonValue | JsonFault {
  return parseJson(bytes, 0, bytes.length, depth);
}

function parse(text: string, depth?: number): JsonValue | JsonFault {
  return parseBytes(Buffer.from(text), depth);
}

function soundly(text: string): JsonValue {
  const result = parse(text);
  if (isJsonFault(result)) throw new Error(`${result.reason} at ${result.offset}`);
  return result;
}

function faultOf(text: string | Uint8Array, depth?: number): JsonFault {
  const result = typeof text === 'string' ? parse(text, depth) : parseBytes(text, depth);
  if (!isJsonFault(result)) throw new Error('this is JSON');
  return result;
}

/** The value as JSON.parse gives it: the last of two members with one name counts. */
function plain({ kind, text, members, items }: JsonValue): unknown {
  switch (kind) {
    case 'object': {
      const entries = members.map(({ name, value }) => [name, plain(value)] as const);
      const object: Record<string, unknown> = {};
      for (const [name, value] of entries) Object.defineProperty(object, name, { value, ...PLAIN_PROPERTY });
      return object;
    }
    case 'array':
      return items.map(plain);
    case 'string':
      return text;
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'null':
      return null;
  }
}

const PLAIN_PROPERTY = { enumerable: true, configurable: true, writable: true };

/** All values in a value, itself included. */
function all(value: JsonValue): JsonValue[] {
  return [value, ...value.items.flatMap(all), ...value.members.flatMap(member => all(member.value))];
}

describe('offsets are bytes', () => {
  test('of members and values, behind characters of several bytes and escapes', () => {
    const text = '{"é": "€\\n", "n" : [1, -2.5e3]}';
    const { members } = soundly(text);
    expect(members.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ['é', 1, 4],
      ['n', 16, 3],
    ]);
    expect(members.map(({ value }) => [value.kind, value.offset, value.length])).toEqual([
      ['string', 7, 7],
      ['array', 22, 11],
    ]);
    expect(members[1].value.items.map(({ offset, length, text }) => [offset, length, text])).toEqual([
      [23, 1, '1'],
      [26, 6, '-2.5e3'],
    ]);
  });

  test('count from the start of the text, wherever that is in the buffer', () => {
    const bytes = Buffer.from('xxxx[true]yy');
    expect(parseJson(bytes, 4, 10)).toMatchObject({ kind: 'array', offset: 0, length: 6 });
    expect(parseJson(bytes.subarray(3), 1, 7)).toMatchObject({ kind: 'array', offset: 0, length: 6 });
  });

  test('the bytes of every value are its own text', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), text => {
        const bytes = Buffer.from(text);
        for (const value of all(soundly(text))) {
          const own = bytes.subarray(value.offset, value.offset + value.length).toString();
          expect(JSON.parse(own)).toEqual(plain(value));
        }
      }),
    );
  });
});

describe('nothing is lost', () => {
  test.each(['18446744073709551615', '18446744073709551616', '-0', '1.50', '1E400', '0.1e-2'])(
    'the number %s stays as it was written',
    number => {
      expect(soundly(`[${number}]`).items[0]).toMatchObject({ kind: 'number', text: number });
    },
  );

  test('members that appear twice are both there', () => {
    expect(soundly('{"a":1,"b":2,"a":3}').members.map(({ name, value }) => [name, value.text])).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
  });

  test('members named like what every object has', () => {
    expect(soundly('{"__proto__":1,"constructor":2}').members.map(({ name }) => name)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });

  test('a name with escapes is decoded', () => {
    expect(soundly('{"m\\u0069d":1}').members[0]).toMatchObject({ name: 'mid', length: 10 });
  });

  test('all escapes, a lone surrogate among them', () => {
    expect(soundly('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\ud83d"').text).toBe(
      '"\\/\b\f\n\r\té\u{1f600}\ud83d',
    );
  });

  test('blanks of all four kinds may stand anywhere between', () => {
    expect(plain(soundly(' \t\r\n{ "a"\n:\t[ 1\r,\n2 ] } \n'))).toEqual({ a: [1, 2] });
  });

  test.each<[situation: string, string: string, text: string]>([
    ['a backslash at the end', '"a\\\\"', 'a\\'],
    ['a quote at the end', '"a\\""', 'a"'],
    ['a backslash and a quote', '"\\\\\\""', '\\"'],
    ['escapes among characters of several bytes', '"é\\n€\\u0062"', 'é\n€b'],
  ])('a string with %s ends where it ends', (_situation, string, text) => {
    expect(soundly(`[${string},"next"]`).items.map(each => each.text)).toEqual([text, 'next']);
    expect(soundly(`{${string}:1,"next":2}`).members.map(({ name }) => name)).toEqual([text, 'next']);
  });

  test('a string of many bytes, and one with escapes beside it', () => {
    const long = 'x'.repeat(70_000);
    expect(soundly(`["${long}", "a\\n\\u0062"]`).items.map(({ text }) => text)).toEqual([long, 'a\nb']);
  });
});

describe('what is no JSON says where and why', () => {
  test.each<[situation: string, text: string, offset: number]>([
    ['nothing', '', 0],
    ['blanks only', '  ', 2],
    ['two values', '{} {}', 3],
    ['a trailing comma in an object', '{"a":1,}', 7],
    ['a trailing comma in an array', '[1,]', 3],
    ['a comma first', '[,1]', 1],
    ['no comma', '[1 2]', 3],
    ['no colon', '{"a" 1}', 5],
    ['no value', '{"a":}', 5],
    ['a name without quotes', '{a:1}', 1],
    ['the wrong end', '[1}', 2],
    ['no end', '{"a":[1', 7],
    ['a line comment', '[1] // one', 4],
    ['a comment', '[/* one */1]', 1],
    ['a comment that does not end', '[/*', 1],
    ['a string that does not end', '["abc', 1],
    ['a line feed in a string', '["a\nb"]', 1],
    ['a control character in a string', '["a\u0001b"]', 1],
    ['an escape that is none', '["\\x"]', 1],
    ['an escape that is none behind one that is', '["a","\\n\\x","b"]', 5],
    ['a control character behind an escape', '["a","\\n\u0001"]', 5],
    ['a string whose only quote is escaped', '["a","b\\"]', 5],
    ['an escape with too few digits', '["\\u12"]', 1],
    ['a leading zero', '[01]', 2],
    ['a plus sign', '[+1]', 1],
    ['a fraction without digits', '[1.]', 1],
    ['an exponent without digits', '[1e]', 1],
    ['a minus alone', '[-]', 1],
    ['not a number', '[NaN]', 1],
    ['a word in capitals', '[True]', 1],
    ['single quotes', "['a']", 1],
    ['a byte order mark', '\ufeff{}', 0],
    ['a no-break space', '[1\u00a0]', 2],
  ])('%s', (_situation, text, offset) => {
    expect(faultOf(text)).toMatchObject({ offset, judged: true });
  });

  test.each<[situation: string, hex: string, offset: number]>([
    ['a stray byte', '7b22 61ff', 3],
    ['a character cut short', '22e2 82', 1],
    ['a surrogate in UTF-8', '22ed a080 22', 1],
    ['an overlong zero', '2222 c080', 2],
    ['continuation bytes only', '8080 8080 8080', 0],
    ['behind a character of four bytes and one of one', 'f09f9880 61 ff 62', 5],
    ['behind sound characters', `22${'c3a9'.repeat(50)}c3${'61'.repeat(50)}22`, 101],
  ])('bytes that are not UTF-8: %s', (_situation, hex, offset) => {
    expect(faultOf(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toMatchObject({ offset, judged: true });
  });
});

test('the first byte that is not UTF-8 is found wherever it stands', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 8 }), (text, tail) => {
      const head = Buffer.from(text);
      const result = parseBytes(Buffer.concat([head, Buffer.from([0xff]), tail]));
      expect(result).toMatchObject({ offset: head.length, reason: 'these bytes are not UTF-8' });
    }),
    { numRuns: 500 },
  );
});

describe('the same texts as JSON.parse, and no others', () => {
  const accepts = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  test('of any JSON the same value', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary', maxDepth: 8 }), text => {
        expect(plain(soundly(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  const fragment = fc.constantFrom(...'{}[],:"\\/*0123456789-+.eEutrfnals \t\n\r\u0000\u001f\u007fé'.split(''));
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(2), insert: fc.array(fragment, { maxLength: 3 }) });

  test('of JSON that was tampered with, the same verdict', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.array(edit, { minLength: 1, maxLength: 3 }), (json, edits) => {
        let units = [...json];
        for (const { at, remove, insert } of edits) units = units.toSpliced(at % (units.length + 1), remove, ...insert);
        const text = Buffer.from(units.join('')).toString();
        const result = parse(text);
        expect(isJsonFault(result)).toBe(!accepts(text));
        if (!isJsonFault(result)) expect(plain(result)).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('of any characters of JSON, the same verdict', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), units => {
        const text = units.join('');
        expect(isJsonFault(parse(text))).toBe(!accepts(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test('any bytes give a value or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const result = parseBytes(bytes);
        const text = Buffer.from(bytes).toString();
        const isText = Buffer.from(text).equals(bytes);
        expect(isJsonFault(result)).toBe(!(isText && accepts(text)));
      }),
    );
  });
});

describe('bounds', () => {
  test('as deep as allowed is judged, deeper is not', () => {
    expect(isJsonFault(parse('[[[1]]]', 3))).toBe(false);
    expect(faultOf('[[[[1]]]]', 3)).toMatchObject({ offset: 3, judged: false });
    expect(faultOf('{"a":{"b":[{}]}}', 3)).toMatchObject({ offset: 11, judged: false });
  });

  test('siblings are not deep', () => {
    expect(isJsonFault(parse('[[1],[2],[[3]]]', 3))).toBe(false);
  });

  test('a fault before the bound is a fault', () => {
    expect(faultOf('[1 [[[[', 2)).toMatchObject({ offset: 3, judged: true });
  });

  test('a million brackets are not judged, and take no stack', () => {
    expect(faultOf('['.repeat(1_000_000))).toMatchObject({ offset: 64, judged: false });
  });

  test('too many values are not judged', () => {
    expect(faultOf(`[${'0,'.repeat(MOST_VALUES - 1)}0]`)).toMatchObject({ judged: false });
    expect(isJsonFault(parse(`[${'0,'.repeat(MOST_VALUES - 2)}0]`))).toBe(false);
  });

  test('a megabyte of blanks, of escapes, of digits', () => {
    expect(plain(soundly(`${' '.repeat(1_000_000)}1`))).toBe(1);
    expect(soundly(`"${'\\n'.repeat(500_000)}"`).text).toHaveLength(500_000);
    expect(soundly('1'.repeat(1_000_000)).text).toHaveLength(1_000_000);
  });

  test('a string of escapes that does not end, or ends in one that is none', () => {
    expect(faultOf(`"${'\\"'.repeat(500_000)}`)).toMatchObject({ offset: 0, judged: true });
    expect(faultOf(`"${'\\\\'.repeat(500_000)}\\x"`)).toMatchObject({ offset: 0, judged: true });
  });

  test('as many escapes as 64 KiB can hold', () => {
    expect(soundly(`"${'\\n'.repeat(32_700)}"`).text).toHaveLength(32_700);
  });
});

test('a value does not change when the bytes do', () => {
  const bytes = Buffer.from('{"mid":"abc"}');
  const value = parseBytes(bytes) as JsonValue;
  bytes.fill(0x20);
  expect(value.members[0].value.text).toBe('abc');
});
