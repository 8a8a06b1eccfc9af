/**
 * Ordinary messages go a short way (`ordinary.ts`): what it reads must be what the long way reads, to the letter, and
 * nothing in a report may tell which way a message went.
 */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Content, examine } from '../../../dissectors/filestorage/content.ts';
import filestorage from '../../../dissectors/filestorage/index.ts';
import { Ordinary } from '../../../dissectors/filestorage/ordinary.ts';
import type { Edition, Kind, Settings } from '../../../dissectors/filestorage/terms.ts';
import { FilestorageTracker } from '../../../dissectors/filestorage/tracker.ts';
import libipc from '../../../dissectors/libipc/index.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { run } from '../../../src/testkit/engine.ts';
import type { Message } from '../../../src/wire/message.ts';
import { data, digestOf, type Line, talkOf } from '../../kit/filestorage.ts';
import { oneOfEach } from '../../kit/portion.ts';
import { upload } from './endpoints.ts';
import { ID, messageOf, OTHER_ID, RESPONSE, TRANSFER, TRANSFER_2020 } from './examining.ts';

const SETTINGS: Settings = { idField: 'message-id', token: 'jwt' };

const lineBreaks = Buffer.alloc(1000, 7).toString('base64').replace(/.{60}/g, '$&\n');
const PLAIN: readonly (readonly [Kind, Edition, object])[] = [
  ['TRANSFER', '2019-12', TRANSFER],
  ['TRANSFER', '2020-01', TRANSFER_2020],
  ['TRANSFER', '2020-01', { ...TRANSFER_2020, chunk: { n: 0, on: 9, digest: digestOf(lineBreaks) }, data: lineBreaks }],
  ['RESPONSE', '2019-12', RESPONSE],
  ['RESPONSE', '2020-01', { mid: ID, response: 'Upload OK' }],
];

const TAKEN: readonly (keyof Content)[] = [
  'isObject',
  'faults',
  'passed',
  'inconclusive',
  'messageId',
  'messageBits',
  'response',
  'files',
  'token',
  'tokenBytes',
  'chunkId',
  'chunkBits',
  'fileDigest',
  'fileBits',
  'chunkNumber',
  'chunkOf',
  'dataLength',
];
/** Bits are copied: the short way writes those of its next message over them. */
const said = (content: Content) => structuredClone(Object.fromEntries(TAKEN.map(name => [name, content[name]])));

/** What the short way reads, if it does; one reader for all, as in a capture. */
const reader = new Ordinary(SETTINGS);
const short = (message: Message, kind: Kind, edition: Edition) =>
  reader.reads(message, kind, edition) ? said(reader) : undefined;
const long = (message: Message, kind: Kind, edition: Edition) => said(examine(message, kind, edition, SETTINGS));

describe('a message that keeps all rules', () => {
  test.each(PLAIN)('%s of %s goes the short way', (kind, edition, payload) => {
    const message = messageOf(payload);
    expect(short(message, kind, edition)).toEqual(long(message, kind, edition));
  });

  test('also with its members in another order, and blanks where most programs put them', () => {
    const { data: text, chunk, mid, filedigest } = TRANSFER_2020;
    const payload = JSON.stringify({ data: text, chunk, filedigest, mid }, undefined, 2);
    expect(short(messageOf(payload), 'TRANSFER', '2020-01')).toMatchObject({ messageId: mid, dataLength: 33 });
  });
});

describe('an id or a digest is read as it stands', () => {
  const digits = TRANSFER_2020.filedigest;
  test.each<[what: string, payload: object, kind: Kind, edition: Edition]>([
    ['a UUID in capitals', { ...TRANSFER, chunk: OTHER_ID.toUpperCase() }, 'TRANSFER', '2019-12'],
    ['the id of an answer in capitals', { ...RESPONSE, 'message-id': ID.toUpperCase() }, 'RESPONSE', '2019-12'],
    ['the id of an answer that is no UUID', { ...RESPONSE, 'message-id': '42' }, 'RESPONSE', '2019-12'],
    ['one that a UUID begins', { ...RESPONSE, 'message-id': `${ID}0` }, 'RESPONSE', '2019-12'],
    ['one as long as a UUID', { ...RESPONSE, 'message-id': ID.replace('-', '0') }, 'RESPONSE', '2019-12'],
    ['one with another hyphen', { ...RESPONSE, 'message-id': ID.replace(/.$/, '-') }, 'RESPONSE', '2019-12'],
    ['one without a character', { ...RESPONSE, 'message-id': '' }, 'RESPONSE', '2019-12'],
    ['a digest in capitals', { ...TRANSFER_2020, filedigest: digits.toUpperCase() }, 'TRANSFER', '2020-01'],
    ['a digest that is none', { ...TRANSFER_2020, filedigest: digits.replace(/.$/, 'g') }, 'TRANSFER', '2020-01'],
    ['a digest that is too short', { ...TRANSFER_2020, filedigest: digits.slice(1) }, 'TRANSFER', '2020-01'],
    ['a digest that is too long', { ...TRANSFER_2020, filedigest: `${digits}0` }, 'TRANSFER', '2020-01'],
  ])('%s', (_, payload, kind, edition) => {
    const message = messageOf(payload);
    expect(short(message, kind, edition)).toEqual(long(message, kind, edition));
  });
});

describe('another one goes the long way', () => {
  const { chunk } = TRANSFER_2020;
  test.each<[what: string, payload: unknown, kind: Kind, edition: Edition]>([
    ['a digest of something else', { ...TRANSFER_2020, filedigest: 'x', data: 'AAAA' }, 'TRANSFER', '2020-01'],
    ['a member too many', { ...TRANSFER_2020, a: 1 }, 'TRANSFER', '2020-01'],
    ['a member missing', { ...TRANSFER_2020, filedigest: undefined }, 'TRANSFER', '2020-01'],
    ['an id that is no UUID', { ...TRANSFER, chunk: `${OTHER_ID}0` }, 'TRANSFER', '2019-12'],
    ['a number that goes on', JSON.stringify(TRANSFER_2020).replace('"n":1', '"n":1e0'), 'TRANSFER', '2020-01'],
    ['a zero before a number', JSON.stringify(TRANSFER_2020).replace('"n":1', '"n":01'), 'TRANSFER', '2020-01'],
    ['a number in a string', { ...TRANSFER_2020, chunk: { ...chunk, n: '1' } }, 'TRANSFER', '2020-01'],
    ['no bytes', { ...TRANSFER, data: '' }, 'TRANSFER', '2019-12'],
    ['too many bytes', { ...TRANSFER, data: 'AAAA'.repeat(400) }, 'TRANSFER', '2019-12'],
    ['padding in the middle', { ...TRANSFER, data: 'AA==AAAA' }, 'TRANSFER', '2019-12'],
    ['too little padding', { ...TRANSFER, data: 'AA=' }, 'TRANSFER', '2019-12'],
    ['another alphabet of base64', { ...TRANSFER, data: 'AA-_' }, 'TRANSFER', '2019-12'],
    ['a blank in the data', { ...TRANSFER, data: 'AAAA AAAA' }, 'TRANSFER', '2019-12'],
    ['an escape in the data', JSON.stringify(TRANSFER).replace('SGVs', '\\u0053GVs'), 'TRANSFER', '2019-12'],
    ['a member twice', JSON.stringify(RESPONSE).replace('{', '{"response":"Ok",'), 'RESPONSE', '2019-12'],
    ['data as an array', { ...TRANSFER, data: [1, 2] }, 'TRANSFER', '2019-12'],
    ['a failure', { ...RESPONSE, response: 'Error', reason: 'no' }, 'RESPONSE', '2019-12'],
    ['a reason with success', { ...RESPONSE, reason: 'none' }, 'RESPONSE', '2019-12'],
    ['an escape', '{"message-id":"\\u0041","response":"Ok"}', 'RESPONSE', '2019-12'],
    ['a character beyond ASCII', { ...RESPONSE, 'message-id': 'ä' }, 'RESPONSE', '2019-12'],
    ['something behind it', `${JSON.stringify(RESPONSE)}]`, 'RESPONSE', '2019-12'],
    ['an end too early', JSON.stringify(RESPONSE).slice(0, -1), 'RESPONSE', '2019-12'],
    ['nothing', '', 'RESPONSE', '2019-12'],
  ])('%s', (_, payload, kind, edition) => {
    expect(short(messageOf(payload), kind, edition)).toBeUndefined();
  });

  test('a message that the capture has a part of', () => {
    expect(short(messageOf(RESPONSE, { captured: 30 }), 'RESPONSE', '2019-12')).toBeUndefined();
  });
});

/** How a program may write an object: the order of its members, and blanks between them. */
const styles = fc.record({
  isReversed: fc.boolean(),
  indent: fc.nat(3),
  before: fc.constantFrom('', ' '),
  after: fc.constantFrom('', '\n'),
});
type Style = typeof styles extends fc.Arbitrary<infer T> ? T : never;

function written(payload: object, { isReversed, indent, before, after }: Style): string {
  const members = Object.entries(payload);
  const text = JSON.stringify(Object.fromEntries(isReversed ? members.reverse() : members), undefined, indent);
  return `${before}${text.replaceAll('": ', '":')}${after}`;
}

describe('messages that come one after the other', () => {
  const text = (size: number) => Buffer.alloc(size, size).toString('base64').replace(/.{60}/g, '$&\n');
  /** Values of any lengths that the two kinds may have. */
  const payloads = fc
    .tuple(
      fc.nat(99_999),
      fc.integer({ min: 1, max: 1_000 }),
      fc.constantFrom('Ok', 'Upload OK'),
      fc.constantFrom(ID, '42', ''),
    )
    .map(([n, size, response, mid]) => ({
      TRANSFER: { ...TRANSFER_2020, chunk: { n, on: 99_999, digest: digestOf(text(size)) }, data: text(size) },
      RESPONSE: { mid, response },
    }));
  const kinds = fc.constantFrom('TRANSFER' as const, 'RESPONSE' as const);

  test('are read alike in however many ways they are written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, payloads, styles), { minLength: 1, maxLength: 20 }), messages => {
        const own = new Ordinary(SETTINGS);
        for (const [kind, payload, style] of messages) {
          const message = messageOf(written(payload[kind], style));
          expect(own.reads(message, kind, '2020-01')).toBe(true);
          expect(said(own)).toEqual(long(message, kind, '2020-01'));
        }
      }),
    );
  });

  test('go the long way where one is like those before but for what stands around its values', () => {
    const own = new Ordinary(SETTINGS);
    const plain = JSON.stringify(RESPONSE);
    const reads = (payload: string) => own.reads(messageOf(payload), 'RESPONSE', '2019-12');
    expect([plain, plain, plain.slice(0, -1), `${plain}}`, plain.replace(',', ';'), plain].map(reads)).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});

/** A place in a text (as a part of its length), how many characters go there, and what comes in their place. */
const edits = fc.array(
  fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(3),
    fc.constantFrom(
      '',
      '',
      '"',
      '\\',
      '\\n',
      '\\r',
      '=',
      '==',
      'A',
      'AAAA',
      ' ',
      '\n',
      '0',
      '1',
      '-',
      'é',
      ',',
      '}',
      '"mid":"a",',
      '\u0001',
    ),
  ),
  { maxLength: 3 },
);
type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

function edited(text: string, changes: Edits): string {
  return changes.reduce((before, [place, gone, come]) => {
    const at = Math.floor(place * before.length);
    return before.slice(0, at) + come + before.slice(at + gone);
  }, text);
}

test('what the short way reads of a message with any faults, the long way reads too', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PLAIN), edits, fc.boolean(), ([kind, edition, payload], changes, spaced) => {
      const text = edited(spaced ? JSON.stringify(payload, undefined, 1) : JSON.stringify(payload), changes);
      const message = messageOf(text);
      const read = short(message, kind, edition);
      if (read) expect(read).toEqual(long(message, kind, edition));
    }),
    { numRuns: 1_000 },
  );
});

/** What may stand in place of a value: of another type, empty, or with what JSON writes in more than one way. */
const values = fc.constantFrom<readonly string[]>(
  ['null', 'true', '[]', '{}', '""', '"x"', '[1,256]', '{"n":1}'],
  ['0', '-1', '1.0', '1e0', '00', '12345678901234567890'],
  ['"SGVsbG8=\\r\\n"', '"SGVsbG9="', '"SGVsbG8"', '"SGVs\\/A=="', '"SG Vs"', '"S\\tGVs"'],
  [`"${ID.toUpperCase()}"`, `"${ID.slice(1)}"`, `"\\u0030${ID.slice(1)}"`, `"${'0'.repeat(64)}"`],
);
/** One of a message's members: which, how often it stands there, what else it may hold, and blanks around its colon. */
const members = fc.array(
  fc.record({
    times: fc.constantFrom(1, 1, 1, 1, 0, 2),
    instead: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: values.chain(some => fc.constantFrom(...some)) },
    ),
    colon: fc.constantFrom(':', ':', ':', ':', ': ', ':\n\t', ' :'),
    order: fc.nat(9),
  }),
  { minLength: 5, maxLength: 5 },
);

test('so it does of members in any order, left out, repeated, and of other types', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(...PLAIN), members, ([kind, edition, payload], changes) => {
      const text = Object.entries(payload)
        .map(([name, value], place) => ({ name, value: JSON.stringify(value), ...changes[place] }))
        .sort((one, other) => one.order - other.order)
        .flatMap(({ name, value, times, instead, colon }) =>
          Array.from({ length: times }, () => `"${name}"${colon}${instead ?? value}`),
        );
      const message = messageOf(`{${text.join(',')}}`);
      const read = short(message, kind, edition);
      if (!read) return;
      taken++;
      expect(read).toEqual(long(message, kind, edition));
    }),
    { numRuns: 1_000 },
  );
  expect(taken).toBeGreaterThan(50);
});

const GOES_THE_LONG_WAY: typeof filestorage = {
  ...filestorage,
  createTracker: host => new FilestorageTracker(host as ConstructorParameters<typeof FilestorageTracker>[0], false),
};

function report(protocol: typeof filestorage, frames: readonly Frame[]): string {
  const all = run([protocol, libipc], [frames], { allConnections: true });
  return JSON.stringify(all, (_, value) => (value instanceof Map ? [...value] : value), 1);
}

/** The line with some characters of its JSON changed, and the length in its header right. */
function damaged({ side, bytes, ...rest }: Line, changes: Edits): Line {
  const text = edited(Buffer.from(bytes.subarray(6)).toString(), changes);
  return { ...rest, ...data(side, bytes[5], text) };
}

/** Characters; a prime number, so that all places in what is read at once have their turn. */
const ALIKE = 13;

/** Where a message may be cut: in a digest or base64, whose characters are alike, at one place of so many, and anywhere else. */
function cutsOf(bytes: Uint8Array): readonly number[] {
  const values = [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/[\w+/=]{60,}/g),
  ];
  const places = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
  return oneOfEach(places, at => {
    const value = values.find(({ index, 0: text }) => at > index + 1 && at < index + text.length - 1);
    return value ? `${value.index} ${Math.floor((at - value.index) / ALIKE)}` : `${at}`;
  });
}

test('a session is reported alike whichever way its messages go, and at whichever byte they are cut', () => {
  const lines = upload('2020-01', [90], [false, false, false]);
  const [cut] = lines.filter(({ bytes }) => bytes[5] === 6);
  for (const at of cutsOf(cut.bytes)) {
    const pieces = [cut.bytes.subarray(0, at), cut.bytes.subarray(at)];
    const frames = talkOf(
      lines.flatMap(line => (line === cut ? pieces.map(bytes => ({ ...cut, bytes })) : [line])),
    ).frames();
    expect(report(filestorage, frames)).toBe(report(GOES_THE_LONG_WAY, frames));
  }
});

test('random sessions are reported alike whichever way their messages go', () => {
  const taken = vi.spyOn(Ordinary.prototype, 'reads');
  fc.assert(
    fc.property(
      fc.constantFrom('2019-12' as const, '2020-01' as const),
      fc.array(fc.nat(2_500), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 7 }),
      fc.array(fc.tuple(fc.nat(30), fc.constantFrom('gone', 'twice', 'damaged'), edits), { maxLength: 4 }),
      fc.constantFrom(60, 161, 1_000, 1_400),
      (edition, files, refusals, faults, mss) => {
        const lines = upload(edition, files, refusals).flatMap((line, place): Line[] => {
          const [, fault, changes] = faults.find(([at]) => at === place) ?? [];
          if (!changes || line.fin) return [line];
          if (fault === 'gone') return [];
          return fault === 'twice' ? [line, line] : [damaged(line, changes)];
        });
        const frames = talkOf(lines, mss).frames();
        expect(report(filestorage, frames)).toBe(report(GOES_THE_LONG_WAY, frames));
      },
    ),
    { numRuns: 25 },
  );
  const results = taken.mock.results.map(({ value }) => value);
  expect(results.filter(value => value === true).length / results.length).toBeGreaterThan(0.3);
  expect(results).toContain(false);
  taken.mockRestore();
});
