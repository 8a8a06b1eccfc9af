/**
 * Runs the model on a terminal: keys in, screens out, and in between the effects that the model asks for. The captures
 * are read in this very process, a chunk at a time; everything here is done in slices short enough that a key is
 * answered at once while that goes on. The first screen is drawn before anything is read.
 *
 * Around it: `keys.ts` and `views.ts` are the tables that everything else uses, `run.ts` reads the captures, `following.ts`
 * one conversation of them, `errands.ts` does what takes its time outside, `watched-proxy.ts` is a proxy as it is handed in,
 * `intercepting.ts` what it holds. `model/` is what is looked at and what keys do to it, pure; `panes/` makes the lines of
 * each pane from a history; `plan/` puts them together as a plan of the screen; `text/` is what lines are made of; `screen/`
 * alone knows the terminal and blessed.
 */
import type { StoredCapture } from '../capture/stored.ts';
import type { AppOptions } from './app-options.ts';
import { Errands } from './errands.ts';
import { readStream } from './following.ts';
import { Intercepting } from './intercepting.ts';
import { openCaptures } from './model/capture-picker.ts';
import type { Effect, FollowEffect, InterceptAct, ScreenSettings } from './model/effects.ts';
import { Model } from './model/model.ts';
import { ProxyLog } from './model/proxy-log.ts';
import { compose } from './plan/compose.ts';
import { Run } from './run.ts';
import { Charts } from './screen/charts.ts';
import { Clicks } from './screen/clicks.ts';
import { InputDecoder, type InputEvent } from './screen/input.ts';
import { Screen } from './screen/screen.ts';
import { Terminal, type Tty } from './screen/terminal.ts';
import { Themes } from './screen/themes.ts';

/** Milliseconds between two screens: after a key, and when only data has come. */
const AFTER_KEY = 16;
const AFTER_DATA = 200;
/** The same where somebody waits for what they have just done to the proxy's clients. */
const AFTER_TRAFFIC = 100;
/** Milliseconds that a slice of the model's own work may take. */
const SLICE = 8;
/** After which a lone escape character is the key. */
const ESCAPE_PATIENCE = 30;
const ROWS_PER_NOTCH = 3;
/** Rates fall while nothing comes, too, and what was put off is done when nothing else happens any more. */
const HEARTBEAT = 500;

/** What was looked at. */
export interface Look {
  /** The last run. */
  readonly run: Run;
  /** It had come to its end before the user quit. */
  readonly isComplete: boolean;
  /** Resolves when the run has come to its end; rejects for a fault of the program. */
  readonly reading: Promise<void>;
  /** The proxy is to go on without the screen. */
  readonly keepsProxy: boolean;
}

/** Shows the captures until the user quits; the terminal is given back then. */
export async function runApp(tty: Tty, options: AppOptions): Promise<Look> {
  const terminal = new Terminal(tty);
  try {
    terminal.take();
    const app = new App(tty, terminal, options);
    return await app.untilQuit().finally(() => app.end());
  } finally {
    terminal.giveBack();
    tty.close();
  }
}

class App {
  #run: Run;
  #reading: Promise<void> = Promise.resolve();
  #keepsProxy = false;
  readonly #tty: Tty;
  readonly #terminal: Terminal;
  readonly #options: AppOptions;
  readonly #input = new InputDecoder();
  readonly #model: Model;
  readonly #intercepting: Intercepting | undefined;
  readonly #errands: Errands;
  readonly #themes: Themes;
  /** What is looked at: what was named, or chosen since. */
  #captures: readonly StoredCapture[];
  #unwatch: () => void = () => {};
  readonly #screen: Screen;
  readonly #charts: Charts;
  /** Milliseconds between two screens when only data has come. */
  readonly #afterData: number;
  #quit: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #ended = false;
  /** When the last screen was drawn, when the next one is due, and what calls that off. */
  #drawnAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.POSITIVE_INFINITY;
  #undraw: () => void = () => {};
  #drawnVersion = -1;
  #isWorking = false;
  #isDataAwaited = false;
  readonly #clicks = new Clicks();

  constructor(tty: Tty, terminal: Terminal, options: AppOptions) {
    this.#tty = tty;
    this.#terminal = terminal;
    this.#options = options;
    const { settings, filter, captures, unopened, proxy, memory, keys, bell } = options;
    this.#themes = new Themes(options);
    this.#captures = captures;
    this.#screen = new Screen(tty.output, tty.environment.TERM, this.#themes.named(this.#themes.first));
    this.#charts = new Charts(this.#screen);
    this.#afterData = proxy ? AFTER_TRAFFIC : AFTER_DATA;
    this.#run = this.#newRun(settings);
    this.#intercepting = options.interception && new Intercepting(options.interception);
    this.#model = new Model(this.#run, {
      settings,
      themes: this.#themes.names,
      theme: this.#themes.first,
      keys,
      bell,
      unopened,
      captures: captures.length + unopened.length,
      proxy: proxy && new ProxyLog(proxy.listens),
      interception: this.#intercepting?.model,
      memory,
      ...(filter !== undefined && { filter }),
    });
    this.#errands = new Errands(options.hosts, {
      model: this.#model,
      tty,
      run: () => this.#run,
      lookAt: capture => this.#lookAt(capture),
      changed: () => this.#drawWithin(AFTER_KEY),
      isOver: () => this.#ended,
    });
    if (!proxy && this.#model.captures.count === 0) openCaptures(this.#model);
  }

  async untilQuit(): Promise<Look> {
    const over = new Promise<void>((resolve, reject) => {
      this.#quit = resolve;
      this.#fail = reject;
    });
    this.#terminal.onReturn = () => this.#redraw();
    this.#tty.onResize(() => this.#redraw());
    this.#tty.onInput(bytes => this.#take(this.#input.push(bytes)));
    this.#redraw();
    this.#performAll();
    this.#beat();
    this.#startRun();
    this.#watchProxy();
    await over;
    const [run, reading] = [this.#run, this.#reading];
    return { run, reading, isComplete: run.state === 'ended', keepsProxy: this.#keepsProxy };
  }

  end(): void {
    this.#ended = true;
    this.#undraw();
    this.#unwatch();
    this.#run.onChange = () => {};
    if (!this.#options.proxy) this.#run.stop();
  }

  #watchProxy(): void {
    const { proxy } = this.#options;
    this.#unwatch = this.#intercepting?.watch(() => this.#dataCame()) ?? this.#unwatch;
    const log = this.#model.proxy;
    if (!proxy || !log) return;
    this.#terminal.mayEndInOrder = () => {
      this.#quit();
      return true;
    };
    proxy.watch({
      happened: event => {
        log.add(event);
        if (event.kind === 'recording' || event.kind === 'failure') this.#model.notify(event.text, 'error');
        this.#dataCame();
      },
      ended: reason => {
        log.end(reason);
        this.#model.notify(`the proxy has ended: ${reason}; what was seen stays here, q quits`, 'strong');
        this.#dataCame();
      },
      leave: () => this.#quit(),
    });
  }

  // What comes in

  #take(events: readonly InputEvent[]): void {
    this.#intercepting?.catchUp();
    for (const event of events) {
      if (this.#ended) return;
      this.#takeOne(event);
      this.#performAll();
      this.#intercepting?.catchUp();
    }
    if (this.#input.pending) this.#awaitRest();
    if (events.length === 0) return;
    // What the key asks for is mostly there within a slice, and is then drawn without waiting for a chunk to be read.
    this.#model.tick(SLICE, () => this.#tty.now());
    if (this.#tty.now() - this.#drawnAt >= AFTER_KEY) this.#draw();
    else this.#drawWithin(AFTER_KEY);
    this.#work();
  }

  #takeOne(event: InputEvent): void {
    if (event.kind === 'key') this.#model.press(event.key);
    else if (event.kind === 'paste') this.#model.paste(event.text);
    else if (event.action === 'press')
      this.#model.click(event.x, event.y, this.#clicks.isDouble(event, this.#tty.now()));
    else if (event.action === 'drag') this.#model.drag(event.x, event.y);
    else this.#model.wheel(event.x, event.y, event.action === 'wheelup' ? -ROWS_PER_NOTCH : ROWS_PER_NOTCH);
  }

  #awaitRest(): void {
    this.#tty.after(ESCAPE_PATIENCE, async () => {
      // The rest may have come while something else took its time.
      await this.#tty.turn();
      if (!this.#ended) this.#take(this.#input.flush());
    });
  }

  // What is asked for

  #performAll(): void {
    for (const effect of this.#model.takeEffects()) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#keepsProxy = effect.keepProxy === true;
        if (this.#keepsProxy) this.#intercepting?.forwardRest();
        this.#quit();
        break;
      case 'suspend':
        this.#terminal.suspend();
        break;
      case 'bell':
        this.#terminal.bell();
        break;
      case 'redraw':
        this.#redraw();
        break;
      case 'copy':
      case 'write':
      case 'export':
      case 'browse':
      case 'open':
        this.#errands.run(effect).catch(error => this.#fail(error));
        break;
      case 'follow':
        this.#follow(effect).catch(error => this.#fail(error));
        break;
      case 'intercept':
        this.#intercept(effect.act);
        break;
      case 'rejudge':
        this.#rejudge(effect.settings, effect.setting);
        break;
      case 'theme':
        this.#charts.takeAway();
        this.#screen.setTheme(this.#themes.named(effect.name));
        this.#redraw();
        break;
    }
  }

  async #follow({ follower }: FollowEffect): Promise<void> {
    const isWanted = () => !this.#ended && this.#model.stream?.follower === follower;
    await readStream(follower, this.#run, { turn: () => this.#tty.turn(), isWanted, onRead: () => this.#dataCame() });
  }

  #intercept(act: InterceptAct): void {
    const outcome = this.#intercepting?.perform(act);
    if (outcome?.isDone === false) this.#model.refuse(outcome.line);
    else if (outcome) this.#model.notify(outcome.line, 'good');
  }

  // Runs

  #newRun(settings: ScreenSettings): Run {
    const { engineOptions, proxy } = this.#options;
    const host = {
      pause: () => this.#tty.turn(),
      now: () => this.#tty.now(),
      onFinding: proxy?.onFinding,
      onConnection: proxy?.onConnection,
    };
    return new Run(engineOptions(settings), this.#captures, host);
  }

  #startRun(): void {
    const run = this.#run;
    run.onChange = () => this.#dataCame();
    this.#reading = run.start();
    this.#reading.catch(error => this.#fail(error));
  }

  #rejudge(settings: ScreenSettings, setting: string): void {
    this.#stopRun();
    this.#run = this.#newRun(settings);
    this.#model.adopt(this.#run, settings, setting);
    this.#startRun();
  }

  #lookAt(capture: StoredCapture): void {
    const before = this.#captures;
    this.#stopRun();
    Promise.allSettled([this.#reading, this.#errands.settled()]).then(() => {
      for (const old of before) old.close().catch(error => this.#fail(error));
    });
    this.#captures = [capture];
    this.#run = this.#newRun(this.#model.settings);
    this.#model.begin(this.#run);
    this.#startRun();
  }

  #stopRun(): void {
    this.#run.onChange = () => {};
    this.#run.stop();
  }

  /** Called for each chunk: often, and with little to show for it. */
  #dataCame(): void {
    if (this.#isDataAwaited) return;
    this.#isDataAwaited = true;
    this.#tty.after(this.#afterData, () => {
      this.#isDataAwaited = false;
      if (!this.#ended) this.#work();
    });
  }

  #beat(): void {
    this.#tty.after(HEARTBEAT, () => {
      if (this.#ended) return;
      if (this.#run.state === 'waiting') this.#drawWithin(this.#afterData);
      if (this.#intercepting && this.#intercepting.model.count > 0) this.#intercepting.look();
      this.#work();
      this.#beat();
    });
  }

  /** Gives the model slices of time for as long as it has use for them. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      this.#intercepting?.catchUp();
      let isMore = true;
      while (isMore && !this.#ended) {
        isMore = this.#model.tick(SLICE, () => this.#tty.now());
        this.#performAll();
        if (this.#model.version !== this.#drawnVersion) this.#drawWithin(this.#afterData);
        if (isMore) await this.#tty.turn();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isWorking = false;
    }
  }

  // What goes out

  /** Draws once it is so long since the last screen; an earlier appointment holds. */
  #drawWithin(milliseconds: number): void {
    const due = Math.max(this.#tty.now(), this.#drawnAt + milliseconds);
    if (due >= this.#dueAt) return;
    this.#undraw();
    this.#dueAt = due;
    this.#undraw = this.#tty.after(due - this.#tty.now(), () => this.#draw());
  }

  /** Draws everything at once: the terminal shows something else, or has another size. */
  #redraw(): void {
    const { columns, rows } = this.#tty.output;
    this.#screen.reset();
    this.#model.resize(columns, rows);
    this.#draw();
  }

  #draw(): void {
    this.#undraw();
    this.#dueAt = Number.POSITIVE_INFINITY;
    // While stopped, the shell has the screen; ours is redrawn on return.
    if (this.#ended || !this.#terminal.isOurs) return;
    const plan = compose(this.#model);
    this.#screen.draw(this.#charts.over(plan, () => this.#model.statistics, this.#model.window('statistics').top));
    this.#drawnVersion = this.#model.version;
    this.#drawnAt = this.#tty.now();
  }
}
