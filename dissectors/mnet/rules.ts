/**
 * All rules of MNET, in the order in which a message meets them: form first, then who and when, then content. Of two
 * that one message would break, the one named first here is the more exact and is reported.
 */
import type { Rule } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { afterAbort } from './rules/abort.ts';
import {
  cookieExpired,
  cookieMac,
  cookiePeerTag,
  cookieUnsolicited,
  unsupportedVersionAccepted,
} from './rules/cookie.ts';
import { badCookieAccepted, cookieAckUnsolicited } from './rules/cookie-ack.ts';
import { echoAddress, echoExpired, echoMismatch, echoUnsolicited } from './rules/cookie-echo.ts';
import {
  ackRegress,
  ackUnsent,
  dataBeforeAck,
  dataBeforeEcho,
  dataLengthMismatch,
  retransmitDiffers,
  sequenceGap,
  sequenceUnderflow,
} from './rules/data.ts';
import { badMagic, initTagReused, tagNotRandom, unsupportedVersion } from './rules/init.ts';
import { length, reordered, tagMismatch, truncatedHeader, unknownType, wrongRole } from './rules/messages.ts';
import { ambiguousReading, handshakeIncomplete, shutdownIncomplete, unknownConnection } from './rules/session.ts';
import { dataAfterShutdown, shutdownBeforeEstablished } from './rules/shutdown.ts';
import { shutdownAckUnsolicited } from './rules/shutdown-ack.ts';
import { afterClose, shutdownCompleteUnsolicited } from './rules/shutdown-complete.ts';

export const RULES: readonly Rule<Exchange>[] = [
  truncatedHeader,
  unknownType,
  length,
  dataLengthMismatch,
  badMagic,
  wrongRole,
  tagMismatch,
  unsupportedVersionAccepted,
  cookieUnsolicited,
  cookiePeerTag,
  echoAddress,
  echoUnsolicited,
  echoMismatch,
  unsupportedVersion,
  cookieMac,
  cookieExpired,
  echoExpired,
  cookieAckUnsolicited,
  badCookieAccepted,
  initTagReused,
  tagNotRandom,
  dataBeforeEcho,
  dataBeforeAck,
  sequenceUnderflow,
  sequenceGap,
  retransmitDiffers,
  ackUnsent,
  ackRegress,
  reordered,
  dataAfterShutdown,
  shutdownBeforeEstablished,
  shutdownAckUnsolicited,
  shutdownCompleteUnsolicited,
  afterClose,
  afterAbort,
  handshakeIncomplete,
  shutdownIncomplete,
  unknownConnection,
  ambiguousReading,
];
