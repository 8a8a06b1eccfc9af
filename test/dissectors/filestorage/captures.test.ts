/**
 * Captures of the public programs (fixtures/filestorage/README.md). What is expected here was worked out from the
 * messages as tshark prints their bytes, not from what the program said.
 */
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { framesOf, type Judged, type JudgeOptions, judgeFrames } from '../../kit/filestorage.ts';
import { placesOf } from '../../kit/portion.ts';

const read = async (name: string) =>
  framesOf(await openCapture(new URL(`../../../fixtures/filestorage/${name}.pcap`, import.meta.url).pathname));
const judged = async (name: string, options: JudgeOptions = {}) => judgeFrames(await read(name), options);
const ends = ({ connections }: Judged) => connections.map(({ state, verdict }) => `${state} ${verdict}`);
const messages = ({ report }: Judged) => report.protocols.map(({ id, messages: count }) => [id, count]);

const FIRST_PROGRAMS = { idField: 'mid', token: 'any' };

test('2020-01-04-upload: five files are uploaded, one of them empty, and nothing is wrong', async () => {
  const found = await judged('2020-01-04-upload');
  expect(found.broken).toEqual([]);
  expect(ends(found)).toEqual(['CLOSED conformant']);
  expect(messages(found)).toEqual([['filestorage', 14]]);
  expect(found.report.protocols[0].dialect).toMatchObject({ edition: '2020-01' });
  expect(found.report.protocols[0].coverage.messages).toEqual({
    AUTHENTICATION: 1,
    RESPONSE: 6,
    TRANSFER: 6,
    ERROR: 0,
    'UPLOAD-REQUEST': 0,
    'DOWNLOAD-REQUEST': 0,
    RESPONSES: 1,
  });
});

test("2020-01-04-upload-tcpd: the bridge's preface is recognised, and two chunks that the server refuses are nobody's fault", async () => {
  const found = await judged('2020-01-04-upload-tcpd');
  expect(found.broken).toEqual([]);
  expect(ends(found)).toEqual(['CLOSED conformant', 'CLOSED conformant']);
  expect(messages(found)).toEqual([['filestorage', 18]]);
  expect(found.report.protocols[0].dialect).toMatchObject({ edition: '2020-01', preface: 'tcpd' });
});

test('2020-01-30-upload-twice: chunks are counted from 0, and the second upload is answered Not Ok', async () => {
  const found = await judged('2020-01-30-upload-twice');
  expect(found.broken).toEqual([]);
  expect(ends(found)).toEqual(['CLOSED conformant', 'CLOSED conformant']);
  expect(messages(found)).toEqual([['filestorage', 14]]);
});

test('2020-01-02-pipelined: each TRANSFER behind an unanswered one, and no other fault', async () => {
  const found = await judged('2020-01-02-pipelined');
  expect(found.broken).toEqual(['transfer-pipelined 10', 'transfer-pipelined 12', 'transfer-pipelined 14']);
  expect(ends(found)).toEqual(['CLOSED violations']);
});

describe.each([
  { name: '2019-12-auth', requests: [4, 14, 24], answers: [6, 16, 26] },
  { name: '2019-12-auth-tcpd', requests: [8], answers: [9] },
])('$name', ({ name, requests, answers }) => {
  test('held to the letter: no message has a message-id, and the token is an object', async () => {
    const found = await judged(name);
    const expected = [
      ...requests.flatMap(frame => [`missing-field ${frame}`, `field-type ${frame}`]),
      ...answers.map(frame => `missing-field ${frame}`),
    ];
    expect([...found.broken].sort()).toEqual(expected.sort());
    expect(ends(found)).toEqual(requests.map(() => 'CLOSED violations'));
    expect(found.report.protocols[0].dialect).toMatchObject({ edition: '2019-12' });
  });

  test("in the first programs' dialect nothing is wrong", async () => {
    const found = await judged(name, { dialect: FIRST_PROGRAMS });
    expect(found.broken).toEqual([]);
    expect(ends(found)).toEqual(requests.map(() => 'CLOSED conformant'));
  });

  test('either name of the id is taken where the user says so', async () => {
    const found = await judged(name, { dialect: { idField: 'either' } });
    expect(found.broken).toEqual(requests.map(frame => `field-type ${frame}`));
  });
});

test('libipc-pong: libipc, and no protocol of an application', async () => {
  const found = await judged('libipc-pong');
  expect(found.broken).toEqual([]);
  expect(messages(found)).toEqual([['libipc', 18]]);
  expect(ends(found)).toEqual(Array(8).fill('CLOSED conformant'));
});

const CAPTURES = [
  { name: '2019-12-auth' },
  { name: '2019-12-auth-tcpd' },
  { name: '2020-01-02-pipelined' },
  { name: '2020-01-04-upload' },
  { name: '2020-01-04-upload-tcpd' },
  { name: '2020-01-30-upload-twice' },
  { name: 'libipc-pong' },
];

/** Of all frames of a capture, one of so many. */
const STEP = 4;

describe.each(CAPTURES.map((one, turn) => ({ ...one, turn })))('$name', ({ name, turn }) => {
  test('cut off anywhere gives nothing that the whole does not give', async () => {
    const frames = await read(name);
    const whole = (await judgeFrames(frames)).broken;
    for (const length of placesOf(frames.length, STEP, turn)) {
      const { broken } = await judgeFrames(frames.slice(0, length));
      expect(broken.filter(finding => !whole.includes(finding))).toEqual([]);
      expect(broken).toEqual(whole.filter(finding => Number(finding.split(' ')[1]) <= length));
    }
  });

  test.each(['recognised', 'mapped'])('without any one of its frames gives nothing new (%s)', async how => {
    const frames = await read(name);
    const options = { mapped: how === 'mapped' && (name === 'libipc-pong' ? 'libipc' : 'filestorage') };
    const whole = (await judgeFrames(frames, options)).broken;
    for (const missing of placesOf(frames.length, STEP, how === 'mapped' ? turn : turn + 1)) {
      const { broken } = await judgeFrames(frames.toSpliced(missing, 1), options);
      const shifted = whole.map(finding => {
        const [rule, frame] = finding.split(' ');
        return `${rule} ${Number(frame) > missing ? Number(frame) - 1 : frame}`;
      });
      expect({ missing: missing + 1, new: broken.filter(finding => !shifted.includes(finding)) }).toEqual({
        missing: missing + 1,
        new: [],
      });
    }
  });

  test('taken up at any frame gives nothing new', async () => {
    const frames = await read(name);
    const options = { mapped: name === 'libipc-pong' ? 'libipc' : 'filestorage' };
    const whole = (await judgeFrames(frames, options)).broken;
    for (const first of placesOf(frames.length, STEP, turn, 1)) {
      const { broken } = await judgeFrames(frames.slice(first), options);
      const shifted = whole.map(finding => {
        const [rule, frame] = finding.split(' ');
        return `${rule} ${Number(frame) - first}`;
      });
      expect({ first: first + 1, new: broken.filter(finding => !shifted.includes(finding)) }).toEqual({
        first: first + 1,
        new: [],
      });
    }
  });
});
