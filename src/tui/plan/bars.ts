/**
 * The lines above and below the panes: tabs with how far the run is, the filter with how far it is, what is being edited
 * with what is wrong with it and what may stand there, and the status line.
 */
import { counted, grouped } from '../../report/numbers.ts';
import { COLUMN_KEYS } from '../model/choosing-columns.ts';
import { soughtWords } from '../model/find-words.ts';
import type { ChoiceMode, LineMode } from '../model/mode.ts';
import { hintFor, problemOf } from '../model/prompts.ts';
import type { Searching } from '../model/searching.ts';
import type { ModelState } from '../model/state.ts';
import { named, withSentence, worstOf } from '../panes/severity.ts';
import { clip, shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Span, span } from '../text/line.ts';
import { fittedLine, padded, spansWidth } from '../text/spans.ts';
import { MESSAGE_VIEWS, NUMBERED_VIEWS, type NumberedView, SHORT_TITLES, VIEW_TITLES } from '../views.ts';
import { toCompareHint } from './compared-words.ts';
import { GAP, hintSpans, holdHints } from './hints.ts';
import type { Bar, BarKind, Tone } from './screen-plan.ts';
import { streamPlace } from './stream-words.ts';

export interface EditedBars {
  readonly bars: readonly Bar[];
  readonly cursor: { readonly x: number; readonly y: number };
}

interface Tab {
  readonly view: NumberedView;
  readonly text: string;
  readonly x: number;
}

/** The views, and on the right how far the run is, if there is room; else the filter's bar has it. */
export function tabsBar(model: ModelState): Bar {
  const { width, view } = model;
  const spans = tabsOf(model).map(tab => span(`${tab.text} `, tab.view === view ? 'strong' : 'dim'));
  return bar('tabs', 0, width, stateBelow(model) ? spans : withRight(spans, runState(model, 'whole'), width), 'plain');
}

function stateBelow(model: ModelState): boolean {
  const tabs = tabsOf(model).reduce((sum, { text }) => sum + text.length + 1, 0);
  return tabs + widthOf(runState(model, 'whole')) > model.width;
}

/** The spans, and a text at the right end as far as there is room. */
function withRight(spans: readonly Span[], text: string, width: number): readonly Span[] {
  const room = width - spans.reduce((sum, own) => sum + widthOf(own.text), 0);
  if (room < widthOf(text) + 1) return spans;
  return [...spans, span(' '.repeat(room - widthOf(text))), span(text, 'dim')];
}

export function tabAt(model: ModelState, x: number): NumberedView | undefined {
  return tabsOf(model).find(tab => x >= tab.x && x < tab.x + tab.text.length)?.view;
}

/** With their names as far as all of them have room; else short ones, or numbers but for the view that is shown. */
function tabsOf({ width, view }: ModelState): readonly Tab[] {
  const titles = [VIEW_TITLES, SHORT_TITLES].find(names => tabsWidth(names) <= width);
  let x = 0;
  return NUMBERED_VIEWS.map((name, index) => {
    const title = titles?.[name] ?? (name === view ? VIEW_TITLES[name] : '');
    const text = ` ${index + 1} ${title}`.trimEnd();
    const tab = { view: name, text, x };
    x += text.length + 1;
    return tab;
  });
}

function tabsWidth(titles: Readonly<Record<NumberedView, string>>): number {
  return NUMBERED_VIEWS.reduce((sum, name, index) => sum + ` ${index + 1} ${titles[name]} `.length, 0);
}

/** `reading 34 %`, `live 1,200 packets/s, 600 messages/s`, and at the end whether that was all. */
function runState(model: ModelState, form: 'whole' | 'short'): string {
  const { run, paused, pausedAt } = model;
  const { messages } = run.history;
  if (paused) return `paused, ${grouped(messages.count - pausedAt)} new `;
  const rates = run.rates();
  const packets = form === 'whole' ? `${grouped(rates.packets)} packets/s, ` : '';
  if (run.live) return `live ${packets}${grouped(rates.messages)} messages/s, ${grouped(messages.count)} messages `;
  if (run.state === 'ended') return `${grouped(messages.count)} messages${endingOf(model)} `;
  if (run.state === 'waiting') return `${grouped(messages.count)} messages `;
  const share = run.total === undefined || run.total === 0 ? '' : ` ${percent(run.read / run.total)}`;
  return `reading${share}, ${grouped(messages.count)} messages `;
}

/** A cut capture must not pass for a whole one, nor some of them for all. */
function endingOf({ run, captures: named }: ModelState): string {
  const { captures } = run.history;
  const unreadable = named.missing(run);
  const cut = captures.filter(({ complete, problem }) => problem !== undefined || !complete).length;
  const missing = unreadable === 0 ? '' : `, ${unreadable} of ${named.count} captures unreadable`;
  if (cut === 0) return missing;
  return `${missing}${captures.length === 1 ? ', capture incomplete' : `, ${cut} of ${captures.length} captures incomplete`}`;
}

/** The filter in force, and how many messages match. */
export function filterBar(model: ModelState): Bar {
  const { filter, width, view } = model;
  const right = stateBelow(model) ? runState(model, 'short') : '';
  const isOfMessages = view !== 'stream' && view !== 'compare';
  const chips = isOfMessages ? chipsOf(model) : [];
  if (!filter || !isOfMessages) {
    const spans = isOfMessages
      ? [span(' Filter: ', 'dim'), ...chips, span(model.keys.hint('filter', 'to filter messages'), 'faded')]
      : [];
    const hints = hintSpans(model, width - spansWidth(spans) - widthOf(right) - 1);
    return bar('filter', 1, width, withRight([...spans, ...hints], right, width), 'plain');
  }
  const count = filter.isDone
    ? `${grouped(filter.matched)} of ${grouped(filter.asked)}`
    : `${grouped(filter.matched)} of ..., ${percent(filter.progress)}`;
  const label = ' Filter: ';
  // However long it is, how many match is seen.
  const room = width - widthOf(label) - spansWidth(chips) - widthOf(GAP) - widthOf(count);
  const first = toCompareHint(model);
  const spans = [
    span(label, 'dim'),
    ...chips,
    span(clip(shown(filter.text), room)),
    span(GAP),
    span(count, 'dim'),
    span(first === undefined ? '' : GAP + first, 'faded'),
  ];
  return bar('filter', 1, width, withRight(spans, right, width), 'good');
}

/** The switches that are on. */
function chipsOf({ only }: ModelState): readonly Span[] {
  const on = [...(only.findings ? ['[findings only]'] : []), ...(only.marked ? ['[marked only]'] : [])];
  return on.flatMap(text => [span(text, 'match'), span(' ')]);
}

/** The line that is edited, at its place, with two lines under it. */
export function editedBars(model: ModelState, mode: LineMode): EditedBars {
  const { width, height } = model;
  const isFilter = mode.purpose === 'filter';
  const y = isFilter ? 1 : height - 3;
  const label = isFilter ? ` ${mode.label}` : mode.label;
  const { text, cursor } = mode.line;
  const window = windowOn(text, cursor, Math.max(1, width - widthOf(label) - 1));
  const problem = problemOf(model, mode);
  const tone: Tone = text.trim() === '' || !checksAsTyped(mode) ? 'plain' : problem ? 'error' : 'good';
  const x = Math.min(width - 1, widthOf(label) + window.cursor);
  const edited = bar(isFilter ? 'filter' : 'prompt', y, width, [span(label, 'heading'), span(window.text)], tone);
  const under = widthOf(label) + widthOf(shown(text.slice(0, (problem?.column ?? 1) - 1))) - window.hidden;
  const complaint = problem
    ? complaintLine(problem.reason, problem.column === undefined ? undefined : under, width)
    : line(span(clip(shown(hintFor(model, mode) ?? ''), width), 'dim'));
  const candidates = bar('candidates', y + 2, width, candidateSpans(mode, width), 'plain');
  return {
    bars: [edited, { kind: 'complaint', y: y + 1, line: complaint, tone: 'plain' }, candidates],
    cursor: { x, y },
  };
}

function checksAsTyped({ purpose, complaint }: LineMode): boolean {
  return purpose === 'filter' || purpose === 'break-on' || purpose === 'count' || complaint !== undefined;
}

/** `     ^ unknown field typ`: the reason stands left of the sign where there is no room to the right. */
function complaintLine(reason: string, column: number | undefined, width: number): Line {
  const text = shown(reason);
  if (column === undefined || column < 0 || column >= width) return fittedLine([span(text, 'error')], width);
  const isLeft = column + 2 + widthOf(text) > width && widthOf(text) + 1 <= column;
  if (isLeft) return fittedLine([span(`${' '.repeat(column - widthOf(text) - 1)}${text} ^`, 'error')], width);
  return fittedLine([span(`${' '.repeat(column)}^ ${text}`, 'error')], width);
}

function candidateSpans({ line: edited }: LineMode, width: number): readonly Span[] {
  const { candidates, candidate } = edited;
  const spans: Span[] = [];
  let used = 1;
  // The one that stands in the line is always among those seen.
  for (let index = Math.max(0, candidate); index < candidates.length && used < width; index++) {
    const text = shown(candidates[index]);
    spans.push(span(' '), span(text, index === candidate ? 'match' : 'key'));
    used += widthOf(text) + 1;
  }
  return spans;
}

/** As much of a line as fits around the cursor; columns in cells, `hidden` ones left of it. */
function windowOn(text: string, cursor: number, cells: number): { text: string; cursor: number; hidden: number } {
  const before = shown(text.slice(0, cursor));
  const at = widthOf(before);
  const whole = before + shown(text.slice(cursor));
  if (at < cells) return { text: clip(whole, cells), cursor: at, hidden: 0 };
  let from = 0;
  let hidden = 0;
  while (at - hidden >= cells && from < before.length) {
    const character = String.fromCodePoint(before.codePointAt(from)!);
    hidden += widthOf(character);
    from += character.length;
  }
  return { text: clip(whole.slice(from), cells), cursor: at - hidden, hidden };
}

export function choiceBar({ width, height }: ModelState, { question, choices }: ChoiceMode): Bar {
  const spans = [span(` ${shown(question)} `, 'heading')];
  for (const { key, label } of choices) {
    spans.push(span(` ${key}`, 'key'), span(label === '' ? '' : ` ${shown(label)} `, 'plain'));
  }
  return bar('prompt', height - 1, width, spans, 'attention');
}

/** Why what was chosen could not be had, else what can be done. */
export function pickerBar({ width, height }: ModelState, complaint: string | undefined, keys: string): Bar {
  const text = complaint === undefined ? span(` ${keys}`, 'dim') : span(` ${shown(complaint)}`, 'error');
  return bar('status', height - 1, width, [text], 'plain');
}

/**
 * What was said last, else what was found where one is or why nothing could be, else where that is; and on the right, of
 * a proxy, that it runs, with where it listens as far as there is room.
 */
export function statusBar(model: ModelState): Bar {
  const { width, height, said } = model;
  const spans = model.searching
    ? searchSpans(model.searching)
    : said
      ? [span(` ${shown(said.text)}`, said.role)]
      : (choosing(model) ??
        welcome(model) ??
        arrivedHere(model) ??
        holdHere(model) ??
        foundHere(model) ??
        heldHere(model) ??
        doubtHere(model) ?? [span(` ${where(model)}`, 'dim')]);
  return bar('status', height - 1, width, [...withProxy(model, spans)], 'plain');
}

function searchSpans({ sought, progress }: Pick<Searching, 'sought' | 'progress'>): readonly Span[] {
  return [span(` searching for ${shown(soughtWords(sought))}: ${percent(progress)}`), span(', Esc stops', 'dim')];
}

function withProxy({ proxy, interception, width, keys }: ModelState, spans: readonly Span[]): readonly Span[] {
  if (!proxy) return spans;
  const held = interception && interception.count > 0 ? `${keys.print('held')} ${interception.count} held ` : '';
  const least = proxy.isRunning ? 'proxy ' : 'proxy ended ';
  const more = proxy.isRunning
    ? `proxy on ${shown(proxy.listens.join(', '))} `
    : `proxy ended: ${shown(proxy.ended ?? '')} `;
  const text = spansWidth(spans) + GAP.length + widthOf(held) + widthOf(more) <= width ? more : least;
  const left = padded(spans, Math.max(0, width - widthOf(held) - widthOf(text) - 1));
  // Somebody waits for it: it is seen whatever else is.
  return [...left, span(' '), span(held, 'warning'), span(text, proxy.isRunning ? 'dim' : 'warning')];
}

/** What keys do in the list of columns. */
function choosing({ mode }: ModelState): readonly Span[] | undefined {
  return mode.kind === 'columns' ? [span(` ${COLUMN_KEYS}`, 'dim')] : undefined;
}

/** Until the first key is pressed: that something was found, and how one gets there. */
function welcome({ isFresh, lists, run, keys }: ModelState): readonly Span[] | undefined {
  const count = lists.findings.length;
  if (!isFresh || count === 0) return undefined;
  const found = `${counted(count, 'finding')}${run.state === 'ended' ? '' : ' so far'}`;
  return [
    span(` ${found}`, 'strong'),
    span(
      `: ${keys.print('next-finding')} goes to the worst, ${keys.print('view-4')} lists them; ${keys.hint('help', 'help')}`,
    ),
  ];
}

/** On live traffic: findings that have come since the last key. */
function arrivedHere({ arrivals: { arrived }, history }: ModelState): readonly Span[] | undefined {
  if (!arrived) return undefined;
  const { count, last } = arrived;
  const several = history.connections.count > 1 ? `connection ${last.connection}, ` : '';
  return [
    span(count > 1 ? ` ${grouped(count)} new findings, the last: ` : ' new finding: ', 'strong'),
    span(`${several}frame ${last.frame}: `, 'dim'),
    ...withSentence(last, 0),
  ];
}

/** What can be done about the chosen hold, and what its sender broke with it. */
function holdHere({ view, interception, keys }: ModelState): readonly Span[] | undefined {
  const row = interception?.selected;
  if (view !== 'held' || !row) return undefined;
  const [finding] = row.message?.findings ?? [];
  if (!finding) return [span(` ${holdHints(keys)}`, 'dim')];
  return [
    span(' '),
    ...named(finding, row.message ? row.message.findings.length - 1 : 0),
    span(`: ${shown(finding.message)}`),
  ];
}

/** The chosen message's finding in a sentence, or the worst of the chosen connection; nothing where another pane has it. */
function foundHere({ history, view, connection, message, finding: chosen }: ModelState): readonly Span[] | undefined {
  const isOfConnection = view === 'connections';
  if (!isOfConnection && !MESSAGE_VIEWS.includes(view)) return undefined;
  const { findings } = history;
  const places = isOfConnection ? findings.ofConnection(connection) : findings.ofMessage(message);
  const isChosen = !isOfConnection && places.some(place => findings.list[place] === chosen);
  const finding = isChosen ? chosen : worstOf(history, places);
  if (!finding) return undefined;
  const where = isOfConnection ? `connection ${connection}, frame` : 'frame';
  return [
    span(` ${where} ${finding.frame}: `, 'dim'),
    ...named(finding, places.length - 1),
    span(`: ${shown(finding.message)}`),
  ];
}

/** The chosen message's finding that is held, or the first of the chosen connection. */
function heldHere({ history, view, connection, message }: ModelState): readonly Span[] | undefined {
  const isOfConnection = view === 'connections';
  if (!isOfConnection && !MESSAGE_VIEWS.includes(view)) return undefined;
  const held = isOfConnection ? history.held.ofConnection(connection) : history.held.ofMessage(message);
  if (held.length === 0) return undefined;
  return [
    span(` ${isOfConnection ? `connection ${connection}, ` : ''}frame ${held[0].frame}: `, 'dim'),
    ...named(held[0], held.length - 1, true),
    span(' until what follows confirms or excuses it', 'dim'),
    span(`: ${shown(held[0].message)}`),
  ];
}

/** Why the chosen connection is inconclusive, and what to do about it. */
function doubtHere({ history, view, connection, message }: ModelState): readonly Span[] | undefined {
  const isOfConnection = view === 'connections' || view === 'conversation' || view === 'states';
  if (!isOfConnection || connection === 0 || history.comment(message) !== '') return undefined;
  const [reason] = history.connections.reasons(connection);
  if (!reason) return undefined;
  return [
    span(` connection ${connection} is `, 'dim'),
    span('inconclusive', 'warning'),
    span(`, because ${shown(reason.because)}; ${reason.advice}`),
  ];
}

function where(model: ModelState): string {
  const { history, connection, message, lists, view, time } = model;
  const place = view === 'stream' ? streamPlace(model) : undefined;
  if (place !== undefined) return `${place}, ${model.keys.hint('help', 'help')}`;
  const parts: string[] = [];
  if (connection > 0) parts.push(`connection ${connection} of ${grouped(history.connections.count)}`);
  if (message >= 0) parts.push(`frame ${history.messages.frame(message)}`, ...commentOn(history, message));
  if (view === 'findings') parts.push(`${grouped(lists.findings.length)} findings`);
  parts.push(`time ${time}`, model.keys.hint('help', 'help'));
  return parts.join(', ');
}

/** What somebody noted on its frame in the capture. */
function commentOn(history: ModelState['history'], message: number): readonly string[] {
  const comment = history.comment(message);
  return comment === '' ? [] : [`comment: ${shown(comment)}`];
}

export function bar(kind: BarKind, y: number, width: number, spans: readonly Span[], tone: Tone): Bar {
  return { kind, y, line: fittedLine(spans, width), tone };
}

function percent(share: number): string {
  return `${Math.floor(Math.min(1, share) * 100)} %`;
}
