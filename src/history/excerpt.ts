/**
 * A connection in short, for those who look at what was found in it: how it began, the messages around the frames that
 * matter, how it ended, and how many messages were in between.
 */
import type { TranscriptEntry } from '../lint/transcript-entry.ts';
import type { History } from './history.ts';

/** Messages at the beginning, at the end, and on either side of one that matters. */
const AT_ENDS = 3;
const AROUND = 3;
/** One gap takes the room of a message. */
const LEAST_GAP = 2;

/**
 * @param frames that matter
 * @param most messages and gaps; what is beyond is one more gap
 */
export function excerptOf(
  history: History,
  connection: number,
  frames: ReadonlySet<number>,
  most: number,
): TranscriptEntry[] {
  const { messages, connections } = history;
  if (!connections.has(connection)) return [];
  const ids = connections.messagesOf(connection);
  const shown = new Uint8Array(ids.length);
  const show = (from: number, to: number) => shown.fill(1, Math.max(0, from), Math.max(0, to));
  show(0, AT_ENDS);
  show(ids.length - AT_ENDS, ids.length);
  for (const [index, id] of ids.entries()) if (frames.has(messages.frame(id))) show(index - AROUND, index + AROUND + 1);
  const exchanges: TranscriptEntry[] = [];
  let next = 0;
  for (let index = 0; index < ids.length && exchanges.length < most; index++) {
    if (shown[index] === 0 && shown.indexOf(1, index) - index >= LEAST_GAP) continue;
    if (index > next) exchanges.push({ kind: 'gap', messages: index - next });
    const id = ids[index];
    const { seconds, nanoseconds } = { seconds: messages.seconds(id), nanoseconds: messages.nanoseconds(id) };
    exchanges.push({
      kind: 'message',
      frame: messages.frame(id),
      position: messages.position(id),
      time: { seconds, nanoseconds },
      name: messages.name(id),
      fromClient: history.fromClient(id),
    });
    next = index + 1;
  }
  if (next < ids.length) exchanges.push({ kind: 'gap', messages: ids.length - next });
  return exchanges;
}
