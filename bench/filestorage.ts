/**
 * Captures of filestorage uploads over TCP, edition 2020-01, as the public programs hold them: AUTHENTICATION announces
 * the files, RESPONSES accepts them, then each chunk of 1,000 bytes is a TRANSFER that is answered before the next goes
 * out. Base64 in lines of 60 characters, digests that are right, libipc's six bytes before each message.
 *
 * The capture itself may have lost something: see `Loss`.
 */

import { createHash } from 'node:crypto';
import { type Capture, CONFORMING, clientOf, type Expected, LISTENER_ADDRESS } from './capture.ts';
import type { Endpoint, Segment } from './packet-file.ts';
import { mix32, putRandom } from './random.ts';
import { TcpConversation } from './tcp.ts';
import { writeConversations } from './turns.ts';

/**
 * - `none`: the capture has all
 * - `segment`: one segment with data is missing of each upload; its receiver did receive and acknowledge it
 * - `segment, one way`: so too, and nothing that the server sends was captured: no acknowledgement tells that it arrived
 */
export type Loss = 'none' | 'segment' | 'segment, one way';

export interface UploadShape {
  /** Uploads, each a connection of its own. */
  readonly uploads: number;
  readonly atOnce: number;
  readonly files: number;
  /** Of each file; the last one is shorter. */
  readonly chunks: number;
  readonly loss: Loss;
}

const CHUNK = 1_000;
const LAST_CHUNK = 620;
const BASE64_LINE = /.{1,60}/g;

const LIBIPC_DATA = 2;
const LIBIPC_HEADER = 6;
const AUTHENTICATION = 1;
const RESPONSE = 4;
const RESPONSES = 5;
const TRANSFER = 6;

const SERVER: Endpoint = { address: LISTENER_ADDRESS, port: 9000 };

interface File {
  readonly mid: string;
  readonly seed: number;
  readonly file: { readonly name: string; readonly size: number; readonly nb_chunks: number; readonly digest: string };
}

export function uploadCapture(shape: UploadShape): Capture {
  const { uploads, atOnce, files, chunks, loss } = shape;
  const missing = loss === 'none' ? '' : `-${loss.replace(/\W+/g, '-')}-missing`;
  return {
    name: `filestorage-${uploads}-uploads-${atOnce}-at-once-${files}x${chunks}-chunks${missing}`,
    write: file => {
      writeConversations(file, conversations(shape), atOnce);
      return expectedOf(shape);
    },
  };
}

function expectedOf({ uploads, files, chunks, loss }: UploadShape): Expected {
  if (loss === 'none') return { messages: uploads * (2 + 2 * files * chunks), connections: uploads, ...CONFORMING };
  return { connections: uploads, errors: 0, warnings: 0, inconclusive: uploads };
}

function* conversations(shape: UploadShape): Generator<Iterator<Segment>, void> {
  for (let number = 0; number < shape.uploads; number++) yield captured(upload(number, shape), number, shape);
}

/** What the capture has of an upload. */
function* captured(segments: Iterable<Segment>, number: number, shape: UploadShape): Generator<Segment, void> {
  const { files, chunks, loss } = shape;
  // The first segment of some TRANSFER: it holds the message's length, and the bytes behind it are waiting for it.
  const lost = loss === 'none' ? -1 : mix32(number) % (files * chunks);
  let transfers = 0;
  for (const segment of segments) {
    if (loss === 'segment, one way' && segment.from === SERVER) continue;
    if (!beginsTransfer(segment) || transfers++ !== lost) yield segment;
  }
}

/** No other segment begins with libipc's byte: inside a message there is text. */
function beginsTransfer({ payload }: Segment): boolean {
  return payload[0] === LIBIPC_DATA && payload[LIBIPC_HEADER - 1] === TRANSFER;
}

function* upload(number: number, { files, chunks }: UploadShape): Generator<Segment, void> {
  const tcp = new TcpConversation(clientOf(number), SERVER, [mix32(2 * number), mix32(2 * number + 1)]);
  const mids = midsOf(number);
  const mid = mids();
  const uploads = Array.from({ length: files }, (_, index) => fileOf(mix32(number) + index, index, chunks, mids()));
  const announced = uploads.map(({ mid, file }) => ({ mid, file }));
  const accepted = uploads.map(({ mid }) => ({ mid, response: 'Upload OK' }));
  const token = { uid: 1000 + number, login: `user${number}` };

  yield* tcp.open();
  yield* tcp.fromClient(message(AUTHENTICATION, { mid, token, uploads: announced, downloads: [] }));
  yield* tcp.fromServer(message(RESPONSES, { mid, responses: accepted, response: 'Ok' }));
  for (const { seed, file } of uploads) {
    for (let n = 1; n <= chunks; n++) {
      const mid = mids();
      const data = base64(contentOf(seed, n, chunks));
      const chunk = { n, on: chunks, digest: sha256(data) };
      yield* tcp.fromClient(message(TRANSFER, { mid, filedigest: file.digest, chunk, data }));
      yield* tcp.fromServer(message(RESPONSE, { mid, response: 'Ok' }));
    }
  }
  yield* tcp.close();
}

function fileOf(seed: number, index: number, chunks: number, mid: string): File {
  const hash = createHash('sha256');
  for (let n = 1; n <= chunks; n++) hash.update(contentOf(seed, n, chunks));
  const size = (chunks - 1) * CHUNK + LAST_CHUNK;
  return { mid, seed, file: { name: `file-${index}.bin`, size, nb_chunks: chunks, digest: hash.digest('hex') } };
}

/** The bytes of chunk `n` of `chunks`, counted from 1. */
function contentOf(seed: number, n: number, chunks: number): Uint8Array {
  const bytes = new Uint8Array(n < chunks ? CHUNK : LAST_CHUNK);
  putRandom(new DataView(bytes.buffer), 0, bytes.length, seed + Math.imul(n, 0x9e3779b9));
  return bytes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(BASE64_LINE, '$&\n');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function message(userType: number, content: object): Uint8Array {
  const payload = Buffer.from(JSON.stringify(content));
  const bytes = Buffer.alloc(LIBIPC_HEADER + payload.length);
  bytes.writeUInt8(LIBIPC_DATA, 0);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.writeUInt8(userType, 5);
  bytes.set(payload, LIBIPC_HEADER);
  return bytes;
}

/** Message ids of one upload, one after the other: UUIDs of version 4. */
function midsOf(upload: number): () => string {
  const bytes = Buffer.alloc(16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  return () => {
    putRandom(view, 0, bytes.length, mix32(~upload) + count++);
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
}
