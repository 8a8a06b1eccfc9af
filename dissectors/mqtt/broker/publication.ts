/**
 * A message that was given to a broker, by PUBLISH or as a Will, and what is known of its way. What happens on different
 * connections has no common order but this (Certainty 1, 14): what a server sent before the capture shows a packet of a
 * client was sent before the server got that. So a message was worked on at some place between the one where it was seen
 * (`earliest`) and the one where its last acknowledgement was (`latest`). Places are numbers that grow with every packet.
 */
import type { Connection } from '../connection.ts';

export const NOT_YET = Number.POSITIVE_INFINITY;

/** Where a message comes from: see `Presence`. */
export interface Publisher {
  readonly server: string;
  /** Server and Client Identifier; empty where it has none. */
  readonly clientKey: string;
  /** Tells its client from others, or the connection where it has no Client Identifier. */
  readonly publisher: string;
  /** While it is open. */
  readonly connection: Connection | undefined;
  readonly level: number;
  /** It was accepted, and neither side has ended it. */
  readonly isThere: boolean;
  readonly willDelay: number;
  readonly isLeft: boolean;
  readonly isContested: boolean;
  readonly isSucceeded: boolean;
  readonly isWillVoid: boolean;
}

/** Who gets a message: a `Subscriber`. */
export type Recipient = object;

/** What one subscriber got of a message: first copies, those with RETAIN 0 and 1 apart. */
export interface Copies {
  plain: number;
  retained: number;
  /** Place of the last one. */
  last: number;
}

/** The first member of a Shared Subscription that got a message. */
export interface GroupCopy {
  readonly subscriber: Recipient;
  readonly presence: Publisher;
  readonly qos: number;
  readonly frame: number;
  /** It was acknowledged or refused. */
  isAnswered: boolean;
}

export class Publication {
  readonly topic: string;
  /** Connection that it came by. */
  readonly presence: Publisher;
  readonly qos: number;
  readonly retain: boolean;
  readonly isWill: boolean;
  /** Its payload has no bytes: with RETAIN it clears what is retained. */
  readonly isEmpty: boolean;
  /** Message Expiry Interval in seconds; infinity for none. */
  readonly expiry: number;
  /** Digests of what a server must pass on unaltered (`passedOn`); undefined where the publisher does not speak 5.0. */
  readonly properties: readonly string[] | undefined;
  /** Bytes that a copy has at most, but for what the server adds. */
  readonly length: number;
  readonly frame: number;
  /** Capture time, in seconds. */
  readonly seconds: number;
  /**
   * Place from which on the server can have worked on it; of a Will, where its connection was accepted, until the client
   * ends that.
   */
  earliest: number;
  /** Place by which it has. */
  latest = NOT_YET;
  /** Of QoS 2: place of the PUBREL. */
  released = NOT_YET;
  /** From when on, at the latest, its expiry runs: of a Will, from its first copy on. */
  expiresFrom: number;
  /** A Will may have been published: its connection has ended, or a copy was seen. */
  isOut: boolean;
  /** How often its publisher sent it. */
  transmissions = 1;
  /** No other message in the capture has its topic and payload (Certainty 8). */
  isUnique = true;
  readonly copies = new Map<Recipient, Copies>();
  /** By Shared Subscription. */
  groups: Map<string, GroupCopy> | undefined = undefined;

  constructor(given: Given) {
    this.topic = given.topic;
    this.presence = given.presence;
    this.qos = given.qos;
    this.retain = given.retain;
    this.isWill = given.isWill;
    this.isEmpty = given.isEmpty;
    this.expiry = given.expiry;
    this.properties = given.properties;
    this.length = given.length;
    this.frame = given.frame;
    this.seconds = given.seconds;
    this.earliest = given.earliest;
    this.expiresFrom = given.isWill ? NOT_YET : given.seconds;
    this.isOut = !given.isWill;
  }

  /** Has the server certainly got this one before the other? Only messages of one client are asked about. */
  isCertainlyBefore(other: Publication): boolean {
    if (this.presence !== other.presence) return this.latest < other.earliest;
    return this.earliest < other.earliest && this.released <= other.released;
  }

  /** Has it expired by then, or may it have? Times in seconds. */
  mayHaveExpired(now: number): boolean {
    return now >= (this.isWill ? this.seconds : this.expiresFrom) + this.expiry;
  }
}

type Known =
  | 'topic'
  | 'presence'
  | 'qos'
  | 'retain'
  | 'isWill'
  | 'isEmpty'
  | 'expiry'
  | 'properties'
  | 'length'
  | 'frame';

/** What is known of a message when it comes. */
export type Given = Pick<Publication, Known | 'seconds' | 'earliest'>;
