/**
 * All rules of filestorage: form first, then who and when, then the members, then what holds between messages. Those
 * about a single message are judged as one (content.ts); all others are named by the machine or entered by the tracker.
 */
import type { Rule } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { authNotFirst, authRepeated, transferAfterRefusal, transferBeforeOk } from './rules/authentication.ts';
import { chunkDigest, chunkEmpty, chunkIdFormat, chunkSize, dataEncoding } from './rules/data.ts';
import { fidFormat, fileNameUnsafe, fileSizeRange } from './rules/file.ts';
import { notJson, notObject } from './rules/form.ts';
import { duplicateField, fieldType, messageIdFormat, missingField, unknownField } from './rules/members.ts';
import { unknownMessage, wrongDirection } from './rules/messages.ts';
import { messageIdReused, requestUnanswered, responseIdMismatch, responseUnsolicited } from './rules/requests.ts';
import { errorWithoutReason, reasonWithOk, responseValue } from './rules/response.ts';
import { tokenAlgNone, tokenExpired, tokenFormat, tokenSignature } from './rules/token.ts';
import {
  bytesExceedAnnounced,
  chunkNumber,
  chunkReused,
  fileUnknown,
  transferIncomplete,
  transferPipelined,
} from './rules/transfers.ts';

export const RULES: readonly Rule<Exchange>[] = [
  unknownMessage,
  wrongDirection,
  notJson,
  notObject,
  missingField,
  fieldType,
  duplicateField,
  unknownField,
  messageIdFormat,
  messageIdReused,
  tokenFormat,
  tokenAlgNone,
  tokenExpired,
  tokenSignature,
  fileSizeRange,
  fileNameUnsafe,
  fidFormat,
  authNotFirst,
  authRepeated,
  transferBeforeOk,
  transferAfterRefusal,
  transferPipelined,
  responseUnsolicited,
  responseIdMismatch,
  responseValue,
  errorWithoutReason,
  reasonWithOk,
  chunkIdFormat,
  chunkReused,
  dataEncoding,
  chunkSize,
  chunkEmpty,
  chunkDigest,
  chunkNumber,
  fileUnknown,
  bytesExceedAnnounced,
  transferIncomplete,
  requestUnanswered,
];
