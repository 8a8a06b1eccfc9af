/**
 * The terminal UI without a terminal: what is looked at, where one is in it, and what keys, mouse and time do to that.
 * It reads the history of a run and changes nothing of it; for work outside it returns effects to the app (effects.ts).
 * Time is handed in, the screen is a size, and `compose` (compose.ts) makes lines out of it, so that every behaviour is
 * tested without a terminal.
 *
 * No sequence of keys makes it throw: a key that has nothing to do says why in the status line. Lists have millions of
 * rows, so no key goes over all of them unless it asks for another list.
 *
 * This file keeps the state and holds it together; what each key does is in actions.ts, what lines that were edited do in
 * prompts.ts.
 */
import { type Catalogue, catalogueOf } from '../../filter/catalogue.ts';
import type { Finding } from '../../lint/finding.ts';
import type { RuleDocument } from '../../lint/rule.ts';
import { catalogues } from '../../protocol/carrier.ts';
import { beginsKey, holdsIn, keyName, rowOf } from '../keys.ts';
import type { StatisticsData } from '../panes/statistics.ts';
import type { Line, Role } from '../text/line.ts';
import type { TimeFormat } from '../text/time-format.ts';
import { PANES_OF, type PaneKind, VIEW_TITLES, type View } from '../views.ts';
import { perform } from './actions.ts';
import { Briefs } from './briefs.ts';
import { LineHistory } from './command-line.ts';
import { ConnectionPaths } from './connection-paths.ts';
import type { Effect, ExportEffect, Settings } from './effects.ts';
import { MessageFiltering } from './filtering.ts';
import { type Area, layoutOf } from './layout.ts';
import { Lists } from './lists.ts';
import { Marks } from './marks.ts';
import { BROWSE, type Choice, type ChoiceMode, type LinePurpose, type Mode } from './mode.ts';
import type { ModelOptions, RunLike, Said } from './model-options.ts';
import { clickOn, wheelOn } from './mouse.ts';
import { NamedCaptures } from './named-captures.ts';
import { noticeRows, pressInNotice } from './notice.ts';
import { OpenedMessage } from './opened.ts';
import { fitPane } from './pane-fitting.ts';
import { messageAt, type Place, placeOf } from './places.ts';
import { acceptLine, lineFor } from './prompts.ts';
import type { ProxyLog } from './proxy-log.ts';
import { Rejudging } from './rejudging.ts';
import { BY_NUMBER, type Sorting } from './sorting.ts';
import { StatisticsKeeper } from './statistics-keeper.ts';
import { Trail } from './trail.ts';
import { ScrollWindow } from './window.ts';

export type { ModelOptions, RunLike } from './model-options.ts';

export class Model {
  run: RunLike;
  settings: Settings;
  readonly themes: readonly string[];
  readonly captures: NamedCaptures;
  /** Absent where captures are looked at. */
  readonly proxy: ProxyLog | undefined;
  readonly lists = new Lists();
  readonly marks = new Marks();
  readonly briefs = new Briefs();
  readonly paths = new ConnectionPaths();
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
  mode: Mode = BROWSE;
  said: Said | undefined = undefined;
  /** Nobody has pressed a key yet. */
  isFresh = true;

  /** The chosen connection, from 1; 0 while there is none. */
  connection = 0;
  /** The conversation shows the messages of all connections. */
  isAll = false;
  /** The chosen message; -1 for none. */
  message = -1;
  /** The chosen finding. */
  finding: Finding | undefined = undefined;
  /** Paths of folded fields, in whichever message. */
  readonly closed = new Set<string>();

  readonly #statistics = new StatisticsKeeper();
  readonly #windows = new Map<PaneKind, ScrollWindow>();
  readonly #lineHistories = new Map<LinePurpose, LineHistory>();
  readonly #effects: Effect[] = [];
  readonly #trail = new Trail();
  #catalogue: Catalogue = new Map();
  readonly #rules = new Map<string, RuleDocument>();
  #opened: OpenedMessage | undefined = undefined;
  /** A message that is shown though the filter hides it. */
  #pinned = -1;
  /** First key of a name of two: `Z` of `ZZ`. */
  #begun = '';
  /** What another run is compared with, and where one was. */
  #rejudging: Rejudging | undefined = undefined;
  #seeking: Place | undefined = undefined;
  #runSeen = '';

  constructor(run: RunLike, { settings, themes, filter, captures = 1, unopened = [], proxy }: ModelOptions) {
    this.run = run;
    this.settings = settings;
    this.themes = themes;
    this.captures = new NamedCaptures(captures, unopened);
    this.proxy = proxy;
    this.following = run.live;
    this.#learn();
    if (filter) this.setFilter(filter);
    this.#tellNews();
    this.fit();
  }

  // What comes in

  /** The screen has this size from now on, in cells. */
  resize(width: number, height: number): void {
    this.width = Math.max(1, Math.floor(width));
    this.height = Math.max(1, Math.floor(height));
    this.fit();
  }

  /** @param full blessed's name of the key (`S-q` or `Q`, `C-f`, `pageup`, `S-tab`), or the character that it types */
  press(full: string): void {
    this.isFresh = false;
    const key = keyName(full);
    const { mode } = this;
    switch (mode.kind) {
      case 'line':
        this.#editLine(mode.line.press(key));
        break;
      case 'choice':
        this.#choose(mode, key);
        break;
      default:
        this.#pressInView(key);
    }
    this.fit();
  }

  /** Pasted text: only a line that is being edited takes it, so that nothing in it is taken for a key. */
  paste(text: string): void {
    if (this.mode.kind === 'line') this.#editLine(this.mode.line.paste(text));
    else this.say('nothing to paste into: / and : begin a line', 'dim');
    this.fit();
  }

  /** The first button, at a cell of the screen. `isDouble`: the second click in one place. */
  click(x: number, y: number, isDouble = false): void {
    this.isFresh = false;
    clickOn(this, x, y, isDouble);
    this.fit();
  }

  /** @param rows down, or up when negative */
  wheel(x: number, y: number, rows: number): void {
    this.isFresh = false;
    wheelOn(this, x, y, rows);
    this.fit();
  }

  /**
   * Takes in what has come, and does some of what is left to do: filtering, reading the rows in sight.
   * @param budget milliseconds that it may take
   * @param now a clock in milliseconds
   * @returns whether there is more to do at once
   */
  tick(budget: number, now: () => number): boolean {
    const until = now() + budget;
    if (!this.paused) this.#takeIn(now);
    const isFiltering = this.#runFilter(until, now);
    const isReading = this.#readBriefs(until, now);
    this.#noteRun();
    this.fit();
    return isFiltering || isReading;
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

  /** The file of an export is there already: asks, and gives the effect again with `overwrite`. */
  confirmOverwrite(effect: ExportEffect): void {
    this.version++;
    if (this.mode.kind === 'line') {
      this.say(`${effect.path} is there already, and was left as it is`, 'warning');
      return;
    }
    const run = () => this.emit({ ...effect, overwrite: true });
    this.ask(`${effect.path} is there: overwrite?`, [{ key: 'y', label: 'yes', run }, NO]);
  }

  /**
   * Another run over the same captures, judged by `settings`: the place is kept as far as it is there.
   * @param setting what was asked for, in the words of the user
   */
  adopt(run: RunLike, settings: Settings, setting: string): void {
    this.#seeking = this.#place();
    this.#rejudging ??= new Rejudging(this.run, this.connection);
    this.#rejudging.add(setting);
    this.run = run;
    this.settings = settings;
    this.#learn();
    this.connection = 0;
    this.message = -1;
    this.finding = undefined;
    this.#opened = undefined;
    this.#pinned = -1;
    this.paused = false;
    this.marks.forgetNumbers();
    this.briefs.clear();
    if (this.filter) this.filter = this.#newFilter(this.filter.text);
    this.say('judging again', 'dim');
    this.fit();
  }

  // What is asked for

  emit(effect: Effect): void {
    this.#effects.push(effect);
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

  openLine(purpose: LinePurpose, text: string, label: string): void {
    this.mode = lineFor(this, purpose, text, label);
  }

  closeMode(): void {
    this.mode = BROWSE;
  }

  // Where one is

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  get history(): RunLike['history'] {
    return this.run.history;
  }

  lineHistory(purpose: LinePurpose): LineHistory {
    let history = this.#lineHistories.get(purpose);
    if (!history) {
      history = new LineHistory();
      this.#lineHistories.set(purpose, history);
    }
    return history;
  }

  window(kind: PaneKind): ScrollWindow {
    let window = this.#windows.get(kind);
    if (!window) {
      window = new ScrollWindow();
      this.#windows.set(kind, window);
    }
    return window;
  }

  /** Where the panes stand now, without a notice. */
  get areas(): readonly Area[] {
    const { top, bottom } = this.margins;
    const room = { x: 0, y: top, width: this.width, height: Math.max(1, this.height - top - bottom) };
    return layoutOf(this.view, this.focus, this.zoomed, room);
  }

  /** Lines above and below the panes. A line that is being edited has two under it. */
  get margins(): { readonly top: number; readonly bottom: number } {
    const { mode } = this;
    if (mode.kind !== 'line') return { top: 2, bottom: 1 };
    return mode.purpose === 'filter' ? { top: 4, bottom: 1 } : { top: 2, bottom: 3 };
  }

  /** The chosen message, read; nothing while none is chosen. */
  get opened(): OpenedMessage | undefined {
    const { message } = this;
    if (message < 0 || message >= this.history.messages.count) return undefined;
    if (this.#opened?.number !== message) {
      const path = this.#opened?.field?.path;
      this.#opened = new OpenedMessage(message, this.history, this.run.bytes, this.closed, path);
    }
    return this.#opened;
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
    return this.#rules.get(ruleId);
  }

  // Going elsewhere

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
    this.isAll = false;
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
    if (this.#opened?.number === this.message && finding.bytes) this.#opened.selectByte(finding.bytes.offset);
  }

  /** The first message of the chosen connection, or its last while following. */
  selectSomeMessage(): void {
    if (this.message >= 0 || this.connection === 0) return;
    this.#updateMessages();
    const rows = this.lists.messages;
    if (rows.length > 0) this.selectMessage(rows[this.following ? rows.length - 1 : 0]);
  }

  /** @param text of a filter without a problem; empty for none */
  setFilter(text: string): void {
    this.filter = text.trim() === '' ? undefined : this.#newFilter(text);
    this.#pinned = -1;
  }

  pause(paused: boolean): void {
    this.paused = paused;
    this.pausedAt = this.history.messages.count;
  }

  /** The window of a pane has another selection: what it stands for is chosen. */
  choose(kind: PaneKind): void {
    const { selected } = this.window(kind);
    switch (kind) {
      case 'connections':
        this.selectConnection(this.lists.connections[selected] ?? 0);
        break;
      case 'messages':
        this.selectMessage(this.lists.messages[selected] ?? -1);
        break;
      case 'findings':
        this.selectFinding(this.lists.findings[selected] ?? -1);
        break;
      case 'fields':
        this.opened?.selectRow(selected);
        break;
    }
  }

  /** Brings lists, windows and choices together again after anything has changed. */
  fit(): void {
    this.#updateLists(undefined);
    if (this.connection === 0) this.selectConnection(this.lists.connections[0] ?? 0);
    if (PANES_OF[this.view].some(kind => kind === 'messages' || kind === 'fields')) this.selectSomeMessage();
    if (this.view === 'findings' && !this.finding) this.selectFinding(this.lists.findings[0] ?? -1);
    this.#followTail();
    for (const area of this.areas) fitPane(this, area);
    if (this.mode.kind === 'notice') {
      const { lines } = this.mode;
      this.window('notice').fit(lines.length, noticeRows(this.height));
    }
  }

  // Within

  #pressInView(key: string): void {
    const { mode } = this;
    const name = this.#begun + key;
    this.#begun = '';
    const row = rowOf(name) ?? rowOf(key);
    if (mode.kind === 'notice' && pressInNotice(this, row?.action)) return;
    if (!row) {
      if (beginsKey(key)) this.#begun = key;
      else this.say('no such key; ? lists them', 'dim');
      return;
    }
    this.said = undefined;
    // After the user has moved on, do not jump back to the place from the previous run.
    if (row.group === 'Move' || row.group === 'Find') this.#seeking = undefined;
    if (holdsIn(row, this.view)) perform(this, row.action);
    else this.say(`not in ${VIEW_TITLES[this.view]}: ${row.help}`, 'dim');
  }

  #choose({ choices, again }: ChoiceMode, key: string): void {
    this.mode = BROWSE;
    this.said = undefined;
    const isQuitting = rowOf(key)?.action === 'quit' || beginsKey(key);
    const choice = choices.find(known => known.key === key);
    if (choice) choice.run();
    else if (isQuitting) again?.();
  }

  #editLine(outcome: string): void {
    const { mode } = this;
    if (mode.kind !== 'line') return;
    if (outcome === 'edited') mode.complaint = undefined;
    if (outcome === 'cancelled') {
      this.mode = BROWSE;
      this.said = undefined;
    }
    if (outcome === 'accepted') {
      this.said = undefined;
      acceptLine(this, mode);
    }
  }

  /** The names that the run's protocols bring. */
  #learn(): void {
    const { protocols } = this.history;
    this.#catalogue = catalogueOf(protocols);
    for (const { rules } of catalogues(protocols)) for (const rule of rules) this.#rules.set(rule.id, rule);
  }

  #enter(view: View, focus: PaneKind): void {
    this.view = view;
    this.focus = focus;
    this.zoomed = false;
    // On a screen that has room for one pane only it is the one that the view is there for.
    if (view === 'states' && !this.areas.some(({ kind }) => kind === 'machine')) this.focus = 'machine';
    if (view === 'help') this.window('help').select(0);
    // Of what has happened the latest comes first to mind.
    if (view === 'log') this.window('log').scroll(Number.MAX_SAFE_INTEGER);
  }

  #newFilter(text: string): MessageFiltering {
    return new MessageFiltering(text, this.history, this.run.bytes, Math.max(0, this.message));
  }

  /** What has come is taken into the lists, and what was looked for is perhaps there now. */
  #takeIn(now: () => number): void {
    if (this.#updateLists(now)) this.version++;
    if (this.view === 'statistics' && this.#statistics.update(this.run, now)) this.version++;
    this.#tellNews();
    this.#seek();
    this.marks.seek(this.history);
    const report = this.#rejudging?.finish(this.run);
    if (!report) return;
    this.#rejudging = undefined;
    this.say(report.summary, report.lines.length === 0 ? 'plain' : 'strong');
    if (report.lines.length > 0 && this.mode.kind === 'browse') this.showNotice(report.title, report.lines);
    this.version++;
  }

  #tellNews(): void {
    const news = this.captures.news(this.run);
    if (news !== undefined) this.notify(news, 'warning');
  }

  #seek(): void {
    if (!this.#seeking) return;
    const message = messageAt(this.history, this.#seeking);
    if (message >= 0) this.selectMessage(message, true);
    if (message >= 0 || this.run.state !== 'reading') this.#seeking = undefined;
  }

  /** What can be found again: the chosen message, else the first of the connection. */
  #place(): Place | undefined {
    const message =
      this.message >= 0 || this.connection === 0 ? this.message : this.history.connections.first(this.connection);
    return message >= 0 ? placeOf(this.history, message) : this.#seeking;
  }

  #runFilter(until: number, now: () => number): boolean {
    const { filter } = this;
    if (!filter || filter.isDone) return false;
    const before = filter.asked;
    const isMore = filter.run(this.lists.unfiltered, until, now);
    if (filter.asked !== before) this.version++;
    return isMore;
  }

  #readBriefs(until: number, now: () => number): boolean {
    if (!this.areas.some(({ kind }) => kind === 'messages')) return false;
    const { top, height } = this.window('messages');
    const rows = this.lists.messages;
    const count = this.briefs.read(this.history, this.run.bytes, rows, [top, top + height], until, now);
    if (count > 0) this.version++;
    return count > 0;
  }

  /** Progress and rates change without a message. */
  #noteRun(): void {
    const { state, read } = this.run;
    const seen = `${state} ${read} ${this.history.version} ${this.proxy?.version}`;
    if (seen !== this.#runSeen) this.version++;
    this.#runSeen = seen;
  }

  #updateLists(now: (() => number) | undefined): boolean {
    const request = this.#request();
    const connections = this.lists.updateConnections(request, now);
    const findings = this.lists.updateFindings(request, now);
    return this.#updateMessages(now) || connections || findings;
  }

  #updateMessages(now?: () => number): boolean {
    return this.lists.updateMessages(this.#request(), now);
  }

  #request() {
    const { history, filter, sorting, listed: connection } = this;
    return { history, filter, sorting, connection, pinned: this.#pinned };
  }

  #followTail(): void {
    if (!this.following || this.paused || !this.run.live) return;
    const { connections, messages, findings } = this.lists;
    if (this.view === 'findings') this.selectFinding(findings[findings.length - 1] ?? -1);
    else if (this.view === 'connections') this.selectConnection(connections[connections.length - 1] ?? 0);
    else if (PANES_OF[this.view].includes('messages')) this.selectMessage(messages[messages.length - 1] ?? -1);
  }
}

const NO: Choice = { key: 'n', label: 'no', run: () => {} };
