/** Rules about keep alive, and about connections that should have been closed and are served on. */
import { BROKEN, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { FIRST_BYTE, numbered } from './evidence.ts';
import { SEES_BROKER } from './sees.ts';

/** Packets by which a server shows that it has worked on one of the client. */
const ANSWERS = ['CONNACK', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBACK', 'UNSUBACK', 'PINGRESP', 'AUTH'];

/** All that a client may send behind its CONNECT. */
const OF_CLIENT = [
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PINGREQ',
  'DISCONNECT',
  'AUTH',
];

/** Malformed packets and protocol errors after which `malformed-accepted` looks at what the server does. */
export const MALFORMED_ACCEPTED_LOOKS_AT: ReadonlySet<string> = new Set([
  'mqtt/header-flags',
  'mqtt/reserved-type',
  'mqtt/wrong-direction',
  'mqtt/length',
  'mqtt/utf8',
  'mqtt/utf8-null',
  'mqtt/connect-repeated',
  'mqtt/property-length',
  'mqtt/property-unknown',
  'mqtt/property-not-allowed',
  'mqtt/property-repeated',
  'mqtt/property-value',
  'mqtt/publish-qos',
  'mqtt/subscribe-empty',
  'mqtt/unsubscribe-empty',
  'mqtt/subscribe-options',
  'mqtt/no-local-shared',
  'mqtt/subscription-id-from-client',
  'mqtt/topic-alias-zero',
  'mqtt/topic-alias-too-large',
  'mqtt/topic-alias-unknown',
  'mqtt/topic-empty',
  'mqtt/session-expiry-raised',
  'mqtt/auth-without-method',
]);

export const malformedAccepted: Rule<Exchange> = {
  id: 'mqtt/malformed-accepted',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '2.2.2-2, 3.1.0-2, 3.8.3-4, 3.14.1-1, 4.8.0-1',
    '3.1.0-2, 4.13.1-1',
    'Who sees a protocol violation closes the connection.',
    'A server that sees a malformed packet or a protocol error closes the connection.',
  ),
  editionHere,
  summary: 'the server goes on after a packet of the client that is malformed or a protocol error',
  why: 'The two may not agree on what was said, and a server that takes anything is the first that an attacker tries.',
  example: 'SUBSCRIBE with flags 0000, then SUBACK',
  on: ANSWERS,
  when: REMARK.TROUBLED,
  otherwise: SKIP,
  check: ({ fromClient, connection, answersOrdinal, isSuccess }) => {
    const { faultOrdinal, isFaultReported } = connection;
    if (fromClient || faultOrdinal === 0 || isFaultReported || answersOrdinal < faultOrdinal) return SKIP;
    return answersOrdinal > faultOrdinal || isSuccess ? BROKEN : PASS;
  },
  describe: exchange => {
    const { connection, answersOrdinal, answered } = exchange;
    const isLater = answersOrdinal > connection.faultOrdinal;
    return {
      message: `${numbered(exchange)} answers ${isLater ? 'a packet that came after one' : 'a packet'} for which the server should have closed the connection`,
      expected: 'the close of the connection',
      actual: exchange.subject.messageName,
      bytes: FIRST_BYTE,
      relatedFrames: frames(connection.faultFrame, answered?.frame ?? 0),
    };
  },
};

export const takeoverNotClosed: Rule<Exchange> = {
  id: 'mqtt/takeover-not-closed',
  severity: 'warning',
  severityIf: { ...SEES_BROKER, severity: 'error' },
  // What TCP alone shows is no more than a sign.
  severityHere: ({ settings, connection }) =>
    settings.sees === 'broker' && !connection.isTakeoverReported ? 'error' : 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.4-2',
    '3.1.4-3',
    'The server closes the connection of a client when another with the same Client Identifier connects.',
    'The server closes the connection of a client with DISCONNECT 0x8E when another with the same Client Identifier connects.',
  ),
  editionHere,
  summary: 'the server still serves a connection after it has accepted another with the same Client Identifier',
  why: 'Two clients work on one session: messages go to either of them, and acknowledgements of one end flows of the other.',
  example:
    'two connections with Client Identifier "pump", both accepted; PINGRESP on the first one for a PINGREQ sent after that',
  on: ANSWERS,
  when: REMARK.TROUBLED,
  otherwise: SKIP,
  check: ({ fromClient, connection, answersOrdinal }) => {
    const isTakenOver = connection.takenOver !== Number.POSITIVE_INFINITY && !connection.isTakeoverReported;
    if (fromClient || !isTakenOver || answersOrdinal === 0) return SKIP;
    return answersOrdinal > connection.takeoverOrdinal ? BROKEN : PASS;
  },
  describe: exchange => ({
    message: `${numbered(exchange)} answers a packet that came after another connection with the same Client Identifier was accepted`,
    expected: 'the close of this connection',
    actual: exchange.subject.messageName,
    bytes: FIRST_BYTE,
    relatedFrames: frames(exchange.connection.connect.frame, exchange.answered?.frame ?? 0),
  }),
};

/** How much longer than the keep alive a silence may be. */
const TOLERANCE = 1.5;
/** What a time in seconds since 1970 can be off by, being a floating-point number. */
const PRECISION = 1e-6;

/** In force for the packet in hand, in seconds; 0 for none. */
const keepAliveOf = ({ connection, knowsConnack }: Exchange): number => connection.keepAlive(knowsConnack);

const secondsText = (seconds: number): string => `${Number(seconds.toFixed(3))} s`;

export const keepAliveExceeded: Rule<Exchange> = {
  id: 'mqtt/keep-alive-exceeded',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.1.2-23',
    '3.1.2-20, 3.1.2-21, 3.2.2-21',
    'No more than the keep alive passes between two packets of the client; PINGREQ is there for that.',
    'No more than the keep alive, the Server Keep Alive if there is one, passes between two packets of the client.',
  ),
  editionHere,
  summary: 'a packet of the client comes more than 1.5 times the keep alive after its last one',
  why: 'The server may take the client for dead at that point, close the connection and publish its Will, though it is alive.',
  example: 'CONNECT with Keep Alive 10, CONNACK, and PINGREQ 20 s later',
  on: OF_CLIENT,
  when: REMARK.LATE,
  otherwise: passesIf(REMARK.TIMED),
  check: exchange => {
    const { fromClient, silence } = exchange;
    const keepAlive = keepAliveOf(exchange);
    if (!fromClient || silence === 0 || keepAlive === 0) return SKIP;
    return silence > TOLERANCE * keepAlive + PRECISION ? BROKEN : PASS;
  },
  describe: exchange => {
    const { silence, sender, connection, subject } = exchange;
    const keepAlive = keepAliveOf(exchange);
    return {
      message: `the client was silent for ${secondsText(silence)} before this ${subject.messageName}, and the keep alive is ${keepAlive} s`,
      expected: `a packet within ${secondsText(TOLERANCE * keepAlive)}`,
      actual: secondsText(silence),
      bytes: FIRST_BYTE,
      relatedFrames: frames(sender.lastFrame, connection.connect.frame, connection.connack.frame),
    };
  },
};

export const keepAliveNotEnforced: Rule<Exchange> = {
  id: 'mqtt/keep-alive-not-enforced',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.1.2-24',
    '3.1.2-22, 3.2.2-22',
    'The server closes a connection on which no packet comes for one and a half times the keep alive.',
    'The server closes a connection on which no packet comes for one and a half times the keep alive, its Server Keep Alive if there is one.',
  ),
  editionHere,
  summary: 'the server answers a packet that ended a silence of more than 1.5 times the keep alive and keepAliveGrace',
  why: 'A server that does not watch the keep alive holds the connections of dead clients for hours, and nobody gets their Wills.',
  example: 'CONNECT with Keep Alive 10, and 60 s later PINGREQ, PINGRESP',
  on: ANSWERS,
  when: REMARK.LATE,
  otherwise: passesIf(REMARK.ANSWER),
  check: exchange => {
    const { fromClient, connection, answersOrdinal } = exchange;
    if (fromClient || answersOrdinal === 0 || keepAliveOf(exchange) === 0) return SKIP;
    return answersOrdinal === connection.lateOrdinal ? BROKEN : PASS;
  },
  describe: exchange => {
    const keepAlive = keepAliveOf(exchange);
    const most = secondsText(TOLERANCE * keepAlive + exchange.settings.keepAliveGrace);
    return {
      message: `${numbered(exchange)} answers a packet before which the client was silent for more than ${most}, and the keep alive is ${keepAlive} s`,
      expected: `the close of the connection ${secondsText(TOLERANCE * keepAlive)} after the last packet`,
      actual: exchange.subject.messageName,
      bytes: FIRST_BYTE,
      relatedFrames: frames(exchange.answered?.frame ?? 0, exchange.connection.connect.frame),
    };
  },
};

export const pingrespUnsolicited: Rule<Exchange> = {
  id: 'mqtt/pingresp-unsolicited',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('§3.13', '§3.13', 'The server sends PINGRESP in answer to a PINGREQ.'),
  editionHere,
  summary: 'more PINGRESPs than PINGREQs',
  why: 'A client may take it for the answer to its next PINGREQ, and does not see then that the server is gone.',
  example: 'PINGREQ, PINGRESP, PINGRESP',
  on: ['PINGRESP'],
  when: REMARK.STRANGE,
  otherwise: passesIf(REMARK.RIGHT),
  check: ({ fromClient, connection }) => {
    if (fromClient) return SKIP;
    if (connection.pings.length > 0) return PASS;
    return connection.forgottenPings > 0 ? INCONCLUSIVE : BROKEN;
  },
  describe: ({ sender }) => ({
    message: 'PINGRESP answers no PINGREQ',
    expected: 'PINGRESP in answer to PINGREQ only',
    actual: 'no PINGREQ is open',
    bytes: FIRST_BYTE,
    relatedFrames: frames(sender.lastFrame),
  }),
};

export const midstream: Rule<Exchange> = {
  id: 'mqtt/midstream',
  severity: 'info',
  atFault: 'none',
  restsOn: 'bytes',
  midstream: true,
  clause: '§3.1',
  summary:
    'the first packet seen is no CONNECT and the TCP handshake was not seen: the connection is taken up midstream',
  why: 'The capture began later than the connection. What needs its beginning is inconclusive from here on.',
  example: 'a capture whose first packet is PUBLISH',
};
