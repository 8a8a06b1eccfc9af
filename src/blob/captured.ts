/**
 * One capture as it was judged by itself, as a line of JSON and back: exactly what a report is made of, with connections
 * counted from 1. All of it is checked when it is read.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Exchange } from '../history/excerpt.ts';
import { DOUBTS } from '../lint/doubt.ts';
import { type Finding, plainFinding } from '../lint/finding.ts';
import { BASES, SEVERITIES } from '../lint/rule.ts';
import type { RuleCounts, RuleTally } from '../lint/tally.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { DecodeSummary } from '../net/decode.ts';
import { VIRTUAL } from '../net/extents.ts';
import type { ConnectionEvent, ConnectionOutcome, RemarkedConnections } from '../protocol/connections.ts';
import type { BoundName } from '../protocol/limits.ts';
import { MachineRun } from '../protocol/machine.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { MappedFlows } from '../run/mapped.ts';
import type { ApartOutcome, CaptureOutcome, PlacedRemark } from '../run/outcome.ts';
import {
  bytes,
  count,
  covering,
  flag,
  list,
  mapOf,
  number,
  oneOf,
  orNull,
  pair,
  record,
  type Shaped,
  ShapeError,
  table,
  text,
} from './shape.ts';

/** What came up while the capture was read, in that order: for those who are shown it as it happens. */
export type Occurrence =
  | { readonly kind: 'finding'; readonly finding: Finding }
  /** What is said once a run, by its place among the capture's remarks. */
  | { readonly kind: 'remark'; readonly index: number }
  | { readonly kind: 'connection'; readonly event: ConnectionEvent };

/** A capture of a run. */
export interface Captured {
  /** Its place in the run. */
  readonly index: number;
  readonly apart: ApartOutcome;
  readonly occurred: readonly Occurrence[];
  /** By connection, where something was found. */
  readonly exchanges: ReadonlyMap<number, Exchange>;
}

/** One that could not be opened. */
export interface Unread {
  readonly index: number;
  /** A line for the user. */
  readonly unreadable: string;
}

const time = record({ seconds: number, nanoseconds: number });
const captureTime = record({ seconds: number, nanoseconds: number, digits: count });

const facts = covering<CaptureFacts>()(
  record(
    {
      path: text,
      format: oneOf('pcap', 'pcapng'),
      description: text,
      linkTypes: list(number),
      packets: count,
      bytes: count,
      dropped: count,
      dropsCounted: flag,
      knownComplete: flag,
      complete: flag,
    },
    {
      firstTime: captureTime,
      lastTime: captureTime,
      eachOnce: flag,
      disorder: record({ frame: count, seconds: number }),
      problem: record({ offset: count, message: text }),
      note: text,
    },
  ),
);

const finding = covering<Finding>()(
  record(
    {
      ruleId: text,
      severity: oneOf(...SEVERITIES),
      message: text,
      capture: count,
      frame: count,
      time,
      protocol: text,
      connection: count,
      from: text,
      to: text,
      atFault: orNull(text),
      messageName: text,
      state: text,
      bytes: orNull(record({ offset: number, length: number })),
      expected: text,
      actual: text,
      restsOn: oneOf(...BASES),
      spec: record({ document: text, clause: text }, { says: text }),
      relatedFrames: list(count),
      excerpt: orNull(record({ offset: number, bytes, messageLength: count, position: number })),
    },
    { mentions: count },
  ),
);

const verdict = oneOf('conformant', 'violations', 'inconclusive');
export const connection = covering<ConnectionReport>()(
  record(
    {
      id: count,
      protocol: text,
      capture: count,
      client: text,
      server: text,
      start: time,
      end: time,
      state: text,
      messages: count,
      verdict,
      reasons: list(record({ kind: oneOf(...DOUBTS), because: text, advice: text })),
    },
    { about: text },
  ),
);

/** Most rules have nothing to judge in most captures: the names of all, and the counts of those that had. */
const tallies = record({
  rules: list(text),
  severities: list(oneOf(...SEVERITIES)),
  editions: list(text),
  /** Place of the rule, what came of it as `COUNTS`, how often it was milder, and what came of it in each edition. */
  counts: list(list(count)),
});
const COUNTS = ['checked', 'broken', 'inconclusive'] as const;

const lane = record({
  protocol: text,
  connections: covering<ConnectionOutcome>()(
    record({
      total: count,
      violations: count,
      inconclusive: count,
      listed: list(connection),
      omitted: count,
    }),
  ),
  messageCounts: mapOf(count),
  tallies,
  /** Steps by the way that was gone: judged, and of connections that were not seen whole. */
  steps: list(record({ way: count, judged: count, withheld: count })),
  dialect: mapOf(text),
  settled: mapOf(list(text)),
  limitHits: mapOf(count),
});

const decoded = covering<DecodeSummary>()(
  record({
    frames: count,
    udp: count,
    tcp: count,
    copies: count,
    cut: count,
    cutPayload: count,
    unknownLinkType: table(count),
    unknownEtherType: table(count),
    unknownLlc: table(count),
    unknownHardwareType: table(count),
    unknownAddressFamily: table(count),
    unknownIpProtocol: table(count),
    malformed: record({
      ethernet: count,
      linuxSll: count,
      loopback: count,
      rawIp: count,
      ipv4: count,
      ipv6: count,
      fragment: count,
      udp: count,
      tcp: count,
    }),
    fragments: record({
      seen: count,
      reassembled: count,
      timedOut: count,
      evicted: count,
      overlapsResolved: count,
      overlapsRefused: count,
      lengthRefused: count,
      cut: count,
      wrongChecksums: count,
      ofCompleted: count,
      ofRefused: count,
      incompleteAtEnd: count,
    }),
  }),
);

const mapped = covering<MappedFlows>()(
  record({
    transport: oneOf('udp', 'tcp'),
    port: count,
    protocol: text,
    flows: count,
    isRecognisable: flag,
    recognised: mapOf(count),
  }),
);

/** Only a proxy has a view of one side, and writes no blob. */
const outcome = covering<Omit<CaptureOutcome, 'view'>>()(
  record({
    facts,
    messages: count,
    lanes: list(lane),
    findings: list(finding),
    omittedFindings: count,
    decoded,
    unclaimedDatagrams: count,
    unclaimedSegments: count,
    uncutDatagrams: count,
    evictedFlows: count,
    overflowedCandidates: count,
    givenUpHoles: count,
    refusedMessages: count,
    unfollowed: count,
    mapped: list(mapped),
  }),
);

const remark = covering<PlacedRemark>()(
  record({ key: text, finding, edition: count, isMilder: flag, order: count, before: count }),
);

const exchange = covering<Exchange>()(
  record({
    total: count,
    messages: list(record({ index: count, frame: count, position: number, time, name: text, fromClient: flag })),
  }),
);

const trust = record({ isKnown: flag, isDropping: flag });
const own = { marks: count, remarks: list(record({ key: text, marks: count })) };
const remarked = covering<RemarkedConnections>()(
  record({
    connections: list(record({ report: connection, ...own }, { excuse: text })),
    trust,
    all: flag,
  }),
);

const captured = record({
  index: count,
  outcome,
  remarks: list(remark),
  remarked: list(remarked),
  /** Places in the findings, or findings that came up and do not stand. */
  occurred: list(
    record(
      { kind: oneOf('listed', 'finding', 'remark', 'opened', 'closed') },
      { index: count, finding, connection, weighed: record({ ...own, trust }, { excuse: text }) },
    ),
  ),
  exchanges: list(pair(count, exchange)),
});

const unread = record({ index: count, unreadable: text });

export function captureLine({ index, apart, occurred, exchanges }: Captured): string {
  const { lanes, mapped: ports, view: _, ...rest } = apart.outcome;
  const places = new Map(rest.findings.map((found, place) => [found, place]));
  const positions = new Positions();
  const findingJson = (given: Finding) => positions.ofFinding(given);
  return JSON.stringify({
    index,
    outcome: {
      ...rest,
      findings: rest.findings.map(findingJson),
      lanes: lanes.map(({ protocol, machineRun, messageCounts, dialect, settled, limitHits, ...own }) => ({
        ...own,
        protocol: protocol.id,
        tallies: talliesJson(own.tallies),
        messageCounts: [...messageCounts],
        steps: machineRun.steps(),
        dialect: [...dialect].map(([name, value]) => [name, isKey(protocol, name) && value !== '' ? 'given' : value]),
        settled: [...settled],
        limitHits: [...limitHits],
      })),
      mapped: ports.map(port => ({ ...port, recognised: [...port.recognised] })),
    },
    remarks: apart.remarks.map(remark => ({ ...remark, finding: findingJson(remark.finding) })),
    remarked: apart.remarked,
    occurred: occurred.map(each => occurrenceJson(each, places, findingJson)),
    exchanges: [...exchanges].map(([id, exchange]) => [id, positions.ofExchange(id, exchange)]),
  });
}

export function unreadLine(given: Unread): string {
  return JSON.stringify(given);
}

/**
 * @param protocols those that it was judged by, in their order
 * @throws ShapeError
 */
export function readCaptureLine(value: unknown, protocols: readonly AnyProtocol[]): Captured | Unread {
  if (typeof value === 'object' && value !== null && 'unreadable' in value) return unread(value);
  const given = captured(value);
  const { lanes, ...rest } = given.outcome;
  if (lanes.length !== protocols.length || given.remarked.length !== protocols.length)
    throw new ShapeError('not as many protocols as the blob names', ['outcome', 'lanes']);
  const apart = {
    outcome: {
      ...rest,
      facts: rest.facts satisfies CaptureFacts,
      lanes: lanes.map(({ protocol: _, steps, limitHits, tallies: counted, ...own }, index) => {
        const protocol = protocols[index];
        if (!steps.every(({ way }) => way < protocol.machine.cells * 2))
          throw new ShapeError('a step that the machine does not have', ['outcome', 'lanes', index, 'steps']);
        const machineRun = new MachineRun(protocol.machine);
        for (const step of steps) machineRun.addSteps(step);
        return {
          ...own,
          tallies: talliesOf(counted),
          protocol,
          machineRun,
          limitHits: limitHits as Map<BoundName, number>,
        };
      }),
    },
    remarks: given.remarks,
    remarked: given.remarked,
  };
  const occurred = given.occurred.flatMap((each, place): Occurrence[] => {
    const missing = () => new ShapeError('names nothing that is there', ['occurred', place]);
    const { kind, index = -1 } = each;
    if (kind === 'listed') {
      const found = rest.findings[index];
      if (!found) throw missing();
      return [{ kind: 'finding', finding: found }];
    }
    if (kind === 'remark') {
      if (!given.remarks[index]) throw missing();
      return [{ kind: 'remark', index }];
    }
    if (kind === 'finding') {
      if (!each.finding) throw missing();
      return [{ kind: 'finding', finding: each.finding }];
    }
    if (!each.connection) throw missing();
    const { connection, weighed } = each;
    return [{ kind: 'connection', event: { kind, connection, ...(weighed && { weighed }) } }];
  });
  return { index: given.index, apart, occurred, exchanges: new Map(given.exchanges) };
}

const countsOf = (from: RuleCounts) => COUNTS.map(name => from[name]);

function talliesJson(given: readonly RuleTally[]): Shaped<typeof tallies> {
  return {
    rules: given.map(({ id }) => id),
    severities: given.map(({ severity }) => severity),
    editions: (given[0]?.byEdition ?? []).map(({ edition }) => edition),
    counts: given.flatMap((tally, place) => {
      const own = [...countsOf(tally), tally.milder, ...(tally.byEdition ?? []).flatMap(countsOf)];
      return own.every(each => each === 0) ? [] : [[place, ...own]];
    }),
  };
}

function talliesOf({ rules, severities, editions, counts }: Shaped<typeof tallies>): RuleTally[] {
  const byPlace = new Map(counts.map(([place, ...own]) => [place, own]));
  return rules.map((id, place) => {
    const own = byPlace.get(place) ?? [];
    const at = (from: number) => ({
      checked: own[from] ?? 0,
      broken: own[from + 1] ?? 0,
      inconclusive: own[from + 2] ?? 0,
    });
    const severity = severities[place];
    if (!severity) throw new ShapeError('a rule without a severity', ['outcome', 'lanes', 'tallies']);
    const byEdition = editions.map((edition, index) => ({ edition, ...at(4 + index * COUNTS.length) }));
    return { id, severity, ...at(0), milder: own[3] ?? 0, ...(editions.length > 0 && { byEdition }) };
  });
}

/**
 * Where messages lie is asked in order to distinguish those of a connection. Of one that was put together from several packets that
 * is a number which hangs on what else was put together: here it counts those of its connection, whoever has judged what else.
 */
class Positions {
  readonly #virtual = new Map<number, Map<number, number>>();

  ofFinding(given: Finding): object {
    const plain = plainFinding(given);
    const { excerpt, connection } = plain;
    if (!excerpt) return plain;
    const position = this.#of(connection, excerpt.position);
    return { ...plain, excerpt: { ...excerpt, bytes: Buffer.from(excerpt.bytes).toString('base64'), position } };
  }

  ofExchange(id: number, { messages, ...exchange }: Exchange): Exchange {
    return { ...exchange, messages: messages.map(each => ({ ...each, position: this.#of(id, each.position) })) };
  }

  #of(connection: number, position: number): number {
    if (position < VIRTUAL) return position;
    const own = this.#virtual.get(connection) ?? new Map<number, number>();
    this.#virtual.set(connection, own);
    const number = own.get(position) ?? VIRTUAL + own.size;
    own.set(position, number);
    return number;
  }
}

function occurrenceJson(
  occurrence: Occurrence,
  places: ReadonlyMap<Finding, number>,
  findingJson: (given: Finding) => object,
): object {
  if (occurrence.kind === 'remark') return occurrence;
  if (occurrence.kind === 'connection') {
    return occurrence.event;
  }
  const index = places.get(occurrence.finding);
  return index === undefined
    ? { kind: 'finding', finding: findingJson(occurrence.finding) }
    : { kind: 'listed', index };
}

/** A secret stays with who has given it. */
function isKey({ dialect }: AnyProtocol, name: string): boolean {
  return dialect.some(option => option.name === name && option.kind === 'key');
}
