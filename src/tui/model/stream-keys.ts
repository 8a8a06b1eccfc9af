/** What keys do about a followed conversation: open it, show it otherwise, go from it to a message, name a file for it. */
import type { ModelState } from './state.ts';
import { ENDING_OF, followConnection, followFlow, openStream } from './stream-lines.ts';
import type { StreamView } from './stream-view.ts';

/** `F`: the conversation of the chosen connection or flow; where it is shown, what has come since, or back. */
export function followStream(model: ModelState): void {
  const { view, stream, history } = model;
  if (view === 'stream' && stream) {
    const { flow } = stream.follower;
    const { packets } = history.captures[flow.capture];
    if (packets > flow.until) openStream(model, { ...flow, until: packets }, stream.connection, stream.title, -1);
    else model.goBack();
    return;
  }
  const problem = view === 'flows' ? followFlow(model) : followConnection(model, model.connection);
  if (problem !== undefined) model.say(problem, 'dim');
}

export function nextForm(model: ModelState): void {
  model.stream?.nextForm(model.window('stream').selected);
}

export function nextSides(model: ModelState): void {
  model.stream?.nextSides(model.window('stream').selected);
}

/** `Enter`: to the message that the chosen row is a part of. */
export function goFromStream(model: ModelState): void {
  const { stream } = model;
  const { selected } = model.window('stream');
  if (!stream || selected >= stream.rows.count) {
    model.say('nothing to open here', 'dim');
    return;
  }
  const message = messageOf(model, stream, selected);
  if (message < 0) {
    model.say('these bytes are part of no message', 'dim');
    return;
  }
  model.marks.remember(model.history, model.message);
  model.following = false;
  model.selectMessage(message, true);
  model.goTo('conversation');
}

/** Messages of a side behind a row that are looked at: bytes that are part of none have none far behind them either. */
const MOST_LOOKED_AT = 1000;

/** The message that holds the first byte of a row; -1 for none. */
function messageOf({ history }: ModelState, { connection, rows, stream }: StreamView, row: number): number {
  if (connection === 0) return -1;
  const { messages, connections } = history;
  const { chunk, offset, side } = rows.row(row);
  const frame = stream.frame(chunk);
  const position = stream.position(chunk, offset);
  let left = MOST_LOOKED_AT;
  for (const message of connections.messagesOf(connection)) {
    // It is complete in the frame of its last byte.
    if (messages.frame(message) < frame || history.fromClient(message) !== (side === 0)) continue;
    if (left-- === 0) break;
    if (history.places(message).some(place => position >= place.position && position < place.position + place.length)) {
      return message;
    }
  }
  return -1;
}

/** The name that a file has if nobody gives it another one. It ends in what the form is called. */
export function streamName({ stream }: ModelState): string {
  if (!stream) return '';
  const name = stream.title.replace(/[^\w.-]+/g, '-');
  const side = stream.sides === 'both' ? '' : `-${stream.sides}`;
  return `${name}${side}.${ENDING_OF[stream.form]}`;
}
