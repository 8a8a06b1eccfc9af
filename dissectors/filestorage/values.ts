/**
 * The values of one message that mean something: judged by the rules about their form, and kept for the tracker. They
 * come from the walk over the message, already of the right type.
 */
import type { JsonValue } from '../../src/sdk.ts';
import { base64Length, base64Problem, firstNoByte, textDigest } from './data.ts';
import { described, quoted, shortened, spanOf } from './evidence.ts';
import { countOf, integerOf, MOST_UINT64 } from './integers.ts';
import { MOST_CHUNK_BYTES, type Role, WORDS } from './members.ts';
import { unsafety } from './names.ts';
import { BIT, type Outcomes, type RuleName } from './outcomes.ts';
import type { AnnouncedFile, Edition } from './terms.ts';
import { readToken } from './tokens.ts';

/** The form of RFC 4122, in either case; any version. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const NO_FILES: readonly AnnouncedFile[] = Object.freeze([]);

export class Values {
  messageId: string | undefined = undefined;
  response: 'ok' | 'failure' | undefined = undefined;
  token: string | undefined = undefined;
  tokenBytes: { readonly offset: number; readonly length: number } | undefined = undefined;
  chunkId: string | undefined = undefined;
  fileDigest: string | undefined = undefined;
  chunkNumber: number | undefined = undefined;
  chunkOf: number | undefined = undefined;
  dataLength: number | undefined = undefined;
  readonly #outcomes: Outcomes;
  readonly #edition: Edition;
  readonly #now: number;
  #files: Mutable<AnnouncedFile>[] | undefined = undefined;
  #responseValue: JsonValue | undefined = undefined;
  #reason: JsonValue | undefined = undefined;
  #chunkDigest: JsonValue | undefined = undefined;
  #base64: string | undefined = undefined;

  /** @param now capture time of the message, in seconds */
  constructor(outcomes: Outcomes, edition: Edition, now: number) {
    this.#outcomes = outcomes;
    this.#edition = edition;
    this.#now = now;
  }

  get files(): readonly AnnouncedFile[] {
    return this.#files ?? NO_FILES;
  }

  /** What follows is about another file than before. */
  beginFile(): void {
    this.#files ??= [];
    this.#files.push({ name: undefined, size: undefined, chunks: undefined, digest: undefined });
  }

  take(role: Role, value: JsonValue, path: string): void {
    const file = this.#files?.at(-1);
    switch (role) {
      case 'message-id':
        this.messageId = value.text;
        this.#uuid('messageIdFormat', value, path);
        break;
      case 'request-id':
        this.#uuid('messageIdFormat', value, path);
        break;
      case 'answered-id':
        this.messageId = value.text;
        break;
      case 'token':
        this.#outcomes.applies(BIT.tokenFormat);
        if (!this.#token(value)) {
          this.#broken('tokenFormat', value, `${quoted(path)} is no JWT`, 'three parts in base64url, two JSON objects');
        }
        break;
      case 'any-token':
        if (value.kind === 'string') this.#token(value);
        break;
      case 'file-name':
        this.#fileName(value, path);
        if (file) file.name = value.text;
        break;
      case 'file-size':
        if (file) file.size = this.#fileSize(value, path);
        break;
      case 'file-chunks':
        if (file) file.chunks = countOf(value.text);
        break;
      case 'file-digest':
        if (file) file.digest = value.text;
        break;
      case 'fid':
        this.#uuid('fidFormat', value, path);
        break;
      case 'chunk-id':
        this.chunkId = value.text;
        this.#uuid('chunkIdFormat', value, path);
        break;
      case 'chunk-file':
        this.fileDigest = value.text;
        break;
      case 'chunk-number':
        this.chunkNumber = countOf(value.text);
        break;
      case 'chunk-of':
        this.chunkOf = countOf(value.text);
        break;
      case 'chunk-digest':
        this.#chunkDigest = value;
        break;
      case 'data':
        this.#data(value, path);
        break;
      case 'response':
        this.#responseValue = value;
        this.response = this.#word(value, path);
        break;
      case 'item-response':
        this.#word(value, path);
        break;
      case 'reason':
        this.#reason = value;
        break;
      case 'none':
        break;
    }
  }

  /** Judges what more than one value says. To be called when all were taken. */
  finish(message: JsonValue): void {
    this.#judgeReason(message);
    this.#judgeDigest();
  }

  #broken(rule: RuleName, value: JsonValue, message: string, expected: string, actual = quoted(value.text)): void {
    this.#outcomes.breaks(rule, { message, expected, actual, bytes: spanOf(value) });
  }

  #uuid(rule: 'messageIdFormat' | 'fidFormat' | 'chunkIdFormat', value: JsonValue, path: string): void {
    this.#outcomes.applies(BIT[rule]);
    if (!UUID.test(value.text)) this.#broken(rule, value, `${quoted(path)} is no UUID`, 'a UUID');
  }

  /** False when it is no JWT. */
  #token(value: JsonValue): boolean {
    const token = readToken(value.text);
    if (!token) return false;
    this.#outcomes.applies(BIT.tokenAlgNone);
    if (token.algorithm === 'none') {
      const problem = 'the token is not signed: its algorithm is "none"';
      this.#broken('tokenAlgNone', value, problem, 'a signature', 'alg "none"');
    } else {
      this.token = value.text;
      this.tokenBytes = spanOf(value);
    }
    if (token.expires !== undefined) this.#judgeExpiry(value, token.expires);
    return true;
  }

  #judgeExpiry(value: JsonValue, expires: number): void {
    this.#outcomes.applies(BIT.tokenExpired);
    if (expires >= this.#now) return;
    const late = `${shortened(String(this.#now - expires))} s`;
    const expected = `sent by ${timeOf(expires)}`;
    this.#broken('tokenExpired', value, `the token expired ${late} ago`, expected, `captured ${late} later`);
  }

  #fileName(value: JsonValue, path: string): void {
    this.#outcomes.applies(BIT.fileNameUnsafe);
    const unsafe = unsafety(value.text);
    if (unsafe)
      this.#broken('fileNameUnsafe', value, `the file name ${quoted(path)} ${unsafe}`, 'a plain relative name');
  }

  #fileSize(value: JsonValue, path: string): bigint | undefined {
    this.#outcomes.applies(BIT.fileSizeRange);
    const size = integerOf(value.text);
    if (size !== undefined && size >= 0n && size <= MOST_UINT64) return size;
    const written = shortened(value.text);
    this.#broken('fileSizeRange', value, `${quoted(path)} is ${written}`, 'an integer from 0 to 2^64-1', written);
    return undefined;
  }

  #data(value: JsonValue, path: string): void {
    this.#outcomes.applies(BIT.dataEncoding);
    if (value.kind === 'array') this.#dataArray(value, path);
    else this.#dataText(value, path);
    if (this.dataLength === undefined) return;
    const most = MOST_CHUNK_BYTES[this.#edition];
    this.#outcomes.applies(BIT.chunkSize | BIT.chunkEmpty);
    if (this.dataLength > most) {
      const actual = `${this.dataLength} bytes`;
      this.#broken('chunkSize', value, `the chunk holds ${actual}`, `at most ${most} bytes`, actual);
    } else if (this.dataLength === 0) {
      this.#broken('chunkEmpty', value, 'the chunk holds no bytes', 'at least one byte', 'none');
    }
  }

  #dataArray({ items }: JsonValue, path: string): void {
    const wrong = firstNoByte(items);
    if (wrong < 0) {
      this.dataLength = items.length;
      return;
    }
    const item = items[wrong];
    const at = quoted(`${path}[${wrong}]`);
    const actual = item.kind === 'number' ? shortened(item.text) : described(item);
    this.#broken('dataEncoding', item, `${at} is ${actual}`, 'an integer from 0 to 255', actual);
  }

  #dataText(value: JsonValue, path: string): void {
    const length = base64Length(value.text);
    if (length >= 0) {
      this.dataLength = length;
      this.#base64 = value.text;
      return;
    }
    this.#broken('dataEncoding', value, `${quoted(path)} is not base64`, 'base64', base64Problem(value.text));
  }

  #word(value: JsonValue, path: string): 'ok' | 'failure' | undefined {
    this.#outcomes.applies(BIT.responseValue);
    const { success, failure } = WORDS[this.#edition];
    if (success.includes(value.text)) return 'ok';
    if (failure.includes(value.text)) return 'failure';
    const words = [...success, ...failure].map(word => `"${word}"`).join(', ');
    this.#broken('responseValue', value, `${quoted(path)} is ${quoted(value.text)}`, `one of ${words}`);
    return undefined;
  }

  #judgeReason(message: JsonValue): void {
    if (this.response === 'ok') {
      this.#outcomes.applies(BIT.reasonWithOk);
      const reason = this.#reason;
      if (reason) this.#broken('reasonWithOk', reason, 'a response of success gives a reason', 'no reason');
    }
    if (this.response !== 'failure' || this.#edition !== '2019-12') return;
    this.#outcomes.applies(BIT.errorWithoutReason);
    if (message.members.some(({ name }) => name === 'reason')) return;
    this.#broken('errorWithoutReason', this.#responseValue!, 'the error has no reason', 'a "reason"', 'absent');
  }

  /**
   * Only of text that is base64: a fault in the text has been reported, and a wrong digest would be the same fault
   * again.
   */
  #judgeDigest(): void {
    const digest = this.#chunkDigest;
    const text = this.#base64;
    if (!digest || text === undefined) return;
    this.#outcomes.applies(BIT.chunkDigest);
    const actual = textDigest(text);
    if (digest.text === actual || digest.text.toLowerCase() === actual) return;
    this.#broken('chunkDigest', digest, 'the digest is not that of the data', `the SHA-256 of the text, ${actual}`);
  }
}

/** A time for people, if the calendar has it. */
function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `second ${seconds}` : time.toISOString().replace('.000', '');
}
