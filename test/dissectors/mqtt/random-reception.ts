/** The server's side of one connection. */
import { NEVER, PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import type { Level, PropertyList } from '../../kit/mqtt.ts';
import { fits, isShared, type Message, propertyOf, textOf } from './random-messages.ts';
import type { Ear, Path } from './random-path.ts';
import type { Held, Server, Stored } from './random-server.ts';
import { Voice, type World } from './random-world.ts';

export class Reception implements Ear {
  readonly #server: Server;
  readonly #world: World;
  readonly #path: Path;
  readonly #voice: Voice;
  readonly #version: Level;
  #asked: Message | undefined;
  #session: Stored | undefined;
  #expiry = 0;
  #keepAlive = 0;
  #lastHeard = 0;
  #isOver = false;
  /** What came before CONNACK was said. */
  readonly #early: Message[] = [];
  #isReady = false;

  constructor(server: Server, path: Path, version: Level) {
    this.#server = server;
    this.#world = server.world;
    this.#path = path;
    this.#version = version;
    this.#voice = new Voice(server.world, path, 'server', version);
  }

  message(given: unknown): void {
    const message = given as Message;
    if (this.#isOver) return;
    this.#lastHeard = this.#world.network.now;
    if (message.raw && this.#world.rule !== 'malformed-accepted') this.#refuseBytes();
    else if (message.raw) return;
    else if (message.kind === 'connect') this.#connect(message);
    else if (message.kind === 'auth' && !this.#isReady) this.#accept();
    else if (!this.#isReady) this.#early.push(message);
    else this.#hear(message);
  }

  speakFirst(): void {
    this.#world.network.after(0.001, () => {
      this.#voice.say({ kind: 'connack', code: 0 });
      this.end();
    });
  }

  /** Something malformed or against the protocol. */
  #refuseBytes(code = 0x81): void {
    if (this.#version === 5 && this.#isReady && this.#world.dice.chance(0.7)) {
      this.#voice.say({ kind: 'disconnect', code });
    }
    this.end();
  }

  #connect(message: Message): void {
    const { dice, network } = this.#world;
    if (this.#asked) {
      this.#refuseBytes(0x82);
      return;
    }
    this.#asked = message;
    const isSlow = dice.chance(0.1);
    network.after(this.#world.between(0, isSlow ? 3 : 0.2), () => {
      if (this.#isOver || this.#world.strikes('connect-unanswered')) return;
      const method = this.#method();
      if (this.#version === 5 && this.#world.strikes('disconnect-before-connack')) {
        this.#voice.say({ kind: 'disconnect', code: 0x88 });
        this.end();
        return;
      }
      if (this.#world.strikes('connack-not-first')) this.#voice.say({ kind: 'pingresp' });
      if (this.#world.rule === 'bad-connect-answered' && message.flags) this.#refuse();
      else if (method !== undefined && dice.chance(0.6)) this.#prove(0x18);
      else this.#accept();
    });
  }

  #method(): string | undefined {
    return textOf(this.#asked!, PROPERTY.AUTHENTICATION_METHOD);
  }

  #prove(code: number): void {
    const properties: PropertyList = [[PROPERTY.AUTHENTICATION_METHOD, this.#method() ?? 'none']];
    this.#voice.say({ kind: 'auth', code, properties });
  }

  #accept(): void {
    const { dice } = this.#world;
    const { clientId = '' } = this.#asked!;
    const isWrong = this.#isWillTooHigh() && !this.#world.strikes('will-unsupported-accepted');
    if (isWrong || dice.chance(this.#server.policy.refusalChance)) {
      this.#refuse();
      return;
    }
    const name = clientId || this.#server.newName();
    const before = this.#server.sessions.get(name);
    before?.visit?.takenOver();
    if (!this.#asked!.clean && this.#world.strikes('session-lost', 0.3)) this.#server.sessions.delete(name);
    const stored = this.#server.sessions.get(name);
    const isPresent = stored !== undefined && !this.#asked!.clean;
    this.#session = isPresent ? stored : this.#server.newSession(name, this.#version);
    this.#session.visits++;
    this.#session.visit = this;
    this.#settle();
    this.#voice.say(this.#connack(isPresent, clientId === '' ? name : undefined));
    if (this.#world.strikes('connack-repeated', 0.3)) this.#voice.say(this.#connack(false, undefined));
    this.#isReady = true;
    this.#voice.connected = true;
    this.#goOn();
  }

  #isWillTooHigh(): boolean {
    const announced = { kind: 'connack', properties: this.#server.policy.properties } as const;
    const maximum = this.#version === 5 ? (propertyOf(announced, PROPERTY.MAXIMUM_QOS) ?? 2) : 2;
    return (this.#asked!.will?.qos ?? 0) > maximum;
  }

  #refuse(): void {
    const { dice } = this.#world;
    const other = this.#version === 5 ? dice.pick([0x87, 0x88, 0x97]) : dice.pick([3, 5]);
    const code = this.#isWillTooHigh() ? 0x9b : other;
    this.#voice.say({ kind: 'connack', code });
    if (this.#world.strikes('after-refusal')) this.#voice.say({ kind: 'pingresp' });
    if (!this.#world.strikes('refused-not-closed')) this.end();
  }

  /** What holds in this connection. */
  #settle(): void {
    const asked = this.#asked!;
    const { properties } = this.#server.policy;
    const announced = { kind: 'connack', properties } as const;
    this.#keepAlive = asked.keepAlive ?? 0;
    this.#expiry = this.#version === 5 ? (propertyOf(asked, PROPERTY.SESSION_EXPIRY) ?? 0) : asked.clean ? 0 : NEVER;
    if (this.#version < 5) return;
    this.#keepAlive = propertyOf(announced, PROPERTY.SERVER_KEEP_ALIVE) ?? this.#keepAlive;
    this.#expiry = propertyOf(announced, PROPERTY.SESSION_EXPIRY) ?? this.#expiry;
    this.#voice.receiveMaximum = propertyOf(asked, PROPERTY.RECEIVE_MAXIMUM) ?? 65_535;
    this.#voice.maximumPacketSize = propertyOf(asked, PROPERTY.MAXIMUM_PACKET_SIZE) ?? Number.POSITIVE_INFINITY;
    this.#voice.aliasMaximum = propertyOf(asked, PROPERTY.TOPIC_ALIAS_MAXIMUM) ?? 0;
  }

  #connack(sessionPresent: boolean, assigned: string | undefined): Message {
    const properties: PropertyList[number][] = this.#version === 5 ? [...this.#server.policy.properties] : [];
    if (this.#version === 5 && assigned !== undefined) properties.push([PROPERTY.ASSIGNED_CLIENT_IDENTIFIER, assigned]);
    const method = this.#method();
    if (method !== undefined) properties.push([PROPERTY.AUTHENTICATION_METHOD, method]);
    return { kind: 'connack', code: 0, sessionPresent, properties };
  }

  #goOn(): void {
    const session = this.#session!;
    session.inbox.join();
    session.outbox.join(this.#voice);
    for (const message of this.#early.splice(0)) this.#hear(message);
    this.#world.network.after(this.#world.between(0, 1), () => {
      if (!this.#isOver) session.outbox.resume();
    });
    this.#lastHeard = this.#world.network.now;
    this.#watch();
    if (this.#world.dice.chance(0.05)) this.#dismissLater();
  }

  #dismissLater(): void {
    this.#world.network.after(this.#world.between(2, 20), () => {
      if (this.#isOver) return;
      if (this.#version === 5) this.#voice.say({ kind: 'disconnect', code: this.#world.dice.pick([0x8b, 0x98, 0x9c]) });
      if (!this.#world.strikes('disconnect-not-closed')) this.end();
    });
  }

  /** Closes when the client has kept silent for too long. */
  #watch(): void {
    const limit = this.#keepAlive * 1.5 + 2;
    if (this.#keepAlive === 0 || this.#isOver || this.#world.rule === 'keep-alive-not-enforced') return;
    const { network } = this.#world;
    network.after(Math.max(0.01, this.#lastHeard + limit - network.now), () => {
      if (this.#isOver) return;
      if (network.now - this.#lastHeard < limit - 0.001) {
        this.#watch();
        return;
      }
      if (this.#version === 5) this.#voice.say({ kind: 'disconnect', code: 0x8d });
      this.end();
    });
  }

  #hear(message: Message): void {
    const session = this.#session!;
    const { kind, id = 0, code = 0 } = message;
    const voice = this.#voice;
    if (this.#isOver) return;
    if (kind === 'publish') this.#publish(message);
    else if (kind === 'puback') session.outbox.puback(id);
    else if (kind === 'pubrec') session.outbox.pubrec(id, code);
    else if (kind === 'pubcomp') session.outbox.pubcomp(id);
    else if (kind === 'pubrel') session.inbox.pubrel(voice, id);
    else if (kind === 'subscribe') this.#subscribe(message);
    else if (kind === 'unsubscribe') this.#unsubscribe(message);
    else if (kind === 'pingreq') this.#pong();
    else if (kind === 'auth') this.#reauthenticate(code);
    else if (kind === 'disconnect') this.#goodbye(message);
  }

  #pong(): void {
    if (this.#world.strikes('ping-unanswered')) return;
    this.#later(0.1, () => {
      this.#voice.say({ kind: 'pingresp' });
      if (this.#world.strikes('pingresp-unsolicited')) this.#voice.say({ kind: 'pingresp' });
    });
  }

  #publish(message: Message): void {
    const topic = this.#voice.topicOf(message);
    const alias = propertyOf(message, PROPERTY.TOPIC_ALIAS);
    const limit =
      propertyOf({ kind: 'connack', properties: this.#server.policy.properties }, PROPERTY.TOPIC_ALIAS_MAXIMUM) ?? 0;
    if (topic === undefined || (alias !== undefined && (alias > limit || alias === 0))) this.#refuseBytes(0x94);
    else this.#session!.inbox.publish(this.#voice, { ...message, topic });
  }

  #reauthenticate(code: number): void {
    if (this.#method() === undefined) this.#refuseBytes(0x82);
    else if (code === 0x19 && this.#world.dice.chance(0.5)) this.#prove(0x18);
    else this.#prove(0);
  }

  #subscribe({ id = 0, filters = [], properties = [] }: Message): void {
    const { dice } = this.#world;
    const session = this.#session!;
    const identifier = propertyOf({ kind: 'subscribe', properties }, PROPERTY.SUBSCRIPTION_IDENTIFIER);
    const codes = filters.map(([filter, options]) => {
      if (dice.chance(0.05)) return 0x80;
      const qos = Math.min(options & 3, dice.chance(0.1) ? 0 : 2);
      const isOld = session.subscriptions.has(filter);
      const held = { filter, options, qos, identifier };
      session.subscriptions.set(filter, held);
      this.#sendRetained(held, isOld);
      return qos;
    });
    if (this.#world.strikes('subscribe-unanswered')) return;
    this.#later(0.5, () => {
      this.#voice.say({ kind: 'suback', id, codes });
      if (this.#world.strikes('ack-unknown-id', 0.2)) this.#voice.say({ kind: 'suback', id, codes });
    });
  }

  #sendRetained(held: Held, isOld: boolean): void {
    const handling = this.#version === 5 ? (held.options >>> 4) & 3 : 0;
    if (isShared(held.filter) || handling === 2 || (handling === 1 && isOld)) return;
    for (const [topic, message] of this.#server.retained) {
      if (fits(held.filter, topic)) this.#server.send(this.#session!, message, [held], true);
    }
  }

  #unsubscribe({ id = 0, filters = [] }: Message): void {
    const session = this.#session!;
    const codes = filters.map(([filter]) => (session.subscriptions.delete(filter) ? 0 : 0x11));
    if (this.#world.strikes('unsubscribe-unanswered')) return;
    this.#later(0.5, () => this.#voice.say({ kind: 'unsuback', id, codes }));
  }

  #later(seconds: number, run: () => void): void {
    this.#world.network.after(this.#world.between(0, seconds), () => {
      if (!this.#isOver) run();
    });
  }

  #goodbye(message: Message): void {
    const seconds = propertyOf(message, PROPERTY.SESSION_EXPIRY);
    const asked = propertyOf(this.#asked!, PROPERTY.SESSION_EXPIRY) ?? 0;
    const isRaised = this.#expiry === 0 && asked === 0 && (seconds ?? 0) > 0;
    if (seconds !== undefined && !isRaised) this.#expiry = seconds;
    if (this.#world.rule !== 'disconnect-not-closed') this.end();
  }

  takenOver(): void {
    if (this.#world.strikes('takeover-not-closed')) return;
    if (this.#version === 5 && this.#world.dice.chance(0.7)) this.#voice.say({ kind: 'disconnect', code: 0x8e });
    this.end();
  }

  /** Closes the connection. */
  end(): void {
    this.#path.close('server');
    this.#depart();
  }

  ended(): void {
    this.end();
  }

  wasReset(): void {
    this.#depart();
  }

  /** The connection is over: its session begins to expire. */
  #depart(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const session = this.#session;
    if (!session || session.visit !== this) return;
    session.visit = undefined;
    this.#server.expire(session, this.#expiry === NEVER ? Number.POSITIVE_INFINITY : this.#expiry);
  }
}
