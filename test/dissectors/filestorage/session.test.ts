/**
 * What holds between the messages of a connection: what one fault leads to and what it does not, which answer belongs
 * to which request, what becomes of announcements, and how the edition and the roles are recognised. Lines begin with
 * frame 4.
 */
import { describe, expect, test } from 'vitest';
import {
  CLIENT,
  closing,
  data,
  digestOf,
  fin,
  first,
  id,
  type JudgeOptions,
  judge,
  judgeFrames,
  type Line,
  later,
  libipc,
  SERVER,
  second,
  talkOf,
  tally,
} from '../../kit/filestorage.ts';

const { authentication, ok, error, transfer } = first;
const HELLO = { name: 'hello', size: 33 };
const LARGE = { name: 'large', size: 2_500 };
const opened = [authentication(1, [33, 33, 33]), ok(1)];
const opened2 = [second.authentication(1, [HELLO, LARGE]), second.responses(1, ['Upload OK', 'Upload OK'])];
const mapped: JudgeOptions = { mapped: true };

interface Case {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly broken: readonly string[];
  readonly options?: JudgeOptions;
}

const judged = ({ lines, options }: Case) => judge(lines, options);

describe('one fault, one finding', () => {
  const cases: readonly Case[] = [
    {
      name: 'an AUTHENTICATION that is no JSON was sent: its answer is expected, and its id not compared',
      lines: [data(CLIENT, 1, '{"token"'), ok(7), transfer(2), ok(2)],
      broken: ['not-json 4'],
    },
    {
      name: 'nor need it be answered',
      lines: [data(CLIENT, 1, '{"token"'), fin(SERVER), fin(CLIENT)],
      broken: ['not-json 4'],
    },
    {
      name: 'an AUTHENTICATION without an id, answered with some id',
      lines: [authentication(1, [33], { 'message-id': undefined }), ok(7), transfer(2), ok(2)],
      broken: ['missing-field 4'],
    },
    {
      name: 'files that nobody can read are not held against what is sent',
      lines: [authentication(1, [], { files: 5 }), ok(1), transfer(2), ok(2), ...closing],
      broken: ['field-type 4'],
    },
    {
      name: 'nor is a file without a size',
      lines: [authentication(1, [], { files: [{ name: 'a' }] }), ok(1), transfer(2), ok(2), ...closing],
      broken: ['missing-field 4'],
    },
    {
      name: 'nor is what stands between the files',
      lines: [authentication(1, [], { files: [{ name: 'a', size: 1 }, 5] }), ok(1), transfer(2), ok(2), ...closing],
      broken: ['field-type 4'],
    },
    {
      name: 'a wrong token says nothing about the files beside it',
      lines: [authentication(1, [3], { token: {} }), ok(1), transfer(2, 5), ok(2)],
      broken: ['field-type 4', 'bytes-exceed-announced 6'],
    },
    {
      name: 'a client that never authenticates is reported once',
      lines: [transfer(2), ok(2), transfer(3), ok(3), ...closing],
      broken: ['auth-not-first 4'],
      options: mapped,
    },
    {
      name: 'and may do so later',
      lines: [transfer(2), ok(2), authentication(1), ok(1), transfer(3), ok(3)],
      broken: ['auth-not-first 4'],
      options: mapped,
    },
    {
      name: 'each TRANSFER that does not wait for the Ok, but no pipeline beside it; the server may leave it unanswered',
      lines: [authentication(1, [66]), transfer(2), transfer(3), ok(1), transfer(4, 33), ok(4), ...closing],
      broken: ['transfer-before-ok 5', 'transfer-before-ok 6'],
    },
    {
      name: 'each TRANSFER after a refusal',
      lines: [authentication(1), error(1), transfer(2), error(2), transfer(3), error(3), ...closing],
      broken: ['transfer-after-refusal 6', 'transfer-after-refusal 8'],
    },
    {
      name: 'a second AUTHENTICATION that is refused leaves the first in force',
      lines: [...opened, authentication(2), error(2), transfer(3), ok(3), ...closing],
      broken: ['auth-repeated 6'],
    },
    {
      name: 'a second AUTHENTICATION that is accepted makes up for a refusal',
      lines: [authentication(1), error(1), authentication(2), ok(2), transfer(3), ok(3)],
      broken: ['auth-repeated 6'],
    },
    {
      name: 'an answer whose word is wrong refuses nothing',
      lines: [
        authentication(1),
        ok(1, { response: 'Yes' }),
        transfer(2),
        ok(2),
        transfer(3, 0, { data: 'AA==' }),
        ok(3),
      ],
      broken: ['response-value 5', 'bytes-exceed-announced 8'],
    },
    {
      name: 'an answer that is no JSON is an answer',
      lines: [authentication(1), data(SERVER, 2, 'Ok'), transfer(2), ok(2), ...closing],
      broken: ['not-json 5'],
    },
    {
      name: 'a message of an unknown user type may be an answer',
      lines: [authentication(1), data(SERVER, 9, {}), transfer(2), ok(2), ...closing],
      broken: ['unknown-message 5'],
    },
    {
      name: 'and the answer may still come',
      lines: [authentication(1), data(SERVER, 9, {}), ok(1), transfer(2), ok(2), ...closing],
      broken: ['unknown-message 5'],
    },
    {
      name: 'or a request, which the server answers',
      lines: [...opened, data(CLIENT, 9, {}), ok(5), transfer(2), ok(2)],
      broken: ['unknown-message 6'],
    },
    {
      name: "an answer in the client's mouth is no answer",
      lines: [...opened, { ...ok(1), side: CLIENT }, transfer(2), ok(2)],
      broken: ['wrong-direction 6'],
    },
    {
      name: "a message of the library's own may be an answer",
      lines: [authentication(1), { side: SERVER, bytes: libipc(1, 0, Buffer.from('no')) }, ...closing],
      broken: ['libipc/type-not-data 5'],
    },
    {
      name: 'an answer that breaks off was an answer',
      lines: [authentication(1), { side: SERVER, bytes: ok(1).bytes.subarray(0, 30) }, fin(SERVER), fin(CLIENT)],
      broken: ['libipc/truncated 5'],
    },
    {
      name: 'an answer that breaks off inside its head was one, too',
      lines: [authentication(1), { side: SERVER, bytes: ok(1).bytes.subarray(0, 3) }, fin(SERVER), fin(CLIENT)],
      broken: ['libipc/truncated 5'],
    },
    {
      name: 'a wrong id takes the oldest, and its own answer is not unsolicited',
      lines: [authentication(1), ok(7), ok(1), transfer(2), ok(2)],
      broken: ['response-id-mismatch 5'],
    },
    {
      name: 'an answer that comes twice, and then the other one',
      lines: [...opened, transfer(2), transfer(3), ok(2), ok(2), ok(3), transfer(4), ok(4)],
      broken: ['transfer-pipelined 7', 'response-id-mismatch 9'],
    },
    {
      name: 'an answer of a wrong id refuses as any other',
      lines: [authentication(1), error(7), transfer(2)],
      broken: ['response-id-mismatch 5', 'transfer-after-refusal 6'],
    },
    {
      name: 'a chunk of a wrong number is not too many bytes as well',
      lines: [
        ...opened2,
        second.transfer(2, HELLO),
        second.ok(2),
        second.transfer(3, HELLO, 1, {}, { n: 2 }),
        second.ok(3),
      ],
      broken: ['chunk-number 8'],
    },
    {
      name: 'a chunk of an unknown file has no number that could be wrong',
      lines: [...opened2, second.transfer(2, { name: 'other', size: 33 }, 1, {}, { on: 9 }), second.ok(2)],
      broken: ['file-unknown 6'],
    },
    {
      name: 'a digest that is no string names no file',
      lines: [...opened2, second.transfer(2, HELLO, 1, { filedigest: 5 }), second.ok(2)],
      broken: ['field-type 6'],
    },
    {
      name: 'a chunk that was stored and is sent again counts once',
      lines: [authentication(1), ok(1), transfer(2), ok(2), transfer(3, 33, { chunk: id(1_002) }), ok(3), ...closing],
      broken: ['chunk-reused 8'],
    },
    {
      name: 'a message sent again as it was repeats two ids',
      lines: [...opened, transfer(2), ok(2), transfer(2), ok(2)],
      broken: ['chunk-reused 8', 'message-id-reused 8'],
    },
    {
      name: 'too many bytes are said once, on the first message that exceeds',
      lines: [authentication(1, [33]), ok(1), transfer(2), ok(2), transfer(3, 1), ok(3), transfer(4, 1), ok(4)],
      broken: ['bytes-exceed-announced 8'],
    },
    {
      name: 'in 2020-01 once a file',
      lines: [
        second.authentication(1, [HELLO, { name: 'b', size: 1 }]),
        second.responses(1, ['Upload OK', 'Upload OK']),
        second.transfer(2, HELLO),
        second.ok(2),
        second.transfer(3, HELLO),
        second.ok(3),
        second.transfer(4, { name: 'b', size: 1 }),
        second.ok(4),
        second.transfer(5, { name: 'b', size: 1 }),
        second.ok(5),
      ],
      broken: ['bytes-exceed-announced 8', 'bytes-exceed-announced 12'],
    },
    {
      name: 'a message that breaks off is not also a transfer left incomplete',
      lines: [...opened, transfer(2), ok(2), { side: CLIENT, bytes: transfer(3).bytes.subarray(0, 50) }, ...closing],
      broken: ['libipc/truncated 8'],
    },
    {
      name: 'behind a message that is too long nothing is certain',
      lines: [
        ...opened,
        { side: CLIENT, bytes: libipc(2, 3, Buffer.from('{}'), 8_000_000) },
        ok(9),
        error(9),
        ...closing,
      ],
      broken: ['libipc/message-too-long 6'],
    },
    {
      name: 'a request that is not answered in time may be answered later',
      lines: [authentication(1), later(31, ok(1)), transfer(2), ok(2)],
      broken: ['request-unanswered 4'],
    },
    {
      name: 'and the client need not wait for it for ever',
      lines: [...opened, transfer(2), later(31, transfer(3)), ok(3), later(40, ok(2))],
      broken: ['request-unanswered 6'],
    },
    {
      name: 'several that wait are several',
      lines: [...opened, transfer(2), transfer(3), fin(SERVER), fin(CLIENT)],
      broken: ['request-unanswered 6', 'request-unanswered 7', 'transfer-pipelined 7'],
    },
  ];

  test.each(cases)('$name', async given => {
    const found = await judged(given);
    const broken = found.broken.filter(finding => !finding.startsWith('transfer-incomplete'));
    expect([...broken].sort()).toEqual([...given.broken].sort());
  });
});

describe('answers', () => {
  test('of 2020-01 may come out of order, by their ids', async () => {
    const lines = [...opened2, second.upload(2, { name: 'b', size: 1 }), second.upload(3, { name: 'c', size: 1 })];
    expect((await judge([...lines, second.ok(3), second.ok(2)])).broken).toEqual([]);
  });

  test('name their request in upper or lower case', async () => {
    const upper = (number: number) => ({ 'message-id': `ABCDEF00-0000-4000-8000-00000000000${number}` });
    const lower = (number: number) => ({ 'message-id': `abcdef00-0000-4000-8000-00000000000${number}` });
    expect((await judge([authentication(1, [33], upper(1)), ok(1, lower(1))])).broken).toEqual([]);
  });

  test('that cannot be named are taken for the oldest request', async () => {
    const lines = [...opened, transfer(2), ok(2, { 'message-id': undefined }), transfer(3, 33, { chunk: id(1_002) })];
    expect((await judge(lines)).broken).toEqual(['missing-field 7', 'chunk-reused 8']);
  });

  test('at the limit of what is remembered are inconclusive, and nobody is accused', async () => {
    const many = Array.from({ length: 1_100 }, (_, at) => second.download(10 + at, 'x'));
    const answers = many.map((_, at) => second.ok(10 + at));
    const found = await judge([
      ...opened2,
      ...many.map(line => later(0, line)),
      ...answers.map(line => later(0, line)),
    ]);
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
    expect(tally(found, 'filestorage/response-id-mismatch')).toMatchObject({ broken: 0, inconclusive: 76 });
  });

  test.each(['none', 'all'])('are waited for until the server has closed: %s', async which => {
    const lines = [...opened, transfer(2), fin(CLIENT), ...(which === 'all' ? [ok(2)] : []), fin(SERVER)];
    const { broken } = await judge(lines);
    expect(broken.filter(finding => finding.startsWith('request'))).toEqual(
      which === 'all' ? [] : ['request-unanswered 6'],
    );
  });

  test('that a reset cuts off are inconclusive', async () => {
    const talk = talkOf([...opened, transfer(2)]).reset(CLIENT);
    const found = await judgeFrames(talk.frames());
    expect(found.broken).toEqual([]);
    expect(tally(found, 'filestorage/request-unanswered')).toMatchObject({ checked: 1, broken: 0, inconclusive: 1 });
    expect(found.connections).toMatchObject([{ state: 'READY', verdict: 'inconclusive' }]);
  });
});

describe('announcements', () => {
  test('add up in 2019-12, where a chunk names no file', async () => {
    const lines = [authentication(1, [3, 4]), ok(1), transfer(2, 7), ok(2), transfer(3, 1), ok(3)];
    expect((await judge(lines)).broken).toEqual(['bytes-exceed-announced 8']);
  });

  test('of 2^64-1 bytes are never exceeded', async () => {
    const files = '[{"name":"a","size":18446744073709551615},{"name":"b","size":18446744073709551615}]';
    const opening = data(
      CLIENT,
      1,
      `{"message-id":"${id(1)}","token":"${JSON.parse(bodyOf(authentication(1))).token}","files":${files}}`,
    );
    const found = await judge([opening, ok(1), transfer(2), ok(2), fin(CLIENT)]);
    expect(found.broken).toEqual(['transfer-incomplete 4']);
  });

  test('are left for a later connection where not one chunk is sent', async () => {
    expect((await judge([...opened, ...closing])).broken).toEqual([]);
  });

  test('of a client that has not closed may yet be kept', async () => {
    const found = await judge([...opened, transfer(2), ok(2)]);
    expect(found.broken).toEqual([]);
    expect(tally(found, 'filestorage/transfer-incomplete')).toMatchObject({ checked: 0, broken: 0, inconclusive: 0 });
  });

  test('of an UPLOAD-REQUEST count', async () => {
    const more = { name: 'more', size: 5 };
    const lines = [...opened2, second.upload(2, more), second.ok(2), second.transfer(3, more), second.ok(3)];
    expect((await judge(lines)).broken).toEqual([]);
  });

  test('name a digest in upper or lower case', async () => {
    const upper = { filedigest: digestOf('hello').toUpperCase() };
    expect((await judge([...opened2, second.transfer(2, HELLO, 1, upper)])).broken).toEqual([]);
  });

  test('that give two numbers of chunks give none', async () => {
    const twice = second.upload(2, LARGE, {
      file: { name: 'l', size: 2_500, nb_chunks: 4, digest: digestOf('large') },
    });
    const lines = [...opened2, twice, second.ok(2), second.transfer(3, LARGE, 1, {}, { on: 9 }), second.ok(3)];
    expect((await judge(lines)).broken).toEqual([]);
  });

  const bodyOf = ({ bytes }: Line) => Buffer.from(bytes.subarray(6)).toString();
});

describe('the edition', () => {
  const settled = async (lines: readonly Line[], options: JudgeOptions = {}) =>
    (await judge(lines, options)).report.protocols[0].dialect.edition;

  test.each([
    { lines: [authentication(1)], edition: '2019-12' },
    { lines: [second.authentication(1, [])], edition: '2020-01' },
    { lines: [second.authentication(1, [], { uploads: undefined, requests: [] })], edition: '2020-01' },
    { lines: [authentication(1), second.authentication(2, [])], edition: '2019-12' },
  ])('is $edition', async ({ lines, edition }) => {
    expect(await settled(lines)).toBe(edition);
  });

  test('of each connection is its own', async () => {
    const frames = [
      ...talkOf([authentication(1), ok(1)]).frames(),
      ...talkOf([second.authentication(1, []), second.responses(1, [])], 65_000, '10.0.0.1:40001').frames(),
    ];
    const found = await judgeFrames(frames);
    expect(found.broken).toEqual([]);
    expect(found.report.protocols[0].dialect.edition).toEqual(['2019-12', '2020-01']);
  });

  test('is 2019-12 where the first message is another one', async () => {
    const found = await judge([second.transfer(2, HELLO)], mapped);
    expect(found.broken).toEqual(['unknown-message 4']);
    expect(found.report.protocols[0].dialect.edition).toBe('2019-12');
  });

  test('is what the user says', async () => {
    const found = await judge([second.transfer(2, HELLO)], { ...mapped, dialect: { edition: '2020-01' } });
    expect(found.broken).toEqual(['auth-not-first 4']);
  });

  test('of an AUTHENTICATION that cannot be read is recognised from what follows', async () => {
    const lines = [data(CLIENT, 1, '{"token"'), second.responses(1, []), second.download(2, 'x'), second.ok(2)];
    const found = await judge(lines);
    expect(found.broken).toEqual(['not-json 4']);
    expect(found.seen.map(seen => seen.split(' ')[0])).toEqual([
      'AUTHENTICATION',
      'RESPONSES',
      'DOWNLOAD-REQUEST',
      'RESPONSE',
    ]);
  });

  test.each([
    { line: transfer(2), name: 'TRANSFER' },
    { line: ok(2), name: 'RESPONSE' },
    { line: second.upload(2, HELLO), name: 'UPLOAD-REQUEST' },
    { line: second.download(2, 'x'), name: 'DOWNLOAD-REQUEST' },
    { line: second.ok(2), name: 'RESPONSE' },
    { line: second.transfer(2, HELLO), name: 'TRANSFER' },
    { line: data(CLIENT, 2, { mood: 1 }), name: 'user type 2' },
    { line: data(CLIENT, 3, { name: 'x', chunk: id(1) }), name: 'user type 3' },
  ])('midstream is recognised by a message that only one has: $name', async ({ line, name }) => {
    const { seen } = await judgeFrames(talkOf([line]).frames().slice(3), mapped);
    expect(seen).toEqual([`${name} READY`]);
  });
});

describe('midstream', () => {
  test('a message that one side alone may send tells who is who', async () => {
    const found = await judgeFrames(
      talkOf([ok(1), transfer(2), ok(2)])
        .frames()
        .slice(3),
      mapped,
    );
    expect(found.broken).toEqual([]);
    expect(found.connections).toMatchObject([
      { client: '10.0.0.1:40000', server: '10.0.0.2:9000', state: 'READY', messages: 3, verdict: 'inconclusive' },
    ]);
  });

  test('what two messages in hand prove is reported', async () => {
    const lines = [transfer(2), ok(2), transfer(3, 33, { chunk: id(1_002) }), transfer(3)];
    const { broken } = await judgeFrames(talkOf(lines).frames().slice(3), mapped);
    expect(broken).toEqual(['chunk-reused 3', 'message-id-reused 4']);
  });
});

test('states follow the conversation', async () => {
  const { seen, connections } = await judge([authentication(1), error(1), ...closing]);
  expect(seen).toEqual(['AUTHENTICATION AUTHENTICATING', 'RESPONSE REFUSED']);
  expect(connections.map(({ state }) => state)).toEqual(['CLOSED']);
  const accepted = await judge([authentication(1), ok(1), transfer(2), fin(CLIENT)]);
  expect(accepted.seen).toEqual(['AUTHENTICATION AUTHENTICATING', 'RESPONSE READY', 'TRANSFER READY']);
  expect(accepted.connections.map(({ state }) => state)).toEqual(['READY']);
});
