/** What the rows of messages in sight show of their bytes is read when there is time for it: a slice at a time. */
import { fieldColumns } from './columns.ts';
import { innerSize } from './layout.ts';
import type { ModelState } from './state.ts';

/** @param until when to stop, by the clock `now` @returns whether something was read */
export function readRows(model: ModelState, until: number, now: () => number): boolean {
  const { history, run, briefs, lists } = model;
  if (!model.areas.some(({ kind }) => kind === 'messages')) return false;
  const { top, height } = model.window('messages');
  const rows = lists.messages;
  const seen = [top, top + height] as const;
  const count =
    briefs.read(history, run.bytes, rows, seen, until, now) +
    model.fieldCells.read(run, fieldColumns(model), rows, seen, until, now);
  if (count > 0) model.version++;
  return count > 0;
}

/** Its fields are read when there is time after its rows are known: not while somebody goes over many connections. */
export function readPreview(model: ModelState, until: number, now: () => number): boolean {
  const area = model.areas.find(({ kind }) => kind === 'preview');
  if (!area) return false;
  const { history, preview, connection, briefs, run } = model;
  const isOther = preview.update(history, connection, innerSize(area).height, model.filter);
  const rows = preview.of(history, connection) ?? [];
  const count = isOther ? 0 : briefs.read(history, run.bytes, rows, [0, rows.length], until, now);
  if (isOther || count > 0) model.version++;
  return isOther || count > 0;
}
