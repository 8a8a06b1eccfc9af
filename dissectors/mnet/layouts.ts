/**
 * The nine messages of MNET, as tables. Offsets and names are the specification's figures; where a figure and its
 * byte row disagree (COOKIE prints bit offsets 48 and 56 over bytes 7 and 8) the byte row holds.
 */
import { defineLayout, type Layout } from '../../src/sdk.ts';

const type = (code: number, clause: string) =>
  ({
    name: 'type',
    title: 'Type',
    offset: 0,
    size: 1,
    kind: 'uint',
    labels: { [code]: clause },
    meaning: 'message type',
    clause,
    brief: false,
  }) as const;

const tag = (clause: string) =>
  ({
    name: 'tag',
    title: 'PeerConnectionTag',
    offset: 1,
    size: 3,
    kind: 'id',
    meaning: 'tag that marks the connection; whose of the two is a matter of the dialect',
    clause,
  }) as const;

const acknowledged = (offset: number, clause: string) =>
  ({
    name: 'acknowledged',
    title: 'AcknowledgedBytes',
    offset,
    size: 4,
    kind: 'uint',
    meaning: 'bytes received from the peer so far, modulo 2^32',
    clause,
  }) as const;

const cookieFields = (code: number, clause: string) =>
  [
    type(code, clause),
    {
      name: 'tag',
      title: 'ConnectionTag',
      offset: 1,
      size: 3,
      kind: 'id',
      meaning: 'tag the listener chose',
      clause,
    },
    {
      name: 'peerTag',
      title: 'PeerConnectionTag',
      offset: 4,
      size: 3,
      kind: 'id',
      meaning: 'tag of the INIT that is answered',
      clause,
    },
    { name: 'version', title: 'Version', offset: 7, size: 1, kind: 'uint', meaning: 'protocol version', clause },
    {
      name: 'expiration',
      title: 'Expiration',
      offset: 8,
      size: 4,
      kind: 'unixTime',
      meaning: 'until when the listener takes the cookie back',
      clause,
    },
    {
      name: 'hmac',
      title: 'HMAC',
      offset: 12,
      size: 20,
      kind: 'bytes',
      meaning: 'HMAC-SHA1 over the cookie and the addresses, under a secret of the listener',
      clause,
      brief: false,
    },
  ] as const;

export const DATA = defineLayout({
  name: 'DATA',
  code: 0,
  meaning: 'carries bytes of the stream, and acknowledges those of the other direction',
  clause: 'DATA',
  fields: [
    type(0, 'DATA'),
    tag('DATA'),
    {
      name: 'sequence',
      title: 'OutgoingSequence',
      offset: 4,
      size: 4,
      kind: 'uint',
      meaning: "bytes sent so far, this message's included, modulo 2^32",
      clause: 'DATA',
    },
    acknowledged(8, 'DATA'),
    {
      name: 'length',
      title: 'DataLength',
      offset: 12,
      size: 2,
      kind: 'uint',
      meaning: 'bytes of application data',
      clause: 'DATA',
    },
    {
      name: 'data',
      title: 'Application Data',
      offset: 14,
      size: 'rest',
      kind: 'bytes',
      meaning: 'bytes [sequence - length, sequence) of the stream',
      clause: 'DATA',
      brief: false,
    },
  ],
});

export const INIT = defineLayout({
  name: 'INIT',
  code: 1,
  meaning: 'asks for a connection',
  clause: 'INIT',
  fields: [
    type(1, 'INIT'),
    {
      name: 'magic',
      title: 'ProtocolMagic',
      offset: 1,
      size: 4,
      kind: 'text',
      meaning: 'the letters MNET',
      clause: 'INIT',
      brief: false,
    },
    {
      name: 'version',
      title: 'Version',
      offset: 5,
      size: 1,
      kind: 'uint',
      meaning: 'protocol version',
      clause: 'INIT',
    },
    {
      name: 'tag',
      title: 'ConnectionTag',
      offset: 6,
      size: 3,
      kind: 'id',
      meaning: 'tag the connector chose',
      clause: 'INIT',
    },
  ],
});

export const COOKIE = defineLayout({
  name: 'COOKIE',
  code: 2,
  meaning: 'answers INIT with a signed cookie, so that the listener need not remember it',
  clause: 'COOKIE',
  fields: cookieFields(2, 'COOKIE'),
});

export const COOKIE_ECHO = defineLayout({
  name: 'COOKIE-ECHO',
  code: 3,
  meaning: 'brings the cookie back and so proves the address',
  clause: 'COOKIE-ECHO',
  fields: cookieFields(3, 'COOKIE-ECHO'),
});

/** The messages that are a type and a tag. */
const bare = (code: number, name: string, meaning: string) =>
  defineLayout({ name, code, meaning, clause: name, fields: [type(code, name), tag(name)] });

export const COOKIE_ACK = bare(4, 'COOKIE-ACK', 'establishes the connection');
export const SHUTDOWN = defineLayout({
  name: 'SHUTDOWN',
  code: 5,
  meaning: 'its sender has no more data',
  clause: 'SHUTDOWN',
  fields: [type(5, 'SHUTDOWN'), tag('SHUTDOWN'), acknowledged(4, 'SHUTDOWN')],
});
export const SHUTDOWN_ACK = bare(6, 'SHUTDOWN-ACK', 'answers SHUTDOWN');
export const SHUTDOWN_COMPLETE = bare(7, 'SHUTDOWN-COMPLETE', 'answers SHUTDOWN-ACK and ends the connection');
export const ABORT = bare(8, 'ABORT', 'ends the connection at once');

/** By code point. */
export const LAYOUTS: readonly Layout[] = [
  DATA,
  INIT,
  COOKIE,
  COOKIE_ECHO,
  COOKIE_ACK,
  SHUTDOWN,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
  ABORT,
];

/** Code points, for the tables and masks that are indexed by them. */
export const TYPE = {
  DATA: 0,
  INIT: 1,
  COOKIE: 2,
  COOKIE_ECHO: 3,
  COOKIE_ACK: 4,
  SHUTDOWN: 5,
  SHUTDOWN_ACK: 6,
  SHUTDOWN_COMPLETE: 7,
  ABORT: 8,
  /** Not on the wire: the index under which messages of unknown type are judged. */
  UNKNOWN: 9,
} as const;

/** Bytes 1..31 of COOKIE and COOKIE-ECHO: what must come back unchanged. */
export const COOKIE_CONTENT = { offset: 1, length: 31 } as const;
