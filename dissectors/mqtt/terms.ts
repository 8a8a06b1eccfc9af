/** Numbers that both versions of MQTT share: packet types, properties, codes. */

/** Packet types, the high half of the first byte. */
export const TYPE = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
  AUTH: 15,
} as const;

/** Protocol levels. A bridge sets the high bit besides. */
export const LEVEL = { V31: 3, V311: 4, V5: 5, BRIDGE: 0x80 } as const;

/** Editions, as clauses and layouts name them. */
export const V311 = '3.1.1';
export const V5 = '5.0';
export type Version = typeof V311 | typeof V5;

/** How tallies by edition count the version of a level: from 1, in the order of the statements; 0 where it is not known. */
export const editionNumber = (level: number): number => (level === 0 ? 0 : level === LEVEL.V5 ? 2 : 1);

/** Properties of 5.0. */
export const PROPERTY = {
  PAYLOAD_FORMAT: 1,
  MESSAGE_EXPIRY: 2,
  CONTENT_TYPE: 3,
  RESPONSE_TOPIC: 8,
  CORRELATION_DATA: 9,
  SUBSCRIPTION_IDENTIFIER: 11,
  SESSION_EXPIRY: 17,
  ASSIGNED_CLIENT_IDENTIFIER: 18,
  SERVER_KEEP_ALIVE: 19,
  AUTHENTICATION_METHOD: 21,
  AUTHENTICATION_DATA: 22,
  REQUEST_PROBLEM_INFORMATION: 23,
  WILL_DELAY: 24,
  REQUEST_RESPONSE_INFORMATION: 25,
  RESPONSE_INFORMATION: 26,
  SERVER_REFERENCE: 28,
  REASON_STRING: 31,
  RECEIVE_MAXIMUM: 33,
  TOPIC_ALIAS_MAXIMUM: 34,
  TOPIC_ALIAS: 35,
  MAXIMUM_QOS: 36,
  RETAIN_AVAILABLE: 37,
  USER_PROPERTY: 38,
  MAXIMUM_PACKET_SIZE: 39,
  WILDCARD_AVAILABLE: 40,
  SUBSCRIPTION_IDENTIFIERS_AVAILABLE: 41,
  SHARED_AVAILABLE: 42,
} as const;

/** Session Expiry Interval of a session that never ends. */
export const NEVER = 0xffff_ffff;
/** Codes from here on refuse. */
export const REFUSAL = 0x80;
