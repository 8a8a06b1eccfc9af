/** Finding in what is small enough to be asked at once: what the proxy holds, and the lines of a text. */
import { makeFilter } from '../../filter/filter.ts';
import { MessageSubject } from '../../filter/message-subject.ts';
import { helpPane } from '../panes/help.ts';
import { logPane } from '../panes/log.ts';
import { soughtWords, wrapWords } from './find-words.ts';
import { shownPlace, showPlace } from './found.ts';
import { contentOf, type HeldRow } from './interception.ts';
import { innerSize } from './layout.ts';
import { OpenedMessage } from './opened.ts';
import { logInput } from './pane-rows.ts';
import { bytesAt, holdsText, type Sought } from './sought.ts';
import { placesIn } from './sought-place.ts';
import type { ModelState } from './state.ts';

/** @returns why nothing was found */
export function findHeld(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): string | undefined {
  const { interception, focus } = model;
  const rows = interception?.rows ?? [];
  if (!interception || rows.length === 0) return 'nothing is held';
  const isWithin = focus !== 'held';
  if (isWithin && shownPlace(model, sought, step, withIt)) return undefined;
  const start = Math.max(0, interception.selectedRow);
  const first = withIt && !isWithin ? 0 : 1;
  for (let count = first; count < rows.length + first; count++) {
    const place = start + step * count;
    const row = (place + rows.length) % rows.length;
    if (!hasIt(model, rows[row], sought)) continue;
    interception.select(row);
    showPlace(model, sought, step);
    const around = place === row ? '' : `, ${wrapWords(step)}`;
    model.say(`found in hold ${rows[row].unit.id}${around}`, 'strong');
    return undefined;
  }
  return `${soughtWords(sought)} is in no held message`;
}

function hasIt(model: ModelState, row: HeldRow, sought: Sought): boolean {
  const { unit, message } = row;
  if (sought.kind === 'bytes') return bytesAt(sought, contentOf(row).message.copy()) >= 0;
  if (sought.kind === 'text') {
    const texts = [
      unit.client,
      unit.server,
      unit.cause,
      message?.protocol ?? '',
      message?.name ?? '',
      message?.state ?? '',
    ];
    const found = message?.findings.map(({ ruleId, message: words }) => `${ruleId}: ${words}`) ?? [];
    if (holdsText(sought, [...texts, ...found].join(' '))) return true;
    return (
      placesIn(new OpenedMessage(contentOf(row), { number: -1, comment: '' }, new Set(), undefined), sought).length > 0
    );
  }
  if (!message) return false;
  const isClient = unit.from === 'client';
  const seen = {
    ...message,
    capture: 0,
    from: isClient ? unit.client : unit.server,
    to: isClient ? unit.server : unit.client,
    clientToServer: isClient,
  };
  return makeFilter(sought.text, model.catalogue, 'messages')(new MessageSubject(seen, model.history.origin(0)));
}

/** In the lines of the view's text. @returns why nothing was found */
export function findLine(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): string | undefined {
  if (sought.kind !== 'text') return 'only text can be found here';
  const lines = linesOf(model);
  const window = model.window(model.focus);
  const { foundLine } = model;
  const isInSight = foundLine >= window.top && foundLine < window.top + window.height;
  const start = isInSight ? foundLine : step > 0 ? window.top - 1 : window.top;
  const first = withIt && isInSight ? 0 : 1;
  for (let count = first; count < lines.length + first; count++) {
    const place = start + step * count;
    const line = (place + lines.length) % lines.length;
    if (!holdsText(sought, lines[line])) continue;
    model.foundLine = line;
    if (line < window.top || line >= window.top + window.height) window.scroll(line - window.top);
    const around = place === line ? '' : `, ${wrapWords(step)}`;
    model.say(`found in line ${line + 1}${around}`, 'strong');
    return undefined;
  }
  return `${soughtWords(sought)} is in no line`;
}

function linesOf(model: ModelState): readonly string[] {
  const area = model.areas.find(({ kind }) => kind === model.focus);
  if (!area) return [];
  const size = { ...innerSize(area), height: Number.MAX_SAFE_INTEGER };
  const lines =
    model.view === 'log'
      ? logPane(logInput(model, 0), size)
      : helpPane({ table: model.keys.table, view: model.viewBefore, top: 0 }, size);
  return lines.map(({ spans }) => spans.map(({ text }) => text).join(''));
}
