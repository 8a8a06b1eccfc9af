/** Rules about DATA, of the client and of the server. */
import { frames, type Rule } from '../../../src/sdk.ts';
import { type Exchange, ID_BYTES, idText, TYPE_BYTE } from '../exchange.ts';
import {
  endOfEarlyData,
  endOfReuse,
  endOfStranger,
  factsOfStranger,
  laterOfEarlyData,
  laterOfStranger,
  remembering,
  unlessMissed,
} from './later.ts';

export const dataUnknownId: Rule<Exchange> = {
  id: 'ministreaming/data-unknown-id',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'Send data, id',
  says: 'DATA of the client has the server id, and DATA of the server has the client id.',
  summary: 'DATA has an id that names no connection, live or closed',
  why: 'The receiver knows no such stream and drops the bytes; its peer takes them for delivered.',
  example: 'SYN 234567, ACK 234567 987654; then  C > S  a0 98 76 55 data',
  describe: exchange => ({
    message: `${idText(exchange.id)} names no connection of the receiver's`,
    expected: 'the id that the receiver chose',
    actual: idText(exchange.id),
    bytes: ID_BYTES,
    facts: factsOfStranger(exchange),
  }),
  later: laterOfStranger,
  atEnd: endOfStranger,
  excuse: 'belongs to a connection that was not seen to be opened',
};

export const dataBeforeAck: Rule<Exchange> = {
  id: 'ministreaming/data-before-ack',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'SYN, actions',
  says: 'A server that receives a SYN should create a connection and then send an ACK, or a CLOSE where that fails.',
  summary: "the server's DATA comes after the SYN and before the ACK",
  why: 'The ACK is the answer to a SYN. Before it the client has no connection that could take the data. Said once a connection.',
  example: 'C > S SYN 234567; then  S > C  50 23 45 67 data',
  describe: ({ detail }) => ({
    message: "the server's DATA comes before its ACK",
    expected: 'ACK first',
    actual: 'DATA (server)',
    bytes: TYPE_BYTE,
    relatedFrames: frames(detail.firstFrame),
  }),
  later: laterOfEarlyData,
  atEnd: endOfEarlyData,
  excuse: 'follows an ACK that was not captured',
};

export const dataAfterClose: Rule<Exchange> = {
  id: 'ministreaming/data-after-close',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'Close',
  says: 'The receiver of a CLOSE should close the connection.',
  summary: 'DATA comes from the side that has sent CLOSE',
  why: 'The CLOSE made the peer close the stream: these bytes are lost.',
  example: 'CLOSE of the client; then DATA of the client',
  later: unlessMissed,
  atEnd: endOfReuse,
  excuse: 'belongs to a connection whose beginning was not captured',
  describe: remembering(({ detail, fromClient, messageName }) => ({
    message: `${messageName} after its sender's CLOSE`,
    expected: 'nothing after CLOSE',
    actual: messageName,
    bytes: TYPE_BYTE,
    relatedFrames: frames(fromClient ? detail.clientCloseFrame : detail.serverCloseFrame),
  })),
};

export const dataCrossingClose: Rule<Exchange> = {
  id: 'ministreaming/data-crossing-close',
  severity: 'info',
  atFault: 'none',
  restsOn: 'unseen',
  clause: 'Close',
  summary: "DATA comes after the other side's CLOSE: the two may have crossed on the wire",
  why: 'Nobody is at fault, but the bytes are lost: their receiver had closed the stream before they came.',
  example: 'CLOSE of the client; then DATA of the server',
  describe: ({ detail, fromClient, messageName }) => ({
    message: `${messageName} after the CLOSE of the other side, which it may have crossed`,
    expected: 'nothing that the receiver of CLOSE need have known',
    actual: messageName,
    relatedFrames: frames(fromClient ? detail.serverCloseFrame : detail.clientCloseFrame),
  }),
};

export const dataAfterRefusal: Rule<Exchange> = {
  id: 'ministreaming/data-after-refusal',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'SYN, actions',
  says: 'A server that receives a SYN should create a connection and then send an ACK, or a CLOSE where that fails.',
  summary: "the server's DATA comes after it refused the SYN with CLOSE",
  why: 'There is no connection: the client knows that from the CLOSE, and may have given the id to another one.',
  example: 'SYN 234567, CLOSE 234567 of the server; then  S > C  50 23 45 67 data',
  later: unlessMissed,
  excuse: 'belongs to a connection whose beginning was not captured',
  describe: remembering(({ detail }) => ({
    message: "the server's DATA comes after it refused the connection",
    expected: 'nothing after the refusal',
    actual: 'DATA (server)',
    bytes: TYPE_BYTE,
    relatedFrames: frames(detail.firstFrame, detail.serverCloseFrame),
  })),
};
