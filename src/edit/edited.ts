/**
 * A message with other values in its fields, as it stands on the wire. What else must change with them follows, unless the
 * user wants it otherwise: lengths that the layout knows (change.ts), values that only the protocol knows
 * (`Protocol.mended`), and what the framing says of the whole (`Framing.wrap`). What the user sets stays as set, and a
 * length that was wrong before is left as it is.
 */
import type { Field, Layout, Scope } from '../wire/layout.ts';
import { FieldPlace } from '../wire/walk.ts';
import type { Assignment } from './assignments.ts';
import { Change } from './change.ts';
import { EditError } from './error.ts';
import { type Fresh, freshIn, withFresh } from './fresh.ts';
import { noteOf, shownAt } from './notes.ts';
import { type Level, levelOf, type Spot, spotsOf } from './places.ts';
import type { Target } from './target.ts';
import { contentFor, integerFor, jsonFor } from './values.ts';
import { before, replaced, rewired } from './wire.ts';

export interface Edited {
  /** All bytes of the unit. */
  readonly wire: Uint8Array;
  /** What is different, safe to print: `mnet.acknowledged = 9999 (was 17)`. */
  readonly note: string;
}

export interface EditOptions {
  /** Lengths and checksums follow; they do if absent. Otherwise no byte changes but those of the fields. */
  readonly mend?: boolean;
}

/**
 * The message with these values.
 * @throws EditError, and nothing else, for what cannot be set in this message
 */
export function edited(target: Target, assignments: readonly Assignment[], { mend = true }: EditOptions = {}): Edited {
  const { layout, protocol, message } = target;
  const other = assignments.find(assignment => assignment.protocol !== protocol.id);
  if (other) throw new EditError(`${other.name}: this is a message of ${protocol.id}`, true);
  if (layout === undefined) {
    throw new EditError(`a message of a type that ${protocol.id} does not know has no fields that could be set`, true);
  }
  const editing = new Editing(before(target), layout, message.littleEndian, mend);
  const missing = freshIn(editing.level(), assignments);
  const there = assignments.filter(assignment => !missing.some(({ assignments: own }) => own.includes(assignment)));
  for (const assignment of inOrder(there, editing.level())) editing.set(assignment, layout);
  for (const fresh of missing) editing.add(fresh, layout);
  const wire = mend
    ? rewired(target, editing.bytes, { fields: assignments, from: 0, to: 0 })
    : replaced(target, editing.bytes);
  return {
    wire,
    note: assignments
      .map(({ name }) => editing.notes.get(name))
      .filter(Boolean)
      .join(', '),
  };
}

/** The same, but undefined for a message without such a field, to which nothing is done then. @throws EditError for the rest */
export function editedIfThere(
  target: Target,
  assignments: readonly Assignment[],
  options: EditOptions = {},
): Edited | undefined {
  try {
    return edited(target, assignments, options);
  } catch (error) {
    if (error instanceof EditError && error.isAbsent) return undefined;
    throw error;
  }
}

class Editing {
  readonly notes = new Map<string, string>();
  bytes: Uint8Array;
  readonly #layout: Layout;
  readonly #littleEndian: boolean;
  readonly #mend: boolean;

  constructor(bytes: Uint8Array, layout: Layout, littleEndian: boolean, mend: boolean) {
    this.bytes = bytes;
    this.#layout = layout;
    this.#littleEndian = littleEndian;
    this.#mend = mend;
  }

  level(): Level {
    return levelOf(this.bytes, this.#layout, this.#littleEndian);
  }

  set(assignment: Assignment, layout: Layout): void {
    const { name } = assignment;
    const spots = spotsOf(this.level(), assignment);
    if (spots.length === 0) throw new EditError(absence(this.level(), layout, assignment), true);
    const change = new Change(this.bytes, this.#mend);
    try {
      for (const spot of spots) put(change, spot, assignment, this.#mend);
    } catch (error) {
      throw error instanceof EditError ? new EditError(`${name}: ${error.message}`) : error;
    }
    const was = shownAt(spots[0]);
    this.bytes = change.bytes();
    this.notes.set(name, noteOf(assignment, spots[0].field, `was ${was}`));
  }

  /** What is set has made room for a field. */
  add(fresh: Fresh, layout: Layout): void {
    const [first] = fresh.assignments;
    const bytes = withFresh(this.level(), fresh, this.#mend);
    if (bytes === undefined) throw new EditError(absence(this.level(), layout, first), true);
    this.bytes = bytes;
    for (const assignment of fresh.assignments) {
      const [spot] = spotsOf(this.level(), assignment);
      this.notes.set(assignment.name, noteOf(assignment, spot?.field ?? fresh.field, 'was not there'));
    }
  }
}

function put(change: Change, spot: Spot, { value }: Assignment, fits: boolean): void {
  const { level, field, inJson, from, to } = spot;
  if (inJson) change.set(spot, Buffer.from(jsonFor(value), 'utf8'));
  else if (field.whole) change.setInteger(level, field, integerFor(field, value));
  else change.set(spot, contentFor(field, value, level.view.littleEndian, fits, level.view.bytes.subarray(from, to)));
}

/** Why the message has nothing to set. */
function absence(level: Level, { name: message, fields }: Layout, { name, field, path }: Assignment): string {
  const row = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (row === undefined) {
    return `${name}: ${message} has no such field; known: ${Object.keys(fields).join(', ')}`;
  }
  const { standing } = new FieldPlace().find(level.view, row);
  if (standing === 'there' && path.length > 0) return `${name}: this ${message} has nothing there`;
  if (standing === 'absent') return `${name}: this ${message} does not have it`;
  return `${name}: it is not whole in this ${message}`;
}

/**
 * What tells where other fields lie comes behind them: they are looked for in the message as its sender meant it.
 */
function inOrder(assignments: readonly Assignment[], level: Level): readonly Assignment[] {
  const tells = (assignment: Assignment) =>
    spotsOf(level, assignment).some(({ level: { scope }, field }) => isTelling(scope, field));
  const last = assignments.filter(tells);
  return [...assignments.filter(assignment => !last.includes(assignment)), ...last];
}

function isTelling({ fields }: Scope, field: Field): boolean {
  return Object.values(fields).some(
    ({ measuredBy, presentBy }) => isPartOf(measuredBy, field) || isPartOf(presentBy, field),
  );
}

function isPartOf(one: Field | undefined, field: Field): boolean {
  return one !== undefined && (one.whole ?? one) === (field.whole ?? field);
}
