/** What the keys do about what the proxy holds, in the view of that. The model only asks for it (hold-lines.ts). */
import { quote } from '../../filter/syntax.ts';
import type { FieldNode } from '../../wire/tree.ts';
import type { Forwarding } from './effects.ts';
import { fieldName } from './field-name.ts';
import { act } from './hold-lines.ts';
import type { HeldRow, Interception } from './interception.ts';
import { openLine } from './prompts.ts';
import type { ModelState } from './state.ts';

/** Bytes that are edited in a line, two digits each; more do not fit into one. */
const MOST_IN_LINE = 2_000;
/** Characters of a value that is put into the line, to be changed there. */
const LONGEST_VALUE = 1_000;
const NOTHING_HELD = 'nothing is held; i holds what a filter matches';
const NO_PROXY = 'only a proxy that was started with --break-on holds messages';

export function held(model: ModelState): void {
  if (!model.interception) model.say(NO_PROXY, 'dim');
  else if (model.view !== 'held') model.goTo('held');
  else model.goBack();
}

export function breakOn(model: ModelState): void {
  const { interception } = model;
  if (interception) openLine(model, 'break-on', interception.breakOn ?? '', 'hold: ');
  else model.say(NO_PROXY, 'dim');
}

export function forward(model: ModelState): void {
  onHold(model, (row, interception) => act(model, { kind: 'forward', all: [forwardingOf(row.unit, interception)] }));
}

export function forwardAll(model: ModelState): void {
  const { interception } = model;
  const all = interception?.units().map(unit => forwardingOf(unit, interception)) ?? [];
  if (all.length === 0) model.say(NOTHING_HELD, 'dim');
  else act(model, { kind: 'forward', all });
}

export function drop(model: ModelState): void {
  onHold(model, ({ unit }) => act(model, { kind: 'drop', id: unit.id }));
}

export function repeat(model: ModelState): void {
  onHold(model, ({ unit, isEdited }) => {
    // A copy is one of what its sender has sent.
    if (isEdited)
      model.say(
        `it was changed: ${model.keys.print('forward')} forwards it, ${model.keys.print('revert')} reverts it`,
        'warning',
      );
    else act(model, { kind: 'repeat', id: unit.id });
  });
}

export function abort(model: ModelState): void {
  onHold(model, ({ unit }) => act(model, { kind: 'abort', flow: unit.flow }));
}

export function revert(model: ModelState): void {
  onHold(model, (row, interception) => {
    if (interception.revert(row)) model.say(`hold ${row.unit.id} is as its sender sent it`);
    else model.say('nothing was changed', 'dim');
  });
}

export function edit(model: ModelState): void {
  onHold(model, (row, interception) => {
    if (!row.message?.layout) {
      model.say('it has no fields to set; B replaces its bytes', 'dim');
      return;
    }
    interception.aim();
    openLine(model, 'edit', assignmentStart(model), `set in hold ${row.unit.id}: `);
  });
}

export function editBytes(model: ModelState): void {
  onHold(model, (row, interception) => {
    const bytes = model.opened?.bytes ?? row.unit.wire;
    if (bytes.length > MOST_IN_LINE) {
      model.say(`${bytes.length} bytes are too many to edit here; use the control socket`, 'warning');
      return;
    }
    interception.aim();
    openLine(model, 'edit-bytes', Buffer.from(bytes).toString('hex'), `bytes of hold ${row.unit.id}: `);
  });
}

function onHold(model: ModelState, does: (row: HeldRow, interception: Interception) => void): void {
  const { interception } = model;
  const row = interception?.selected;
  if (interception && row) does(row, interception);
  else model.say(NOTHING_HELD, 'dim');
}

function forwardingOf(unit: HeldRow['unit'], interception: Interception): Forwarding {
  const notes = interception.notesOn(unit);
  return { id: unit.id, ...(notes.length > 0 && { bytes: unit.wire, note: notes.join(', ') }) };
}

/** The chosen field with its value, to be changed. */
function assignmentStart({ opened }: ModelState): string {
  const node = opened?.field?.node;
  if (!opened || !node) return '';
  return `${fieldName(opened, opened.row)} = ${literalOf(node)}`;
}

/** As filters write it; nothing for what is too long, or has no value. */
function literalOf({ field, json, value }: FieldNode): string {
  const text = value === null ? '' : String(value);
  if (text === '' || text.length > LONGEST_VALUE) return '';
  if (json === 'string' || field?.kind === 'text' || field?.kind === 'json') return quote(text);
  return field?.kind === 'id' || field?.kind === 'bytes' ? `0x${text}` : text;
}
