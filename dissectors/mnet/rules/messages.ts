/** Rules about any message: its length, its type and its tag. */
import {
  BROKEN,
  type Evidence,
  frames,
  hex,
  INCONCLUSIVE,
  PASS,
  type Rule,
  SKIP,
  UNKNOWN_MESSAGE,
} from '../../../src/sdk.ts';
import { type Exchange, REMARK, tagText } from '../exchange.ts';
import { LAYOUTS, TYPE } from '../layouts.ts';
import { FLAG, SIDE_FLAG } from '../state.ts';
import { onlyReading, READING, READINGS, readingsAllowing } from '../tags.ts';
import { endOfTag, laterOfTag } from './later.ts';

const HEADER_LENGTH = 4;
const names = LAYOUTS.map(layout => layout.name);
const handshake = ['INIT', 'COOKIE', 'COOKIE-ECHO'];

export const truncatedHeader: Rule<Exchange> = {
  id: 'mnet/truncated-header',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'all messages',
  summary: 'a datagram is shorter than 4 bytes',
  why: 'Every message begins with a type and, in all but INIT, a tag of three bytes. Less names no connection: the receiver can only drop it.',
  example: 'listener > connector  04 b6 0a        (COOKIE-ACK that lacks the last byte of its tag)',
  on: [...names, UNKNOWN_MESSAGE],
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ message }) => (message.length < HEADER_LENGTH ? BROKEN : PASS),
  describe: ({ message }) => ({
    message: `the datagram of ${message.length} bytes is too short for a message`,
    expected: `at least ${HEADER_LENGTH} bytes`,
    actual: `${message.length} bytes`,
    bytes: { offset: 0, length: message.length },
  }),
};

export const unknownType: Rule<Exchange> = {
  id: 'mnet/unknown-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'all messages',
  summary: 'the type is above 8',
  why: 'The specification defines types 0 to 8. A receiver cannot know what another one asks of it.',
  example: 'connector > listener  09 cf 74 2a',
  on: [...names, UNKNOWN_MESSAGE],
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ type, message }) => {
    if (type !== TYPE.UNKNOWN) return PASS;
    return message.captured === 0 ? INCONCLUSIVE : BROKEN;
  },
  describe: ({ message }) => ({
    message: `type ${hex(message.byte(0), 1)} is not defined`,
    expected: 'a type from 0x00 to 0x08',
    actual: hex(message.byte(0), 1),
    bytes: { offset: 0, length: 1 },
  }),
};

export const length: Rule<Exchange> = {
  id: 'mnet/length',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'the figure of each message',
  summary: 'a message does not have the length that its type prescribes; DATA is shorter than its header',
  why: 'All messages but DATA have one exact length. Another one means that the two ends lay the message out differently.',
  example: 'connector > listener  05 cf 74 2a        (SHUTDOWN without its AcknowledgedBytes)',
  on: names,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ message, type }) => {
    const layout = LAYOUTS[type];
    const wrong = layout.open ? message.length < layout.fixedLength : message.length !== layout.fixedLength;
    return wrong ? BROKEN : PASS;
  },
  describe: ({ message, type }) => {
    const { name, fixedLength, open } = LAYOUTS[type];
    const from = Math.min(fixedLength, message.length);
    return {
      message: `${name} of ${message.length} bytes is too ${message.length < fixedLength ? 'short' : 'long'}`,
      expected: open ? `at least ${fixedLength} bytes` : `${fixedLength} bytes`,
      actual: `${message.length} bytes`,
      bytes:
        message.length > fixedLength
          ? { offset: from, length: message.length - fixedLength }
          : { offset: 0, length: message.length },
    };
  },
};

export const tagMismatch: Rule<Exchange> = {
  id: 'mnet/tag-mismatch',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'PeerConnectionTag of each message',
  summary: 'a message after the handshake has a tag that the reading in force does not allow',
  why: 'The tag tells the connections of an address pair apart and keeps strangers out. A receiver that checks it drops the message, one that does not can be spoken to by anyone.',
  example: 'INIT tag cf742a, COOKIE tag b60afb, COOKIE-ACK b60afb; then DATA with tag 000000',
  on: names.filter(name => !handshake.includes(name)),
  when: REMARK.TAG,
  otherwise: PASS,
  check: exchange => {
    const { connection, flags, tag, type, fromConnector } = exchange;
    const { initTag, listenerTag } = connection;
    if (!(flags & FLAG.INIT_TAG_KNOWN)) return INCONCLUSIVE;
    // The tag that a bad echo names is in force if the listener takes it, and refused with if not; both are judged elsewhere.
    if (flags & FLAG.BAD_ECHO && tag === strangeTagOf(exchange)) return PASS;
    if (flags & FLAG.ECHO_OF_ANOTHER_INIT && !readingsAllowing(tag, initTag, listenerTag, fromConnector))
      return INCONCLUSIVE;
    if (type === TYPE.ABORT) {
      // A host that no longer knows the connection answers with the very tag it was sent, whichever that is.
      if (tag === initTag || (flags & FLAG.LISTENER_TAG_KNOWN && tag === listenerTag)) return PASS;
      return flags & FLAG.LISTENER_TAG_KNOWN && !(flags & FLAG.LISTENER_TAG_VARIES) ? BROKEN : SKIP;
    }
    if (!(flags & FLAG.LISTENER_TAG_KNOWN)) return SKIP;
    if (readingsAllowing(tag, initTag, listenerTag, fromConnector) & connection.readings) return PASS;
    return flags & FLAG.LISTENER_TAG_VARIES ? INCONCLUSIVE : BROKEN;
  },
  later: laterOfTag,
  atEnd: endOfTag,
  excuse: 'has the tag of a handshake that was not captured',
  describe: ({ connection, detail, tag, type, fromConnector, senderRole, senderDetail, cookies }) => {
    const { initTag, listenerTag, readings } = connection;
    const { initFrame, cookieFrame, echoFrame } = detail;
    const allowed = [initTag, listenerTag].filter(
      candidate => type === TYPE.ABORT || readingsAllowing(candidate, initTag, listenerTag, fromConnector) & readings,
    );
    const reading = onlyReading(readings);
    const whose = tag === initTag ? ", the INIT's tag," : tag === listenerTag ? ", the listener's tag," : '';
    const held = reading
      ? `the reading "${reading}"`
      : `any reading (${READINGS.filter(name => READING[name] & readings).join(', ')})`;
    return {
      message: `tag ${tagText(tag)}${whose} from the ${senderRole} does not fit ${held}`,
      expected: [...new Set(allowed)].map(tagText).join(' or '),
      actual: tagText(tag),
      bytes: { offset: 1, length: 3 },
      facts: [
        Number(!fromConnector && senderDetail.strangeTag === tag),
        Number(cookies.isOfAnotherInit(detail, initTag, tag)),
      ],
      relatedFrames: frames(initFrame, echoFrame || cookieFrame),
    };
  },
};

/** The listener's tag in its connector's last bad echo. */
const strangeTagOf = ({ fromConnector, senderDetail, receiverDetail }: Exchange) =>
  (fromConnector ? senderDetail : receiverDetail).strangeTag;

export const wrongRole: Rule<Exchange> = {
  id: 'mnet/wrong-role',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'INIT, COOKIE, COOKIE-ECHO, COOKIE-ACK',
  summary: "INIT or COOKIE-ECHO comes from the connection's listener, COOKIE or COOKIE-ACK from its connector",
  why: 'The handshake gives the cookie its meaning only in one direction: the listener issues it, the connector brings it back.',
  example: 'connector > listener  04 cf 74 2a        (COOKIE-ACK from the side that sent INIT)',
  describe: ({ messageName, senderRole, detail }) => ({
    message: `${messageName} comes from the ${senderRole}`,
    expected: `${messageName} from the ${senderRole === 'connector' ? 'listener' : 'connector'} only`,
    actual: `${messageName} from the ${senderRole}`,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.initFrame),
  }),
};

export const reordered: Rule<Exchange> = {
  id: 'mnet/reordered',
  severity: 'info',
  atFault: 'none',
  restsOn: 'unseen',
  clause: 'all messages',
  summary: 'an older datagram of its sender, delayed or doubled by the network, comes out of order',
  why: 'Nobody is at fault. Many of them explain resent data and low throughput, and receivers must cope with them.',
  example: 'listener > connector  DATA sequence 3600 acknowledged 3600; then DATA sequence 498 acknowledged 498 again',
  on: ['DATA'],
  when: REMARK.ORDER | REMARK.LOWER,
  otherwise: remarks => (remarks & REMARK.OLDER && !(remarks & REMARK.FIRST) ? PASS : SKIP),
  check: exchange => {
    if (!exchange.older || !exchange.orderKnown || !(exchange.senderFlags & SIDE_FLAG.ACKNOWLEDGED)) return SKIP;
    return exchange.newlyAcknowledged < 0 ? BROKEN : PASS;
  },
  describe: exchange => (exchange.type === TYPE.DATA ? reorderedData(exchange) : reorderedControl(exchange)),
};

function reorderedData({ sender, sequence, acknowledged }: Exchange): Evidence {
  return {
    message: 'this DATA is older than what its sender has sent before it',
    expected: `sequence above ${sender.highest}, or acknowledged not below ${sender.acknowledged}`,
    actual: `sequence ${sequence}, acknowledged ${acknowledged}`,
    relatedFrames: frames(sender.highestFrame, sender.acknowledgedFrame),
  };
}

/** The same for an old control message, in a state where it could not be sent again. */
export function reorderedControl({ messageName, senderState, senderDetail }: Exchange): Evidence {
  return {
    message: `this ${messageName} was sent before and arrives again when its sender is ${senderState}`,
    expected: `no ${messageName} in state ${senderState}`,
    actual: messageName,
    relatedFrames: frames(senderDetail.endFrame),
  };
}
