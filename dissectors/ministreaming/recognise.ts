/**
 * Tells a session by its first datagrams: a SYN that is answered on the reversed pair. One SYN may be chance, so until
 * the answer comes more is asked for. What comes in between tells nothing: it may be malformed, and is judged later.
 */
import type { Datagram, Message, Recognition } from '../../src/sdk.ts';
import { ACK_LENGTH, HEADER_LENGTH, idOf, RESERVED_ID, TYPE, typeOf } from './layouts.ts';

export function recognise(datagrams: readonly Datagram[]): Recognition {
  if (datagrams.length === 0 || !isSyn(datagrams[0].message)) return 'no';
  const answered = datagrams.some((answer, index) =>
    datagrams.slice(0, index).some(({ side, message }) => side !== answer.side && answers(answer.message, message)),
  );
  return answered ? 'yes' : 'more';
}

function isSyn(message: Message): boolean {
  if (typeOf(message.byte(0)) !== TYPE.SYN || message.captured < HEADER_LENGTH) return false;
  return message.length > HEADER_LENGTH && idOf(message) !== RESERVED_ID;
}

function answers(answer: Message, syn: Message): boolean {
  if (!isSyn(syn) || answer.captured < HEADER_LENGTH || idOf(answer) !== idOf(syn)) return false;
  const type = typeOf(answer.byte(0));
  return type === TYPE.CLOSE_SERVER || (type === TYPE.ACK && answer.length === ACK_LENGTH);
}
