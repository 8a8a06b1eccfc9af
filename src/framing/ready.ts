/**
 * The framings that every carrier may name. Each is what its factory gives without options of its own; a carrier that needs
 * others holds the factory's value instead of a name.
 */
import type { Framing } from './framing.ts';
import { lengthFraming } from './length.ts';
import { lineFraming } from './lines.ts';
import { varintFraming } from './varint.ts';

export const LENGTH_16 = lengthFraming({ bytes: 2 });
export const LENGTH_32 = lengthFraming({ bytes: 4 });

export const READY: readonly Framing[] = [
  LENGTH_16,
  LENGTH_32,
  lengthFraming({ bytes: 1 }),
  lengthFraming({ bytes: 3 }),
  lengthFraming({ bytes: 2, littleEndian: true }),
  lengthFraming({ bytes: 3, littleEndian: true }),
  lengthFraming({ bytes: 4, littleEndian: true }),
  varintFraming(),
  { ...varintFraming({ mostBytes: 5 }), id: 'leb128' },
  lineFraming({ end: 'either' }),
  lineFraming({ end: 'crlf' }),
  lineFraming({ end: 'lf' }),
];

/** Their names. */
export const READY_NAMES: readonly string[] = READY.map(({ id }) => id);
