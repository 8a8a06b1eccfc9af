/**
 * Rules about what the receiver of a packet has said that it can take. What CONNACK says binds what the client began when
 * it could know of it (Certainty 12); what CONNECT says binds the server always.
 */
import { BROKEN, bytesText, type Evidence, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { STANDING } from '../standing.ts';
import { TYPE } from '../terms.ts';
import { FIRST_BYTE, flowFrame, idBytes, numbered, receiverName } from './evidence.ts';

/** Whether the sender of the packet in hand is bound by what its receiver has announced. */
export function isBound({ level, fromClient, knowsConnack }: Exchange): boolean {
  return level === 5 && (!fromClient || knowsConnack);
}

/** Frame of the packet that announced the limits which bind the sender in hand. */
export function announcedIn({ fromClient, connection }: Exchange): number {
  return fromClient ? connection.connack.frame : connection.connect.frame;
}

/** Remaining Length, behind the first byte. */
function lengthBytes({ packet }: Exchange) {
  return { offset: 1, length: packet.headLength - 1 };
}

function describeSize(exchange: Exchange, without: string): Evidence {
  const { message, receiver, subject } = exchange;
  const most = bytesText(receiver.announced.maximumPacketSize);
  return {
    message: `${subject.messageName} of ${bytesText(message.length)}, and the ${receiverName(exchange)} takes ${most}${without}`,
    expected: `${most} at most`,
    actual: bytesText(message.length),
    bytes: lengthBytes(exchange),
    relatedFrames: frames(announcedIn(exchange)),
  };
}

export const optionalPropertyTooLarge: Rule<Exchange> = {
  id: 'mqtt/optional-property-too-large',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.2.2-19, 3.2.2-20, 3.4.2-2, 3.4.2-3, 3.5.2-2, 3.5.2-3, 3.6.2-2, 3.6.2-3, 3.7.2-2, 3.7.2-3, 3.9.2-1, 3.9.2-2, 3.11.2-1, 3.11.2-2, 3.14.2-3, 3.14.2-4, 3.15.2-2, 3.15.2-3',
    'A Reason String or User Property is left out where the packet would exceed the Maximum Packet Size of its receiver with it.',
  ),
  editionHere,
  summary: 'a Reason String or User Properties make a packet larger than its receiver takes',
  why: 'The receiver closes the connection over words that only people would have read.',
  example: 'Maximum Packet Size 40; CONNACK of 60 bytes, 30 of them a Reason String',
  on: ['CONNACK', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBACK', 'UNSUBACK', 'DISCONNECT', 'AUTH'],
  when: REMARK.LIMITED,
  otherwise: SKIP,
  check: exchange => {
    const { message, packet, receiver } = exchange;
    const most = receiver.announced.maximumPacketSize;
    if (!isBound(exchange) || most === Number.POSITIVE_INFINITY) return SKIP;
    if (packet.isHeadCut && message.length > most) return INCONCLUSIVE;
    const { optionalBytes } = packet.properties;
    if (optionalBytes === 0) return SKIP;
    if (message.length <= most) return PASS;
    return wouldFit(exchange) ? BROKEN : SKIP;
  },
  describe: exchange => {
    const { optionalBytes } = exchange.packet.properties;
    return describeSize(
      exchange,
      `: without its Reason String and User Properties, ${bytesText(optionalBytes)}, it would fit`,
    );
  },
};

/** Whether a packet that is too large would not be without its Reason String and User Properties, which it may leave out. */
function wouldFit({ message, packet, receiver, subject }: Exchange): boolean {
  const { optionalBytes } = packet.properties;
  if (optionalBytes === 0 || !optionalPropertyTooLarge.on?.includes(subject.messageName)) return false;
  return message.length - optionalBytes <= receiver.announced.maximumPacketSize;
}

export const maximumPacketSize: Rule<Exchange> = {
  id: 'mqtt/maximum-packet-size',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '3.1.2-24, 3.2.2-15',
    'No packet is larger than the Maximum Packet Size that its receiver has announced.',
  ),
  editionHere,
  summary: 'a packet is larger than the Maximum Packet Size of its receiver',
  why: 'The receiver has no room for it and closes the connection; a message that is too large for it would come again and again.',
  example: 'CONNECT with Maximum Packet Size 128, PUBLISH of the server with 300 bytes',
  on: Object.keys(TYPE).filter(name => name !== 'CONNECT'),
  when: REMARK.LIMITED,
  otherwise: SKIP,
  check: exchange => {
    const most = exchange.receiver.announced.maximumPacketSize;
    if (!isBound(exchange) || most === Number.POSITIVE_INFINITY) return SKIP;
    if (exchange.message.length <= most) return PASS;
    // That is the more specific rule, be it off or not.
    return wouldFit(exchange) ? SKIP : BROKEN;
  },
  describe: exchange => describeSize(exchange, ' at most'),
};

export const receiveMaximum: Rule<Exchange> = {
  id: 'mqtt/receive-maximum',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.3.4-7, 3.3.4-9, 4.9.0-1, 4.9.0-2',
    'No more PUBLISHes of QoS 1 and 2 wait for their acknowledgement than the Receive Maximum of their receiver.',
  ),
  editionHere,
  summary: 'a PUBLISH of QoS 1 or 2 with which the unacknowledged ones exceed the Receive Maximum of their receiver',
  why: 'The receiver has set aside room for so many and closes the connection, or loses what is beyond.',
  example: 'Receive Maximum 2; PUBLISH 1, 2 and 3 without an acknowledgement',
  on: ['PUBLISH'],
  when: REMARK.STRANGE | REMARK.DUP | REMARK.FULL,
  otherwise: passesIf(REMARK.COUNTED),
  check: exchange => {
    const { packet, sender, receiver } = exchange;
    if (!isBound(exchange) || packet.qos === 0 || sender.isOverWindow || !fillsPlace(exchange)) return SKIP;
    return sender.outstanding >= receiver.announced.receiveMaximum ? BROKEN : PASS;
  },
  describe: exchange => {
    const most = exchange.receiver.announced.receiveMaximum;
    const count = exchange.sender.outstanding + 1;
    return {
      message: `${numbered(exchange)} is number ${count} that waits for its acknowledgement, and the ${receiverName(exchange)} takes ${most}`,
      expected: `${most} at most`,
      actual: `${count}`,
      bytes: idBytes(exchange),
      relatedFrames: frames(announcedIn(exchange), flowFrame(exchange)),
    };
  },
};

/** Whether the PUBLISH takes a place in the window: one that was sent in this connection before has its own. */
function fillsPlace({ standing, flow, connection }: Exchange): boolean {
  switch (standing) {
    case STANDING.FRESH:
    case STANDING.DUP_FIRST:
    case STANDING.CARRIED_OVER:
    case STANDING.RESUMED_IN_USE:
    case STANDING.EXCUSED:
      return true;
    case STANDING.RIGHT:
    case STANDING.UNTOLD:
      return !flow?.isHere(connection.serial);
    default:
      return false;
  }
}

export const qosNotSupported: Rule<Exchange> = {
  id: 'mqtt/qos-not-supported',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses('', '3.2.2-11', 'A client sends no PUBLISH of a QoS above the Maximum QoS of the server.'),
  editionHere,
  summary: 'a PUBLISH of the client has a QoS above the Maximum QoS of the CONNACK',
  why: 'The server closes the connection with 0x9B, and the message is not delivered.',
  example: 'CONNACK with Maximum QoS 1, PUBLISH of QoS 2',
  on: ['PUBLISH'],
  when: REMARK.LIMITED,
  otherwise: SKIP,
  check: exchange => {
    const { fromClient, packet, connection } = exchange;
    if (!fromClient || !isBound(exchange) || connection.connack.maximumQos >= 2) return SKIP;
    return packet.qos > connection.connack.maximumQos ? BROKEN : PASS;
  },
  describe: ({ packet, connection }) => ({
    message: `PUBLISH of QoS ${packet.qos}, and the server takes QoS ${connection.connack.maximumQos} at most`,
    expected: `QoS ${connection.connack.maximumQos} at most`,
    actual: `QoS ${packet.qos}`,
    bytes: FIRST_BYTE,
    relatedFrames: frames(connection.connack.frame),
  }),
};

export const retainNotSupported: Rule<Exchange> = {
  id: 'mqtt/retain-not-supported',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses('', '3.2.2-14', 'A client sends no PUBLISH with RETAIN 1 to a server with Retain Available 0.'),
  editionHere,
  summary: 'a PUBLISH of the client has RETAIN 1 although Retain Available is 0',
  why: 'The server closes the connection with 0x9A, and the message is neither retained nor delivered.',
  example: 'CONNACK with Retain Available 0, PUBLISH with RETAIN 1',
  on: ['PUBLISH'],
  when: REMARK.LIMITED,
  otherwise: SKIP,
  check: exchange => {
    const { fromClient, packet, connection } = exchange;
    if (!fromClient || !isBound(exchange) || connection.connack.retainAvailable) return SKIP;
    return packet.retain ? BROKEN : PASS;
  },
  describe: ({ connection }) => ({
    message: 'PUBLISH with RETAIN 1, and the server retains nothing',
    expected: 'RETAIN 0',
    actual: 'RETAIN 1',
    bytes: FIRST_BYTE,
    relatedFrames: frames(connection.connack.frame),
  }),
};
