/** Why a list has no rows, and what helps: an empty pane must not look like a clean bill. */
import type { KeyMap } from '../key-map.ts';
import type { Switches } from '../model/narrowing.ts';
import type { ModelState } from '../model/state.ts';
import { shown } from '../text/cells.ts';

export type ListKind = 'connections' | 'messages' | 'findings' | 'flows' | 'counts';

const THING: Readonly<Record<ListKind, string>> = {
  connections: 'connection',
  messages: 'message',
  findings: 'finding',
  flows: 'flow of no known protocol',
  counts: 'message',
};

export function emptyText({ filter, only, history, run, listed, proxy, keys }: ModelState, kind: ListKind): string {
  const isAny = kind === 'findings' ? history.findings.list.length > 0 : history.messages.count > 0;
  if (kind === 'flows')
    return run.state === 'ended' ? 'no UDP or TCP flow of an unknown protocol' : 'no such flow so far';
  if ((only.findings || only.marked) && isAny && kind !== 'counts') return `no ${THING[kind]} ${narrowed(only, keys)}`;
  if (filter && isAny) {
    if (!filter.isDone) return `no ${THING[kind]} that matches so far`;
    if (kind === 'connections') return 'no connection has a message that matches';
    const whose = kind === 'messages' && listed > 0 ? ' of this connection' : '';
    return `no ${THING[kind]}${whose} matches the filter`;
  }
  if (run.state !== 'ended') {
    const where = proxy?.isRunning && !isAny ? `; the proxy listens on ${shown(proxy.listens.join(', '))}` : '';
    return `no ${THING[kind]} so far${where}`;
  }
  if (history.messages.count > 0) return `no ${THING[kind]}`;
  const others =
    history.unknown.list.length > 0
      ? `${keys.print('view-8')} lists the flows`
      : `${keys.print('view-6')} shows what was read`;
  return `no message of a known protocol; ${keys.print('decode-as')} decodes a port as one, ${others}`;
}

function narrowed({ findings, marked }: Switches, keys: KeyMap): string {
  const [ofFindings, ofMarked] = [keys.print('only-findings'), keys.print('only-marked')];
  if (findings && marked) return `here is marked and has findings; ${ofFindings} and ${ofMarked} show all`;
  return findings ? `here has findings; ${ofFindings} shows all` : `here is marked; ${ofMarked} shows all`;
}
