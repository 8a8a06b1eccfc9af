/** What the parts of filestorage have to say to each other: editions, kinds of messages, settings, faults, announced files. */
import type { Evidence, RuleDocument } from '../../src/sdk.ts';

export type Edition = '2019-12' | '2020-01';

export type Kind =
  | 'ERROR'
  | 'AUTHENTICATION'
  | 'UPLOAD-REQUEST'
  | 'DOWNLOAD-REQUEST'
  | 'RESPONSE'
  | 'RESPONSES'
  | 'TRANSFER';

/** What the user settled about 2019-12; 2020-01 always calls the id `mid` and sends an object as token. */
export interface Settings {
  readonly idField: 'message-id' | 'mid' | 'either';
  readonly token: 'jwt' | 'any';
}

export interface Fault {
  readonly rule: RuleDocument;
  /** Its bytes count from the start of the message: the header of libipc, then the JSON text. */
  readonly evidence: Evidence;
}

/** A file that the client says it will send. What is absent, or not of the right form, is undefined. */
export interface AnnouncedFile {
  readonly name: string | undefined;
  /** 0..2^64-1. */
  readonly size: bigint | undefined;
  readonly chunks: number | undefined;
  readonly digest: string | undefined;
}
