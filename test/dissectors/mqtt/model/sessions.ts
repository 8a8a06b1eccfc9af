/** Is a session stored when its client comes back? What both answers say is decided by when the connection before ended. */

import type { Judge } from './judge.ts';
import { expiryOf, mayRaiseExpiry } from './opening.ts';
import { numberOf } from './read.ts';
import type { Link } from './state.ts';
import { acknowledgedAt, isFin, isReset, type Seen, secondsOf } from './wire.ts';

export interface Stored {
  readonly mayBeStored: boolean;
  readonly mayBeGone: boolean;
}

/** @param question the CONNECT that asks for the session; a server may look for it at any time until it answers */
export function fatesOf(judge: Judge, before: Link, question: Seen, answer: Seen): Stored {
  if (judge.links.some(link => isUnknown(link, before, question))) return { mayBeStored: true, mayBeGone: true };
  const { clockSkew } = judge.settings;
  const ended = endOf(before, question.time);
  const expiries = expiriesOf(before);
  const fates = expiries.map(expiry => {
    if (expiry === Number.POSITIVE_INFINITY) return { stored: true, gone: false };
    // A connection that is open for the server, or may be, is taken over; one that ends with it may go either way.
    if (ended === undefined) return { stored: true, gone: expiry === 0 };
    const gone = expiry === 0 || answer.time - ended.time >= expiry - clockSkew;
    if (!ended.isCertain) return { stored: true, gone };
    return { stored: expiry > 0 && question.time - ended.time <= expiry + clockSkew, gone };
  });
  return { mayBeStored: fates.some(({ stored }) => stored), mayBeGone: fates.some(({ gone }) => gone) };
}

/** A CONNECT in between that was never answered, and would have cleared or opened a session. */
function isUnknown(link: Link, before: Link, question: Seen): boolean {
  if (!link.connect || link.connack || link.refused || link.connect.seen === question) return false;
  const isBetween = link.connect.seen.time > before.connect!.seen.time && link.connect.seen.time < question.time;
  return isBetween && link.clientId === before.clientId;
}

/** When the connection ended for the server: it closed, or has got the client's FIN; a RST may have been lost. */
function endOf({ wire }: Link, until: number): { readonly time: number; readonly isCertain: boolean } | undefined {
  const past = wire.segments.filter(segment => secondsOf(segment) <= until);
  const times: number[] = [];
  const own = past.find(segment => segment.side === 'server' && (isFin(segment) || isReset(segment)));
  if (own) times.push(secondsOf(own));
  const fin = past.find(segment => segment.side === 'client' && isFin(segment));
  const got = fin && acknowledgedAt(wire, 'server', fin.at + fin.bytes.length + 1);
  if (got !== undefined && got <= until) times.push(got);
  if (times.length > 0) return { time: Math.min(...times), isCertain: true };
  const reset = past.find(segment => segment.side === 'client' && isReset(segment));
  return reset && { time: secondsOf(reset), isCertain: false };
}

/** May the client's session outlive this connection of it? */
export const mayOutlive = (before: Link) => expiriesOf(before).some(expiry => expiry > 0);

/** The expiries that may hold: the DISCONNECT's, too, and either where that crossed the server's close. */
function expiriesOf(before: Link): number[] {
  const first = expiryOf(before);
  const { client } = before.disconnected;
  if (!client || before.version < 5 || !client.packet.properties.has(17)) return [first];
  const said = numberOf(client.packet, 17, 0);
  const raised = said > 0 && !mayRaiseExpiry(before);
  if (raised) return [first];
  const second = said === 0xffff_ffff ? Number.POSITIVE_INFINITY : said;
  const close = before.wire.segments.find(segment => segment.side === 'server' && (isFin(segment) || isReset(segment)));
  const hasArrived = acknowledgedAt(before.wire, 'server', client.seen.end) !== undefined;
  const crossed = before.disconnected.server !== undefined || (close && close.acknowledged < client.seen.end);
  return crossed || !hasArrived ? [first, second] : [second];
}
