/** The screen as plain data: what the model knows, in lines, each in its place. It changes nothing. */
import { counted, grouped } from '../../report/numbers.ts';
import { columnsOf, messageList } from '../model/columns.ts';
import { type Area, innerSize, LEAST_SCREEN } from '../model/layout.ts';
import type { ColumnsMode, NoticeMode, PickerMode } from '../model/mode.ts';
import { noticeColumns } from '../model/notice.ts';
import { pairWords, partnersOf } from '../model/pairing.ts';
import { flowInput, logInput, machineInput } from '../model/pane-rows.ts';
import { PICKER_TOP } from '../model/picker.ts';
import type { ModelState } from '../model/state.ts';
import { HEADER_LINES as COMPARED_HEADER, comparedPane } from '../panes/compared.ts';
import { connectionsPane } from '../panes/connections.ts';
import { conversationPane } from '../panes/conversation.ts';
import { countsPane } from '../panes/counts.ts';
import { fieldsPane } from '../panes/fields.ts';
import { findingPane } from '../panes/finding.ts';
import { findingsPane } from '../panes/findings.ts';
import { flowPane, flowsPane } from '../panes/flows.ts';
import { HEADER_LINES as HELD_HEADER, heldPane } from '../panes/held.ts';
import { helpPane } from '../panes/help.ts';
import { hexPane } from '../panes/hex.ts';
import { logPane } from '../panes/log.ts';
import { machinePane } from '../panes/machine.ts';
import { HEADER_LINES as PICKER_HEADER, pickerPane, typedWidth } from '../panes/picker.ts';
import { statisticsPane } from '../panes/statistics.ts';
import { streamPane } from '../panes/stream.ts';
import { clip, clipStart, shown } from '../text/cells.ts';
import { type Line, line, type Size, span } from '../text/line.ts';
import { fitted, fittedLine, spansWidth } from '../text/spans.ts';
import type { PaneKind } from '../views.ts';
import { bar, choiceBar, editedBars, filterBar, pickerBar, statusBar, tabsBar } from './bars.ts';
import { comparedTitle } from './compared-words.ts';
import { emptyText } from './emptiness.ts';
import { heldEmpty, heldRows, heldTitle, holdTitle } from './held-rows.ts';
import type { Bar, PlacedPane, ScreenPlan } from './screen-plan.ts';
import { streamEmpty, streamTitle } from './stream-words.ts';

export function compose(model: ModelState): ScreenPlan {
  const { width, height, mode } = model;
  if (width < LEAST_SCREEN.width || height < LEAST_SCREEN.height) return tooSmall(model);
  if (mode.kind === 'picker') return picking(model, mode);
  const panes = model.areas.map(area => placed(model, area));
  const edited = mode.kind === 'line' ? editedBars(model, mode) : undefined;
  const bars: Bar[] = [tabsBar(model)];
  if (mode.kind !== 'line' || mode.purpose !== 'filter') bars.push(filterBar(model));
  if (edited) bars.push(...edited.bars);
  if (mode.kind === 'choice') bars.push(choiceBar(model, mode));
  else if (mode.kind !== 'line' || mode.purpose === 'filter') bars.push(statusBar(model));
  if (mode.kind === 'notice') panes.push(notice(model, mode));
  if (mode.kind === 'columns') panes.push(columnChoice(model, mode));
  return { width, height, bars, panes, cursor: edited?.cursor };
}

function tooSmall({ width, height }: ModelState): ScreenPlan {
  const text = `too small: ${LEAST_SCREEN.width}x${LEAST_SCREEN.height} is needed, this is ${width}x${height}`;
  return {
    width,
    height,
    bars: [bar('status', 0, width, [span(text, 'warning')], 'plain')],
    panes: [],
    cursor: undefined,
  };
}

function placed(model: ModelState, area: Area): PlacedPane {
  const { kind, width, height } = area;
  const title = clip(titleOf(model, kind), Math.max(0, width - 4));
  return { ...area, width, height, title, focused: model.focus === kind, lines: linesOf(model, kind, innerSize(area)) };
}

function linesOf(model: ModelState, kind: PaneKind, size: Size): readonly Line[] {
  const { history, lists, time, marks, opened, sorting, finding } = model;
  const { top, selected } = model.window(kind);
  const focused = model.focus === kind;
  switch (kind) {
    case 'connections': {
      const { column: sort, reverse } = sorting;
      const marked = marks.marked('connection', history);
      return connectionsPane(
        {
          history,
          order: lists.connections,
          top,
          selected,
          focused,
          sort,
          reverse,
          time,
          marked,
          columns: columnsOf(model, kind),
          empty: emptyText(model, kind),
        },
        size,
      );
    }
    case 'messages': {
      const marked = marks.marked('message', history);
      const { listed: connection, form, briefs } = model;
      const brief = (message: number) => briefs.get(message);
      const rows = lists.messages;
      const partners = partnersOf(history, model.message);
      const empty = emptyText(model, kind);
      const columns = columnsOf(model, messageList(model));
      const fieldOf = (message: number, field: string) => model.fieldCells.get(message, field);
      return conversationPane(
        {
          ...{ history, connection, rows, top, selected, focused, form, time, marked, partners, brief, empty },
          ...{ columns, fieldOf },
        },
        size,
      );
    }
    case 'preview':
      return previewOf(model, size);
    case 'fields': {
      if (!opened) return [];
      const { rows, faults, comment } = opened;
      return fieldsPane({ rows, top, selected, focused, faults, comment }, size);
    }
    case 'hex': {
      if (!opened) return [];
      const { byte: cursor, mark } = opened;
      const { bytes, length, faults } = opened.hex;
      return hexPane({ bytes, length, top, cursor, mark, faults, focused }, size);
    }
    case 'findings':
      return findingsPane(
        {
          ...{ history, order: lists.findings, top, selected, focused, time },
          columns: columnsOf(model, kind),
          empty: emptyText(model, kind),
        },
        size,
      );
    case 'finding':
      return finding ? findingPane({ history, finding, rule: model.ruleOf(finding), time, top, focused }, size) : [];
    case 'machine': {
      const input = machineInput(model, top);
      return input ? machinePane(input, size) : [];
    }
    case 'statistics':
      return statisticsPane({ data: model.statistics, top }, size);
    case 'flows': {
      const rows = model.flows.of(history);
      return flowsPane({ history, rows, top, selected, focused, time, empty: emptyText(model, kind) }, size);
    }
    case 'flow':
      return flowPane(flowInput(model, top), size);
    case 'counts': {
      const { counting } = model;
      if (!counting) return [];
      // There is no row before one.
      const format = time === 'delta' ? 'relative' : time;
      const context = { format, origin: history.origin(0), digits: history.digits(0) };
      const empty = counting.isDone ? emptyText(model, kind) : 'counting';
      const { field, rows } = counting;
      const columns = columnsOf(model, kind);
      return countsPane({ field, rows, top, selected, focused, time: context, columns, empty }, size);
    }
    case 'compared': {
      const { comparison } = model;
      if (!comparison) return [];
      const { compared, isSideBySide, side, count } = comparison;
      const end = Math.min(count, top + size.height - COMPARED_HEADER);
      const rows = Array.from({ length: Math.max(0, end - top) }, (_, index) => comparison.row(top + index));
      const { titles } = compared;
      return comparedPane({ titles, rows, selected: selected - top, focused, isSideBySide, side }, size);
    }
    case 'stream': {
      const rows = model.stream?.rowsIn(top, top + size.height) ?? [];
      return streamPane({ rows, selected: selected - top, focused, empty: streamEmpty(model) }, size);
    }
    case 'held':
      return heldPane(
        {
          rows: heldRows(model, top, size.height - HELD_HEADER),
          ...{ top, selected, focused },
          columns: columnsOf(model, kind),
          empty: heldEmpty(model),
        },
        size,
      );
    case 'log':
      return withFound(model, logPane(logInput(model, top), size));
    case 'help':
      return withFound(model, helpPane({ table: model.keys.table, view: model.viewBefore, top }, size));
    case 'notice':
      return [];
  }
}

/** The line of a text that a search has come to. */
function withFound(model: ModelState, lines: readonly Line[]): readonly Line[] {
  const found = model.foundLine - model.window(model.focus).top;
  return lines.map((line, index) => (index === found ? { ...line, selected: 'focus' } : line));
}

/** The messages that were looked up, as long as they are those of the chosen connection. */
function previewOf(model: ModelState, size: Size): readonly Line[] {
  const { history, connection, preview, form, time, marks, briefs } = model;
  const rows = preview.of(history, connection);
  if (!rows) return [];
  return conversationPane(
    {
      ...{ history, connection, rows, top: 0, selected: -1, focused: false, form, time },
      marked: marks.marked('message', history),
      partners: new Set(),
      brief: message => briefs.get(message),
      empty: 'no message',
    },
    size,
  );
}

function titleOf(model: ModelState, kind: PaneKind): string {
  const { history, connection, message, lists, opened, counting, proxy, view } = model;
  switch (kind) {
    case 'connections':
      return `Connections: ${grouped(lists.connections.length)}${narrowedTo(model, ' with a match')}`;
    case 'messages': {
      if (view === 'messages')
        return `All messages: ${grouped(lists.messages.length)}${narrowedTo(model, ' that match')}`;
      return connection === 0 ? 'Messages' : `Connection ${connectionName(model)}${standingWords(model)}`;
    }
    case 'preview':
      return connection === 0 ? 'Preview' : `Preview of connection ${connectionName(model)}; Enter opens it`;
    case 'fields': {
      if (view === 'held') return holdTitle(model);
      if (message < 0 || !opened) return 'Fields';
      const pair = pairWords(history, message);
      return `Frame ${history.messages.frame(message)}: ${shown(opened.seen.name)}${pair && `, ${pair}`}`;
    }
    case 'hex':
      return hexTitle(model);
    case 'findings':
      return `Findings: ${grouped(lists.findings.length)}${narrowedTo(model, ' that match')}${heldWords(model)}`;
    case 'finding':
      return 'Finding';
    case 'machine':
      return connection === 0 ? 'States' : `States of connection ${connection}`;
    case 'statistics':
      return 'Statistics';
    case 'flows': {
      const { list, beyond } = history.unknown;
      const more = beyond > 0 ? `, and ${counted(beyond, 'packet')} of others` : '';
      return `Flows of no known protocol: ${grouped(list.length)}${more}`;
    }
    case 'flow':
      return 'Flow';
    case 'counts': {
      if (!counting) return 'Counts';
      const values = counting.rows.filter(({ of }) => of === 'value').length;
      const sofar = counting.isDone ? '' : `, counting, ${Math.floor(counting.progress * 100)} %`;
      return `Messages by ${shown(counting.field)}: ${counted(values, 'value')}${sofar}`;
    }
    case 'compared':
      return comparedTitle(model);
    case 'stream':
      return streamTitle(model);
    case 'held':
      return heldTitle(model);
    case 'log':
      return proxy
        ? `Log of the proxy: ${counted(proxy.opened, 'client')}, ${grouped(proxy.open)} connected now`
        : 'Log';
    case 'help':
      return 'Keys';
    case 'notice':
      return 'Notice';
  }
}

/** Over all that there is between the bars; the line that is typed is its first. */
function picking(model: ModelState, { source, typed, complaint }: PickerMode): ScreenPlan {
  const { width, height } = model;
  const { top, selected, height: rows } = model.window('notice');
  const size = { width: width - 2, height: rows + PICKER_HEADER };
  const inSight = source.rows(typed).slice(top, top + rows);
  const { title, hint, empty, keys } = source;
  const pane: PlacedPane = {
    kind: 'notice',
    x: 0,
    y: PICKER_TOP - PICKER_HEADER - 1,
    width,
    height: size.height + 2,
    title: clipStart(shown(title), Math.max(0, width - 4)),
    focused: true,
    lines: pickerPane({ rows: inSight, selected: selected - top, typed, hint, empty }, size),
  };
  const bars = [tabsBar(model), filterBar(model), pickerBar(model, complaint, keys)];
  const cursor = { x: Math.min(width - 2, 1 + typedWidth(typed)), y: PICKER_TOP - PICKER_HEADER };
  return { width, height, bars, panes: [pane], cursor };
}

/** Why there are not more rows. @param match what to say of a filter */
function narrowedTo({ filter, only, view }: ModelState, match: string): string {
  const findings = only.findings && view !== 'findings' ? ' with findings' : '';
  return `${only.marked ? ' marked' : ''}${findings}${filter ? match : ''}`;
}

/** `3: mqtt, client "sensor"` */
function connectionName({ history, connection }: ModelState): string {
  const about = history.connections.about(connection);
  return `${connection}: ${shown(history.connections.protocol(connection).id)}${about && `, ${shown(about)}`}`;
}

/** What the connection is where that is neither right nor wrong. */
function standingWords({ history: { connections }, connection }: ModelState): string {
  const standing = connections.standing(connection);
  return standing === 'open' || standing === 'inconclusive' ? `, ${standing}` : '';
}

/** Findings that may yet come to stand among them. */
function heldWords({ history: { held } }: ModelState): string {
  return held.count === 0 ? '' : `, and ${grouped(held.count)} held`;
}

/** The columns of a list, to choose from, in the middle of the screen. */
function columnChoice(model: ModelState, { list, rows }: ColumnsMode): PlacedPane {
  const { selected, top, height: seen } = model.window('notice');
  const title = `Columns of ${list}`;
  const lines = rows.slice(top, top + seen).map(({ name, isShown }, index): Line => {
    const drawn = line(span(isShown ? ' [x] ' : ' [ ] ', isShown ? 'key' : 'dim'), span(shown(name)), span(' '));
    return top + index === selected ? { ...drawn, selected: 'focus' } : drawn;
  });
  const widest = lines.reduce((most, { spans }) => Math.max(most, spansWidth(spans)), title.length + 2);
  const width = Math.min(widest + 2, model.width);
  const height = lines.length + 2;
  const x = Math.floor((model.width - width) / 2);
  const y = Math.max(2, Math.floor((model.height - height) / 2));
  const cut = lines.map(each => ({ ...each, spans: fitted(each.spans, width - 2) }));
  return { kind: 'notice', x, y, width, height, title: clip(title, width - 4), focused: true, lines: cut };
}

/** Whose bytes they are is said where there is a choice. */
function hexTitle({ opened }: ModelState): string {
  const frame = opened?.field?.frame;
  if (frame) return `Bytes of frame ${frame.number}`;
  return opened?.hasLayers ? 'Bytes of the message' : 'Bytes';
}

/** Over the other panes, with a margin, as high as it needs. */
function notice(model: ModelState, { title, lines }: NoticeMode): PlacedPane {
  const width = noticeColumns(model.width) + 2;
  const { top, height: rows } = model.window('notice');
  const height = Math.min(lines.length, rows) + 2;
  const x = Math.floor((model.width - width) / 2);
  const y = Math.max(2, Math.floor((model.height - height) / 2));
  const cut = lines.slice(top, top + height - 2).map(({ spans }) => fittedLine(spans, width - 2));
  const keys = lines.length > rows ? 'j and k scroll, Esc closes' : 'Esc closes';
  return {
    kind: 'notice',
    x,
    y,
    width,
    height,
    title: titled(shown(title), keys, width - 4),
    focused: true,
    lines: cut,
  };
}

/** The keys stay visible, however long the title is. */
function titled(title: string, keys: string, width: number): string {
  return clip(`${clip(title, Math.max(0, width - keys.length - 2))}; ${keys}`, width);
}
