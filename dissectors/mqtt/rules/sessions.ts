/** Rules about whether there is a session, and how long it lives. */
import { BROKEN, type Evidence, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import { STORED } from '../clients.ts';
import type { Exchange } from '../exchange.ts';
import { PROPERTY } from '../terms.ts';
import { answersGoodConnect, isConnectRead } from './connecting.ts';
import { acknowledgeFlagsBytes, propertyBytes } from './evidence.ts';
import { SEES_BROKER } from './sees.ts';

const ACCEPTED = 0;
const SESSION_PRESENT = 1;

export const sessionPresentClean: Rule<Exchange> = {
  id: 'mqtt/session-present-clean',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.4-3, 3.2.2-1',
    '3.1.2-4, 3.1.4-4, 3.2.2-2',
    'A server that accepts a CONNECT with CleanSession 1 discards the former session and says Session Present 0.',
    'A server that accepts a CONNECT with Clean Start 1 discards the former session and says Session Present 0.',
  ),
  editionHere,
  summary: 'Session Present 1 in answer to Clean Session or Clean Start 1',
  why: 'The client asked for a clean slate: it gets messages and acknowledgements of a session that it knows nothing of.',
  example: 'CONNECT with CleanSession 1, CONNACK with Session Present 1',
  on: ['CONNACK'],
  check: exchange => {
    if (!isAccepting(exchange) || !exchange.connection.connect.isClean) return SKIP;
    return isPresent(exchange) ? BROKEN : PASS;
  },
  describe: exchange => ({
    message: `Session Present 1 in answer to ${cleanName(exchange)} 1`,
    expected: 'Session Present 0',
    actual: 'Session Present 1',
    bytes: acknowledgeFlagsBytes(exchange),
    relatedFrames: frames(exchange.connection.connect.frame),
  }),
};

export const sessionLost: Rule<Exchange> = {
  id: 'mqtt/session-lost',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  // A capture of all that the broker ever said leaves no doubt which server it was.
  severityIf: { ...SEES_BROKER, severity: 'error' },
  clause: clauses(
    '3.1.2-4, 3.1.4-3, 3.2.2-2, 4.1.0-1',
    '3.1.2-5, 3.1.2-23, 3.2.2-3',
    'A server that has a session of the client goes on with it when CleanSession is 0, and says Session Present 1.',
    'A server that has a session of the client goes on with it when Clean Start is 0, and says Session Present 1; it keeps the session until its expiry.',
  ),
  editionHere,
  summary: 'Session Present 0 although a session of this client was stored',
  why: 'Subscriptions and messages under way are gone: the client gets nothing any more until it subscribes again.',
  example: 'CleanSession 0, DISCONNECT, and again CONNECT with CleanSession 0: CONNACK with Session Present 0',
  on: ['CONNACK'],
  check: exchange => {
    if (!isAboutFormer(exchange) || exchange.stored !== STORED.THERE) return SKIP;
    return isPresent(exchange) ? PASS : BROKEN;
  },
  describe: exchange => describeFormer(exchange, 'Session Present 0, and the session of this client was stored'),
};

export const sessionResurrected: Rule<Exchange> = {
  id: 'mqtt/session-resurrected',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  // A capture of all that the broker ever said leaves no doubt which server it was.
  severityIf: { ...SEES_BROKER, severity: 'error' },
  clause: clauses(
    '3.1.2-6, 3.2.2-3',
    '3.1.2-4, 3.1.2-6, 3.2.2-3, 4.1.0-2',
    'A session with CleanSession 1 ends with its connection, and without a stored session the server says Session Present 0.',
    'A session ends when its expiry has passed or a Clean Start discards it, and without one the server says Session Present 0.',
  ),
  editionHere,
  summary: 'Session Present 1 although the session of this client had ended',
  why: 'The client trusts in subscriptions that it may not have, or gets messages that were for a former life.',
  example: 'CleanSession 1, DISCONNECT, then CONNECT with CleanSession 0: CONNACK with Session Present 1',
  on: ['CONNACK'],
  check: exchange => {
    const { stored } = exchange;
    if (!isAboutFormer(exchange)) return SKIP;
    // The capture begins in the session's life: where it comes from was not seen.
    if (stored === STORED.UNKNOWN) return isPresent(exchange) ? INCONCLUSIVE : SKIP;
    if (stored !== STORED.GONE) return SKIP;
    return isPresent(exchange) ? BROKEN : PASS;
  },
  describe: exchange => describeFormer(exchange, 'Session Present 1, and the session of this client had ended'),
};

export const sessionExpiryRaised: Rule<Exchange> = {
  id: 'mqtt/session-expiry-raised',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '§3.14.2.2.2',
    'A DISCONNECT sets no Session Expiry Interval above 0 if it was 0 in the CONNECT.',
  ),
  editionHere,
  summary: 'a DISCONNECT sets a Session Expiry Interval above 0 although there was none before',
  why: 'The server takes it for a protocol error: the session that the client means to keep is lost.',
  example: 'CONNECT without Session Expiry Interval, DISCONNECT with Session Expiry Interval 60',
  on: ['DISCONNECT'],
  check: exchange => {
    const { level, fromClient, packet, connection } = exchange;
    const { properties } = packet;
    if (level !== 5 || !fromClient || !answersGoodConnect(exchange)) return SKIP;
    if (!properties.has(PROPERTY.SESSION_EXPIRY)) return SKIP;
    if (properties.value[PROPERTY.SESSION_EXPIRY] === 0 || connection.connect.hadExpiry) return PASS;
    return isConnectRead(exchange) ? BROKEN : INCONCLUSIVE;
  },
  describe: ({ packet, connection }) => ({
    message: `DISCONNECT sets a Session Expiry Interval of ${packet.properties.value[PROPERTY.SESSION_EXPIRY]} s, and there was none before`,
    expected: '0, or no Session Expiry Interval',
    actual: `${packet.properties.value[PROPERTY.SESSION_EXPIRY]}`,
    bytes: propertyBytes(packet.properties, PROPERTY.SESSION_EXPIRY),
    relatedFrames: frames(connection.connect.frame, connection.connack.frame),
  }),
};

/** A CONNACK that accepts, and has Session Present: MQTT 3.1 has none. */
function isAccepting(exchange: Exchange): boolean {
  return !exchange.isMqtt31 && exchange.packet.code === ACCEPTED && answersGoodConnect(exchange);
}

function isPresent({ packet }: Exchange): boolean {
  return (packet.acknowledgeFlags & SESSION_PRESENT) !== 0;
}

/** A CONNACK that says whether the session of an earlier connection goes on. */
function isAboutFormer(exchange: Exchange): boolean {
  const { settings, connection } = exchange;
  return settings.sees !== 'connection' && isAccepting(exchange) && !connection.connect.isClean;
}

function cleanName({ level }: Exchange): string {
  return level === 5 ? 'Clean Start' : 'CleanSession';
}

function describeFormer(exchange: Exchange, message: string): Evidence {
  const present = Number(isPresent(exchange));
  return {
    message,
    expected: `Session Present ${1 - present}`,
    actual: `Session Present ${present}`,
    bytes: acknowledgeFlagsBytes(exchange),
    relatedFrames: frames(exchange.storedFrame, exchange.connection.connect.frame),
  };
}
