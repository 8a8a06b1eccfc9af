/**
 * Where somebody was, in words that hold in another run over the same captures: numbers of messages and connections may
 * be others there, frames are not, and what is in a frame comes in the same order.
 */
import type { History } from '../../history/history.ts';

export interface Viewpoint {
  readonly capture: number;
  readonly frame: number;
  /** Messages of the frame before this one. */
  readonly before: number;
}

/** Messages of one frame that are distinguished. */
const MOST_IN_FRAME = 4096;

export function placeOf(history: History, message: number): Viewpoint {
  const { messages, connections } = history;
  const frame = messages.frame(message);
  let before = 0;
  while (before < MOST_IN_FRAME && before < message && messages.frame(message - before - 1) === frame) before++;
  return { capture: connections.capture(messages.connection(message)), frame, before };
}

/** The message at a place, or the last of the frame where it has fewer now; -1 when there is none, or none yet. */
export function messageAt(history: History, { capture, frame, before }: Viewpoint): number {
  const { messages } = history;
  const [first, end] = rangeOf(history, capture);
  let message = messages.atFrame(frame, first, end);
  if (message < 0 || messages.frame(message) !== frame) return -1;
  for (let left = before; left > 0 && message + 1 < end && messages.frame(message + 1) === frame; left--) message++;
  return message;
}

/** Messages [first, end) of a capture: captures are read one after another. */
export function rangeOf(history: History, capture: number): readonly [first: number, end: number] {
  return [firstOf(history, capture), firstOf(history, capture + 1)];
}

function firstOf({ messages, connections }: History, capture: number): number {
  let low = 0;
  let high = messages.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (connections.capture(messages.connection(middle)) < capture) low = middle + 1;
    else high = middle;
  }
  return low;
}
