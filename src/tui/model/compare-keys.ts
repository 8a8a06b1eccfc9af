/** What keys do to compare two messages or two connections: take the first, compare a second with it, go to either. */

import { MESSAGE_VIEWS } from '../views.ts';
import { compareConnections } from './compared-connections.ts';
import { compareMessages } from './compared-messages.ts';
import { Comparison, type ToCompare } from './comparison.ts';
import type { ModelState } from './state.ts';

/** `=`: takes what is chosen as the first; on a second one compares them; on the first again, or where they are compared, forgets it. */
export function compare(model: ModelState): void {
  const { view, toCompare: first } = model;
  if (view === 'compare') {
    model.toCompare = undefined;
    model.goBack();
    return;
  }
  const second = chosen(model);
  if (!second) {
    model.say('no message or connection here to compare', 'dim');
    return;
  }
  const words = inWords(model, second);
  if (first?.of === second.of && first.number === second.number) {
    model.toCompare = undefined;
    model.say(`${words} is no longer picked`);
    return;
  }
  if (first?.of === second.of) {
    open(model, first, second);
    return;
  }
  model.toCompare = second;
  const instead = first ? `, in place of ${inWords(model, first)}` : '';
  model.say(`${words} is picked${instead}; = on another ${second.of} compares them, = here again forgets it`);
}

export function inWords({ history }: ModelState, { of, number }: ToCompare): string {
  return of === 'message' ? `frame ${history.messages.frame(number)}` : `connection ${number}`;
}

/** `Enter`: to the message that the chosen row is about. */
export function goFromComparison(model: ModelState): void {
  const { comparison } = model;
  const { selected } = model.window('compared');
  const message = comparison && selected < comparison.count ? comparison.messageOf(selected) : -1;
  if (message < 0) {
    model.say('no message in this row to go to', 'dim');
    return;
  }
  model.marks.remember(model.history, model.message);
  model.following = false;
  model.selectMessage(message, true);
  model.goTo('conversation');
}

/** What is chosen where one is: in the list of connections one of them, elsewhere a message, that of a finding too. */
function chosen({ view, connection, message, findingIndex, history }: ModelState): ToCompare | undefined {
  if (view === 'connections') return connection > 0 ? { of: 'connection', number: connection } : undefined;
  const number = view === 'findings' ? history.findings.messageOf(findingIndex) : message;
  const hasMessages = view === 'findings' || MESSAGE_VIEWS.includes(view);
  return hasMessages && number >= 0 ? { of: 'message', number } : undefined;
}

function open(model: ModelState, first: ToCompare, second: ToCompare): void {
  const { history, run } = model;
  model.comparison = new Comparison(
    first.of === 'message'
      ? compareMessages(history, run.bytes, first.number, second.number)
      : compareConnections(history, first.number, second.number, protocol => dialectOf(model, protocol)),
  );
  model.window('compared').fit(0, 1);
  model.goTo('compare');
}

/** `byteOrder=little, tags=sender`: what the run has settled on so far. */
function dialectOf({ run }: ModelState, protocol: string): string {
  const { dialect = {} } = run.report().protocols.find(({ id }) => id === protocol) ?? {};
  return Object.entries(dialect)
    .map(([option, value]) => `${option}=${typeof value === 'string' ? value : value.join('/')}`)
    .join(', ');
}
