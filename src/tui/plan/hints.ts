/** Keys that are offered beside the filter, or in the status line: those in force, and what they do where one is. */
import { counted } from '../../report/numbers.ts';
import type { KeyMap } from '../key-map.ts';
import type { ModelState } from '../model/state.ts';
import { widthOf } from '../text/cells.ts';
import { type Span, span } from '../text/line.ts';
import { MESSAGE_VIEWS } from '../views.ts';
import { comparedHints, toCompareHint } from './compared-words.ts';
import { streamHints } from './stream-words.ts';

/** Between two parts of a bar. */
export const GAP = '  ';

/** The keys that somebody needs who knows none, those that matter most where there is no room for all. */
export function hintSpans(model: ModelState, room: number): readonly Span[] {
  const { view, viewBefore, lists, history, message, finding, proxy, interception, mode, keys } = model;
  // Letters are typed there.
  if (mode.kind === 'picker') return [];
  const isOnFinding = history.findings.ofMessage(message).some(place => history.findings.list[place] === finding);
  const back = keys.hint('back', view === viewBefore ? 'quits' : 'back');
  const hints = [keys.hint('help', view === 'help' ? 'back' : 'help'), view === 'help' ? '' : back];
  const first = toCompareHint(model);
  if (first !== undefined) hints.unshift(first);
  if (view === 'compare') hints.push(...comparedHints(model));
  if (view === 'stream') hints.push(...streamHints(model));
  if (lists.findings.length > 0) {
    const why = isOnFinding && MESSAGE_VIEWS.includes(view) ? keys.hint('view-4', 'why') : '';
    hints.push(why, keys.hint('next-finding', 'finding'));
  }
  if (message >= 0 && message === model.foundMessage && MESSAGE_VIEWS.includes(view))
    hints.push(keys.hint('find-next', 'next match'));
  if (interception && view !== 'held') hints.push(keys.hint('held', 'held'));
  if (view === 'flows')
    hints.push(
      keys.hint('decode-as', 'decode as'),
      keys.hint('enter', 'details'),
      keys.hint('follow-stream', 'stream'),
    );
  if (view === 'counts') hints.push(keys.hint('counts', 'another field'), keys.hint('enter', 'messages'));
  const spans: Span[] = [];
  let left = room;
  if (proxy && proxy.unread > 0) {
    const text = `${keys.print('log')} ${counted(proxy.unread, 'warning')}`;
    left -= widthOf(GAP) + widthOf(text);
    if (left >= 0) spans.unshift(span(`${GAP}${text}`, 'warning'));
  } else if (proxy) hints.push(keys.hint('log', view === 'log' ? 'back' : 'log'));
  for (const hint of hints.filter(text => text !== '')) {
    left -= widthOf(GAP) + widthOf(hint);
    if (left >= 0) spans.unshift(span(`${GAP}${hint}`, 'faded'));
  }
  return spans;
}

/** What can be done about a hold. */
export function holdHints(keys: KeyMap): string {
  const hints = [
    keys.hint('forward', 'forward'),
    keys.hint('drop', 'drop'),
    keys.hint('edit', 'set a field'),
    keys.hint('revert', 'revert'),
    keys.hint('repeat', 'repeat'),
    keys.hint('abort', 'abort'),
  ];
  return hints.filter(hint => hint !== '').join(', ');
}
