/**
 * One packet in its connection: what a rule gets to see. Reused for every packet; the tracker fills it before the rules
 * run, and what it shows of the connection is the state before the packet.
 */
import { type EarlierMessage, type Message, Subject } from '../../src/sdk.ts';
import { Connection, type Side } from './connection.ts';
import { type Flow, UNREAD } from './flows.ts';
import { Packet } from './packet.ts';
import { Session } from './session.ts';
import { STANDING } from './standing.ts';
import { type Match, Subscriptions } from './subscriptions.ts';
import { V5, V311, type Version } from './terms.ts';

/** What the user has settled. */
export interface Settings {
  readonly sees: 'client' | 'broker' | 'connection';
  /** Seconds. */
  readonly answerTimeout: number;
  readonly resendTimeout: number;
  readonly keepAliveGrace: number;
  readonly clockSkew: number;
}

export class Exchange {
  message: Message;
  readonly packet = new Packet();
  readonly settings: Settings;
  readonly subject = new Subject();
  /** The version in force: 3 (MQTT 3.1), 4 or 5; 0 while it is not known. */
  level = 0;
  fromClient = true;
  /** End of the flow that sent it, and its role: 0 the client, 1 the server. */
  end = 0;
  role: 0 | 1 = 0;
  connection: Connection;
  sender: Side;
  receiver: Side;
  /** Capture time in seconds: when the packet was complete. */
  now = 0;
  /** The same when its first byte came. */
  began = 0;
  /** The client had received the CONNACK when it began this packet; of the server's packets always true behind it. */
  knowsConnack = false;
  /** What the identifier says of the packet (`STANDING`), and the flow that it belongs to. */
  standing: number = STANDING.NONE;
  flow: Flow | undefined = undefined;
  /**
   * Of content that identifies a message: topic, QoS, payload. No number yet, as the two below: a field that begins with a whole
   * one and gets a fraction has V8 make anew what it had compiled for exchanges.
   */
  digest = Number.NaN;
  /** Of a PUBLISH: its topic, alias resolved; undefined where it is not needed or could not be read. */
  topic: string | undefined = undefined;
  topicDigest = Number.NaN;
  match: Match | undefined = undefined;
  /** Of a server's packet: the client's packet that it answers, and its ordinal; 0 for none. */
  answered: EarlierMessage | undefined = undefined;
  answersOrdinal = 0;
  /** It answers with success. */
  isSuccess = false;
  /** Of an acknowledgement whose order counts: the flow that was due before this one. */
  dueBefore: Flow | undefined = undefined;
  /** Of an accepting CONNACK: what the server had of the session (`STORED`), and frame of the last connection's CONNECT. */
  stored = 0;
  storedFrame = 0;
  /** Frame of the CONNECT of the open connection that has the identifier which this CONNACK assigns; 0 for none. */
  assignedInUse = 0;
  /** Seconds between the end of the client's packet before this one and its beginning; 0 where that was not measured. */
  silence = Number.NaN;
  /** It ended a silence that the server should not have put up with. */
  isLate = false;
  /** Place of its layout in `LAYOUTS`; their number for an unknown type. */
  type = 0;
  /** The receiver of this packet has begun one that is not whole yet: it may be what this one complains of. */
  isPeerMidPacket = false;

  constructor(message: Message, settings: Settings) {
    this.message = message;
    this.settings = settings;
    this.connection = NOBODY;
    [this.sender, this.receiver] = NOBODY.sides;
  }

  /** Who sends the packet. @param role 0 the client, 1 the server */
  setSender(connection: Connection, role: 0 | 1): void {
    this.connection = connection;
    this.end = role === 0 ? connection.clientSide : 1 - connection.clientSide;
    this.role = role;
    this.fromClient = role === 0;
    this.sender = connection.sides[role];
    this.receiver = connection.sides[role === 0 ? 1 : 0];
  }

  /** Nothing was worked out of the packet yet. */
  clear(): void {
    this.standing = STANDING.NONE;
    this.flow = undefined;
    this.topic = undefined;
    this.match = undefined;
    this.digest = UNREAD;
    this.dueBefore = undefined;
    this.answersOrdinal = 0;
    this.answered = undefined;
  }

  get isMqtt31(): boolean {
    return this.level === 3;
  }

  /** Edition whose clauses hold. */
  get edition(): Version | undefined {
    return this.level === 0 ? undefined : this.level === 5 ? V5 : V311;
  }

  /** State of the sender before the packet. */
  get state(): string {
    return this.subject.state;
  }
}

/** Stands in the exchange before the first packet. */
const NOBODY = new Connection(0, 0, 0, 0, new Session(0, false, new Subscriptions(0, () => {})));
