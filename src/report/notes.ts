/**
 * What a reader of a report's numbers must know beside them: traffic that was not understood, packets that were lost, and
 * bounds that were hit. One line for each, and none for what did not happen.
 */

import type { CaptureFacts } from '../capture/source.ts';
import type { DecodeSummary } from '../net/decode.ts';
import type { BoundName, Limits } from '../protocol/limits.ts';
import type { CaptureOutcome, LaneOutcome } from '../run/outcome.ts';
import { counted, grouped } from './numbers.ts';

/** Something that is counted over all captures: `3 flows` and what became of them. */
interface Note {
  readonly count: (outcome: CaptureOutcome) => number;
  readonly noun: string;
  readonly text: (limits: Limits) => string;
}

/** Frames that decoding stopped at, because of a number it does not know: one note for each number. */
interface UnknownNote {
  readonly what: string;
  readonly counts: (decoded: DecodeSummary) => Readonly<Record<string, number>>;
  readonly hex?: boolean;
}

const TRAFFIC: readonly Note[] = [
  {
    count: ({ unclaimedSegments }) => unclaimedSegments,
    noun: 'TCP segment',
    text: () => 'of no known protocol (map one with -d tcp.port==PORT,PROTOCOL)',
  },
  {
    count: ({ unclaimedDatagrams }) => unclaimedDatagrams,
    noun: 'UDP datagram',
    text: () => 'of no known protocol (map one with -d udp.port==PORT,PROTOCOL)',
  },
];

const UNFOLLOWED: Note = {
  count: ({ unfollowed }) => unfollowed,
  noun: 'TCP stream',
  text: () =>
    'begun before the capture and not followed: no message boundary is certain (--midstream never assumes one)',
};

const COPIES: Note = {
  count: ({ decoded }) => decoded.copies,
  noun: 'packet',
  text: () =>
    'captured once more than sent (mirror port, two devices, both sides of a router); the copies are set aside',
};

const UNCUT: Note = {
  count: ({ uncutDatagrams }) => uncutDatagrams,
  noun: 'UDP datagram',
  text: () => 'captured before the network card cut it (segmentation offload): each was read as several messages',
};

const UNKNOWN: readonly UnknownNote[] = [
  { what: 'link type', counts: decoded => decoded.unknownLinkType },
  { what: 'EtherType', counts: decoded => decoded.unknownEtherType, hex: true },
  { what: 'LLC access point', counts: decoded => decoded.unknownLlc, hex: true },
  { what: 'hardware type', counts: decoded => decoded.unknownHardwareType },
  { what: 'address family', counts: decoded => decoded.unknownAddressFamily },
  { what: 'IP protocol', counts: decoded => decoded.unknownIpProtocol },
];

const DAMAGE: readonly Note[] = [
  {
    count: ({ decoded }) => Object.values(decoded.malformed).reduce((total, count) => total + count, 0),
    noun: 'frame',
    text: () => 'with malformed headers',
  },
  {
    count: ({ decoded }) => decoded.cut,
    noun: 'frame',
    text: () => 'cut inside the headers by the snap length',
  },
  {
    count: ({ decoded }) => decoded.cutPayload,
    noun: 'packet',
    text: () => 'with a payload cut by the snap length',
  },
  {
    count: ({ decoded: { fragments } }) => fragments.incompleteAtEnd + fragments.timedOut,
    noun: 'fragmented datagram',
    text: () => 'never complete',
  },
  {
    count: ({ decoded: { fragments } }) => fragments.wrongChecksums,
    noun: 'fragmented datagram',
    text: () => 'put together from parts of several, by the checksum, and left out',
  },
  {
    count: ({ decoded: { fragments } }) => fragments.overlapsRefused + fragments.lengthRefused,
    noun: 'fragmented datagram',
    text: () => 'refused, because the fragments contradict each other',
  },
];

const BOUNDS: readonly Note[] = [
  {
    count: ({ decoded }) => decoded.fragments.evicted,
    noun: 'fragmented datagram',
    text: limits => `given up (--limit fragments=${limits.fragments}, fragment-bytes=${limits['fragment-bytes']})`,
  },
  {
    count: ({ evictedFlows }) => evictedFlows,
    noun: 'flow',
    text: limits => `given up (--limit flows=${limits.flows})`,
  },
  {
    count: ({ overflowedCandidates }) => overflowedCandidates,
    noun: 'flow',
    text: () =>
      'dropped before the protocol was known (--limit candidate-flows, candidate-datagrams, candidate-stream-bytes, candidate-bytes)',
  },
  {
    count: ({ givenUpHoles }) => givenUpHoles,
    noun: 'hole',
    text: () =>
      'in TCP streams given up: too much data waited behind (give-up-the-hole; --limit reassembly-bytes, reassembly-stream-bytes)',
  },
  {
    count: ({ refusedMessages }) => refusedMessages,
    noun: 'message',
    text: limits => `of which not all was kept (--limit message-bytes=${limits['message-bytes']})`,
  },
];

const COUNTED: readonly Note[] = [COPIES, UNCUT, ...TRAFFIC, UNFOLLOWED, ...DAMAGE, ...BOUNDS];

/** What is to be noted of a run: added up when a capture has ended. */
export class RunNotes {
  readonly #counts: Map<Note, number>;
  readonly #dropped: string[];
  readonly #files: string[];
  readonly #disordered: string[];
  /** By place and protocol. */
  readonly #mappings: Map<string, Mapping>;
  readonly #unknown: Map<UnknownNote, Map<string, number>>;
  /** The bounds that trackers have hit, by protocol. */
  readonly #hits: Map<string, Map<BoundName, number>>;

  /** @param before what these go on from */
  constructor(before?: RunNotes) {
    this.#counts = new Map(before ? before.#counts : []);
    this.#dropped = [...(before ? before.#dropped : [])];
    this.#files = [...(before ? before.#files : [])];
    this.#disordered = [...(before ? before.#disordered : [])];
    this.#mappings = copied(before ? before.#mappings : new Map(), own => ({
      ...own,
      recognised: new Map(own.recognised),
    }));
    this.#unknown = copied(before ? before.#unknown : new Map(), own => new Map(own));
    this.#hits = copied(before ? before.#hits : new Map(), own => new Map(own));
  }

  add(outcome: CaptureOutcome): void {
    const { facts, decoded } = outcome;
    for (const note of COUNTED) {
      const count = note.count(outcome);
      if (count > 0) addTo(this.#counts, note, count);
    }
    this.#dropped.push(...dropped(facts));
    if (facts.note !== undefined) this.#files.push(`${facts.path}: ${facts.note}`);
    this.#disordered.push(...disordered(facts));
    this.#addMapped(outcome);
    for (const note of UNKNOWN) {
      for (const [number, count] of Object.entries(note.counts(decoded)))
        addTo(totalsIn(this.#unknown, note), number, count);
    }
    for (const { protocol, limitHits } of outcome.lanes) {
      const totals = totalsIn(this.#hits, protocol.id);
      for (const [bound, count] of limitHits) addTo(totals, bound, count);
    }
  }

  lines(limits: Limits): string[] {
    const counted = (notes: readonly Note[]) => notes.flatMap(note => line(note, this.#counts.get(note) ?? 0, limits));
    return [
      ...this.#dropped,
      ...this.#files,
      ...this.#disordered,
      ...counted([COPIES, UNCUT, ...TRAFFIC, UNFOLLOWED]),
      ...wrongMappings([...this.#mappings.values()]),
      ...UNKNOWN.flatMap(note => unknownLine(note, this.#unknown.get(note))),
      ...counted(DAMAGE),
      ...counted(BOUNDS),
      ...boundsOfProtocols(this.#hits, limits),
    ];
  }

  #addMapped({ mapped, lanes }: CaptureOutcome): void {
    for (const { transport, port, protocol, flows, recognised, isRecognisable } of mapped) {
      const where = `${transport} ${port}`;
      const lane = lanes.find(candidate => candidate.protocol.id === protocol);
      const isCarrier = lane?.protocol.framing !== undefined;
      const none = { where, protocol, flows: 0, known: 0, isCarrier, isRecognisable, recognised: new Map() };
      const mapping = this.#mappings.get(`${where} ${protocol}`) ?? none;
      this.#mappings.set(`${where} ${protocol}`, mapping);
      mapping.flows += flows;
      mapping.known += lane ? knownIn(lane) : 0;
      for (const [name, count] of recognised) addTo(mapping.recognised, name, count);
    }
  }
}

/** Messages that the protocol has a name for. */
function knownIn({ protocol, messageCounts }: LaneOutcome): number {
  return protocol.layouts.reduce((total, { name }) => total + (messageCounts.get(name) ?? 0), 0);
}

function addTo<K>(totals: Map<K, number>, key: K, count: number): void {
  totals.set(key, (totals.get(key) ?? 0) + count);
}

function totalsIn<K, N>(all: Map<K, Map<N, number>>, key: K): Map<N, number> {
  const totals = all.get(key) ?? new Map<N, number>();
  all.set(key, totals);
  return totals;
}

function copied<K, V>(given: ReadonlyMap<K, V>, copy: (value: V) => V): Map<K, V> {
  return new Map([...given].map(([key, value]) => [key, copy(value)]));
}

/** What came by one port that was mapped to a protocol, over all captures. */
interface Mapping {
  readonly where: string;
  readonly protocol: string;
  flows: number;
  /** Messages that the protocol has a name for. */
  known: number;
  /** What others are on, as its business is. */
  isCarrier: boolean;
  isRecognisable: boolean;
  readonly recognised: Map<string, number>;
}

/**
 * Ports that were mapped to a protocol of which nothing came there: no flow begins as its conversations do, and either some
 * begin as those of another, or not one of its messages was seen.
 */
function wrongMappings(mappings: readonly Mapping[]): string[] {
  return mappings.flatMap(({ where, protocol, flows, known, isCarrier, isRecognisable, recognised }) => {
    const isSomething = known > 0 || !isRecognisable;
    if (recognised.has(protocol) || (isSomething && (isCarrier || recognised.size === 0))) return [];
    const others = [...recognised].map(
      ([name, count]) => `${count} of ${counted(flows, 'flow')} there would be ${name}`,
    );
    return [`nothing on ${where} looks like ${protocol}${others.map(other => `; ${other}`).join('')} (-d)`];
  });
}

function line({ noun, text }: Note, count: number, limits: Limits): string[] {
  return count === 0 ? [] : [`${counted(count, noun)} ${text(limits)}`];
}

/** The bounds that trackers have hit, by protocol, each once for all captures. */
function boundsOfProtocols(hits: ReadonlyMap<string, ReadonlyMap<BoundName, number>>, limits: Limits): string[] {
  return [...hits].flatMap(([protocol, totals]) =>
    [...totals].map(([bound, count]) => {
      const shown = isLimit(bound, limits) ? `--limit ${bound}=${limits[bound]}` : bound;
      const times = count === 1 ? 'once' : `${grouped(count)} times`;
      return `${protocol}: ${shown} was hit ${times}; what needed more could not be judged`;
    }),
  );
}

/** Whether a bound is one that `--limit` sets. */
function isLimit(bound: BoundName, limits: Limits): bound is keyof Limits {
  return Object.hasOwn(limits, bound);
}

function dropped(facts: CaptureFacts): string[] {
  if (facts.dropped === 0) return [];
  const packets = counted(facts.dropped, 'packet');
  return [`${facts.path}: the capturing host dropped ${packets}; what needs the history is inconclusive`];
}

function disordered(facts: CaptureFacts): string[] {
  if (facts.disorder === undefined) return [];
  const { frame, seconds } = facts.disorder;
  const back = `${seconds < 10 ? Number(seconds.toPrecision(3)) : Math.round(seconds)} s`;
  return [`${facts.path}: time runs backwards by ${back} at frame ${frame}; --sort reads it in the order of time`];
}

function unknownLine({ what, hex = false }: UnknownNote, totals: ReadonlyMap<string, number> | undefined): string[] {
  if (!totals) return [];
  const parts = [...totals].map(([number, count]) => {
    const name = number === 'other' ? 'others' : hex ? `0x${Number(number).toString(16).padStart(4, '0')}` : number;
    return `${name}: ${count}`;
  });
  const total = [...totals.values()].reduce((sum, count) => sum + count, 0);
  return [`${counted(total, 'frame')} of unknown ${what} (${parts.join(', ')})`];
}
