/** Runs segments through `TcpStreams` and writes down what it tells, in lines that a test can state. */

import { UNPLACED } from '../../src/net/extents.ts';
import type { Arrival, Origin } from '../../src/net/moment.ts';
import type { StreamLimits } from '../../src/net/pending.ts';
import { TcpStreams } from '../../src/net/reassembly.ts';
import type { StreamSink } from '../../src/net/stream-sink.ts';
import { StreamMemory } from '../../src/storage/stream-memory.ts';
import { packetOf, type Segment, type TcpTalk } from '../kit/tcp.ts';

const SIDES = ['client', 'server'];
const FLOW = 3;

export interface ReassembledOptions {
  readonly limits?: Partial<StreamLimits>;
  /** Every connection is watched: what brought its bytes is shown with them, `client [0-5 @4 acks 0] hello`. */
  readonly watch?: boolean;
  /** Bytes of the memory of what was delivered. */
  readonly memory?: number;
  /** False to have all segments go the long way. */
  readonly shortWay?: boolean;
  /** Called at each line reported. */
  readonly onReported?: (reassembled: Reassembled, line: string) => void;
}

export class Reassembled implements StreamSink {
  readonly moment: Arrival = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  readonly streams: TcpStreams;
  /** `client hello`, `server gap 5`, `client end`, ... */
  readonly reported: string[] = [];
  /** The same, each behind its frame: `4 client hello`. */
  readonly reportedAt: string[] = [];
  /** Frames of acknowledgements of what was not captured. */
  readonly unseen: number[] = [];
  readonly #onReported: ReassembledOptions['onReported'];
  readonly #origin: Origin | undefined;

  constructor({ limits, watch, memory = 1024 * 1024, shortWay, onReported }: ReassembledOptions = {}) {
    const all = { bytes: 1024 * 1024, streamBytes: 1024 * 1024, ...limits };
    if (watch) this.#origin = { ...this.moment, isResent: false, acknowledged: -1, at: -1 };
    this.streams = new TcpStreams(this, this.moment, new StreamMemory(memory), all, this.#origin, shortWay);
    this.#onReported = onReported;
  }

  /** Frames go on counting; their time is that of the segments. */
  take(segments: readonly Segment[], flow = FLOW, fresh = this.moment.frame === 0): this {
    segments.forEach((segment, index) => {
      this.moment.frame++;
      this.moment.seconds = Math.floor(segment.seconds);
      this.moment.nanoseconds = Math.round((segment.seconds % 1) * 1e9);
      this.streams.segment(flow, segment.side, packetOf(segment), fresh && index === 0);
    });
    return this;
  }

  finish(flow = FLOW): this {
    this.streams.finish(flow);
    this.streams.forget(flow);
    return this;
  }

  restart(): void {
    this.#tell('restart');
  }

  data(_flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    this.#tell(`${SIDES[side]} ${this.#source(to - from)}${Buffer.from(bytes.subarray(from, to)).toString('latin1')}`);
  }

  gap(_flow: number, side: number, length: number): void {
    this.#tell(`${SIDES[side]} gap ${length}`);
  }

  end(_flow: number, side: number): void {
    this.#tell(`${SIDES[side]} end`);
  }

  reset(_flow: number, side: number): void {
    this.#tell(`${SIDES[side]} reset`);
  }

  resent(_flow: number, side: number, outcome: string): void {
    this.#tell(`${SIDES[side]} resent ${outcome}`);
  }

  unseenAcknowledged(_flow: number, frame: number): void {
    this.unseen.push(frame);
  }

  #source(length: number): string {
    if (!this.#origin) return '';
    const { at, frame, isResent, acknowledged } = this.#origin;
    return `[${at}-${at + length} @${frame} acks ${acknowledged}${isResent ? ', resent' : ''}] `;
  }

  acknowledged(_flow: number, side: number, bytes: number): void {
    this.#tell(`${SIDES[side]} acknowledged ${bytes}`);
  }

  apart(): void {
    this.#tell('apart');
  }

  #tell(line: string): void {
    this.reported.push(line);
    this.reportedAt.push(`${this.moment.frame} ${line}`);
    this.#onReported?.(this, line);
  }
}

/** All that is reported of a conversation. */
export function reported(talk: TcpTalk, options: ReassembledOptions = {}): string[] {
  return new Reassembled(options).take(talk.segments).reported;
}

export function reportedAt(talk: TcpTalk, options: ReassembledOptions = {}): string[] {
  return new Reassembled(options).take(talk.segments).reportedAt;
}
