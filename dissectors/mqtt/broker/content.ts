/** What tells one message from another, and what a server must pass on as it got it, as digests: messages may be long. */
import type { Message } from '../../../src/sdk.ts';
import type { Part } from '../parts.ts';
import { propertyOf } from '../properties.ts';
import { PROPERTY } from '../terms.ts';
import { bytesText } from '../texts.ts';

/** Longer texts are digested. */
const LONGEST = 32;

/** The same for two messages with the same topic and payload alone, as good as certainly. */
export function keyOf(topic: string, message: Message, payload: Part): string {
  return `${topic}\0${digest(message, payload.at, payload.length)}`;
}

/** Properties that a server passes on unaltered, in the order of `passedOn`, and what they are called. */
export const PASSED_ON: readonly { readonly property: number; readonly name: string }[] = [
  { property: PROPERTY.PAYLOAD_FORMAT, name: 'Payload Format Indicator' },
  { property: PROPERTY.CONTENT_TYPE, name: 'Content Type' },
  { property: PROPERTY.RESPONSE_TOPIC, name: 'Response Topic' },
  { property: PROPERTY.CORRELATION_DATA, name: 'Correlation Data' },
  { property: PROPERTY.USER_PROPERTY, name: 'User Properties' },
];

/** What each of `PASSED_ON` holds, User Properties in their order; empty text for one that is not there. */
export function passedOn(message: Message, { at: from, length }: Part): readonly string[] {
  const values = PASSED_ON.map(() => '');
  for (let at = from; from >= 0 && at < from + length; ) {
    const property = message.byte(at);
    const size = sizeOf(message, at + 1, propertyOf(property)?.type);
    const place = PASSED_ON.findIndex(each => each.property === property);
    if (place >= 0) values[place] += `${digest(message, at + 1, size)};`;
    at += 1 + size;
  }
  return values;
}

/** Bytes of a well-formed value. */
function sizeOf(message: Message, at: number, type: string | undefined): number {
  const text = (from: number) => 2 + message.byte(from) * 256 + message.byte(from + 1);
  switch (type) {
    case 'u8':
      return 1;
    case 'u16':
      return 2;
    case 'u32':
      return 4;
    case 'str':
    case 'bin':
      return text(at);
    case 'pair':
      return text(at) + text(at + text(at));
    default:
      return variableSize(message, at);
  }
}

function variableSize(message: Message, at: number): number {
  let size = 1;
  while (size < 4 && message.byte(at + size - 1) >= 0x80) size++;
  return size;
}

function digest(message: Message, at: number, length: number): string {
  if (length <= LONGEST) return `${length}:${bytesText(message, at, length)}`;
  const from = message.start + at;
  let first = 0x811c9dc5;
  let second = length;
  for (let i = from; i < from + length; i++) {
    const byte = message.bytes[i];
    first = Math.imul(first ^ byte, 0x01000193);
    second = (Math.imul(second, 31) + byte + (second >>> 15)) | 0;
  }
  return `${length}#${first >>> 0},${second >>> 0}`;
}
