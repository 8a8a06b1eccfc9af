/** Rules about any message: its header, its type, and whose identifier it carries. */
import {
  BROKEN,
  bytesText,
  frames,
  hex,
  INCONCLUSIVE,
  PASS,
  type Rule,
  SKIP,
  UNKNOWN_MESSAGE,
} from '../../../src/sdk.ts';
import { type Exchange, FOUND, ID_BYTES, idText, REMARK, SERVER_ID_BYTES, TYPE_BYTE } from '../exchange.ts';
import { ACK, ACK_LENGTH, HEADER_LENGTH, isReserved, LAYOUTS, RESERVED_ID, TYPE } from '../layouts.ts';
import {
  endOfOwn,
  endOfStranger,
  factsOfOwn,
  factsOfStranger,
  laterOfReversed,
  laterOfStranger,
  remembering,
} from './later.ts';

const names = LAYOUTS.map(({ name }) => name);
const everything = [...names, UNKNOWN_MESSAGE];
const PING = 0xff;

export const truncatedHeader: Rule<Exchange> = {
  id: 'ministreaming/truncated-header',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'Each message',
  says: 'Each message begins with a type of 1 byte and an id of 3 bytes.',
  summary: 'a message is shorter than 4 bytes (a lone FF is none where chaff is ignored)',
  why: 'Every message begins with a type and an id of three bytes. Less names no connection: the receiver can only drop it.',
  example: 'C > S  a2 98 76        (CLOSE that lacks the last byte of its id)',
  on: everything,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ message, ignoresChaff }) => {
    if (message.length >= HEADER_LENGTH) return PASS;
    return ignoresChaff && message.length === 1 && message.captured === 0 ? INCONCLUSIVE : BROKEN;
  },
  describe: ({ message }) => {
    const isPing = message.length === 1 && message.byte(0) === PING;
    const hint = isPing ? '; the known implementation sends it as a ping (--dialect ministreaming.chaff=ignore)' : '';
    return {
      message: `the message of ${bytesText(message.length)} is too short for a header${hint}`,
      expected: `at least ${HEADER_LENGTH} bytes`,
      actual: bytesText(message.length),
      bytes: { offset: 0, length: message.length },
    };
  },
};

export const unknownType: Rule<Exchange> = {
  id: 'ministreaming/unknown-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'Each message, type',
  says: 'Messages from client to server have type A0 to AF, and those from server to client have type 50 to 5F.',
  summary: 'the type lies outside A0 to AF and 50 to 5F (FF is none where chaff is ignored)',
  why: 'The two ranges tell who speaks in which role. A receiver cannot know what another type asks of it.',
  example: 'C > S  c0 98 76 54',
  on: everything,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ type, message }) => {
    if (type !== TYPE.UNKNOWN || isReserved(message.byte(0))) return PASS;
    return message.captured === 0 ? INCONCLUSIVE : BROKEN;
  },
  describe: ({ message }) => ({
    message: `type ${hex(message.byte(0), 1)} is not defined`,
    expected: 'a type from 0xa0 to 0xaf or from 0x50 to 0x5f',
    actual: hex(message.byte(0), 1),
    bytes: TYPE_BYTE,
  }),
};

export const reservedType: Rule<Exchange> = {
  id: 'ministreaming/reserved-type',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'Each message, type',
  summary: 'the type lies in A3 to AF or 53 to 5F, to which no meaning is given',
  why: 'The ranges leave room for later messages, and no revision of the text uses it. A receiver of today cannot act on it.',
  example: 'C > S  a3 98 76 54',
  on: everything,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ type, message }) => (type === TYPE.UNKNOWN && isReserved(message.byte(0)) ? BROKEN : PASS),
  describe: ({ message }) => ({
    message: `type ${hex(message.byte(0), 1)} has no meaning yet`,
    expected: '0xa0, 0xa1, 0xa2, 0x50, 0x51 or 0x52',
    actual: hex(message.byte(0), 1),
    bytes: TYPE_BYTE,
  }),
};

export const reservedId: Rule<Exchange> = {
  id: 'ministreaming/reserved-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'IDs',
  says: 'An id may be any value of 3 bytes except 00 00 00, which is reserved.',
  summary: 'the id 00 00 00 stands in a header, or as the server id in an ACK',
  why: 'It is reserved: receivers use it for "none", and may give up the connection or take it for another one.',
  example: 'C > S  a1 00 00 00 key...',
  on: names,
  when: REMARK.ID,
  otherwise: PASS,
  // A side that uses the reserved id because its peer gave it is not at fault: the peer's message was reported.
  check: ({ id, type, found, message, serverId }) => {
    if (id === RESERVED_ID && (type === TYPE.SYN || found === FOUND.RESERVED)) return BROKEN;
    if (type !== TYPE.ACK) return PASS;
    if (message.captured < ACK_LENGTH) return INCONCLUSIVE;
    return serverId === RESERVED_ID ? BROKEN : PASS;
  },
  describe: ({ id, type, found }) => {
    const inHeader = id === RESERVED_ID && (type === TYPE.SYN || found === FOUND.RESERVED);
    return {
      message: `the reserved id 00 00 00 stands ${inHeader ? 'in the header' : 'as the server id'}`,
      expected: 'any other id',
      actual: idText(RESERVED_ID),
      bytes: inHeader ? ID_BYTES : SERVER_ID_BYTES,
    };
  },
};

export const wrongDirection: Rule<Exchange> = {
  id: 'ministreaming/wrong-direction',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'Each message, type and id',
  says: 'Messages from client to server have type A0 to AF, and those from server to client have type 50 to 5F.',
  summary: "a server sends a type of the client's range with the client's id, or a client one of the server's range",
  why: 'The type tells in which role its sender speaks. The receiver looks the id up in the table of its other role, and drops the message or takes it for that of another connection.',
  example: 'C > S SYN 234567, S > C ACK 234567 987654; then  S > C  a0 23 45 67 data',
  describe: exchange => {
    const { messageName, senderRole, id, detail } = exchange;
    return {
      message: `${messageName} comes from the ${senderRole} of the connection that ${idText(id)} names`,
      expected: `a type from ${senderRole === 'client' ? '0xa0 to 0xaf' : '0x50 to 0x5f'}`,
      actual: messageName,
      bytes: TYPE_BYTE,
      relatedFrames: frames(detail.firstFrame, detail.answerFrame),
      facts: factsOfStranger(exchange),
    };
  },
  later: laterOfReversed,
  atEnd: endOfStranger,
  excuse: 'belongs to a connection that was not seen to be opened',
};

export const ownId: Rule<Exchange> = {
  id: 'ministreaming/own-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'Send data, Close: id',
  says: 'DATA and CLOSE of the client have the server id, and those of the server have the client id.',
  summary: 'DATA or CLOSE carries an id that the sender itself chose for a live connection, not one of its peer',
  why: "A message carries the id that its receiver chose. The receiver does not know this one, or has given it to another connection, which then gets the wrong stream's bytes.",
  example: 'C > S SYN 234567, S > C ACK 234567 987654; then  C > S  a0 23 45 67 data',
  on: names.filter(name => name !== 'SYN' && name !== ACK.name),
  when: REMARK.ID,
  otherwise: PASS,
  check: ({ found }) => (found === FOUND.OWN ? BROKEN : found === FOUND.RESERVED ? SKIP : PASS),
  later: laterOfStranger,
  atEnd: endOfOwn,
  excuse: 'names a connection that was not captured',
  describe: remembering(
    ({ messageName, id, detail }) => ({
      message: `${messageName} carries ${idText(id)}, which its own sender chose`,
      expected: 'the id that the receiver chose',
      actual: idText(id),
      bytes: ID_BYTES,
      relatedFrames: frames(detail.firstFrame, detail.answerFrame),
    }),
    factsOfOwn,
  ),
};
