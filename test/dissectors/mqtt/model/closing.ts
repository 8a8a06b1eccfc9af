/** Keep alive, PINGREQ, DISCONNECT, silence, and what a server should not have gone on with. */
import { otherSide, type Side } from '../../../kit/mqtt-net.ts';
import { formFaults } from './form.ts';
import type { Judge } from './judge.ts';
import { isUnannouncedLimit } from './limits.ts';
import { mayRaiseExpiry } from './opening.ts';
import { aliasIn, numberOf, type Packet, readPacket } from './read.ts';
import { judgeResent } from './resending.ts';
import { announced, type Link } from './state.ts';
import { acknowledgedAt, closedAt, isFin, type Seen, silentAt } from './wire.ts';

function keepAliveOf({ connect, connack }: Link): number {
  const asked = connect!.packet.connect!.keepAlive;
  return connack ? numberOf(connack.packet, 19, asked) : asked;
}

export function judgeKeepAlive(judge: Judge, link: Link, seen: Seen): void {
  const { lastHeard, connack } = link;
  if (connack && lastHeard) {
    const limit = 1.5 * keepAliveOf(link);
    const heard = Math.max(lastHeard.time, connack.seen.time);
    if (limit > 0 && seen.began - heard > limit && !seen.beganAgain) judge.report('keep-alive-exceeded', seen);
    const known = lastHeard.side === 'client' ? acknowledgedAt(link.wire, 'server', lastHeard.end) : lastHeard.time;
    const from = known === undefined ? Number.POSITIVE_INFINITY : Math.max(known, connack.seen.time);
    if (limit > 0 && seen.began - from > limit + judge.settings.keepAliveGrace) link.late = seen;
  }
  link.lastHeard = seen;
}

/** The server answers this packet of the client's. */
export function noteAnswer(judge: Judge, link: Link, question: Seen, answer: Seen, isSuccess: boolean): void {
  const { malformed, late, takenOver } = link;
  if (malformed && !link.accepted) {
    if (isLater(question, malformed) || (question === malformed && isSuccess)) {
      link.accepted = true;
      judge.report('malformed-accepted', answer);
    }
  }
  if (late === question) {
    link.late = undefined;
    judge.report('keep-alive-not-enforced', answer);
  }
  if (takenOver && !link.overtaken && question.frame > takenOver.frame) {
    link.overtaken = true;
    judge.report('takeover-not-closed', answer);
  }
}

const isLater = (a: Seen, b: Seen) => a.frame > b.frame || (a.frame === b.frame && a.end > b.end);

export function ping(judge: Judge, link: Link, seen: Seen): void {
  if (seen.side !== 'client') return;
  link.pings.push(seen);
  judge.wait('ping-unanswered', link, seen);
}

export function pingResponse(judge: Judge, link: Link, seen: Seen): void {
  const question = link.pings.shift();
  if (!question) {
    if (!judge.isFaulty) judge.report('pingresp-unsolicited', seen);
    return;
  }
  judge.settle('ping-unanswered', question, seen.time);
  judge.answers(link, question, seen, true);
}

export function judgeDisconnect(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const { side } = seen;
  link.disconnected[side] = { seen, packet };
  judge.settle('connect-unanswered', link.connect?.seen, seen.time);
  if (link.version === 5 && !packet.fault && !judge.isFaulty) {
    const raised = side === 'client' && link.connack && numberOf(packet, 17, 0) > 0 && !mayRaiseExpiry(link);
    if (raised) judge.report('session-expiry-raised', seen, link);
    else if (packet.code === 0x94 && !hasWrongAlias(link, seen)) judge.report('topic-alias-refused', seen);
    else if (isUnannouncedLimit(link, seen, packet)) judge.report('limit-unannounced', seen);
  }
  judge.wait('disconnect-not-closed', link, seen);
}

/** Did the peer send an alias that this side could not take? */
function hasWrongAlias(link: Link, disconnect: Seen): boolean {
  const peer = otherSide(disconnect.side);
  const limit = announced(link, disconnect.side, 34, 0);
  const known = new Set<number>();
  for (const { side, bytes, frame } of link.wire.packets) {
    if (side !== peer || frame > disconnect.frame || bytes[0] >>> 4 !== 3) continue;
    const read = aliasIn(bytes);
    if (!read) return true;
    const { alias, topic } = read;
    if (alias === undefined) continue;
    if (alias === 0 || alias > limit || (topic === '' && !known.has(alias))) return true;
    // Of a malformed one its receiver may not have taken it.
    const packet = readPacket(bytes, 5, peer === 'client');
    if (!packet.fault && formFaults(packet, 5, peer === 'client').length === 0) known.add(alias);
  }
  return false;
}

/** What the end of the capture leaves: silences, re-sendings that did not come, packets that were never whole. */
export function judgeEnds(judge: Judge, link: Link): void {
  for (const side of ['client', 'server'] as const) {
    const frame = link.wire.broken[side];
    if (frame !== undefined && !link.disconnected[side]) judge.reportLater('remaining-length-malformed', frame);
    judgeUnfinished(judge, link, side);
    if (link.connack) judgeResent(judge, link, side);
  }
  for (const one of judge.waiting) if (one.link === link) judgeSilence(judge, one);
}

function judgeUnfinished(judge: Judge, link: Link, side: Side): void {
  const { segments, unfinished } = link.wire;
  const rest = unfinished.find(one => one.side === side);
  const fin = segments.find(segment => segment.side === side && isFin(segment));
  if (!rest || !fin || link.disconnected[side]) return;
  const other = segments.find(segment => segment.side !== side && (segment.flags & 5) !== 0);
  const said = link.disconnected[otherSide(side)];
  const isExcusable = (other && other.frame < fin.frame) || (said && said.seen.frame < fin.frame);
  if (!isExcusable) judge.reportLater('truncated', rest.frame);
}

function judgeSilence(judge: Judge, { rule, link, seen, answered }: Judge['waiting'][number]): void {
  const { answerTimeout } = judge.settings;
  const isClose = rule.endsWith('-not-closed');
  const ends = [answered, closedAt(link.wire) ?? Number.POSITIVE_INFINITY];
  const goodbyes = [link.disconnected.client?.seen, link.disconnected.server?.seen];
  if (!isClose) ends.push(...goodbyes.flatMap(goodbye => goodbye?.time ?? []));
  const end = Math.min(...ends);
  if (Math.min(end, judge.end) < seen.time + answerTimeout) return;
  const due = silentAt(seen, answerTimeout, judge.end);
  if (due !== undefined && due < end) judge.reportLater(rule, seen.frame);
}
