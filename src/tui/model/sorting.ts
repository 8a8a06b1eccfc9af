/** Connections in the order of a column. Equal ones stay in the order of their numbers, in either direction. */
import type { History } from '../../history/history.ts';
import { CONNECTION_COLUMNS, type ConnectionColumn } from '../panes/connections.ts';

export interface Sorting {
  readonly column: ConnectionColumn;
  readonly reverse: boolean;
}

export const BY_NUMBER: Sorting = { column: 'number', reverse: false };

/** @param connections ascending; left as they are */
export function sorted(history: History, connections: Uint32Array, { column, reverse }: Sorting): Uint32Array {
  if (column === 'number') return reverse ? connections.slice().reverse() : connections;
  const document = CONNECTION_COLUMNS.find(({ id }) => id === column);
  if (!document) return connections;
  const keys = Array.from(connections, connection => document.key(history, connection));
  const direction = reverse ? -1 : 1;
  const order = Uint32Array.from(keys, (_, index) => index);
  order.sort((a, b) => {
    if (keys[a] === keys[b]) return a - b;
    return keys[a] < keys[b] ? -direction : direction;
  });
  return order.map(index => connections[index]);
}

/** @param shown names of the columns that are shown, in their order */
export function nextColumn(column: ConnectionColumn, shown: readonly string[]): ConnectionColumn {
  const columns = shown.flatMap(name => CONNECTION_COLUMNS.find(({ id }) => id === name) ?? []);
  const at = columns.findIndex(({ id }) => id === column);
  return columns[(at + 1) % columns.length]?.id ?? column;
}
