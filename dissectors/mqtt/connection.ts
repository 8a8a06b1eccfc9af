/** What is remembered of one TCP connection, besides the session that it carries. */

import type { EarlierMessage } from '../../src/sdk.ts';
import type { Client } from './clients.ts';
import { type Due, NONE_DUE } from './due.ts';
import type { Flow } from './flows.ts';
import { type IdSet, NO_IDS } from './ids.ts';
import type { Place } from './place.ts';
import type { Session } from './session.ts';
import { NEVER } from './terms.ts';
import { type Wait, WaitList } from './waits.ts';

/** What one side has said that it can take. */
export interface Announced {
  readonly receiveMaximum: number;
  /** Bytes; infinity where there is no limit. */
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
}

/** The defaults of 5.0, until a side says something else, which most never do: one for all. */
export const ANNOUNCES_NOTHING: Announced = {
  receiveMaximum: 65_535,
  maximumPacketSize: Number.POSITIVE_INFINITY,
  topicAliasMaximum: 0,
};

/** What a side announces with its CONNECT or CONNACK. */
export function announcing(receiveMaximum: number, maximumPacketSize: number, topicAliasMaximum: number): Announced {
  const isSilent =
    receiveMaximum === ANNOUNCES_NOTHING.receiveMaximum &&
    maximumPacketSize === ANNOUNCES_NOTHING.maximumPacketSize &&
    topicAliasMaximum === ANNOUNCES_NOTHING.topicAliasMaximum;
  return isSilent ? ANNOUNCES_NOTHING : { receiveMaximum, maximumPacketSize, topicAliasMaximum };
}

/** A topic as an alias stands for it. */
export interface AliasedTopic {
  /** Undefined where the topic could not be read. */
  readonly topic: string | undefined;
  readonly digest: number;
  /** A malformed packet set it: its receiver may not have. */
  readonly isDoubtful?: boolean;
}

/** What one side has sent in this connection, and what it may expect. */
export class Side {
  announced: Announced = ANNOUNCES_NOTHING;
  /** Topic aliases that it has set; made when the first is. */
  aliases: Map<number, AliasedTopic> | undefined = undefined;
  /** It has set more than are kept, or nobody could read which. */
  isAliasForgotten = false;
  /** Identifiers of the PUBLISHes and PUBRELs of this side, and of the PUBRECs that refused them. */
  published: IdSet = NO_IDS;
  released: IdSet = NO_IDS;
  refused: IdSet = NO_IDS;
  /** Identifiers under which it has sent a PUBLISH more than once: the order of their acknowledgements tells nothing. */
  repeated: IdSet = NO_IDS;
  /** Identifiers of its PUBRECs that answered no PUBLISH: a PUBREL may follow. */
  strayPubrecs: IdSet = NO_IDS;
  /** PUBLISHes of QoS 1 and 2 that fill the receiver's window, and whether they exceed it, and that was said. */
  outstanding = 0;
  isOverWindow = false;
  /** PUBLISHes of QoS 1 and 2 that were malformed: they may fill a place, and may not. */
  malformed = 0;
  /** Since when, in seconds, nothing keeps it from sending again what was not acknowledged. */
  freeSince = 0;
  /** Of the youngest flow of an earlier connection that was sent again. */
  resentOrder = Number.NEGATIVE_INFINITY;
  /** PUBLISHes of QoS 1 and 2 of this side, and PUBRECs, in the order in which their answers are due. */
  pubacksDue: Due<Flow> = NONE_DUE;
  pubrecsDue: Due<Flow> = NONE_DUE;
  pubrelsDue: Due<Flow> = NONE_DUE;
  /** Frame, end in seconds, and ordinal of its last packet. */
  lastFrame = 0;
  lastEnd = 0;
  /** Offset behind its last packet, and when TCP had acknowledged all of that, in seconds; infinity before. */
  lastOffset = 0;
  lastHeard = Number.POSITIVE_INFINITY;
  /** State of the machine, and what it has sent, as a mask of events. */
  state = 0;
  sent = 0;
  /** Frame of its DISCONNECT; 0 for none. */
  disconnected = 0;
  /** Bytes of it were not captured: what follows is not judged. */
  isLost = false;
  /** The most that it has sent of what a limit may forbid, whether that was known or not. */
  readonly most = { outstanding: 0, size: 0, qos: 0, alias: 0, retained: false, unknownAlias: false };
  /** Which of its peer's limits it has exceeded: bits of `EXCESS`, for the DISCONNECT in hand. */
  excess = 0;

  /** The order of a flow's acknowledgements tells nothing. */
  leaveOut(flow: Flow): void {
    this.pubacksDue.leaveOut(flow);
    this.pubrecsDue.leaveOut(flow);
    this.pubrelsDue.leaveOut(flow);
  }
}

/** Limits that a packet has exceeded, for a DISCONNECT that complains of it. */
export const EXCESS = { WINDOW: 1, SIZE: 2, RETAIN: 4, QOS: 8, ALIAS: 16 } as const;

/** What the CONNECT says. */
export class ConnectFacts implements Place {
  ordinal = 0;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** `id` of the rule that it broke, if it broke one; what it says is not known then. */
  broken: string | undefined = undefined;
  /** In Latin-1, byte for byte; undefined where it could not be read. */
  clientId: string | undefined = undefined;
  userName: string | undefined = undefined;
  isClean = false;
  /** Seconds, as CONNECT, CONNACK and DISCONNECT leave it; of 3.1.1 0 or `NEVER`. */
  expiry = 0;
  /** Of 5.0: this CONNECT, or its CONNACK, had a Session Expiry Interval above 0. */
  hadExpiry = false;
  keepAlive = 0;
  hasWill = false;
  willQos = 0;
  willRetain = false;
  wantsProblemInformation = true;
  wantsResponseInformation = false;
  /** In Latin-1. */
  authenticationMethod: string | undefined = undefined;
}

/** What the CONNACK says. */
export class ConnackFacts {
  /** 0 while there is none. */
  frame = 0;
  seconds = 0;
  /** Offset in the server's stream behind it: what the client begins in a segment that acknowledges this was bound by it. */
  end = 0;
  code = 0;
  isSessionPresent = false;
  maximumQos = 2;
  retainAvailable = true;
  wildcardAvailable = true;
  subscriptionIdsAvailable = true;
  sharedAvailable = true;
  /** Seconds; -1 where it names none. */
  keepAlive = -1;
}

export class Connection {
  readonly slot: number;
  readonly flow: number;
  readonly clientSide: number;
  /** Tells it from all others of the run, from 1. */
  readonly serial: number;
  /** 3, 4 or 5; 0 while the version is not known. */
  level = 0;
  /** The level had its high bit set. */
  isBridge = false;
  /** It carries something else, or a version that nobody knows: nothing is judged. */
  isForeign = false;
  /** Its client began with another packet than CONNECT. */
  isUnopened = false;
  /** The version is none that is known. */
  isUnknown = false;
  /** Its beginning was not seen, or not all of it. */
  isPartial = false;
  isMidstream = false;
  /** That it was taken up midstream was said. */
  isAnnounced = false;
  readonly connect = new ConnectFacts();
  readonly connack = new ConnackFacts();
  /** 0 the client, 1 the server. */
  readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  session: Session;
  client: Client<Connection> | undefined = undefined;
  /** What the server had of the session when the CONNECT came (`STORED`), and the client's last connection then. */
  stored = 0;
  /** Its CONNECT may have discarded what the server had stored. */
  bringsDoubt = false;
  /** It was accepted: the session is the one that CONNACK says. */
  isAccepted = false;
  /** Another connection of its client was accepted at this time, in seconds. */
  takenOver = Number.POSITIVE_INFINITY;
  /** Ordinal of the last packet here before that, and what the client had sent by then, in bytes. */
  takeoverOrdinal = 0;
  takeoverOffset = 0;
  isTakeoverReported = false;
  /** The session that it carried until then. */
  takenFrom: Session | undefined = undefined;
  /** It goes on with a session of an earlier connection. */
  isResumed = false;
  /** What `connect.expiry` was before a DISCONNECT changed it, which may not have arrived; -1 where none did. */
  formerExpiry = -1;
  isExpiryOpen = false;
  /** From when on, in seconds, what was left unacknowledged must have been sent again, by role; infinity when that was judged. */
  readonly resendDue: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  /** Ordinal of the packet in hand, from 1. */
  ordinal = 0;
  /** When a side's FIN came, and when TCP acknowledged it, in seconds; infinity where it did not. */
  readonly fins: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  readonly finHeard: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  /** Role of the side that sent RST; -1 for none. */
  resetBy = -1;
  /** Ordinal of the last CONNECT that came again; 0 for none. */
  repeatedConnect = 0;
  /** PINGREQs that were not answered. */
  readonly pings: Ping[] = [];
  /** Older ones that are not remembered: a bound was hit. */
  forgottenPings = 0;
  /** CONNECT waits for CONNACK. */
  connectWait: Wait | undefined = undefined;
  /** The server's AUTH that the client has not answered; AUTHs were exchanged. */
  isAuthOpen = false;
  /** Ordinal of the client's last AUTH; 0 for none. */
  authOrdinal = 0;
  /** Ordinal of the client's first malformed packet that `malformed-accepted` looks at, and whether that was said. */
  faultOrdinal = 0;
  faultFrame = 0;
  isFaultReported = false;
  /** Ordinal of the client's packet that ended too long a silence. */
  lateOrdinal = 0;
  /** Nothing about it is out of the ordinary (`ordinary.ts`); undefined until that is looked at, after whatever may change it. */
  plain: boolean | undefined = undefined;
  /** What waits for an answer, by the side that asks. */
  readonly waits: readonly [WaitList, WaitList] = [new WaitList(), new WaitList()];

  constructor(slot: number, flow: number, clientSide: number, serial: number, session: Session) {
    this.slot = slot;
    this.flow = flow;
    this.clientSide = clientSide;
    this.serial = serial;
    this.session = session;
  }

  /** When it was over for the server, in seconds: it had closed it, or had got the client's FIN; infinity where it may be open. */
  get ended(): number {
    return Math.min(this.fins[1], this.finHeard[0]);
  }

  /** In force, in seconds; 0 for none. @param isKnown whether the client can know of the CONNACK */
  keepAlive(isKnown: boolean): number {
    return isKnown && this.connack.keepAlive >= 0 ? this.connack.keepAlive : this.connect.keepAlive;
  }

  /** Of 3.1.1: the client keeps its own state, whatever the server has. */
  get keepsOwnState(): boolean {
    return this.level !== 5 && this.connect.expiry === NEVER;
  }
}

/** A PINGREQ that was not answered. */
export interface Ping extends EarlierMessage {
  /** None where nobody must answer. */
  readonly wait: Wait | undefined;
}
