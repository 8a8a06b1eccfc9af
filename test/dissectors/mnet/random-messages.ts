/** What the random endpoints and their faults read of messages: types, tags, sides. */
import type { Line, Role } from '../../kit/mnet.ts';

export const DATA = 0;
export const INIT = 1;
export const COOKIE = 2;
export const COOKIE_ECHO = 3;
export const COOKIE_ACK = 4;
export const SHUTDOWN = 5;
export const SHUTDOWN_ACK = 6;
export const SHUTDOWN_COMPLETE = 7;
export const ABORT = 8;

export const typeOf = ({ bytes }: Line): number => bytes[0];
export const uint24At = (bytes: Uint8Array, at: number): number =>
  (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
export const tagOf = ({ bytes }: Line): number => uint24At(bytes, 1);
export const other = (role: Role): Role => (role === 'connector' ? 'listener' : 'connector');
