/**
 * The state of the terminal UI: what is looked at, and where one is in it. Here are the ways to look at something else, and
 * to ask for something; who calls them, and when, is decided above (actions.ts, model.ts). Every change leaves lists and
 * windows as they are: the model brings them together again when it is done.
 */
import type { FieldCatalogue } from '../../filter/catalogue.ts';
import type { Finding } from '../../lint/finding.ts';
import type { RuleDocument } from '../../lint/rule.ts';
import { DEFAULT_LIMITS } from '../../protocol/limits.ts';
import { KeyMap } from '../key-map.ts';
import type { StatisticsData } from '../panes/statistics.ts';
import type { Line, Role } from '../text/line.ts';
import type { TimeFormat } from '../text/time-format.ts';
import { PANES_OF, type PaneKind, type View } from '../views.ts';
import { Arrivals } from './arrivals.ts';
import { Briefs } from './briefs.ts';
import type { LineHistory } from './command-line.ts';
import type { Comparison, ToCompare } from './comparison.ts';
import { ConnectionPaths } from './connection-paths.ts';
import { FieldCounting } from './counting.ts';
import type { Effect, ScreenSettings } from './effects.ts';
import { FieldCells } from './field-cells.ts';
import { MessageFiltering } from './filtering.ts';
import { FlowRows } from './flows.ts';
import type { Interception } from './interception.ts';
import { type Area, type Placing, placingOf } from './layout.ts';
import { LineHistories } from './line-histories.ts';
import { Lists } from './lists.ts';
import { Marks } from './marks.ts';
import { type Memory, SessionMemory } from './memory.ts';
import { BROWSE, type Choice, type LinePurpose, type Mode, marginsOf } from './mode.ts';
import type { ModelOptions, RunLike, Said } from './model-options.ts';
import { NamedCaptures } from './named-captures.ts';
import { ALL_SHOWN, narrowingOf, type Switches } from './narrowing.ts';
import type { OpenedMessage } from './opened.ts';
import { OpenedMessages } from './opened-messages.ts';
import { PaneWindows } from './pane-windows.ts';
import { Preview } from './preview.ts';
import type { ProxyLog } from './proxy-log.ts';
import type { RowSearch } from './row-search.ts';
import { RunNames } from './run-names.ts';
import type { Searching } from './searching.ts';
import { BY_NUMBER, type Sorting } from './sorting.ts';
import type { Sought } from './sought.ts';
import { StatisticsKeeper } from './statistics-keeper.ts';
import type { StreamView } from './stream-view.ts';
import { Trail } from './trail.ts';
import type { ScrollWindow } from './window.ts';

/** Views that are about one connection. */
const OF_ONE: readonly View[] = ['connections', 'conversation', 'states', 'findings'];

export class ModelState {
  run: RunLike;
  settings: ScreenSettings;
  readonly themes: readonly string[];
  captures: NamedCaptures;
  /** Absent where captures are looked at. */
  readonly proxy: ProxyLog | undefined;
  /** Where the proxy holds messages back. */
  readonly interception: Interception | undefined;
  readonly memory: Memory;
  readonly lists = new Lists();
  readonly marks = new Marks();
  readonly briefs = new Briefs();
  readonly fieldCells = new FieldCells();
  readonly preview = new Preview();
  readonly paths = new ConnectionPaths();
  readonly flows = new FlowRows();
  readonly arrivals: Arrivals;
  readonly keys: KeyMap;
  /** Name of the one in force. */
  theme: string;
  /** Grows whenever something that is seen may have changed by itself: look after each `tick` whether to draw. */
  version = 0;

  width = 80;
  height = 24;
  view: View = 'connections';
  focus: PaneKind = 'connections';
  zoomed = false;
  form: 'ladder' | 'list' = 'ladder';
  time: TimeFormat = 'relative';
  sorting: Sorting = BY_NUMBER;
  /** Data that comes is not taken into the lists. `pausedAt`: messages there were. */
  paused = false;
  pausedAt = 0;
  /** The last row is selected as rows come. */
  following: boolean;
  filter: MessageFiltering | undefined = undefined;
  only: Switches = ALL_SHOWN;
  /** Messages by the values of a field, of those that match; from when somebody asked for it on. */
  counting: FieldCounting | undefined = undefined;
  /** What was looked for last, and the search for it while it is under way. */
  sought: Sought | undefined = undefined;
  searching: Searching | RowSearch | undefined = undefined;
  /** The message that a search has come to last, and the line of a text; -1 for none. */
  foundMessage = -1;
  foundLine = -1;
  /** The conversation that was followed last. */
  stream: StreamView | undefined = undefined;
  /** What was taken to be compared with another one, and the last two that were. */
  toCompare: ToCompare | undefined = undefined;
  comparison: Comparison | undefined = undefined;
  mode: Mode = BROWSE;
  said: Said | undefined = undefined;
  /** Nobody has pressed a key yet. */
  isFresh = true;
  /** Name of the split that the mouse took hold of. */
  dragged: string | undefined = undefined;

  /** The chosen connection, from 1; 0 while there is none. */
  connection = 0;
  /** Messages are listed of all connections: in the view of that, and in what one goes into from there. */
  isAll = false;
  /** The chosen message; -1 for none. */
  message = -1;
  /** The chosen finding. */
  finding: Finding | undefined = undefined;
  /** Somebody chose it, or came to it by `n`, which goes on from there. */
  isOnTour = false;
  /** Paths of fields that are folded, and of lower layers that are not, in whichever message. */
  readonly toggled = new Set<string>();

  readonly #statistics = new StatisticsKeeper();
  readonly #windows = new PaneWindows();
  readonly #lineHistories = new LineHistories();
  readonly #effects: Effect[] = [];
  readonly #trail = new Trail();
  readonly #names = new RunNames();
  readonly #opened = new OpenedMessages(this.toggled);
  /** A message that is shown though the filter hides it. */
  #pinned = -1;

  constructor(run: RunLike, options: ModelOptions) {
    const { captures = 1, unopened = [], bell = false, keys = new KeyMap(), filter, proxy, interception } = options;
    this.run = run;
    this.settings = options.settings;
    this.themes = options.themes;
    this.theme = options.theme ?? options.themes[0] ?? '';
    this.arrivals = new Arrivals(bell);
    this.keys = keys;
    this.captures = new NamedCaptures(captures, unopened);
    this.proxy = proxy;
    this.interception = interception;
    this.memory = options.memory ?? new SessionMemory();
    this.following = run.live;
    this.#names.learn(this.history.protocols);
    if (filter) this.setFilter(filter);
  }

  // What is asked for

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** What was asked for since it was last taken, in order. */
  takeEffects(): readonly Effect[] {
    return this.#effects.splice(0);
  }

  /** Says how something turned out that was asked for. Text may hold anything. */
  notify(text: string, role: Role = 'plain'): void {
    this.say(text, role);
    this.version++;
  }

  say(text: string, role: Role = 'plain'): void {
    this.said = { text, role };
  }

  /** @param again what a key that quits does */
  ask(question: string, choices: readonly Choice[], again?: () => void): void {
    this.mode = { kind: 'choice', question, choices, again };
  }

  showNotice(title: string, lines: readonly Line[]): void {
    this.mode = { kind: 'notice', title, lines };
    this.window('notice').select(0);
  }

  closeMode(): void {
    this.mode = BROWSE;
  }

  // Where one is

  get catalogue(): FieldCatalogue {
    return this.#names.fields;
  }

  get history(): RunLike['history'] {
    return this.run.history;
  }

  lineHistory(purpose: LinePurpose): LineHistory {
    return this.#lineHistories.of(purpose, this.memory);
  }

  window(kind: PaneKind): ScrollWindow {
    return this.#windows.of(kind);
  }

  /** Where the panes stand now, without a notice. */
  get areas(): readonly Area[] {
    return this.placing.areas;
  }

  get placing(): Placing {
    const { top, bottom } = marginsOf(this.mode);
    const room = { x: 0, y: top, width: this.width, height: Math.max(1, this.height - top - bottom) };
    return placingOf(this.view, this.focus, this.zoomed, room, this.memory.remembered.splits);
  }

  /** The message whose fields and bytes are shown, read: the chosen one, of what is held in the view of that. */
  get opened(): OpenedMessage | undefined {
    const row = this.interception?.selected;
    if (this.view === 'held') return row && this.#opened.hold(row);
    return this.#opened.message(this.run, this.message);
  }

  /** Place of the chosen finding in the history's list; -1 for none. */
  get findingIndex(): number {
    return this.finding ? this.history.findings.list.indexOf(this.finding) : -1;
  }

  /** The rows that messages are shown in are those of this connection; 0 for all. */
  get listed(): number {
    return this.isAll ? 0 : this.connection;
  }

  /** The run's numbers; they may be a moment old. */
  get statistics(): StatisticsData {
    return this.#statistics.of(this.run);
  }

  /** Where one goes back to; at the top, where one is. */
  get viewBefore(): View {
    return this.#trail.last ?? this.view;
  }

  /** What the rule of a finding says; nothing for one that no protocol here has. */
  ruleOf({ ruleId }: Finding): RuleDocument | undefined {
    return this.#names.rule(ruleId);
  }

  // Going elsewhere

  /** Looks at another run, at nothing of it yet; the filter goes on. */
  takeUp(run: RunLike, settings: ScreenSettings): void {
    this.run = run;
    this.settings = settings;
    this.#names.learn(this.history.protocols);
    this.connection = 0;
    this.message = -1;
    this.finding = undefined;
    this.isOnTour = false;
    this.searching = undefined;
    this.foundMessage = -1;
    this.flows.selected = undefined;
    this.arrivals.begin();
    this.#opened.forget();
    this.#pinned = -1;
    this.paused = false;
    this.stream = undefined;
    this.toCompare = undefined;
    this.comparison = undefined;
    while ((this.view === 'stream' || this.view === 'compare') && this.goBack());
    this.marks.forgetNumbers();
    this.briefs.clear();
    this.fieldCells.clear();
    if (this.filter) this.filter = this.#newFilter(this.filter.text);
    this.#countAgain();
  }

  /** Looks at one other capture, at the top; settings, filter and memory go on. */
  beginWith(run: RunLike): void {
    this.captures = new NamedCaptures(1, []);
    this.marks.clear();
    this.counting = undefined;
    this.takeUp(run, this.settings);
    this.#trail.clear();
    this.#windows.clear();
    this.isAll = false;
    this.following = run.live;
    this.isFresh = true;
    this.said = undefined;
    this.#enter('connections', 'connections');
  }

  goTo(view: View): void {
    if (view === this.view) return;
    this.#enter(view, this.#trail.go(view, { view: this.view, focus: this.focus }));
  }

  /** False at the top, where there is nothing to go back to. */
  goBack(): boolean {
    const stop = this.#trail.back();
    if (!stop) return false;
    this.#enter(stop.view, stop.focus);
    return true;
  }

  focusOn(kind: PaneKind): void {
    if (PANES_OF[this.view].includes(kind)) this.focus = kind;
  }

  selectConnection(connection: number): void {
    if (!this.history.connections.has(connection)) return;
    if (connection !== this.connection) this.message = -1;
    this.connection = connection;
  }

  /** @param pin shows it even if the filter hides it */
  selectMessage(message: number, pin = false): void {
    if (message < 0 || message >= this.history.messages.count) return;
    this.message = message;
    this.connection = this.history.messages.connection(message);
    this.#pinned = pin ? message : -1;
  }

  /** Selects it, its connection, and its message if it has one. @param index of the history's list */
  selectFinding(index: number): void {
    const finding = this.history.findings.list[index];
    if (!finding) return;
    this.finding = finding;
    this.window('finding').select(0);
    const message = this.history.findings.messageOf(index);
    if (message >= 0) this.selectMessage(message, true);
    else this.selectConnection(finding.connection);
    if (finding.bytes) this.#opened.selectByte(this.message, finding.bytes.offset);
  }

  /** @param text of a filter without a problem; empty for none */
  setFilter(text: string): void {
    this.filter = text.trim() === '' ? undefined : this.#newFilter(text);
    this.#pinned = -1;
    this.#countAgain();
  }

  /** @param field without a problem */
  countBy(field: string): void {
    const { run, history, filter } = this;
    const { limits = DEFAULT_LIMITS } = run.options ?? {};
    this.counting = new FieldCounting(field, history, run.bytes, filter, limits['counted-values']);
    this.window('counts').select(0);
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.pausedAt = this.history.messages.count;
  }

  /** True when rows came or went. @param now a clock in milliseconds, where it may be put off until it pays */
  updateLists(now: (() => number) | undefined): boolean {
    const request = this.#request();
    const connections = this.lists.updateConnections(request, now);
    const findings = this.lists.updateFindings(request, now);
    return this.lists.updateMessages(request, now) || connections || findings;
  }

  /** True when the run's numbers were counted again. @param now a clock in milliseconds */
  updateStatistics(now: () => number): boolean {
    return this.#statistics.update(this.run, now);
  }

  // Within

  #enter(view: View, focus: PaneKind): void {
    this.view = view;
    this.focus = focus;
    this.zoomed = false;
    this.foundLine = -1;
    if (view === 'messages') this.isAll = true;
    else if (OF_ONE.includes(view)) this.isAll = false;
    // On a screen that has room for one pane only it is the one that the view is there for.
    if (view === 'states' && !this.areas.some(({ kind }) => kind === 'machine')) this.focus = 'machine';
    if (view === 'help') this.window('help').select(0);
    // Of what has happened the latest comes first to mind.
    if (view === 'log') this.window('log').scroll(Number.MAX_SAFE_INTEGER);
  }

  #countAgain(): void {
    if (this.counting) this.countBy(this.counting.field);
  }

  #newFilter(text: string): MessageFiltering {
    return new MessageFiltering(text, this.history, this.run.bytes, Math.max(0, this.message));
  }

  #request() {
    const { history, filter, sorting, listed: connection } = this;
    const narrowing = narrowingOf(this.only, this.marks, history);
    return { history, filter, narrowing, sorting, connection, pinned: this.#pinned };
  }
}
