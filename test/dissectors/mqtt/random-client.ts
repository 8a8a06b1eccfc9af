/** A client of random conversations: connects, does this and that, leaves in one way or another, and comes back. */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { type Level, NO_LOCAL, type PropertyList, RETAIN_AS_PUBLISHED, retainHandling } from '../../kit/mqtt.ts';
import {
  FILTERS,
  isShared,
  type Message,
  propertyOf,
  SHARED,
  TOPICS,
  textOf,
  withProperty,
} from './random-messages.ts';
import { Inbox, Outbox } from './random-outbox.ts';
import { type Distance, type Ear, Path } from './random-path.ts';
import type { Server } from './random-server.ts';
import { Voice, type World } from './random-world.ts';

export interface Habits {
  readonly version: Level;
  readonly distance: Distance;
  readonly keepAlive: number;
  /** Seconds; NEVER for ever. */
  readonly expiry: number;
  readonly cleanChance: number;
  readonly method: string | undefined;
  readonly userName: string | undefined;
  readonly connections: number;
  /** Its connections are short. */
  readonly isBrief: boolean;
}

export class Client {
  readonly world: World;
  readonly server: Server;
  readonly habits: Habits;
  readonly outbox = new Outbox();
  readonly inbox: Inbox;
  readonly paths: Path[] = [];
  clientId: string;
  /** Expiry 0, or Clean Session: there is nothing to come back to. */
  isEmpty = true;
  /** It has asked for a clean start, and not got it yet. */
  isFresh = false;
  isTired = false;
  #left: number;
  #messages = 0;

  constructor(world: World, server: Server, clientId: string, habits: Habits) {
    this.world = world;
    this.server = server;
    this.clientId = clientId;
    this.habits = habits;
    this.#left = habits.connections;
    const refusal = () => (habits.version === 5 && world.dice.chance(0.1) ? 0x83 : 0);
    this.inbox = new Inbox(refusal, () => world.between(0, world.dice.chance(0.1) ? 4 : 0.4));
  }

  connect(): void {
    if (this.#left-- <= 0) return;
    const { world, habits } = this;
    const path = new Path(world.network, this.clientId || 'nameless', habits.distance);
    this.paths.push(path);
    const visit = new Visit(this, path);
    path.open(visit, () => this.server.accept(path, habits.version));
  }

  /** After a while. */
  comeBack(isSoon = false): void {
    const { world } = this;
    world.network.after(world.between(0.5, !isSoon && world.dice.chance(0.3) ? 40 : 6), () => this.connect());
  }

  /** Does not come back any more, and falls silent, but for what keeps a connection alive. */
  stop(): void {
    this.#left = 0;
    this.isTired = true;
  }

  newMessage(): Message {
    const { world, habits } = this;
    const { dice } = world;
    const properties: PropertyList = dice.chance(0.1) ? [[PROPERTY.MESSAGE_EXPIRY, 20 + dice.roll(60)]] : [];
    return {
      kind: 'publish',
      topic: dice.pick(TOPICS),
      payload: `${this.clientId} ${++this.#messages}${dice.chance(0.1) ? '.'.repeat(60) : ''}`,
      qos: dice.roll(3),
      retain: dice.chance(0.15),
      properties: habits.version === 5 ? properties : [],
    };
  }
}

/** One connection of a client. */
class Visit implements Ear {
  readonly #client: Client;
  readonly #voice: Voice;
  readonly #world: World;
  readonly #path: Path;
  readonly #pending = new Map<number, Message>();
  #asked: Message | undefined;
  #answer: Message | undefined;
  #keepAlive = 0;
  #actions = 0;
  #isLeaving = false;
  /** Reauthentication under way. */
  #isProving = false;

  constructor(client: Client, path: Path) {
    this.#client = client;
    this.#path = path;
    this.#world = client.world;
    this.#voice = new Voice(client.world, path, 'client', client.habits.version);
    const { dice } = client.world;
    const { isPatient } = client.world;
    this.#actions = isPatient ? 1_000 : 3 + dice.roll(client.habits.isBrief ? 5 : 25);
  }

  opened(): void {
    const { habits } = this.#client;
    const { dice } = this.#world;
    this.#client.outbox.join(this.#voice);
    this.#client.inbox.join();
    const { clientId, isEmpty, isFresh } = this.#client;
    const wishes = (isEmpty && dice.chance(0.5)) || dice.chance(habits.cleanChance);
    const clean = clientId === '' || isFresh || wishes;
    this.#asked = {
      kind: 'connect',
      clientId: this.#client.clientId,
      clean,
      keepAlive: habits.keepAlive,
      ...(habits.userName === undefined ? {} : { userName: habits.userName }),
      ...(dice.chance(0.3) ? { will: { topic: 'x', payload: 'gone', qos: dice.roll(3), retain: false } } : {}),
      properties: habits.version === 5 ? this.#connectProperties() : [],
    };
    if (clean) this.#forget();
    this.#client.isFresh = clean;
    this.#voice.say(this.#asked);
    if (this.#world.strikes('connect-repeated')) this.#voice.say(this.#asked);
    // Some do not wait for CONNACK.
    const isHasty = habits.method === undefined ? dice.chance(0.25) : this.#world.strikes('auth-packet-before-connack');
    if (isHasty) this.#hurry();
  }

  /** Has the client state that its server does not, or the other way round, it starts anew. */
  #forget(): void {
    const { outbox, inbox } = this.#client;
    if (outbox.kept.some(({ stage }) => stage === 'sent') && this.#world.strikes('state-carried-over')) {
      const { message, id } = outbox.kept.find(({ stage }) => stage === 'sent')!;
      this.#world.network.after(1, () => this.#voice.say({ ...message, id, dup: true }));
      outbox.clear();
      outbox.join(this.#voice);
      outbox.takeId(id);
    } else {
      outbox.clear();
      outbox.join(this.#voice);
    }
    inbox.unreleased.clear();
  }

  #connectProperties(): PropertyList {
    const { habits } = this.#client;
    const { dice } = this.#world;
    const list: [number, number | string][] = [];
    if (habits.expiry > 0) list.push([PROPERTY.SESSION_EXPIRY, habits.expiry]);
    if (dice.chance(0.5)) list.push([PROPERTY.RECEIVE_MAXIMUM, 1 + dice.roll(4)]);
    if (dice.chance(0.5)) list.push([PROPERTY.TOPIC_ALIAS_MAXIMUM, dice.roll(4)]);
    if (dice.chance(0.3)) list.push([PROPERTY.MAXIMUM_PACKET_SIZE, 40 + dice.roll(40)]);
    if (dice.chance(0.4)) list.push([PROPERTY.REQUEST_PROBLEM_INFORMATION, dice.chance(0.7) ? 0 : 1]);
    if (habits.method !== undefined) list.push([PROPERTY.AUTHENTICATION_METHOD, habits.method]);
    return list;
  }

  #hurry(): void {
    const { dice } = this.#world;
    for (let count = dice.roll(3); count >= 0; count--) {
      if (dice.chance(0.3)) this.#voice.say({ kind: 'pingreq' });
      else if (dice.chance(0.4)) this.#subscribe();
      else this.#voice.say({ ...this.#client.newMessage(), qos: 0, retain: false });
    }
  }

  message(given: unknown): void {
    const message = given as Message;
    if (this.#voice.isOver) return;
    const { kind, id = 0, code = 0 } = message;
    const { outbox, inbox } = this.#client;
    if (message.raw) this.#giveUp();
    else if (kind === 'connack') this.#connected(message);
    else if (kind === 'publish') {
      if (this.#voice.topicOf(message) === undefined) this.#giveUp();
      else inbox.publish(this.#voice, message);
    } else if (kind === 'puback') outbox.puback(id);
    else if (kind === 'pubrec') outbox.pubrec(id, code);
    else if (kind === 'pubcomp') outbox.pubcomp(id);
    else if (kind === 'pubrel') inbox.pubrel(this.#voice, id);
    else if (kind === 'suback' || kind === 'unsuback') this.#settled(id);
    else if (kind === 'auth') this.#prove(code);
    else if (kind === 'disconnect') this.#leave('fin');
  }

  #settled(id: number): void {
    this.#pending.delete(id);
    this.#client.outbox.freeId(id);
  }

  #prove(code: number): void {
    const method = this.#client.habits.method;
    const properties: PropertyList = method === undefined ? [] : [[PROPERTY.AUTHENTICATION_METHOD, method]];
    if (code === 0x18) this.#voice.say({ kind: 'auth', code: 0x18, properties });
    else this.#isProving = false;
  }

  #connected(answer: Message): void {
    if (this.#answer || !this.#asked) return;
    this.#answer = answer;
    if (answer.code) {
      if (this.#world.rule !== 'refused-not-closed') this.#leave('fin');
      return;
    }
    const voice = this.#voice;
    const { habits, outbox, inbox } = this.#client;
    voice.connected = true;
    this.#client.isFresh = false;
    voice.receiveMaximum = propertyOf(answer, PROPERTY.RECEIVE_MAXIMUM) ?? 65_535;
    voice.maximumPacketSize = propertyOf(answer, PROPERTY.MAXIMUM_PACKET_SIZE) ?? Number.POSITIVE_INFINITY;
    voice.aliasMaximum = propertyOf(answer, PROPERTY.TOPIC_ALIAS_MAXIMUM) ?? 0;
    this.#keepAlive = propertyOf(answer, PROPERTY.SERVER_KEEP_ALIVE) ?? habits.keepAlive;
    this.#client.clientId = textOf(answer, PROPERTY.ASSIGNED_CLIENT_IDENTIFIER) ?? this.#client.clientId;
    this.#client.isEmpty = habits.version === 5 ? habits.expiry === 0 : this.#asked!.clean!;
    const keeps = habits.version === 4 && !this.#asked!.clean;
    if (!answer.sessionPresent && !keeps) {
      outbox.clear();
      inbox.unreleased.clear();
    }
    this.#world.network.after(this.#world.between(0, 1.5), () => {
      if (!voice.isOver) outbox.resume();
    });
    if (this.#world.strikes('pubrel-unknown-id', 0.2)) voice.say({ kind: 'pubrel', id: 50_000 });
    if (this.#world.strikes('connect-repeated')) voice.say(this.#asked!);
    this.#watch();
    this.#next();
  }

  /** Keeps the connection alive. */
  #watch(): void {
    if (this.#keepAlive === 0 || this.#voice.isOver) return;
    const { network, dice } = this.#world;
    const due = this.#voice.lastSaid + this.#keepAlive * this.#world.between(0.4, 1.1);
    network.after(Math.max(0.01, due - network.now), () => {
      if (this.#voice.isOver || this.#isLeaving) return;
      const isQuiet = network.now - this.#voice.lastSaid >= this.#keepAlive * 0.4;
      if (isQuiet && this.#world.strikes('keep-alive-exceeded', 0.3)) this.#sleep(1.5 * this.#keepAlive + 0.3);
      else if (isQuiet && this.#world.strikes('keep-alive-not-enforced', 0.3)) this.#sleep(1.5 * this.#keepAlive + 8);
      else {
        if (isQuiet) this.#voice.say({ kind: 'pingreq' });
        if (dice.chance(0.05)) this.#voice.say({ kind: 'pingreq' });
        this.#watch();
      }
    });
  }

  #asleep = false;

  /** Says nothing until so long after its last packet. */
  #sleep(seconds: number): void {
    this.#asleep = true;
    const { network } = this.#world;
    network.after(this.#voice.lastSaid + seconds - network.now, () => {
      this.#asleep = false;
      this.#voice.say({ kind: 'pingreq' });
      this.#watch();
    });
  }

  #next(): void {
    const { network, dice } = this.#world;
    network.after(this.#world.between(0, dice.chance(0.2) ? 8 : 1.5), () => {
      if (this.#voice.isOver || this.#isLeaving || this.#client.isTired) return;
      if (!this.#asleep) {
        if (this.#actions-- <= 0) {
          this.#goodbye();
          return;
        }
        this.#act();
      }
      this.#next();
    });
  }

  #act(): void {
    const { dice } = this.#world;
    const roll = dice.roll(10);
    if (roll < 2) this.#subscribe();
    else if (roll < 3) this.#unsubscribe();
    else if (roll < 4 && this.#client.habits.method !== undefined && !this.#isProving) this.#renew();
    else for (let count = 1 + dice.roll(3); count > 0; count--) this.#publish();
  }

  #publish(): void {
    const message = this.#client.newMessage();
    const maximum = propertyOf(this.#answer!, PROPERTY.MAXIMUM_QOS) ?? 2;
    const retains = propertyOf(this.#answer!, PROPERTY.RETAIN_AVAILABLE) !== 0;
    const isTooHigh = message.qos! > maximum && !this.#world.strikes('qos-not-supported');
    const mayRetain = retains || this.#world.strikes('retain-not-supported');
    const qos = isTooHigh ? maximum : message.qos!;
    this.#client.outbox.offer({ ...message, qos, retain: message.retain! && mayRetain });
  }

  #renew(): void {
    this.#isProving = true;
    const properties: PropertyList = [[PROPERTY.AUTHENTICATION_METHOD, this.#client.habits.method!]];
    this.#voice.say({ kind: 'auth', code: 0x19, properties });
  }

  #subscribe(): void {
    const { dice } = this.#world;
    const isNew = this.#client.habits.version === 5;
    const shares = isNew && this.#is(PROPERTY.SHARED_AVAILABLE) && dice.chance(0.2);
    const filters = Array.from({ length: 1 + dice.roll(2) }, () => {
      const filter = shares ? dice.pick(SHARED) : dice.pick(FILTERS);
      return [filter, this.#options(filter, isNew)] as const;
    }).filter(([filter]) => !/[+#]/.test(filter) || this.#is(PROPERTY.WILDCARD_AVAILABLE));
    if (filters.length === 0) return;
    const id = this.#client.outbox.newId(true);
    const message: Message = { kind: 'subscribe', id, filters, properties: [] };
    const identifies = isNew && this.#is(PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE) && dice.chance(0.6);
    this.#ask(identifies ? withProperty(message, PROPERTY.SUBSCRIPTION_IDENTIFIER, 1 + dice.roll(300)) : message);
  }

  /** Is a feature there, as far as is known? */
  #is(property: number): boolean {
    return this.#answer === undefined || propertyOf(this.#answer, property) !== 0;
  }

  #options(filter: string, isNew: boolean): number {
    const { dice } = this.#world;
    const qos = dice.roll(3);
    if (!isNew) return qos;
    const local = !isShared(filter) && dice.chance(0.2) ? NO_LOCAL : 0;
    return qos | local | (dice.chance(0.4) ? RETAIN_AS_PUBLISHED : 0) | retainHandling(dice.roll(3));
  }

  #unsubscribe(): void {
    const id = this.#client.outbox.newId(true);
    this.#ask({ kind: 'unsubscribe', id, filters: [[this.#world.dice.pick(FILTERS), 0]] });
  }

  #ask(message: Message): void {
    const { network, dice } = this.#world;
    this.#pending.set(message.id!, message);
    this.#voice.say(message);
    if (this.#client.habits.version === 5 || !this.#world.retries || !dice.chance(0.3)) return;
    // 3.1.1 lets it try again.
    network.after(this.#world.between(0.1, 3), () => {
      if (this.#pending.get(message.id!) !== message) return;
      this.#client.outbox.takeId(message.id!);
      this.#voice.say(message);
    });
  }

  #goodbye(): void {
    const ways = ['disconnect', 'disconnect', 'fin', 'reset', 'vanish', 'abandon', 'change'] as const;
    const way = this.#world.dice.pick(ways);
    const { habits } = this.#client;
    const code = habits.version === 5 && this.#world.dice.chance(0.2) ? 0x04 : undefined;
    if (way === 'disconnect') this.#say(code);
    else if (way === 'change' && habits.version === 5 && habits.expiry > 0) {
      const seconds = this.#world.dice.pick([0, 5, 60]);
      this.#say(code ?? 0, [[PROPERTY.SESSION_EXPIRY, seconds]]);
      this.#client.isEmpty = seconds === 0;
    } else if (way === 'vanish' && (this.#keepAlive === 0 || this.#keepAlive > 14)) this.#leave('reset');
    else this.#leave(way === 'change' ? 'fin' : way);
  }

  #say(code: number | undefined, properties?: PropertyList): void {
    const message: Message = { kind: 'disconnect', ...(code === undefined ? {} : { code }) };
    this.#voice.say(properties ? { ...message, properties } : message);
    if (!this.#world.strikes('disconnect-not-closed')) this.#leave('fin');
    else this.#isLeaving = true;
  }

  /** Something that it cannot take. */
  #giveUp(): void {
    if (this.#client.habits.version === 5 && this.#world.dice.chance(0.5))
      this.#voice.say({ kind: 'disconnect', code: 0x82 });
    this.#leave('fin');
  }

  #leave(way: 'fin' | 'reset' | 'vanish' | 'abandon' | 'disconnect'): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (way === 'reset') this.#path.reset('client');
    else if (way === 'vanish') this.#path.vanish('client');
    else if (way === 'fin' || way === 'disconnect') {
      if (this.#world.strikes('truncated')) this.#path.sendRest('client', Uint8Array.of(0x30, 9, 0, 1));
      this.#path.close('client');
    } else if (this.#world.rule === 'takeover-not-closed') {
      this.#world.network.after(12, () => this.#voice.say({ kind: 'pingreq' }));
    } else {
      this.#voice.hush();
      this.#world.network.after(10, () => this.#path.close('client'));
    }
    this.#client.comeBack(way === 'abandon' && this.#client.clientId !== '');
  }

  ended(): void {
    this.#path.close('client');
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#client.comeBack();
  }

  wasReset(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#client.comeBack();
  }
}
