/**
 * Which byte order the integers of a connection have: the specification does not say. A DATA's length field, or an
 * Expiration near the capture's time, tells when it fits in one order only.
 */
import { type Message, readUint } from '../../src/sdk.ts';
import { COOKIE, DATA } from './layouts.ts';

/** How far from the capture's time an Expiration may lie to be believed, in seconds. */
const NEAR = 86_400;

/** True for little-endian, false for big-endian, undefined when both fit or neither. */
export function settleFromLength(message: Message): boolean | undefined {
  const low = message.byte(DATA.fields.length.offset);
  const high = message.byte(DATA.fields.length.offset + 1);
  const length = message.length - DATA.fixedLength;
  const little = (high << 8) + low === length;
  const big = (low << 8) + high === length;
  return little === big ? undefined : little;
}

/** The same from a COOKIE or COOKIE-ECHO captured at `now`, in Unix seconds. */
export function settleFromExpiration(message: Message, now: number): boolean | undefined {
  const at = message.start + COOKIE.fields.expiration.offset;
  const little = Math.abs(readUint(message.bytes, at, 4, true) - now) < NEAR;
  const big = Math.abs(readUint(message.bytes, at, 4, false) - now) < NEAR;
  return little === big ? undefined : little;
}
