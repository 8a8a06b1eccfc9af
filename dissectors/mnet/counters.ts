/**
 * The counters of DATA and SHUTDOWN: how a message stands to what both sides have sent and acknowledged so far, and what is
 * remembered of it. All count bytes modulo 2^32. Only for messages whose byte order is settled may counters be taken over.
 *
 * Bytes of a DATA that broke a rule were not sent, but its sender may count them, and its peer may have taken them: they
 * are claimed. Within what a side claims, nothing is said about gaps, about what is late, or about who acknowledges what
 * was never sent; an acknowledgement of them, or DATA that goes on behind them, makes them sent.
 */
import type { Message } from '../../src/sdk.ts';
import { beyondSent, distance, type Exchange, REMARK } from './exchange.ts';
import { DATA } from './layouts.ts';
import { FLAG, SIDE_FLAG } from './state.ts';

/** A datagram of UDP carries no more. */
export const MOST_DATA = 65_535;

/** Reads a DATA and tells whether it may be an old one. */
export function readCounters(exchange: Exchange): void {
  const { message, sender } = exchange;
  exchange.sequence = message.uint(DATA.fields.sequence);
  exchange.acknowledged = message.uint(DATA.fields.acknowledged);
  exchange.dataLength = message.length - DATA.fixedLength;
  exchange.dataStart = (exchange.sequence - exchange.dataLength) >>> 0;
  const sentBefore = (exchange.senderFlags & SIDE_FLAG.SENT_DATA) !== 0;
  exchange.newBytes = sentBefore ? distance(exchange.sequence, sender.highest) : exchange.sequence;
  exchange.gap = exchange.newBytes - exchange.dataLength;
  readAcknowledgement(exchange);
  exchange.newlyAcknowledged = distance(exchange.acknowledged, sender.acknowledged);
  exchange.older = sentBefore && (exchange.newBytes <= 0 || !exchange.orderKnown);
  if (exchange.senderFlags & SIDE_FLAG.CLAIMS) readClaims(exchange, exchange.senderDetail.claimed);
  if (exchange.receiverFlags & SIDE_FLAG.OVERSTATES) readClaims(exchange, exchange.receiverDetail.overstated);
  exchange.remarks = remarksOn(exchange);
}

/** How far a DATA or SHUTDOWN acknowledges more than was sent, or claimed. */
export function readAcknowledgement(exchange: Exchange): void {
  const { acknowledged, receiver, receiverFlags, receiverDetail } = exchange;
  exchange.unsentAcknowledged = beyondSent(acknowledged, receiver);
  exchange.creditsClaim = false;
  if (exchange.unsentAcknowledged <= 0 || !(receiverFlags & SIDE_FLAG.CLAIMS)) return;
  if (distance(acknowledged, receiverDetail.claimed) > 0) return;
  exchange.unsentAcknowledged = 0;
  exchange.creditsClaim = true;
}

/**
 * Its sender goes on from bytes that it claims, or that its peer says it has: there is no gap before them, and it may be
 * older than they are.
 */
function readClaims(exchange: Exchange, claimed: number): void {
  const { sequence, dataStart } = exchange;
  if (!exchange.orderKnown) return;
  if (distance(sequence, claimed) <= 0) exchange.older = true;
  if (exchange.gap > 0) exchange.gap = Math.max(0, Math.min(exchange.gap, distance(dataStart, claimed)));
}

function remarksOn(exchange: Exchange): number {
  const { senderFlags, sender } = exchange;
  let remarks = 0;
  if (!(senderFlags & SIDE_FLAG.TAG_RIGHT) || sender.tag !== exchange.tag) remarks |= REMARK.TAG;
  if (!exchange.orderKnown) remarks |= REMARK.ORDER;
  if (exchange.older) remarks |= REMARK.OLDER;
  if (exchange.gap !== 0) remarks |= REMARK.GAP;
  if (exchange.sequence < exchange.dataLength) remarks |= REMARK.UNDERFLOW;
  if (exchange.unsentAcknowledged > 0) remarks |= REMARK.UNSENT;
  if (exchange.dataLength === 0) remarks |= REMARK.BARE;
  if (!(senderFlags & SIDE_FLAG.ACKNOWLEDGED)) remarks |= REMARK.FIRST;
  else if (exchange.newlyAcknowledged < 0) remarks |= REMARK.LOWER;
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
  takeCredit(exchange);
  const { sender, message, senderFlags } = exchange;
  if (exchange.dataLength > 0)
    sender.flags |= exchange.newBytes > 0 ? SIDE_FLAG.OWED : SIDE_FLAG.OWED | SIDE_FLAG.REPEATS;
  const higher = !(senderFlags & SIDE_FLAG.ACKNOWLEDGED) || exchange.newlyAcknowledged > 0;
  if (!higher || (exchange.unsentAcknowledged > 0 && !partial)) return;
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

/** The peer has taken all that was sent; or bytes that were only claimed, and so were sent. */
export function takeCredit({ creditsClaim, receiver, acknowledged, unsentAcknowledged }: Exchange): void {
  if (unsentAcknowledged === 0) receiver.flags &= ~SIDE_FLAG.OWED;
  if (!creditsClaim) return;
  receiver.highest = acknowledged;
  receiver.flags |= SIDE_FLAG.SENT_DATA;
}

/** A DATA has broken a rule: takes over what its sender may count from here on. */
export function claim(exchange: Exchange): void {
  const { sender, senderDetail, message, orderKnown } = exchange;
  if (message.length > DATA.fixedLength) sender.flags |= SIDE_FLAG.OWED;
  if (!orderKnown || (exchange.has(FLAG.PARTIAL) && !(sender.flags & SIDE_FLAG.SENT_DATA))) return;
  const hasHeader = message.captured >= DATA.fixedLength;
  const length = message.length - DATA.fixedLength;
  const wellFormed = hasHeader && message.uint(DATA.fields.length) === length;
  if (wellFormed) takeAcknowledgement(exchange);
  // One fault, one finding: a side that has forgotten what it acknowledged goes on from there.
  if (wellFormed && !exchange.older && exchange.newlyAcknowledged < 0) sender.acknowledged = exchange.acknowledged;
  const stated = hasHeader ? distance(message.uint(DATA.fields.sequence), sender.highest) : 0;
  // A side that counts from the wrong end has still sent as many bytes; nobody knows what a malformed message stands
  // for.
  const least = !wellFormed ? MOST_DATA : exchange.remarks & REMARK.UNDERFLOW ? length : 0;
  const beyond = Math.max(stated, least);
  const claimed = sender.flags & SIDE_FLAG.CLAIMS ? distance(senderDetail.claimed, sender.highest) : 0;
  if (beyond <= Math.max(claimed, 0)) return;
  senderDetail.claimed = (sender.highest + beyond) >>> 0;
  sender.flags |= SIDE_FLAG.CLAIMS;
}

/**
 * Remembers the bytes of a DATA that were captured, but for the first `known`.
 * @param start stream offset of the first one to be remembered
 */
export function appendBytes(exchange: Exchange, message: Message, start: number, known: number): void {
  const length = message.captured - DATA.fixedLength - known;
  if (length <= 0) return;
  const { streams, streamOwner, sender } = exchange;
  const from = message.start + DATA.fixedLength + known;
  sender.stream = streams.append(streamOwner, sender.stream, start, message.bytes, from, length);
}

function takeSequence(exchange: Exchange): void {
  const { sender, senderDetail, message, sequence, dataLength, newBytes } = exchange;
  const first = !(exchange.senderFlags & SIDE_FLAG.SENT_DATA);
  if (sequence < sender.highest && !first) sender.flags |= SIDE_FLAG.WRAPPED;
  // Of a retransmission that goes on into new bytes, only these are new.
  const known = first ? 0 : Math.max(0, dataLength - newBytes);
  appendBytes(exchange, message, (exchange.dataStart + known) >>> 0, known);
  sender.highest = sequence;
  sender.highestFrame = message.frame;
  sender.flags |= SIDE_FLAG.SENT_DATA;
  if (exchange.senderFlags & SIDE_FLAG.CLAIMS && distance(senderDetail.claimed, sequence) <= 0) {
    sender.flags &= ~SIDE_FLAG.CLAIMS;
  }
}
