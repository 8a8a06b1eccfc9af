/** The server of random conversations: sessions, subscriptions, retained messages, and one visit for each connection. */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { type Level, NO_LOCAL, type PropertyList, RETAIN_AS_PUBLISHED } from '../../kit/mqtt.ts';
import { fits, isShared, type Message, plain } from './random-messages.ts';
import { Inbox, Outbox } from './random-outbox.ts';
import type { Ear, Path } from './random-path.ts';
import { Reception } from './random-reception.ts';
import type { World } from './random-world.ts';

export interface Held {
  readonly filter: string;
  readonly options: number;
  readonly qos: number;
  readonly identifier: number | undefined;
}

export class Stored {
  readonly clientId: string;
  readonly version: Level;
  readonly subscriptions = new Map<string, Held>();
  readonly outbox = new Outbox();
  readonly inbox: Inbox;
  visit: Reception | undefined;
  /** How often it was taken up: a timer of before is void. */
  visits = 0;

  constructor(clientId: string, version: Level, inbox: Inbox) {
    this.clientId = clientId;
    this.version = version;
    this.inbox = inbox;
  }
}

/** What the server announces to clients of 5.0. */
export interface Policy {
  readonly properties: PropertyList;
  /** One copy for all subscriptions that match, or one for each. */
  readonly merges: boolean;
  readonly refusalChance: number;
}

export class Server {
  readonly world: World;
  readonly policy: Policy;
  readonly sessions = new Map<string, Stored>();
  readonly retained = new Map<string, Message>();
  #names = 0;

  constructor(world: World, policy: Policy) {
    this.world = world;
    this.policy = policy;
  }

  accept(path: Path, version: Level): Ear {
    const reception = new Reception(this, path, version);
    if (this.world.strikes('connack-unsolicited', 0.3)) reception.speakFirst();
    return reception;
  }

  newName(): string {
    return `auto-${++this.#names}`;
  }

  newSession(clientId: string, version: Level): Stored {
    const { world } = this;
    const deliver = (message: Message) => this.#receive(session, message);
    const session = new Stored(
      clientId,
      version,
      new Inbox(deliver, () => world.between(0, world.dice.chance(0.1) ? 5 : 0.6)),
    );
    this.sessions.set(clientId, session);
    return session;
  }

  /** Ends a session so many seconds after its connection. */
  expire(session: Stored, seconds: number): void {
    const { visits } = session;
    if (Number.isFinite(seconds) && this.world.strikes('session-resurrected', 0.5)) return;
    const end = () => {
      if (session.visits === visits && this.sessions.get(session.clientId) === session) {
        this.sessions.delete(session.clientId);
      }
    };
    if (seconds === 0) end();
    else if (Number.isFinite(seconds)) this.world.network.after(seconds, end);
  }

  /** @returns the code of the acknowledgement */
  #receive(from: Stored, message: Message): number {
    const { dice } = this.world;
    if (from.version === 5 && dice.chance(0.03)) return 0x83;
    const count = this.route(message, from);
    return from.version === 5 && count === 0 && dice.chance(0.5) ? 0x10 : 0;
  }

  /** Delivers to all who want it; says to how many. */
  route(message: Message, from?: Stored): number {
    const { topic = '', retain = false, payload = '' } = message;
    if (retain && payload === '') this.retained.delete(topic);
    else if (retain) this.retained.set(topic, message);
    let count = 0;
    const shares = new Map<string, { readonly session: Stored; readonly held: Held }[]>();
    for (const session of this.sessions.values()) {
      const matching = [...session.subscriptions.values()].filter(({ filter }) => fits(plain(filter), topic));
      for (const held of matching.filter(({ filter }) => isShared(filter))) {
        shares.set(held.filter, [...(shares.get(held.filter) ?? []), { session, held }]);
      }
      const own = matching.filter(
        ({ filter, options }) =>
          !isShared(filter) && !(options & NO_LOCAL && session === from && session.version === 5),
      );
      if (own.length === 0) continue;
      count++;
      if (this.policy.merges || session.version < 5) this.#copy(session, message, own);
      else for (const held of own) this.#copy(session, message, [held]);
    }
    for (const members of shares.values()) {
      count++;
      const { session, held } = this.world.dice.pick(members);
      this.#copy(session, message, [held]);
    }
    return count;
  }

  #copy(session: Stored, message: Message, held: readonly Held[]): void {
    const asPublished = session.version === 5 && held.some(({ options }) => options & RETAIN_AS_PUBLISHED);
    this.send(session, message, held, asPublished && message.retain === true);
  }

  /** Queues a copy for a session; of QoS 0 only while it is connected. */
  send(session: Stored, message: Message, held: readonly Held[], retain: boolean): void {
    const qos = Math.min(message.qos!, Math.max(...held.map(one => one.qos)));
    if (qos === 0 && !session.visit) return;
    const identifiers = held.flatMap(({ identifier }) => identifier ?? []);
    const kept = (message.properties ?? []).filter(([property]) => property !== PROPERTY.TOPIC_ALIAS);
    const properties: PropertyList =
      session.version === 5
        ? [...kept, ...identifiers.map(one => [PROPERTY.SUBSCRIPTION_IDENTIFIER, one] as const)]
        : [];
    const { topic = '', payload = '' } = message;
    session.outbox.offer({ kind: 'publish', topic, payload, qos, retain, properties });
  }
}
