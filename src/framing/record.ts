/** Messages of one size. */
import type { Framing } from './framing.ts';
import { TOO_LONG, TRUNCATED } from './rules.ts';
import { MOST, requireWhole } from './whole.ts';

/**
 * @param size of each message in bytes
 * @throws RangeError for a size that is none
 */
export function recordFraming(size: number): Framing {
  requireWhole('size', size, 1, MOST);
  const bytes = size === 1 ? '1 byte' : `${size} bytes`;
  return {
    id: 'record',
    title: `${bytes} each message`,
    specification: `records of ${bytes}`,
    headLength: 1,
    hidden: 0,
    longest: size,
    lengthOf: () => size,
    wrap: content => {
      if (content.length === size) return content;
      throw new RangeError(`a message has ${bytes}, not ${content.length}`);
    },
    rules: [TOO_LONG, TRUNCATED],
    tooLong: TOO_LONG,
    truncated: TRUNCATED,
  };
}
