/** Rules about enhanced authentication (5.0, §4.12). */
import { BROKEN, type Evidence, frames, hex, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { REMARK } from '../remarks.ts';
import { PROPERTY, TYPE } from '../terms.ts';
import { answersGoodConnect, isConnectRead } from './connecting.ts';
import { codeBytes, FIRST_BYTE, propertyBytes, senderName } from './evidence.ts';

const SUCCESS = 0x00;
const CONTINUE = 0x18;
const REAUTHENTICATE = 0x19;

const { AUTHENTICATION_METHOD } = PROPERTY;

export const authWithoutMethod: Rule<Exchange> = {
  id: 'mqtt/auth-without-method',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '4.12.0-6, 4.12.0-7',
    'Without an Authentication Method in the CONNECT neither side sends AUTH, and the CONNACK has no Authentication Method.',
  ),
  editionHere,
  summary: 'AUTH, or an Authentication Method in CONNACK, although the CONNECT had none',
  why: 'Only the client may begin it: the other side has no idea of the method and must close the connection.',
  example: 'CONNECT without Authentication Method, then AUTH 0x18',
  on: ['CONNACK', 'AUTH'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    if (level !== 5 || !answersGoodConnect(exchange)) return SKIP;
    const isAuth = packet.type === TYPE.AUTH;
    if (connection.connect.authenticationMethod !== undefined) return isAuth ? PASS : SKIP;
    if (!isAuth && !packet.properties.has(AUTHENTICATION_METHOD)) return packet.isHeadCut ? INCONCLUSIVE : PASS;
    return isConnectRead(exchange) ? BROKEN : INCONCLUSIVE;
  },
  describe: exchange => {
    const { packet, subject, connection } = exchange;
    const isAuth = packet.type === TYPE.AUTH;
    return {
      message: `${isAuth ? 'AUTH comes' : 'CONNACK has an Authentication Method'}, and the CONNECT had no Authentication Method`,
      expected: isAuth ? 'no AUTH on this connection' : 'none',
      actual: isAuth ? subject.messageName : 'an Authentication Method',
      bytes: isAuth ? FIRST_BYTE : propertyBytes(packet.properties, AUTHENTICATION_METHOD),
      relatedFrames: frames(connection.connect.frame),
    };
  },
};

export const authMethodMismatch: Rule<Exchange> = {
  id: 'mqtt/auth-method-mismatch',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '4.12.0-5, 4.12.1-1',
    'Each AUTH, and the CONNACK that accepts, has the Authentication Method of the CONNECT.',
  ),
  editionHere,
  summary: "an AUTH or an accepting CONNACK has no Authentication Method, or another than the CONNECT's",
  why: 'The two sides speak two methods: what one takes for proven the other has not asked for.',
  example: 'CONNECT with SCRAM-SHA-256, AUTH 0x18 with SCRAM-SHA-1',
  on: ['CONNACK', 'AUTH'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    if (level !== 5 || connection.connect.authenticationMethod === undefined) return SKIP;
    if (packet.type === TYPE.CONNACK && packet.code !== SUCCESS) return SKIP;
    if (!packet.properties.has(AUTHENTICATION_METHOD)) return packet.isHeadCut ? INCONCLUSIVE : BROKEN;
    return hasMethodOfConnect(exchange) ? PASS : BROKEN;
  },
  describe: exchange => {
    const { packet, subject, connection } = exchange;
    const isThere = packet.properties.has(AUTHENTICATION_METHOD);
    return {
      message: `${subject.messageName} has ${isThere ? 'another' : 'no'} Authentication Method, and the CONNECT named one`,
      expected: 'the Authentication Method of the CONNECT',
      actual: isThere ? 'another' : 'none',
      bytes: isThere ? propertyBytes(packet.properties, AUTHENTICATION_METHOD) : FIRST_BYTE,
      relatedFrames: frames(connection.connect.frame),
    };
  },
};

function hasMethodOfConnect({ packet: { properties }, message, connection }: Exchange): boolean {
  const { authenticationMethod = '' } = connection.connect;
  const at = properties.at[AUTHENTICATION_METHOD];
  const length = properties.value[AUTHENTICATION_METHOD];
  if (length !== authenticationMethod.length) return false;
  for (let i = 0; i < length; i++) if (message.byte(at + i) !== authenticationMethod.charCodeAt(i)) return false;
  return true;
}

export const authUnexpected: Rule<Exchange> = {
  id: 'mqtt/auth-unexpected',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  restsOnHere: exchange => (comesFromWrongSide(exchange) ? 'bytes' : 'unseen'),
  clause: clauses(
    '',
    '4.12.0-2, 4.12.0-3',
    'The server asks with AUTH 0x18 and the client answers with AUTH 0x18; 0x00 ends and 0x19 begins a re-authentication.',
  ),
  editionHere,
  summary: 'an AUTH whose Reason Code has no place there, or not from this side',
  why: 'The exchange has one form, so that neither side can be led to take an unfinished authentication for done.',
  example: 'AUTH 0x18 of the client before the server has sent one',
  on: ['AUTH'],
  check: exchange => {
    const { level, packet } = exchange;
    if (level !== 5 || !isKnown(packet.code)) return SKIP;
    return misplacement(exchange) === undefined ? PASS : BROKEN;
  },
  describe: describeUnexpected,
};

function isKnown(code: number): boolean {
  return code === SUCCESS || code === CONTINUE || code === REAUTHENTICATE;
}

function comesFromWrongSide({ packet, fromClient }: Exchange): boolean {
  return packet.code === (fromClient ? SUCCESS : REAUTHENTICATE);
}

/** What is wrong with an AUTH; undefined for nothing. */
function misplacement(exchange: Exchange): string | undefined {
  const { packet, fromClient, connection } = exchange;
  if (comesFromWrongSide(exchange)) return `only the ${fromClient ? 'server' : 'client'} may send it`;
  if (packet.code === CONTINUE)
    return fromClient && !connection.isAuthOpen ? 'it answers no AUTH of the server' : undefined;
  return connection.connack.frame === 0 ? 'it comes before CONNACK' : undefined;
}

function describeUnexpected(exchange: Exchange): Evidence {
  const { packet, connection } = exchange;
  return {
    message: `AUTH ${hex(packet.code, 1)} of the ${senderName(exchange)}: ${misplacement(exchange)}`,
    expected: EXPECTED[packet.code] ?? '',
    actual: `AUTH ${hex(packet.code, 1)} of the ${senderName(exchange)}`,
    bytes: codeBytes(exchange),
    relatedFrames: frames(connection.connect.frame, connection.connack.frame),
  };
}

const EXPECTED: Readonly<Record<number, string>> = {
  [SUCCESS]: '0x00 of the server, when a re-authentication is done',
  [CONTINUE]: "0x18 of the client in answer to the server's",
  [REAUTHENTICATE]: '0x19 of the client, once it is connected',
};

export const authPacketBeforeConnack: Rule<Exchange> = {
  id: 'mqtt/auth-packet-before-connack',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.1.2-30',
    'A client whose CONNECT has an Authentication Method sends nothing but AUTH and DISCONNECT until CONNACK comes.',
  ),
  editionHere,
  summary: 'with an Authentication Method in CONNECT a packet other than AUTH and DISCONNECT comes before CONNACK',
  why: 'The client is not authenticated yet: the server has to close the connection over it.',
  example: 'CONNECT with SCRAM-SHA-256, then SUBSCRIBE before CONNACK',
  on: ['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE', 'UNSUBSCRIBE', 'PINGREQ'],
  when: REMARK.WITH_METHOD,
  otherwise: SKIP,
  check: ({ level, fromClient, connection }) => {
    if (level !== 5 || !fromClient || connection.connect.authenticationMethod === undefined) return SKIP;
    return connection.connack.frame === 0 ? BROKEN : PASS;
  },
  describe: ({ subject, connection }) => ({
    message: `${subject.messageName} comes before CONNACK, and the CONNECT has an Authentication Method`,
    expected: 'AUTH or DISCONNECT',
    actual: subject.messageName,
    bytes: FIRST_BYTE,
    relatedFrames: frames(connection.connect.frame),
  }),
};
