/**
 * The six messages of ministreaming, as tables, and CHAFF, which the known implementation has besides them. A message
 * carries the identifier that its receiver chose; only SYN carries its sender's.
 */
import { defineLayout, type Layout, type Message } from '../../src/sdk.ts';

const type = (code: number, name: string) =>
  ({
    name: 'type',
    title: 'type',
    offset: 0,
    size: 1,
    kind: 'uint',
    labels: { [code]: name },
    meaning: 'message type',
    clause: name,
    brief: false,
  }) as const;

const id = (whose: 'client' | 'server', clause: string) =>
  ({
    name: 'id',
    title: 'id',
    offset: 1,
    size: 3,
    kind: 'id',
    meaning: `the ${whose} id of the connection`,
    clause,
  }) as const;

const payload = (name: string, meaning: string, clause: string) =>
  ({ name, title: 'payload', offset: 4, size: 'rest', kind: 'bytes', meaning, clause, brief: false }) as const;

const data = (code: number, name: string, receiver: 'client' | 'server') =>
  defineLayout({
    name,
    code,
    meaning: `carries bytes of the stream to the ${receiver}`,
    clause: 'Send data',
    fields: [type(code, name), id(receiver, 'Send data'), payload('data', 'the data to send', 'Send data')],
  });

const close = (code: number, name: string, receiver: 'client' | 'server', meaning: string) =>
  defineLayout({ name, code, meaning, clause: 'Close', fields: [type(code, name), id(receiver, 'Close')] });

export const DATA_CLIENT = data(0xa0, 'DATA (client)', 'server');
export const SYN = defineLayout({
  name: 'SYN',
  code: 0xa1,
  meaning: 'asks for a connection',
  clause: 'SYN',
  fields: [
    type(0xa1, 'SYN'),
    id('client', 'SYN'),
    payload('key', 'the public key dynamically created by the client', 'SYN'),
  ],
});
export const CLOSE_CLIENT = close(0xa2, 'CLOSE (client)', 'server', 'the client closes the connection');
export const DATA_SERVER = data(0x50, 'DATA (server)', 'client');
export const ACK = defineLayout({
  name: 'ACK',
  code: 0x51,
  meaning: 'accepts a connection',
  clause: 'ACK',
  fields: [
    type(0x51, 'ACK'),
    id('client', 'ACK'),
    {
      name: 'serverId',
      title: 'payload',
      offset: 4,
      size: 3,
      kind: 'id',
      meaning: 'the server id of the connection',
      clause: 'ACK',
    },
  ],
});
export const CLOSE_SERVER = close(0x52, 'CLOSE (server)', 'client', 'the server refuses or closes the connection');

/** By type number: first those of the client, then those of the server. */
export const LAYOUTS: readonly Layout[] = [DATA_CLIENT, SYN, CLOSE_CLIENT, DATA_SERVER, ACK, CLOSE_SERVER];

/** No message of the specification, so none of `LAYOUTS`: shown and counted where `chaff` is `ignore`. */
export const CHAFF = defineLayout({
  name: 'CHAFF',
  code: 0xff,
  meaning: 'ignored on arrival; alone, a ping of the known implementation',
  clause: 'none',
  fields: [
    type(0xff, 'CHAFF'),
    {
      name: 'chaff',
      title: 'chaff',
      offset: 1,
      size: 'rest',
      kind: 'bytes',
      meaning: 'means nothing',
      clause: 'none',
      brief: false,
    },
  ],
});

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
