/**
 * Messages that end where their last bytes say so: lines. Behind a line that is too long, or bytes that were lost, the next
 * one begins after the next end of a line.
 */
import { joined } from '../wire/write.ts';
import { type Framing, MORE } from './framing.ts';
import { TOO_LONG, TRUNCATED } from './rules.ts';
import { MOST, requireWhole } from './whole.ts';

export interface LinesOptions {
  /** What ends a line: both characters, a line feed (and a carriage return before it is the line's), or either. */
  readonly end: 'crlf' | 'lf' | 'either';
  /** Whether the protocol sees the line without its end; it does if absent. */
  readonly hidden?: boolean;
  /** Longest line in bytes, its end included; 64 KiB if absent. */
  readonly longest?: number;
}

const CR = 0x0d;
const LF = 0x0a;
const CRLF = Uint8Array.of(CR, LF);
const LINE_FEED = Uint8Array.of(LF);

const TITLES = {
  crlf: 'CR LF after each message',
  lf: 'LF after each message',
  either: 'LF or CR LF after each message',
};

/** @throws RangeError for options that do not fit */
export function lineFraming({ end: ending, hidden = true, longest = 65_536 }: LinesOptions): Framing {
  if (!Object.hasOwn(TITLES, ending)) throw new RangeError(`end is ${String(ending)}; it is one of crlf, lf, either`);
  const needsReturn = ending === 'crlf';
  const endLength = ending === 'lf' ? 1 : 2;
  /** Offset behind the first end of a line of which the last byte lies in [from, end); -1 where there is none. */
  const behindEnd = (bytes: Uint8Array, from: number, end: number, previous: number) => {
    for (let i = from; i < end; i++) {
      if (bytes[i] === LF && (!needsReturn || (i === from ? previous : bytes[i - 1]) === CR)) return i + 1;
    }
    return -1;
  };
  return {
    id: ending === 'either' ? 'lines' : `lines-${ending}`,
    title: TITLES[ending],
    specification: `lines, with ${TITLES[ending]}`,
    headLength: needsReturn ? 2 : 1,
    hidden: 0,
    ...(hidden && { hiddenAtEnd: endLength }),
    ...(hidden &&
      ending === 'either' && {
        hiddenAtEndOf: (bytes: Uint8Array, at: number, length: number) =>
          length > 1 && bytes[at + length - 2] === CR ? 2 : 1,
      }),
    longest: requireWhole('longest', longest, endLength, MOST),
    lengthOf: (bytes, at, end, searchedTo) => {
      const behind = behindEnd(bytes, searchedTo, end, searchedTo > at ? bytes[searchedTo - 1] : -1);
      return behind < 0 ? MORE : behind - at;
    },
    beginning: behindEnd,
    wrap: (content, sample) => {
      const own = ending === 'either' ? (endsWith(sample, CRLF) ? CRLF : LINE_FEED) : needsReturn ? CRLF : LINE_FEED;
      const ended = !hidden && behindEnd(content, 0, content.length, -1) === content.length;
      const wire = ended ? content : joined([content, own]);
      if (behindEnd(wire, 0, wire.length, -1) === wire.length) return wire;
      throw new RangeError(`a line has no ${needsReturn ? 'CR LF' : 'LF'} in it`);
    },
    rules: [TOO_LONG, TRUNCATED],
    tooLong: TOO_LONG,
    truncated: TRUNCATED,
  };
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return end.every((byte, at) => bytes[bytes.length - end.length + at] === byte);
}
