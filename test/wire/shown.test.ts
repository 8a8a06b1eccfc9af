/** What stands behind fields of no fixed length, wherever messages are shown: JSON, one line, the terminal UI, redaction. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { contentIn } from '../../src/evidence/content.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { brief } from '../../src/report/brief.ts';
import { MessageJson } from '../../src/report/message-json.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { fieldName } from '../../src/tui/model/field-name.ts';
import { fieldAt, fieldRows, rangeOf } from '../../src/tui/panes/fields.ts';
import { repeated, text, uint } from '../../src/wire/fields.ts';
import { type Layout, layoutOf } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { fieldTree } from '../../src/wire/tree.ts';
import { CONNECT, PUBLISH, SUBSCRIBE } from './mqtt.ts';

const schema = JSON.parse(readFileSync(new URL('../../schema/message.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const PUBLISHED = '32 17 0003 612f62 002a 0b 0101 26 0001 78 0003 616263 68656c';
const SUBSCRIBED = '82 0e 0001 00 0003 612f62 01 0001 63 06';
const CONNECTED = '10 1d 0004 4d515454 05 c4 003c 00 0002 6964 00 0001 77 0002 6869 0001 75 0001 70';

function seen(layout: Layout, bytes: string, captured?: number): SeenMessage {
  const message = new Message();
  const all = hex(bytes);
  message.assign(all, 0, all.length, captured ?? all.length);
  message.ordinal = 1;
  message.frame = 1;
  const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:1883', clientToServer: true };
  return {
    message,
    layout,
    ...ends,
    name: layout.name,
    protocol: 'mqtt',
    connection: 1,
    capture: 0,
    state: 'OPEN',
    findings: [],
  };
}

function jsonOf(message: SeenMessage) {
  const object = JSON.parse(new MessageJson({ format: 'ndjson', hex: false }).message(message));
  expect(validate(object), JSON.stringify(validate.errors)).toBe(true);
  return object;
}

describe('JSON', () => {
  test('has items of a list as members, each with its fields', () => {
    const { fields } = jsonOf(seen(SUBSCRIBE, SUBSCRIBED));
    expect(Object.keys(fields)).toEqual(['head', 'remaining', 'packetId', 'properties', 'topics']);
    expect(fields.head.members.map(({ name, value }: { name: string; value: number }) => [name, value])).toEqual([
      ['type', 8],
      ['dup', 0],
      ['qos', 1],
      ['retain', 0],
    ]);
    expect(fields.topics).toMatchObject({ offset: 5, length: 10, value: null, display: '[2 items]', cut: false });
    expect(fields.topics.members[1]).toMatchObject({
      name: '1',
      offset: 11,
      length: 4,
      members: [
        { name: 'filter', offset: 11, length: 3, value: 'c' },
        { name: 'options', offset: 14, length: 1, value: 6 },
      ],
    });
  });

  test('has no field that is absent, and one that was cut without a value', () => {
    expect(Object.keys(jsonOf(seen(PUBLISH, '30 07 0001 61 00 68656c')).fields)).not.toContain('packetId');
    const { fields } = jsonOf(seen(PUBLISH, PUBLISHED, 16));
    expect(fields.properties).toMatchObject({ cut: true, value: null });
    expect(fields.properties.members[1]).toMatchObject({ cut: true });
    expect(fields.payload).toMatchObject({ offset: 21, length: 3, cut: true, value: null });
  });

  test('of more items than are shown says how many there are', () => {
    const layout = layoutOf('M', { code: 1, meaning: 'm', clause: '1' }, [repeated('list', [uint('a', 1)])]);
    const { fields } = jsonOf(seen(layout, '00'.repeat(10_005)));
    expect(fields.list.display).toBe('[10005 items]');
    expect(fields.list.members).toHaveLength(10_001);
    expect(fields.list.members.at(-1)).toMatchObject({ name: '...', offset: 10_000, display: '(5 more)' });
  });
});

test.each([
  [
    PUBLISH,
    PUBLISHED,
    'type=PUBLISH (3)  qos=at least once (1)  topic=a/b  packetId=42  properties=[2 items]  payload=3 bytes',
  ],
  [SUBSCRIBE, SUBSCRIBED, 'type=SUBSCRIBE (8)  qos=at least once (1)  packetId=1  topics=[2 items]'],
  [
    CONNECT,
    CONNECTED,
    'type=CONNECT (1)  qos=0  protocol=MQTT  level=5  userNameFlag=1  passwordFlag=1  willQos=0  willFlag=1  keepAlive=60  ' +
      'client=id  willTopic=w  willPayload=2 bytes  userName=u  password=1 bytes',
  ],
] as const)('$name on one line: parts that are set, fields of groups, items by their number', (layout, bytes, line) => {
  const message = seen(layout, bytes);
  expect(brief(fieldTree(message.message, layout), message)).toBe(line);
});

test('a text on one line is no longer than a line', () => {
  const layout = layoutOf('M', { code: 1, meaning: 'm', clause: '1' }, [text('a', { prefix: 1 })]);
  const message = seen(layout, `c8${'61'.repeat(200)}`);
  expect(brief(fieldTree(message.message, layout), message)).toBe(`a=${'a'.repeat(77)}...`);
});

describe('rows of the terminal UI', () => {
  const rowsOf = (layout: Layout, bytes: string) =>
    fieldRows(fieldTree(seen(layout, bytes).message, layout), new Set());

  test('stand for their bytes, the innermost for each, bits for those of their integer', () => {
    const rows = rowsOf(SUBSCRIBE, SUBSCRIBED);
    expect([11, 13, 14].map(byte => rows[fieldAt(rows, byte)].path)).toEqual([
      '/topics/1/filter',
      '/topics/1/filter',
      '/topics/1/options',
    ]);
    expect(rangeOf(rows.find(({ path }) => path === '/topics/1')!)).toEqual({ offset: 11, length: 4 });
  });

  test('have the names that filters know', () => {
    const names = (layout: Layout, bytes: string) => {
      const rows = rowsOf(layout, bytes);
      return rows.map((_, row) => fieldName({ rows, seen: { protocol: 'mqtt' } }, row));
    };
    expect(names(SUBSCRIBE, SUBSCRIBED)).toEqual(
      expect.arrayContaining([
        'mqtt.head',
        'mqtt.qos',
        'mqtt.topics',
        'mqtt.topics[1].filter',
        'mqtt.topics[1].noLocal',
      ]),
    );
    expect(names(CONNECT, CONNECTED)).toEqual(expect.arrayContaining(['mqtt.will', 'mqtt.willTopic', 'mqtt.willFlag']));
  });
});

test('redaction replaces texts and bytes, and neither lengths nor numbers', () => {
  const replaced = (layout: Layout, bytes: string) =>
    contentIn(seen(layout, bytes)).map(({ offset, length }) => `${offset}+${length}`);
  expect(replaced(PUBLISH, PUBLISHED)).toEqual(['4+3', '15+1', '18+3', '21+3']);
  expect(replaced(SUBSCRIBE, SUBSCRIBED)).toEqual(['7+3', '13+1']);
  expect(replaced(SUBSCRIBE, `82 0a 0001 00 0003 612f62 01 0009 63 06`)).toEqual(['7+3', '13+2']);
  expect(replaced(PUBLISH, '30 ffffffff 0001 61')).toEqual(['5+3']);
});
