/**
 * The values of one message that mean something: handed to the rules about their form, and kept for the tracker. They
 * come from the walk over the message, already of the right type.
 */
import type { JsonValue } from '../../src/sdk.ts';
import { spanOf } from './evidence.ts';
import { countOf } from './integers.ts';
import type { Role } from './members.ts';
import type { Outcomes } from './outcomes.ts';
import { judgeChunkId, judgeData, judgeDigest } from './rules/data.ts';
import { judgeFid, judgeName, judgeSize } from './rules/file.ts';
import { judgeIdFormat } from './rules/members.ts';
import { judgeError, judgeSuccess, judgeWord } from './rules/response.ts';
import { judgeAnyToken, judgeToken } from './rules/token.ts';
import type { AnnouncedFile, Edition } from './terms.ts';

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
    const outcomes = this.#outcomes;
    switch (role) {
      case 'message-id':
        this.messageId = value.text;
        judgeIdFormat(value, path, outcomes);
        break;
      case 'request-id':
        judgeIdFormat(value, path, outcomes);
        break;
      case 'answered-id':
        this.messageId = value.text;
        break;
      case 'token':
        if (judgeToken(value, path, this.#now, outcomes)) this.#keepToken(value);
        break;
      case 'any-token':
        if (value.kind === 'string' && judgeAnyToken(value, this.#now, outcomes)) this.#keepToken(value);
        break;
      case 'file-name':
        judgeName(value, path, outcomes);
        if (file) file.name = value.text;
        break;
      case 'file-size':
        if (file) file.size = judgeSize(value, path, outcomes);
        break;
      case 'file-chunks':
        if (file) file.chunks = countOf(value.text);
        break;
      case 'file-digest':
        if (file) file.digest = value.text;
        break;
      case 'fid':
        judgeFid(value, path, outcomes);
        break;
      case 'chunk-id':
        this.chunkId = value.text;
        judgeChunkId(value, path, outcomes);
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
        this.dataLength = judgeData(value, path, this.#edition, outcomes);
        if (value.kind === 'string' && this.dataLength !== undefined) this.#base64 = value.text;
        break;
      case 'response':
        this.#responseValue = value;
        this.response = judgeWord(value, path, this.#edition, outcomes);
        break;
      case 'item-response':
        judgeWord(value, path, this.#edition, outcomes);
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
    const outcomes = this.#outcomes;
    if (this.response === 'ok') judgeSuccess(this.#reason, outcomes);
    else if (this.response === 'failure' && this.#edition === '2019-12')
      judgeError(message, this.#responseValue!, outcomes);
    if (this.#chunkDigest && this.#base64 !== undefined) judgeDigest(this.#chunkDigest, this.#base64, outcomes);
  }

  #keepToken(value: JsonValue): void {
    this.token = value.text;
    this.tokenBytes = spanOf(value);
  }
}
