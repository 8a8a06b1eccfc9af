/** What the proxy holds as the panes show it: rows, titles, and why there are none. */
import { counted } from '../../report/numbers.ts';
import type { HeldRow } from '../model/interception.ts';
import type { ModelState } from '../model/state.ts';
import { type HeldMessageRow, waitedText } from '../panes/held.ts';
import { shown } from '../text/cells.ts';

/** Those in sight. */
export function heldRows({ interception }: ModelState, top: number, height: number): readonly HeldMessageRow[] {
  if (!interception) return [];
  return interception.rows.slice(top, top + Math.max(0, height)).map(({ unit, message, isEdited }) => ({
    id: unit.id,
    waited: interception.waited(unit),
    from: unit.from,
    client: unit.client,
    server: unit.server,
    length: unit.wire.length,
    message,
    isEdited,
    cause: unit.cause,
  }));
}

/** `Held: 2, the oldest for 12.3 s`. */
export function heldTitle({ interception }: ModelState): string {
  if (!interception || interception.count === 0) return 'Held: nothing';
  return `Held: ${interception.count}, the oldest for ${waitedText(interception.longest)}`;
}

/** `Hold 3: SHUTDOWN, changed: mnet.acknowledged = 9999 (was 17)`. */
export function holdTitle({ interception }: ModelState): string {
  const row = interception?.selected;
  if (!interception || !row) return 'Fields';
  const notes = interception.notesOn(row.unit);
  const changes = notes.length === 0 ? '' : `, changed: ${shown(notes.join(', '))}`;
  return `Hold ${row.unit.id}: ${nameOf(row)}${placeOf(row)}${changes}`;
}

function nameOf({ unit, message }: HeldRow): string {
  return message ? shown(message.name) : counted(unit.wire.length, 'byte');
}

function placeOf({ unit, index }: HeldRow): string {
  return unit.messages.length > 1 ? `, message ${index + 1} of ${unit.messages.length}` : '';
}

/** `i` says it wherever one is; here it says what is waited for. */
export function heldEmpty({ interception, proxy }: ModelState): string {
  const filter = interception?.breakOn;
  if (filter !== undefined) return `nothing is held; messages that match ${shown(filter)} will be`;
  const where = proxy?.isRunning === false ? 'nothing is held: the proxy has ended' : 'nothing is held';
  return `${where}; i holds what a filter matches`;
}
