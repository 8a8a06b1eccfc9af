/** Rules about how a server answers CONNECT, and what the CONNECT allows it to send. */
import { BROKEN, type Evidence, frames, hex, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { REMARK } from '../remarks.ts';
import { PROPERTY } from '../terms.ts';
import { codeBytes, FIRST_BYTE, propertyBytes } from './evidence.ts';

/** Rules that make a CONNECT one that the server may not accept. */
export const BAD_CONNECT: ReadonlySet<string> = new Set([
  'mqtt/connect-reserved-flag',
  'mqtt/will-qos',
  'mqtt/will-flags',
  'mqtt/password-without-username',
  'mqtt/connect-payload',
  'mqtt/client-id-empty',
  'mqtt/auth-data-without-method',
  'mqtt/utf8',
  'mqtt/utf8-null',
  'mqtt/property-length',
  'mqtt/property-unknown',
  'mqtt/property-not-allowed',
  'mqtt/property-repeated',
  'mqtt/property-value',
]);

/** Codes of a CONNACK: accepted; in 3.1.1 that the version or the Client Identifier will not do; the latter in 5.0. */
const ACCEPTED = 0;
const UNACCEPTABLE_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
const IDENTIFIER_NOT_VALID = 0x85;

export const badConnectAccepted: Rule<Exchange> = {
  id: 'mqtt/bad-connect-accepted',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.2-3, 3.1.3-8, 3.1.4-1',
    '3.1.2-3, 3.1.4-1',
    'The server checks that a CONNECT is as the specification has it, and closes the connection if it is not.',
  ),
  editionHere,
  summary: 'a CONNACK accepts a CONNECT that is malformed or a protocol error',
  why: 'Client and server go on with different ideas of what was agreed: of the Will, the credentials or the session.',
  example: 'CONNECT with bit 0 of its Connect Flags set, CONNACK with code 0',
  on: ['CONNACK'],
  check: exchange => {
    if (!answersBadConnect(exchange)) return SKIP;
    return exchange.packet.code === ACCEPTED ? BROKEN : PASS;
  },
  describe: exchange =>
    describeBadConnect(
      exchange,
      'accepts',
      exchange.level === 5 ? 'the close of the connection, or a code of 0x80 or above' : 'the close of the connection',
    ),
};

export const badConnectAnswered: Rule<Exchange> = {
  id: 'mqtt/bad-connect-answered',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.4-1',
    '',
    'The server closes the connection without a CONNACK if the CONNECT is not as the specification has it.',
  ),
  editionHere,
  summary: 'a CONNACK refuses a CONNECT that should be answered by the close alone',
  why: 'Its code tells the client something that is not so: that its credentials or its version were refused.',
  example: 'CONNECT 3.1.1 with Will QoS 3, CONNACK with code 5',
  on: ['CONNACK'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    if (level !== 4 || packet.code === ACCEPTED || !answersBadConnect(exchange)) return SKIP;
    if (packet.code === UNACCEPTABLE_VERSION) return PASS;
    return packet.code === IDENTIFIER_REJECTED && connection.connect.broken === 'mqtt/client-id-empty' ? PASS : BROKEN;
  },
  describe: exchange => describeBadConnect(exchange, 'refuses', 'the close of the connection without a CONNACK'),
};

function answersBadConnect({ isMqtt31, connection: { connect } }: Exchange): boolean {
  return !isMqtt31 && connect.broken !== undefined && BAD_CONNECT.has(connect.broken);
}

function describeBadConnect(exchange: Exchange, verb: string, expected: string): Evidence {
  const { packet, connection } = exchange;
  const { broken, frame } = connection.connect;
  return {
    message: `the server ${verb} a CONNECT that breaks ${broken}`,
    expected,
    actual: `CONNACK with code ${hex(packet.code, 1)}`,
    bytes: codeBytes(exchange),
    relatedFrames: frames(frame),
  };
}

/** Whether this CONNACK answers a CONNECT that broke no rule, so that its facts hold. */
export function answersGoodConnect({ connection: { connect } }: Exchange): boolean {
  return connect.frame > 0 && connect.broken === undefined;
}

/** Whether the CONNECT was captured up to its Client Identifier; flags and properties stand before that. */
export function isConnectRead({ connection: { connect } }: Exchange): boolean {
  return connect.clientId !== undefined;
}

export const clientIdRefused: Rule<Exchange> = {
  id: 'mqtt/client-id-refused',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.3-5',
    '3.1.3-5',
    'The server allows each Client Identifier of 1 to 23 bytes that has digits and letters from a to z alone.',
  ),
  editionHere,
  summary: 'a Client Identifier of 1 to 23 letters and digits is refused as such',
  why: 'It is the only form that every server must take; a client that keeps to it has nothing else to offer.',
  example: 'CONNECT with Client Identifier "sensor7", CONNACK with code 2',
  on: ['CONNACK'],
  check: exchange => {
    const { level, isMqtt31, packet, connection } = exchange;
    if (isMqtt31 || !answersGoodConnect(exchange)) return SKIP;
    const isRefused = packet.code === (level === 5 ? IDENTIFIER_NOT_VALID : IDENTIFIER_REJECTED);
    if (!isConnectRead(exchange)) return isRefused ? INCONCLUSIVE : SKIP;
    if (!ALLOWED_EVERYWHERE.test(connection.connect.clientId ?? '')) return SKIP;
    return isRefused ? BROKEN : PASS;
  },
  describe: exchange => ({
    message: `the server refuses the Client Identifier "${exchange.connection.connect.clientId}", which every server must allow`,
    expected: 'another code, or 0',
    actual: hex(exchange.packet.code, 1),
    bytes: codeBytes(exchange),
    relatedFrames: frames(exchange.connection.connect.frame),
  }),
};

const ALLOWED_EVERYWHERE = /^[0-9a-zA-Z]{1,23}$/;

export const assignedClientIdMissing: Rule<Exchange> = {
  id: 'mqtt/assigned-client-id-missing',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.1.3-6, 3.1.3-7, 3.2.2-16',
    'A server that accepts an empty Client Identifier assigns one and returns it in the CONNACK.',
  ),
  editionHere,
  summary: 'a CONNACK accepts an empty Client Identifier and assigns none',
  why: 'The client cannot come back to its session: it does not know under which name the server keeps it.',
  example: 'CONNECT with an empty Client Identifier, CONNACK 0 without Assigned Client Identifier',
  on: ['CONNACK'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    if (level !== 5 || packet.code !== ACCEPTED || !answersGoodConnect(exchange)) return SKIP;
    const { clientId = '' } = connection.connect;
    if (clientId !== '') return SKIP;
    if (packet.properties.has(PROPERTY.ASSIGNED_CLIENT_IDENTIFIER)) return isConnectRead(exchange) ? PASS : SKIP;
    return isConnectRead(exchange) && !packet.isHeadCut ? BROKEN : INCONCLUSIVE;
  },
  describe: exchange => ({
    message: 'the server accepts an empty Client Identifier and assigns none',
    expected: 'Assigned Client Identifier among the properties',
    actual: 'none',
    bytes: codeBytes(exchange),
    relatedFrames: frames(exchange.connection.connect.frame),
  }),
};

export const assignedClientIdInUse: Rule<Exchange> = {
  id: 'mqtt/assigned-client-id-in-use',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.1.3-6, 3.2.2-16',
    'A Client Identifier that the server assigns is used by no other session that it has.',
  ),
  editionHere,
  summary: 'the Client Identifier that the server assigns is that of another open connection to it',
  why: 'Two clients share one session: the second takes the first one over, and each gets what was meant for the other.',
  example: 'CONNACK with Assigned Client Identifier "auto-1", twice while the first connection is open',
  on: ['CONNACK'],
  check: ({ level, packet, assignedInUse }) => {
    const isAssigned = packet.code === ACCEPTED && packet.properties.has(PROPERTY.ASSIGNED_CLIENT_IDENTIFIER);
    if (level !== 5 || !isAssigned) return SKIP;
    return assignedInUse > 0 ? BROKEN : PASS;
  },
  describe: ({ packet, assignedInUse, connection }) => ({
    message: 'the server assigns the Client Identifier of another connection that is open to it',
    expected: 'an identifier that no other client has',
    actual: 'one in use',
    bytes: propertyBytes(packet.properties, PROPERTY.ASSIGNED_CLIENT_IDENTIFIER),
    relatedFrames: frames(assignedInUse, connection.connect.frame),
  }),
};

export const willUnsupportedAccepted: Rule<Exchange> = {
  id: 'mqtt/will-unsupported-accepted',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.2.2-12, 3.2.2-13',
    'A server refuses a CONNECT whose Will has a QoS above its Maximum QoS, or is to be retained where it retains nothing.',
  ),
  editionHere,
  summary: "a CONNACK accepts a Will that the server's own limits forbid",
  why: 'The Will cannot be published as the client asked; who relies on it does not learn that the client is gone.',
  example: 'CONNECT with Will QoS 2, CONNACK 0 with Maximum QoS 1',
  on: ['CONNACK'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    if (level !== 5 || packet.code !== ACCEPTED || !answersGoodConnect(exchange)) return SKIP;
    if (!connection.connect.hasWill) return SKIP;
    if (forbidsWill(exchange) !== undefined) return BROKEN;
    return packet.isHeadCut ? INCONCLUSIVE : PASS;
  },
  describe: exchange => {
    const { packet, connection } = exchange;
    const { willQos, frame } = connection.connect;
    const property = forbidsWill(exchange);
    const isQos = property === PROPERTY.MAXIMUM_QOS;
    const limit = isQos ? `Maximum QoS ${packet.properties.value[PROPERTY.MAXIMUM_QOS]}` : 'Retain Available 0';
    return {
      message: `the server accepts a ${isQos ? `Will of QoS ${willQos}` : 'retained Will'} and announces ${limit}`,
      expected: `a refusal with code ${isQos ? '0x9b' : '0x9a'}`,
      actual: `code 0x00 and ${limit}`,
      bytes: property === undefined ? FIRST_BYTE : propertyBytes(packet.properties, property),
      relatedFrames: frames(frame),
    };
  },
};

/** The property of the CONNACK that does not go with the Will; undefined for none. */
function forbidsWill({ packet: { properties }, connection: { connect } }: Exchange): number | undefined {
  const { MAXIMUM_QOS, RETAIN_AVAILABLE } = PROPERTY;
  if (properties.has(MAXIMUM_QOS) && connect.willQos > properties.value[MAXIMUM_QOS]) return MAXIMUM_QOS;
  const isRefused = properties.has(RETAIN_AVAILABLE) && properties.value[RETAIN_AVAILABLE] === 0;
  return isRefused && connect.willRetain ? RETAIN_AVAILABLE : undefined;
}

export const responseInformation: Rule<Exchange> = {
  id: 'mqtt/response-information',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses('', '3.1.2-28', 'The server returns no Response Information unless the CONNECT asked for it with 1.'),
  editionHere,
  summary: 'a CONNACK has Response Information although the CONNECT did not ask for it',
  why: 'The client did not set aside room for it, and may take its server for one that does not keep to what was agreed.',
  example: 'CONNECT without Request Response Information, CONNACK with Response Information "r/7"',
  on: ['CONNACK'],
  check: exchange => {
    const { level, packet, connection } = exchange;
    const isThere = packet.properties.has(PROPERTY.RESPONSE_INFORMATION);
    if (level !== 5 || !isThere || !answersGoodConnect(exchange)) return SKIP;
    if (connection.connect.wantsResponseInformation) return PASS;
    return isConnectRead(exchange) ? BROKEN : INCONCLUSIVE;
  },
  describe: ({ packet, connection }) => ({
    message: 'CONNACK has Response Information, which the CONNECT did not ask for',
    expected: 'none',
    actual: 'Response Information',
    bytes: propertyBytes(packet.properties, PROPERTY.RESPONSE_INFORMATION),
    relatedFrames: frames(connection.connect.frame),
  }),
};

export const problemInformation: Rule<Exchange> = {
  id: 'mqtt/problem-information',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.1.2-29',
    'With Request Problem Information 0 the server sends Reason Strings and User Properties in PUBLISH, CONNACK and DISCONNECT alone.',
  ),
  editionHere,
  summary: 'a Reason String or User Property of the server in a packet where the client did not want it',
  why: 'Clients that ask for none are short of memory or bandwidth, and may not cope with what they did not ask for.',
  example: 'CONNECT with Request Problem Information 0; SUBACK with Reason String "denied"',
  on: ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBACK', 'UNSUBACK', 'AUTH'],
  when: REMARK.LIMITED,
  otherwise: SKIP,
  check: exchange => {
    const { level, fromClient, packet, connection } = exchange;
    if (level !== 5 || fromClient || !answersGoodConnect(exchange)) return SKIP;
    if (connection.connect.wantsProblemInformation) return SKIP;
    if (problemProperty(exchange) !== undefined) return BROKEN;
    return packet.isHeadCut ? INCONCLUSIVE : PASS;
  },
  describe: exchange => {
    const { packet, subject, connection } = exchange;
    const property = problemProperty(exchange);
    const name = property === PROPERTY.REASON_STRING ? 'Reason String' : 'User Property';
    return {
      message: `${subject.messageName} has a ${name}, and Request Problem Information was 0`,
      expected: 'neither Reason String nor User Property',
      actual: name,
      bytes: property === undefined ? FIRST_BYTE : propertyBytes(packet.properties, property),
      relatedFrames: frames(connection.connect.frame),
    };
  },
};

function problemProperty({ packet: { properties } }: Exchange): number | undefined {
  return [PROPERTY.REASON_STRING, PROPERTY.USER_PROPERTY].find(property => properties.has(property));
}
