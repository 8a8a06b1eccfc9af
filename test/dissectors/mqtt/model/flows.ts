/** Identifiers: who uses which, and whether it is free. */
import type { Side } from '../../../kit/mqtt-net.ts';
import { bareFilter, isShared, matches } from './form.ts';
import type { Judge } from './judge.ts';
import { isForbidden } from './limits.ts';
import { numberOf, type Packet } from './read.ts';
import { type Flow, isLeftOver, type Link } from './state.ts';
import type { Seen } from './wire.ts';

/** Flows of a sender under an identifier, those that broke a rule behind the others. */
export function flowsUnder({ session }: Link, sender: Side, id: number): Flow[] {
  const all = session.flows.filter(flow => flow.sender === sender && flow.id === id);
  return [...all.filter(({ weak }) => !weak), ...all.filter(({ weak }) => weak)];
}

export function flowInFlight(link: Link, sender: Side, id: number): Flow | undefined {
  return flowsUnder(link, sender, id).find(({ stage, weak }) => stage !== 'over' && !weak);
}

/**
 * Reports a new message under an identifier that is not free.
 * @returns whether that is so in this connection; a flow of an earlier one is over then
 */
export function isInUse(judge: Judge, link: Link, seen: Seen, id: number): boolean {
  const before = flowInFlight(link, seen.side, id);
  if (!before || judge.isFaulty) return false;
  const isOfThis =
    before.sent.some(({ wire }) => wire === link.wire) || before.released.some(({ wire }) => wire === link.wire);
  if (isOfThis) {
    judge.report('packet-id-in-use', seen);
    before.ambiguous = true;
    return true;
  }
  if (!isLeftOver(link, before) && !isExcused(link, before, seen.time)) judge.report('resume-id-in-use', seen);
  before.stage = 'over';
  return false;
}

/** Must this flow of an earlier connection be sent again? */
export function isExcused(link: Link, flow: Flow, now: number): boolean {
  if (flow.qos === 1 && now > flow.expires) return true;
  if (flow.discarded || isForbidden(link, flow.sender, flow.packet)) return true;
  return flow.qos === 1 && flow.sender === 'server' && isOfShared(link, flow.topic, flow.sent[0].time);
}

/** Was it subscribed as a share when it was sent? */
function isOfShared({ session, version }: Link, topic: string, then: number): boolean {
  const shared = session.subscriptions.filter(({ filter, sent }) => isShared(filter) && sent.time <= then);
  return version === 5 && shared.some(({ filter }) => matches(bareFilter(filter, version), topic));
}

/** Begins a flow. */
export function use(
  judge: Judge,
  link: Link,
  seen: Seen,
  packet: Packet,
  about: Pick<Flow, 'kind' | 'qos' | 'content' | 'topic'>,
): Flow {
  const id = packet.id ?? 0;
  const flow: Flow = {
    ...about,
    sender: seen.side,
    id,
    retain: (packet.flags & 1) !== 0,
    size: packet.size,
    expires: seen.time + numberOf(packet, 2, Number.POSITIVE_INFINITY),
    begun: link,
    packet,
    sent: [seen],
    released: [],
    acknowledged: [],
    completed: [],
    stage: 'sent',
    weak: judge.isFaulty,
    reopened: false,
    receipt: undefined,
    refusedIn: undefined,
    countedIn: undefined,
    excused: false,
    ambiguous: false,
    discarded: false,
  };
  link.session.flows.push(flow);
  link.session.used.add(`${seen.side} ${id}`);
  return flow;
}
