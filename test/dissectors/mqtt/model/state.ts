/** What the model knows at a point of the capture: connections, sessions, flows, and what somebody waits for. */
import type { Side } from '../../../kit/mqtt-net.ts';
import { numberOf, type Packet } from './read.ts';
import type { Seen, Wire } from './wire.ts';

/** Dialects; times in seconds. */
export interface Settings {
  readonly answerTimeout: number;
  readonly resendTimeout: number;
  readonly keepAliveGrace: number;
  readonly clockSkew: number;
}

export const SETTINGS: Settings = { answerTimeout: 30, resendTimeout: 5, keepAliveGrace: 5, clockSkew: 1 };

/** One PUBLISH of QoS 1 or 2, SUBSCRIBE or UNSUBSCRIBE, with all that belongs to it. */
export interface Flow {
  readonly kind: 'publish' | 'subscribe' | 'unsubscribe';
  readonly sender: Side;
  readonly id: number;
  readonly qos: number;
  /** What a re-sending has in common with it. */
  readonly content: string;
  readonly topic: string;
  readonly retain: boolean;
  /** Bytes of its packet, and when its Message Expiry Interval is over. */
  readonly size: number;
  readonly expires: number;
  readonly begun: Link;
  readonly packet: Packet;
  readonly sent: Seen[];
  readonly released: Seen[];
  /** PUBACK, PUBREC, SUBACK or UNSUBACK for it, and PUBCOMP. */
  readonly acknowledged: Seen[];
  readonly completed: Seen[];
  stage: 'sent' | 'received' | 'released' | 'over';
  /** A message that broke a rule: nobody must answer it. */
  weak: boolean;
  /** It was acknowledged, and sent again by one that did not know. */
  reopened: boolean;
  /** The PUBREC that asks for PUBREL, and the connection in which a PUBREC refused. */
  receipt: Seen | undefined;
  refusedIn: Link | undefined;
  /** The connection whose window it fills. */
  countedIn: Link | undefined;
  /** Passed over by a later acknowledgement, which was reported. */
  excused: boolean;
  /** Another is in flight under its identifier: one answer may be for both. */
  ambiguous: boolean;
  /** The limits of a connection that took its session up forbade it. */
  discarded: boolean;
}

export interface Subscription {
  readonly filter: string;
  readonly options: number;
  readonly identifier: number | undefined;
  readonly flow: Flow;
  /** The SUBSCRIBE, and the place of the filter in it. */
  readonly sent: Seen;
  readonly place: number;
  /** What SUBACK granted; undefined while it is pending. */
  granted: number | undefined;
}

export interface Session {
  /** Its first CONNACK in the capture said Session Present 0. */
  readonly known: boolean;
  readonly begun: Link;
  readonly flows: Flow[];
  /** The client's identifiers in flight in its former session. */
  readonly former: ReadonlySet<number>;
  /** `side id` of all that were ever used. */
  readonly used: Set<string>;
  readonly subscriptions: Subscription[];
}

export interface Opened {
  readonly seen: Seen;
  readonly packet: Packet;
}

/** A connection as the model has read it so far. */
export interface Link {
  readonly wire: Wire;
  version: number;
  connect: Opened | undefined;
  badConnect: boolean;
  connack: Opened | undefined;
  refused: boolean;
  session: Session;
  /** The identifier that the session goes by. */
  clientId: string;
  /** Another client's identifier, which CONNACK assigns all the same. */
  misnamed: string | undefined;
  readonly disconnected: Partial<Record<Side, Opened>>;
  /** Nothing can be said of it any more. */
  given: boolean;
  /** Topics by alias, undefined where nobody knows which; and whether a packet that cannot be read may have set any. */
  readonly aliases: Readonly<Record<Side, Map<number, string | undefined>>>;
  readonly unreadAliases: Record<Side, boolean>;
  /** Places of the window that each side's PUBLISHes fill, the most there ever were with the malformed ones, and whether it was reported. */
  readonly filled: Record<Side, number>;
  readonly most: Record<Side, number>;
  readonly malformedSent: Record<Side, number>;
  readonly exceeded: Record<Side, boolean>;
  /** The first malformed packet of the client, and whether its acceptance was reported. */
  malformed: Seen | undefined;
  accepted: boolean;
  readonly pings: Seen[];
  /** When the client last ended a packet, CONNACK at the earliest. */
  lastHeard: Seen | undefined;
  /** The packet that ended too long a silence of the client's. */
  late: Seen | undefined;
  /** AUTH 0x18 of the server that waits for the client's. */
  challenged: boolean;
  /** The client's last AUTH. */
  reauthenticating: Seen | undefined;
  /** CONNACK of another connection that took the session over, and whether its neglect was reported. */
  takenOver: Seen | undefined;
  overtaken: boolean;
  /** Flows of an earlier connection that wait to be sent again. */
  readonly carried: Flow[];
  /** PUBRELs of which no PUBLISH is known; the PUBCOMP of each is right. */
  readonly orphans: Seen[];
}

/** Somebody has said something that asks for an answer. */
export interface Waiting {
  readonly rule: string;
  readonly link: Link;
  readonly seen: Seen;
  answered: number;
}

/**
 * Is it left from an earlier connection, and nobody knows what became of it? The session began with this one, and a client
 * of 3.1.1 keeps its own state; or it may have had connections that were not seen.
 */
export function isLeftOver(link: Link, { sent, released }: Flow): boolean {
  const isUnknown = link.session.begun === link || !link.session.known;
  return isUnknown && ![...sent, ...released].some(({ wire }) => wire === link.wire);
}

export const isOpenFlow = ({ stage }: Flow) => stage !== 'over';

export function newSession(begun: Link, known: boolean, former: ReadonlySet<number> = new Set()): Session {
  return { known, begun, flows: [], former, used: new Set(), subscriptions: [] };
}

export function newLink(wire: Wire): Link {
  const link = {
    wire,
    version: 4,
    connect: undefined,
    badConnect: false,
    connack: undefined,
    refused: false,
    clientId: '',
    misnamed: undefined,
    disconnected: {},
    given: false,
    aliases: { client: new Map(), server: new Map() },
    unreadAliases: { client: false, server: false },
    filled: { client: 0, server: 0 },
    most: { client: 0, server: 0 },
    malformedSent: { client: 0, server: 0 },
    exceeded: { client: false, server: false },
    malformed: undefined,
    accepted: false,
    pings: [],
    lastHeard: undefined,
    late: undefined,
    challenged: false,
    reauthenticating: undefined,
    takenOver: undefined,
    overtaken: false,
    carried: [],
    orphans: [],
  };
  const whole: Link = Object.assign(link, { session: undefined as unknown as Session });
  whole.session = newSession(whole, true);
  return whole;
}

/** What a side announced about itself, in CONNECT or CONNACK. */
export function announced(link: Link, by: Side, property: number, absent: number): number {
  const opened = by === 'client' ? link.connect : link.connack;
  return opened ? numberOf(opened.packet, property, absent) : absent;
}

/** Could this packet's sender know what CONNACK says? */
export function knowsConnack(link: Link, seen: Seen): boolean {
  if (seen.side === 'server') return true;
  return link.connack !== undefined && seen.aware >= link.connack.seen.end;
}

/** Rules whose breach by a client makes a server close the connection. */
const FATAL = new Set([
  'header-flags',
  'reserved-type',
  'wrong-direction',
  'length',
  'utf8',
  'utf8-null',
  'connect-repeated',
  'publish-qos',
  'subscribe-empty',
  'unsubscribe-empty',
  'subscribe-options',
  'no-local-shared',
  'subscription-id-from-client',
  'topic-alias-zero',
  'topic-alias-too-large',
  'topic-alias-unknown',
  'topic-empty',
  'session-expiry-raised',
  'auth-without-method',
]);

export const isFatal = (rule: string) => FATAL.has(rule) || rule.startsWith('property-');
