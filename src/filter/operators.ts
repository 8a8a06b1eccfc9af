/**
 * What an operator and a literal ask of one value. A literal is understood by the kind of field that it is compared with:
 * `10` is a number beside a number, a byte beside bytes, and no address beside one. What does not fit is refused with what
 * was expected; nothing is converted behind the author's back.
 */

import { globMatches } from '../settings/glob.ts';
import type { JsonValue } from '../wire/json.ts';
import { endpointTest } from './address.ts';
import { type FieldEntry, SEVERITY_ORDER } from './catalogue.ts';
import { compareDecimals, type Decimal, decimal } from './decimal.ts';
import { FilterError } from './error.ts';
import type { FilterKind, Test, Value } from './subject.ts';
import { type Literal, type Operator, type Order, quote } from './syntax.ts';
import { notAmong } from './words.ts';

const ORDERS = ['==', '!=', '<', '<=', '>', '>='] as const;
const EQUALITY = ['==', '!='] as const;
const ON_TEXT = [...EQUALITY, 'contains', '~'] as const;

/** Operators that a kind of field knows; `in` goes with `==`. */
export const OPERATORS: Readonly<Record<FilterKind, readonly Operator[]>> = {
  flag: [],
  mixed: [],
  name: ON_TEXT,
  text: ON_TEXT,
  bytes: [...EQUALITY, 'contains'],
  number: ORDERS,
  time: ORDERS,
  json: [...ORDERS, 'contains', '~'],
  severity: ORDERS,
  endpoint: [...EQUALITY, '~'],
  id: EQUALITY,
};

/** `!=` is tested as `==`, and the caller, which tests all values, negates the result. */
export type Asked = Exclude<Operator, '!='>;
type AskedOrder = Exclude<Order, '!='>;

/** The test of an operator and a literal. Throws a `FilterError` for a misfit. */
export function testOf(entry: FieldEntry, operator: Asked, literal: Literal): Test {
  switch (entry.kind) {
    case 'number':
      return numberTest(operator as AskedOrder, needNumber(literal));
    case 'time':
      return numberTest(operator as AskedOrder, needSeconds(literal));
    case 'severity':
      return severityTest(operator as AskedOrder, literal);
    case 'name':
      return textTest(operator, needName(entry, operator, literal));
    case 'text':
      return textTest(operator, literal.text);
    case 'bytes':
      return bytesTest(operator, needBytes(literal));
    case 'endpoint':
      return operator === '~' ? textTest(operator, literal.text) : needEndpoint(literal);
    case 'id':
      return numberTest('==', needIdentifier(literal));
    case 'json':
      return jsonTest(operator, literal);
    case 'flag':
    case 'mixed':
      throw new Error(`a ${entry.kind} is compared with nothing`);
  }
}

/** A number as its author wrote it, decimal or after 0x; undefined when it is none. */
export function numberOf({ text, quoted }: Literal): Decimal | undefined {
  if (quoted) return undefined;
  return decimal(/^0x[\dA-Fa-f]+$/.test(text) ? BigInt(text).toString() : text);
}

function needNumber(literal: Literal): Decimal {
  return numberOf(literal) ?? misfit('a number', literal);
}

function needSeconds(literal: Literal): Decimal {
  const number = { ...literal, text: literal.text.replace(/(\d)s$/, '$1') };
  return numberOf(number) ?? misfit('seconds such as 1.5 or 1.5s', literal);
}

/** Where an end of a range stands among the others; undefined where that depends on the value it is compared with. */
export function boundOf({ kind }: FieldEntry, literal: Literal): Decimal | undefined {
  if (kind === 'severity') return decimal(String(SEVERITY_ORDER.indexOf(literal.text)));
  return kind === 'time' ? needSeconds(literal) : numberOf(literal);
}

/** Only in hex: `112233` would be read as either. */
function needIdentifier(literal: Literal): Decimal {
  const digits = literal.quoted ? undefined : hexDigits(literal.text);
  if (digits === undefined || literal.text.length === 2) misfit('an identifier such as 0xaabbcc or aa:bb:cc', literal);
  return decimal(BigInt(`0x${digits}`).toString())!;
}

function needBytes(literal: Literal): Buffer {
  if (literal.quoted) return Buffer.from(literal.text, 'utf8');
  const digits = hexDigits(literal.text);
  if (digits === undefined || digits.length % 2 !== 0) misfit('bytes such as 0d:0a, or a string', literal);
  return Buffer.from(digits, 'hex');
}

/** The digits of `0x0d0a`, `0d:0a` or `0d`. */
function hexDigits(text: string): string | undefined {
  if (/^0x[\dA-Fa-f]+$/.test(text)) return text.slice(2);
  return /^[\dA-Fa-f]{2}(:[\dA-Fa-f]{2})*$/.test(text) ? text.replaceAll(':', '') : undefined;
}

/** In quotes it may be an endpoint of any form. */
function needEndpoint(literal: Literal): Test {
  const { text, quoted } = literal;
  const test = endpointTest(text);
  if (test) return value => test(value as string);
  if (quoted || text.startsWith('unix:')) return value => value === text;
  return misfit('an address, a network or an endpoint, such as 10.0.0.1, 10.0.0.0/8 or [2001:db8::1]:7654', literal);
}

/** A name of the list, or a pattern that fits one. Where others may come up, quotes let pass what is not in it. */
function needName({ name, names, closed }: FieldEntry, operator: Asked, literal: Literal): string {
  const { text, quoted, column } = literal;
  const isPattern = operator === '~' || operator === 'contains';
  if (!closed && (quoted || isPattern)) return text;
  if (isPattern ? names.some(known => fits(operator, text, known)) : names.includes(text)) return text;
  if (isPattern) throw new FilterError(column, `no ${name} there is fits ${text}`);
  const advice = closed ? '' : `; in quotes, ${quote(text)}, it is taken as it is`;
  throw new FilterError(column, notAmong(name, text, names) + advice);
}

function fits(operator: Asked, text: string, name: string): boolean {
  return operator === '~' ? globMatches(text, name) : name.includes(text);
}

function severityTest(order: AskedOrder, { text, column }: Literal): Test {
  const rank = SEVERITY_ORDER.indexOf(text);
  if (rank < 0) throw new FilterError(column, notAmong('severity', text, SEVERITY_ORDER));
  const accepts = accepting(order);
  return value => accepts(SEVERITY_ORDER.indexOf(value as string) - rank);
}

/** Of values that are safe integers or decimals. Most literals are safe integers, too, and then nothing is built. */
function numberTest(order: AskedOrder, wanted: Decimal): Test {
  const accepts = accepting(order);
  const number = safeInteger(wanted);
  return value => {
    if (typeof value !== 'number') return accepts(compareDecimals(value as Decimal, wanted));
    if (number !== undefined) return accepts(value - number);
    return accepts(compareDecimals(decimal(String(value))!, wanted));
  };
}

function safeInteger({ sign, digits, magnitude }: Decimal): number | undefined {
  if (digits.length > magnitude || magnitude > 15) return undefined;
  return sign * Number(digits.padEnd(magnitude, '0'));
}

/** @returns says of a comparison's outcome (negative, zero, positive) whether the order holds */
function accepting(order: AskedOrder): (outcome: number) => boolean {
  switch (order) {
    case '==':
      return outcome => outcome === 0;
    case '<':
      return outcome => outcome < 0;
    case '<=':
      return outcome => outcome <= 0;
    case '>':
      return outcome => outcome > 0;
    case '>=':
      return outcome => outcome >= 0;
  }
}

function textTest(operator: Asked, text: string): Test {
  const bytes = Buffer.from(text, 'utf8');
  switch (operator) {
    case 'contains':
      return value => (typeof value === 'string' ? value.includes(text) : view(value).includes(bytes));
    case '~':
      return value => globMatches(text, typeof value === 'string' ? value : view(value).toString('utf8'));
    default:
      return value => (typeof value === 'string' ? value === text : view(value).equals(bytes));
  }
}

function bytesTest(operator: Asked, wanted: Buffer): Test {
  return operator === 'contains' ? value => view(value).includes(wanted) : value => view(value).equals(wanted);
}

function view(value: Value): Buffer {
  if (Buffer.isBuffer(value)) return value;
  const { buffer, byteOffset, length } = value as Uint8Array;
  return Buffer.from(buffer, byteOffset, length);
}

/** Values of another kind than the literal's are not equal to it, and have no order with it. */
function jsonTest(operator: Asked, literal: Literal): Test {
  const { text, quoted } = literal;
  if (operator === 'contains' || operator === '~') return ofJson('string', textTest(operator, text));
  const number = numberOf(literal);
  if (number) {
    const accepts = accepting(operator);
    return value =>
      (value as JsonValue).kind === 'number' && accepts(compareDecimals(decimal((value as JsonValue).text)!, number));
  }
  if (operator !== '==') misfit('a number', literal);
  if (!quoted && (text === 'true' || text === 'false')) return ofJson('boolean', value => value === text);
  if (!quoted && text === 'null') return value => (value as JsonValue).kind === 'null';
  return ofJson('string', value => value === text);
}

function ofJson(kind: JsonValue['kind'], test: Test): Test {
  return value => (value as JsonValue).kind === kind && test((value as JsonValue).text);
}

function misfit(expected: string, { text, quoted, column }: Literal): never {
  throw new FilterError(column, `expected ${expected}, found ${quoted ? quote(text) : text}`);
}
