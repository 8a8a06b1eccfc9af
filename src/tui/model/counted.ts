/** What one does with messages by the values of a field: choose the field, and go to the messages of a value. */

import { countingProblem } from './counting.ts';
import { fieldName } from './field-name.ts';
import { openLine } from './prompts.ts';
import type { ModelState } from './state.ts';

/** Counts by the field that is at hand; where that is seen already, asks for another one. */
export function counts(model: ModelState): void {
  if (model.view === 'counts') {
    openLine(model, 'count', model.counting?.field ?? '', 'count by: ');
    return;
  }
  const field = selectedField(model) ?? model.counting?.field ?? fieldOfProtocol(model);
  if (field !== model.counting?.field) model.countBy(field);
  model.goTo('counts');
}

/** The messages of the chosen row, of all connections: a filter, joined to the one that there is. */
export function goIntoCount(model: ModelState): void {
  const { counting, filter } = model;
  const row = counting?.rows[model.window('counts').selected];
  const own = row && counting?.filterFor(row);
  if (own === undefined) {
    model.say(row ? 'no filter matches these' : 'nothing to open', 'dim');
    return;
  }
  model.following = false;
  model.setFilter(filter ? `(${filter.text.trim()}) && ${own}` : own);
  model.goTo('messages');
}

/** The field that is chosen in the message, of any item where it is in a list; nothing where it has no values. */
function selectedField({ focus, opened, catalogue }: ModelState): string | undefined {
  if (focus !== 'fields' || !opened?.field || opened.field.frame) return undefined;
  const name = fieldName(opened, opened.row).replace(/\[\d+\]/g, '[*]');
  return countingProblem(name, catalogue) ? undefined : name;
}

/** What the protocol of the chosen connection is counted by. */
function fieldOfProtocol({ connection, history, catalogue }: ModelState): string {
  const protocol = connection === 0 ? undefined : history.connections.protocol(connection);
  const name = `${protocol?.id}.${protocol?.countBy}`;
  return protocol?.countBy === undefined || countingProblem(name, catalogue) ? 'type' : name;
}
