/**
 * A small network for random conversations: hosts that talk over TCP, and an observer somewhere between them. What a side
 * sends passes the observer some time later and its peer later still, so that packets cross, acknowledgements say what their
 * sender had got when it sent them, and the last thing seen of a connection may never have arrived.
 */
import { MqttNet, otherSide, type SegmentSeen, type Side } from '../../kit/mqtt-net.ts';
import type { Dice } from '../mnet/dice.ts';

const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16];

/** Seconds from the client's host to the observer, and from there to the server. */
export interface Distance {
  readonly near: number;
  readonly far: number;
}

/** What happens at an end of a connection. */
export interface Ear {
  opened?(): void;
  message(message: unknown): void;
  /** FIN of the other side. */
  ended(): void;
  wasReset(): void;
}

interface Event {
  readonly time: number;
  readonly run: () => void;
}

interface Passing {
  readonly path: Path;
  readonly side: Side;
  readonly flags: number;
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly acknowledged: number;
  readonly time: number;
}

/** Time, and all that passes the observer. */
export class Network {
  readonly dice: Dice;
  now = 0;
  readonly #events: Event[] = [];
  readonly #passing: Passing[] = [];
  #paths = 0;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** Runs later, in so many seconds. */
  after(seconds: number, run: () => void): void {
    this.when(this.now + seconds, run);
  }

  /** Runs at that time, behind all that is to happen then. */
  when(time: number, run: () => void): void {
    const event = { time, run };
    let place = this.#events.length;
    while (place > 0 && this.#events[place - 1].time > event.time) place--;
    this.#events.splice(place, 0, event);
  }

  /** Lets everything happen until that time. */
  run(until: number): void {
    for (let event = this.#events[0]; event && event.time <= until; event = this.#events[0]) {
      this.#events.shift();
      this.now = event.time;
      event.run();
    }
    this.now = until;
  }

  nextPort(): number {
    return 50_001 + this.#paths++;
  }

  pass(passing: Omit<Passing, 'time'>): void {
    this.#passing.push({ ...passing, time: this.now });
  }

  /** The capture, without some of the connections. */
  capture(hidden: ReadonlySet<Path> = new Set()): { readonly net: MqttNet; readonly segments: readonly SegmentSeen[] } {
    const net = new MqttNet({ step: 0 });
    const opened = new Map<Path, ReturnType<MqttNet['open']>>();
    for (const { path, side, flags, time, ...parts } of this.#passing) {
      if (hidden.has(path)) continue;
      net.waitUntil(time);
      const known = opened.get(path);
      const connection = known ?? net.open(path.name, { client: path.client, handshake: false });
      opened.set(path, connection);
      connection.segment(side, flags, { ...parts, isFirst: (flags & ACK) === 0 });
    }
    return { net, segments: net.segments };
  }
}

/** One TCP connection. */
export class Path {
  readonly name: string;
  readonly client: string;
  readonly #network: Network;
  readonly #distance: Distance;
  readonly #ears: Partial<Record<Side, Ear>> = {};
  readonly #sent = { client: 0, server: 0 };
  readonly #got = { client: 0, server: 0 };
  readonly #acknowledged = { client: 0, server: 0 };
  readonly #closed = { client: false, server: false };
  /** No more than what this side has got by now reaches it, and it says nothing. */
  readonly #gone = { client: false, server: false };
  readonly #ready: Record<Side, { bytes: Uint8Array; message: unknown }[]> = { client: [], server: [] };

  constructor(network: Network, name: string, distance: Distance) {
    this.#network = network;
    this.name = `${name} ${network.nextPort()}`;
    this.client = `10.0.0.1:${this.name.split(' ')[1]}`;
    this.#distance = distance;
  }

  /** The client's TCP connects; each ear hears when that is done for its side. */
  open(client: Ear, accept: () => Ear): void {
    this.#ears.client = client;
    this.#put('client', SYN, -1, () => {
      this.#ears.server = accept();
      this.#put('server', SYN | ACK, -1, () => {
        this.#put('client', ACK);
        client.opened?.();
      });
    });
  }

  isClosed(side: Side): boolean {
    return this.#closed[side] || this.#gone[side];
  }

  /** One packet; those of one moment may share a segment. */
  send(side: Side, bytes: Uint8Array, message: unknown): void {
    if (this.isClosed(side)) return;
    const ready = this.#ready[side];
    ready.push({ bytes, message });
    if (ready.length === 1) this.#network.after(0, () => this.flush(side));
  }

  flush(side: Side): void {
    const ready = this.#ready[side].splice(0);
    if (ready.length === 0 || this.#gone[side]) return;
    if (ready.length > 1 && this.#network.dice.chance(0.5)) this.#data(side, ready);
    else for (const one of ready) this.#data(side, [one]);
  }

  /** FIN. */
  close(side: Side): void {
    this.flush(side);
    if (this.isClosed(side)) return;
    this.#closed[side] = true;
    this.#put(side, FIN | ACK, this.#sent[side], () => {
      this.#got[otherSide(side)]++;
      if (!this.#gone[otherSide(side)]) this.#put(otherSide(side), ACK);
      this.#ears[otherSide(side)]?.ended();
    });
    this.#sent[side]++;
  }

  reset(side: Side): void {
    this.flush(side);
    if (this.#gone[side]) return;
    const peer = otherSide(side);
    this.#put(side, RST | ACK, this.#sent[side], () => {
      if (this.#gone[peer]) return;
      this.#gone[peer] = true;
      this.#ears[peer]?.wasReset();
    });
    this.#gone[side] = true;
  }

  /** This side's host is not heard of again. */
  vanish(side: Side): void {
    this.flush(side);
    this.#gone[side] = true;
  }

  /** Bytes that are no whole packet. */
  sendRest(side: Side, bytes: Uint8Array): void {
    this.flush(side);
    this.#data(side, [{ bytes, message: undefined }]);
  }

  #data(side: Side, packets: readonly { readonly bytes: Uint8Array; readonly message: unknown }[]): void {
    const bytes = Uint8Array.from(packets.flatMap(one => [...one.bytes]));
    const { dice } = this.#network;
    const cut = bytes.length > 1 && dice.chance(0.1) ? 1 + dice.roll(bytes.length - 1) : bytes.length;
    const at = this.#sent[side];
    const arrive = (size: number, isLast: boolean) => () => {
      const peer = otherSide(side);
      this.#got[peer] += size;
      this.#acknowledgeSoon(peer);
      if (!isLast) return;
      for (const { message } of packets) {
        if (message !== undefined && !this.#gone[peer]) this.#ears[peer]?.message(message);
      }
    };
    this.#put(side, PSH | ACK, at, arrive(cut, cut === bytes.length), bytes.subarray(0, cut));
    const rest = bytes.length - cut;
    if (rest > 0) this.#put(side, PSH | ACK, at + cut, arrive(rest, true), bytes.subarray(cut));
    this.#sent[side] += bytes.length;
  }

  #acknowledgeSoon(side: Side): void {
    const delay = this.#network.dice.chance(0.5) ? 0 : 0.04;
    this.#network.after(delay, () => {
      if (!this.#gone[side] && this.#acknowledged[side] < this.#got[side]) this.#put(side, ACK);
    });
  }

  #put(
    side: Side,
    flags: number,
    at = this.#sent[side],
    arrive: () => void = () => {},
    bytes: Uint8Array = new Uint8Array(),
  ): void {
    const acknowledged = this.#got[side];
    this.#acknowledged[side] = Math.max(acknowledged, this.#acknowledged[side]);
    const { near, far } = this.#distance;
    const [first, second] = side === 'client' ? [near, far] : [far, near];
    const network = this.#network;
    network.after(first, () => {
      network.pass({ path: this, side, flags, at, bytes, acknowledged });
      network.after(second, () => {
        if (!this.#gone[otherSide(side)]) arrive();
      });
    });
  }
}
