/**
 * Brings what the next packets will need into the processor's cache, a batch at a time.
 *
 * With a hundred thousand connections each packet meets a flow that has left the cache since its last one, and each place
 * that it touches waits for the one before: slot of the hash table, record of the flow, row of the connection. Here all
 * slots of a batch are read first, then all records, then all rows and which connections are in force, so that the processor
 * waits for many of them at the same time. Nothing is decided by it: the packets are then decoded and looked up as if this had not been.
 */
import { type Frame, MOST_UPCOMING } from '../capture/source.ts';
import { LINKTYPE_ETHERNET } from '../net/ethernet.ts';
import type { FlowTable } from '../net/flow-table.ts';
import { CLASSES, classOfHosts, hashOfIpv4 } from '../net/hosts.ts';
import { isPlain, PLAIN_DESTINATION, PLAIN_PORTS, PLAIN_PROTOCOL, PLAIN_SOURCE, wordAt } from '../net/plain-frame.ts';
import type { ConnectionLog } from '../protocol/connections.ts';

/** Flows from which on it is done: fewer stay in the cache by themselves. A choice; no other value was measured. */
export const MANY_FLOWS = 4096;

/** Bytes of a frame of the form that are read, up to the ports. */
const SHORTEST = PLAIN_PORTS + 4;

const ALL_CLASSES = (1 << CLASSES) - 1;

/** Words of a cache line. */
const LINE = 16;
/** Lines of a row that are read: what a message of any protocol here touches, and no more of a batch than the cache holds. */
const MOST_LINES = 4;
/** A mark has the lane + 1 above the low bits of the slot. */
const SLOT_BITS = 24;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** The log whose rows are read. It is there when something was opened, and not made for being asked. */
interface Lane {
  readonly connections: Pick<ConnectionLog, 'rows' | 'hotWords' | 'inForce'>;
  onOpened: ConnectionLog['onOpened'];
}

export class Prefetcher {
  /** Of all words that were read, so that the compiler leaves none of them out. Means nothing. */
  sum = 0;
  readonly #flows: FlowTable;
  readonly #lanes: readonly Lane[];
  readonly #mask: number;
  /** Of each frame of the batch in turn: its hash, then its flow; and the mark of that flow's row. */
  readonly #batch = new Int32Array(MOST_UPCOMING);
  readonly #marks = new Int32Array(MOST_UPCOMING);
  /** Places of the lines in the rows of a lane. */
  readonly #lines = new Int32Array(MOST_UPCOMING * MOST_LINES);

  /**
   * Has each flow marked with the row of the connection that was opened on it last.
   * @param mask of the classes of hosts whose packets are followed here, bit by bit
   */
  constructor(flows: FlowTable, lanes: readonly Lane[], mask = ALL_CLASSES) {
    this.#flows = flows;
    this.#mask = mask;
    this.#lanes = lanes;
    lanes.forEach((opening, lane) => {
      opening.onOpened = (slot, flow) => flows.setRow(flow, ((lane + 1) << SLOT_BITS) | (slot & SLOT_MASK));
    });
  }

  /** Reads what the frame and the next ones will need, if it is the first of a batch; returns how many rows it has read. */
  frame(frame: Frame): number {
    if (frame.linkType !== LINKTYPE_ETHERNET) return 0;
    return this.#readRows(this.#flows.guessAll(this.#batch, this.#hash(frame), this.#marks));
  }

  /** Reads the rows of the flows in the batch, those of one lane after the other; returns how many. */
  #readRows(count: number): number {
    const marks = this.#marks;
    let rows = 0;
    for (let from = 0, to = 0; from < count; from = to) {
      const lane = marks[from] >>> SLOT_BITS;
      for (to = from + 1; to < count && marks[to] >>> SLOT_BITS === lane; ) to++;
      if (lane > 0) rows += this.#readLane(this.#lanes[lane - 1].connections, from, to);
    }
    return rows;
  }

  /** Where the lines are is found out first, so that the loops which wait for memory do nothing else. */
  #readLane({ rows: { words, width }, hotWords, inForce }: Lane['connections'], from: number, to: number): number {
    const batch = this.#batch;
    const marks = this.#marks;
    const lines = this.#lines;
    const length = Math.min(hotWords, MOST_LINES * LINE);
    let rows = 0;
    let count = 0;
    for (let i = from; i < to; i++) {
      const first = (marks[i] & SLOT_MASK) * width;
      const end = first + length;
      if (end > words.length) continue;
      for (let at = first; at < end; at += LINE) lines[count++] = at;
      rows++;
    }
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= words[lines[i]];
    for (let i = from; i < to; i++) sum ^= inForce.slotOf(batch[i]);
    this.sum ^= sum;
    return rows;
  }

  /** Enters the hashes of those frames of the batch that have the form; returns how many these are. */
  #hash({ bytes, starts, upcoming }: Frame): number {
    const batch = this.#batch;
    const flows = this.#flows;
    const mask = this.#mask;
    const isAll = mask === ALL_CLASSES;
    let count = 0;
    for (let i = 0; i < upcoming; i++) {
      const at = starts[i];
      if (at + SHORTEST > bytes.length) break;
      if (!isPlain(bytes, at)) continue;
      const source = wordAt(bytes, at + PLAIN_SOURCE);
      const destination = wordAt(bytes, at + PLAIN_DESTINATION);
      if (!isAll && ((mask >>> classOfHosts(hashOfIpv4(source, destination))) & 1) === 0) continue;
      const ports = wordAt(bytes, at + PLAIN_PORTS);
      batch[count++] = flows.hashIpv4(source, destination, ports >>> 16, ports & 0xffff, bytes[at + PLAIN_PROTOCOL]);
    }
    return count;
  }
}
