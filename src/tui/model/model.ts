/**
 * The terminal UI without a terminal: what is looked at, where one is in it, and what keys, mouse and time do to that.
 * It reads the history of a run and changes nothing of it; for work outside it returns effects to the app (effects.ts).
 * Time is handed in, the screen is a size, and `compose` (compose.ts) makes lines out of it, so that every behaviour is
 * tested without a terminal.
 *
 * No sequence of keys makes it throw: a key that has nothing to do says why in the status line. Lists have millions of
 * rows, so no key goes over all of them unless it asks for another list.
 *
 * The state is in state.ts, what each key does in actions.ts, what lines that were edited do in prompts.ts: they stand on
 * the state alone. This file is above them all, takes in what comes and hands it on.
 */

import { holdsIn, keyName } from '../keys.ts';
import { PANES_OF, VIEW_TITLES } from '../views.ts';
import { perform } from './actions.ts';
import { chooseSomeMessage } from './choosing.ts';
import { pressInColumns } from './choosing-columns.ts';
import type { ExportEffect, ScreenSettings, WriteEffect } from './effects.ts';
import { finishSearch } from './find.ts';
import { finishRowSearch } from './find-rows.ts';
import { FlowSeeking } from './flows.ts';
import { BROWSE, type Choice, type ChoiceMode, type LineMode } from './mode.ts';
import type { ModelOptions, RunLike } from './model-options.ts';
import { clickOn, drag, wheelOn } from './mouse.ts';
import { noticeRows, pressInNotice } from './notice.ts';
import { fitPane } from './pane-fitting.ts';
import { fitPicker, pasteInPicker, pressInPicker } from './picker.ts';
import { messageAt, placeOf, type Viewpoint } from './places.ts';
import { acceptLine, pasteInto } from './prompts.ts';
import { Rejudging } from './rejudging.ts';
import { RowSearch } from './row-search.ts';
import { readPreview, readRows } from './rows-in-sight.ts';
import { ModelState } from './state.ts';

export type { ModelOptions, RunLike } from './model-options.ts';

export class Model extends ModelState {
  /** First key of a name of two: `Z` of `ZZ`. */
  #begun = '';
  /** What another run is compared with, and where one was. */
  #rejudging: Rejudging | undefined = undefined;
  #seeking: Viewpoint | undefined = undefined;
  /** A flow that may be a connection in this run. */
  #flowSeeking: FlowSeeking | undefined = undefined;
  #runSeen = '';
  /** The line that was accepted last, until somebody does something else: what it asks for may fail. */
  #accepted: LineMode | undefined = undefined;

  constructor(run: RunLike, options: ModelOptions) {
    super(run, options);
    this.#tellNews();
    this.fit();
  }

  /** The screen has this size from now on, in cells. */
  resize(width: number, height: number): void {
    this.width = Math.max(1, Math.floor(width));
    this.height = Math.max(1, Math.floor(height));
    this.fit();
  }

  /** @param full blessed's name of the key (`S-q` or `Q`, `C-f`, `pageup`, `S-tab`), or the character that it types */
  press(full: string): void {
    this.isFresh = false;
    this.arrivals.clear();
    const key = keyName(full);
    const { mode } = this;
    // A question is one about what the line asks for.
    if (mode.kind !== 'choice') this.#accepted = undefined;
    switch (mode.kind) {
      case 'line':
        this.#editLine(mode.line.press(key));
        break;
      case 'choice':
        this.#choose(mode, key);
        break;
      case 'picker':
        pressInPicker(this, mode, key);
        break;
      case 'columns':
        pressInColumns(this, mode, key);
        break;
      default:
        this.#pressInView(key);
    }
    this.fit();
  }

  /** Pasted text: only a line that is being edited takes it, so that nothing in it is taken for a key. */
  paste(text: string): void {
    this.#accepted = undefined;
    if (this.mode.kind === 'line') this.#editLine(pasteInto(this.mode, text));
    else if (this.mode.kind === 'picker') pasteInPicker(this, this.mode, text);
    else
      this.say(`no line to paste into: ${this.keys.print('filter')} or ${this.keys.print('command')} opens one`, 'dim');
    this.fit();
  }

  /** The first button, at a cell of the screen. `isDouble`: the second click in one place. */
  click(x: number, y: number, isDouble = false): void {
    this.isFresh = false;
    this.#accepted = undefined;
    clickOn(this, x, y, isDouble);
    this.fit();
  }

  /** The first button is held down: what it took hold of goes along. */
  drag(x: number, y: number): void {
    drag(this, x, y);
    this.fit();
  }

  /** @param rows down, or up when negative */
  wheel(x: number, y: number, rows: number): void {
    this.isFresh = false;
    this.#accepted = undefined;
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
    const isCounting = this.#runCounting(until, now);
    const isSearching = this.#runSearch(until, now);
    const isReading = readRows(this, until, now);
    const isLayingOut = this.#layOutStream(until, now);
    const isPreviewing = readPreview(this, until, now);
    this.#noteRun();
    if (!this.paused) this.#announceFindings(now());
    this.fit();
    return isFiltering || isCounting || isSearching || isReading || isLayingOut || isPreviewing;
  }

  /** The file of an export is there already: asks, and gives the effect again with `overwrite`. */
  confirmOverwrite(effect: ExportEffect | WriteEffect): void {
    this.version++;
    if (this.mode.kind === 'line') {
      this.say(`${effect.path} exists already and was left as it is`, 'warning');
      return;
    }
    const run = () => this.emit({ ...effect, overwrite: true });
    this.ask(`${effect.path} exists: overwrite?`, [{ key: 'y', label: 'yes', run }, NO]);
  }

  /**
   * What was asked for could not be done. The line that asked for it comes back with the reason under it, if nobody has done
   * anything else since: keys that are pressed elsewhere do not go into a line by surprise.
   * @param effect where some time has passed since it was asked for
   */
  refuse(reason: string, effect?: ExportEffect | WriteEffect): void {
    const accepted = this.#accepted;
    const isItsOwn = effect === undefined || accepted?.line.text.includes(effect.path);
    if (accepted && isItsOwn && this.mode.kind === 'browse') {
      accepted.complaint = reason;
      this.mode = accepted;
    } else this.say(reason, 'error');
    this.version++;
    this.fit();
  }

  /**
   * Another run over the same captures, judged by `settings`: the place is kept as far as it is there.
   * @param setting what was asked for, in the words of the user
   */
  adopt(run: RunLike, settings: ScreenSettings, setting: string): void {
    const flow = this.view === 'flows' ? this.flows.selected : undefined;
    this.#flowSeeking = flow && new FlowSeeking(flow, setting);
    this.#seeking = this.#place();
    this.#rejudging ??= new Rejudging(this.run, this.connection);
    this.#rejudging.add(setting);
    this.takeUp(run, settings);
    this.say('judging again', 'dim');
    this.fit();
  }

  /** Another capture is looked at, in place of those before. */
  begin(run: RunLike): void {
    this.closeMode();
    this.#rejudging = undefined;
    this.#seeking = undefined;
    this.beginWith(run);
    this.version++;
    this.fit();
  }

  /** Brings lists, windows and choices together again after anything has changed. */
  fit(): void {
    this.updateLists(undefined);
    if (this.connection === 0) this.selectConnection(this.lists.connections[0] ?? 0);
    const isOfMessages =
      this.view !== 'held' && PANES_OF[this.view].some(kind => kind === 'messages' || kind === 'fields');
    if (isOfMessages) chooseSomeMessage(this);
    if (this.view === 'findings' && !this.finding) this.selectFinding(this.lists.findings[0] ?? -1);
    this.#followTail();
    for (const area of this.areas) fitPane(this, area);
    if (this.mode.kind === 'notice') {
      const { lines } = this.mode;
      this.window('notice').fit(lines.length, noticeRows(this.height));
    } else if (this.mode.kind === 'picker') fitPicker(this, this.mode);
    else if (this.mode.kind === 'columns') {
      this.window('notice').fit(this.mode.rows.length, noticeRows(this.height));
    }
  }

  // Within

  #pressInView(key: string): void {
    const { mode } = this;
    const name = this.#begun + key;
    this.#begun = '';
    const row = this.keys.rowOf(name, this.view) ?? this.keys.rowOf(key, this.view);
    if (mode.kind === 'notice' && pressInNotice(this, row?.action)) return;
    if (!row) {
      if (this.keys.begins(key)) this.#begun = key;
      else this.say(`no such key; ${this.keys.print('help')} lists the keys`, 'dim');
      return;
    }
    this.said = undefined;
    // After the user has moved on, do not jump back to the place from the previous run.
    if (row.group === 'Move' || row.group === 'Find') this.#seeking = undefined;
    // Who goes elsewhere does not want to be taken away from there.
    if (row.action !== 'back' && ['Move', 'Go', 'Find'].includes(row.group)) this.searching = undefined;
    if (holdsIn(row, this.view)) perform(this, row.action);
    else this.say(`not in ${VIEW_TITLES[this.view]}: ${row.help}`, 'dim');
  }

  #choose({ choices, again }: ChoiceMode, key: string): void {
    const name = this.#begun + key;
    this.#begun = '';
    const no = choices.find(({ isNo }) => isNo);
    const choice = choices.find(known => known.key === key) ?? (key === 'escape' || key === 'enter' ? no : undefined);
    // Half of ZZ is no answer yet.
    if (!choice && again && name === key && this.keys.begins(key)) {
      this.#begun = key;
      return;
    }
    const quits = (this.keys.rowOf(name, this.view) ?? this.keys.rowOf(key, this.view))?.action === 'quit';
    if (!choice && no && !(quits && again)) return;
    this.mode = BROWSE;
    this.said = undefined;
    if (choice) choice.run();
    else if (quits) again?.();
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
      // A question may come first, about what it asks for.
      if (this.mode.kind === 'browse' || this.mode.kind === 'choice') this.#accepted = mode;
    }
  }

  /** What has come is taken into the lists, and what was looked for is perhaps there now. */
  #takeIn(now: () => number): void {
    if (this.updateLists(now)) this.version++;
    if (this.view === 'statistics' && this.updateStatistics(now)) this.version++;
    this.#tellNews();
    this.#seek();
    this.marks.seek(this.history);
    this.#reportRejudging();
    this.#seekFlow();
  }

  #reportRejudging(): void {
    const report = this.#rejudging?.finish(this.run);
    if (!report) return;
    this.#rejudging = undefined;
    this.say(report.summary, report.lines.length === 0 ? 'plain' : 'strong');
    if (report.lines.length > 0 && this.mode.kind === 'browse') this.showNotice(report.title, report.lines);
    this.version++;
  }

  #tellNews(): void {
    const news = this.captures.news(this.run) ?? this.memory.news?.();
    if (news !== undefined) this.notify(news, 'warning');
  }

  #seek(): void {
    if (!this.#seeking) return;
    const message = messageAt(this.history, this.#seeking);
    if (message >= 0) this.selectMessage(message, true);
    if (message >= 0 || this.run.state !== 'reading') this.#seeking = undefined;
  }

  /** The flow that was chosen has become a connection: shows it, if the user still waits where it was. */
  #seekFlow(): void {
    const seeking = this.#flowSeeking;
    if (!seeking) return;
    const connection = seeking.find(this.history);
    if (connection === 0 && this.run.state === 'reading') return;
    this.#flowSeeking = undefined;
    if (connection === 0) this.notify(seeking.failure, 'warning');
    else if (this.view === 'flows') {
      this.selectConnection(connection);
      this.goTo('connections');
    }
  }

  /** What can be found again: the chosen message, else the first of the connection. */
  #place(): Viewpoint | undefined {
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

  #runCounting(until: number, now: () => number): boolean {
    const { counting } = this;
    if (!counting || this.view !== 'counts' || counting.isDone) return false;
    const before = counting.version;
    const isMore = counting.run(until, now);
    if (counting.version !== before) this.version++;
    return isMore;
  }

  #runSearch(until: number, now: () => number): boolean {
    const { searching } = this;
    if (!searching) return false;
    const isMore = searching.run(until, now);
    if (searching instanceof RowSearch) {
      if (!isMore) finishRowSearch(this, searching);
    } else if (!isMore) finishSearch(this, searching);
    this.version++;
    return isMore;
  }

  #layOutStream(until: number, now: () => number): boolean {
    const { stream } = this;
    if (!stream || this.view !== 'stream') return false;
    const isMore = stream.run(until, now);
    if (stream.isNews()) this.version++;
    return isMore;
  }

  #announceFindings(now: number): void {
    const { arrivals, said } = this;
    const before = arrivals.arrived;
    if (arrivals.look(this.run, now)) this.emit({ kind: 'bell' });
    // An answer to a key has been read by then; a warning may not have been.
    if (arrivals.arrived !== before && (said?.role === 'plain' || said?.role === 'dim')) this.said = undefined;
  }

  /** Progress and rates change without a message. */
  #noteRun(): void {
    const { state, read } = this.run;
    const seen = `${state} ${read} ${this.history.version} ${this.proxy?.version} ${this.interception?.version}`;
    if (seen !== this.#runSeen) this.version++;
    this.#runSeen = seen;
  }

  #followTail(): void {
    if (!this.following || this.paused || !this.run.live) return;
    const { connections, messages, findings } = this.lists;
    if (this.view === 'findings') this.selectFinding(findings[findings.length - 1] ?? -1);
    else if (this.view === 'connections') this.selectConnection(connections[connections.length - 1] ?? 0);
    else if (PANES_OF[this.view].includes('messages')) this.selectMessage(messages[messages.length - 1] ?? -1);
  }
}

const NO: Choice = { key: 'n', label: 'no', run: () => {}, isNo: true };
