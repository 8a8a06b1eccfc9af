/**
 * What is done about what the proxy holds by lines that are written. The model only asks for it (effects.ts); who does it
 * says what came of it. Each function returns one line that says what is wrong, or nothing when it was done.
 */
import type { Sample } from '../../proxy/editing.ts';
import { UsageError } from '../../settings/words.ts';
import type { InterceptAct } from './effects.ts';
import { filterProblem } from './filtering.ts';
import type { Interception } from './interception.ts';
import type { ModelState } from './state.ts';

const NO_PROXY = 'only a proxy that was started with --break-on holds messages';

export function act(model: ModelState, what: InterceptAct): void {
  model.emit({ kind: 'intercept', act: what });
}

export function acceptBreakOn(model: ModelState, text: string): string | undefined {
  if (!model.interception) return NO_PROXY;
  const filter = text.trim();
  const problem = filter === '' ? undefined : filterProblem(filter, model.catalogue);
  if (problem) return `column ${problem.column}: ${problem.reason}`;
  act(model, { kind: 'break-on', filter: filter === '' ? undefined : filter });
  return undefined;
}

/** A line that begins so leaves lengths and checksums as they are, however wrong the change makes them. */
const AS_THEY_ARE = /^\s*!\s*/;

/** What a line changes behind its `!`, where it has one, and whether what the change makes wrong is made right. */
export function changeIn(text: string): { readonly change: string; readonly mend: boolean } {
  const change = text.replace(AS_THEY_ARE, '');
  return { change, mend: change === text };
}

export function acceptEdit(model: ModelState, text: string): string | undefined {
  return changing(model, interception => {
    const { change, mend } = changeIn(text);
    if (change.trim() === '') throw new UsageError('write FIELD = VALUE after the !');
    const row = interception.aimed();
    const note = interception.edit(row, mend, (unit, options) => interception.editing.set(unit, change, options));
    sayChanged(model, row.unit.id, note, mend);
  });
}

export function acceptBytes(model: ModelState, text: string): string | undefined {
  return changing(model, interception => {
    const { change, mend } = changeIn(text);
    const digits = change.replace(/\s/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw new UsageError('bytes in hex, two digits each');
    const row = interception.aimed();
    const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
    const note = interception.edit(row, mend, (unit, options) => interception.editing.replace(unit, bytes, options));
    sayChanged(model, row.unit.id, note, mend);
  });
}

function sayChanged(model: ModelState, hold: number, note: string, mend: boolean): void {
  model.say(`hold ${hold}: ${note}${mend ? '' : ', lengths and checksums unchanged'}; a forwards it`);
}

/** `:faults drop=5%; delay=20ms`; alone: none. */
export function acceptFaults(model: ModelState, text: string): string | undefined {
  if (!model.interception) return NO_PROXY;
  const texts = text.split(';').map(one => one.trim());
  act(model, { kind: 'faults', texts: texts.filter(one => one !== '') });
  return undefined;
}

/** The side, the message's name, in quotes where it has blanks, and what is set. */
const SENT = /^(?:(client|server)\s+)?(?:"([^"]+)"|([^\s"]+))\s*([\s\S]*)$/;

/** `:send DATA mnet.sequence = 40`, to the server; `:send client "DATA (server)" ...` to the other one. */
export function acceptSend(model: ModelState, text: string): string | undefined {
  return changing(model, interception => {
    const [, side, quoted, word, assignments] = SENT.exec(text.trim()) ?? [];
    const name = quoted ?? word;
    if (name === undefined) throw new UsageError('a message has a name: send DATA mnet.sequence = 40');
    const { flow, pair, to: usual } = destinationOf(model, interception);
    const to = side === 'client' || side === 'server' ? side : usual;
    const destination = { flow, pair, to, like: sampleOf(model) };
    const { wire, note } = interception.editing.compose(destination, { name, assignments: assignments ?? '' });
    act(model, { kind: 'send', flow, to, bytes: wire, note });
  });
}

function changing(model: ModelState, does: (interception: Interception) => void): string | undefined {
  const { interception } = model;
  if (!interception) return NO_PROXY;
  try {
    does(interception);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** The flow of what is chosen, and who is usually said something there: who was to get the hold, else the server. */
function destinationOf(model: ModelState, { selected, flows }: Interception) {
  if (model.view === 'held' && selected) {
    const { flow, pair, from } = selected.unit;
    return { flow, pair, to: from === 'client' ? 'server' : 'client' } as const;
  }
  const { connection, history } = model;
  const { connections } = history;
  const own = flows.filter(
    ({ client, server }) =>
      connection > 0 && client === connections.client(connection) && server === connections.server(connection),
  );
  const [flow, ...others] = own.length > 0 ? own : flows;
  if (!flow) throw new UsageError('no flow is open');
  if (others.length > 0) throw new UsageError('several flows are open: select the connection, or a held message of it');
  return { flow: flow.flow, pair: flow.pair, to: 'server' } as const;
}

/** A message of the connection that is chosen; undefined where the name alone must tell what it is. */
function sampleOf({ view, interception, message, history, run }: ModelState): Sample | undefined {
  if (view === 'held') return interception?.selected?.message;
  return message < 0 ? undefined : history.recall(message, run.bytes);
}
