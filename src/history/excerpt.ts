/**
 * A connection in short, for those who look at what was found in it: how it began, the messages around the frames that
 * matter, how it ended, and how many messages were in between.
 */
import type { Timestamp } from '../lint/finding.ts';
import type { TranscriptEntry } from '../lint/transcript-entry.ts';
import type { History } from './history.ts';

/** Messages at the beginning, at the end, and on either side of one that matters. */
const AT_ENDS = 3;
const AROUND = 3;

/** One message of a connection. */
export interface ExchangedMessage {
  /** Among all messages of the connection. */
  readonly index: number;
  readonly frame: number;
  readonly position: number;
  readonly time: Timestamp;
  readonly name: string;
  readonly fromClient: boolean;
}

/** What is kept of what was said in a connection: enough for an excerpt around any of the frames it was kept for. */
export interface Exchange {
  /** Messages in the whole connection. */
  readonly total: number;
  /** In their order. */
  readonly messages: readonly ExchangedMessage[];
}

/** @param frames that may matter */
export function exchangeOf(history: History, connection: number, frames: ReadonlySet<number>): Exchange {
  const { messages, connections } = history;
  if (!connections.has(connection)) return { total: 0, messages: [] };
  const ids = connections.messagesOf(connection);
  const shown = new Shown(ids.length);
  for (const [index, id] of ids.entries()) if (frames.has(messages.frame(id))) shown.around(index);
  return {
    total: ids.length,
    messages: [...ids.entries()].flatMap(([index, id]) => {
      if (!shown.has(index)) return [];
      const time = { seconds: messages.seconds(id), nanoseconds: messages.nanoseconds(id) };
      const said = { name: messages.name(id), fromClient: history.fromClient(id) };
      return [{ index, frame: messages.frame(id), position: messages.position(id), time, ...said }];
    }),
  };
}

/** As much of what was kept as there would be for these frames, which are among those that it was kept for. */
export function narrowed({ total, messages }: Exchange, frames: ReadonlySet<number>): Exchange {
  const shown = new Shown(total);
  for (const { index, frame } of messages) if (frames.has(frame)) shown.around(index);
  return { total, messages: messages.filter(({ index }) => shown.has(index)) };
}

/**
 * @param frames that matter, among those that the exchange was kept for
 * @param most messages and gaps; what is beyond is one more gap
 */
export function excerptOf({ total, messages }: Exchange, frames: ReadonlySet<number>, most: number): TranscriptEntry[] {
  const shown = new Shown(total);
  for (const { index, frame } of messages) if (frames.has(frame)) shown.around(index);
  const exchanges: TranscriptEntry[] = [];
  let next = 0;
  for (const { index, ...message } of messages) {
    if (exchanges.length >= most) break;
    if (!shown.has(index)) continue;
    if (index > next) exchanges.push({ kind: 'gap', messages: index - next });
    exchanges.push({ kind: 'message', ...message });
    next = index + 1;
  }
  if (next < total) exchanges.push({ kind: 'gap', messages: total - next });
  return exchanges;
}

/** Places of the messages that are shown. */
class Shown {
  readonly #places = new Set<number>();
  readonly #total: number;

  constructor(total: number) {
    this.#total = total;
    for (let place = 0; place < AT_ENDS; place++) {
      this.#places.add(place);
      this.#places.add(total - 1 - place);
    }
  }

  around(index: number): void {
    for (let place = index - AROUND; place <= index + AROUND; place++) this.#places.add(place);
  }

  /** A gap takes the room of a message: the last of those that it would stand for is shown, too. */
  has(index: number): boolean {
    return this.#places.has(index) || (index + 1 < this.#total && this.#places.has(index + 1));
  }
}
