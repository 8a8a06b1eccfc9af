/** A model over a finished run, and what a test reads of its screen. */

import { Model, type ModelOptions, type RunLike } from '../../src/tui/model/model.ts';
import { compose } from '../../src/tui/plan/compose.ts';
import type { Line } from '../../src/tui/text/line.ts';
import type { PaneKind } from '../../src/tui/views.ts';
import { historyOf, type PastRun } from './history.ts';

/** A run that is over, or, with `more`, in another state. */
export function runOf({ history, bytes, engine }: PastRun, more: Partial<RunLike> = {}): RunLike {
  return {
    history,
    bytes,
    state: 'ended',
    read: 1,
    total: 1,
    live: false,
    rates: () => ({ packets: 0, messages: 0 }),
    report: () => engine.report(),
    unreadable: [],
    ...more,
  };
}

export function modelOf(past: PastRun, options: Partial<ModelOptions> = {}, more: Partial<RunLike> = {}): Model {
  const model = new Model(runOf(past, more), {
    settings: { decodeAs: [], dialects: [] },
    themes: ['dark', 'light'],
    ...options,
  });
  model.resize(160, 50);
  return model;
}

export async function modelOver(capture: string, options: Partial<ModelOptions> = {}): Promise<Model> {
  return modelOf(await historyOf(capture), options);
}

/** Keys by name, parted by blanks; a word in quotes is typed. `press(model, '/ "type == DATA" enter')` */
export function press(model: Model, keys: string): Model {
  for (const [, typed, key] of keys.matchAll(/"([^"]*)"|(\S+)/g)) {
    if (typed === undefined) model.press(key);
    else for (const character of typed) model.press(character === ' ' ? 'space' : character);
  }
  return model;
}

/** A clock that only goes forward, from test to test. */
let clock = 0;
const now = () => clock++;

/** Lets the model do all it has to do, and then some time go by. */
export function settle(model: Model): Model {
  for (let rounds = 0; model.tick(50, now) && rounds < 10_000; rounds++);
  clock += 1_000_000;
  model.tick(50, now);
  return model;
}

export function textOf({ spans }: Line): string {
  return spans.map(({ text }) => text).join('');
}

export function paneText(model: Model, kind: PaneKind): string[] {
  return (
    compose(model)
      .panes.find(pane => pane.kind === kind)
      ?.lines.map(textOf) ?? []
  );
}

export function barText(model: Model, kind: string): string {
  const bar = compose(model).bars.find(found => found.kind === kind);
  return bar ? textOf(bar.line) : '';
}

/** The frames of the messages that the conversation lists. */
export function framesListed(model: Model): number[] {
  return Array.from(model.lists.messages, message => model.history.messages.frame(message));
}
