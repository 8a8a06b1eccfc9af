/** Rules about ACK. */
import { BROKEN, bytesText, type Evidence, frames, PASS, type Rule } from '../../../src/sdk.ts';
import { type Exchange, ID_BYTES, idText, SERVER_ID_BYTES, TYPE_BYTE } from '../exchange.ts';
import { ACK, ACK_LENGTH, HEADER_LENGTH } from '../layouts.ts';
import { isFinal, stateNumber } from '../states.ts';
import {
  endOfStranger,
  factsOfLateAck,
  factsOfStranger,
  laterOfLateAck,
  laterOfStranger,
  remembering,
  unlessMissed,
} from './later.ts';

const OPEN = stateNumber('OPEN');

export const ackLength: Rule<Exchange> = {
  id: 'ministreaming/ack-length',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'ACK, payload',
  says: 'The payload of an ACK is the server id, a value of 3 bytes.',
  summary: 'the payload of an ACK is not 3 bytes',
  why: 'It is the server id, without which the client cannot send. Where the connection is open and the payload empty, its sender follows sample conversation (c), which prints 51 for 52.',
  example: 'S > C  51 11 11 11        (a CLOSE, by the misprint in the specification)',
  on: [ACK.name],
  phase: 'form',
  check: ({ message }) => (message.length === ACK_LENGTH ? PASS : BROKEN),
  describe: ({ message, connection }) => {
    const length = message.length - HEADER_LENGTH;
    const misprint = length === 0 && connection.state >= OPEN && !isFinal(connection.state);
    const hint = misprint ? '; sample conversation (c) prints 51 where it means CLOSE, 52' : '';
    return {
      message: `ACK has a payload of ${bytesText(length)}${hint}`,
      expected: '3 bytes, the server id',
      actual: bytesText(length),
      bytes: length > 0 ? { offset: HEADER_LENGTH, length } : { offset: 0, length: HEADER_LENGTH },
    };
  },
};

export const ackUnexpected: Rule<Exchange> = {
  id: 'ministreaming/ack-unexpected',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'ACK, id',
  says: 'The id of an ACK is the client id.',
  summary: 'ACK has a client id on which no SYN was seen',
  why: 'Its receiver has asked for no such connection and drops it, while the server keeps one that nobody will use.',
  example: 'C > S SYN 234567; then  S > C  51 23 45 68 98 76 54',
  describe: exchange => ({
    message: `ACK for ${idText(exchange.id)}, for which there was no SYN`,
    expected: 'the client id of a SYN',
    actual: idText(exchange.id),
    bytes: ID_BYTES,
    facts: factsOfStranger(exchange),
  }),
  later: laterOfStranger,
  atEnd: endOfStranger,
  excuse: 'answers a SYN that was not captured',
};

const again = (message: string, { id, detail, state }: Exchange): Evidence => ({
  message: `${message} (${state})`,
  expected: `no ACK for ${idText(id)}`,
  actual: 'ACK',
  bytes: TYPE_BYTE,
  relatedFrames: frames(detail.answerFrame, detail.serverCloseFrame),
});

export const ackDuplicate: Rule<Exchange> = {
  id: 'ministreaming/ack-duplicate',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'ACK',
  summary: 'ACK comes for a connection that is open already',
  why: 'One SYN has one answer. A second one with another server id leaves the client with two ids for one connection.',
  example: 'SYN 234567, ACK 234567 987654, ACK 234567 987654',
  later: unlessMissed,
  excuse: 'answers a SYN that was not captured',
  describe: remembering(exchange => again('a second ACK for a connection that is open already', exchange)),
};

export const ackAfterClose: Rule<Exchange> = {
  id: 'ministreaming/ack-after-close',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'ACK',
  summary: 'ACK comes for a connection that its sender has refused or closed',
  why: 'The client has learnt that there is no connection, and has forgotten it or given its id to another one.',
  example: 'SYN 234567, CLOSE 234567 of the server, ACK 234567 987654',
  later: laterOfLateAck,
  excuse: 'answers a SYN that was not captured',
  describe: remembering(
    exchange => again('ACK for a connection that its sender has refused or closed', exchange),
    factsOfLateAck,
  ),
};

export const serverIdInUse: Rule<Exchange> = {
  id: 'ministreaming/server-id-in-use',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'ACK, payload',
  summary: 'the server id in an ACK is that of another live connection which this server accepted in this session',
  why: "The client's data for one can no longer be distinguished from its data for the other.",
  example: 'SYN 234567, ACK 234567 987654, SYN 234568, ACK 234568 987654',
  on: [ACK.name],
  check: ({ serverIdFree }) => serverIdFree,
  later: unlessMissed,
  excuse: 'uses an id whose CLOSE was not captured',
  describe: remembering(({ serverId, holderFrame }) => ({
    message: `the server id ${idText(serverId)} is in use by another connection`,
    expected: 'an id that is not in use',
    actual: idText(serverId),
    bytes: SERVER_ID_BYTES,
    relatedFrames: frames(holderFrame),
  })),
};
