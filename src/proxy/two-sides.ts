/**
 * One report of a run in which the proxy has changed what passed. A peer is judged by what it was given, so two engines
 * have run, each blaming one side (`EngineOptions.blames`): the client's view holds what clients sent and what they were
 * given, the server's view the same of servers. Frames of both are numbered by the recording.
 *
 * What a side broke in its own view counts. What it seems to have broken in the other one's view is mostly the double of
 * that; what has none there was caused by us, is listed as induced, and counts nowhere. Messages, dialects and coverage are
 * those of the client's view. A rule was checked as often as it held there and was broken by either side in its own view;
 * it was inconclusive as often as in the view where that happened more.
 */
import type { CaptureFacts } from '../capture/source.ts';
import { DOUBTS } from '../lint/doubt.ts';
import type { Finding } from '../lint/finding.ts';
import type { CaptureRuleTally, CaptureTally, EditionTally, RuleCounts, RuleTally } from '../lint/tally.ts';
import type { ConnectionReport, Verdict } from '../lint/verdict.ts';
import { withStatements } from '../report/build.ts';
import { groupBy } from '../report/group-by.ts';
import type { CaptureResult, ProtocolReport, RunReport } from '../report/run-report.ts';
import type { EngineOptions } from '../run/options.ts';
import { CLIENT, type Side } from './ends.ts';
import type { InterferenceLog } from './interference-log.ts';

/** As both engines had them, but that these list all connections; `protocols` as `Engine.protocols` has them. */
export type TwoSidesOptions = Pick<
  EngineOptions,
  'protocols' | 'statements' | 'maxFindings' | 'allConnections' | 'limits'
>;

/** What was done, and the seed of what of it was left to chance. */
export interface Done {
  readonly log: InterferenceLog;
  readonly seed?: number | undefined;
}

/**
 * @param client report of the engine that blames clients, of one capture and with all connections
 * @param server the same of the one that blames servers
 * @param facts of what was passed on
 * @param done entered into the report where it is not empty
 */
export function bothSides(
  client: RunReport,
  server: RunReport,
  facts: CaptureFacts,
  options: TwoSidesOptions,
  done?: Done,
): RunReport {
  const { connections, idOf } = matched(client, server);
  const numberOf = (side: Side, id: number) => (side === CLIENT ? id : idOf(id));
  const ofServer = (finding: Finding): Finding => ({ ...finding, connection: idOf(finding.connection) });
  const one = new View(client, finding => finding, options);
  const other = new View(server, ofServer, options);
  const doubles = pairUp(one.others, other);
  const left = pairUp(other.others, one);
  const all = inOrder(one, other, doubles.paired);
  const findings = withinBounds(all, options);
  const allInduced = [...doubles.left, ...left.left].sort((a, b) => a.frame - b.frame);
  const induced = withinBounds(allInduced, options);
  const touched = new Set(findings.map(({ connection }) => connection));
  const isListed = ({ id, verdict }: ConnectionReport) =>
    options.allConnections || verdict !== 'conformant' || touched.has(id);
  const protocols = protocolsOf(client, server, options).map(report => {
    const protocol = options.protocols.find(({ id }) => id === report.id);
    return withStatements(report, options, protocol, findings, connections);
  });
  const { summary } = client;
  const outcome = {
    errors: summary.errors + server.summary.errors,
    warnings: summary.warnings + server.summary.warnings,
    infos: summary.infos + server.summary.infos,
    inconclusive: inconclusiveIn(connections, client, server),
    verdict: worseOf(client, server),
  };
  const unlisted =
    allInduced.length -
    induced.length +
    Math.max(0, one.omittedOthers - server.omitted.findings) +
    Math.max(0, other.omittedOthers - client.omitted.findings);
  return {
    captures: [facts],
    results: client.results.map((result): CaptureResult => ({ ...result, ...outcome })),
    summary: { ...summary, ...outcome, packets: facts.packets },
    protocols,
    tallies: talliesOf(client, server, options),
    connections: connections.filter(isListed),
    findings,
    ...(induced.length > 0 && { induced }),
    ...(done && !done.log.isEmpty && { interference: done.log.report(done.seed, numberOf) }),
    omitted: {
      findings: client.omitted.findings + server.omitted.findings + all.length - findings.length,
      connections: client.omitted.connections,
      ...(unlisted > 0 && { induced: unlisted }),
    },
    notes: [...new Set([...client.notes, ...server.notes])],
  };
}

// Connections

/** A connection of one view; of one that is open, or beyond the listing's bound, only what its findings tell is known. */
interface Seen {
  readonly id: number;
  readonly report: ConnectionReport | undefined;
}

/** Those of both views under the numbers of the client's, and new ones behind them for what only the server's has. */
function matched(client: RunReport, server: RunReport) {
  const own = connectionsOf(client);
  const ids = new Map<number, number>();
  const twins = new Map<number, ConnectionReport>();
  for (const [ends, seen] of connectionsOf(server)) {
    for (const [mine, theirs] of aligned(own.get(ends) ?? [], seen)) {
      ids.set(theirs.id, mine.id);
      if (theirs.report) twins.set(mine.id, theirs.report);
    }
  }
  let last = lastNumber(client);
  const idOf = (id: number): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    ids.set(id, ++last);
    return last;
  };
  const paired = client.connections.map(connection => united(connection, twins.get(connection.id)));
  const known = new Set(paired.map(({ id }) => id));
  const added = server.connections.map(connection => ({ ...connection, id: idOf(connection.id) }));
  const all = [...paired, ...added.filter(({ id }) => !known.has(id))].sort((a, b) => a.id - b.id);
  return { connections: all, idOf };
}

/** By protocol and ends, in the order in which they opened. */
function connectionsOf({ connections, view }: RunReport): Map<string, Seen[]> {
  const all = new Map<number, Seen & { readonly ends: string }>();
  for (const report of connections) {
    const { id, protocol, client, server } = report;
    all.set(id, { id, report, ends: endsOf(protocol, client, server) });
  }
  for (const { connection: id, protocol, from, to } of view?.found ?? []) {
    if (!all.has(id)) all.set(id, { id, report: undefined, ends: endsOf(protocol, from, to) });
  }
  const inOrder = [...all.values()].sort((a, b) => a.id - b.id);
  return groupBy(inOrder, ({ ends }) => ends);
}

/** Views may differ in who they take for the client. */
function endsOf(protocol: string, one: string, other: string): string {
  return [protocol, ...[one, other].sort()].join(' ');
}

/**
 * Pairs of connections of the same ends. Those that began at the same time are the same; between two of these the first
 * is the first, and so on: its beginning may have been delayed, or lost and sent again.
 */
function* aligned(mine: readonly Seen[], theirs: readonly Seen[]): Generator<readonly [Seen, Seen]> {
  const starts = groupBy([...theirs.keys()], place => startOf(theirs[place]!.report));
  let from = 0;
  let next = 0;
  for (const [place, { report }] of mine.entries()) {
    const same = report && starts.get(startOf(report))?.shift();
    // What lies before the last pair was passed over.
    if (same === undefined || same < next) continue;
    yield* inTurn(mine.slice(from, place), theirs.slice(next, same));
    yield [mine[place]!, theirs[same]!];
    from = place + 1;
    next = same + 1;
  }
  yield* inTurn(mine.slice(from), theirs.slice(next));
}

function* inTurn(mine: readonly Seen[], theirs: readonly Seen[]): Generator<readonly [Seen, Seen]> {
  const both = Math.min(mine.length, theirs.length);
  for (let at = 0; at < both; at++) yield [mine[at]!, theirs[at]!];
}

const startOf = (report: ConnectionReport | undefined) =>
  report && `${report.start.seconds} ${report.start.nanoseconds}`;

/** The highest number that the view has given to a connection. */
function lastNumber({ connections, view, summary }: RunReport): number {
  const listed = connections.reduce((most, { id }) => Math.max(most, id), summary.connections);
  return (view?.found ?? []).reduce((most, { connection }) => Math.max(most, connection), listed);
}

function united(connection: ConnectionReport, twin: ConnectionReport | undefined): ConnectionReport {
  if (!twin) return connection;
  const verdict = worst([connection.verdict, twin.verdict]);
  const all = verdict === 'inconclusive' ? [...connection.reasons, ...twin.reasons] : [];
  const reasons = DOUBTS.flatMap(doubt => all.find(({ kind }) => kind === doubt) ?? []);
  return { ...connection, verdict, reasons };
}

// Verdicts

const VERDICTS: readonly Verdict[] = ['violations', 'inconclusive', 'conformant'];

function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find(verdict => verdicts.includes(verdict)) ?? 'inconclusive';
}

/** Of the run. A view in which nobody was seen has nothing to say beside one in which somebody was. */
function worseOf(client: RunReport, server: RunReport): Verdict {
  const seen = [client, server].filter(({ summary }) => summary.connections > 0 || summary.verdict === 'violations');
  return worst(seen.map(({ summary }) => summary.verdict));
}

function inconclusiveIn(connections: readonly ConnectionReport[], client: RunReport, server: RunReport): number {
  const listed = connections.filter(({ verdict }) => verdict === 'inconclusive').length;
  const isWhole = client.omitted.connections + server.omitted.connections === 0;
  return isWhole ? listed : Math.max(listed, client.summary.inconclusive, server.summary.inconclusive);
}

// Findings

/** What was found in one view, under the numbers of both. */
class View {
  /** Of its own side. */
  readonly own: readonly Finding[];
  /** Of the other side. */
  readonly others: readonly Finding[];
  readonly omittedOthers: number;
  /** Places in the order of all that was found. */
  readonly places: ReadonlyMap<Finding, number>;
  readonly #groups: ReadonlyMap<string, readonly Finding[]>;
  /** Ids of rules that were broken more often than is listed. */
  readonly #cut: ReadonlySet<string>;
  readonly #options: TwoSidesOptions;

  constructor(report: RunReport, renumbered: (finding: Finding) => Finding, options: TwoSidesOptions) {
    const counted = new Set(report.findings);
    const found = (report.view?.found ?? report.findings).map(finding => {
      return { finding: renumbered(finding), isOwn: counted.has(finding) };
    });
    this.own = found.filter(({ isOwn }) => isOwn).map(({ finding }) => finding);
    this.others = found.filter(({ isOwn }) => !isOwn).map(({ finding }) => finding);
    this.omittedOthers = report.view?.omitted ?? 0;
    this.places = new Map(found.map(({ finding }, place) => [finding, place]));
    this.#groups = groupBy(this.own, groupOf);
    this.#cut = rulesCut(report);
    this.#options = options;
  }

  /** May there be more of its own like this one than are listed? */
  mayHaveMore(finding: Finding): boolean {
    const { maxFindings, limits } = this.#options;
    if (!this.#cut.has(finding.ruleId)) return false;
    return (this.#groups.get(groupOf(finding))?.length ?? 0) >= maxFindings || this.own.length >= limits.findings;
  }
}

const groupOf = ({ ruleId, connection }: Finding) => `${connection} ${ruleId}`;

function rulesCut({ tallies, findings }: RunReport): Set<string> {
  const listed = groupBy(findings, ({ ruleId }) => ruleId);
  const rules = tallies.flatMap(tally => tally.rules);
  return new Set(rules.filter(({ id, broken }) => broken > (listed.get(id)?.length ?? 0)).map(({ id }) => id));
}

interface Pairing {
  /** What a side broke in its own view -> how the other side saw it. */
  readonly paired: ReadonlyMap<Finding, Finding>;
  /** What was seen by the other side alone. */
  readonly left: readonly Finding[];
}

/**
 * Finds the double of each finding in the view of the side at fault: in the same frame; else, as frames may be others where
 * something was delayed, on the same bytes.
 */
function pairUp(others: readonly Finding[], view: View): Pairing {
  const paired = new Map<Finding, Finding>();
  const pair = (left: readonly Finding[], keyOf: (finding: Finding) => string): Finding[] => {
    if (left.length === 0) return [];
    const free = groupBy(view.own.filter(own => !paired.has(own)).reverse(), own => `${groupOf(own)} ${keyOf(own)}`);
    return left.filter(other => {
      const double = free.get(`${groupOf(other)} ${keyOf(other)}`)?.pop();
      if (double) paired.set(double, other);
      return !double;
    });
  };
  const left = pair(
    pair(others, ({ frame }) => `${frame}`),
    bytesOf,
  );
  return { paired, left: left.filter(other => !view.mayHaveMore(other)) };
}

/** The message that a finding stands on, as far as its bytes were kept. */
function bytesOf({ messageName, from, excerpt }: Finding): string {
  const bytes = excerpt ? Buffer.from(excerpt.bytes).toString('latin1') : '';
  return [messageName, from, excerpt?.offset, excerpt?.messageLength, bytes].join(' ');
}

/** What counts, by frame; in one frame in the order in which the client's view had it. */
function inOrder(client: View, server: View, doubles: Pairing['paired']): Finding[] {
  const behind = client.places.size;
  const placed = [
    ...client.own.map(finding => ({ finding, place: client.places.get(finding) ?? 0 })),
    ...server.own.map(finding => {
      const double = doubles.get(finding);
      const isThere = double !== undefined && double.frame === finding.frame;
      const place = isThere ? client.places.get(double) : undefined;
      return { finding, place: place ?? behind + (server.places.get(finding) ?? 0) };
    }),
  ];
  placed.sort((a, b) => a.finding.frame - b.finding.frame || a.place - b.place);
  return placed.map(({ finding }) => finding);
}

/** The first ones: each view had the room for its own that is meant for all. */
function withinBounds(findings: readonly Finding[], { maxFindings, limits }: TwoSidesOptions): Finding[] {
  const counts = new Map<string, number>();
  const listed = findings.filter(finding => {
    const group = groupOf(finding);
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    return count <= maxFindings;
  });
  return listed.slice(0, limits.findings);
}

// Counts

function protocolsOf(client: RunReport, server: RunReport, { protocols }: TwoSidesOptions): ProtocolReport[] {
  return protocols.flatMap(({ id }) => {
    const [own, other] = [client, server].map(report => report.protocols.find(protocol => protocol.id === id));
    if (!own && !other) return [];
    const { rules: ofServer } = other ?? { rules: rulesIn(server, id) };
    return own
      ? [{ ...own, rules: added(own.rules, ofServer) }]
      : [{ ...other!, rules: added(rulesIn(client, id), ofServer) }];
  });
}

function talliesOf(client: RunReport, server: RunReport, { protocols }: TwoSidesOptions): CaptureTally[] {
  return protocols.flatMap(({ id }) => {
    const [own, other] = [client, server].map(report => report.tallies.find(({ protocol }) => protocol === id));
    const tally = own ?? other;
    if (!tally) return [];
    const rules = added<CaptureRuleTally>(own?.rules ?? [], other?.rules ?? []);
    return [{ ...tally, rules }];
  });
}

/** Of a protocol of which the view has no message. */
function rulesIn({ tallies }: RunReport, protocol: string): readonly RuleTally[] {
  return tallies.find(tally => tally.protocol === protocol)?.rules ?? [];
}

/** Rule by rule; a view without a message of the protocol has none. */
function added<Tally extends RuleTally>(client: readonly Tally[], server: readonly Tally[]): readonly Tally[] {
  if (client.length === 0) return server;
  const others = new Map(server.map(tally => [tally.id, tally]));
  return client.map(tally => {
    const other = others.get(tally.id);
    if (!other) return tally;
    const byEdition = tally.byEdition?.map((edition): EditionTally => {
      const twin = other.byEdition?.find(one => one.edition === edition.edition);
      return twin ? { ...edition, ...sidesOf(edition, twin) } : edition;
    });
    return {
      ...tally,
      ...sidesOf(tally, other),
      milder: tally.milder + other.milder,
      ...(byEdition && { byEdition }),
    };
  });
}

function sidesOf(client: RuleCounts, server: RuleCounts): RuleCounts {
  return {
    checked: client.checked + server.broken,
    broken: client.broken + server.broken,
    inconclusive: Math.max(client.inconclusive, server.inconclusive),
  };
}
