/** The properties of 5.0 as a table (§2.2.2.2): what the reader, the rules and the layouts know of them. */
import { PROPERTY, TYPE } from './terms.ts';

/** `var` a Variable Byte Integer, `str` characters and `bin` bytes behind their length, `pair` two `str`. */
export type PropertyType = 'u8' | 'u16' | 'u32' | 'var' | 'str' | 'bin' | 'pair';

/** Which values a number may have: all, 0 and 1, all but 0. */
export type PropertyValues = 'any' | 'flag' | 'positive';

export interface PropertyRow {
  readonly id: number;
  /** The specification's name. */
  readonly name: string;
  readonly type: PropertyType;
  /** Packet types that may carry it, `WILL` among them. From which side is another matter. */
  readonly in: readonly number[];
  readonly values: PropertyValues;
  readonly meaning: string;
}

/** Stands for the Will among the packet types. */
export const WILL = 0;

const { CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK } = TYPE;
const { UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH } = TYPE;
const MESSAGE = [PUBLISH, WILL];
const ANSWERS = [CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH];
const LOGIN = [CONNECT, CONNACK, AUTH];
const ENDS = [CONNECT, CONNACK];
const ALL = [...ANSWERS, CONNECT, SUBSCRIBE, UNSUBSCRIBE, ...MESSAGE];

function row(
  id: number,
  name: string,
  type: PropertyType,
  where: readonly number[],
  meaning: string,
  values: PropertyValues = 'any',
): PropertyRow {
  return { id, name, type, in: where, values, meaning };
}

const P = PROPERTY;
export const PROPERTIES: readonly PropertyRow[] = [
  row(P.PAYLOAD_FORMAT, 'Payload Format Indicator', 'u8', MESSAGE, '1: the payload is UTF-8'),
  row(P.MESSAGE_EXPIRY, 'Message Expiry Interval', 'u32', MESSAGE, 'seconds that the message lives'),
  row(P.CONTENT_TYPE, 'Content Type', 'str', MESSAGE, 'what the payload is, for the application'),
  row(P.RESPONSE_TOPIC, 'Response Topic', 'str', MESSAGE, 'where an answer is to be published'),
  row(P.CORRELATION_DATA, 'Correlation Data', 'bin', MESSAGE, 'by which the asker knows the answer'),
  row(
    P.SUBSCRIPTION_IDENTIFIER,
    'Subscription Identifier',
    'var',
    [PUBLISH, SUBSCRIBE],
    'of the subscription',
    'positive',
  ),
  row(
    P.SESSION_EXPIRY,
    'Session Expiry Interval',
    'u32',
    [CONNECT, CONNACK, DISCONNECT],
    'seconds that the session outlives the connection; 4294967295: no end',
  ),
  row(P.ASSIGNED_CLIENT_IDENTIFIER, 'Assigned Client Identifier', 'str', [CONNACK], 'in place of an empty one'),
  row(P.SERVER_KEEP_ALIVE, 'Server Keep Alive', 'u16', [CONNACK], "seconds, in place of the client's"),
  row(P.AUTHENTICATION_METHOD, 'Authentication Method', 'str', LOGIN, 'name of the method'),
  row(P.AUTHENTICATION_DATA, 'Authentication Data', 'bin', LOGIN, 'as the method has it'),
  row(
    P.REQUEST_PROBLEM_INFORMATION,
    'Request Problem Information',
    'u8',
    [CONNECT],
    '0: no Reason String and no User Property but where they must be',
    'flag',
  ),
  row(P.WILL_DELAY, 'Will Delay Interval', 'u32', [WILL], 'seconds before the Will is published'),
  row(
    P.REQUEST_RESPONSE_INFORMATION,
    'Request Response Information',
    'u8',
    [CONNECT],
    '1: asks for Response Information',
    'flag',
  ),
  row(
    P.RESPONSE_INFORMATION,
    'Response Information',
    'str',
    [CONNACK],
    'of which the client makes its Response Topics',
  ),
  row(P.SERVER_REFERENCE, 'Server Reference', 'str', [CONNACK, DISCONNECT], 'another server to use'),
  row(P.REASON_STRING, 'Reason String', 'str', ANSWERS, 'for people who look for the fault'),
  row(
    P.RECEIVE_MAXIMUM,
    'Receive Maximum',
    'u16',
    ENDS,
    'messages of QoS 1 and 2 that may wait for an acknowledgement',
    'positive',
  ),
  row(P.TOPIC_ALIAS_MAXIMUM, 'Topic Alias Maximum', 'u16', ENDS, 'highest alias that its sender takes'),
  row(P.TOPIC_ALIAS, 'Topic Alias', 'u16', [PUBLISH], 'stands for the topic'),
  row(P.MAXIMUM_QOS, 'Maximum QoS', 'u8', [CONNACK], 'highest QoS that the server takes', 'flag'),
  row(P.RETAIN_AVAILABLE, 'Retain Available', 'u8', [CONNACK], 'whether the server keeps messages', 'flag'),
  row(P.USER_PROPERTY, 'User Property', 'pair', ALL, 'a name and a value'),
  row(
    P.MAXIMUM_PACKET_SIZE,
    'Maximum Packet Size',
    'u32',
    ENDS,
    'bytes of the largest packet that its sender takes',
    'positive',
  ),
  row(
    P.WILDCARD_AVAILABLE,
    'Wildcard Subscription Available',
    'u8',
    [CONNACK],
    'whether filters may have wildcards',
    'flag',
  ),
  row(
    P.SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
    'Subscription Identifiers Available',
    'u8',
    [CONNACK],
    'whether subscriptions may have identifiers',
    'flag',
  ),
  row(
    P.SHARED_AVAILABLE,
    'Shared Subscription Available',
    'u8',
    [CONNACK],
    'whether subscriptions may be shared',
    'flag',
  ),
];

const BY_ID: readonly (PropertyRow | undefined)[] = Array.from({ length: P.SHARED_AVAILABLE + 1 }, (_, id) =>
  PROPERTIES.find(known => known.id === id),
);
const PLACES = Uint16Array.from(BY_ID, known => (known?.in ?? []).reduce((mask, type) => mask | (1 << type), 0));

/** Undefined for an identifier that the table does not have. */
export function propertyOf(id: number): PropertyRow | undefined {
  return BY_ID[id];
}

/** Whether a packet of a type, or the Will, may carry it. */
export function isAllowed(id: number, type: number): boolean {
  return (PLACES[id] & (1 << type)) !== 0;
}
