/**
 * The layers below the messages that `dissect --layers` prints. A message is printed once it is judged, which may be some
 * frames later than it came: so the latest frames are kept, within bounds, and the numbers of TCP come from a history.
 */
import type { FoundFrame } from '../capture/frame-finder.ts';
import type { Frame } from '../capture/source.ts';
import type { History } from '../history/history.ts';
import { describeFrame } from '../layers/frame.ts';
import type { LayerNode } from '../layers/header.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { isoTime, ownDigits } from '../report/time.ts';
import { elapsed } from './dissect-printer.ts';

/** Frames that are kept, and bytes of them. */
const MOST_FRAMES = 4096;
const MOST_BYTES = 8 * 1024 * 1024;

export class FrameLayers {
  readonly #history: History;
  /** The oldest first. */
  readonly #frames = new Map<number, FoundFrame>();
  #bytes = 0;

  /** @param history that the engine keeps of the one capture */
  constructor(history: History) {
    this.#history = history;
  }

  /** The next frame of the capture, before the engine has it. */
  frame({ number, seconds, nanoseconds, linkType, interfaceId, position, wireLength, comment, ...frame }: Frame): void {
    const bytes = frame.bytes.slice(frame.start, frame.end);
    const interfaceName = '';
    const facts = { number, seconds, nanoseconds, linkType, interfaceId, interfaceName, position, wireLength, comment };
    this.#frames.set(number, { ...facts, bytes });
    this.#bytes += bytes.length;
    for (const [oldest, kept] of this.#frames) {
      if (this.#frames.size <= MOST_FRAMES && this.#bytes <= MOST_BYTES) break;
      this.#frames.delete(oldest);
      this.#bytes -= kept.bytes.length;
    }
  }

  /** Of the frame that completed a message, from the frame inwards; none where it is not kept any more. */
  of({ message }: SeenMessage): readonly LayerNode[] {
    const frame = this.#frames.get(message.frame);
    if (!frame) return [];
    const history = this.#history;
    const { messages, connections, segments } = history;
    const index = message.ordinal - 1;
    const connection = messages.connection(index);
    const side = messages.side(index);
    const order = segments.of(0, frame.number);
    return describeFrame(frame, {
      utc: isoTime(frame, ownDigits(frame)),
      elapsed: elapsed(history.origin(0), frame),
      segment: {
        sequenceBase: connections.sequenceBase(connection, side),
        acknowledgementBase: connections.sequenceBase(connection, side === 0 ? 1 : 0),
        order: order === 'next' ? '' : order,
      },
    }).layers;
  }
}
