/**
 * Puts the shares of a capture's flows together into the outcome that one run over all of them has. Things come in the order of
 * the moments at which they came up, which is the same clock in all shares: so connections get their numbers, the listings are
 * cut where the whole one is, and of what is said once the first stands. Whether that is allowed is settled before, by
 * whole-only.ts.
 */
import type { Finding } from '../lint/finding.ts';
import { addTallies, type RuleTally } from '../lint/tally.ts';
import { addDecoded } from '../net/decode.ts';
import type { Joint } from '../protocol/across.ts';
import { type ClosedConnection, outcomeOf, type RemarkedConnections, verdictMarks } from '../protocol/connections.ts';
import type { BoundName, Limits } from '../protocol/limits.ts';
import { MachineRun } from '../protocol/machine.ts';
import { type AnyProtocol, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { MappedFlows } from './mapped.ts';
import type { ApartOutcome, LaneOutcome, PlacedRemark } from './outcome.ts';
import { Rebase } from './rebased.ts';
import { reasonForWhole, type SharePart, unseenSince } from './whole-only.ts';

/** Of one share: what became of its things. */
export interface JoinedShare {
  readonly rebase: Rebase;
  /** Of what it says once: is it the first to say it? */
  readonly isFirst: (key: string) => boolean;
  /** As they stand in the whole, by what they were. */
  readonly findings: ReadonlyMap<Finding, Finding>;
  /** Place in the whole of each of its remarks; -1 for one that another share has made before. */
  readonly remarks: readonly number[];
}

export type Joined =
  | { readonly kind: 'joined'; readonly apart: ApartOutcome; readonly shares: readonly JoinedShare[] }
  /** To be judged in shares again, with what is known now. */
  | { readonly kind: 'again'; readonly unseenSince: number }
  /** To be judged as a whole. */
  | { readonly kind: 'whole'; readonly reason: string };

/**
 * @param parts the shares, in their order
 * @param limits of the whole
 */
export function joined(parts: readonly SharePart[], limits: Limits): Joined {
  const joints: (Joint | undefined)[] = [];
  for (const [lane, { protocol }] of parts[0].apart.outcome.lanes.entries()) {
    const told = parts.some(({ notes }) => notes.whole !== undefined);
    const joint = told ? undefined : protocol.join?.(parts.map(({ notes }) => notes.lanes[lane].noted));
    if (protocol.join && !told && !joint) return { kind: 'whole', reason: `${protocol.id} cannot be put together` };
    joints.push(joint);
  }
  const settled = joints.map(joint => new Set<string>(joint?.limitHits.keys()));
  const reason = reasonForWhole(parts, limits, settled);
  if (reason !== undefined) return { kind: 'whole', reason };
  const since = unseenSince(parts.map(({ notes }) => notes));
  if (since !== undefined) return { kind: 'again', unseenSince: since };
  const numbers = numbersOf(parts.map(({ notes }) => notes.opened));
  const rebases = numbers.map(own => new Rebase(0, connection => own[connection - 1]));
  const sayers = sayersOf(parts);
  const given = parts.map(({ apart, notes }, share) => ({
    apart: rebases[share].outcome(apart),
    notes,
    isFirst: (key: string) => sayers.get(key) === share,
    rebase: rebases[share],
  }));
  // Two on one frame are of one share, and in their order there.
  const findings = given.flatMap(({ apart }) => apart.outcome.findings).sort((one, other) => one.frame - other.frame);
  const places = new Map(findings.map((finding, place) => [finding, place]));
  const remarks = remarksOf(given, findings, places);
  const first = given[0].apart.outcome;
  const lanes = first.lanes.map((_, lane) => laneOf(given, lane, limits, joints[lane]));
  const decoded = addDecoded(parts.map(({ apart }) => apart.outcome.decoded));
  const sum = (of: (part: ApartOutcome['outcome']) => number) =>
    given.reduce((total, { apart }) => total + of(apart.outcome), 0);
  const apart: ApartOutcome = {
    outcome: {
      facts: first.facts,
      messages: sum(({ messages }) => messages),
      lanes: lanes.map(({ outcome }) => outcome),
      findings,
      omittedFindings: sum(({ omittedFindings }) => omittedFindings),
      decoded,
      unclaimedDatagrams: sum(({ unclaimedDatagrams }) => unclaimedDatagrams),
      unclaimedSegments: sum(({ unclaimedSegments }) => unclaimedSegments),
      uncutDatagrams: sum(({ uncutDatagrams }) => uncutDatagrams),
      evictedFlows: 0,
      overflowedCandidates: sum(({ overflowedCandidates }) => overflowedCandidates),
      givenUpHoles: sum(({ givenUpHoles }) => givenUpHoles),
      refusedMessages: 0,
      unfollowed: sum(({ unfollowed }) => unfollowed),
      mapped: mappedOf(parts),
    },
    remarks: remarks.map(({ remark }) => remark),
    remarked: lanes.map(({ remarked }) => remarked),
  };
  const shares = given.map(({ apart: own, isFirst, rebase }, share): JoinedShare => {
    const before = parts[share].apart.outcome.findings;
    return {
      rebase,
      isFirst,
      findings: new Map(before.map((finding, place) => [finding, own.outcome.findings[place]])),
      remarks: own.remarks.map(remark => remarks.findIndex(({ from }) => from === remark)),
    };
  });
  return { kind: 'joined', apart, shares };
}

interface Given {
  readonly apart: ApartOutcome;
  readonly notes: SharePart['notes'];
  readonly rebase: Rebase;
  isFirst(key: string): boolean;
}

/** By share and number there: the number in the whole. A connection is opened at a moment that is no other share's. */
function numbersOf(opened: readonly (readonly number[])[]): Uint32Array[] {
  const numbers = opened.map(own => new Uint32Array(own.length));
  const next = opened.map(() => 0);
  const total = opened.reduce((sum, own) => sum + own.length, 0);
  for (let number = 1; number <= total; number++) {
    let first = -1;
    for (let share = 0; share < opened.length; share++) {
      if (next[share] === opened[share].length) continue;
      if (first < 0 || opened[share][next[share]] < opened[first][next[first]]) first = share;
    }
    numbers[first][next[first]++] = number;
  }
  return numbers;
}

/** By key of what is said once: the share that says it first. */
function sayersOf(parts: readonly SharePart[]): Map<string, number> {
  const sayers = new Map<string, number>();
  for (const [share, { notes }] of parts.entries()) {
    for (const [key, moment] of notes.said) {
      const other = sayers.get(key);
      if (other === undefined || moment < (parts[other].notes.said.get(key) ?? 0)) sayers.set(key, share);
    }
  }
  return sayers;
}

/** Those that stand, in the order of findings, each with the one of its share. */
function remarksOf(
  given: readonly Given[],
  findings: readonly Finding[],
  places: ReadonlyMap<Finding, number>,
): { readonly from: PlacedRemark; readonly remark: PlacedRemark }[] {
  const all = given.flatMap(({ apart, isFirst }, share) =>
    apart.remarks.filter(({ key }) => isFirst(key)).map(remark => ({ remark, share })),
  );
  // Two in one frame are of one share, and in their order there.
  all.sort((one, other) => one.remark.finding.frame - other.remark.finding.frame);
  return all.map(({ remark, share }, order) => {
    const own = given[share].apart.outcome.findings[remark.before - 1];
    const { frame } = remark.finding;
    const before = own?.frame === frame ? (places.get(own) ?? 0) + 1 : countBelow(findings, frame);
    return { from: remark, remark: { ...remark, order, before } };
  });
}

/** How many of the findings, in order, stand on an earlier frame. */
function countBelow(findings: readonly Finding[], frame: number): number {
  let from = 0;
  for (let end = findings.length; from < end; ) {
    const middle = (from + end) >>> 1;
    if (findings[middle].frame < frame) from = middle + 1;
    else end = middle;
  }
  return from;
}

function laneOf(
  given: readonly Given[],
  lane: number,
  limits: Limits,
  joint: Joint | undefined,
): { readonly outcome: LaneOutcome; readonly remarked: RemarkedConnections } {
  const own = given.map(({ apart }) => apart.outcome.lanes[lane]);
  const [{ protocol, dialect }] = own;
  const machineRun = new MachineRun(protocol.machine);
  for (const each of own) machineRun.add(each.machineRun);
  const limitHits = new Map<BoundName, number>();
  for (const each of own)
    for (const [name, hits] of each.limitHits) limitHits.set(name, (limitHits.get(name) ?? 0) + hits);
  for (const [name, hits] of joint?.limitHits ?? []) {
    if (hits > 0) limitHits.set(name, hits);
    else limitHits.delete(name);
  }
  const summed = own.map(({ tallies }) => tallies).reduce(addTallies);
  const { connections, remarked } = connectionsOf(given, lane, limits);
  return {
    outcome: {
      protocol,
      connections,
      messageCounts: messagesOf(
        protocol,
        own.map(({ messageCounts }) => messageCounts),
      ),
      tallies: joint ? withPassed(summed, joint.passed) : summed,
      machineRun,
      dialect,
      settled: unionOf(own.map(({ settled }) => settled)),
      limitHits,
    },
    remarked,
  };
}

function connectionsOf(given: readonly Given[], lane: number, limits: Limits) {
  const { trust, all } = given[0].apart.remarked[lane];
  const byMarks = [...given[0].notes.lanes[lane].closed.byMarks];
  byMarks.fill(0);
  let opened = 0;
  const notable: ClosedConnection[] = [];
  const plain: ClosedConnection[] = [];
  const remarked: { readonly moment: number; readonly connection: RemarkedConnections['connections'][number] }[] = [];
  for (const { apart, notes, rebase, isFirst } of given) {
    const { closed } = notes.lanes[lane];
    opened += closed.opened;
    closed.byMarks.forEach((count, marks) => {
      byMarks[marks] += count;
    });
    for (const [from, into] of [
      [closed.notable, notable],
      [closed.plain, plain],
    ] as const)
      for (const each of from) into.push({ ...each, report: rebase.connection(each.report) });
    for (const [place, connection] of apart.remarked[lane].connections.entries()) {
      const moment = closed.remarkedAt[place];
      const remarks = connection.remarks.filter(({ key }) => isFirst(key));
      if (remarks.length > 0) {
        remarked.push({ moment, connection: { ...connection, remarks } });
        continue;
      }
      const { report, marks, excuse } = connection;
      byMarks[verdictMarks(marks)]++;
      (marks === 0 ? plain : notable).push({ report, marks, excuse, moment });
    }
  }
  const listed = (list: ClosedConnection[]) =>
    list.sort((one, other) => one.moment - other.moment).slice(0, limits.connections);
  const connections = outcomeOf({ opened, notable: listed(notable), plain: listed(plain), byMarks }, trust, all);
  remarked.sort((one, other) => one.moment - other.moment);
  return { connections, remarked: { connections: remarked.map(({ connection }) => connection), trust, all } };
}

/** Those of the layouts first, then those of no layout, then the one that a framing may have of its own. */
function messagesOf({ layouts }: AnyProtocol, counts: LaneOutcome['messageCounts'][]): Map<string, number> {
  const sum = sumOf(counts);
  const names = new Set([...layouts.map(({ name }) => name), UNKNOWN_MESSAGE, ...sum.keys()]);
  return new Map([...names].flatMap(name => (sum.has(name) ? [[name, sum.get(name) ?? 0]] : [])));
}

function sumOf(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const own of counts) for (const [name, count] of own) all.set(name, (all.get(name) ?? 0) + count);
  return all;
}

function unionOf(given: LaneOutcome['settled'][]): Map<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const own of given)
    for (const [name, values] of own) all.set(name, [...new Set([...(all.get(name) ?? []), ...values])].sort());
  return all;
}

function withPassed(tallies: readonly RuleTally[], passed: Joint['passed']): readonly RuleTally[] {
  return tallies.map(tally => {
    const more = passed.get(tally.id) ?? 0;
    return more === 0 ? tally : { ...tally, checked: tally.checked + more };
  });
}

/** Ports in the order in which they were first used. */
function mappedOf(parts: readonly SharePart[]): MappedFlows[] {
  const all = new Map<string, { readonly first: number; readonly port: MappedFlows }>();
  const placed = parts.flatMap(({ apart, notes }) =>
    apart.outcome.mapped.map((port, place) => ({ port, first: notes.mapped[place] })),
  );
  placed.sort((one, other) => one.first - other.first);
  for (const { port, first } of placed) {
    const key = `${port.transport} ${port.port} ${port.protocol}`;
    const present = all.get(key);
    const recognised = sumOf([present?.port.recognised ?? new Map(), port.recognised]);
    const flows = (present?.port.flows ?? 0) + port.flows;
    all.set(key, { first: present?.first ?? first, port: { ...port, flows, recognised } });
  }
  return [...all.values()].map(({ port }) => port);
}
