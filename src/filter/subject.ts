/**
 * What a filter is asked about: one message or one finding, behind one question. A subject gives the values of a field one
 * by one to a test and stops at the first that passes; it looks up nothing that it is not asked for.
 */
import type { JsonValue } from '../wire/json.ts';
import type { Decimal } from './decimal.ts';
import type { Step } from './syntax.ts';

/** Endpoints are values as they are printed; text that may not be UTF-8 is its bytes. */
export type Value = number | string | Uint8Array | Decimal | JsonValue;
export type Test = (value: Value) => boolean;

/**
 * What the values of a field look like:
 * - `flag`: there or not, and nothing to compare with
 * - `name`: text out of a list that is known beforehand
 * - `text`, `bytes`, `number`, `json`
 * - `time`: seconds since the capture's first frame
 * - `severity`: info < warning < error
 * - `endpoint`: compared with an address, a network, or an address and port
 * - `id`: an identifier, equal or not
 * - `mixed`: its kind differs from layout to layout; it is there or not
 */
export type FilterKind =
  | 'flag'
  | 'name'
  | 'text'
  | 'bytes'
  | 'number'
  | 'json'
  | 'time'
  | 'severity'
  | 'endpoint'
  | 'id'
  | 'mixed';

/** A field of a protocol's layouts. */
export interface LayoutPlace {
  readonly protocol: string;
  readonly field: string;
  /** What the field is in the catalogue; a field of that name that is something else is another field. */
  readonly kind: FilterKind;
  /**
   * Its value; the name of its code point instead of the number; of JSON the text instead of what is in it; or, of what is
   * no JSON, what people are shown of it.
   */
  readonly as: 'value' | 'label' | 'text' | 'shown';
  /** The way from there: to the field of an item in a list, and into JSON. */
  readonly path: readonly Step[];
}

/** The general fields, by name. */
export type GeneralName =
  | 'frame'
  | 'time'
  | 'protocol'
  | 'connection'
  | 'type'
  | 'length'
  | 'addr'
  | 'src'
  | 'dst'
  | 'port'
  | 'srcport'
  | 'dstport'
  | 'client'
  | 'server'
  | 'state'
  | 'direction'
  | 'rule'
  | 'severity'
  | 'finding'
  | 'fault'
  | 'text'
  | 'bytes'
  | 'comment'
  | 'answers'
  | 'delay';

export interface FilterSubject {
  /** Whether some value of a general field passes; a field that is not there has none. */
  some(field: GeneralName, test: Test): boolean;
  /** The same of a field in a layout. */
  someIn(place: LayoutPlace, test: Test): boolean;
}
