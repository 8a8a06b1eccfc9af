/**
 * What the contract asks of those parts of protocols and framings that the engine never calls: they are for messages that are
 * changed or made. They are tried here, so that an author hears of a fault before a peer gets its bytes.
 */
import type { Framing } from '../framing/framing.ts';
import { bytesOf, type Field, type Layout } from '../wire/layout.ts';
import { Message } from '../wire/message.ts';
import { isObject, type Loose, shown } from './contract-words.ts';

/** Lengths at which variable integers and small ones become longer, and some between. */
const TRIED: readonly number[] = [0, 1, 2, 3, 5, 8, 31, 127, 128, 255, 256, 1000];
/** Letters: neither a length that promises more, nor what ends a line. */
const FILLER = 0x61;
const NOTHING = new Uint8Array(0);

/**
 * Whether what the framing puts on the wire is cut again to the same message, and is the same when it is put there again. It may
 * refuse any message with a RangeError.
 */
export function wrappingProblems(framing: Framing): readonly string[] {
  if (framing.wrap === undefined) return [];
  for (const length of TRIED) {
    const problem = wrappingProblem(framing, new Uint8Array(length).fill(FILLER));
    if (problem !== undefined) return [`wrap ${problem}`];
  }
  return [];
}

function wrappingProblem(framing: Framing, content: Uint8Array): string | undefined {
  const of = `a message of ${content.length} bytes`;
  let isWrapping = true;
  try {
    const wire = framing.wrap?.(content, NOTHING);
    if (!(wire instanceof Uint8Array)) return `gives ${shown(wire)} for ${of}, not bytes`;
    if (wire.length > framing.longest) return undefined;
    if (wire.length < framing.headLength) return `gives ${wire.length} bytes for ${of}, less than its headLength`;
    isWrapping = false;
    const length = framing.lengthOf(wire, 0, wire.length, 0, new Float64Array(framing.notes ?? 0));
    // An answer that makes no sense is judged where it is run.
    if (!Number.isSafeInteger(length)) return undefined;
    if (length !== wire.length) return `gives ${wire.length} bytes for ${of}, and lengthOf finds ${length} there`;
    const hidden = framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden;
    const atEnd = framing.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing.hiddenAtEnd ?? 0;
    const within = wire.subarray(hidden, wire.length - atEnd);
    // What is in view of a head may be its length, which is made right.
    const isKept = hidden >= framing.headLength || atEnd > 0 ? same(within, content) : within.length === content.length;
    if (hidden + atEnd > 0 && !isKept) return `hides more of ${of} than is hidden, or less`;
    isWrapping = true;
    const again = framing.wrap?.(within, wire) ?? NOTHING;
    return same(again, wire) ? undefined : `gives other bytes for ${of} when it is cut and wrapped again`;
  } catch (error) {
    if (!isWrapping || error instanceof RangeError) return undefined;
    return `throws for ${of}: ${error instanceof Error ? error.message : shown(error)}`;
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Whether it gives values of fields that the message has, for one of zeros that is as long as its fixed part. */
export function mendingProblems(
  mended: (message: Message, layout: Layout) => unknown,
  layouts: readonly Layout[],
): readonly string[] {
  return layouts.flatMap(layout => {
    const { name, fields, fixedLength } = layout;
    const message = new Message();
    message.assign(new Uint8Array(fixedLength), 0, fixedLength, fixedLength);
    try {
      const values = mended(message, layout);
      if (!isObject(values)) return [`mended gives ${shown(values)} for ${name}, not values by name`];
      return valueProblems('mended', values, name, fields);
    } catch (error) {
      return [`mended throws for ${name}: ${error instanceof Error ? error.message : shown(error)}`];
    }
  });
}

/** Whether it gives values of fields that the message has, each of the kind of its field. */
export function usualValueProblems(usual: (layout: Layout) => unknown, layouts: readonly Layout[]): readonly string[] {
  return layouts.flatMap(layout => {
    const { name, fields } = layout;
    try {
      const values = usual(layout);
      if (!isObject(values)) return [`usual gives ${shown(values)} for ${name}, not values by name`];
      const problems = valueProblems('usual', values, name, fields);
      return problems.length > 0
        ? problems
        : Object.entries(values).flatMap(([field, value]) => kindProblems(fields[field], value, name));
    } catch (error) {
      return [`usual throws for ${name}: ${error instanceof Error ? error.message : shown(error)}`];
    }
  });
}

function kindProblems(field: Field, value: unknown, message: string): readonly string[] {
  const { name, kind, whole, mask } = field;
  if (kind === 'group' || kind === 'list') return [`usual gives ${name} of ${message} a value, and it is a ${kind}`];
  const isNumber = kind === 'uint' || kind === 'unixTime';
  if (isNumber !== (typeof value === 'number'))
    return [`usual gives ${name} of ${message} ${shown(value)}, and it is a ${isNumber ? 'number' : 'text'}`];
  const size = bytesOf(field);
  if (kind === 'text' && size > 0 && Buffer.byteLength(String(value)) !== size)
    return [`usual gives ${name} of ${message} ${shown(value)}, and it takes ${size} bytes`];
  const most = whole ? mask : size > 0 ? 2 ** (8 * size) - 1 : Number.MAX_SAFE_INTEGER;
  return isNumber && Number(value) > most
    ? [`usual gives ${name} of ${message} ${shown(value)}, and it takes ${most} at most`]
    : [];
}

function valueProblems(method: string, values: Loose, name: string, fields: Layout['fields']): readonly string[] {
  return Object.entries(values).flatMap(([field, value]) => {
    if (!Object.hasOwn(fields, field)) return [`${method} names ${shown(field)}, and ${name} has no such field`];
    const isValue = typeof value === 'string' || (Number.isSafeInteger(value) && Number(value) >= 0);
    return isValue ? [] : [`${method} gives ${field} of ${name} ${shown(value)}, neither a whole number nor a text`];
  });
}
