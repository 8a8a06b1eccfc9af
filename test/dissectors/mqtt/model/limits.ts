/** What one side announced and the other must keep to: sizes, and what CONNECT and CONNACK say of features. */
import { otherSide } from '../../../kit/mqtt-net.ts';
import { isShared } from './form.ts';
import type { Judge } from './judge.ts';
import type { Packet } from './read.ts';
import { announced, knowsConnack, type Link } from './state.ts';
import type { Seen } from './wire.ts';

const [CONNECT, CONNACK, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT] = [1, 2, 3, 8, 10, 14];
const [REASON_STRING, USER_PROPERTY] = [31, 38];

export function judgeLimits(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  if (link.version !== 5 || judge.isFaulty || packet.type === CONNECT) return;
  judgeSize(judge, link, seen, packet);
  if (judge.isFaulty) return;
  if (seen.side === 'server') judgeWishes(judge, link, seen, packet);
  else if (knowsConnack(link, seen)) judgeFeatures(judge, link, seen, packet);
}

function judgeSize(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const limit = announced(link, otherSide(seen.side), 39, Number.POSITIVE_INFINITY);
  if (packet.size <= limit || !knowsConnack(link, seen)) return;
  const isOptional = ![CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE].includes(packet.type);
  const fits = packet.size - optionalBytes(packet) <= limit;
  judge.report(isOptional && fits ? 'optional-property-too-large' : 'maximum-packet-size', seen, link);
}

/** What Reason String and User Properties take; that the lengths before them shrink, too, tests leave aside. */
function optionalBytes({ properties }: Packet): number {
  const reasons = (properties.get(REASON_STRING) ?? []).map(value => 3 + String(value).length);
  const pairs = (properties.get(USER_PROPERTY) ?? []).map(value => {
    const [name, text] = value as readonly [string, string];
    return 5 + name.length + text.length;
  });
  return [...reasons, ...pairs].reduce((sum, bytes) => sum + bytes, 0);
}

/** Problem Information and Response Information that the client did not ask for. */
function judgeWishes(judge: Judge, link: Link, seen: Seen, { type, properties }: Packet): void {
  const hasProblem = properties.has(REASON_STRING) || properties.has(USER_PROPERTY);
  const mayHave = [CONNACK, PUBLISH, DISCONNECT].includes(type);
  if (hasProblem && !mayHave && announced(link, 'client', 23, 1) === 0) judge.report('problem-information', seen);
  if (properties.has(26) && announced(link, 'client', 25, 0) !== 1) judge.report('response-information', seen);
}

function judgeFeatures(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const { type, flags, filters, properties } = packet;
  if (type === PUBLISH) {
    if (((flags >>> 1) & 3) > announced(link, 'server', 36, 2)) judge.report('qos-not-supported', seen);
    if (flags & 1 && announced(link, 'server', 37, 1) === 0) judge.report('retain-not-supported', seen);
  }
  if (type !== SUBSCRIBE) return;
  const isWild = filters.some(({ text }) => /[+#]/.test(text));
  if (isWild && announced(link, 'server', 40, 1) === 0) judge.report('wildcard-not-supported', seen);
  if (properties.has(11) && announced(link, 'server', 41, 1) === 0) judge.report('subscription-id-not-supported', seen);
  const hasShared = filters.some(({ text }) => isShared(text));
  if (hasShared && announced(link, 'server', 42, 1) === 0) judge.report('shared-not-supported', seen);
}

/** DISCONNECT blames a limit that nothing exceeded. */
export function isUnannouncedLimit(link: Link, seen: Seen, { code }: Packet): boolean {
  const { side } = seen;
  const peer = otherSide(side);
  const before = link.wire.packets.filter(other => other.side === peer && other.frame < seen.frame);
  if (code === 0x93) return link.most[peer] <= announced(link, side, 33, 65_535);
  if (code === 0x95) {
    const limit = announced(link, side, 39, Number.POSITIVE_INFINITY);
    return before.every(({ bytes }) => bytes.length <= limit) && link.wire.unfinished.every(one => one.side !== peer);
  }
  const published = before.filter(({ bytes }) => bytes[0] >>> 4 === PUBLISH).map(({ bytes }) => bytes[0] & 15);
  if (code === 0x9a) return announced(link, side, 37, 1) === 1 || published.every(flags => (flags & 1) === 0);
  if (code === 0x9b) {
    const limit = announced(link, side, 36, 2);
    return published.every(flags => ((flags >>> 1) & 3) <= limit);
  }
  return false;
}

/** Of a PUBLISH that is sent again: do the new connection's limits forbid it? */
export function isForbidden(link: Link, sender: 'client' | 'server', publish: Packet): boolean {
  const receiver = otherSide(sender);
  if (publish.size > announced(link, receiver, 39, Number.POSITIVE_INFINITY)) return true;
  if (sender === 'server') return false;
  const isTooHigh = ((publish.flags >>> 1) & 3) > announced(link, 'server', 36, 2);
  return isTooHigh || ((publish.flags & 1) === 1 && announced(link, 'server', 37, 1) === 0);
}
