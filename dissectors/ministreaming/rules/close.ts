/** Rules about CLOSE, of the client and of the server. */
import { BROKEN, bytesText, frames, PASS, type Rule } from '../../../src/sdk.ts';
import { type Exchange, ID_BYTES, idText, TYPE_BYTE } from '../exchange.ts';
import { CLOSE_CLIENT, CLOSE_SERVER, HEADER_LENGTH } from '../layouts.ts';
import { endOfReuse, endOfStrangeClose, factsOfStranger, laterOfStranger, remembering, unlessMissed } from './later.ts';

export const closePayload: Rule<Exchange> = {
  id: 'ministreaming/close-payload',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'Close, payload',
  says: 'The payload of a CLOSE is nothing.',
  summary: 'CLOSE has a payload',
  why: 'The specification gives it none. (The known implementation sends 3 bytes when it refuses: a break of this text all the same. --rule ministreaming/close-payload=off silences it.)',
  example: 'S > C  52 12 34 56 98 76 54',
  on: [CLOSE_CLIENT.name, CLOSE_SERVER.name],
  check: ({ message }) => (message.length > HEADER_LENGTH ? BROKEN : PASS),
  describe: ({ message }) => {
    const length = message.length - HEADER_LENGTH;
    return {
      message: `CLOSE has a payload of ${bytesText(length)}`,
      expected: 'no payload',
      actual: bytesText(length),
      bytes: { offset: HEADER_LENGTH, length },
    };
  },
};

export const closeUnknownId: Rule<Exchange> = {
  id: 'ministreaming/close-unknown-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'Close, id',
  says: 'A CLOSE of the client has the server id, and one of the server has the client id.',
  summary: 'CLOSE has an id that names no connection, live or closed',
  why: 'The connection that was meant stays open at the other end, until somebody tires of it.',
  example: 'SYN 234567, ACK 234567 987654; then  C > S  a2 98 76 55',
  describe: exchange => ({
    message: `${idText(exchange.id)} names no connection of the receiver's`,
    expected: 'the id that the receiver chose',
    actual: idText(exchange.id),
    bytes: ID_BYTES,
    facts: factsOfStranger(exchange),
  }),
  later: laterOfStranger,
  atEnd: endOfStrangeClose,
  excuse: 'closes a connection that was not seen to be opened',
};

export const closeDuplicate: Rule<Exchange> = {
  id: 'ministreaming/close-duplicate',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'Close',
  summary: 'a side sends CLOSE a second time (CLOSEs of both sides that cross are none)',
  why: 'The id may name another connection by then, which is closed instead.',
  example: 'CLOSE of the client, CLOSE of the client',
  later: unlessMissed,
  atEnd: endOfReuse,
  excuse: 'belongs to a connection whose beginning was not captured',
  describe: remembering(({ detail, fromClient, messageName }) => ({
    message: `${messageName} was sent before`,
    expected: 'one CLOSE of a side',
    actual: 'a second one',
    bytes: TYPE_BYTE,
    relatedFrames: frames(fromClient ? detail.clientCloseFrame : detail.serverCloseFrame),
  })),
};
