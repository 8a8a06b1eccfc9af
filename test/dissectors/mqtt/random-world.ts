/**
 * The world of a random conversation: the network, the dice, and one fault that is to happen at one of the places where it
 * can. Nothing here knows the dissector or its model.
 */
import type { Level } from '../../kit/mqtt.ts';
import type { Side } from '../../kit/mqtt-net.ts';
import type { Dice } from '../mnet/dice.ts';
import { encode, type Message, propertyOf, type Sending, TOPIC_ALIAS, withProperty } from './random-messages.ts';
import { Network, type Path } from './random-path.ts';

/** Changes a message on its way out, where that breaks its rule. */
export type Alter = (sending: Sending, world: World) => Message | undefined;

export class World {
  readonly dice: Dice;
  readonly network: Network;
  /** Do sides of 3.1.1 send again in the same connection what is not acknowledged? */
  readonly retries: boolean;
  /** The rule to be broken. */
  readonly rule: string | undefined;
  readonly #alter: Alter | undefined;
  /** When it was. */
  struck: number | undefined;

  constructor(dice: Dice, rule?: string, alter?: Alter) {
    this.dice = dice;
    this.network = new Network(dice);
    this.retries = dice.chance(0.5);
    this.rule = rule;
    this.#alter = alter;
  }

  /** Do connections last, so that a silence shows? */
  get isPatient(): boolean {
    return /-unanswered$|^keep-alive/.test(this.rule ?? '');
  }

  /** Is this rule to be broken, here? Once it was, never again. */
  strikes(rule: string, probability = 0.4): boolean {
    if (this.rule !== rule || this.struck !== undefined || !this.dice.chance(probability)) return false;
    this.struck = this.network.now;
    return true;
  }

  altered(sending: Sending): Message {
    if (!this.#alter || this.struck !== undefined) return sending.message;
    const other = this.#alter(sending, this);
    if (!other || !this.dice.chance(0.4)) return sending.message;
    this.struck = this.network.now;
    return other;
  }

  /** Seconds between two numbers. */
  between(from: number, to: number): number {
    return from + (to - from) * this.dice.next();
  }
}

/** One side of a connection, as far as it speaks. */
export class Voice {
  readonly world: World;
  readonly path: Path;
  readonly side: Side;
  readonly version: Level;
  /** What the other side announced. */
  receiveMaximum = 65_535;
  maximumPacketSize = Number.POSITIVE_INFINITY;
  aliasMaximum = 0;
  connected = false;
  lastSaid = 0;
  readonly #aliases = new Map<string, number>();
  readonly #heard = new Map<number, string>();
  #isOver = false;

  constructor(world: World, path: Path, side: Side, version: Level) {
    this.world = world;
    this.path = path;
    this.side = side;
    this.version = version;
  }

  get isOver(): boolean {
    return this.#isOver || this.path.isClosed(this.side);
  }

  say(message: Message): void {
    if (this.isOver) return;
    const { side, version, connected, aliasMaximum, maximumPacketSize } = this;
    const said = this.world.altered({ side, version, message, connected, aliasMaximum, maximumPacketSize });
    this.#put(said);
    if (said.kind === 'disconnect') {
      this.#isOver = true;
      if (this.world.strikes('after-disconnect')) this.#put({ kind: side === 'client' ? 'pingreq' : 'pingresp' });
    }
  }

  /** Says nothing any more, though the connection is open. */
  hush(): void {
    this.#isOver = true;
  }

  sizeOf(message: Message): number {
    return encode(this.version, message).length;
  }

  /** A PUBLISH with its topic or an alias for it. */
  aliased(message: Message): Message {
    const { topic = '' } = message;
    const known = this.#aliases.get(topic);
    if (known !== undefined && this.world.dice.chance(0.6)) {
      return { ...withProperty(message, TOPIC_ALIAS, known), topic: '' };
    }
    if (this.aliasMaximum === 0 || !this.world.dice.chance(0.4)) return message;
    const alias = 1 + this.world.dice.roll(this.aliasMaximum);
    for (const [old, taken] of this.#aliases) if (taken === alias) this.#aliases.delete(old);
    this.#aliases.set(topic, alias);
    return withProperty(message, TOPIC_ALIAS, alias);
  }

  /** The topic that a PUBLISH of the other side means; undefined for an alias that was never set. */
  topicOf(message: Message): string | undefined {
    const alias = propertyOf(message, TOPIC_ALIAS);
    if (alias === undefined) return message.topic;
    if (message.topic) this.#heard.set(alias, message.topic);
    return this.#heard.get(alias);
  }

  #put(message: Message): void {
    if (this.path.isClosed(this.side)) return;
    this.lastSaid = this.world.network.now;
    this.path.send(this.side, encode(this.version, message), message);
  }
}
