/**
 * Jumps: to marks and back, to a frame, to a connection, from a request to its answer. Where one was is remembered before each, so that two strokes lead
 * back. A message that is jumped to is shown though the filter hides it.
 */
import { MESSAGE_VIEWS } from '../views.ts';
import { isMarkLetter } from './marks.ts';
import { pairWords } from './pairing.ts';
import { messageAt, placeOf, rangeOf } from './places.ts';
import type { ModelState } from './state.ts';

export function mark(model: ModelState): void {
  const { view, history } = model;
  const kind = view === 'connections' ? 'connection' : 'message';
  const message = kind === 'connection' ? firstMessage(model) : model.message;
  if (message < 0) {
    model.say(`no ${kind} to mark`, 'dim');
    return;
  }
  const letter = model.marks.toggle(kind, message, history);
  if (letter === undefined) model.say('mark removed');
  else if (letter === '')
    model.say(
      `all 26 marks are in use: ${model.keys.print('mark')} on a marked row removes one, :mark a moves one`,
      'warning',
    );
  else model.say(`marked ${letter}: '${letter} comes back here`);
}

function firstMessage({ connection, history }: ModelState): number {
  return connection > 0 ? history.connections.first(connection) : -1;
}

/** `:mark a`. */
export function markAs(model: ModelState, letter: string): string | undefined {
  if (!isMarkLetter(letter)) return 'a mark is a letter from a to z';
  const kind = model.view === 'connections' ? 'connection' : 'message';
  const message = kind === 'connection' ? firstMessage(model) : model.message;
  if (message < 0) return `no ${kind} to mark`;
  model.marks.set(letter, kind, message, model.history);
  model.say(`marked ${letter}: '${letter} comes back here`);
  return undefined;
}

export function jump(model: ModelState): void {
  const { marks } = model;
  const choices = marks.letters.map(letter => ({ key: letter, label: '', run: () => jumpTo(model, letter) }));
  if (marks.before) choices.push({ key: "'", label: 'back', run: () => jumpBack(model) });
  if (choices.length === 0) model.say(`no marks yet: ${model.keys.print('mark')} sets one`, 'dim');
  else model.ask('jump to', choices);
}

function jumpTo(model: ModelState, letter: string): void {
  const found = model.marks.get(letter);
  if (!found || found.message < 0) {
    model.say(`mark ${letter} is not read yet`, 'dim');
    return;
  }
  const { history } = model;
  model.marks.remember(history, model.message >= 0 ? model.message : firstMessage(model));
  model.following = false;
  if (found.kind === 'message') goToMessage(model, found.message);
  else {
    model.selectConnection(history.messages.connection(found.message));
    model.goTo('connections');
  }
}

function jumpBack(model: ModelState): void {
  const { marks, history } = model;
  const message = marks.before ? messageAt(history, marks.before) : -1;
  if (message < 0) {
    model.say('the place before the jump is not read yet', 'dim');
    return;
  }
  marks.remember(history, model.message);
  goToMessage(model, message);
}

/** Shows a message, in the view one is in if that shows messages. */
function goToMessage(model: ModelState, message: number): void {
  model.following = false;
  model.selectMessage(message, true);
  if (!MESSAGE_VIEWS.includes(model.view)) model.goTo('conversation');
}

/** To the next message of those that belong together, and from the last to the first. */
export function goToPartner(model: ModelState): void {
  const { history, message, run } = model;
  if (message < 0) {
    model.say('no message selected', 'dim');
    return;
  }
  const exchange = history.pairs.exchange(message);
  if (exchange.length < 2) {
    const soFar = run.state === 'reading' ? ' so far' : '';
    model.say(`frame ${history.messages.frame(message)} answers nothing, and nothing answers it${soFar}`, 'dim');
    return;
  }
  const next = exchange[(exchange.indexOf(message) + 1) % exchange.length];
  model.marks.remember(history, message);
  goToMessage(model, next);
  model.say(`frame ${history.messages.frame(next)} ${pairWords(history, next)}`);
}

/** `:goto N`: the first message of the frame, or of the next one that has any; in the capture one is in. */
export function goToFrame(model: ModelState, text: string): string | undefined {
  if (!/^\d{1,10}$/.test(text)) return 'a frame is a number from 1';
  const { history } = model;
  const message = frameIn(model, Number(text));
  if (message < 0)
    return model.run.state === 'reading' ? `frame ${text} was not read yet` : `no message at frame ${text} or after it`;
  model.marks.remember(history, model.message);
  goToMessage(model, message);
  const frame = history.messages.frame(message);
  if (frame !== Number(text)) model.say(`frame ${text} ends no message; the next that does is ${frame}`);
  return undefined;
}

function frameIn({ history, message, connection }: ModelState, frame: number): number {
  if (history.captures.length < 2 || connection === 0) return history.messages.atFrame(frame);
  const capture = message >= 0 ? placeOf(history, message).capture : history.connections.capture(connection);
  const [first, end] = rangeOf(history, capture);
  return history.messages.atFrame(frame, first, end);
}

/** `:connection N`; 0 shows the messages of all. */
export function goToConnection(model: ModelState, text: string): string | undefined {
  const connection = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  const { connections } = model.history;
  if (connection !== 0 && !connections.has(connection)) return `connections are numbered 1 to ${connections.count}`;
  model.following = false;
  if (connection > 0) model.selectConnection(connection);
  model.goTo(connection === 0 ? 'messages' : 'conversation');
  return undefined;
}
