/**
 * Messages as a list. Which columns it has depends on whose messages they are and on the width, as long as nobody chose
 * them; then any field of the messages may be one, too, by the name that filters have for it.
 */
import type { History } from '../../history/history.ts';
import { ELLIPSIS, shown } from '../text/cells.ts';
import { type Line, type Size, span } from '../text/line.ts';
import { type ColumnOf, chosenColumns, tableLines } from './columns.ts';
import { label } from './ladder.ts';
import type { ConversationInput, MessageRow } from './message-rows.ts';
import { withSentence } from './severity.ts';
import { type Cell, WHOLE_TIME } from './table.ts';

interface MessageCells {
  readonly input: ConversationInput;
  readonly row: MessageRow;
}

/** From this width on a list has a column for findings; with both ends, from that. */
const WIDE = 120;
const WIDE_WITH_ENDS = 144;
const FIELD_WIDTH = 16;

export const MESSAGE_COLUMNS: readonly ColumnOf<MessageCells>[] = [
  { id: 'frame', title: 'frame', least: 12, keeps: 'end', cell: ({ row }) => row.frame },
  { id: 'time', title: 'time', least: WHOLE_TIME, keeps: 'end', rank: 4, cell: ({ row }) => row.time },
  { id: 'delay', title: 'delay', least: 9, keeps: 'end', rank: 1, cell: ({ row }) => span(row.delay, 'dim') },
  { id: 'from', title: 'from', least: 15, keeps: 'both', rank: 3, cell: cells => endOf(cells, true) },
  { id: 'to', title: 'to', least: 15, keeps: 'both', rank: 2, cell: cells => endOf(cells, false) },
  { id: 'connection', title: 'conn', least: 9, rank: 3, cell: connectionCell },
  {
    id: 'direction',
    title: '',
    least: 3,
    cell: ({ row }) => span(row.fromClient ? '──►' : '◄──', row.role),
  },
  { id: 'message', title: 'message', least: 18, cell: nameCell },
  { id: 'fields', title: 'fields', least: 24, rank: 3, cell: ({ row }) => row.brief },
  {
    id: 'finding',
    title: 'finding',
    least: 24,
    rank: 2,
    grows: true,
    cell: ({ row: { finding, others, isHeld } }) => (finding ? withSentence(finding, others, isHeld) : span('')),
  },
  {
    id: 'length',
    title: 'bytes',
    least: 9,
    rank: 1,
    keeps: 'end',
    cell: ({ input, row }) => span(String(input.history.messages.length(row.message))),
  },
  { id: 'label', title: 'message', least: 16, grows: true, cell: ({ row }) => label(row, true) },
];

/** The columns that are shown where nobody chose any. @param width cells of the pane */
export function messageColumns(connection: number, width: number): readonly string[] {
  const wide = width >= (connection === 0 ? WIDE_WITH_ENDS : WIDE);
  return [
    'frame',
    'time',
    ...(connection === 0 ? ['from', 'to', 'connection'] : ['direction']),
    ...(wide ? ['message', 'fields', 'finding'] : ['label']),
  ];
}

export function listLines(input: ConversationInput, rows: readonly MessageRow[], size: Size): Line[] {
  const { connection, top, selected, focused, empty } = input;
  const columns = input.columns
    ? chosenColumns(MESSAGE_COLUMNS, input.columns, fieldColumn)
    : messageColumns(connection, size.width).flatMap(name => MESSAGE_COLUMNS.find(({ id }) => id === name) ?? []);
  return tableLines({ columns, rows: rows.map(row => ({ input, row })), top, selected, focused, empty }, size);
}

/** @param name as in a filter; what is no field has nothing to show */
function fieldColumn(name: string): ColumnOf<MessageCells> {
  return {
    id: name,
    title: shown(name.slice(name.indexOf('.') + 1)),
    least: FIELD_WIDTH,
    cell: ({ input, row }) => {
      const value = input.fieldOf?.(row.message, name);
      return value === undefined ? span(ELLIPSIS, 'faded') : span(shown(value));
    },
  };
}

function endOf({ input: { history }, row: { message, fromClient } }: MessageCells, isSender: boolean): Cell {
  const { connections } = history;
  const connection = connectionOf(history, message);
  const isClient = fromClient === isSender;
  return isClient ? span(connections.client(connection), 'client') : span(connections.server(connection), 'server');
}

function connectionCell({ input: { history }, row: { message } }: MessageCells): Cell {
  const connection = connectionOf(history, message);
  return span(`${connection} ${shown(history.connections.protocol(connection).id)}`, 'dim');
}

function connectionOf({ messages }: History, message: number): number {
  return messages.connection(message);
}

function nameCell({ row: { name, repeated } }: MessageCells): Cell {
  return [name, ...(repeated ? [span(' (again)', 'faded')] : [])];
}
