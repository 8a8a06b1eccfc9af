/**
 * All values of one field in a message, as texts that people are shown: what messages are counted by. The field is named as in
 * a filter, and may be any that has a value: a general one, one of a layout, one in the items of a list or in JSON.
 */
import { displayOfJson } from '../wire/json-tree.ts';
import { characters, hex } from '../wire/value.ts';
import type { FieldCatalogue } from './catalogue.ts';
import { asking, type Resolved, resolve } from './compile.ts';
import { type Decimal, decimal, decimalText } from './decimal.ts';
import { FilterError } from './error.ts';
import { parse } from './parser.ts';
import type { FilterSubject, Value } from './subject.ts';
import { type FieldName, quote } from './syntax.ts';

export interface FieldValues {
  /** As it was written, without blanks around it. */
  readonly name: string;
  /** Values that differ, in their order; none where the field is absent. May hold anything. The set is reused. */
  readonly of: (subject: FilterSubject) => ReadonlySet<string>;
  /** A filter for the messages that have one of these values; undefined where the language has none. */
  readonly filterFor: (value: string) => string | undefined;
}

/** @throws FilterError for what is no field, and for a field without values */
export function fieldValues(text: string, catalogue: FieldCatalogue): FieldValues {
  const field = resolve(fieldName(text), catalogue, 'messages');
  const { entry, name, inJson } = field;
  if (entry.kind === 'flag') throw new FilterError(1, `${name} is there or not; it has no values to count by`);
  const values = new Set<string>();
  const asText = textOfValue(field);
  const collect = asking(field, entry.kind !== 'json' ? 'shown' : inJson ? 'value' : 'text', value => {
    values.add(asText(value));
    return false;
  });
  return {
    name,
    of: subject => {
      values.clear();
      collect(subject);
      return values;
    },
    filterFor: value => {
      const test = testFor(field, value);
      return test && `${name} ${test}`;
    },
  };
}

function fieldName(text: string): FieldName {
  const node = parse(text);
  if (node.kind === 'present') return node.field;
  throw new FilterError(1, 'expected a field alone, without an operator and without a value');
}

function textOfValue({ entry, inJson }: Resolved): (value: Value) => string {
  return value => {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    if (value instanceof Uint8Array) return entry.kind === 'bytes' ? hex(value) : characters(value);
    if (!inJson) return decimalText(value as Decimal);
    return 'kind' in value && value.kind !== 'string' ? displayOfJson(value) : (value as { text: string }).text;
  };
}

/** A number, alone or behind the name of its code point. */
const NUMBER_SHOWN = /^(?:.* \()?(\d+|0x[\da-f]+)\)?$/su;

/** What a value is compared with so that it is equal. JSON does not tell what was a string from what looks like it. */
function testFor({ entry, inJson }: Resolved, value: string): string | undefined {
  switch (entry.kind) {
    case 'number': {
      const [, number] = NUMBER_SHOWN.exec(value) ?? [];
      return number && `== ${number}`;
    }
    case 'id':
      return `== ${value}`;
    case 'bytes':
      return value === '' ? undefined : `== 0x${value}`;
    case 'json':
      if (!inJson) return undefined;
      return isBare(value) ? `in {${value}, ${quote(value)}}` : `== ${quote(value)}`;
    case 'name':
    case 'text':
    case 'endpoint':
      return `== ${quote(value)}`;
    case 'severity':
      return `== ${value}`;
    default:
      return undefined;
  }
}

/** What stands in JSON without quotes. */
function isBare(value: string): boolean {
  return ['true', 'false', 'null'].includes(value) || decimal(value) !== undefined;
}
