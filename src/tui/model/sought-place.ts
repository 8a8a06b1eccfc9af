/**
 * Where in one message it is what somebody looks for: fields that show it, and bytes that are it. A message that has a value of
 * a field in its bytes has it there once, in the innermost field that holds them.
 */
import { tokens } from '../../filter/lexer.ts';
import { type FieldRow, fieldAt } from '../panes/fields.ts';
import { shown } from '../text/cells.ts';
import { fieldName } from './field-name.ts';
import type { FoundPlace, OpenedMessage } from './opened.ts';
import { bytesAt, holdsText, type Sought, type SoughtBytes, type SoughtFields, type SoughtText } from './sought.ts';

/** Of one message: nobody goes through more. */
const MOST_PLACES = 1_000;
/** Rows whose names are made, which takes as long as they are deep. */
const MOST_NAMED = 1_000;

/** In the order of their bytes; none where only its row in a list shows it. */
export function placesIn(opened: OpenedMessage, sought: Sought): readonly FoundPlace[] {
  const rows = opened.allRows();
  const places = sought.kind === 'fields' ? fieldsIn(opened, rows, sought) : matchesIn(opened, rows, sought);
  return places.toSorted((one, other) => one.offset - other.offset || one.length - other.length);
}

function matchesIn(
  { bytes }: OpenedMessage,
  rows: readonly FieldRow[],
  sought: SoughtText | SoughtBytes,
): FoundPlace[] {
  const places: FoundPlace[] = [];
  const { length } = sought.bytes;
  for (
    let at = bytesAt(sought, bytes);
    at >= 0 && places.length < MOST_PLACES;
    at = bytesAt(sought, bytes, at + length)
  ) {
    places.push({ offset: at, length, path: rows[fieldAt(rows, at)]?.path });
  }
  if (sought.kind === 'bytes') return places;
  const found = new Set(places.flatMap(({ path = '' }) => wayTo(path)));
  // Children stand behind their parent: what they show is found in them, not in it.
  for (const { path, node } of rows.toReversed()) {
    if (places.length >= MOST_PLACES) break;
    if (found.has(path) || !showsText(node, sought)) continue;
    for (const each of wayTo(path)) found.add(each);
    places.push({ offset: node.offset, length: node.length, path });
  }
  return places;
}

/** The paths of a field and of all that it lies in. */
export function wayTo(path: string): readonly string[] {
  const steps = path.split('/').slice(1);
  return steps.map((_, index) => `/${steps.slice(0, index + 1).join('/')}`);
}

/** The row of a field shows it. */
export function showsText({ title, name, display }: FieldRow['node'], sought: SoughtText): boolean {
  return holdsText(sought, `${shown(title)} ${shown(display)}`) || holdsText(sought, `${name}=${display}`);
}

/** The fields that the filter names; where some have a value that it names, those. */
function fieldsIn(opened: OpenedMessage, rows: readonly FieldRow[], { text }: SoughtFields): readonly FoundPlace[] {
  const words = tokens(text).filter(({ kind }) => kind === 'word' || kind === 'string');
  const names = new Set(words.map(word => plain(word.text)));
  const last = new Set([...names].map(name => name.slice(name.lastIndexOf('.') + 1)));
  const seen = { rows, seen: opened.seen };
  let named = 0;
  const own = rows.filter(({ node }, row) => {
    if (!last.has(node.name) || named++ >= MOST_NAMED) return false;
    return names.has(plain(fieldName(seen, row)));
  });
  const values = words.map(word => word.text.replace(/^"|"$/g, '')).filter(value => !names.has(value));
  const exact = own.filter(({ node }) => values.some(value => node.display.includes(value)));
  return (exact.length > 0 ? exact : own).map(({ path, node: { offset, length } }) => ({ path, offset, length }));
}

/** A field's name without the index of an item. */
function plain(name: string): string {
  return name.replace(/\[[\d*]+\]/g, '');
}
