/** PUBLISH: aliases, DUP, identifiers, the receiver's window, and what the server may deliver. */
import { otherSide, type Side } from '../../../kit/mqtt-net.ts';
import { flowInFlight, flowsUnder, isInUse, use } from './flows.ts';
import type { Judge } from './judge.ts';
import { aliasIn, type Packet } from './read.ts';
import { announced, type Flow, isLeftOver, knowsConnack, type Link } from './state.ts';
import { judgeDelivery } from './subscriptions.ts';
import type { Seen } from './wire.ts';

const TOPIC_ALIAS = 35;

export function publish(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const topic = packet.fault ? setUnread(link, seen) : topicOf(judge, link, seen, packet);
  const qos = (packet.flags >>> 1) & 3;
  if (qos > 0 && packet.id) transmit(judge, link, seen, packet, topic);
  if (seen.side === 'server' && topic !== undefined) judgeDelivery(judge, link, seen, packet, topic);
  if (judge.isFaulty) weaken(judge, link, seen);
}

/** It broke a rule: nobody must answer it, and its identifier is free for another. */
function weaken(judge: Judge, { session }: Link, seen: Seen): void {
  judge.excuse(seen);
  const begun = session.flows.findLast(({ sent }) => sent[0] === seen);
  if (begun) begun.weak = true;
}

/** The alias that a malformed one sets: its sender goes on with it, and nobody knows for which topic. */
function setUnread(link: Link, { bytes, side }: Seen): undefined {
  if (link.version < 5) return;
  const read = aliasIn(bytes);
  if (!read) {
    link.aliases[side].clear();
    link.unreadAliases[side] = true;
  } else if (read.alias && read.topic !== '') link.aliases[side].set(read.alias, undefined);
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
    const topic = /[+#]/.test(packet.topic) ? undefined : packet.topic;
    aliases.set(alias, topic);
    return topic;
  }
  const topic = aliases.get(alias);
  if (!aliases.has(alias) && !link.unreadAliases[seen.side]) judge.report('topic-alias-unknown', seen, link);
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
    if (judge.isMalformed) {
      const { most, filled } = link;
      most[seen.side] = Math.max(most[seen.side], filled[seen.side] + ++link.malformedSent[seen.side]);
    } else fill(judge, link, flow, seen);
    return;
  }
  const isDup = (flags & 8) !== 0;
  const isRepeated = (flow: Flow) => flow.stage !== 'over' && flow.content === content;
  const repeated = isDup ? flowsUnder(link, seen.side, id).find(isRepeated) : undefined;
  const before = repeated ?? flowInFlight(link, seen.side, id);
  const isSame = before?.kind === 'publish' && before.content === content && !isNewOf(link, before, packet);
  if (before && (isSame || (isDup && before.kind === 'publish'))) sendAgain(judge, link, before, seen, isDup);
  else if (isDup && !before) sendLate(judge, link, seen, packet, about);
  else begin(judge, link, seen, packet, about);
}

/** In a session that begins, the same content with DUP 0 is a new message. */
const isNewOf = (link: Link, before: Flow, { flags }: Packet) => (flags & 8) === 0 && isLeftOver(link, before);

type About = Parameters<typeof use>[4];

function begin(judge: Judge, link: Link, seen: Seen, packet: Packet, about: About): void {
  const isSecond = isInUse(judge, link, seen, packet.id ?? 0);
  const flow = use(judge, link, seen, packet, about);
  flow.ambiguous = isSecond;
  if (!isSecond || link.version < 5) fill(judge, link, flow, seen);
  judge.wait('publish-unanswered', link, seen);
}

/** The same PUBLISH again while its identifier is in flight. */
function sendAgain(judge: Judge, link: Link, flow: Flow, seen: Seen, isDup: boolean): void {
  const isOfThis = flow.sent.some(({ wire }) => wire === link.wire);
  if (isLeftOver(link, flow)) flow.stage = 'sent';
  else if (flow.stage === 'released') judge.report('publish-after-pubrel', seen);
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
  if (seen.side !== 'client' || judge.isFaulty || isLeftOver(link, flow)) return;
  const { flows } = link.session;
  // When one was first sent that came with DUP 1 at first nobody knows.
  const hasPlace = (one: Flow) => one.sender === 'client' && one.begun !== link && (one.packet.flags & 8) === 0;
  const younger = flows.slice(flows.indexOf(flow) + 1).filter(hasPlace);
  if (hasPlace(flow) && younger.some(({ sent }) => sent.some(({ wire }) => wire === link.wire)))
    judge.report('resend-order', seen);
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
