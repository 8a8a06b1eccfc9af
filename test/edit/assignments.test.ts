/** What fields shall be, as users write it; and what is wrong with it, by column. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { printField, quote } from '../../src/filter/syntax.ts';
import { catalogue, complaint } from './editing.ts';

/** Protocol, field and way, then the value. */
const read = (text: string) =>
  parseAssignments(text, catalogue).map(({ protocol, field, path, value: { text: value, quoted } }) => {
    return `${protocol} ${printField({ steps: [{ kind: 'name', name: field }, ...path] })} ${quoted ? quote(value) : value}`;
  });

describe('what is set', () => {
  test.each([
    ['a number', 'mnet.acknowledged = 9999', ['mnet acknowledged 9999']],
    ['without blanks, in hex', 'mnet.acknowledged=0x0a', ['mnet acknowledged 0x0a']],
    ['a text', 'mqtt.topic = "a, = b"', ['mqtt topic "a, = b"']],
    ['bytes', 'mnet.data = 0d:0a', ['mnet data 0d:0a']],
    ['an identifier', 'mnet.tag = 0xaabbcc', ['mnet tag 0xaabbcc']],
    [
      'the name of a code point',
      'mnet.type = DATA, mqtt.qos = "at least once"',
      ['mnet type DATA', 'mqtt qos "at least once"'],
    ],
    ['bits', 'mqtt.dup = 1', ['mqtt dup 1']],
    ['an item', 'mqtt.properties[2].value = "x"', ['mqtt properties[2].value "x"']],
    ['every item', 'mqtt.filters[*].qos = 2', ['mqtt filters[*].qos 2']],
    ['a member of JSON', 'filestorage.payload.file.name = "x"', ['filestorage payload.file.name "x"']],
    ['an odd one', 'filestorage.payload["odd name"][0] = true', ['filestorage payload["odd name"][0] true']],
    ['a moment', 'mnet.expiration = 2026-11-22T12:00:00Z', ['mnet expiration 2026-11-22T12:00:00Z']],
    ['several', 'mnet.tag = 01:02:03 ,mnet.version = 2', ['mnet tag 01:02:03', 'mnet version 2']],
  ])('%s', (_what, text, values) => {
    expect(read(text)).toEqual(values);
  });
});

describe('a value that fits no message of its protocol is refused', () => {
  test.each([
    ['mnet.version = 256', 'column 16: 256 does not fit: it takes 0 to 255'],
    ['mnet.acknowledged = 4294967296', 'column 21: 4294967296 does not fit: it takes 0 to 4294967295'],
    ['mnet.acknowledged = -1', 'column 21: -1 does not fit: it takes 0 to 4294967295'],
    ['mnet.tag = 0x01020304', 'column 12: it takes 3 bytes, and 0x01020304 has 4 bytes'],
    ['mnet.magic = "MNE"', 'column 14: it takes 4 bytes, and this has 3'],
    ['mqtt.qos = 4', 'column 12: 4 does not fit: it takes 0 to 3'],
    ['mqtt.remainingLength = 268435456', 'column 24: 268435456 does not fit: it takes 0 to 268435455'],
    ['mqtt.properties[*].topicAlias = 65536', 'column 33: 65536 does not fit: it takes 0 to 65535'],
  ])('%s', (text, line) => {
    expect(complaint(() => parseAssignments(text, catalogue, { protocols }))).toBe(`FilterError: ${line}`);
  });

  test.each(['mnet.version = 255', 'mqtt.qos = 3', 'mqtt.reasonCode = 128', 'filestorage.payload.a = "x"'])(
    'and %s is not',
    text => {
      expect(parseAssignments(text, catalogue, { protocols })).toHaveLength(1);
    },
  );

  test('but for the size of a text where nothing is to be mended', () => {
    expect(parseAssignments('mnet.magic = "MNE"', catalogue, { protocols, mend: false })).toHaveLength(1);
  });
});

describe('a complaint', () => {
  test.each([
    ['', 'column 1: expected a field, and the text ends here'],
    ['"mnet"', 'column 1: expected a field, found "mnet"'],
    ['mnet.tag', 'column 9: expected = and a value, and the text ends here'],
    ['mnet.tag 5', 'column 10: expected = and a value, found 5'],
    ['mnet.tag =', 'column 11: expected a value, and the text ends here'],
    ['mnet.tag = ,', 'column 12: expected a value, found ,'],
    ['mnet.tag == 5', 'column 10: == compares; write = to set a field'],
    [
      'mnet.tag = 0x1 mnet.version = 2',
      'column 16: expected a comma and another field, or the end, found mnet.version',
    ],
    ['mnet.tag = 0x1,', 'column 16: expected a field, and the text ends here'],
    ['mnet.version = 1, mnet.version = 2', 'column 19: mnet.version is set twice'],
    ['mnet.acknowleged = 5', 'column 1: unknown field mnet.acknowleged; did you mean mnet.acknowledged?'],
    ['bogus.field = 5', /^column 1: unknown field bogus\.field; known: /],
    ['frame = 5', 'column 1: frame is not in the bytes of a message; a field is set as PROTOCOL.FIELD'],
    ['mnet = 5', 'column 1: mnet is not in the bytes of a message; a field is set as PROTOCOL.FIELD'],
    ['mnet.tag.x = 5', 'column 1: mnet.tag has no members and no items; only JSON and lists have'],
    [
      'mqtt.filters = 5',
      'column 1: mqtt.filters is a list; its items have the fields that can be set, such as mqtt.filters[0].filter',
    ],
    [
      'mqtt.filters[0].fliter = "x"',
      'column 1: unknown field mqtt.filters[0].fliter; did you mean mqtt.filters[*].filter?',
    ],
    ['mnet.acknowledged = 1.5', 'column 21: expected a number, found 1.5'],
    ['mnet.acknowledged = "1"', 'column 21: expected a number, found "1"'],
    ['mnet.expiration = 2026-13-45T00:00:00Z', 'column 19: expected a number, found 2026-13-45T00:00:00Z'],
    ['mnet.type = DATE', 'column 13: unknown name of a value DATE; did you mean DATA?; or a number'],
    ['mnet.tag = 12', 'column 12: expected an identifier such as 0xaabbcc or aa:bb:cc, found 12'],
    ['mnet.data = 0x123', 'column 13: expected bytes such as 0d:0a, or a string, found 0x123'],
    ['mnet.tag & 5', /^column 10: & is no operator/],
    [`mnet.data = "${'x'.repeat(10_000)}"`, 'column 10001: assignments have at most 10000 characters'],
  ])('%s', (text, line) => {
    const found = complaint(() => parseAssignments(text, catalogue));
    if (typeof line === 'string') expect(found).toBe(`FilterError: ${line}`);
    else expect(found.replace('FilterError: ', '')).toMatch(line);
  });
});
