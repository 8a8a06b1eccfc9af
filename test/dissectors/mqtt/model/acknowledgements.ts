/** PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK against the flows that they name. */
import { otherSide } from '../../../kit/mqtt-net.ts';
import { flowsUnder } from './flows.ts';
import type { Judge } from './judge.ts';
import { free } from './publish.ts';
import type { Packet } from './read.ts';
import type { Flow, Link } from './state.ts';
import { granted } from './subscriptions.ts';
import { isReset, type Seen } from './wire.ts';

const [PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK] = [4, 5, 6, 7, 9];

export function acknowledge(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const sender = otherSide(seen.side);
  // Its TCP takes nothing any more.
  if (link.wire.segments.some(segment => isReset(segment) && segment.side === sender && segment.frame < seen.frame))
    return;
  if (link.disconnected[sender] && [PUBACK, PUBREC, PUBCOMP].includes(packet.type)) {
    // Who has said DISCONNECT may have taken it, and may not.
    for (const flow of flowsUnder(link, sender, packet.id ?? 0)) flow.discarded = true;
    return;
  }
  if (packet.type === PUBREL) release(judge, link, seen, packet);
  else if (packet.type === PUBCOMP) complete(judge, link, seen, packet);
  else if (packet.type === PUBACK || packet.type === PUBREC) receive(judge, link, seen, packet);
  else confirm(judge, link, seen, packet);
}

const isOpen = ({ stage }: Flow) => stage !== 'over';
const inLink = (link: Link, packets: readonly Seen[]) => packets.filter(({ wire }) => wire === link.wire);
/** Has it been sent in this connection more often than acknowledged? */
const isSpare = (link: Link, { sent, acknowledged }: Flow) =>
  inLink(link, acknowledged).length < inLink(link, sent).length;

/** Open, and sent in this connection, or its PUBREL. */
const isUnderWay = (link: Link) => (flow: Flow) =>
  isOpen(flow) && inLink(link, [...flow.sent, ...flow.released]).length > 0;

/** The transmission that this acknowledgement answers. */
function answer(judge: Judge, link: Link, flow: Flow, seen: Seen, isSuccess: boolean): void {
  const question = inLink(link, flow.sent)[inLink(link, flow.acknowledged).length];
  flow.acknowledged.push(seen);
  if (question) judge.answers(link, question, seen, isSuccess);
}

function settle(judge: Judge, link: Link, flow: Flow, seen: Seen, rule: string): void {
  for (const sent of flow.sent) if (sent.wire === link.wire) judge.settle(rule, sent, seen.time);
}

/** SUBACK and UNSUBACK. */
function confirm(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const kind = packet.type === SUBACK ? 'subscribe' : 'unsubscribe';
  const flows = flowsUnder(link, 'client', packet.id ?? 0).filter(flow => flow.kind === kind && flow.begun === link);
  const flow = flows.find(isOpen) ?? flows.findLast(one => isSpare(link, one));
  if (!flow) {
    if (isJudged(judge, link)) judge.report('ack-unknown-id', seen);
    return;
  }
  const isSuccess = packet.codes.length === 0 || packet.codes.some(code => code < 0x80);
  const question = flow.sent[flow.acknowledged.length];
  answer(judge, link, flow, seen, isSuccess);
  settle(judge, link, flow, seen, `${kind}-unanswered`);
  if (question && !packet.fault) granted(judge, link, flow, question, seen, packet);
  flow.stage = 'over';
}

/** Unknown identifiers tell nothing in a session that was older than the capture. */
const isJudged = (judge: Judge, { session }: Link) => session.known && !judge.isFaulty;

/** PUBACK and PUBREC. */
function receive(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const { type, code } = packet;
  const sender = otherSide(seen.side);
  const flows = flowsUnder(link, sender, packet.id ?? 0).filter(({ kind }) => kind === 'publish');
  const qos = type === PUBACK ? 1 : 2;
  const fitting = flows.filter(flow => flow.qos === qos);
  const spare = fitting.filter(one => isSpare(link, one));
  const flow = spare.find(({ stage }) => stage === 'sent') ?? spare.at(-1) ?? flows.find(isUnderWay(link));
  if (flow && flow.qos !== qos) {
    judge.report('ack-wrong-type', seen);
    finish(judge, link, flow, seen);
    return;
  }
  if (!flow || !isSpare(link, flow)) {
    if (isJudged(judge, link)) judge.report('ack-unknown-id', seen);
    return;
  }
  if (flow.stage === 'sent') judgeOrder(judge, link, flow, seen, type === PUBACK ? 'puback-order' : 'pubrec-order');
  answer(judge, link, flow, seen, code < 0x80);
  settle(judge, link, flow, seen, 'publish-unanswered');
  if (type === PUBACK || code >= 0x80) {
    if (code >= 0x80 && type === PUBREC) flow.refusedIn = link;
    if (flow.stage === 'sent' || type === PUBACK) finish(judge, link, flow, seen);
  } else if (flow.stage === 'sent' || (flow.stage === 'received' && flow.receipt?.wire !== link.wire)) {
    flow.stage = 'received';
    flow.receipt = seen;
    // Its receiver has taken it, if no other came under its identifier since.
    if (isNewest(link, flow)) flow.weak = false;
    if (!flow.ambiguous) judge.wait('pubrec-unanswered', link, seen);
  }
}

function finish(judge: Judge, link: Link, flow: Flow, seen: Seen): void {
  flow.stage = 'over';
  settle(judge, link, flow, seen, 'publish-unanswered');
  for (const released of flow.released) judge.settle('pubrel-unanswered', released, seen.time);
  judge.settle('pubrec-unanswered', flow.receipt, seen.time);
  free(link, flow.sender);
}

const isNewest = ({ session }: Link, { sender, id, ...flow }: Flow) =>
  session.flows.findLast(one => one.sender === sender && one.id === id)?.packet === flow.packet;

/** Sent once only, in this connection alone, under an identifier of which no PUBLISH was sent twice here. */
const isOrdered = (link: Link) => (flow: Flow) => {
  const published = flowsUnder(link, flow.sender, flow.id).filter(({ kind }) => kind === 'publish');
  const isClear = published.every(({ sent }) => inLink(link, sent).length <= 1);
  // DUP 1 says that it was sent before.
  const isSentOnce = flow.begun === link && inLink(link, flow.sent).length === 1 && (flow.packet.flags & 8) === 0;
  return flow.kind === 'publish' && isSentOnce && isClear && !flow.weak && !flow.excused && !flow.ambiguous;
};

/** An acknowledgement of the client's passes over an earlier PUBLISH of the same QoS. */
function judgeOrder(judge: Judge, link: Link, flow: Flow, seen: Seen, rule: string): void {
  if (seen.side !== 'client' || judge.isFaulty || !isOrdered(link)(flow)) return;
  const { flows } = link.session;
  const passed = flows
    .slice(0, flows.indexOf(flow))
    .filter(one => one.sender === 'server' && one.qos === flow.qos && one.stage === 'sent' && isOrdered(link)(one));
  if (passed.length === 0) return;
  judge.report(rule, seen);
  for (const one of passed) one.excused = true;
}

function release(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const flows = flowsUnder(link, seen.side, packet.id ?? 0).filter(({ kind }) => kind === 'publish');
  const flow =
    flows.find(({ stage }) => stage === 'received') ??
    flows.find(one => isOpen(one) && one.qos === 2 && !one.weak) ??
    flows.findLast(one => (one.qos === 2 && !one.weak) || one.receipt) ??
    flows.find(one => isOpen(one) && one.qos === 2);
  if (!flow) {
    releaseUnknown(judge, link, seen);
    return;
  }
  const isAgain = flow.released.some(({ wire }) => wire === link.wire);
  const { receipt } = flow;
  if (flow.stage === 'sent' && !flow.weak) judge.report('pubrel-before-pubrec', seen);
  else if (isAgain && link.version === 5) judge.report('resent-in-connection', seen);
  else if (flow.refusedIn === link && flow.stage === 'over') judge.report('pubrel-after-refusal', seen);
  else if (flow.stage === 'received' && flow.receipt?.wire === link.wire) judgeReleaseOrder(judge, link, flow, seen);
  if (receipt) {
    judge.settle('pubrec-unanswered', receipt, seen.time);
    if (seen.side === 'server' && receipt.wire === link.wire) judge.answers(link, receipt, seen, true);
  }
  flow.released.push(seen);
  if (flow.stage === 'over') return;
  if (!isAgain && !flow.ambiguous) judge.wait('pubrel-unanswered', link, seen);
  flow.stage = 'released';
}

function judgeReleaseOrder(judge: Judge, link: Link, flow: Flow, seen: Seen): void {
  if (seen.side !== 'client' || judge.isFaulty || !isOrdered(link)(flow)) return;
  const own = flow.receipt!;
  const passed = link.session.flows.filter(
    one =>
      one.sender === 'client' &&
      one.stage === 'received' &&
      one.receipt?.wire === link.wire &&
      isOrdered(link)(one) &&
      isBefore(one.receipt!, own),
  );
  if (passed.length === 0) return;
  judge.report('pubrel-order', seen);
  for (const one of passed) one.excused = true;
}

const isBefore = (a: Seen, b: Seen) => a.frame < b.frame || (a.frame === b.frame && a.end < b.end);

/** PUBREL under an identifier of which no QoS 2 is known. */
function releaseUnknown(judge: Judge, link: Link, seen: Seen): void {
  const { session, version, connect } = link;
  const keepsState = seen.side === 'client' && version < 5 && !connect!.packet.connect!.clean;
  if (session.known && !keepsState && !judge.isFaulty) judge.report('pubrel-unknown-id', seen);
  link.orphans.push(seen);
}

function complete(judge: Judge, link: Link, seen: Seen, packet: Packet): void {
  const sender = otherSide(seen.side);
  const id = packet.id ?? 0;
  const flows = flowsUnder(link, sender, id).filter(({ kind }) => kind === 'publish');
  const open = flows.filter(one => isReleaseOpen(link, one));
  const flow = open.find(({ stage }) => stage === 'released') ?? open.at(-1) ?? flows.find(isUnderWay(link));
  const orphan = link.orphans.findIndex(one => one.side === sender && idOf(one) === id);
  if (flow && isReleaseOpen(link, flow)) {
    const question = inLink(link, flow.released)[inLink(link, flow.completed).length];
    flow.completed.push(seen);
    if (question) judge.answers(link, question, seen, true);
    finish(judge, link, flow, seen);
  } else if (orphan >= 0) link.orphans.splice(orphan, 1);
  else if (flow?.stage === 'received') {
    judge.report('pubcomp-before-pubrel', seen);
    finish(judge, link, flow, seen);
  } else if (flow && flow.stage !== 'released') {
    judge.report('ack-wrong-type', seen);
    finish(judge, link, flow, seen);
  } else if (isJudged(judge, link)) judge.report('ack-unknown-id', seen);
}

const isReleaseOpen = (link: Link, { released, completed }: Flow) =>
  inLink(link, completed).length < inLink(link, released).length;

/** Of a PUBREL whose Remaining Length takes one byte. */
const idOf = ({ bytes }: Seen) => (bytes[2] << 8) | bytes[3];
