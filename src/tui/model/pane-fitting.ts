/**
 * Brings a pane's window and what is chosen in it together: the window has the rows that there are now, and the row of
 * what is chosen is in sight. What is no row any more, because a filter hides it, gives way to what stands in its place.
 */

import type { PaneKind } from '../views.ts';
import { chooseRow } from './choosing.ts';
import { type Area, innerSize } from './layout.ts';
import { search } from './lists.ts';
import { bytesInRow, rowsOf } from './pane-rows.ts';
import { BY_NUMBER } from './sorting.ts';
import type { ModelState } from './state.ts';

/** Of the rows in sight lower layers may take one in so many. */
const SHARE_OF_LAYERS = 3;

export function fitPane(model: ModelState, area: Area): void {
  const { kind } = area;
  const { opened } = model;
  const window = model.window(kind);
  if (kind === 'compared') model.comparison?.fit(innerSize(area).width);
  if (kind === 'stream') model.stream?.fit(innerSize(area).width, window.selected);
  const { count, height } = rowsOf(model, area);
  const isAtEnd = window.top + window.height >= window.count;
  window.fit(count, height);
  if (kind === 'log' && model.proxy) model.proxy.unread = 0;
  // A log that shows its newest line keeps showing the newest line.
  if (kind === 'log' && isAtEnd && !model.paused) window.scroll(count);
  const sought = kind === 'stream' ? model.stream?.takeSought() : undefined;
  const row = sought ?? rowOf(model, kind);
  if (kind === 'fields' && opened?.isFresh) {
    opened.isFresh = false;
    // Lower layers are above what is shown at first where they would leave the message little room.
    if (row === opened.firstField) window.begin(row > height / SHARE_OF_LAYERS ? row : 0);
  }
  // What has been unfolded at the bottom shows that it was.
  if (kind === 'fields' && opened?.rows[row]?.open) window.show(row + 1);
  if (row >= 0) window.show(row);
  // It may be found to match yet; nothing is chosen in its place as long as that is not known.
  else if (kind === 'held' || !model.filter || model.filter.isDone) chooseNear(model, kind, -row - 1);
}

/** @param row that what was chosen would have */
function chooseNear(model: ModelState, kind: PaneKind, row: number): void {
  const window = model.window(kind);
  if (kind === 'messages') {
    if (window.count === 0) model.message = -1;
    window.select(row);
  }
  if (kind === 'held') window.select(row);
  chooseRow(model, kind);
}

/** Row of what is chosen; negative where it has none: of the next one, and less one. */
function rowOf(model: ModelState, kind: PaneKind): number {
  const { lists, connection, message, findingIndex, sorting, opened } = model;
  switch (kind) {
    case 'connections':
      return sorting === BY_NUMBER ? search(lists.connections, connection) : lists.connections.indexOf(connection);
    case 'messages':
      return search(lists.messages, message);
    case 'findings':
      return search(lists.findings, findingIndex);
    case 'flows':
      return model.flows.row(model.history);
    case 'held':
      return model.interception?.selectedRow ?? -1;
    case 'fields':
      return opened?.row ?? 0;
    case 'hex':
      return opened ? Math.floor(opened.byte / bytesInRow(model)) : 0;
    default:
      return model.window(kind).selected;
  }
}
