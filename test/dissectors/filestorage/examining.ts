/** Single messages of filestorage for tests: sound ones to change, and a short way to have one examined. */

import { type Content, examine } from '../../../dissectors/filestorage/content.ts';
import type { Edition, Kind } from '../../../dissectors/filestorage/terms.ts';
import type { RuleDocument } from '../../../src/lint/rule.ts';
import { Message } from '../../../src/wire/message.ts';

export const ID = '94bd4941-e4e2-4ca0-b8e8-0edf9f170ecd';
export const OTHER_ID = '016a328e-68e3-45d5-a2bb-36cb08e0146c';

/** RFC 7519's own kind: {"alg":"HS256","typ":"JWT"}, {"sub":"1002"}, and 32 bytes of signature. */
export const JWT = jwt({ alg: 'HS256', typ: 'JWT' }, { sub: '1002' }, Buffer.alloc(32, 7).toString('base64url'));

export function jwt(header: unknown, claims: unknown, signature: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

const DIGEST = '21ac72ecd6a91f517c0fb7ee6fad86e69652bed0afae7817662e7386f40c2e25';

/** Sound messages of 2019-12, as objects to spread. */
export const AUTHENTICATION = { 'message-id': ID, token: JWT, files: [{ name: 'hello.txt', size: 33 }] };
export const RESPONSE = { 'message-id': ID, response: 'Ok' };
export const TRANSFER = { 'message-id': ID, chunk: OTHER_ID, data: 'SGVsbG8=' };

/** Sound messages of 2020-01. The digest is that of the text of `data`. */
export const FILE_2020 = { name: 'hello.txt', size: 33, nb_chunks: 1, digest: DIGEST };
export const AUTHENTICATION_2020 = {
  mid: ID,
  token: { uid: 1002, login: 'jo' },
  uploads: [{ mid: OTHER_ID, file: FILE_2020 }],
  downloads: [],
};
export const TRANSFER_2020 = {
  mid: ID,
  filedigest: DIGEST,
  chunk: { n: 1, on: 1, digest: '6f3fea07d8820984f291116699560c816ea5e8f9219c950f2a82df3bb8f974a9' },
  data: 'SGVsbG8sIGZpbGVzdG9yYWdlIQpTZWNvbmQgbGluZS4K\n',
};

export interface Options {
  readonly edition?: Edition;
  readonly idField?: 'message-id' | 'mid' | 'either';
  readonly token?: 'jwt' | 'any';
  /** Capture time. */
  readonly seconds?: number;
  /** Bytes of the message that the capture holds. */
  readonly captured?: number;
}

/** A libipc message around the payload: an object is written as JSON, text and bytes stand as they are. */
export function messageOf(payload: unknown, { seconds = 0, captured }: Options = {}): Message {
  const text = Buffer.isBuffer(payload) || typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = Buffer.from(text as string);
  const bytes = Buffer.concat([Buffer.alloc(9, 0xff), Buffer.from([2, 0, 0, 0, 0, 1]), body, Buffer.from('}]')]);
  bytes.writeUInt32BE(body.length, 10);
  const message = new Message();
  message.assign(bytes, 9, body.length + 6, captured ?? body.length + 6);
  message.seconds = seconds;
  return message;
}

export function examined(payload: unknown, kind: Kind, options: Options = {}): Content {
  const { edition = '2019-12', idField = 'message-id', token = 'jwt' } = options;
  return examine(messageOf(payload, options), kind, edition, { idField, token });
}

const PREFIX = 'filestorage/'.length;

/** Ids of rules. */
export const idsOf = (rules: readonly RuleDocument[]): string[] => rules.map(({ id }) => id);

/** Rules that the message breaks, without the protocol's name. */
export function broken(payload: unknown, kind: Kind, options: Options = {}): string[] {
  return examined(payload, kind, options).faults.map(({ rule }) => rule.id.slice(PREFIX));
}

/** As `broken`, each with the characters of the payload that it points at. */
export function pointed(payload: unknown, kind: Kind, options: Options = {}): [rule: string, text: string][] {
  const message = messageOf(payload, options);
  return examined(payload, kind, options).faults.map(({ rule, evidence }) => {
    const { offset = 0, length = 0 } = evidence.bytes ?? {};
    return [rule.id.slice(PREFIX), Buffer.from(message.copy(offset, offset + length)).toString()];
  });
}

/** Rules that applied and hold, without the protocol's name. */
export function passed(payload: unknown, kind: Kind, options: Options = {}): string[] {
  return examined(payload, kind, options).passed.map(({ id }) => id.slice(PREFIX));
}

/** The object without one of its members. */
export function without<T extends object>(object: T, name: keyof T): Partial<T> {
  const { [name]: _gone, ...rest } = object;
  return rest as Partial<T>;
}
