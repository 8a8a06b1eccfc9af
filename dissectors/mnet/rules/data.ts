/** Rules about DATA. Counters are compared modulo 2^32, as in RFC 1982. */
import {
  BROKEN,
  DIFFERS,
  frames,
  INCONCLUSIVE,
  PASS,
  type Rule,
  SAME,
  SKIP,
  UNKNOWN,
  UNSEEN,
} from '../../../src/sdk.ts';
import { MOST_DATA } from '../counters.ts';
import { distance, type Exchange, REMARK, RETRANSMIT_WINDOW } from '../exchange.ts';
import { DATA, TYPE } from '../layouts.ts';
import { SIDE_FLAG, saidAtAll, saidBit } from '../state.ts';
import {
  laterOfAcknowledgement,
  laterOfEarlyData,
  laterOfGap,
  laterOfUnacknowledgedData,
  rememberingSides,
  silenceAfterAcknowledgement,
  silenceAfterEarlyData,
  silenceAfterGap,
  silenceAfterUnacknowledgedData,
} from './later.ts';

const { sequence, acknowledged, length, data } = DATA.fields;
const span = (field: { offset: number; size: number }) => ({ offset: field.offset, length: field.size });

export const dataLengthMismatch: Rule<Exchange> = {
  id: 'mnet/data-length-mismatch',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'DATA, DataLength',
  says: 'DataLength is the length of the application data in the message.',
  summary: 'the length field of a DATA is not the length of its datagram less 14',
  why: 'A receiver that believes the field reads beyond the datagram or loses its end.',
  example: 'DATA whose DataLength says 40, in a datagram of 50 bytes',
  on: ['DATA'],
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ message, orderKnown }) => {
    if (!message.has(length)) return INCONCLUSIVE;
    const actual = message.length - DATA.fixedLength;
    if (orderKnown) return message.uint(length) === actual ? PASS : BROKEN;
    const low = message.byte(length.offset);
    const high = message.byte(length.offset + 1);
    return (high << 8) + low === actual || (low << 8) + high === actual ? PASS : BROKEN;
  },
  describe: ({ message }) => ({
    message: `DataLength says ${message.uint(length)}, the datagram carries ${message.length - DATA.fixedLength}`,
    expected: `${message.length - DATA.fixedLength}`,
    actual: `${message.uint(length)}`,
    bytes: span(length),
  }),
};

/** What a listener says from an echo on: after it both ends take the echo as sent. */
const GOES_ON = saidBit(TYPE.COOKIE_ACK) | saidBit(TYPE.DATA);
const hasListenerGoneOn = ({ receiver }: Exchange): boolean => (saidAtAll(receiver.sent) & GOES_ON) !== 0;

/** What comes before a DATA was missed: its tag is of no handshake that was seen, or it counts bytes that were not, of either side. */
const followsOnUnseen = ({ isTagStrange, orderKnown, gap, unsentAcknowledged }: Exchange): boolean =>
  isTagStrange || (orderKnown && (gap > 0 || unsentAcknowledged > 0));

export const dataBeforeEcho: Rule<Exchange> = {
  id: 'mnet/data-before-echo',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ECHO',
  says: 'The connecting peer may send DATA from its COOKIE-ECHO on.',
  summary: 'DATA of the connector comes before its COOKIE-ECHO',
  why: 'Only COOKIE-ECHO allows DATA from the connector; the listener knows no such connection yet and drops it.',
  example: 'INIT, COOKIE, DATA',
  later: laterOfEarlyData,
  atEnd: silenceAfterEarlyData,
  excuse: 'follows on a COOKIE-ECHO that was not captured',
  describe: rememberingSides(exchange => ({
    message: "the connector's DATA comes before its COOKIE-ECHO",
    expected: 'COOKIE-ECHO first',
    actual: `DATA in state ${exchange.senderState}`,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(exchange.detail.initFrame, exchange.detail.cookieFrame),
    facts: [
      Number(followsOnUnseen(exchange) || hasListenerGoneOn(exchange)),
      exchange.now,
      Number(exchange.detail.cookieFrame === 0),
    ],
  })),
};

export const dataBeforeAck: Rule<Exchange> = {
  id: 'mnet/data-before-ack',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ACK',
  says: 'The listener may send DATA from its COOKIE-ACK on.',
  summary: 'DATA of the listener comes before its COOKIE-ACK',
  why: 'Only COOKIE-ACK allows DATA from the listener; before it the connector cannot know that the connection stands.',
  example: 'INIT, COOKIE, COOKIE-ECHO, DATA from the listener',
  later: laterOfUnacknowledgedData,
  atEnd: silenceAfterUnacknowledgedData,
  excuse: 'follows on a COOKIE-ACK that was not captured',
  describe: rememberingSides(exchange => ({
    message: "the listener's DATA comes before its COOKIE-ACK",
    expected: 'COOKIE-ACK first',
    actual: `DATA in state ${exchange.senderState}`,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(exchange.detail.echoFrame),
    facts: [
      Number(followsOnUnseen(exchange)),
      exchange.now,
      Number(exchange.orderKnown && exchange.acknowledged > 0),
      Number(exchange.detail.echoFrame === 0),
    ],
  })),
};

export const sequenceUnderflow: Rule<Exchange> = {
  id: 'mnet/sequence-underflow',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'DATA, OutgoingSequence',
  says: 'OutgoingSequence is the number of bytes sent to the peer so far, the payload of this message included.',
  summary: 'DATA starts before byte 0 of the stream',
  why: "The sequence counts all bytes sent, this message's included, so it cannot be smaller than the message. The sender counts from the wrong end.",
  example: 'the first DATA, of 40 bytes, with OutgoingSequence 0',
  on: ['DATA'],
  when: REMARK.ORDER | REMARK.UNDERFLOW,
  otherwise: PASS,
  check: exchange => {
    if (!exchange.orderKnown) return INCONCLUSIVE;
    if (exchange.sequence >= exchange.dataLength) return PASS;
    return exchange.senderFlags & SIDE_FLAG.WRAPPED || exchange.sender.highest > 0x7fff_ffff ? SKIP : BROKEN;
  },
  describe: exchange => ({
    message: `DATA of ${exchange.dataLength} bytes ends at byte ${exchange.sequence} of the stream`,
    expected: `sequence ${exchange.dataLength} or more`,
    actual: `sequence ${exchange.sequence}`,
    bytes: span(sequence),
  }),
};

export const sequenceGap: Rule<Exchange> = {
  id: 'mnet/sequence-gap',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'DATA, OutgoingSequence',
  summary: 'DATA starts beyond the bytes its sender has been seen to send so far',
  why: 'Either the sender skipped bytes, which the receiver waits for forever, or the datagram between was lost before it reached the capture point.',
  example: 'DATA up to byte 40, then DATA of bytes 80 to 120',
  on: ['DATA'],
  when: REMARK.ORDER | REMARK.GAP,
  otherwise: remarks => (remarks & REMARK.OLDER ? SKIP : PASS),
  check: exchange => {
    if (!exchange.orderKnown) return INCONCLUSIVE;
    if (exchange.older) return SKIP;
    return exchange.gap > 0 ? BROKEN : PASS;
  },
  later: laterOfGap,
  atEnd: silenceAfterGap,
  excuse: 'follows on bytes that were not captured',
  describe: rememberingSides(({ sender, dataStart, gap, now, dataLength, isTagStrange }) => ({
    message: `DATA starts at byte ${dataStart}, ${gap} bytes beyond what was sent so far`,
    expected: `start at byte ${sender.highest}`,
    actual: `start at byte ${dataStart}`,
    bytes: span(sequence),
    relatedFrames: frames(sender.highestFrame),
    facts: [sender.highest, dataStart, now, Number(dataLength === 0 || isTagStrange)],
  })),
};

/** The part of an old DATA that can be held against what was sent first, as stream offset and length. */
function repeated({ sender, dataStart, dataLength }: Exchange): { start: number; length: number } {
  const oldest = (sender.highest - RETRANSMIT_WINDOW) >>> 0;
  const skip = Math.max(0, distance(oldest, dataStart));
  const length = Math.min(dataLength, distance(sender.highest, dataStart)) - skip;
  return { start: (dataStart + skip) >>> 0, length: Math.max(length, 0) };
}

export const retransmitDiffers: Rule<Exchange> = {
  id: 'mnet/retransmit-differs',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'DATA, Application Data',
  summary:
    'DATA repeats bytes of the stream with other content than first sent (within the last 64 KiB of that direction)',
  why: 'What the receiver hands on then depends on which of the two reached it: the stream is corrupt.',
  example: 'bytes 0 to 40 sent as "abc...", then again as "xyz..."',
  on: ['DATA'],
  when: REMARK.ORDER | REMARK.GAP,
  otherwise: SKIP,
  check: exchange => {
    if (exchange.gap >= 0 || exchange.dataLength === 0) return SKIP;
    const { sender, message, streams } = exchange;
    if (!(exchange.senderFlags & SIDE_FLAG.SENT_DATA) || !sameTag(exchange)) return SKIP;
    if (!exchange.orderKnown) return INCONCLUSIVE;
    const { start, length } = repeated(exchange);
    if (length === 0) return SKIP;
    const skipped = distance(start, exchange.dataStart);
    const captured = Math.min(length, message.captured - data.offset - skipped);
    const from = message.start + data.offset + skipped;
    const result = streams.compare(
      exchange.streamOwner,
      sender.stream,
      start,
      message.bytes,
      from,
      Math.max(captured, 0),
    );
    if (result === DIFFERS) return BROKEN;
    if (captured < length) return INCONCLUSIVE;
    if (result === UNKNOWN) exchange.host.limitHit('stream-memory');
    return result === SAME ? PASS : result === UNSEEN ? SKIP : INCONCLUSIVE;
  },
  describe: ({ streams, dataStart, sender }) => {
    const offset = distance(streams.differsAt, dataStart);
    return {
      message: `byte ${streams.differsAt} of the stream was sent before with another value`,
      expected: 'the bytes that were sent first',
      actual: `other bytes from byte ${streams.differsAt} on`,
      bytes: { offset: data.offset + offset, length: 1 },
      relatedFrames: frames(sender.highestFrame),
    };
  },
};

/** Another tag than before may be another connection, whose opening was not captured. */
const sameTag = ({ sender, senderFlags, tag }: Exchange) => !(senderFlags & SIDE_FLAG.TAG_KNOWN) || sender.tag === tag;

export const ackUnsent: Rule<Exchange> = {
  id: 'mnet/ack-unsent',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'DATA and SHUTDOWN, AcknowledgedBytes',
  says: 'AcknowledgedBytes is the number of bytes that were received from the peer.',
  summary: 'DATA or SHUTDOWN acknowledges more bytes than its receiver has sent',
  why: 'The receiver would take bytes for delivered that nobody got; the public implementation sends ABORT.',
  example: 'the listener has sent 40 bytes, the connector acknowledges 80',
  on: ['DATA', 'SHUTDOWN'],
  when: REMARK.ORDER | REMARK.UNSENT,
  otherwise: PASS,
  check: exchange => {
    if (!exchange.orderKnown) return INCONCLUSIVE;
    if (exchange.unsentAcknowledged <= 0) return PASS;
    // A count that was reported and is repeated is the same fault.
    const repeated =
      exchange.senderFlags & SIDE_FLAG.OVERSTATES && exchange.senderDetail.overstated === exchange.acknowledged;
    return repeated ? SKIP : BROKEN;
  },
  later: laterOfAcknowledgement,
  atEnd: silenceAfterAcknowledgement,
  excuse: 'acknowledges bytes that were not captured',
  describe: rememberingSides(
    ({
      receiver,
      receiverFlags,
      type,
      acknowledged: count,
      now,
      sequence: end,
      newBytes,
      dataLength,
      unsentAcknowledged,
      isTagStrange,
    }) => ({
      message: `${count} bytes are acknowledged, ${receiver.highest} were sent`,
      expected: `at most ${receiver.highest}`,
      actual: `${count}`,
      bytes: { offset: type === TYPE.DATA ? acknowledged.offset : 4, length: 4 },
      relatedFrames: frames(receiver.highestFrame),
      facts: [
        count,
        now,
        receiverFlags & SIDE_FLAG.SENT_DATA,
        type === TYPE.DATA && newBytes > 0 && dataLength > 0 ? end : -1,
        Number(!isTagStrange && ((receiverFlags & SIDE_FLAG.OWED) !== 0 || unsentAcknowledged > MOST_DATA)),
      ],
    }),
  ),
};

export const ackRegress: Rule<Exchange> = {
  id: 'mnet/ack-regress',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'DATA, AcknowledgedBytes',
  summary: 'DATA with new bytes acknowledges fewer bytes than its sender acknowledged before',
  why: 'The count of received bytes cannot fall. The sender forgot some, and its peer may send them again or give up.',
  example: 'DATA sequence 40 acknowledged 80, then DATA sequence 80 acknowledged 40',
  on: ['DATA'],
  when: REMARK.ORDER | REMARK.LOWER,
  otherwise: remarks => (remarks & (REMARK.OLDER | REMARK.BARE | REMARK.FIRST) ? SKIP : PASS),
  check: exchange => {
    if (exchange.older || exchange.dataLength === 0 || !(exchange.senderFlags & SIDE_FLAG.ACKNOWLEDGED)) return SKIP;
    if (!exchange.orderKnown) return INCONCLUSIVE;
    if (exchange.newlyAcknowledged >= 0) return PASS;
    return sameTag(exchange) ? BROKEN : SKIP;
  },
  describe: ({ sender, acknowledged: count }) => ({
    message: `${count} bytes are acknowledged, after ${sender.acknowledged} before`,
    expected: `at least ${sender.acknowledged}`,
    actual: `${count}`,
    bytes: span(acknowledged),
    relatedFrames: frames(sender.acknowledgedFrame),
  }),
};
