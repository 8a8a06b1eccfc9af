import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  bitField,
  bits,
  bytes,
  custom,
  type FieldSpec,
  flag,
  group,
  id,
  json,
  optional,
  properties,
  type Reader,
  repeated,
  text,
  tlvs,
  uint,
  type ValuesOf,
  varint,
  when,
} from '../../src/wire/fields.ts';
import { formOf } from '../../src/wire/form.ts';
import { type Field, type Layout, layoutOf, type Scope } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { type FieldNode, fieldTree } from '../../src/wire/tree.ts';
import { CONNECT, PUBACK, PUBLISH, SUBSCRIBE } from './mqtt.ts';

const HEAD = { code: 1, meaning: 'm', clause: '1' };
const layout = <const Specs extends readonly FieldSpec[]>(...specs: Specs) => layoutOf('M', HEAD, specs);

/** The message in hex, of which so many bytes were captured, among other bytes. */
function message(hex: string, captured = Number.POSITIVE_INFINITY): Message {
  const own = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const view = new Message();
  view.assign(Buffer.concat([Buffer.from('ffff', 'hex'), own, Buffer.alloc(8, 0xff)]), 2, own.length, captured);
  return view;
}

/** `topic=a/b@2+5`: what is read of each field that is there, and where it lies; `?` for one that is cut. */
function read(view: Message, { rows }: Scope): string {
  const told = (field: Field): string[] => {
    const range = view.range(field);
    const at = range ? `@${range.offset}+${range.length}` : '';
    const own = view.has(field)
      ? [`${field.name}=${view.value(field) ?? ''}${at}`]
      : range
        ? [`${field.name}=?${at}`]
        : [];
    return [...own, ...[...field.parts, ...field.members].flatMap(told)];
  };
  return rows.flatMap(told).join(' ');
}

/** `fits`, or `short topic 2`. */
function form(view: Message, of: Layout): string {
  const found = formOf(view, of);
  return found.fits ? 'fits' : `${found.fault} ${found.field?.name} ${found.offset}`;
}

const lines = (nodes: readonly FieldNode[], depth = 0): string[] =>
  nodes.flatMap(({ title, display, children = [] }) => [
    `${'  '.repeat(depth)}${title}: ${display}`,
    ...lines(children, depth + 1),
  ]);

describe('a field of no fixed length', () => {
  test.each<[situation: string, of: Layout, hex: string, expected: string]>([
    ['a length of one byte', layout(text('a', { prefix: 1 }), uint('b', 1)), '02 6869 07', 'a=hi@0+3 b=7@3+1'],
    ['a length of two', layout(text('a', { prefix: 2 }), uint('b', 1)), '0002 6869 07', 'a=hi@0+4 b=7@4+1'],
    ['a length of four', layout(bytes('a', { prefix: 4 }), uint('b', 1)), '00000001 aa 07', 'a=aa@0+5 b=7@5+1'],
    ['a variable length', layout(bytes('a', { prefix: 'varint' }), uint('b', 1)), '01 aa 07', 'a=aa@0+2 b=7@2+1'],
    ['nothing in it', layout(text('a', { prefix: 2 }), uint('b', 1)), '0000 07', 'a=@0+2 b=7@2+1'],
    [
      'its length in a field',
      layout(uint('n', 1), uint('x', 1), bytes('a', { lengthIn: 'n' }), uint('b', 1)),
      '02 05 aabb 07',
      'n=2@0+1 x=5@1+1 a=aabb@2+2 b=7@4+1',
    ],
    [
      'a length that counts more',
      layout(uint('n', 1), bytes('a', { lengthIn: 'n', minus: 1 }), uint('b', 1)),
      '03 aabb 07',
      'n=3@0+1 a=aabb@1+2 b=7@3+1',
    ],
    ['a mark', layout(text('a', { until: '\0' }), uint('b', 1)), '6869 00 07', 'a=hi@0+3 b=7@3+1'],
    ['a mark of two', layout(text('a', { until: '\r\n' }), uint('b', 1)), '68 0d 69 0d0a 07', 'a=h\ri@0+5 b=7@5+1'],
    [
      'JSON of so many bytes',
      layout(json('a', { size: { prefix: 1 } }), uint('b', 1)),
      '02 7b7d 07',
      'a={}@0+3 b=7@3+1',
    ],
    ['a variable integer', layout(varint('a'), uint('b', 1)), 'ffffff7f 07', 'a=268435455@0+4 b=7@4+1'],
    [
      'LEB128 of 64 bits',
      layout(varint('a', { form: 'leb128' }), uint('b', 1)),
      'ffffffffffffffffff01 07',
      'a=18446744073709551615@0+10 b=7@10+1',
    ],
    [
      'wide integers behind it',
      layout(text('a', { prefix: 1 }), uint('b', 8), uint('c', 8, { littleEndian: true }), id('d', 8)),
      '00 ffffffffffffffff 0100000000000000 0000000000000001',
      'a=@0+1 b=18446744073709551615@1+8 c=1@9+8 d=0000000000000001@17+8',
    ],
    [
      'a kind of its own',
      layout(
        custom('a', { measure: (all, at) => all[at] + 1, text: (_, at, end) => `${end - at} bytes`, words: '1 + n' }),
        uint('b', 1),
      ),
      '02 aabb 07',
      'a=3 bytes@0+3 b=7@3+1',
    ],
  ])('with %s', (_situation, of, hex, expected) => {
    expect(read(message(hex), of)).toBe(expected);
    expect(form(message(hex), of)).toBe('fits');
  });

  test('has its length in the order of the message, or in its own', () => {
    const of = layout(text('a', { prefix: 2 }), text('b', { prefix: 2 }, { littleEndian: false }));
    const view = message('0100 61 0001 62');
    view.littleEndian = true;
    expect(read(view, of)).toBe('a=a@0+3 b=b@3+3');
  });

  test('its content is what lies between its length and its end', () => {
    const of = layout(text('a', { prefix: 2 }), text('b', { until: '\r\n' }));
    const view = message('0002 6869 68 0d0a');
    expect([view.content(of.fields.a), view.content(of.fields.b)]).toEqual([
      { offset: 2, length: 2 },
      { offset: 4, length: 1 },
    ]);
  });
});

describe('bits of an integer', () => {
  const of = layout(
    bits('flags', 2, [flag('high', 15), bitField('qos', 1, 2, { 1: 'at least once' }), flag('retain', 0)]),
    uint('b', 1),
  );

  test('are fields of the message', () => {
    expect(read(message('8003 07'), of)).toBe('flags=32771@0+2 high=1@0+2 qos=1@0+2 retain=1@0+2 b=7@2+1');
  });

  test('follow the order of the integer', () => {
    const view = message('0380 07');
    view.littleEndian = true;
    expect([view.uint(of.fields.high), view.uint(of.fields.qos)]).toEqual([1, 1]);
  });

  test('are there when it is', () => {
    expect(message('80').has(of.fields.qos)).toBe(false);
    expect(message('8003 07', 1).has(of.fields.qos)).toBe(false);
  });

  test('all 32 of them', () => {
    const all = layout(bits('word', 4, [bitField('all', 0, 32), bitField('low', 0, 31), flag('top', 31)]));
    const view = message('ffffffff');
    expect(Object.values(all.fields).map(field => view.uint(field))).toEqual([0xffffffff, 0xffffffff, 0x7fffffff, 1]);
  });

  test('leave a message as short as it was', () => {
    expect([form(message('8003 07'), of), form(message('8003 07 00'), of), form(message('8003'), of)]).toEqual([
      'fits',
      'left b 3',
      'short b 2',
    ]);
  });

  test('stand below it in the tree', () => {
    expect(lines(fieldTree(message('0003 07'), of))).toEqual([
      'Flags: 0x0003',
      '  High: 0',
      '  Qos: at least once (1)',
      '  Retain: 1',
      'B: 7',
    ]);
  });
});

describe('a field that may be absent', () => {
  const conditional = layout(
    uint('level', 1),
    when('level', [4, 5], text('a', { prefix: 1 })),
    when('level', level => level > 4, uint('b', 1)),
    uint('c', 1),
  );

  test.each([
    ['03 07', 'level=3@0+1 c=7@1+1'],
    ['04 0161 07', 'level=4@0+1 a=a@1+2 c=7@3+1'],
    ['05 0161 06 07', 'level=5@0+1 a=a@1+2 b=6@3+1 c=7@4+1'],
  ])('on a condition: %s', (hex, expected) => {
    expect(read(message(hex), conditional)).toBe(expected);
    expect(form(message(hex), conditional)).toBe('fits');
  });

  test('depends on one that is itself absent: then it is, too', () => {
    const of = layout(uint('a', 1), when('a', 1, uint('b', 1)), when('b', 1, uint('c', 1)), uint('d', 1));
    expect(read(message('00 07'), of)).toBe('a=0@0+1 d=7@1+1');
  });

  test.each([
    ['0001', 'a=1@0+2', 'fits'],
    ['0001 02', 'a=1@0+2 b=2@2+1', 'fits'],
    ['0001 02 0161', 'a=1@0+2 b=2@2+1 c=a@3+2', 'fits'],
    ['0001 02 0261', 'a=1@0+2 b=2@2+1', 'length c 3'],
  ])('at the end of the message: %s', (hex, expected, fits) => {
    const of = layout(uint('a', 2), optional(uint('b', 1)), optional(text('c', { prefix: 1 })));
    expect(read(message(hex), of)).toBe(expected);
    expect(form(message(hex), of)).toBe(fits);
  });
});

describe('a group', () => {
  const of = layout(
    uint('n', 1),
    group('g', [uint('a', 1), optional(uint('b', 1))], { size: { lengthIn: 'n' } }),
    uint('c', 1),
  );

  test('with a length of its own ends where that says, whatever is in it', () => {
    expect(read(message('01 0a 07'), of)).toBe('n=1@0+1 g=@1+1 a=10@1+1 c=7@2+1');
    expect(read(message('02 0a0b 07'), of)).toBe('n=2@0+1 g=@1+2 a=10@1+1 b=11@2+1 c=7@3+1');
    expect(read(message('03 0a0b0c 07'), of)).toBe('n=3@0+1 g=@1+3 a=10@1+1 b=11@2+1 c=7@4+1');
    expect([form(message('02 0a0b 07'), of), form(message('03 0a0b0c 07'), of)]).toEqual(['fits', 'left g 3']);
    expect(form(message('00 07'), of)).toBe('short a 1');
    expect(read(message('00 07'), of)).toBe('n=0@0+1 g=@1+0 c=7@1+1');
  });
});

test('a group that takes the rest must fill it', () => {
  const of = layout(uint('n', 1), group('g', [uint('a', 1), text('b', { prefix: 1 })], { size: 'rest' }));
  expect(read(message('01 0a 0162'), of)).toBe('n=1@0+1 g=@1+3 a=10@1+1 b=b@2+2');
  expect([form(message('01 0a 0162'), of), form(message('01 0a 0162 ff'), of)]).toEqual(['fits', 'left g 4']);
});

/** What a visitor sees of each item. */
function items(view: Message, list: Field): string[] {
  const seen: string[] = [];
  view.eachItem(list, (item, scope) => {
    seen.push(read(item, scope));
    return false;
  });
  return seen;
}

describe('a list', () => {
  const counted = layout(
    uint('n', 1),
    repeated('list', [text('a', { prefix: 1 }), uint('b', 1)], { countIn: 'n' }),
    uint('c', 1),
  );

  test('of as many items as a field says', () => {
    const view = message('02 0161 01 0262 62 02 07');
    expect(read(view, counted)).toBe('n=2@0+1 list=@1+7 c=7@8+1');
    expect(items(view, counted.fields.list)).toEqual(['a=a@0+2 b=1@2+1', 'a=bb@0+3 b=2@3+1']);
    expect(form(view, counted)).toBe('fits');
    expect(form(message('03 0161 01 0262 62 02 07'), counted)).toBe('length a 8');
    expect(read(message('00 07'), counted)).toBe('n=0@0+1 list=@1+0 c=7@1+1');
  });

  test('to the end of the message', () => {
    const { topics } = SUBSCRIBE.fields;
    const view = message('82 0d 0001 00 0003 612f62 01 0001 63 06');
    expect(items(view, topics)).toEqual([
      'filter=a/b@0+5 options=1@5+1 maximumQos=1@5+1 noLocal=0@5+1',
      'filter=c@0+3 options=6@3+1 maximumQos=2@3+1 noLocal=1@3+1',
    ]);
    expect(form(view, SUBSCRIBE)).toBe('fits');
    expect(form(message('82 0d 0001 00 0003 612f62 01 0005 63 06'), SUBSCRIBE)).toBe('length filter 11');
  });

  test('has no more items than it may have', () => {
    const of = layout(repeated('list', [uint('a', 1)], { most: 2 }));
    expect([form(message('0102'), of), form(message('010203'), of)]).toEqual(['fits', 'many list 2']);
    expect(items(message('010203'), of.fields.list)).toHaveLength(2);
  });

  test('of items without a byte is a fault, and ends', () => {
    const of = layout(uint('n', 4), repeated('list', [optional(uint('b', 1))], { countIn: 'n' }));
    expect(form(message('ffffffff 0102'), of)).toBe('empty list 6');
    expect(form(message('00000003 0102'), of)).toBe('empty list 6');
  });

  test('within a list', () => {
    const of = layout(
      repeated('outer', [uint('n', 1), repeated('inner', [uint('a', 2)], { countIn: 'n' }), uint('z', 1)]),
    );
    const view = message('01 000a 07 02 000b 000c 08');
    const inner: string[] = [];
    view.eachItem(of.fields.outer, (item, scope) => {
      inner.push(...items(item, scope.fields.inner));
      return false;
    });
    expect(inner).toEqual(['a=10@0+2', 'a=11@0+2', 'a=12@0+2']);
    expect(lines(fieldTree(view, of)).filter(line => line.includes('A:'))).toHaveLength(3);
    expect(fieldTree(view, of)[0].children?.[1].children?.[1].children?.[1].children?.[0]).toMatchObject({
      name: 'a',
      offset: 7,
      value: 12,
    });
    expect(form(message('01 000a 07 02 000b 00'), of)).toBe('short a 7');
  });
});

describe('entries with a type', () => {
  const of = layout(
    tlvs('options', {
      type: 1,
      length: 1,
      table: { 1: uint('mtu', 2), 2: [text('host', { prefix: 1 }), uint('port', 2)], 3: [] },
    }),
  );

  test('and a length: what the table does not have is bytes', () => {
    const view = message('01 02 0500 02 04 0168 0050 09 01 aa 03 00');
    expect(items(view, of.fields.options)).toEqual([
      'type=1@0+1 length=2@1+1 value=@2+2 mtu=1280@2+2',
      'type=2@0+1 length=4@1+1 value=@2+4 host=h@2+2 port=80@4+2',
      'type=9@0+1 length=1@1+1 value=aa@2+1',
      'type=3@0+1 length=0@1+1 value=@2+0',
    ]);
    expect(form(view, of)).toBe('fits');
  });

  test('and a length that does not fit their fields', () => {
    expect(form(message('01 03 0500 ff 09 00'), of)).toBe('left value 4');
    expect(form(message('01 01 05 09 00'), of)).toBe('short mtu 2');
    expect(items(message('01 01 05 09 00'), of.fields.options)).toHaveLength(2);
    expect(form(message('01 02 05'), of)).toBe('length value 2');
  });

  test('as MQTT has them', () => {
    const view = message('32 1c 0001 61 002a 13 0101 26 0003 616263 0001 78 0b 8001 02 00000005 68656c');
    expect(items(view, PUBLISH.fields.properties)).toEqual([
      'id=1@0+1 payloadFormat=1@1+1',
      'id=38@0+1 name=abc@1+5 value=x@6+3',
      'id=11@0+1 subscription=128@1+2',
      'id=2@0+1 expiry=5@1+4',
    ]);
    expect(read(view, PUBLISH)).toContain('packetId=42@5+2');
  });

  test('as MQTT has them, one of which nothing is known', () => {
    const view = message('30 08 0001 61 02 0701 68');
    expect([form(view, PUBLISH), items(view, PUBLISH.fields.properties)]).toEqual([
      'unknown properties 6',
      ['id=7@0+1'],
    ]);
    expect(read(view, PUBLISH)).toContain('payload=68@8+1');
  });
});

describe('names with compression, as DNS has them', () => {
  /** Labels to a zero, or to a pointer that counts from the start of the message. */
  const reader: Reader = {
    words: 'labels, at most 255',
    measure: (all, at, end) => {
      for (let i = at; i < end; i += all[i] + 1) {
        if (all[i] >= 0xc0) return i + 2 <= end ? i + 2 - at : -1;
        if (all[i] === 0) return i + 1 - at;
      }
      return -1;
    },
    text: (all, at, _end, origin) => {
      const labels: string[] = [];
      for (let i = at, steps = 0; all[i] !== 0 && steps < 128; steps++) {
        if (all[i] >= 0xc0) i = origin + (((all[i] & 0x3f) << 8) | all[i + 1]);
        else {
          labels.push(Buffer.from(all.subarray(i + 1, i + 1 + all[i])).toString('latin1'));
          i += all[i] + 1;
        }
      }
      return `${labels.join('.')}.`;
    },
  };
  const of = layout(
    uint('id', 2),
    uint('count', 2),
    repeated('answers', [custom('name', reader), uint('type', 2), uint('length', 2)], {
      countIn: 'count',
      by: 'type',
      lengthIn: 'length',
      table: {
        1: bytes('address', 4),
        5: custom('target', reader),
        15: [uint('preference', 2), custom('exchange', reader)],
      },
    }),
  );
  const DNS = '0007 0003 0161 0162 00 000f 0006 000a 016d c004 c004 0001 0004 7f000001 00 0063 0001 aa';

  test('are read by code of their own, from the whole message, in lists by type', () => {
    expect(items(message(DNS), of.fields.answers)).toEqual([
      'name=a.b.@0+5 type=15@5+2 length=6@7+2 value=@9+6 preference=10@9+2 exchange=m.a.b.@11+4',
      'name=a.b.@0+2 type=1@2+2 length=4@4+2 value=@6+4 address=7f000001@6+4',
      'name=.@0+1 type=99@1+2 length=1@3+2 value=aa@5+1',
    ]);
    expect(form(message(DNS), of)).toBe('fits');
  });

  test('and do not end where the message does, or the capture', () => {
    expect(form(message('0007 0001 0161 0162'), of)).toBe('short name 4');
    expect(form(message(DNS, 7), of)).toBe('cut name 4');
    expect(form(message('0007 0001 00 000f 0003 000a c0 ff'), of)).toBe('short exchange 11');
  });
});

test('what the layout cannot say its protocol says itself', () => {
  const node = {
    name: 'tail',
    title: 'Tail',
    offset: 1,
    length: 2,
    value: 'x',
    display: 'x',
    meaning: '',
    clause: '',
    cut: false,
  };
  const of = layoutOf('M', { ...HEAD, describe: view => (view.length > 1 ? [node] : []) }, [uint('a', 1)]);
  expect(fieldTree(message('01 0203'), of).map(({ name }) => name)).toEqual(['a', 'tail']);
  expect(form(message('01 0203'), of)).toBe('fits');
});

describe('a message that is not all there', () => {
  const WHOLE: readonly (readonly [string, Layout, string])[] = [
    ['CONNECT', CONNECT, '10 1d 0004 4d515454 05 c4 003c 00 0002 6964 00 0001 77 0002 6869 0001 75 0001 70'],
    ['PUBLISH', PUBLISH, '32 17 0003 612f62 002a 0b 0101 26 0003 616263 0001 78 68656c'],
    ['PUBACK', PUBACK, '40 04 0001 10 00'],
    ['SUBSCRIBE', SUBSCRIBE, '82 0e 0001 00 0003 612f62 01 0001 63 06'],
  ];

  test.each(WHOLE)('%s fits', (_name, of, hex) => {
    expect(form(message(hex), of)).toBe('fits');
  });

  test.each(WHOLE)(
    '%s, captured up to any byte: nobody is to blame, and what was captured is read as before',
    (_name, of, hex) => {
      const whole = message(hex);
      for (let captured = 0; captured < whole.length; captured++) {
        const view = message(hex, captured);
        expect(['fits', 'cut']).toContain(form(view, of).split(' ')[0]);
        for (const field of Object.values<Field>(of.fields)) {
          if (!view.has(field)) continue;
          expect([view.range(field), view.value(field)]).toEqual([whole.range(field), whole.value(field)]);
          if (field.kind !== 'list')
            expect(view.range(field)!.offset + view.range(field)!.length).toBeLessThanOrEqual(captured);
        }
      }
    },
  );

  test.each(WHOLE)('%s, ended at any byte: it does not fit, but where fields may be absent', (name, of, hex) => {
    const own = hex.replaceAll(' ', '');
    const fitting: number[] = [];
    for (let length = 0; 2 * length < own.length; length++) {
      const found = formOf(message(own.slice(0, 2 * length)), of);
      if (found.fits) fitting.push(length);
      else expect(['short', 'length']).toContain(found.fault);
    }
    expect(fitting).toEqual({ CONNECT: [], PUBLISH: [21, 22, 23], PUBACK: [4, 5], SUBSCRIBE: [5, 11] }[name]);
  });

  test('is told apart: the capture ends, or the message', () => {
    const of = layout(text('a', { prefix: 2 }), uint('b', 1));
    expect(lines(fieldTree(message('0003 616263 07', 4), of))).toEqual([
      'A: 00036162 (4 of 5 bytes: the capture holds no more)',
      'B: (0 of 1 bytes: the capture holds no more)',
    ]);
    expect(lines(fieldTree(message('0003 6162'), of))).toEqual([
      'A: 00036162 (4 of 5 bytes: the message ends here)',
      'B: (not reached)',
    ]);
    expect([form(message('0003 616263 07', 1), of), form(message('0003 6162'), of), form(message('00'), of)]).toEqual([
      'cut a 0',
      'length a 0',
      'short a 0',
    ]);
  });

  test('a variable integer that does not end', () => {
    expect(form(message('30 ffffffff 7f'), PUBLISH)).toBe('varint remaining 1');
    expect(form(message('30 ffff'), PUBLISH)).toBe('short remaining 1');
    expect(form(message('30 ffff7f', 2), PUBLISH)).toBe('cut remaining 1');
    expect(fieldTree(message('30 ffffffff 7f'), PUBLISH).at(-1)).toMatchObject({ name: 'trailing', value: '7f' });
  });

  test('a mark that is missing', () => {
    const of = layout(text('a', { until: '\r\n' }), uint('b', 1));
    expect([form(message('6162 0d'), of), form(message('6162 0d0a 07', 3), of)]).toEqual(['mark a 0', 'cut a 0']);
  });

  test('a length of 2^32 - 1', () => {
    const of = layout(bytes('a', { prefix: 4 }), uint('b', 1));
    expect(form(message('ffffffff 00'), of)).toBe('length a 0');
  });
});

test('the view, reused, forgets where the fields of the message before were', () => {
  const of = layout(text('a', { prefix: 1 }), uint('b', 1));
  const view = message('02 6869 07');
  expect(view.uint(of.fields.b)).toBe(7);
  view.assign(Uint8Array.of(0, 9), 0, 2, 2);
  expect(view.uint(of.fields.b)).toBe(9);
});

test('values have their types', () => {
  const specs = [
    bits('flags', 1, [flag('up', 0)]),
    when('up', 1, text('a', { prefix: 1 })),
    group('g', [uint('b', 1)]),
    repeated('list', [uint('c', 1), text('d', 'rest')]),
  ] as const;
  expectTypeOf<ValuesOf<typeof specs>>().toEqualTypeOf<{
    readonly flags: number;
    readonly up: number;
    readonly a: string | undefined;
    readonly g: undefined;
    readonly b: number;
    readonly list: readonly { readonly c: number; readonly d: string }[];
  }>();
});

describe('any bytes on any layout', () => {
  const name = fc.nat(1e9).map(number => `f${number}`);
  const size = fc.oneof(
    fc.integer({ min: 1, max: 8 }),
    fc.constantFrom(
      { prefix: 1 } as const,
      { prefix: 2 } as const,
      { prefix: 4 } as const,
      { prefix: 'varint' } as const,
    ),
    fc.constantFrom({ until: '\0' }, { until: '\r\n' }),
    fc.constant({ lengthIn: 'first' }),
  );
  const plain = fc.oneof(
    fc.tuple(name, fc.integer({ min: 1, max: 8 })).map(([own, bytesOf]) => uint(own, bytesOf) as FieldSpec),
    fc.tuple(name, size).map(([own, of]) => text(own, of) as FieldSpec),
    fc.tuple(name, size).map(([own, of]) => bytes(own, of) as FieldSpec),
    name.map(own => varint(own) as FieldSpec),
    name.map(own => varint(own, { form: 'leb128' }) as FieldSpec),
    name.map(own => bits(own, 2, [flag(`${own}a`, 3), bitField(`${own}b`, 4, 5)]) as FieldSpec),
    name.map(own => json(own, { size: { prefix: 1 } }) as FieldSpec),
    name.map(own => properties(own, { 1: uint('p', 1), 2: text('q', { prefix: 1 }) }) as FieldSpec),
    name.map(own => tlvs(own, { type: 1, length: 1, table: { 1: uint('mtu', 2) }, size: { prefix: 1 } }) as FieldSpec),
    name.map(own => repeated(own, [uint('n', 1), text('t', { prefix: 1 })], { countIn: 'first' }) as FieldSpec),
  );
  const field = plain.chain(spec =>
    fc.constantFrom(
      spec,
      when('first', value => value % 2 === 1, spec),
      optional(spec),
      group(`g${spec.name}`, [spec]),
      group(`g${spec.name}`, [spec], { size: { prefix: 1 } }),
    ),
  );
  const last = fc.constantFrom<FieldSpec[]>(
    [],
    [bytes('tail', 'rest')],
    [repeated('tail', [uint('n', 1), bytes('t', { lengthIn: 'n' })])],
    [repeated('tail', [uint('n', 1), repeated('inner', [text('t', { prefix: 1 })], { countIn: 'n' })])],
  );
  const anyLayout = fc
    .tuple(fc.uniqueArray(field, { maxLength: 6, selector: spec => spec.name.replace(/\D/g, '') }), last)
    .map(([specs, tail]) => layoutOf('M', HEAD, [uint('first', 1), ...specs, ...tail]) as Layout);
  const anyBytes = fc.uint8Array({ maxLength: 60 }).map(all => all.map((byte, i) => (i % 2 ? byte % 4 : byte)));

  test('nothing throws, no value is read of bytes that were not captured, and every range lies in the message', () => {
    fc.assert(
      fc.property(anyLayout, anyBytes, fc.nat(60), fc.boolean(), (of, all, captured, littleEndian) => {
        const views = [0x00, 0xff].map(beyond => {
          // What was not captured reads as something else each time: nobody may depend on it.
          const buffer = new Uint8Array(all.length + 20).fill(beyond);
          buffer.set(all.subarray(0, captured), 10);
          const view = new Message();
          view.assign(buffer, 10, all.length, captured);
          view.littleEndian = littleEndian;
          return view;
        });
        const [trees, forms] = [views.map(view => fieldTree(view, of)), views.map(view => form(view, of))];
        expect(trees[0]).toEqual(trees[1]);
        expect(forms[0]).toBe(forms[1]);
        for (const own of Object.values<Field>(of.fields)) {
          const [view] = views;
          const range = view.range(own);
          expect(views[1].value(own)).toEqual(view.value(own));
          if (range) expect(range.offset + range.length).toBeLessThanOrEqual(all.length);
        }
        const walk = (nodes: readonly FieldNode[], end: number) => {
          for (const { offset, length, cut, children = [] } of nodes) {
            if (!cut) expect(offset + length).toBeLessThanOrEqual(Math.min(end, all.length));
            walk(children, all.length);
          }
        };
        walk(trees[0], all.length);
      }),
      { numRuns: 500 },
    );
  });

  test('a message that fits is covered by its fields, without a gap or an overlap', () => {
    fc.assert(
      fc.property(anyLayout, anyBytes, (of, all) => {
        const view = new Message();
        view.assign(all, 0, all.length, all.length);
        if (!formOf(view, of).fits) return;
        const covers = (nodes: readonly FieldNode[], from: number, end: number) => {
          let at = from;
          for (const { offset, length } of nodes) {
            expect(offset).toBe(at);
            at += length;
          }
          expect(at).toBe(end);
        };
        const nodes = fieldTree(view, of);
        covers(nodes, 0, all.length);
        for (const { field: own, children = [] } of nodes) {
          if (own?.kind !== 'group') continue;
          const { offset, length } = view.content(own)!;
          covers(children, offset, offset + length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
