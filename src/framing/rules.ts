/** What the ready framings require of a stream. A framing with rules of its own names those instead. */
import type { Rule } from '../lint/rule.ts';
import type { FramedMessage } from './framing.ts';

export const TOO_LONG: Rule<FramedMessage> = {
  id: 'framing/message-too-long',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'length',
  summary: 'the length before a message is above the longest that the protocol allows',
  why: 'Its receiver must refuse it or set aside memory that the peer has chosen. What follows in this direction can no longer be cut into messages.',
  example: '7f ff ff ff before a message, where 16 MiB are the bound',
};

export const TRUNCATED: Rule<FramedMessage> = {
  id: 'framing/truncated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'length',
  summary: 'the stream ends in order inside a message',
  why: 'Its receiver holds part of a message that will never be whole; most often its sender closed the connection too early.',
  example: '00 10, then 3 bytes, then FIN',
};

export const MALFORMED_HEAD: Rule<FramedMessage> = {
  id: 'framing/malformed',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'length',
  summary: 'the bytes where a message should begin can be none',
  why: 'Its receiver cannot tell where the message ends, and with it not where the next one begins.',
  example: 'ff ff ff ff ff, where a length of variable size has at most 4 bytes',
};
