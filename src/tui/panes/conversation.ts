/**
 * The pane of a conversation: its messages as a ladder between the two ends (ladder.ts), or as a list (message-list.ts).
 * All messages of a run have no two ends, and are a list.
 */
import type { Line, Size } from '../text/line.ts';
import { ladderLines } from './ladder.ts';
import { listLines } from './message-list.ts';
import { type ConversationInput, rowOf } from './message-rows.ts';
import { emptyLine } from './table.ts';

/** Lines above the first message. */
export const HEADER_LINES = 1;

export function conversationPane(input: ConversationInput, size: Size): Line[] {
  const { width, height } = size;
  const { rows, top, selected, focused, connection, form } = input;
  const end = Math.min(rows.length, top + height - HEADER_LINES);
  const seen = Array.from({ length: Math.max(0, end - top) }, (_, index) => rowOf(input, top + index, width));
  if (connection === 0 || form === 'list') return listLines(input, seen, size);
  const lines = ladderLines(input, seen, width);
  if (rows.length === 0) lines.push(emptyLine(input.empty, width));
  const place = selected - top + HEADER_LINES;
  return lines
    .slice(0, height)
    .map((each, index) => (index === place && place > 0 ? { ...each, selected: focused ? 'focus' : 'other' } : each));
}
