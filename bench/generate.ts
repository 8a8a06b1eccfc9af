/**
 * Makes the captures that the benchmark reads: many MNET connections, all alive at the same time, that break no rule.
 *
 * Every connection is one whole conversation as the public implementation holds it: handshake, echoes of 64 bytes with
 * bare acknowledgements between them, shutdown; little-endian, each message with the tag that its sender chose. In a
 * round every connection sends its next packet, in an order shuffled anew, and connections start up to six rounds
 * apart, so that neither the flows nor the message types come in a pattern that a cache or a branch predictor could
 * learn. What a packet holds follows from the connection's number and the step alone: the same arguments give the same
 * file, byte for byte, and memory holds a few numbers a connection whatever the file's size.
 *
 *     node generate.js --connections 100000 --packets 2800000 --out FILE [--live]
 */

import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Endpoint, PacketFile } from './packet-file.ts';

export interface CaptureShape {
  readonly connections: number;
  /** In the whole file; a multiple of `connections`. */
  readonly packets: number;
  /** Connections stay open: no shutdown, all are alive when the capture ends. */
  readonly live: boolean;
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
/** Connections start in one of so many rounds; not a multiple of the three steps of an echo, so that these mix too. */
const START_ROUNDS = 7;

const START_TIME = 1_700_000_000;
/** Microseconds from one packet to the next, less where a round would take longer than `LONGEST_ROUND`. */
const PACKET_INTERVAL = 20;
/** A connection waits less than two rounds for an answer: 4 s, within the 5 s of `answerTimeout` and a cookie's 6 s. */
const LONGEST_ROUND = 2_000_000;

const LISTENER: Endpoint = { address: 0x0a000001, port: 26999 };
const CONNECTIONS_PER_HOST = 10;
/** Hosts are 10.1.x.y with x and y of 1..250. */
const HOSTS_PER_NET = 250;
const MOST_CONNECTIONS = HOSTS_PER_NET * HOSTS_PER_NET * CONNECTIONS_PER_HOST;

/** Writes the capture to `path`. Throws a RangeError, in words for the user, for a shape that cannot be made. */
export function writeCapture(path: string, shape: CaptureShape): void {
  const steps = stepsOf(shape);
  const { connections, live } = shape;
  const interval = Math.min(PACKET_INTERVAL, Math.floor(LONGEST_ROUND / connections));
  const order = Uint32Array.from({ length: connections }, (_, connection) => connection);
  const expirations = new Uint32Array(connections);
  const shuffle = shuffler(1);
  const file = new PacketFile(path);
  let clock = START_TIME * 1e6;
  for (let round = 0; round < steps + START_ROUNDS - 1; round++) {
    shuffle(order);
    for (const connection of order) {
      const step = round - (mix32(connection) % START_ROUNDS);
      if (step < 0 || step >= steps) continue;
      if (step === 1) expirations[connection] = Math.floor(clock / 1e6) + COOKIE_LIFETIME;
      writeMessage(file, clock, connection, expirations[connection], step, live ? -1 : steps - SHUTDOWN_STEPS);
      clock += interval;
    }
  }
  file.close();
}

function stepsOf({ connections, packets, live }: CaptureShape): number {
  const fewest = HANDSHAKE_STEPS + 1 + (live ? 0 : SHUTDOWN_STEPS);
  const steps = packets / connections;
  if (!(connections >= 1 && connections <= MOST_CONNECTIONS && Number.isInteger(connections)))
    throw new RangeError(`--connections must be a whole number of 1 to ${MOST_CONNECTIONS}`);
  if (!(Number.isInteger(steps) && steps >= fewest))
    throw new RangeError(`--packets must be a multiple of --connections and at least ${fewest} times as many`);
  return steps;
}

/** Writes message number `step` of a connection; `shutdown` is the step at which the connector closes, -1 for never. */
function writeMessage(
  file: PacketFile,
  clock: number,
  connection: number,
  expiration: number,
  step: number,
  shutdown: number,
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

function clientOf(connection: number): Endpoint {
  const host = Math.floor(connection / CONNECTIONS_PER_HOST);
  const x = 1 + Math.floor(host / HOSTS_PER_NET);
  const y = 1 + (host % HOSTS_PER_NET);
  // Ephemeral ports, different on each host and for its connections, above those that Wireshark takes for a traceroute.
  const port = 40000 + (mix32(host) % 2500) * CONNECTIONS_PER_HOST + (connection % CONNECTIONS_PER_HOST);
  return { address: 0x0a010000 + (x << 8) + y, port };
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

/** A bijection of 24-bit numbers: each step can be undone, so two inputs never share a tag. */
function mix24(value: number): number {
  let mixed = (value + 0x5eed) & 0xffffff;
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x2c1b3d) & 0xffffff;
  mixed = Math.imul(mixed ^ (mixed >>> 11), 0x97a2d5) & 0xffffff;
  return mixed ^ (mixed >>> 12);
}

/** The finalizer of MurmurHash3, a bijection of 32-bit numbers. */
function mix32(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Puts `length` bytes, a multiple of 4, of Marsaglia's xorshift32 started from `seed`. */
function putRandom(view: DataView, at: number, length: number, seed: number): void {
  let state = mix32(seed) || 1;
  for (let offset = 0; offset < length; offset += 4) {
    state = xorshift32(state);
    view.setUint32(at + offset, state);
  }
}

function xorshift32(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}

/** Fisher and Yates' shuffle over one deterministic sequence. */
function shuffler(seed: number): (order: Uint32Array) => void {
  let state = seed;
  return order => {
    for (let last = order.length - 1; last > 0; last--) {
      state = xorshift32(state);
      const other = state % (last + 1);
      const moved = order[last];
      order[last] = order[other];
      order[other] = moved;
    }
  };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      connections: { type: 'string', default: '1000' },
      packets: { type: 'string', default: '28000' },
      live: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  if (values.out === undefined) throw new RangeError('--out FILE is missing');
  const shape = { connections: Number(values.connections), packets: Number(values.packets), live: values.live };
  writeCapture(values.out, shape);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
