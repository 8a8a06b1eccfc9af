/**
 * Captures of ministreaming on UDP: many sessions with several connections each, that break no rule.
 *
 * A session is a pair of endpoints. All of its connections but the last are opened by the client's side, the last one by
 * the listener's: roles belong to a connection, not to a host. A connection is SYN with an I2P destination as its key,
 * ACK, DATA of 64 bytes from both sides in turn, and a CLOSE from each.
 */

import { type Capture, CONFORMING, clientOf, LISTENER_ADDRESS } from './capture.ts';
import type { Endpoint, PacketFile } from './packet-file.ts';
import { mix24, mix32, putRandom } from './random.ts';
import { inRounds } from './turns.ts';

export interface MinistreamingShape {
  readonly sessions: number;
  readonly connectionsEach: number;
  /** In the whole file; a multiple of the number of connections, and at least five times as many. */
  readonly packets: number;
}

const CLIENT_DATA = 0xa0;
const SYN = 0xa1;
const CLIENT_CLOSE = 0xa2;
const SERVER_DATA = 0x50;
const ACK = 0x51;
const SERVER_CLOSE = 0x52;

const HEADER = 4;
const PAYLOAD = 64;
/** Two public keys, then a certificate of type 0 without content: 387 bytes. */
const KEYS = 256 + 128;
const CERTIFICATE = 3;
const LONGEST_MESSAGE = HEADER + KEYS + CERTIFICATE;

const LISTENER: Endpoint = { address: LISTENER_ADDRESS, port: 7654 };

export function ministreamingCapture(shape: MinistreamingShape): Capture {
  const { sessions, connectionsEach, packets } = shape;
  const connections = sessions * connectionsEach;
  return {
    name: `ministreaming-${sessions}-sessions-${connections}-connections-${packets}-packets`,
    write: file => {
      const steps = packets / connections;
      inRounds(connections, steps, (clock, connection, step) =>
        writeMessage(file, clock, connection, connectionsEach, step, steps),
      );
      return { messages: packets, connections, ...CONFORMING };
    },
  };
}

function writeMessage(
  file: PacketFile,
  clock: number,
  connection: number,
  connectionsEach: number,
  step: number,
  steps: number,
): void {
  const at = file.reserve(LONGEST_MESSAGE);
  const { view } = file;
  const fromServer = step % 2 === 1;
  const closing = step >= steps - 2;
  let length = HEADER;
  if (step === 0) length += putSyn(view, at, connection);
  else if (step === 1) length += putAck(view, at, connection);
  else if (closing) putHeader(view, at, fromServer ? SERVER_CLOSE : CLIENT_CLOSE, connection, fromServer);
  else {
    putHeader(view, at, fromServer ? SERVER_DATA : CLIENT_DATA, connection, fromServer);
    putRandom(view, at + HEADER, PAYLOAD, mix32(connection) + step);
    length += PAYLOAD;
  }
  const session = Math.floor(connection / connectionsEach);
  const openedByListener = connectionsEach > 1 && connection % connectionsEach === connectionsEach - 1;
  const client = clientOf(session);
  if (fromServer !== openedByListener) file.commit(length, clock, LISTENER, client);
  else file.commit(length, clock, client, LISTENER);
}

/** A message carries the id that its receiver chose. */
function putHeader(view: DataView, at: number, type: number, connection: number, fromServer: boolean): void {
  view.setUint8(at, type);
  putId(view, at + 1, fromServer ? clientId(connection) : serverId(connection));
}

function putSyn(view: DataView, at: number, connection: number): number {
  view.setUint8(at, SYN);
  putId(view, at + 1, clientId(connection));
  putRandom(view, at + HEADER, KEYS, ~connection);
  view.setUint8(at + HEADER + KEYS, 0);
  view.setUint16(at + HEADER + KEYS + 1, 0);
  return KEYS + CERTIFICATE;
}

function putAck(view: DataView, at: number, connection: number): number {
  putHeader(view, at, ACK, connection, true);
  putId(view, at + HEADER, serverId(connection));
  return 3;
}

function putId(view: DataView, at: number, id: number): void {
  view.setUint16(at, id >>> 8);
  view.setUint8(at + 2, id & 0xff);
}

function clientId(connection: number): number {
  return idOf(2 * connection);
}

function serverId(connection: number): number {
  return idOf(2 * connection + 1);
}

/** Never 0, which is reserved: the number whose id that would be takes that of one which is out of reach. */
function idOf(number: number): number {
  return mix24(number) || mix24(0xffffff);
}
