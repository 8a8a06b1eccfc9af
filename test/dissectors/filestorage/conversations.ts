/** Conversations that keep the specification. */
import {
  CLIENT,
  closing,
  fin,
  first,
  id,
  type JudgeOptions,
  type Line,
  later,
  SERVER,
  second,
} from '../../kit/filestorage.ts';

const { authentication, ok, error, transfer } = first;
const HELLO = { name: 'hello', size: 33 };
const LARGE = { name: 'large', size: 2_500 };
const UPLOADS = [HELLO, LARGE, { name: 'empty', size: 0 }];
const ACCEPTED = ['Upload OK', 'Upload OK', 'Upload OK'];
const text = (side: 0 | 1, value: string): Line => ({ side, bytes: Buffer.from(value) });

export interface Conversation {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly options?: JudgeOptions;
}

export const CONVERSATIONS: readonly Conversation[] = [
  {
    name: '2019-12: files that are announced, sent and answered',
    lines: [authentication(1, [33, 5]), ok(1), transfer(2), ok(2), transfer(3, 5), ok(3), ...closing],
  },
  { name: '2019-12: no files at all', lines: [authentication(1, []), ok(1), ...closing] },
  { name: '2019-12: the largest size there is', lines: [authentication(1, [], { files: [] }), ok(1), ...closing] },
  { name: '2019-12: a refusal', lines: [authentication(1), error(1), ...closing] },
  {
    name: '2019-12: a chunk that is refused is sent again, under its id or another',
    lines: [
      authentication(1),
      ok(1),
      transfer(2),
      error(2),
      transfer(3, 33, { chunk: id(1_002) }),
      error(3),
      transfer(4),
      ok(4),
      ...closing,
    ],
  },
  {
    name: '2019-12: data as an array, tags and a fid',
    lines: [
      authentication(1, [3], { fid: id(9), tags: ['a', 'b'] }),
      ok(1),
      transfer(2, 0, { data: [1, 2, 255] }),
      ok(2),
      ...closing,
    ],
  },
  {
    name: '2019-12: the client closes its side before it reads its last answer',
    lines: [authentication(1), ok(1), transfer(2), fin(CLIENT), ok(2), fin(SERVER)],
  },
  {
    name: '2019-12: the server closes first, when all is answered',
    lines: [authentication(1), ok(1), transfer(2), ok(2), fin(SERVER), fin(CLIENT)],
  },
  {
    name: '2019-12: a chunk that crosses the end of the server',
    lines: [authentication(1), ok(1), fin(SERVER), transfer(2), fin(CLIENT)],
  },
  {
    name: '2019-12: an answer that takes its time',
    lines: [authentication(1), later(29, ok(1)), transfer(2), ok(2), ...closing],
  },
  {
    name: "2019-12: the first programs' names",
    lines: [
      authentication(1, [33], { 'message-id': undefined, mid: id(1), token: { uid: 1 } }),
      ok(1, { 'message-id': undefined, mid: id(1) }),
      ...closing,
    ],
    options: { dialect: { idField: 'mid', token: 'any' } },
  },
  {
    name: '2020-01: chunks counted from 1',
    lines: [
      second.authentication(1, UPLOADS),
      second.responses(1, ACCEPTED),
      second.transfer(2, HELLO),
      second.ok(2),
      second.transfer(3, LARGE, 1),
      second.ok(3),
      second.transfer(4, LARGE, 2),
      second.ok(4),
      second.transfer(5, LARGE, 3),
      second.ok(5),
      ...closing,
    ],
  },
  {
    name: '2020-01: chunks counted from 0',
    lines: [
      second.authentication(1, [LARGE]),
      second.responses(1, ['Upload OK']),
      second.transfer(3, LARGE, 1, {}, { n: 0, on: 2 }),
      second.ok(3),
      second.transfer(4, LARGE, 2, {}, { n: 1, on: 2 }),
      second.ok(4),
      second.transfer(5, LARGE, 3, {}, { n: 2, on: 2 }),
      second.ok(5),
      ...closing,
    ],
  },
  {
    name: '2020-01: the first name of uploads, and no downloads',
    lines: [
      second.authentication(1, [], { uploads: undefined, requests: [], downloads: undefined }),
      second.responses(1, []),
      ...closing,
    ],
  },
  {
    name: '2020-01: the same file under two names',
    lines: [
      second.authentication(1, [HELLO, HELLO]),
      second.responses(1, ['Upload OK', 'Upload OK']),
      second.transfer(2, HELLO),
      second.ok(2),
      second.transfer(3, HELLO),
      second.ok(3),
      ...closing,
    ],
  },
  {
    name: '2020-01: requests behind the AUTHENTICATION',
    lines: [
      second.authentication(1, []),
      second.responses(1, []),
      second.upload(2, HELLO),
      second.ok(2, { response: 'Upload OK' }),
      second.transfer(3, HELLO),
      second.ok(3),
      second.download(4, 'x'),
      second.ok(4, { response: 'Download OK' }),
      ...closing,
    ],
  },
  {
    name: '2020-01: an upload that is refused is not sent',
    lines: [
      second.authentication(1, [LARGE, HELLO]),
      second.responses(1, ['Not OK', 'Upload OK']),
      second.transfer(2, HELLO),
      second.ok(2),
      ...closing,
    ],
  },
  {
    name: '2020-01: an ERROR in place of an answer',
    lines: [second.authentication(1, [HELLO]), second.error(1), ...closing],
  },
  {
    name: '2020-01: an ERROR that nobody asked for',
    lines: [second.authentication(1, []), second.responses(1, []), second.error(7), ...closing],
  },
  {
    name: '2020-01: a chunk is refused and sent again',
    lines: [
      second.authentication(1, [HELLO]),
      second.responses(1, ['Upload OK']),
      second.transfer(2, HELLO),
      second.notOk(2),
      second.transfer(3, HELLO),
      second.ok(3),
      ...closing,
    ],
  },
  {
    name: 'behind the TCP bridge',
    lines: [text(CLIENT, 'filestorage'), text(SERVER, 'OK'), authentication(1), ok(1), transfer(2), ok(2), ...closing],
  },
  {
    name: 'behind the TCP bridge, as the user says',
    lines: [text(CLIENT, 'filestorage'), text(SERVER, 'OK'), authentication(1), ok(1), ...closing],
    options: { dialect: { preface: 'tcpd' } },
  },
];
