/**
 * What the keys of the table do. Each action does its work, or says in the status line why there is nothing to do; what
 * `up` and `down` move is the pane in focus.
 */
import { counted, grouped } from '../../report/numbers.ts';
import type { Action } from '../keys.ts';
import { TIME_FORMATS } from '../text/time-format.ts';
import { NUMBERED_VIEWS, PANES_OF, type PaneKind, type View } from '../views.ts';
import { openCaptures } from './capture-picker.ts';
import { openColumns } from './choosing-columns.ts';
import { shownIn } from './columns.ts';
import { compare, goFromComparison } from './compare-keys.ts';
import { counts, goIntoCount } from './counted.ts';
import { copy } from './exporting.ts';
import { findAgain, stopSearch } from './find.ts';
import { portOf, protocolsFor } from './flows.ts';
import * as holds from './hold-keys.ts';
import { goToPartner, jump, mark } from './jumping.ts';
import type { Choice } from './mode.ts';
import { bottom, fold, left, move, moveMessage, pageOf, right } from './moving.ts';
import { openExport, openLine, rejudge } from './prompts.ts';
import { askToQuit, quit } from './quitting.ts';
import { openSavedFilters } from './saved-filters.ts';
import { nextTheme, onlyFindings, onlyMarked, setForm, setTime, sortBy, switchBell } from './showing.ts';
import { nextColumn } from './sorting.ts';
import { moveSplit } from './splits.ts';
import type { ModelState } from './state.ts';
import * as streams from './stream-keys.ts';
import { nextError, nextFinding, type Tour } from './tour.ts';

const ACTIONS: Readonly<Record<Action, (model: ModelState) => void>> = {
  down: model => move(model, 1),
  up: model => move(model, -1),
  left,
  right,
  top: model => move(model, Number.NEGATIVE_INFINITY),
  bottom,
  'page-down': model => move(model, pageOf(model)),
  'page-up': model => move(model, -pageOf(model)),
  'half-down': model => move(model, Math.max(1, pageOf(model) >> 1)),
  'half-up': model => move(model, -Math.max(1, pageOf(model) >> 1)),
  'next-message': model => moveMessage(model, 1),
  'previous-message': model => moveMessage(model, -1),
  enter,
  back,
  quit,
  'view-1': model => model.goTo(NUMBERED_VIEWS[0]),
  'view-2': model => model.goTo(NUMBERED_VIEWS[1]),
  'view-3': model => model.goTo(NUMBERED_VIEWS[2]),
  'view-4': model => model.goTo(NUMBERED_VIEWS[3]),
  'view-5': model => model.goTo(NUMBERED_VIEWS[4]),
  'view-6': model => model.goTo(NUMBERED_VIEWS[5]),
  'view-7': model => model.goTo(NUMBERED_VIEWS[6]),
  'view-8': model => model.goTo(NUMBERED_VIEWS[7]),
  counts,
  'follow-stream': streams.followStream,
  compare,
  log,
  held: holds.held,
  'next-pane': model => focusNext(model, 1),
  'previous-pane': model => focusNext(model, -1),
  zoom,
  'split-back': model => moveSplit(model, -1),
  'split-on': model => moveSplit(model, 1),
  columns: openColumns,
  bell: switchBell,
  theme: nextTheme,
  'next-finding': model => goToFinding(model, nextFinding(model, 1), 1),
  'previous-finding': model => goToFinding(model, nextFinding(model, -1), -1),
  'next-error': model => goToFinding(model, nextError(model, 1), 1),
  'previous-error': model => goToFinding(model, nextError(model, -1), -1),
  'only-findings': onlyFindings,
  'only-marked': onlyMarked,
  find: model => openLine(model, 'find', '', 'find: '),
  'find-next': model => findAgain(model, 1),
  'find-previous': model => findAgain(model, -1),
  filter: model => openLine(model, 'filter', model.filter?.text ?? '', 'Filter: '),
  'saved-filters': openSavedFilters,
  command: model => openLine(model, 'command', '', ':'),
  'decode-as': decodeAs,
  dialect: model => openLine(model, 'dialect', dialectStart(model), 'dialect: '),
  mark,
  jump,
  partner: goToPartner,
  time: model => setTime(model, TIME_FORMATS[(TIME_FORMATS.indexOf(model.time) + 1) % TIME_FORMATS.length]),
  sort: model => sortBy(model, nextColumn(model.sorting.column, shownIn(model, 'connections')), false),
  reverse: model => sortBy(model, model.sorting.column, !model.sorting.reverse),
  form: model => setForm(model, model.form === 'ladder' ? 'list' : 'ladder'),
  'stream-form': streams.nextForm,
  'stream-sides': streams.nextSides,
  pause,
  copy,
  export: openExport,
  open: openCaptures,
  'break-on': holds.breakOn,
  forward: holds.forward,
  'forward-all': holds.forwardAll,
  drop: holds.drop,
  edit: holds.edit,
  'edit-bytes': holds.editBytes,
  revert: holds.revert,
  repeat: holds.repeat,
  abort: holds.abort,
  help,
  redraw: model => model.emit({ kind: 'redraw' }),
  suspend: model => model.emit({ kind: 'suspend' }),
};

export function perform(model: ModelState, action: Action): void {
  ACTIONS[action](model);
}

// Going

function enter(model: ModelState): void {
  const { view, focus, opened } = model;
  if (focus === 'fields' && opened?.field?.open !== undefined) {
    fold(model);
    return;
  }
  switch (view) {
    case 'connections':
      if (model.connection === 0) model.say('no connection to open', 'dim');
      else model.goTo('conversation');
      break;
    case 'conversation':
    case 'states':
    case 'messages':
      if (model.message < 0) model.say('no message to open', 'dim');
      else goIntoMessage(model, focus);
      break;
    case 'findings':
      goIntoFinding(model);
      break;
    case 'flows':
      if (!model.flows.selected) model.say('no flow to open', 'dim');
      else if (focus === 'flow') model.say('m decodes it as a protocol', 'dim');
      else model.focusOn('flow');
      break;
    case 'counts':
      goIntoCount(model);
      break;
    case 'compare':
      goFromComparison(model);
      break;
    case 'stream':
      streams.goFromStream(model);
      break;
    case 'held':
      if (focus !== 'held')
        model.say(
          `${model.keys.print('edit')} sets the field, ${model.keys.print('forward')} forwards the message`,
          'dim',
        );
      else if (model.interception?.selected) model.focusOn('fields');
      else model.say('nothing is held', 'dim');
      break;
    case 'message':
      model.say('there is nothing below this', 'dim');
      break;
    default:
      model.say('nothing to open here', 'dim');
  }
}

function goIntoMessage(model: ModelState, from: PaneKind): void {
  model.goTo('message');
  if (from === 'hex') model.focusOn('hex');
}

function goIntoFinding(model: ModelState): void {
  const index = model.findingIndex;
  if (index < 0) {
    model.say('no finding to open', 'dim');
    return;
  }
  model.marks.remember(model.history, model.message);
  model.isOnTour = true;
  model.selectFinding(index);
  model.goTo('conversation');
  if (model.history.findings.messageOf(index) < 0) model.say('the finding belongs to no single message', 'dim');
}

function back(model: ModelState): void {
  if (stopSearch(model)) return;
  if (model.zoomed) model.zoomed = false;
  else if (!model.goBack()) askToQuit(model);
}

function focusNext(model: ModelState, step: number): void {
  // One for which there is no room beside the others has the screen to itself while it is in focus.
  const panes = PANES_OF[model.view];
  if (panes.length < 2) {
    model.say('this view has only one pane', 'dim');
    return;
  }
  const at = panes.indexOf(model.focus);
  model.focus = panes[(at + step + panes.length) % panes.length];
}

function zoom(model: ModelState): void {
  const isAlone = model.areas.length < 2 && !model.zoomed && PANES_OF[model.view].length < 2;
  if (isAlone) model.say('this view has only one pane', 'dim');
  else model.zoomed = !model.zoomed;
}

function help(model: ModelState): void {
  if (model.view === 'help') back(model);
  else model.goTo('help');
}

function log(model: ModelState): void {
  if (!model.proxy) model.say('only a proxy has a log; this is a capture', 'dim');
  else if (model.view === 'log') back(model);
  else model.goTo('log');
}

/** `m` stands for another one. */
const CHOICE_KEYS = [...'123456789abcdefghijkl'];

// Finding

/** Views that do not show a finding's message, nor the finding. */
const WITHOUT_MESSAGES: readonly View[] = [
  'connections',
  'statistics',
  'flows',
  'counts',
  'stream',
  'compare',
  'log',
  'held',
  'help',
];

function goToFinding(model: ModelState, { row, place, count, wrapped }: Tour, step: 1 | -1): void {
  const { lists, history } = model;
  if (row < 0 && lists.findings.length > 0) {
    model.say(`no error among ${counted(lists.findings.length, 'finding')}`, 'dim');
    return;
  }
  if (row < 0) {
    const isFiltered = model.filter !== undefined && history.findings.list.length > 0;
    const isNarrowed = model.only.marked && history.findings.list.length > 0;
    const none = isNarrowed ? 'no finding on what is marked; * shows all' : noFindings(model);
    model.say(isFiltered ? 'no finding matches the filter' : none, 'dim');
    return;
  }
  model.following = false;
  model.isOnTour = true;
  model.selectFinding(lists.findings[row]);
  if (WITHOUT_MESSAGES.includes(model.view)) model.goTo('conversation');
  const { finding } = model;
  if (!finding) return;
  const around = wrapped ? (step > 0 ? ', from the first again' : ', from the last again') : '';
  const stop = `${grouped(place)} of ${grouped(count)}${around}`;
  model.say(`${stop}: ${finding.severity} ${finding.ruleId}: ${finding.message}`, finding.severity);
}

function noFindings({ run }: ModelState): string {
  return run.state === 'reading' ? 'no finding so far' : 'no finding';
}

// Showing

function pause(model: ModelState): void {
  model.pause(!model.paused);
  model.say(model.paused ? `paused: data keeps coming, ${model.keys.print('pause')} resumes` : 'resumed');
}

// Work on the selection

/** Of a flow that nobody knows, by a list of what can be carried so; else by a line. */
function decodeAs(model: ModelState): void {
  const flow = model.view === 'flows' ? model.flows.selected : undefined;
  if (!flow) {
    openLine(model, 'decode-as', decodeAsStart(model), 'decode as: ');
    return;
  }
  const port = portOf(flow);
  const choices = protocolsFor(flow, model.history.protocols).flatMap(({ id }, index): Choice[] => {
    const key = CHOICE_KEYS[index];
    return key === undefined ? [] : [{ key, label: id, run: () => decodeFlowAs(model, `${port},${id}`) }];
  });
  const other = () => openLine(model, 'decode-as', `${port},`, 'decode as: ');
  model.ask(`decode ${port} as`, [...choices, { key: 'm', label: 'another', run: other }]);
}

function decodeFlowAs(model: ModelState, setting: string): void {
  const complaint = rejudge(model, 'decode-as', setting);
  if (complaint !== undefined) model.say(complaint, 'error');
}

/** The server's port of the connection that is looked at. */
function decodeAsStart({ connection, history }: ModelState): string {
  if (connection === 0) return '';
  const { connections } = history;
  const side = connections.clientSide(connection) === 0 ? 1 : 0;
  return `${connections.transport(connection)}.port==${connections.address(connection, side).port},`;
}

function dialectStart({ connection, history }: ModelState): string {
  return connection === 0 ? '' : `${history.connections.protocol(connection).id}.`;
}
