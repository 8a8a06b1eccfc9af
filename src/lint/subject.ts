/** What a judgement stands on, and what is kept of the message for its finding. */
import type { Message } from '../wire/message.ts';
import type { Doubt } from './doubt.ts';
import { EXCERPT_BYTES, type Finding } from './finding.ts';
import { keptBytes } from './kept-bytes.ts';

/** A message in its connection. Reused by the tracker; a waiting message is set up again. */
export class Subject {
  /** Slot in the connection log. */
  connection = 0;
  /** End of the flow (0 or 1) that sent the message. */
  side = 0;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  messageName = '';
  /** State of the sender's side before the message. */
  state = '';
  /** Place, from 1, of the edition that its connection speaks among those of the protocol's statements; 0 if not known. */
  edition = 0;
  /** The history of the connection was not seen whole. */
  partial = false;
  /** Why what cannot be judged about it cannot be. */
  doubt: Doubt = 'ambiguous';
  /** The message itself, while its bytes are in hand; afterwards what `excerptOf` has kept of it. */
  message: Message | undefined = undefined;
  excerpt: Finding['excerpt'] = null;

  /** It is the message in hand. What is known of its connection is still to be said. */
  hold(connection: number, side: number, message: Message): void {
    this.recall(connection, side, message.frame, message.seconds, message.nanoseconds);
    this.message = message;
  }

  /** It is a message that came before, whose bytes are gone. */
  recall(connection: number, side: number, frame: number, seconds: number, nanoseconds: number): void {
    this.connection = connection;
    this.side = side;
    this.frame = frame;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.message = undefined;
  }
}

/** A copy of the part of a message that shows the bytes at `offending`, starting on a row of 16. */
export function excerptOf(message: Message, offending = 0): NonNullable<Finding['excerpt']> {
  const offset = offending < EXCERPT_BYTES ? 0 : (offending - EXCERPT_BYTES / 2) & ~15;
  const { bytes, start, captured, length, position } = message;
  const end = Math.min(offset + EXCERPT_BYTES, captured);
  const shown = keptBytes(bytes.subarray(start + Math.min(offset, captured), start + end));
  return { offset, bytes: shown, messageLength: length, position };
}
