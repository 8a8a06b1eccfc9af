/**
 * The columns of a list, as somebody chose them: by `W` in a list of all that there are (choosing-columns.ts), or in a line of
 * their names. What is chosen holds at once and is remembered by the list. A list of messages takes any field of theirs as a
 * column.
 */
import { completeField } from '../../filter/complete.ts';
import { notAmong } from '../../filter/words.ts';
import type { ColumnList } from '../panes/columns.ts';
import { CONNECTION_COLUMNS, connectionColumns } from '../panes/connections.ts';
import { COUNT_COLUMNS } from '../panes/counts.ts';
import { FINDING_COLUMNS } from '../panes/findings.ts';
import { HELD_COLUMNS } from '../panes/held.ts';
import { MESSAGE_COLUMNS, messageColumns } from '../panes/message-list.ts';
import type { Candidates } from './command-line.ts';
import { countingProblem } from './counting.ts';
import { innerSize } from './layout.ts';
import type { ModelState } from './state.ts';

/** In the place of names. */
export const DEFAULT = 'default';

/** All that a list has, without the fields of messages. */
export const KNOWN: Readonly<Record<ColumnList, readonly string[]>> = {
  connections: namesOf(CONNECTION_COLUMNS),
  messages: namesOf(MESSAGE_COLUMNS),
  'all-messages': namesOf(MESSAGE_COLUMNS),
  findings: namesOf(FINDING_COLUMNS),
  counts: namesOf(COUNT_COLUMNS),
  held: namesOf(HELD_COLUMNS),
};

function namesOf(columns: readonly { readonly id: string }[]): readonly string[] {
  return columns.map(({ id }) => id);
}

/** The list that the messages are shown as. */
export function messageList({ listed }: ModelState): ColumnList {
  return listed === 0 ? 'all-messages' : 'messages';
}

/** What somebody chose for a list; undefined where nobody did. */
export function columnsOf({ memory }: ModelState, list: ColumnList): readonly string[] | undefined {
  const { columns } = memory.remembered;
  return Object.hasOwn(columns, list) && columns[list].length > 0 ? columns[list] : undefined;
}

/** Names of chosen columns of messages that are fields. */
export function fieldColumns(model: ModelState): readonly string[] {
  const chosen = columnsOf(model, messageList(model)) ?? [];
  return chosen.filter(name => !KNOWN.messages.includes(name));
}

/** The list in focus, or one line that says why there is none. */
export function listInFocus(model: ModelState): { readonly list: ColumnList } | string {
  switch (model.focus) {
    case 'connections':
    case 'findings':
    case 'counts':
    case 'held':
      return { list: model.focus };
    case 'messages':
      if (model.listed > 0 && model.form === 'ladder') return 'a ladder has no columns; c shows a list';
      return { list: messageList(model) };
    default:
      return 'no list in focus; Tab goes to one';
  }
}

export function shownIn(model: ModelState, list: ColumnList): readonly string[] {
  const chosen = columnsOf(model, list);
  if (chosen) return chosen;
  if (list === 'connections') return namesOf(connectionColumns(model.history));
  if (list !== 'messages' && list !== 'all-messages') return KNOWN[list];
  const area = model.areas.find(({ kind }) => kind === 'messages');
  return messageColumns(model.listed, area ? innerSize(area).width : model.width);
}

export function rememberColumns({ memory }: ModelState, list: ColumnList, names: readonly string[] | undefined): void {
  const { [list]: _, ...others } = memory.remembered.columns;
  memory.remember({ columns: names ? { ...others, [list]: names } : others });
}

/** `:columns a,b,c`, or `default`. Returns one line that says what is wrong, or nothing. */
export function setColumns(model: ModelState, argument: string): string | undefined {
  const found = listInFocus(model);
  if (typeof found === 'string') return found;
  const { list } = found;
  if (argument === DEFAULT) {
    rememberColumns(model, list, undefined);
    model.say('default columns: those that fit');
    return undefined;
  }
  const names = [...new Set(argument.split(/[\s,]+/).filter(name => name !== ''))];
  if (names.length === 0) return `names of columns, or ${DEFAULT}: ${KNOWN[list].join(', ')}`;
  const unknown = names.find(name => !KNOWN[list].includes(name) && !isField(model, list, name));
  if (unknown !== undefined) {
    const problem = takesFields(list) && unknown.includes('.') ? countingProblem(unknown, model.catalogue) : undefined;
    return problem?.reason ?? notAmong('column', unknown, KNOWN[list]);
  }
  rememberColumns(model, list, names);
  return undefined;
}

function isField({ catalogue }: ModelState, list: ColumnList, name: string): boolean {
  return takesFields(list) && countingProblem(name, catalogue) === undefined;
}

function takesFields(list: ColumnList): boolean {
  return list === 'messages' || list === 'all-messages';
}

/** What may stand in a line of names, at the one that the cursor is in. */
export function completeColumns(model: ModelState, text: string, cursor: number): Candidates {
  const before = text.slice(0, cursor);
  const from = /[^\s,]*$/.exec(before)?.index ?? 0;
  const begun = before.slice(from);
  const found = listInFocus(model);
  if (typeof found === 'string') return { from, candidates: [] };
  const { list } = found;
  const known = [...KNOWN[list], ...(from === 0 ? [DEFAULT] : [])].filter(name => name.startsWith(begun));
  const fields = takesFields(list) ? completeField(begun, begun.length, model.catalogue).candidates : [];
  return { from, candidates: [...new Set([...known, ...fields])] };
}
