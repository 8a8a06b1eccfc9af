/**
 * The nine messages of MNET, as tables. Places and names are those of the specification's figures; where a figure and
 * its byte row disagree (COOKIE prints bit offsets 48 and 56 over bytes 7 and 8) the byte row holds.
 */
import { bytes, type FieldSpec, id, type Layout, layoutOf, text, uint, unixTime } from '../../src/sdk.ts';

/** A message: its type, and what is behind it. Clauses are named after the messages. */
function message<const Fields extends readonly FieldSpec[]>(
  code: number,
  name: string,
  meaning: string,
  ...fields: Fields
) {
  const type = uint('type', 1, {
    title: 'Type',
    labels: { [code]: name },
    meaning: 'message type',
    brief: false,
  });
  return layoutOf(name, { code, meaning, clause: name }, [type, ...fields] as const);
}

const tag = id('tag', 3, {
  title: 'PeerConnectionTag',
  meaning: 'tag that marks the connection; whose of the two is a matter of the dialect',
});
const acknowledged = uint('acknowledged', 4, {
  title: 'AcknowledgedBytes',
  meaning: 'bytes received from the peer so far, modulo 2^32',
});
const version = uint('version', 1, 'protocol version');
const cookie = [
  id('tag', 3, { title: 'ConnectionTag', meaning: 'tag the listener chose' }),
  id('peerTag', 3, { title: 'PeerConnectionTag', meaning: 'tag of the INIT that is answered' }),
  version,
  unixTime('expiration', 'until when the listener takes the cookie back'),
  bytes('hmac', 20, {
    title: 'HMAC',
    meaning: 'HMAC-SHA1 over the cookie and the addresses, under a secret of the listener',
    brief: false,
  }),
] as const;

export const DATA = message(
  0,
  'DATA',
  'carries bytes of the stream, and acknowledges those of the other direction',
  tag,
  uint('sequence', 4, {
    title: 'OutgoingSequence',
    meaning: "bytes sent so far, this message's included, modulo 2^32",
  }),
  acknowledged,
  uint('length', 2, { title: 'DataLength', meaning: 'bytes of application data' }),
  bytes('data', 'rest', {
    title: 'Application Data',
    meaning: 'bytes [sequence - length, sequence) of the stream',
    brief: false,
  }),
);
export const INIT = message(
  1,
  'INIT',
  'asks for a connection',
  text('magic', 4, { title: 'ProtocolMagic', meaning: 'the letters MNET', brief: false }),
  version,
  id('tag', 3, { title: 'ConnectionTag', meaning: 'tag the connector chose' }),
);
const answersInit = 'answers INIT with a signed cookie, so that the listener need not remember it';
export const COOKIE = message(2, 'COOKIE', answersInit, ...cookie);
export const COOKIE_ECHO = message(3, 'COOKIE-ECHO', 'brings the cookie back and so proves the address', ...cookie);
export const COOKIE_ACK = message(4, 'COOKIE-ACK', 'establishes the connection', tag);
export const SHUTDOWN = message(5, 'SHUTDOWN', 'its sender has no more data', tag, acknowledged);
const SHUTDOWN_ACK = message(6, 'SHUTDOWN-ACK', 'answers SHUTDOWN', tag);
const SHUTDOWN_COMPLETE = message(7, 'SHUTDOWN-COMPLETE', 'answers SHUTDOWN-ACK and ends the connection', tag);
const ABORT = message(8, 'ABORT', 'ends the connection at once', tag);

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
