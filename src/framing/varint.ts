/**
 * Messages after a length of variable size: seven bits a byte, the lowest first, the top bit set in all but the last
 * (MQTT's Variable Byte Integer, LEB128, Protocol Buffers' delimited messages). The length counts what follows it.
 */

import { joined, varintBytes } from '../wire/write.ts';
import { type Framing, MALFORMED, MORE } from './framing.ts';
import { MALFORMED_HEAD, TOO_LONG, TRUNCATED } from './rules.ts';
import { LONGEST, MOST, requireWhole } from './whole.ts';
import { behindHead, sayable } from './wrapping.ts';

export interface VarintOptions {
  /** Bytes of the message before its length; 0 if absent. */
  readonly offset?: number;
  /** Most bytes of the length, at most 7; 4 if absent, as in MQTT. LEB128 of 32 bits has 5. */
  readonly mostBytes?: number;
  /** Whether the protocol sees the message without its head; only where the length stands first, if absent. */
  readonly hidden?: boolean;
  /** Longest message on the wire in bytes; what the length can say, and at most 16 MiB after it, if absent. */
  readonly longest?: number;
}

/** @throws RangeError for options that do not fit */
export function varintFraming(options: VarintOptions = {}): Framing {
  const offset = requireWhole('offset', options.offset ?? 0, 0, 0xffff);
  const mostBytes = requireWhole('mostBytes', options.mostBytes ?? 4, 1, 7);
  const { hidden = offset === 0 } = options;
  const head = offset + mostBytes;
  const natural = head + Math.min(128 ** mostBytes - 1, LONGEST);
  return {
    id: 'varint',
    title:
      offset === 0
        ? 'a length of variable size before each message'
        : `a length of variable size at byte ${offset} of each message`,
    specification: `length of 7 bits a byte, the lowest first, in at most ${mostBytes === 1 ? '1 byte' : `${mostBytes} bytes`}`,
    headLength: offset + 1,
    hidden: hidden ? head : 0,
    ...(hidden && { hiddenOf: (bytes, at, captured) => headOf(bytes, at, captured, offset, mostBytes) }),
    longest: requireWhole('longest', options.longest ?? natural, head, MOST),
    lengthOf: (bytes, at, end) => {
      const most = at + head;
      let length = 0;
      let factor = 1;
      for (let i = at + offset; i < end && i < most; i++) {
        const byte = bytes[i];
        length += (byte & 0x7f) * factor;
        if (byte < 0x80) return i + 1 - at + length;
        factor *= 128;
      }
      return end < most ? MORE : MALFORMED;
    },
    wrap: (content, sample) => {
      const own = hidden ? 0 : headOf(content, 0, content.length, offset, mostBytes);
      if (!hidden && content.length <= offset) {
        throw new RangeError(`a message has ${offset + 1} bytes or more, not ${content.length}`);
      }
      const before = behindHead(content.subarray(0, hidden ? 0 : offset), sample, hidden ? offset : 0);
      const body = content.subarray(own);
      const length = varintBytes(sayable('varint', body.length, 128 ** mostBytes - 1));
      return joined([before, length, body]);
    },
    rules: [TOO_LONG, TRUNCATED, MALFORMED_HEAD],
    tooLong: TOO_LONG,
    truncated: TRUNCATED,
    malformed: MALFORMED_HEAD,
  };
}

/** Bytes up to the end of the length, as far as they are there. */
function headOf(bytes: Uint8Array, at: number, captured: number, offset: number, mostBytes: number): number {
  const most = Math.min(captured, offset + mostBytes);
  let head = Math.min(captured, offset);
  while (head < most && bytes[at + head] >= 0x80) head++;
  return Math.min(head + 1, most);
}
