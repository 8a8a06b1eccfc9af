/** Rules about Packet Identifiers: each is broken by one answer of `assess` (standing.ts), so that one fault is one finding. */
import { BROKEN, type Evidence, frames, INCONCLUSIVE, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { KIND, STAGE } from '../flows.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { STANDING } from '../standing.ts';
import { REFUSAL, TYPE } from '../terms.ts';
import { FIRST_BYTE, flowFrame, idBytes, kindName, numbered, receiverName, senderName } from './evidence.ts';

const REQUESTS = ['PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE'];

export const dupMissing: Rule<Exchange> = {
  id: 'mqtt/dup-missing',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '2.3.1-3, 3.3.1-1',
    '3.3.1-1',
    'DUP is 1 when a PUBLISH is sent again, which goes under the same Packet Identifier.',
    'DUP is 1 when a PUBLISH is sent again.',
  ),
  editionHere,
  summary: 'a PUBLISH is sent again with DUP 0',
  why: 'Its receiver cannot tell a copy from a new message, and with QoS 2 may deliver it twice.',
  example: 'PUBLISH 7 of QoS 1, no PUBACK, the same PUBLISH 7 with DUP 0',
  on: ['PUBLISH'],
  when: REMARK.STRANGE | REMARK.DUP,
  otherwise: passesIf(REMARK.FRESH),
  check: exchange => (exchange.packet.dup ? SKIP : brokenBy(exchange, STANDING.DUP_MISSING, INCONCLUSIVE)),
  describe: exchange => ({
    message: `${numbered(exchange)} has DUP 0 and is the PUBLISH that waits for its acknowledgement under this identifier`,
    expected: 'DUP 1',
    actual: 'DUP 0',
    bytes: FIRST_BYTE,
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const publishAfterPubrel: Rule<Exchange> = {
  id: 'mqtt/publish-after-pubrel',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('4.3.3-1', '4.3.3-6', 'The sender does not send the PUBLISH again once it has sent its PUBREL.'),
  editionHere,
  summary: 'a PUBLISH of QoS 2 is sent again after its PUBREL and before PUBCOMP',
  why: 'PUBREL lets the receiver forget the identifier, so that it takes the copy for a new message: exactly once becomes twice.',
  example: 'PUBLISH 7 of QoS 2, PUBREC, PUBREL, PUBLISH 7 with DUP 1',
  on: ['PUBLISH'],
  when: REMARK.STRANGE | REMARK.QOS2,
  otherwise: SKIP,
  check: exchange => (exchange.packet.qos === 2 ? brokenBy(exchange, STANDING.AFTER_PUBREL) : SKIP),
  describe: exchange => ({
    message: `${numbered(exchange)} is sent again after its PUBREL`,
    expected: 'PUBREL alone until PUBCOMP comes',
    actual: 'PUBLISH',
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const packetIdInUse: Rule<Exchange> = {
  id: 'mqtt/packet-id-in-use',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '2.3.1-2, 2.3.1-3, 2.3.1-4, 4.3.2-1, 4.3.3-1',
    '2.2.1-3, 2.2.1-4, 4.3.2-1, 4.3.2-3, 4.3.3-1, 4.3.3-3',
    'A new PUBLISH of QoS 1 or 2, SUBSCRIBE or UNSUBSCRIBE has a Packet Identifier that its sender does not use at present.',
  ),
  editionHere,
  summary: 'something new is sent under an identifier that awaits its acknowledgement in this connection',
  why: 'Its receiver may take it for a copy and drop it, and the next acknowledgement may belong to either.',
  example: 'PUBLISH 7 "on", then PUBLISH 7 "off" before PUBACK 7',
  on: REQUESTS,
  when: REMARK.STRANGE | REMARK.DUP,
  otherwise: passesIf(REMARK.FRESH),
  check: exchange => {
    if (isSentAgain(exchange)) return SKIP;
    return brokenBy(exchange, STANDING.IN_USE, isOfThisConnection(exchange) ? INCONCLUSIVE : SKIP);
  },
  describe: describeInUse,
};

export const resumeIdInUse: Rule<Exchange> = {
  id: 'mqtt/resume-id-in-use',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '2.3.1-2',
    '2.2.1-3, 2.2.1-4',
    'A new PUBLISH of QoS 1 or 2, SUBSCRIBE or UNSUBSCRIBE has a Packet Identifier that its sender does not use at present.',
  ),
  editionHere,
  summary: 'something new is sent under an identifier in flight from an earlier connection of the session',
  why: 'The sender has lost its part of the session: the message that was under way is lost with it, and the new one may be taken for its copy.',
  example: 'PUBLISH 1 without PUBACK; a new connection with Session Present 1; another PUBLISH 1 with DUP 0',
  on: REQUESTS,
  when: REMARK.STRANGE | REMARK.DUP,
  otherwise: passesIf(REMARK.RESUMED),
  check: exchange => {
    const { connection, isMqtt31 } = exchange;
    if (isMqtt31 || isSentAgain(exchange) || connection.session.began === connection.serial) return SKIP;
    return brokenBy(exchange, STANDING.RESUMED_IN_USE, isOfThisConnection(exchange) ? SKIP : INCONCLUSIVE);
  },
  describe: describeInUse,
};

export const resentInConnection: Rule<Exchange> = {
  id: 'mqtt/resent-in-connection',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '',
    '4.4.0-1, 4.4.0-2',
    'PUBLISH and PUBREL are sent again when a session is resumed, and at no other time.',
  ),
  editionHere,
  summary: 'a PUBLISH with DUP 1, or a PUBREL, comes once more in the connection that carried it',
  why: 'TCP loses nothing, so that the copy only adds load where its receiver was slow already, and its acknowledgement is one too many.',
  example: 'PUBLISH 7, and 5 s later PUBLISH 7 with DUP 1 on the same connection',
  on: ['PUBLISH', 'PUBREL'],
  when: REMARK.STRANGE | REMARK.DUP,
  otherwise: SKIP,
  check: exchange => {
    const { level, packet } = exchange;
    if (level !== 5 || (packet.type === TYPE.PUBLISH && !packet.dup)) return SKIP;
    return brokenBy(exchange, STANDING.RESENT);
  },
  describe: exchange => ({
    message: `${numbered(exchange)} is sent once more on the connection that carried it`,
    expected: 'once a connection',
    actual: exchange.flow ? 'sent before' : 'sent before, and answered',
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const dupFirst: Rule<Exchange> = {
  id: 'mqtt/dup-first',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.3.1-3, 4.3.2-1, 4.3.3-1',
    '3.2.2-5, 3.3.1-3, 4.3.2-2, 4.3.3-2',
    'DUP is 0 when a PUBLISH is sent for the first time.',
    'DUP is 0 when a PUBLISH is sent for the first time, and a client forgets its session when there is none at the server.',
  ),
  editionHere,
  summary: 'DUP 1 under an identifier that its sender has never used in this session, in the connection that began it',
  why: 'Its receiver may take a new message for a copy; a sender that always sets DUP says nothing by it.',
  example: 'CONNACK with Session Present 0, then PUBLISH 1 with DUP 1',
  on: ['PUBLISH'],
  when: REMARK.DUP,
  otherwise: SKIP,
  check: exchange => (exchange.packet.dup ? brokenBy(exchange, STANDING.DUP_FIRST, INCONCLUSIVE) : SKIP),
  describe: exchange => ({
    message: `${numbered(exchange)} has DUP 1 and the ${senderName(exchange)} has never used this identifier in the session`,
    expected: 'DUP 0',
    actual: 'DUP 1',
    bytes: FIRST_BYTE,
    relatedFrames: frames(exchange.connection.connack.frame),
  }),
};

export const stateCarriedOver: Rule<Exchange> = {
  id: 'mqtt/state-carried-over',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.1.2-6',
    '3.1.2-4, 3.2.2-5',
    'With CleanSession 1 client and server discard the former session, and no state of it is used again.',
    'The former session is discarded with Clean Start 1, and by the client too where Session Present is 0.',
  ),
  editionHere,
  summary: "DUP 1 in a new session under an identifier that was in flight in the client's former one",
  why: 'The server has forgotten the first transmission and delivers the message as a new one: it may come twice.',
  example: 'PUBLISH 5 without PUBACK; a new connection with CleanSession 1; PUBLISH 5 with DUP 1',
  on: ['PUBLISH'],
  when: REMARK.DUP,
  otherwise: SKIP,
  check: exchange => {
    const { packet, fromClient, isMqtt31 } = exchange;
    if (isMqtt31 || !fromClient || !packet.dup) return SKIP;
    return brokenBy(exchange, STANDING.CARRIED_OVER, INCONCLUSIVE);
  },
  describe: exchange => ({
    message: `${numbered(exchange)} with DUP 1 goes on with a flow of the client's former session`,
    expected: 'DUP 0, or nothing: the former session is discarded',
    actual: 'DUP 1 under an identifier that was in flight in that session',
    bytes: FIRST_BYTE,
    relatedFrames: frames(exchange.connection.connect.frame, exchange.connection.connack.frame),
  }),
};

export const ackUnknownId: Rule<Exchange> = {
  id: 'mqtt/ack-unknown-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '2.3.1-6, 2.3.1-7, 3.8.4-2, 3.10.4-4, 3.10.4-6, 4.3.2-2',
    '2.2.1-5, 2.2.1-6, 3.8.4-2, 3.10.4-5, 3.10.4-6, 4.3.3-11',
    'An acknowledgement has the Packet Identifier of the packet that it answers.',
  ),
  editionHere,
  summary: 'an acknowledgement for an identifier that awaits none',
  why: 'Some packet that awaits its acknowledgement does not get it; or one was acknowledged twice, and the second time may hit the next message.',
  example: 'PUBLISH 7, PUBACK 8',
  on: ['PUBACK', 'PUBREC', 'PUBCOMP', 'SUBACK', 'UNSUBACK'],
  when: REMARK.STRANGE,
  otherwise: passesIf(REMARK.RIGHT),
  check: exchange => brokenBy(exchange, STANDING.UNKNOWN, INCONCLUSIVE),
  describe: exchange => ({
    message: `${numbered(exchange)} answers nothing: no packet of the ${receiverName(exchange)} awaits it`,
    expected: `${exchange.subject.messageName} for what awaits one`,
    actual: `identifier ${exchange.packet.id}${exchange.flow ? `, in use by a ${kindName(exchange)}` : ''}`,
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const ackWrongType: Rule<Exchange> = {
  id: 'mqtt/ack-wrong-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('3.3.4-1', '3.3.4-1', 'QoS 1 is answered with PUBACK, QoS 2 with PUBREC and later PUBCOMP.'),
  editionHere,
  summary: 'the acknowledgement is not the one that the QoS of the PUBLISH asks for',
  why: 'The sender waits on for the right one, or takes the message for delivered at another QoS than it asked for.',
  example: 'PUBLISH 7 of QoS 2, PUBACK 7',
  on: ['PUBACK', 'PUBREC', 'PUBCOMP'],
  when: REMARK.STRANGE,
  otherwise: passesIf(REMARK.RIGHT),
  check: exchange => brokenBy(exchange, STANDING.WRONG_TYPE),
  describe: exchange => ({
    message: `${numbered(exchange)} answers a ${kindName(exchange)}`,
    expected: exchange.flow?.kind === KIND.QOS2 ? 'PUBREC' : 'PUBACK',
    actual: exchange.subject.messageName,
    bytes: FIRST_BYTE,
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const pubrelUnknownId: Rule<Exchange> = {
  id: 'mqtt/pubrel-unknown-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('2.3.1-6', '2.2.1-5', 'A PUBREL has the Packet Identifier of the PUBLISH that it goes on with.'),
  editionHere,
  summary: 'PUBREL for an identifier under which its sender never sent QoS 2 in this session',
  why: 'The sender holds state that the receiver has not: the two do not agree on which messages are under way.',
  example: 'CONNACK with Session Present 0, then PUBREL 9',
  on: ['PUBREL'],
  check: exchange => brokenBy(exchange, STANDING.UNKNOWN_PUBREL, INCONCLUSIVE),
  describe: exchange => ({
    message: `${numbered(exchange)}, and the ${senderName(exchange)} sent no PUBLISH of QoS 2 under this identifier in the session`,
    expected: 'PUBREL for a PUBLISH of QoS 2 of this session',
    actual: `identifier ${exchange.packet.id}`,
    bytes: idBytes(exchange),
  }),
};

export const pubrelBeforePubrec: Rule<Exchange> = {
  id: 'mqtt/pubrel-before-pubrec',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('4.3.3-1', '4.3.3-4', 'PUBREL is sent when PUBREC has come.'),
  editionHere,
  summary: 'PUBREL before the PUBREC that it answers',
  why: 'The sender gives the message up before it knows that it arrived: a lost connection loses the message.',
  example: 'PUBLISH 7 of QoS 2, PUBREL 7, then PUBREC 7',
  on: ['PUBREL'],
  check: exchange => brokenBy(exchange, STANDING.EARLY_PUBREL),
  describe: exchange => ({
    message: `${numbered(exchange)} comes before the PUBREC for its PUBLISH`,
    expected: 'PUBREL in answer to PUBREC',
    actual: 'no PUBREC yet',
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const pubcompBeforePubrel: Rule<Exchange> = {
  id: 'mqtt/pubcomp-before-pubrel',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('4.3.3-2', '4.3.3-11', 'PUBCOMP is sent in answer to PUBREL.'),
  editionHere,
  summary: 'PUBCOMP after PUBREC and before PUBREL',
  why: 'The sender may use the identifier for the next message while the receiver still takes all under it for copies.',
  example: 'PUBLISH 7 of QoS 2, PUBREC 7, PUBCOMP 7',
  on: ['PUBCOMP'],
  check: exchange => brokenBy(exchange, STANDING.EARLY_PUBCOMP),
  describe: exchange => ({
    message: `${numbered(exchange)} comes before the PUBREL that it would answer`,
    expected: 'PUBCOMP in answer to PUBREL',
    actual: 'no PUBREL since the PUBREC',
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  }),
};

export const pubrelAfterRefusal: Rule<Exchange> = {
  id: 'mqtt/pubrel-after-refusal',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('', '4.3.3-4', 'PUBREL answers a PUBREC whose Reason Code is below 0x80.'),
  editionHere,
  summary: 'PUBREL for a PUBREC that refused, in the same connection',
  why: 'The refusal ended the flow and freed the identifier. Who goes on has not seen that the message was refused.',
  example: 'PUBLISH 7 of QoS 2, PUBREC 7 with 0x97, PUBREL 7',
  on: ['PUBREL'],
  check: exchange => (exchange.level === 5 ? brokenBy(exchange, STANDING.PUBREL_AFTER_REFUSAL) : SKIP),
  describe: exchange => ({
    message: `${numbered(exchange)} goes on with a PUBLISH that the ${receiverName(exchange)} refused`,
    expected: `PUBREL for a PUBREC with a code below 0x${REFUSAL.toString(16)}`,
    actual: 'a PUBREC that refused',
    bytes: idBytes(exchange),
  }),
};

/** A PUBLISH that says of itself that it is no new one. */
function isSentAgain({ packet }: Exchange): boolean {
  return packet.type === TYPE.PUBLISH && packet.dup;
}

/** Whether the flow under the identifier has a packet in this connection. */
function isOfThisConnection({ flow, connection }: Exchange): boolean {
  return flow === undefined || flow.isHere(connection.serial);
}

function describeInUse(exchange: Exchange): Evidence {
  const { flow, packet, standing } = exchange;
  const where = standing === STANDING.RESUMED_IN_USE ? ' from an earlier connection of the session' : '';
  return {
    message: `${numbered(exchange)} is new, and identifier ${packet.id} is in use by a ${kindName(exchange)}${where}`,
    expected: `an identifier that is free, or ${flow?.stage === STAGE.RECEIVED ? 'PUBREL' : 'DUP 1 and the same content'}`,
    actual: `identifier ${packet.id}`,
    bytes: idBytes(exchange),
    relatedFrames: frames(flowFrame(exchange)),
  };
}

/**
 * @param broken the standing that breaks the rule
 * @param untold the outcome where nobody can tell: `SKIP` where the rule's question is settled even so
 */
function brokenBy({ standing }: Exchange, broken: number, untold: Outcome = SKIP): Outcome {
  if (standing === broken) return BROKEN;
  if (standing === STANDING.UNTOLD) return untold;
  return standing === STANDING.NONE ? SKIP : PASS;
}
