/**
 * Telemetry at random: connections of MQTT clients that publish and are published to, one message after the other, in which
 * now and then something else happens: right or wrong, on either side, of MQTT or of TCP. No model of the rules: for who
 * compares two ways to judge the same.
 */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { mqtt, type PropertyList, type PublishParts } from '../../kit/mqtt.ts';
import { type MqttConnection, MqttNet, otherSide, type Side } from '../../kit/mqtt-net.ts';
import { Dice } from '../mnet/dice.ts';

const STEPS = 80;
const TOPICS = [
  'site/1/temperature',
  'site/1/humidity',
  'command/reboot',
  'command/led',
  '$SYS/load',
  'ünïcode',
  'other',
];
const SIDES: readonly Side[] = ['client', 'server'];

class Link {
  readonly #dice: Dice;
  readonly #net: MqttNet;
  readonly #tcp: MqttConnection;
  readonly #mqtt;
  readonly #clientId: string;
  readonly #ids = { client: 2, server: 2 };
  /** Identifiers of PUBLISHes that a side has sent and that were not acknowledged. */
  readonly #open: Readonly<Record<Side, number[]>> = { client: [], server: [] };
  /** The last PUBLISH of either. */
  readonly #last: Record<Side, PublishParts> = { client: {}, server: {} };
  isOver = false;

  constructor(dice: Dice, net: MqttNet, name: string) {
    this.#dice = dice;
    this.#net = net;
    this.#mqtt = mqtt(dice.pick([4, 5]));
    this.#clientId = dice.pick(['pump', 'fan', 'lamp']);
    this.#tcp = net.open(name);
    const clean = dice.chance(0.7);
    this.#tcp.client(
      this.#mqtt.connect({
        clientId: this.#clientId,
        clean,
        keepAlive: dice.pick([0, 10, 60]),
        properties: this.#limits(),
      }),
    );
    this.#tcp.server(this.#mqtt.connack(0, { sessionPresent: !clean && dice.chance(0.5), properties: this.#limits() }));
    if (dice.chance(0.9)) this.#subscribe();
  }

  /** Most often an ordinary message, and its answer. */
  step(): void {
    const dice = this.#dice;
    if (dice.chance(0.94)) this.#ordinary();
    else dice.pick(this.#oddities)();
    if (dice.chance(0.2)) this.#net.wait(dice.pick([0.001, 0.3, 3, 12]));
  }

  #limits(): PropertyList {
    if (this.#mqtt.version !== 5 || this.#dice.chance(0.7)) return [];
    return [
      this.#dice.pick([
        [PROPERTY.RECEIVE_MAXIMUM, 1],
        [PROPERTY.RECEIVE_MAXIMUM, 20],
        [PROPERTY.MAXIMUM_PACKET_SIZE, 60],
      ] as const),
    ];
  }

  #ordinary(): void {
    const side = this.#dice.pick(SIDES);
    const open = this.#open[side];
    if (open.length > 0 && this.#dice.chance(0.95)) this.#tcp.send(otherSide(side), [this.#mqtt.puback(open.shift())]);
    else this.#publish(side, this.#dice.pick([0, 1, 1]));
    if (this.#dice.chance(0.3)) this.#tcp.ack(this.#dice.pick(SIDES));
  }

  #publish(side: Side, qos: number, topic = this.#topicOf(side)): void {
    const id = this.#ids[side];
    const parts = { topic, qos, id, payload: `n ${this.#dice.roll(1000)}` };
    this.#last[side] = parts;
    this.#tcp.send(side, [this.#mqtt.publish(parts)], this.#cut());
    if (qos === 0) return;
    this.#ids[side] = id + 1;
    this.#open[side].push(id);
  }

  #topicOf(side: Side): string {
    return this.#dice.pick(side === 'client' ? TOPICS.slice(0, 2) : TOPICS.slice(2, 4));
  }

  #cut() {
    return this.#dice.chance(0.1) ? { cut: 1 + this.#dice.roll(9) } : {};
  }

  #subscribe(): void {
    const qos = this.#dice.pick([0, 1, 1, 2]);
    this.#tcp.client(this.#mqtt.subscribe(1, [['command/#', qos]]));
    if (this.#dice.chance(0.95)) this.#tcp.server(this.#mqtt.suback(1, [qos]));
  }

  readonly #oddities: readonly (() => void)[] = [
    () => this.#net.wait(this.#dice.pick([20, 35, 100])),
    () => this.#tcp.client(this.#mqtt.pingreq()),
    () => this.#tcp.client(this.#mqtt.pingreq()).server(this.#mqtt.pingresp()),
    () => this.#tcp.send(this.#dice.pick(SIDES), [this.#mqtt.pingresp()]),
    () => this.#publish(this.#dice.pick(SIDES), this.#dice.roll(3), this.#dice.pick(TOPICS)),
    () => this.#again(true),
    () => this.#again(false),
    () => this.#again(false),
    () => this.#again(this.#dice.chance(0.5)),
    () => this.#tcp.send(this.#dice.pick(SIDES), [this.#mqtt.puback(1 + this.#dice.roll(30))]),
    () => this.#tcp.send(this.#dice.pick(SIDES), [this.#mqtt.pubrec(1 + this.#dice.roll(30))]),
    () => this.#tcp.send(this.#dice.pick(SIDES), [this.#mqtt.publish({ topic: 'a/#' })]),
    () =>
      this.#tcp.send(this.#dice.pick(SIDES), [
        this.#mqtt.publish({ topic: 'command/led', retain: true, qos: 1, id: 400 }),
      ]),
    () => this.#tcp.send(this.#dice.pick(SIDES), [Uint8Array.of(0x32, 3, 0, 9, 0x61)]),
    () => {
      this.#ids[this.#dice.pick(SIDES)] += 5;
    },
    () => this.#subscribe(),
    () => this.#tcp.again(this.#dice.pick(SIDES)),
    () => this.#tcp.together('client', [this.#mqtt.publish({ topic: TOPICS[0] }), this.#mqtt.pingreq()]),
    () => this.#end(),
  ];

  #again(dup: boolean): void {
    const side = this.#dice.pick(SIDES);
    const id = this.#open[side][0] ?? this.#ids[side] - 1;
    const parts = this.#dice.chance(0.7)
      ? this.#last[side]
      : { topic: this.#topicOf(side), qos: 1, id: Math.max(1, id) };
    this.#tcp.send(side, [this.#mqtt.publish({ ...parts, dup })]);
  }

  #end(): void {
    if (!this.#dice.chance(0.3)) return;
    this.isOver = true;
    const side = this.#dice.pick(SIDES);
    if (this.#dice.chance(0.5)) this.#tcp.client(this.#mqtt.disconnect());
    if (this.#dice.chance(0.3)) this.#ordinary();
    if (this.#dice.chance(0.3)) this.#tcp.reset(side);
    else if (this.#dice.chance(0.9)) this.#tcp.close(side);
  }
}

export function telemetry(seed: number): Frame[] {
  const dice = new Dice(seed);
  const net = new MqttNet({ acks: dice.pick(['once', 'next', 'next']), step: dice.pick([1_000, 50_000]) });
  const links = [new Link(dice, net, 'link 0')];
  for (let step = 0; step < STEPS; step++) {
    if (dice.chance(0.02)) links.push(new Link(dice, net, `link ${links.length}`));
    const open = links.filter(({ isOver }) => !isOver);
    if (open.length > 0) dice.pick(open).step();
  }
  const frames = net.frames();
  if (dice.chance(0.7)) return frames;
  const lost = new Set(Array.from({ length: 1 + dice.roll(3) }, () => 1 + dice.roll(frames.length)));
  return frames.filter(({ number }) => !lost.has(number));
}
