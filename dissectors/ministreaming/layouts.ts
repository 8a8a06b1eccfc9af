/**
 * The six messages of ministreaming, as tables, and CHAFF, which the known implementation has besides them. A message
 * carries the identifier that its receiver chose; only SYN carries its sender's.
 */
import { bytes, type FieldSpec, id, type Layout, layoutOf, type Message, uint } from '../../src/sdk.ts';

/** A message: type, identifier, and what is behind them. @param receiver whose id it carries */
function message(
  code: number,
  name: string,
  [receiver, clause]: readonly [receiver: 'client' | 'server', clause: string],
  meaning: string,
  ...payload: readonly FieldSpec[]
): Layout {
  const whose = id('id', 3, { title: 'id', meaning: `the ${receiver} id of the connection` });
  return layoutOf(name, { code, meaning, clause }, [type(code, name), whose, ...payload]);
}

const type = (code: number, clause: string) =>
  uint('type', 1, { title: 'type', labels: { [code]: clause }, meaning: 'message type', clause, brief: false });
const data = bytes('data', 'rest', { title: 'payload', meaning: 'the data to send', brief: false });

export const SYN = message(
  0xa1,
  'SYN',
  ['client', 'SYN'],
  'asks for a connection',
  bytes('key', 'rest', { title: 'payload', meaning: 'the public key dynamically created by the client', brief: false }),
);
export const ACK = message(
  0x51,
  'ACK',
  ['client', 'ACK'],
  'accepts a connection',
  id('serverId', 3, { title: 'payload', meaning: 'the server id of the connection' }),
);

const toServer = 'carries bytes of the stream to the server';
const toClient = 'carries bytes of the stream to the client';
const closes = 'the client closes the connection';
const refuses = 'the server refuses or closes the connection';
export const CLOSE_CLIENT = message(0xa2, 'CLOSE (client)', ['server', 'Close'], closes);
export const CLOSE_SERVER = message(0x52, 'CLOSE (server)', ['client', 'Close'], refuses);

/** By type number: first those of the client, then those of the server. */
export const LAYOUTS: readonly Layout[] = [
  message(0xa0, 'DATA (client)', ['server', 'Send data'], toServer, data),
  SYN,
  CLOSE_CLIENT,
  message(0x50, 'DATA (server)', ['client', 'Send data'], toClient, data),
  ACK,
  CLOSE_SERVER,
];

/** No message of the specification, so none of `LAYOUTS`: shown and counted where `chaff` is `ignore`. */
export const CHAFF = layoutOf(
  'CHAFF',
  { code: 0xff, meaning: 'ignored on arrival; alone, a ping of the known implementation', clause: 'none' },
  [type(0xff, 'CHAFF'), bytes('chaff', 'rest', { title: 'chaff', meaning: 'means nothing', brief: false })],
);

/** Type numbers: places in `LAYOUTS`, and two that have none there. */
export const TYPE = {
  DATA_CLIENT: 0,
  SYN: 1,
  CLOSE_CLIENT: 2,
  DATA_SERVER: 3,
  ACK: 4,
  CLOSE_SERVER: 5,
  UNKNOWN: 6,
  CHAFF: 7,
} as const;

export const HEADER_LENGTH = SYN.fixedLength;
export const ACK_LENGTH = ACK.fixedLength;
/** The reserved identifier. */
export const RESERVED_ID = 0;

/** Type number of a type byte; of -1, which stands for a byte that was not captured, too. */
export function typeOf(code: number): number {
  if (code >= 0xa0 && code <= 0xa2) return code - 0xa0;
  if (code >= 0x50 && code <= 0x52) return code - 0x50 + TYPE.DATA_SERVER;
  return TYPE.UNKNOWN;
}

/** @param ignoresChaff FF alone is a ping then, and with a header's length chaff; in between it is neither */
export function typeOfMessage(message: Message, ignoresChaff: boolean): number {
  const code = message.byte(0);
  if (code !== CHAFF.code || !ignoresChaff) return typeOf(code);
  return message.length === 1 || message.length >= HEADER_LENGTH ? TYPE.CHAFF : TYPE.UNKNOWN;
}

/** Is the message one that clients send? */
export const isClients = (type: number): boolean => type < TYPE.DATA_SERVER;
export const isData = (type: number): boolean => type === TYPE.DATA_CLIENT || type === TYPE.DATA_SERVER;
export const isClose = (type: number): boolean => type === TYPE.CLOSE_CLIENT || type === TYPE.CLOSE_SERVER;
/** A type within the client's or the server's range that has no meaning yet. */
export const isReserved = (code: number): boolean => (code >= 0xa3 && code <= 0xaf) || (code >= 0x53 && code <= 0x5f);

/** The identifier in the header; its bytes must have been captured. */
export function idOf({ bytes, start }: { readonly bytes: Uint8Array; readonly start: number }): number {
  return (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3];
}
