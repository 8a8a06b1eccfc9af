/** Whether a side of a resumed connection sends again what was left unacknowledged. */
import { otherSide, type Side } from '../../../kit/mqtt-net.ts';
import { isExcused } from './flows.ts';
import type { Judge } from './judge.ts';
import { announced, type Flow, type Link } from './state.ts';
import { closedAt, type Seen } from './wire.ts';

/** Seconds between which something holds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * There is a time of `resendTimeout` in which the connection was open and the window, too, nothing that was sent again
 * waited, and something was left that had not been sent again at its end.
 */
export function judgeResent(judge: Judge, link: Link, side: Side): void {
  const { resendTimeout } = judge.settings;
  const { connack, wire, session } = link;
  const goodbyes = [link.disconnected.client?.seen.time, link.disconnected.server?.seen.time, closedAt(wire)];
  const end = Math.min(judge.end, ...goodbyes.flatMap(time => time ?? []));
  if (!session.known) return;
  const own = link.carried.filter(flow => flow.sender === side && !flow.weak);
  const earlier = session.flows.filter(flow => flow.sender === side && flow.kind === 'publish' && flow.begun !== link);
  const waits = earlier.flatMap(flow => spanOf(link, flow) ?? []);
  const starts = [connack!.seen.time, ...waits.map(({ to }) => to), ...fullSpans(link, side).map(({ to }) => to)];
  const isMissing = starts.some(start => {
    const due = start + resendTimeout;
    if (due > end || start < connack!.seen.time) return false;
    const isHeld = [...waits, ...fullSpans(link, side)].some(({ from, to }) => from < due && to > start);
    return !isHeld && own.some(flow => isLeft(link, flow, due));
  });
  if (isMissing) judge.reportLater('not-resent', connack!.seen.frame);
}

const within = (link: Link, packets: readonly Seen[]) => packets.filter(({ wire }) => wire === link.wire);

/** From the time it was first sent in this connection until it was acknowledged for good. */
function spanOf(link: Link, flow: Flow): Span | undefined {
  const from = within(link, [...flow.sent, ...flow.released])[0]?.time;
  if (from === undefined) return undefined;
  const last = flow.qos === 1 ? flow.acknowledged : flow.completed;
  const refusal = flow.refusedIn === link ? within(link, flow.acknowledged)[0] : undefined;
  return { from, to: (refusal ?? within(link, last)[0])?.time ?? Number.POSITIVE_INFINITY };
}

/** When the window of the other side was full. */
function fullSpans(link: Link, side: Side): Span[] {
  if (link.version < 5) return [];
  const limit = announced(link, otherSide(side), 33, 65_535);
  const flows = link.session.flows.filter(({ sender, kind }) => sender === side && kind === 'publish');
  const spans = flows.flatMap(flow => (within(link, flow.sent).length > 0 ? (spanOf(link, flow) ?? []) : []));
  const times = spans.flatMap(({ from, to }) => [from, to]).sort((a, b) => a - b);
  return times.flatMap((from, place) => {
    const filled = spans.filter(span => span.from <= from && span.to > from).length;
    return filled >= limit ? { from, to: times[place + 1] ?? Number.POSITIVE_INFINITY } : [];
  });
}

/** Neither sent again by then, nor acknowledged, nor excused, nor replaced by another under its identifier. */
function isLeft(link: Link, flow: Flow, time: number): boolean {
  const again = within(link, [...flow.sent, ...flow.released]);
  // It may be settled on a connection that should be closed by now.
  const since = link.connect!.seen.time;
  const settled = [...flow.acknowledged, ...flow.completed].filter(seen => seen.time > since);
  if ([...again, ...settled].some(seen => seen.time <= time)) return false;
  if (isExcused(link, flow, time)) return false;
  const isSame = (one: Flow) => one.begun === link && one.sender === flow.sender && one.id === flow.id;
  return !link.session.flows.some(isSame);
}
