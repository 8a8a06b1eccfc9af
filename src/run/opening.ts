/**
 * The beginning of a TCP connection whose protocol is not known yet: its first bytes in both directions, and what else
 * happened, in order, so that all of it can be handed over once a protocol claims it.
 */
import type { Opening } from '../framing/framing.ts';
import type { Origin } from '../net/moment.ts';
import type { FrameMoment } from './stream-lane.ts';
import type { TcpMoment } from './tcp-facts.ts';

export interface OpeningEvent {
  readonly kind: 'data' | 'gap' | 'end' | 'differs' | 'acknowledged';
  readonly side: number;
  /** Of data: where it lies in the side's bytes. Of a gap: its length, in `to`; of an acknowledgement: the bytes acknowledged. */
  readonly from: number;
  readonly to: number;
  /** Of data: with the base of the side's bytes, as far as these are concerned. */
  readonly moment: FrameMoment;
  /** Of data of a connection that is watched: what brought it. */
  readonly origin: Origin | undefined;
  /** How such a connection stood; the last event of an opening may be without it, as that is how it stands now. */
  tcp: TcpMoment | undefined;
}

const FIRST_ROOM = 1024;

/** The bytes of one direction. */
class Direction {
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  /** Bytes before the first gap: its beginning. */
  beginning = 0;
  broken = false;
  ended = false;

  append(bytes: Uint8Array, from: number, to: number): void {
    const end = this.length + to - from;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.bytes.length * 2, FIRST_ROOM));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes.subarray(from, to), this.length);
    this.length = end;
    if (!this.broken) this.beginning = end;
  }
}

export class OpeningLog {
  readonly events: OpeningEvent[] = [];
  readonly #directions: readonly Direction[] = [new Direction(), new Direction()];

  /** Bytes kept of both directions. */
  get size(): number {
    return this.#directions[0].length + this.#directions[1].length;
  }

  /** Bytes of the beginning were lost. */
  get isBroken(): boolean {
    return this.#directions.some(({ broken }) => broken);
  }

  /** The beginning will not grow any more: each direction has ended, or bytes of it were lost. */
  get isOver(): boolean {
    return this.#directions.every(({ broken, ended }) => broken || ended);
  }

  /** Keeps a copy of the bytes. @param origin where the connection is watched */
  data(
    side: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    moment: FrameMoment,
    origin: Readonly<Origin> | undefined,
  ): void {
    const direction = this.#directions[side];
    const at = direction.length;
    direction.append(bytes, from, to);
    const base = moment.base + from - at;
    this.events.push({
      kind: 'data',
      side,
      from: at,
      to: direction.length,
      moment: { ...moment, base },
      origin: origin && { ...origin },
      tcp: undefined,
    });
  }

  /** @param length of a gap, or of what is acknowledged, in bytes */
  note(kind: Exclude<OpeningEvent['kind'], 'data'>, side: number, length: number, moment: FrameMoment): void {
    const direction = this.#directions[side];
    if (kind === 'gap') direction.broken = true;
    if (kind === 'end') direction.ended = true;
    this.events.push({ kind, side, from: 0, to: length, moment: { ...moment }, origin: undefined, tcp: undefined });
  }

  /** How the connection stands after the last event. */
  standsAt(tcp: TcpMoment): void {
    const last = this.events.at(-1);
    if (last) last.tcp = tcp;
  }

  /** All bytes of a side that were kept; events say where theirs lie. */
  bytes(side: number): Uint8Array {
    return this.#directions[side].bytes;
  }

  /** What recognition looks at. */
  opening(clientSide: number): Opening {
    const beginning = (side: number) => {
      const { bytes, beginning: end } = this.#directions[side];
      return bytes.subarray(0, end);
    };
    return {
      client: beginning(clientSide),
      server: beginning(1 - clientSide),
      clientBroken: this.#directions[clientSide].broken,
      serverBroken: this.#directions[1 - clientSide].broken,
    };
  }
}
