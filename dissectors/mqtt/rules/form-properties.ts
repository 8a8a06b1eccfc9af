/** Rules about the properties of 5.0. */
import { hex, type Outcome, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, type Packet } from '../packet.ts';
import { propertyOf } from '../properties.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { PROPERTY } from '../terms.ts';
import { allBut, broken, bytesIn, cites, faultRange, hasFault, inV5, nameOf } from './form-words.ts';

const on = allBut('PINGREQ', 'PINGRESP');

/** What all rules share that the reader notes the fault of. */
const NOTED = { severity: 'error', atFault: 'sender', restsOn: 'bytes', on, phase: 'form' } as const;

/** What those share that are about properties one by one. */
function noted(fault: number) {
  const check = hasFault(fault);
  return {
    ...NOTED,
    when: REMARK.FORM | REMARK.PROPERTIES,
    otherwise: SKIP,
    check: inV5(formed => (hasProperties(formed.packet) ? check(formed) : SKIP)),
  } as const;
}

/** It has some, or nobody knows. */
function hasProperties({ properties, willProperties, isHeadCut }: Packet): boolean {
  return properties.range.length > 0 || willProperties.range.length > 0 || isHeadCut;
}

/** The name of the property at fault. */
function propertyAtFault({ packet, message }: Formed): string {
  const id = message.byte(packet.faulty.at);
  return propertyOf(id)?.name ?? `property ${hex(id, 1)}`;
}

/** The packet that carries the property at fault, or its Will. */
function carrierOf(packet: Packet): string {
  const { range } = packet.willProperties;
  const isOfWill = range.at >= 0 && packet.faulty.at >= range.at;
  return isOfWill ? 'the Will' : nameOf(packet);
}

export const propertyLength: Rule<Formed> = {
  id: 'mqtt/property-length',
  ...NOTED,
  when: REMARK.FORM,
  otherwise: passesIf(REMARK.V5),
  check: inV5(hasFault(FAULT.PROPERTY_LENGTH)),
  ...cites('Where a packet has properties their length stands before them, were it 0.', { '5.0': '2.2.2-1' }),
  summary: 'Property Length is absent, runs beyond the packet, or ends inside a property',
  why: 'It tells where the payload begins. A 3.1.1 packet on a 5.0 connection shows so too.',
  example: 'client > server  30 03 00 01 61        (PUBLISH in the form of 3.1.1)',
  describe: ({ packet, message }) => {
    const { faulty } = packet;
    const isAbsent = faulty.length === 0;
    return {
      message: isAbsent
        ? `${nameOf(packet)} has no Property Length`
        : `the Property Length of ${nameOf(packet)} does not fit what follows`,
      expected: 'a Property Length that leads to the end of the last property',
      actual: isAbsent ? 'nothing' : bytesIn(message, faulty),
      bytes: faultRange(packet),
    };
  },
};

export const propertyUnknown: Rule<Formed> = {
  id: 'mqtt/property-unknown',
  ...noted(FAULT.PROPERTY_UNKNOWN),
  ...cites('A property has one of the identifiers of the table.', { '5.0': '§2.2.2.2' }),
  summary: 'a property has an identifier that the table does not have',
  why: 'Its length is not known, so that nothing after it can be read: the packet is malformed.',
  example: 'client > server  30 06 00 01 61 02 04 00        (property 4)',
  describe: ({ packet, message }) => ({
    message: `${nameOf(packet)} has a property that there is not: ${bytesIn(message, packet.faulty)}`,
    expected: 'an identifier of the table',
    actual: bytesIn(message, packet.faulty),
    bytes: faultRange(packet),
  }),
};

export const propertyNotAllowed: Rule<Formed> = {
  id: 'mqtt/property-not-allowed',
  ...noted(FAULT.PROPERTY_NOT_ALLOWED),
  ...cites('Each packet, and the Will, has properties of its own.', { '5.0': '§2.2.2.2' }),
  summary: 'a packet, or the Will, has a property that it may not carry',
  why: 'Its sender takes it to have an effect that it has not, or the receiver closes the connection.',
  example: 'client > server  30 09 00 01 61 05 11 00 00 00 01        (PUBLISH with a Session Expiry Interval)',
  describe: formed => ({
    message: `${carrierOf(formed.packet)} has the property ${propertyAtFault(formed)}`,
    expected: `no ${propertyAtFault(formed)} there`,
    actual: bytesIn(formed.message, formed.packet.faulty),
    bytes: faultRange(formed.packet),
  }),
};

export const propertyRepeated: Rule<Formed> = {
  id: 'mqtt/property-repeated',
  ...noted(FAULT.PROPERTY_REPEATED),
  ...cites('A property stands in a packet once, other than User Property.', {
    '5.0': '§3.1.2.11 and its like',
  }),
  summary: 'a property stands in a packet a second time',
  why: 'Which of the two holds is for the receiver to guess. (User Properties may be many, and so may Subscription Identifiers in the PUBLISH of a server.)',
  example: 'client > server  30 08 00 01 61 04 01 00 01 01        (two Payload Format Indicators)',
  describe: formed => ({
    message: `${carrierOf(formed.packet)} has ${propertyAtFault(formed)} more than once`,
    expected: 'once at most',
    actual: `once more: ${bytesIn(formed.message, formed.packet.faulty)}`,
    bytes: faultRange(formed.packet),
  }),
};

export const propertyValue: Rule<Formed> = {
  id: 'mqtt/property-value',
  ...noted(FAULT.PROPERTY_VALUE),
  ...cites('A property has one of the values that are laid down for it.', { '5.0': '§3.1.2.11 and its like' }),
  summary:
    'a property is neither 0 nor 1 where it must be, or a Receive Maximum, Maximum Packet Size or Subscription Identifier is 0',
  why: 'It is a Protocol Error: what such a value means, nobody has said.',
  example: 'server > client  20 05 00 00 02 24 02        (CONNACK with Maximum QoS 2)',
  describe: formed => ({
    message: `${propertyAtFault(formed)} of ${carrierOf(formed.packet)} has a value that it may not have`,
    expected: expectedOf(formed),
    actual: bytesIn(formed.message, formed.packet.faulty),
    bytes: faultRange(formed.packet),
  }),
};

function expectedOf({ packet, message }: Formed): string {
  const row = propertyOf(message.byte(packet.faulty.at));
  if (row?.values === 'flag') return '0 or 1';
  return row?.type === 'var' ? 'above 0, in four bytes at most' : 'above 0';
}

/** Bytes that a Variable Byte Integer takes. */
function varintSize(value: number): number {
  return value < 0x80 ? 1 : 1 + varintSize(value >>> 7);
}

/** Faults of a property by itself, which matter less than that its sender may not send it. */
const LESSER_FAULTS: readonly number[] = [FAULT.NONE, FAULT.PROPERTY_REPEATED, FAULT.PROPERTY_VALUE];

/** A property that only one side may send in a packet. */
function sentBy(property: number, isWrongSide: (fromClient: boolean) => boolean) {
  return inV5(({ packet, fromClient }): Outcome => {
    if (!isWrongSide(fromClient) || !LESSER_FAULTS.includes(packet.fault)) return SKIP;
    const { properties } = packet;
    const isRead = properties.range.length > 0 && !packet.isHeadCut;
    return broken(packet, properties.has(property) || isRead, properties.has(property));
  });
}

export const subscriptionIdFromClient: Rule<Formed> = {
  id: 'mqtt/subscription-id-from-client',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A PUBLISH of the client has no Subscription Identifier.', { '5.0': '3.3.4-6' }),
  summary: 'a PUBLISH of the client has a Subscription Identifier',
  why: 'The identifier tells the receiver which of its subscriptions brought the message; to the server it means nothing.',
  example: 'client > server  30 06 00 01 61 02 0b 01',
  on: ['PUBLISH'],
  phase: 'form',
  when: REMARK.FORM | REMARK.PROPERTIES,
  otherwise: SKIP,
  check: sentBy(PROPERTY.SUBSCRIPTION_IDENTIFIER, fromClient => fromClient),
  describe: ({ packet: { properties } }) => {
    const value = properties.value[PROPERTY.SUBSCRIPTION_IDENTIFIER];
    return {
      message: 'PUBLISH of the client has a Subscription Identifier',
      expected: 'none from the client',
      actual: `${value}`,
      bytes: { offset: properties.at[PROPERTY.SUBSCRIPTION_IDENTIFIER] - 1, length: 1 + varintSize(value) },
    };
  },
};

export const sessionExpiryFromServer: Rule<Formed> = {
  id: 'mqtt/session-expiry-from-server',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A DISCONNECT of the server has no Session Expiry Interval.', { '5.0': '3.14.2-2' }),
  summary: 'a DISCONNECT of the server has a Session Expiry Interval',
  why: 'How long a session lives is settled in CONNECT and CONNACK, and changed by the client alone.',
  example: 'server > client  e0 07 00 05 11 00 00 00 3c',
  on: ['DISCONNECT'],
  phase: 'form',
  check: sentBy(PROPERTY.SESSION_EXPIRY, fromClient => !fromClient),
  describe: ({ packet: { properties } }) => ({
    message: 'DISCONNECT of the server has a Session Expiry Interval',
    expected: 'none from the server',
    actual: `${properties.value[PROPERTY.SESSION_EXPIRY]} s`,
    bytes: { offset: properties.at[PROPERTY.SESSION_EXPIRY] - 1, length: 5 },
  }),
};

export const authDataWithoutMethod: Rule<Formed> = {
  id: 'mqtt/auth-data-without-method',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('CONNECT has no Authentication Data without an Authentication Method.', { '5.0': '§3.1.2.11.10' }),
  summary: 'CONNECT has Authentication Data and no Authentication Method',
  why: 'The server cannot know by which method it is to take them.',
  example: 'client > server  CONNECT with property 22 and without 21',
  on: ['CONNECT'],
  check: inV5(({ packet }) => {
    const { properties } = packet;
    if (!properties.has(PROPERTY.AUTHENTICATION_DATA)) return SKIP;
    const hasMethod = properties.has(PROPERTY.AUTHENTICATION_METHOD);
    return broken(packet, hasMethod || !packet.isHeadCut, !hasMethod);
  }),
  describe: ({ packet: { properties } }) => ({
    message: 'CONNECT has Authentication Data and no Authentication Method',
    expected: 'an Authentication Method beside it',
    actual: 'none',
    bytes: {
      offset: properties.at[PROPERTY.AUTHENTICATION_DATA] - 3,
      length: properties.value[PROPERTY.AUTHENTICATION_DATA] + 3,
    },
  }),
};
