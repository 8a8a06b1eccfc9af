/** CONNECT, CONNACK and AUTH, and which session a connection goes on with. */
import type { Judge } from './judge.ts';
import { isForbidden } from './limits.ts';
import { numberOf, type Packet } from './read.ts';
import { fatesOf, mayOutlive, type Stored } from './sessions.ts';
import { type Flow, isOpenFlow, type Link, newSession, type Session } from './state.ts';
import type { Seen } from './wire.ts';

const [METHOD, EXPIRY, ASSIGNED] = [21, 17, 18];
/** Faults of a CONNECT that a server must not accept. */
const BAD = [
  'connect-reserved-flag',
  'will-qos',
  'will-flags',
  'password-without-username',
  'connect-payload',
  'client-id-empty',
  'auth-data-without-method',
  'utf8',
  'utf8-null',
];

export function connect(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  if (link.connect) {
    judge.report('connect-repeated', seen, link);
    return;
  }
  link.connect = { seen, packet };
  const rules = judge.broken.filter(({ frame }) => frame === seen.frame).map(({ rule }) => rule);
  link.badConnect = judge.isFaulty && rules.some(rule => BAD.includes(rule) || rule.startsWith('property-'));
  // The server's acceptance of these is a rule of its own.
  if (link.badConnect) link.malformed = undefined;
  const { connect: said } = packet;
  if (!said) return;
  link.version = said.level === 5 ? 5 : 4;
  link.clientId = said.clientId;
  if (rules.includes('protocol-name')) link.given = true;
  else judge.wait('connect-unanswered', link, seen);
  const stored = storedBefore(judge, link);
  const goesOn = stored && !said.clean && mayOutlive(stored);
  link.session = goesOn ? stored.session : newSession(link, true, inFlight(stored?.session));
  carry(link);
}

const NOTHING_STORED: Stored = { mayBeStored: false, mayBeGone: true };

/** The session of the last accepted connection of this client. */
function storedBefore(judge: Judge, link: Link): Link | undefined {
  const { clientId, connect: opened } = link;
  if (clientId === '') return undefined;
  const { userName } = opened!.packet.connect!;
  const before = judge.accepted.findLast(other => other.clientId === clientId || other.misnamed === clientId);
  // Another was given its identifier: nobody knows what became of the session.
  if (before?.misnamed === clientId || before?.connect?.packet.connect?.userName !== userName) return undefined;
  return before;
}

function inFlight(session: Session | undefined): ReadonlySet<number> {
  const flows = session?.flows.filter(flow => flow.sender === 'client' && isOpenFlow(flow)) ?? [];
  return new Set(flows.map(({ id }) => id));
}

/** SUBSCRIBE and UNSUBSCRIBE do not outlive a connection; what was acknowledged before is over. */
function carry(link: Link): void {
  for (const flow of link.session.flows) {
    if ([...flow.sent, ...flow.released].some(({ wire }) => wire === link.wire)) continue;
    if (flow.kind !== 'publish' || flow.reopened) flow.stage = 'over';
    flow.reopened = false;
    flow.excused = false;
    flow.ambiguous = false;
  }
}

export function connack(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  if (link.malformed && link.connack) {
    judge.answers(link, link.malformed, seen, packet.code === 0);
    return;
  }
  if (link.connack) {
    judge.report('connack-repeated', seen);
    return;
  }
  const { packet: asked, seen: question } = link.connect!;
  judge.settle('connect-unanswered', question, seen.time);
  if (packet.fault) return;
  if (packet.code !== 0) refuse(judge, link, seen, packet);
  else accept(judge, link, seen, packet, asked);
}

function refuse(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const { code } = packet;
  link.refused = true;
  // Nothing of what came with it happened.
  for (const one of judge.waiting) if (one.link === link) one.answered = Math.min(one.answered, seen.time);
  const { flows } = link.session;
  flows.splice(0, flows.length, ...flows.filter(flow => flow.begun !== link));
  const { clientId } = link.connect!.packet.connect!;
  const isId = code === (link.version === 5 ? 0x85 : 2);
  if (isId && /^[0-9A-Za-z]{1,23}$/.test(clientId)) judge.report('client-id-refused', seen);
  const isRight = code === 1 || (code === 2 && clientId === '');
  if (link.badConnect && link.version < 5 && !isRight) judge.report('bad-connect-answered', seen);
  if (hasMethodUnasked(link, packet)) judge.report('auth-without-method', seen, link);
  judge.wait('refused-not-closed', link, seen);
}

function hasMethodUnasked(link: Link, packet: Packet): boolean {
  return link.version === 5 && packet.properties.has(METHOD) && !link.connect!.packet.properties.has(METHOD);
}

function accept(judge: Judge, link: Link, seen: Seen, packet: Packet, asked: Packet): void {
  const said = asked.connect!;
  link.connack = { seen, packet };
  link.lastHeard = seen;
  if (link.badConnect) judge.report('bad-connect-accepted', seen);
  else judge.answers(link, link.connect!.seen, seen, true);
  const isPresent = (packet.acknowledgeFlags & 1) !== 0;
  if (isPresent && said.clean) judge.report('session-present-clean', seen);
  const assigned = packet.properties.get(ASSIGNED)?.[0];
  if (link.version === 5 && said.clientId === '' && assigned === undefined) {
    judge.report('assigned-client-id-missing', seen);
  }
  if (typeof assigned === 'string' && said.clientId === '') assign(judge, link, seen, assigned);
  if (said.will && link.version === 5) {
    const isTooHigh = said.will.qos > numberOf(packet, 36, 2);
    if (isTooHigh || (said.will.retain && numberOf(packet, 37, 1) === 0)) {
      judge.report('will-unsupported-accepted', seen);
    }
  }
  judgeMethod(judge, link, seen, packet);
  goOn(judge, link, seen, isPresent);
}

function judgeMethod(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  if (link.version < 5) return;
  const [wanted, given] = [link.connect!.packet, packet].map(one => one.properties.get(METHOD)?.[0]);
  if (hasMethodUnasked(link, packet)) judge.report('auth-without-method', seen, link);
  else if (wanted !== given) judge.report('auth-method-mismatch', seen);
}

function assign(judge: Judge, link: Link, seen: Seen, identifier: string): void {
  const isTaken = judge.accepted.some(other => other.clientId === identifier && judge.isConnected(other, seen.time));
  if (isTaken) {
    judge.report('assigned-client-id-in-use', seen);
    link.misnamed = identifier;
  } else link.clientId = identifier;
}

/** With the session that is stored, or a new one. */
function goOn(judge: Judge, link: Link, seen: Seen, isPresent: boolean): void {
  const said = link.connect!.packet.connect!;
  const before = storedBefore(judge, link);
  const fates = before && !said.clean ? fatesOf(judge, before, link.connect!.seen, seen) : NOTHING_STORED;
  if (before && !said.clean && !judge.isFaulty) {
    if (!isPresent && !fates.mayBeGone) judge.report('session-lost', seen);
    if (isPresent && !fates.mayBeStored) judge.report('session-resurrected', seen);
  }
  takeOver(judge, link, seen);
  const keepsState = link.version < 5 && !said.clean;
  const own = link.session.flows.filter(flow => flow.begun === link);
  // A session that should not be there: nobody knows what it holds.
  const isUnknown = isPresent && !(before && fates.mayBeStored && mayOutlive(before));
  if (isUnknown) link.session = moved(newSession(link, false), own, link);
  else if (!isPresent && link.session.begun !== link) {
    const isKept = (flow: Flow) =>
      flow.begun === link || (keepsState && flow.sender === 'client' && flow.kind === 'publish');
    const kept = link.session.flows.filter(isKept);
    link.session = moved(newSession(link, true, inFlight(link.session)), kept, link);
  }
  // A client of 3.1.1 still has to send again what it has (4.4.0-1), but that is no resumed connection.
  if (isPresent && !isUnknown) {
    carry(link);
    const carried = link.session.flows.filter(
      flow => flow.kind === 'publish' && isOpenFlow(flow) && flow.begun !== link,
    );
    link.carried.push(...carried);
  }
  // 3.1.2-25: what the limits forbid counts as sent, here and in later connections.
  for (const flow of link.carried)
    flow.discarded ||= flow.stage === 'sent' && isForbidden(link, flow.sender, flow.packet);
  judge.accepted.push(link);
}

/** A session with these flows, and the subscriptions that were asked for in this connection. */
function moved(session: Session, flows: Session['flows'], { session: old }: Link): Session {
  session.flows.push(...flows);
  for (const { sender, id } of flows) session.used.add(`${sender} ${id}`);
  session.subscriptions.push(...old.subscriptions.filter(({ flow }) => flows.includes(flow)));
  return session;
}

/** The other connection of the client, if it is open still, must be closed. */
function takeOver(judge: Judge, link: Link, seen: Seen): void {
  if (link.clientId === '') return;
  for (const other of judge.accepted) {
    if (other.clientId === link.clientId && judge.isConnected(other, seen.time)) other.takenOver ??= seen;
  }
}

/** Seconds after the close that a session lives, as CONNECT and CONNACK say. */
export function expiryOf({ connect: opened, connack: answered, version }: Link): number {
  const { packet } = opened!;
  if (version < 5) return packet.connect!.clean ? 0 : Number.POSITIVE_INFINITY;
  const seconds = numberOf(answered!.packet, EXPIRY, numberOf(packet, EXPIRY, 0));
  return seconds === 0xffff_ffff ? Number.POSITIVE_INFINITY : seconds;
}

/** May DISCONNECT set an interval above 0? Only where CONNECT or CONNACK had one. */
export function mayRaiseExpiry({ connect: opened, connack: answered }: Link): boolean {
  return [opened, answered].some(one => one !== undefined && numberOf(one.packet, EXPIRY, 0) > 0);
}

export function auth(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  if (judge.isFaulty) return;
  const isClient = seen.side === 'client';
  const wanted = link.connect!.packet.properties.get(METHOD)?.[0];
  const { code } = packet;
  judge.settle('connect-unanswered', link.connect!.seen, seen.time);
  if (wanted === undefined) judge.report('auth-without-method', seen, link);
  else if (isUnexpected(link, isClient, code)) judge.report('auth-unexpected', seen);
  else if (packet.properties.get(METHOD)?.[0] !== wanted) judge.report('auth-method-mismatch', seen);
  if (!isClient && link.reauthenticating) judge.answers(link, link.reauthenticating, seen, true);
  if (isClient) link.reauthenticating = seen;
  link.challenged = !isClient && code === 0x18;
}

function isUnexpected(link: Link, isClient: boolean, code: number): boolean {
  if (isClient) return code === 0 || (code === 0x19 && !link.connack) || (code === 0x18 && !link.challenged);
  return code === 0x19 || (code === 0 && !link.connack);
}
