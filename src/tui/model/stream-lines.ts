/** What lines that are typed do about a followed conversation: follow a connection, write what is followed to a file. */
import { type FollowedFlow, StreamFollower } from '../../history/stream-follower.ts';
import type { StreamForm } from '../../history/stream-forms.ts';
import { formatEndpoint } from '../../net/address.ts';
import { flowOf } from './connection-flow.ts';
import type { ModelState } from './state.ts';
import { StreamView } from './stream-view.ts';

/** Endings of files that say what is to be in them. */
const ENDINGS: Readonly<Record<string, StreamForm | 'raw'>> = {
  txt: 'text',
  hex: 'hex',
  c: 'array',
  h: 'array',
  bin: 'raw',
  raw: 'raw',
};
export const ENDING_OF: Readonly<Record<StreamForm, string>> = { text: 'txt', hex: 'hex', array: 'c' };

/** `:follow`, `:follow N`. */
export function followCommand(model: ModelState, argument: string): string | undefined {
  const connection = argument === '' ? model.connection : /^\d{1,10}$/.test(argument) ? Number(argument) : -1;
  const { connections } = model.history;
  if (argument !== '' && !connections.has(connection)) return `connections are numbered 1 to ${connections.count}`;
  return followConnection(model, connection);
}

/** Returns one line that says why there is nothing to follow, or nothing when it was asked for. */
export function followConnection(model: ModelState, connection: number): string | undefined {
  const { history, message, view } = model;
  if (connection === 0) return 'no connection to follow';
  const isOnMessage = view !== 'connections' && message >= 0 && history.messages.connection(message) === connection;
  const position = isOnMessage ? (history.places(message)[0]?.position ?? -1) : -1;
  openStream(model, flowOf(history, connection), connection, `connection ${connection}`, position);
  return undefined;
}

/** Follows the chosen flow of no known protocol. Returns one line that says why not, or nothing when it was asked for. */
export function followFlow(model: ModelState): string | undefined {
  const { flows, history } = model;
  if (!flows.selected) return 'no flow to follow';
  const { transport, ends, capture, frame } = flows.selected;
  const [client, server] = ends;
  const flow = { transport, client, server, capture, frame, until: history.captures[capture].packets };
  openStream(model, flow, 0, `${transport} ${formatEndpoint(client)} -> ${formatEndpoint(server)}`, -1);
  return undefined;
}

/**
 * Follows any flow, of a known protocol or not.
 * @param connection its number; 0 for a flow that is none
 * @param title in words: `connection 3`
 * @param position of a byte in its capture to begin at; -1 for its first one
 */
export function openStream(
  model: ModelState,
  flow: FollowedFlow,
  connection: number,
  title: string,
  position: number,
): void {
  const { history, run } = model;
  const follower = new StreamFollower(flow, history.captures[flow.capture], run.bytes);
  model.stream = new StreamView(follower, connection, title, position, model.stream);
  model.window('stream').fit(0, 1);
  model.emit({ kind: 'follow', follower });
  model.goTo('stream');
}

/** Returns one line that says what is wrong, or nothing when it was asked for. */
export function writeStream(model: ModelState, path: string): string | undefined {
  const { stream: view } = model;
  if (!view) return 'no stream to write';
  if (path === '') return 'a file needs a name';
  const { stream, sides } = view;
  if (!stream.isWhole) return `the capture is still being read: ${Math.floor(stream.progress * 100)} %`;
  const ending = /\.(\w+)$/.exec(path)?.[1].toLowerCase() ?? '';
  const format = Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : view.form;
  model.emit({ kind: 'export', path, format, scope: { kind: 'stream', stream, sides }, overwrite: false });
  return undefined;
}

export const WRITE_HINT = 'as shown; by file name: .txt text, .hex hex dump, .c or .h C array, .bin raw bytes';
