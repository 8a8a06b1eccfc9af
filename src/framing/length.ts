/** Messages with their length in a number of fixed size in their head: before them, or among what they begin with. */
import { readUint } from '../wire/read.ts';
import { writeUint } from '../wire/write.ts';
import { type Framing, MALFORMED } from './framing.ts';
import { MALFORMED_HEAD, TOO_LONG, TRUNCATED } from './rules.ts';
import { LONGEST, MOST, requireWhole } from './whole.ts';
import { behindHead, sayable } from './wrapping.ts';

export interface LengthOptions {
  /** Bytes of the length. */
  readonly bytes: 1 | 2 | 3 | 4;
  /** The lowest byte comes first; the highest if absent. */
  readonly littleEndian?: boolean;
  /** Bytes of the message before its length; 0 if absent. */
  readonly offset?: number;
  /**
   * Bytes of the message that the length does not count: 0 where it counts the whole message. If absent, those up to its own
   * end: it counts what follows it.
   */
  readonly uncounted?: number;
  /** Bytes at the head that the protocol does not see: the length alone where it stands first, else none, if absent. */
  readonly hidden?: number;
  /** Longest message on the wire in bytes; what the length can say, and at most 16 MiB after it, if absent. */
  readonly longest?: number;
}

/**
 * A length before each message, or in its head. Where it counts its own head and says less than that, the stream is
 * malformed.
 * @throws RangeError for options that do not fit
 */
export function lengthFraming(options: LengthOptions): Framing {
  const { bytes, littleEndian = false } = options;
  requireWhole('bytes', bytes, 1, 4);
  const offset = requireWhole('offset', options.offset ?? 0, 0, 0xffff);
  const headLength = offset + bytes;
  const uncounted = requireWhole('uncounted', options.uncounted ?? headLength, 0, 0xffff);
  const hidden = requireWhole('hidden', options.hidden ?? (offset === 0 ? bytes : 0), 0, headLength);
  const natural = Math.max(headLength, uncounted + Math.min(256 ** bytes - 1, LONGEST));
  const mayBeMalformed = uncounted < headLength;
  const id = `length${bytes * 8}${littleEndian ? '-le' : ''}`;
  return {
    id,
    title: titleOf(bytes, offset),
    specification: specificationOf(bytes, littleEndian, offset, uncounted),
    headLength,
    hidden,
    longest: requireWhole('longest', options.longest ?? natural, headLength, MOST),
    lengthOf: (octets, at) => {
      const length = uncounted + readUint(octets, at + offset, bytes, littleEndian);
      return length < headLength ? MALFORMED : length;
    },
    wrap: (content, sample) => {
      const wire = behindHead(content, sample, hidden);
      if (wire.length < headLength)
        throw new RangeError(`a message has ${headLength} bytes or more, not ${wire.length}`);
      writeUint(wire, offset, bytes, sayable(id, wire.length - uncounted, 256 ** bytes - 1), littleEndian);
      return wire;
    },
    rules: mayBeMalformed ? [TOO_LONG, TRUNCATED, MALFORMED_HEAD] : [TOO_LONG, TRUNCATED],
    tooLong: TOO_LONG,
    truncated: TRUNCATED,
    ...(mayBeMalformed && { malformed: MALFORMED_HEAD }),
  };
}

function titleOf(bytes: number, offset: number): string {
  const length = bytes === 1 ? 'a length of 1 byte' : `a length of ${bytes} bytes`;
  return offset === 0 ? `${length} before each message` : `${length} at byte ${offset} of each message`;
}

function specificationOf(bytes: number, littleEndian: boolean, offset: number, uncounted: number): string {
  const order = bytes === 1 ? '' : littleEndian ? 'little-endian ' : 'big-endian ';
  const size = bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const kind = offset === 0 ? 'length prefix' : 'length field';
  const place = offset === 0 ? '' : ` at byte ${offset}`;
  if (uncounted === 0) return `${order}${kind} of ${size}${place}, which counts the whole message`;
  if (uncounted === offset + bytes && offset === 0) return `${order}${kind} of ${size}, which does not count itself`;
  return `${order}${kind} of ${size}${place}, which does not count ${uncounted} bytes of the message`;
}
