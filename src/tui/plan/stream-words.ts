/** What is said of a followed conversation: its title, with what is left out of it, and why there is nothing to see. */

import { hexOffset, type StreamForm } from '../../history/stream-forms.ts';
import type { StreamSides } from '../../history/stream-rows.ts';
import { counted, grouped } from '../../report/numbers.ts';
import type { ModelState } from '../model/state.ts';
import { shown } from '../text/cells.ts';

const FORM: Readonly<Record<StreamForm, string>> = { text: 'text', hex: 'hex dump', array: 'C array' };
const SIDES: Readonly<Record<StreamSides, string>> = {
  both: 'both sides',
  client: 'client only',
  server: 'server only',
};

/** `Stream of connection 1: text, both sides; client 5,120 bytes, server 80 bytes` */
export function streamTitle({ stream: view, history, keys }: ModelState): string {
  if (!view) return 'Stream';
  const { form, sides, stream, rows } = view;
  const [client, server] = stream.sizes;
  const parts = [
    `Stream of ${shown(view.title)}: ${FORM[form]}, ${SIDES[sides]}`,
    `> ${counted(client, 'byte')}, < ${counted(server, 'byte')}`,
  ];
  if (stream.leftOut > 0) parts.push(`${counted(stream.leftOut, 'datagram')} of other connections left out`);
  const { capture, until } = view.follower.flow;
  if (stream.isWhole && history.captures[capture].packets > until)
    parts.push(`up to frame ${until}, ${keys.print('follow-stream')} reads on`);
  if (stream.isCut) parts.push('the rest is not kept: too long');
  if (stream.problem !== undefined) parts.push(shown(stream.problem));
  if (!stream.isWhole) parts.push(`reading, ${Math.floor(stream.progress * 100)} %`);
  else if (!rows.isDone) parts.push(`${grouped(rows.count)} rows so far`);
  return parts.join('; ');
}

export function streamEmpty({ stream: view, keys }: ModelState): string {
  if (!view) return `${keys.print('follow-stream')} on a connection or message follows its stream`;
  if (!view.isDone) return 'reading the capture';
  const [client, server] = view.stream.sizes;
  if (client + server === 0) return 'no byte was captured';
  return view.sides === 'client' ? 'the client sent nothing' : 'the server sent nothing';
}

/** Where the chosen row stands: its frame, and its byte among those of its side. */
export function streamPlace(model: ModelState): string | undefined {
  const { stream: view } = model;
  const { selected } = model.window('stream');
  if (!view || selected >= view.rows.count) return undefined;
  const { side, chunk, offset } = view.rows.row(selected);
  const at = view.stream.offset(chunk) + offset;
  const who = side === 0 ? 'client' : 'server';
  return `frame ${view.stream.frame(chunk)}, ${who}, byte ${grouped(at)} (0x${hexOffset(at)})`;
}

/** What the keys of the view would show instead. */
export function streamHints({ stream: view, keys }: ModelState): readonly string[] {
  if (!view) return [];
  const next = { text: 'hex', hex: 'C array', array: 'text' }[view.form];
  const sides = { both: 'client', client: 'server', server: 'both' }[view.sides];
  return [
    keys.hint('stream-form', next),
    keys.hint('stream-sides', sides),
    keys.hint('export', 'write'),
    keys.hint('enter', 'message'),
  ];
}
