/** Finding in the rows of a followed stream or of a comparison (row-search.ts). */
import { grouped } from '../../report/numbers.ts';
import { soughtWords, wrapWords } from './find-words.ts';
import { comparedRows, RowSearch, type SearchableRows, streamRows } from './row-search.ts';
import type { Sought } from './sought.ts';
import type { ModelState } from './state.ts';

/** Rows that are asked before a key is done. */
const ASKED_AT_ONCE = 64;

/** @returns why nothing can be found */
export function findRow(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): string | undefined {
  const rows = searchable(model, sought);
  if (typeof rows === 'string') return rows;
  const searching = new RowSearch(sought as RowSearch['sought'], rows, windowOf(model).selected, step, withIt);
  let asked = 0;
  if (searching.run(ASKED_AT_ONCE, () => ++asked)) model.searching = searching;
  else finishRowSearch(model, searching);
  return undefined;
}

/** A search has come to its end: chooses the row, or says that there is none. */
export function finishRowSearch(model: ModelState, searching: RowSearch): void {
  const { sought, rows, hit, step } = searching;
  model.searching = undefined;
  if (model.view !== rows.of) return;
  if (hit < 0) {
    const sofar = rows.isOpen() ? ' so far' : '';
    model.say(`${soughtWords(sought)} is in no row${sofar}`, 'warning');
    return;
  }
  model.stream?.stay();
  windowOf(model).show(hit);
  const around = searching.hasWrapped ? `, ${wrapWords(step)}` : '';
  model.say(`found in row ${grouped(hit + 1)} of ${grouped(rows.count)}${around}`, 'strong');
}

function windowOf(model: ModelState) {
  return model.window(model.view === 'stream' ? 'stream' : 'compared');
}

function searchable({ view, stream, comparison }: ModelState, sought: Sought): SearchableRows | string {
  if (sought.kind === 'fields')
    return 'only text or bytes can be found here; 7 lists the messages that a filter matches';
  if (view === 'stream') return stream && stream.rows.count > 0 ? streamRows(stream, sought) : 'nothing here yet';
  if (sought.kind === 'bytes') return 'only text can be found here; F shows the bytes of a connection';
  return comparison ? comparedRows(comparison, sought) : 'nothing is compared';
}
