/** SUBSCRIBE, UNSUBSCRIBE and their answers, and whether a PUBLISH of the server has a subscription that explains it. */

import { isInUse, use } from './flows.ts';
import { bareFilter, isShared, matches } from './form.ts';
import type { Judge } from './judge.ts';
import type { Packet } from './read.ts';
import type { Flow, Link, Subscription } from './state.ts';
import type { Seen } from './wire.ts';

const SUBSCRIPTION_IDENTIFIER = 11;

export function subscribe(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const { type, id = 0, filters, fault } = packet;
  if (id === 0) return;
  const kind = type === 8 ? 'subscribe' : 'unsubscribe';
  const content = JSON.stringify([kind, filters]);
  const retried = link.session.flows.find(
    flow => flow.id === id && flow.kind === kind && flow.begun === link && flow.content === content,
  );
  if (retried && link.version < 5) {
    retried.sent.push(seen);
    note(link, retried, seen);
    return;
  }
  isInUse(judge, link, seen, id);
  const flow = use(judge, link, seen, packet, { kind, content, qos: 0, topic: '' });
  judge.wait(`${kind}-unanswered`, link, seen);
  if (!fault) note(link, flow, seen);
}

/** What this SUBSCRIBE, which may be a retry, asks for. */
function note({ session }: Link, flow: Flow, sent: Seen): void {
  const { filters, type, properties } = flow.packet;
  const identifier = properties.get(SUBSCRIPTION_IDENTIFIER)?.[0];
  const known = typeof identifier === 'number' ? identifier : undefined;
  if (type !== 8) return;
  filters.forEach(({ text, options }, place) => {
    session.subscriptions.push({ filter: text, options, identifier: known, flow, sent, place, granted: undefined });
  });
}

/** SUBACK or UNSUBACK of a flow, of that transmission. */
export function granted(judge: Judge, link: Link, flow: Flow, sent: Seen, seen: Seen, packet: Packet): void {
  const { codes, type } = packet;
  const asked = flow.packet.filters;
  if ((type === 9 || link.version === 5) && codes.length !== asked.length && !flow.weak) {
    judge.report(type === 9 ? 'suback-count' : 'unsuback-count', seen);
  }
  if (type !== 9) return;
  asked.forEach(({ options }, place) => {
    const code = codes[place];
    const subscription = link.session.subscriptions.find(one => one.sent === sent && one.place === place);
    if (code === undefined || !subscription) return;
    subscription.granted = code;
    if (code < 0x80 && code > (options & 3) && !judge.isFaulty && !flow.weak)
      judge.report('granted-above-requested', seen);
  });
}

const isRefused = ({ granted: code }: Subscription) => code !== undefined && code >= 0x80;

/** A PUBLISH of the server against all subscriptions that the session ever had. */
export function judgeDelivery(judge: Judge, link: Link, seen: Seen, packet: Packet, topic: string): void {
  const { session, version } = link;
  if (!session.known || judge.isFaulty) return;
  const taken = session.subscriptions.filter(one => !isRefused(one));
  const fitting = taken.filter(({ filter }) => matches(bareFilter(filter, version), topic));
  const isHidden = ({ filter }: Subscription) => topic.startsWith('$') && /^[+#]/.test(bareFilter(filter, version));
  const matching = fitting.filter(one => !isHidden(one));
  if (fitting.length > 0 && matching.length === 0) judge.report('dollar-topic-matched', seen);
  else if (matching.length === 0) judge.report('topic-not-subscribed', seen);
  judgeIdentifiers(judge, link, seen, packet, matching);
  if (matching.length === 0) return;
  const qos = (packet.flags >>> 1) & 3;
  const highest = Math.max(...matching.map(({ granted: code, options }) => code ?? options & 3));
  if (qos > highest) judge.report('qos-above-granted', seen);
  const allowsRetain = ({ filter, options }: Subscription) =>
    (options & 8) !== 0 || !(isShared(filter) || (options & 0x30) === 0x20);
  if (version === 5 && packet.flags & 1 && !matching.some(allowsRetain)) judge.report('retain-flag-unwanted', seen);
}

function judgeIdentifiers(judge: Judge, link: Link, seen: Seen, packet: Packet, matching: Subscription[]): void {
  if (link.version !== 5) return;
  const given = link.session.subscriptions.flatMap(({ identifier }) => identifier ?? []);
  const named = packet.properties.get(SUBSCRIPTION_IDENTIFIER) ?? [];
  if (named.some(identifier => !given.includes(Number(identifier)))) judge.report('subscription-id-unknown', seen);
  const isDue = matching.length > 0 && matching.every(({ identifier }) => identifier !== undefined);
  if (named.length === 0 && isDue) judge.report('subscription-id-missing', seen);
}
