/**
 * Captures of MNET: many connections, all alive at the same time, that break no rule.
 *
 * Every connection is one whole conversation as the public implementation holds it: handshake, echoes of 64 bytes with
 * bare acknowledgements between them, shutdown; little-endian, each message with the tag that its sender chose. What a
 * packet holds follows from the connection's number and the step alone, so that memory holds a few numbers a connection
 * whatever the file's size.
 */

import { type Capture, CONFORMING, clientOf, type Folder, LISTENER_ADDRESS } from './capture.ts';
import type { Endpoint, PacketFile } from './packet-file.ts';
import { mix24, mix32, putRandom } from './random.ts';
import { inRounds } from './turns.ts';

export interface MnetShape {
  readonly connections: number;
  /** In the whole file; a multiple of `connections`, and at least eight times as many. */
  readonly packets: number;
  /** Connections stay open: no shutdown, all are alive when the capture ends. */
  readonly live: boolean;
  /** Connections that are alive at the same time; all of them if absent. */
  readonly atOnce?: number;
  /** The first message of data of each connection says that it is one byte longer than it is. */
  readonly faulty?: boolean;
}

const DATA = 0;
const INIT = 1;
const COOKIE = 2;
const COOKIE_ECHO = 3;
const COOKIE_ACK = 4;
/** Then come SHUTDOWN-ACK and SHUTDOWN-COMPLETE, as COOKIE, COOKIE-ECHO and COOKIE-ACK come after INIT. */
const SHUTDOWN = 5;
const SHUTDOWN_ACK = 6;

const HANDSHAKE_STEPS = 4;
const SHUTDOWN_STEPS = 3;
const PAYLOAD = 64;
const LONGEST_MESSAGE = 14 + PAYLOAD;
const COOKIE_LIFETIME = 6;

const LISTENER: Endpoint = { address: LISTENER_ADDRESS, port: 26999 };

export function mnetCapture(shape: MnetShape): Capture {
  const { connections, packets, live, atOnce, faulty } = shape;
  const turns = atOnce === undefined ? '' : `-${atOnce}-at-once`;
  return {
    name: `mnet-${live ? 'live' : faulty ? 'faulty' : 'whole'}-${connections}-connections${turns}-${packets}-packets`,
    write: file => {
      writeCapture(file, shape);
      const found = { ...CONFORMING, errors: faulty ? connections : 0 };
      return { messages: packets, connections, ...found };
    },
  };
}

/** Captures of that shape, no two of which share a connection. */
export function mnetFolder(captures: number, shape: MnetShape): Folder {
  const { connections, packets } = shape;
  return {
    name: `${captures}-times-${mnetCapture(shape).name}`,
    captures,
    write: (file, index) => {
      writeCapture(file, shape, index * connections);
      return { messages: packets, connections, ...CONFORMING };
    },
  };
}

/** @param firstConnection the number of the first, by which captures differ */
function writeCapture(file: PacketFile, shape: MnetShape, firstConnection = 0): void {
  const { connections, packets, live, atOnce = connections, faulty = false } = shape;
  const steps = packets / connections;
  const shutdown = live ? -1 : steps - SHUTDOWN_STEPS;
  const expirations = new Uint32Array(connections);
  const send = (clock: number, connection: number, step: number) => {
    if (step === 1) expirations[connection] = Math.floor(clock / 1e6) + COOKIE_LIFETIME;
    const isFaulty = faulty && step === HANDSHAKE_STEPS;
    writeMessage(file, clock, firstConnection + connection, expirations[connection], step, shutdown, isFaulty);
  };
  inRounds(connections, steps, send, atOnce);
}

/** Writes message number `step` of a connection; `shutdown` is the step at which the connector closes, -1 for never. */
function writeMessage(
  file: PacketFile,
  clock: number,
  connection: number,
  expiration: number,
  step: number,
  shutdown: number,
  isFaulty: boolean,
): void {
  const at = file.reserve(LONGEST_MESSAGE);
  const { view } = file;
  const type = typeOf(step, shutdown);
  // Exchanges of data run connector's DATA, listener's bare acknowledgement, listener's DATA.
  const exchange = step - HANDSHAKE_STEPS;
  const fromListener =
    type === DATA ? exchange % 3 !== 0 : type === COOKIE || type === COOKIE_ACK || type === SHUTDOWN_ACK;
  let length = 4;
  if (type === INIT) length = putInit(view, at, connection);
  else if (type === COOKIE || type === COOKIE_ECHO) length = putCookie(view, at, type, connection, expiration);
  else {
    view.setUint8(at, type);
    putTag(view, at + 1, fromListener ? listenerTag(connection) : connectorTag(connection));
    if (type === DATA) length = putData(view, at, connection, exchange);
    else if (type === SHUTDOWN) length = putAcknowledgement(view, at, bytesFromListener(exchange - 1));
  }
  if (isFaulty) view.setUint16(at + 12, PAYLOAD + 1, true);
  const client = clientOf(connection);
  if (fromListener) file.commit(length, clock, LISTENER, client);
  else file.commit(length, clock, client, LISTENER);
}

function typeOf(step: number, shutdown: number): number {
  if (step < HANDSHAKE_STEPS) return INIT + step;
  return shutdown < 0 || step < shutdown ? DATA : SHUTDOWN + (step - shutdown);
}

function putInit(view: DataView, at: number, connection: number): number {
  view.setUint8(at, INIT);
  view.setUint32(at + 1, 0x4d4e4554); // MNET
  view.setUint8(at + 5, 1);
  putTag(view, at + 6, connectorTag(connection));
  return 9;
}

function putCookie(view: DataView, at: number, type: number, connection: number, expiration: number): number {
  view.setUint8(at, type);
  putTag(view, at + 1, listenerTag(connection));
  putTag(view, at + 4, connectorTag(connection));
  view.setUint8(at + 7, 1);
  view.setUint32(at + 8, expiration, true);
  // Stands for the HMAC: nobody without the listener's key can tell it from one.
  putRandom(view, at + 12, 20, ~connection);
  return 32;
}

/** Puts what follows type and tag in the `exchange`th message of the data phase, counted from 0. */
function putData(view: DataView, at: number, connection: number, exchange: number): number {
  const fromListener = exchange % 3 !== 0;
  const length = exchange % 3 === 1 ? 0 : PAYLOAD;
  const connectorBytes = bytesFromConnector(exchange);
  const listenerBytes = bytesFromListener(exchange);
  view.setUint32(at + 4, fromListener ? listenerBytes : connectorBytes, true);
  view.setUint32(at + 8, fromListener ? connectorBytes : listenerBytes, true);
  view.setUint16(at + 12, length, true);
  putRandom(view, at + 14, length, mix32(connection) + exchange);
  return 14 + length;
}

function putAcknowledgement(view: DataView, at: number, acknowledged: number): number {
  view.setUint32(at + 4, acknowledged, true);
  return 8;
}

/** Stream bytes that the connector has sent when message `exchange` of the data phase has gone out. */
function bytesFromConnector(exchange: number): number {
  return PAYLOAD * Math.floor((exchange + 3) / 3);
}

function bytesFromListener(exchange: number): number {
  return PAYLOAD * Math.floor((exchange + 1) / 3);
}

function connectorTag(connection: number): number {
  return mix24(2 * connection);
}

function listenerTag(connection: number): number {
  return mix24(2 * connection + 1);
}

function putTag(view: DataView, at: number, tag: number): void {
  view.setUint16(at, tag & 0xffff, true);
  view.setUint8(at + 2, tag >>> 16);
}
