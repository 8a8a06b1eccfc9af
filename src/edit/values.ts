/**
 * A literal of the user's as the bytes of a field, by the field's kind: what it says is taken as it is, and what does not fit
 * is refused with what would have fitted. Nothing is padded or cut behind the author's back.
 */
import type { FilterKind } from '../filter/subject.ts';
import { type Literal, quote } from '../filter/syntax.ts';
import { notAmong } from '../filter/words.ts';
import { visible } from '../wire/escape.ts';
import type { Labels, Prefix } from '../wire/fields.ts';
import { bytesOf, type Field, LITTLE, OF_MESSAGE } from '../wire/layout.ts';
import { beyond, beyondVarint, uintBytes, varintBytes } from '../wire/write.ts';
import { EditError } from './error.ts';

const INTEGER = /^(?:-?\d+|0x[\dA-Fa-f]+)$/;
/** As trees show times: `2026-11-22T12:00:00Z`. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** What a literal of this kind looks like, if this one does not. For what is known before there is a message. */
export function kindProblem(kind: FilterKind, names: readonly string[], literal: Literal): string | undefined {
  switch (kind) {
    case 'number':
      if (numberOf(literal) !== undefined || names.includes(literal.text)) return undefined;
      return names.length > 0 && !literal.quoted
        ? `${notAmong('name of a value', literal.text, names)}; or a number`
        : misfit('a number', literal);
    case 'id':
      return identifierOf(literal) === undefined
        ? misfit('an identifier such as 0xaabbcc or aa:bb:cc', literal)
        : undefined;
    case 'bytes':
      return octetsOf(literal) === undefined ? misfit('bytes such as 0d:0a, or a string', literal) : undefined;
    default:
      return undefined;
  }
}

function misfit(expected: string, { text, quoted }: Literal): string {
  return `expected ${expected}, found ${quoted ? quote(text) : text}`;
}

function numberOf({ text, quoted }: Literal): bigint | undefined {
  if (quoted) return undefined;
  if (INTEGER.test(text)) return BigInt(text);
  return TIME.test(text) && !Number.isNaN(Date.parse(text)) ? BigInt(Date.parse(text) / 1000) : undefined;
}

/** Bytes in hex, and whether they must be as many as the field has: `0x1` is a number. */
function identifierOf({ text, quoted }: Literal): { readonly hex: string; readonly isNumber: boolean } | undefined {
  if (quoted) return undefined;
  if (/^0x[\dA-Fa-f]+$/.test(text)) return { hex: text.slice(2), isNumber: true };
  return /^[\dA-Fa-f]{2}(:[\dA-Fa-f]{2})+$/.test(text) ? { hex: text.replaceAll(':', ''), isNumber: false } : undefined;
}

function octetsOf({ text, quoted }: Literal): Uint8Array | undefined {
  if (quoted) return Buffer.from(text, 'utf8');
  const digits = /^0x[\dA-Fa-f]+$/.test(text) ? text.slice(2) : text.replaceAll(':', '');
  const isHex = /^0x([\dA-Fa-f]{2})+$/.test(text) || /^[\dA-Fa-f]{2}(:[\dA-Fa-f]{2})*$/.test(text);
  return isHex ? Buffer.from(digits, 'hex') : undefined;
}

/** A number that a literal names for a field: by its digits or its label. */
export function integerFor(field: Field, literal: Literal): bigint {
  const number = numberOf(literal) ?? labelled(field.labels, literal.text);
  if (number !== undefined) return number;
  throw new EditError(kindProblem('number', Object.values(field.labels ?? {}), literal)!);
}

function labelled(labels: Labels | undefined, text: string): bigint | undefined {
  const found = Object.entries(labels ?? {}).find(([, label]) => label === text);
  return found && BigInt(found[0]);
}

/** The bytes of an integer field with this value. @param littleEndian of the message */
export function integerBytes(field: Field, value: bigint, littleEndian: boolean): Uint8Array {
  const { extent } = field;
  const most = (extent.of === 'varint' ? beyondVarint(extent.form) : beyond(bytesOf(field))) - 1n;
  requireRange(value, most);
  if (extent.of === 'varint') return varintBytes(value);
  return uintBytes(bytesOf(field), value, isLittle(field, littleEndian));
}

/** The value of an integer of so many bytes some bits of which are set to another value. */
export function withPart(part: Field, whole: bigint, value: bigint): bigint {
  const mask = BigInt(part.mask);
  requireRange(value, mask);
  const shift = BigInt(part.shift);
  return (whole & ~(mask << shift)) | (value << shift);
}

function requireRange(value: bigint, most: bigint): void {
  if (value < 0n || value > most) throw new EditError(`${value} does not fit: it takes 0 to ${most}`);
}

export function isLittle({ order }: Field, littleEndian: boolean): boolean {
  return order === OF_MESSAGE ? littleEndian : order === LITTLE;
}

/** The bytes of a length before a field's content. */
export function prefixBytes(field: Field, prefix: Prefix, length: number, littleEndian: boolean): Uint8Array {
  const most = typeof prefix === 'number' ? beyond(prefix) : beyondVarint(prefix);
  if (BigInt(length) >= most) throw new EditError(`${length} bytes do not fit: its length says up to ${most - 1n}`);
  return typeof prefix === 'number' ? uintBytes(prefix, length, isLittle(field, littleEndian)) : varintBytes(length);
}

/**
 * The content of a field that holds no other fields, without what tells its length or marks its end.
 * @param before of what is changed, for readers that write
 * @param fits it must leave the field readable: be as long as it is where it has one size, and not hold its own end
 */
export function contentFor(
  field: Field,
  literal: Literal,
  littleEndian: boolean,
  fits: boolean,
  before: Uint8Array = NOTHING,
): Uint8Array {
  switch (field.kind) {
    case 'uint':
    case 'unixTime':
      return integerBytes(field, integerFor(field, literal), littleEndian);
    case 'id':
      return identifierBytes(field, literal);
    case 'text':
    case 'json':
      return fitting(field, written(field, literal, before), fits);
    case 'bytes': {
      const octets = octetsOf(literal);
      if (octets === undefined) throw new EditError(kindProblem('bytes', [], literal)!);
      return fitting(field, octets, fits);
    }
    case 'group':
    case 'list':
      throw new EditError(`it is a ${field.kind}; what is in it can be set`);
  }
}

function identifierBytes(field: Field, literal: Literal): Uint8Array {
  const size = bytesOf(field);
  const found = identifierOf(literal);
  if (found === undefined) throw new EditError(kindProblem('id', [], literal)!);
  const { hex, isNumber } = found;
  const digits = hex.replace(isNumber ? /^0+(?=.)/ : /^$/, '').padStart(isNumber ? 2 * size : 0, '0');
  if (digits.length === 2 * size) return Buffer.from(digits, 'hex');
  throw new EditError(`it takes ${counted(size)}, and ${literal.text} has ${counted(Math.ceil(digits.length / 2))}`);
}

const NOTHING = new Uint8Array(0);

function written({ extent }: Field, { text }: Literal, before: Uint8Array): Uint8Array {
  if (extent.of !== 'reader') return Buffer.from(text, 'utf8');
  if (!extent.reader.write) throw new EditError('it is read by code of its own, which cannot write it');
  try {
    return extent.reader.write(text, before);
  } catch (error) {
    throw error instanceof RangeError ? new EditError(error.message) : error;
  }
}

function fitting({ extent }: Field, content: Uint8Array, fits: boolean): Uint8Array {
  if (!fits) return content;
  if (extent.of === 'fixed' && content.length !== extent.size) {
    throw new EditError(`it takes ${counted(extent.size)}, and this has ${content.length}`);
  }
  if (extent.of === 'mark' && Buffer.from(content).includes(extent.mark, 0, 'latin1')) {
    throw new EditError(`it ends with ${quote(visible(extent.mark))}, which cannot stand in it`);
  }
  return content;
}

function counted(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** A scalar as JSON has it; a word that is none is a string. */
export function jsonFor({ text, quoted }: Literal): string {
  if (quoted) return JSON.stringify(text);
  if (/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text)) return text;
  return /^0x[\dA-Fa-f]+$/.test(text) ? BigInt(text).toString() : JSON.stringify(text);
}

/** Why a field of this kind never has this value, whatever its message; undefined where it may. */
export function valueProblem(field: Field, literal: Literal, fits: boolean): string | undefined {
  try {
    if (field.whole) withPart(field, 0n, integerFor(field, literal));
    else contentFor(field, literal, false, fits);
  } catch (error) {
    if (error instanceof EditError) return error.message;
    throw error;
  }
  return undefined;
}

/** A value that a protocol says, as a user would write it. */
export function literalOf({ kind }: Field, value: number | string): Literal {
  const text = kind === 'id' || kind === 'bytes' ? `0x${value}` : String(value);
  return { text, quoted: kind === 'text' || kind === 'json', column: 1 };
}
