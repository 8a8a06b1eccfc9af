/** What cuts a stream into packets requires of it. Nobody knows the version there: findings cite both. */
import type { FramedMessage, Rule } from '../../../src/sdk.ts';
import { clauses } from '../clauses.ts';

export const remainingLengthMalformed: Rule<FramedMessage> = {
  id: 'mqtt/remaining-length-malformed',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: clauses(
    '§2.2.3',
    '§1.5.5',
    'Remaining Length has four bytes at most.',
    'A Variable Byte Integer has four bytes at most.',
  ),
  summary: 'the fourth byte of Remaining Length says that more follow',
  why: 'Nobody can tell where the packet ends, and with it not where the next one begins: the receiver has to close the connection.',
  example: '30 ff ff ff ff 7f',
};

export const truncated: Rule<FramedMessage> = {
  id: 'mqtt/truncated',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: clauses('§2.2.3', '§2.1.4', 'Remaining Length is the number of bytes that follow in the packet.'),
  summary: 'the stream ends in order inside a packet',
  why: 'Its receiver holds part of a packet that will never be whole; most often its sender closed the connection before all was written.',
  example: '30 0a 00 03 61 2f 62, then FIN',
};
