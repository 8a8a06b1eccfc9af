/**
 * The counters of DATA and SHUTDOWN: how a message stands to what both sides have sent and acknowledged so far, and what is
 * remembered of it. All count bytes modulo 2^32. Only for messages whose byte order is settled may counters be taken over.
 */
import { beyondSent, distance, type Exchange, REMARK } from './exchange.ts';
import { DATA } from './layouts.ts';
import { FLAG, SIDE_FLAG } from './state.ts';

/** Reads a DATA and tells whether it may be an old one. */
export function readCounters(exchange: Exchange): void {
  const { message, sender, receiver } = exchange;
  exchange.sequence = message.uint(DATA.fields.sequence);
  exchange.acknowledged = message.uint(DATA.fields.acknowledged);
  exchange.dataLength = message.length - DATA.fixedLength;
  exchange.dataStart = (exchange.sequence - exchange.dataLength) >>> 0;
  const sentBefore = (exchange.senderFlags & SIDE_FLAG.SENT_DATA) !== 0;
  exchange.newBytes = sentBefore ? distance(exchange.sequence, sender.highest) : exchange.sequence;
  exchange.gap = exchange.newBytes - exchange.dataLength;
  exchange.unsentAcknowledged = beyondSent(exchange.acknowledged, receiver);
  exchange.newlyAcknowledged = distance(exchange.acknowledged, sender.acknowledged);
  exchange.older = sentBefore && (exchange.newBytes <= 0 || !exchange.orderKnown);
  exchange.remarks = remarksOn(exchange);
}

function remarksOn(exchange: Exchange): number {
  const { senderFlags, receiverFlags, sender } = exchange;
  let remarks = 0;
  if (!(senderFlags & SIDE_FLAG.TAG_RIGHT) || sender.tag !== exchange.tag) remarks |= REMARK.TAG;
  if (!exchange.orderKnown) remarks |= REMARK.ORDER;
  if (exchange.older) remarks |= REMARK.OLDER;
  if (exchange.gap !== 0) remarks |= REMARK.GAP;
  if (exchange.sequence < exchange.dataLength) remarks |= REMARK.UNDERFLOW;
  if (exchange.unsentAcknowledged > 0) remarks |= REMARK.UNSENT;
  const comparable = exchange.dataLength > 0 && (senderFlags & SIDE_FLAG.ACKNOWLEDGED) !== 0;
  if (!comparable || exchange.newlyAcknowledged < 0) remarks |= REMARK.ACKNOWLEDGEMENT;
  if ((senderFlags | receiverFlags) & SIDE_FLAG.DISTURBED) remarks |= REMARK.DISTURBED;
  if (exchange.has(FLAG.BAD_ECHO)) remarks |= REMARK.BAD_ECHO;
  return remarks;
}

/** Can a DATA be seen to be well-formed without asking the rules? */
export function formRemarks({ message, orderKnown }: Exchange): number {
  if (!orderKnown || message.captured < DATA.fixedLength) return REMARK.FORM;
  return message.uint(DATA.fields.length) === message.length - DATA.fixedLength ? 0 : REMARK.FORM;
}

/**
 * Takes over what a DATA says.
 * @param partial not all that its receiver has sent was seen, so that no acknowledgement is too high
 */
export function takeCounters(exchange: Exchange, partial: boolean): void {
  if (exchange.newBytes > 0 || !(exchange.senderFlags & SIDE_FLAG.SENT_DATA)) takeSequence(exchange);
  takeAcknowledgement(exchange);
  const { sender, message, senderFlags, receiverFlags } = exchange;
  const higher = !(senderFlags & SIDE_FLAG.ACKNOWLEDGED) || exchange.newlyAcknowledged > 0;
  const plausible = exchange.unsentAcknowledged <= 0 || partial || (receiverFlags & SIDE_FLAG.DISTURBED) !== 0;
  if (!higher || !plausible) return;
  sender.acknowledged = exchange.acknowledged;
  sender.acknowledgedFrame = message.frame;
  sender.flags |= SIDE_FLAG.ACKNOWLEDGED;
}

/** Remembers an acknowledgement of more than was sent, so that its repetition is not another fault. */
export function takeAcknowledgement({ sender, senderDetail, acknowledged, unsentAcknowledged }: Exchange): void {
  if (unsentAcknowledged <= 0) return;
  sender.flags |= SIDE_FLAG.OVERSTATES;
  senderDetail.overstated = acknowledged;
}

function takeSequence(exchange: Exchange): void {
  const { sender, message, sequence, dataLength, newBytes } = exchange;
  const first = !(exchange.senderFlags & SIDE_FLAG.SENT_DATA);
  if (sequence < sender.highest && !first) sender.flags |= SIDE_FLAG.WRAPPED;
  // Of a retransmission that goes on into new bytes, only these are new.
  const known = first ? 0 : Math.max(0, dataLength - newBytes);
  const length = message.captured - DATA.fixedLength - known;
  if (length > 0) {
    const start = (exchange.dataStart + known) >>> 0;
    const from = message.start + DATA.fixedLength + known;
    const { streams, streamOwner } = exchange;
    sender.stream = streams.append(streamOwner, sender.stream, start, message.bytes, from, length);
  }
  sender.highest = sequence;
  sender.highestFrame = message.frame;
  sender.flags = (sender.flags | SIDE_FLAG.SENT_DATA) & ~SIDE_FLAG.DISTURBED;
}
