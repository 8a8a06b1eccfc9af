/**
 * Fields that a message does not have, and has once others are set: of a PUBLISH that gets a QoS of 1 the Packet Identifier.
 * They are put where the layout then looks for them, and nothing is written over; a group comes as a whole, with what was
 * set of it.
 */
import type { Field } from '../wire/layout.ts';
import { FieldPlace } from '../wire/walk.ts';
import type { Assignment } from './assignments.ts';
import { Change } from './change.ts';
import { type Wanted, writtenField } from './layout-writer.ts';
import { groupOf, type Level } from './places.ts';

/** A field that is missing, or the group with which it is, and what shall be in it. */
export interface Fresh {
  readonly field: Field;
  readonly assignments: readonly Assignment[];
}

/** Those of the assignments that are for fields which are absent on a condition, in wire order. */
export function freshIn(level: Level, assignments: readonly Assignment[]): readonly Fresh[] {
  const found = new Map<Field, Assignment[]>();
  for (const assignment of assignments) {
    const missing = missingFor(level, assignment.field);
    if (missing) found.set(missing, [...(found.get(missing) ?? []), assignment]);
  }
  const all = [...found].map(([field, own]) => ({ field, assignments: own }));
  return all.sort((a, b) => a.field.slot - b.field.slot);
}

/** The outermost of a field and its groups that is not there. */
function missingFor({ view, scope }: Level, name: string): Field | undefined {
  let missing: Field | undefined;
  let field: Field | undefined = Object.hasOwn(scope.fields, name) ? scope.fields[name] : undefined;
  for (; field; field = groupOf(scope, field)) {
    const { standing } = new FieldPlace().find(view, field);
    if (standing === 'absent' && field.presence?.of === 'when') missing = field;
  }
  return missing;
}

/** The message with the field in it; undefined where it still has no place. */
export function withFresh(level: Level, { field, assignments }: Fresh, mend: boolean): Uint8Array | undefined {
  const { view, scope } = level;
  const { standing, start } = new FieldPlace().find(view, field);
  if (standing !== 'there' && standing !== 'over') return undefined;
  const wanted = new Map<string, Wanted[]>();
  for (const { name, field: own, path, value } of assignments) {
    wanted.set(own, [...(wanted.get(own) ?? []), { name, path, value }]);
  }
  const usual = (other: Field) => (view.has(other) ? BigInt(view.wide(other)) : 0n);
  const bytes = writtenField(scope, field, wanted, { littleEndian: view.littleEndian, usual });
  const change = new Change(view.bytes, mend);
  const at = view.start + start;
  change.setBytes(level, groupOf(scope, field), { from: at, to: at, bytes });
  return change.bytes();
}
