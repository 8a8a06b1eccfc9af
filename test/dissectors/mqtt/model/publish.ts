/** PUBLISH: aliases, DUP, identifiers, the receiver's window, and what the server may deliver. */
import { otherSide, type Side } from '../../../kit/mqtt-net.ts';
import { flowInFlight, flowsUnder, isInUse, use } from './flows.ts';
import type { Judge } from './judge.ts';
import type { Packet } from './read.ts';
import { announced, type Flow, knowsConnack, type Link } from './state.ts';
import { judgeDelivery } from './subscriptions.ts';
import type { Seen } from './wire.ts';

const TOPIC_ALIAS = 35;

export function publish(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const wasReadable = packet.fault === undefined;
  const topic = wasReadable ? topicOf(judge, link, seen, packet) : undefined;
  const qos = (packet.flags >>> 1) & 3;
  if (qos > 0 && packet.id) transmit(judge, link, seen, packet, topic);
  if (seen.side === 'server' && topic !== undefined) judgeDelivery(judge, link, seen, packet, topic);
}

/** Resolves and sets aliases; undefined where nobody can tell the topic. */
function topicOf(judge: Judge, link: Link, seen: Seen, packet: Packet): string | undefined {
  const aliases = link.aliases[seen.side];
  const alias = packet.properties.get(TOPIC_ALIAS)?.[0];
  if (typeof alias !== 'number') return /[+#]/.test(packet.topic) ? undefined : packet.topic;
  if (alias === 0) return packet.topic || undefined;
  const limit = announced(link, otherSide(seen.side), 34, 0);
  if (alias > limit && knowsConnack(link, seen)) {
    judge.report('topic-alias-too-large', seen, link);
    return packet.topic || undefined;
  }
  if (packet.topic !== '') {
    aliases.set(alias, packet.topic);
    return packet.topic;
  }
  const topic = aliases.get(alias);
  if (topic === undefined) judge.report('topic-alias-unknown', seen, link);
  return topic;
}

function transmit(judge: Judge, link: Link, seen: Seen, packet: Packet, topic: string | undefined): void {
  const { id = 0, flags, payload } = packet;
  const qos = (flags >>> 1) & 3;
  const content = JSON.stringify([topic, qos, payload]);
  const about = { kind: 'publish', qos, content, topic: topic ?? '' } as const;
  if (judge.isFaulty) {
    // Its identifier was used; nobody must answer.
    const flow = use(judge, link, seen, packet, about);
    fill(judge, link, flow, seen);
    return;
  }
  const before = flowInFlight(link, seen.side, id);
  const isSame = before?.kind === 'publish' && before.content === content;
  const isDup = (flags & 8) !== 0;
  if (before && (isSame || (isDup && before.kind === 'publish'))) sendAgain(judge, link, before, seen, isDup);
  else if (isDup && !before) sendLate(judge, link, seen, packet, about);
  else begin(judge, link, seen, packet, about);
}

type About = Parameters<typeof use>[4];

function begin(judge: Judge, link: Link, seen: Seen, packet: Packet, about: About): void {
  const isSecond = isInUse(judge, link, seen, packet.id ?? 0);
  const flow = use(judge, link, seen, packet, about);
  if (!isSecond || link.version < 5) fill(judge, link, flow, seen);
  judge.wait('publish-unanswered', link, seen);
}

/** The same PUBLISH again while its identifier is in flight. */
function sendAgain(judge: Judge, link: Link, flow: Flow, seen: Seen, isDup: boolean): void {
  const isOfThis = flow.sent.some(({ wire }) => wire === link.wire);
  if (flow.stage === 'released') judge.report('publish-after-pubrel', seen);
  else if (!isDup) judge.report('dup-missing', seen);
  else if (isOfThis && link.version === 5) judge.report('resent-in-connection', seen);
  if (!isOfThis) {
    judgeOrder(judge, link, flow, seen);
    fill(judge, link, flow, seen);
    if (flow.stage !== 'released') judge.wait('publish-unanswered', link, seen);
  }
  flow.sent.push(seen);
}

/** In a resumed connection a younger PUBLISH of the client's was sent again before this one. */
function judgeOrder(judge: Judge, link: Link, flow: Flow, seen: Seen): void {
  if (seen.side !== 'client' || judge.isFaulty) return;
  const { flows } = link.session;
  const place = flows.indexOf(flow);
  const younger = flows.slice(place + 1).filter(one => one.sender === 'client' && one.begun !== link);
  if (younger.some(({ sent }) => sent.some(({ wire }) => wire === link.wire))) judge.report('resend-order', seen);
}

/** DUP under an identifier that is free. */
function sendLate(judge: Judge, link: Link, seen: Seen, packet: Packet, about: About): void {
  const { session, version, connect } = link;
  const id = packet.id ?? 0;
  const isClient = seen.side === 'client';
  const over = flowsUnder(link, seen.side, id).findLast(({ content }) => content === about.content);
  if (over) {
    const isOfThis = over.sent.some(({ wire }) => wire === link.wire);
    if (isOfThis && version === 5) judge.report('resent-in-connection', seen);
    over.sent.push(seen);
    if (!isOfThis) {
      over.stage = 'sent';
      over.reopened = true;
      fill(judge, link, over, seen);
      judge.wait('publish-unanswered', link, seen);
    }
    return;
  }
  const keepsState = isClient && version < 5 && !connect!.packet.connect!.clean;
  const isNew = session.known && session.begun === link && !session.used.has(`${seen.side} ${id}`);
  if (isNew && !keepsState && (knowsConnack(link, seen) || connect!.packet.connect!.clean)) {
    judge.report(isClient && session.former.has(id) ? 'state-carried-over' : 'dup-first', seen);
  }
  const flow = use(judge, link, seen, packet, about);
  fill(judge, link, flow, seen);
  judge.wait('publish-unanswered', link, seen);
}

/** A place of the receiver's window. */
function fill(judge: Judge, link: Link, flow: Flow, seen: Seen): void {
  if (link.version < 5 || flow.countedIn === link) return;
  const { side } = seen;
  flow.countedIn = link;
  link.filled[side]++;
  link.most[side] = Math.max(link.most[side], link.filled[side]);
  const limit = announced(link, otherSide(side), 33, 65_535);
  if (link.filled[side] <= limit || link.exceeded[side] || !knowsConnack(link, seen)) return;
  link.exceeded[side] = true;
  if (!judge.isFaulty) {
    judge.report('receive-maximum', seen);
    flow.weak = true;
  }
}

/** Section 4.9: each PUBACK, PUBCOMP and refusing PUBREC frees a place, whichever PUBLISH had filled it. */
export function free(link: Link, sender: Side): void {
  link.filled[sender] = Math.max(0, link.filled[sender] - 1);
  if (link.filled[sender] <= announced(link, otherSide(sender), 33, 65_535)) link.exceeded[sender] = false;
}
