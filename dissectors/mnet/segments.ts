/**
 * DATA that was captured before the sender's network card cut it (UDP segmentation offload): several messages in one
 * datagram, all of one length but the last. Only what can be nothing else is taken for that: every part is a whole message
 * with the tag of the first, and every DATA among them says its own length. So a DATA with a wrong length field, or with
 * something behind it, stays what it is.
 */
import { type Message, readUint } from '../../src/sdk.ts';
import { DATA, LAYOUTS, SHUTDOWN, TYPE } from './layouts.ts';

const HEADER = DATA.fixedLength;
const { length: dataLength, tag } = DATA.fields;

/** Length of each part but the last; 0 for a datagram that is one message, whatever is wrong with it. */
export function segmentLength(message: Message): number {
  if (message.length < 2 * HEADER || message.captured < message.length || message.byte(0) !== TYPE.DATA) return 0;
  const low = message.byte(dataLength.offset);
  const high = message.byte(dataLength.offset + 1);
  const little = HEADER + (high << 8) + low;
  const big = HEADER + (low << 8) + high;
  if (little === message.length || big === message.length) return 0;
  if (isCutEvery(little, message, true)) return little;
  return isCutEvery(big, message, false) ? big : 0;
}

function isCutEvery(distance: number, message: Message, littleEndian: boolean): boolean {
  // Parts without content would be equal acknowledgements: nobody sends those at once.
  if (distance <= HEADER || distance >= message.length) return false;
  const { bytes, start, length } = message;
  const end = start + length;
  const ownTag = readUint(bytes, start + tag.offset, tag.size, false);
  for (let at = start + distance; at < end; at += distance) {
    const partLength = Math.min(distance, end - at);
    if (partLength < tag.offset + tag.size || readUint(bytes, at + tag.offset, tag.size, false) !== ownTag)
      return false;
    if (bytes[at] !== TYPE.DATA) {
      if (at + distance < end || !isWholeControl(bytes[at], partLength)) return false;
      continue;
    }
    if (partLength < HEADER) return false;
    if (readUint(bytes, at + dataLength.offset, 2, littleEndian) + HEADER !== partLength) return false;
  }
  return true;
}

/** One of those that carry the connection's tag and have one length. */
function isWholeControl(type: number, length: number): boolean {
  return type >= SHUTDOWN.code && type <= TYPE.ABORT && LAYOUTS[type].fixedLength === length;
}
