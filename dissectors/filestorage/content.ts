/**
 * What one filestorage message says by itself, independent of earlier messages: its members as the tracker needs them,
 * and which of the rules about a single message it keeps and breaks. A message can break several, one finding a member.
 *
 * One fault, one finding: a member that is absent is not also of the wrong type, one of the wrong type has no format,
 * and of a member that appears twice the last is judged, as nearly all programs take it.
 */
import {
  isJsonFault,
  type JsonFault,
  type JsonValue,
  type Message,
  parseJson,
  type RuleDocument,
} from '../../src/sdk.ts';
import { type Bits, bitsOfDigest, bitsOfId } from './bits.ts';
import { HEAD_LENGTH } from './layouts.ts';
import { MEMBERS_OF_2020, membersOf } from './members.ts';
import { Outcomes } from './outcomes.ts';
import { judgeForm } from './rules/form.ts';
import { MEMBER_BITS } from './rules/members.ts';
import type { AnnouncedFile, Edition, Fault, Kind, Settings } from './terms.ts';
import { Values } from './values.ts';
import { Walk } from './walk.ts';

export interface Content {
  /** The payload is one JSON object. */
  readonly isObject: boolean;
  /** In the order to be reported. */
  readonly faults: readonly Fault[];
  /** Rules that applied and hold. */
  readonly passed: readonly RuleDocument[];
  /** Rules that could not be judged: the capture holds only part of the message, or it is too deep. */
  readonly inconclusive: readonly RuleDocument[];
  /** What is `messageBits`, as text. */
  readonly messageId: string | undefined;
  readonly messageBits: Bits | undefined;
  readonly response: 'ok' | 'failure' | undefined;
  readonly files: readonly AnnouncedFile[];
  /** A string that has the form of a JWT and is signed, as far as it says itself. */
  readonly token: string | undefined;
  /** Where the token stands, from the start of the message. */
  readonly tokenBytes: { readonly offset: number; readonly length: number } | undefined;
  readonly chunkId: string | undefined;
  readonly chunkBits: Bits | undefined;
  readonly fileDigest: string | undefined;
  readonly fileBits: Bits | undefined;
  /** From 0; undefined where the number is no exact integer. */
  readonly chunkNumber: number | undefined;
  readonly chunkOf: number | undefined;
  /** Decoded bytes. */
  readonly dataLength: number | undefined;
}

export function examine(message: Message, kind: Kind, edition: Edition, settings: Settings): Content {
  const outcomes = new Outcomes();
  const values = new Values(outcomes, edition, message.seconds);
  const json = readPayload(message);
  const isObject = judgeForm(json, message.length, outcomes);
  if (isObject) {
    outcomes.applies(MEMBER_BITS);
    new Walk(kind, outcomes, values).object(json, membersOf(kind, edition, settings));
    values.finish(json);
  }
  const { faults, passed, inconclusive } = outcomes;
  const { messageId, response, files, token, tokenBytes, chunkId, fileDigest, chunkNumber, chunkOf, dataLength } =
    values;
  const bitsOf = (text: string | undefined, of: (text: string) => Bits) => (text === undefined ? undefined : of(text));
  return {
    isObject,
    faults,
    passed,
    inconclusive,
    messageId,
    messageBits: bitsOf(messageId, bitsOfId),
    response,
    files,
    token,
    tokenBytes,
    chunkId,
    chunkBits: bitsOf(chunkId, bitsOfId),
    fileDigest,
    fileBits: bitsOf(fileDigest, bitsOfDigest),
    chunkNumber,
    chunkOf,
    dataLength,
  };
}

/** The edition that a first message of user type 1 shows: 2020-01 when it has a member that only that edition knows. */
export function editionOf(message: Message): Edition {
  const json = readPayload(message);
  if (json === undefined || isJsonFault(json)) return '2019-12';
  return json.members.some(({ name }) => MEMBERS_OF_2020.includes(name)) ? '2020-01' : '2019-12';
}

/** The JSON text behind the header; nothing when not all of it was captured. */
function readPayload({ bytes, start, length, captured }: Message): JsonValue | JsonFault | undefined {
  if (captured < length) return undefined;
  return parseJson(bytes, start + Math.min(HEAD_LENGTH, length), start + length);
}
