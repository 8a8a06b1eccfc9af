/**
 * All rules of ministreaming, in the order in which a message meets them: form first, then whose id it is, then content.
 * Those that the state machine names, and those that the tracker watches, stand behind.
 */
import type { Rule } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { ackAfterClose, ackDuplicate, ackLength, ackUnexpected, serverIdInUse } from './rules/ack.ts';
import { closeDuplicate, closePayload, closeUnknownId } from './rules/close.ts';
import { dataAfterClose, dataAfterRefusal, dataBeforeAck, dataCrossingClose, dataUnknownId } from './rules/data.ts';
import { ownId, reservedId, reservedType, truncatedHeader, unknownType, wrongDirection } from './rules/messages.ts';
import { leftOpen, unknownSession } from './rules/session.ts';
import { synIdInUse, synKeyFormat, synMissingKey, synUnanswered } from './rules/syn.ts';

export const RULES: readonly Rule<Exchange>[] = [
  truncatedHeader,
  unknownType,
  reservedType,
  ackLength,
  reservedId,
  synMissingKey,
  synKeyFormat,
  closePayload,
  ownId,
  serverIdInUse,
  wrongDirection,
  synIdInUse,
  ackUnexpected,
  ackDuplicate,
  ackAfterClose,
  dataUnknownId,
  dataBeforeAck,
  dataAfterClose,
  dataCrossingClose,
  dataAfterRefusal,
  closeUnknownId,
  closeDuplicate,
  synUnanswered,
  leftOpen,
  unknownSession,
];
