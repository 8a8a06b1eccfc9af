/** Rules about what may be sent when. Cells of the state machine name them: none has a check of its own. */
import { type Evidence, frames, type Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { FIRST_BYTE, senderName } from './evidence.ts';

export const connectNotFirst: Rule<Exchange> = {
  id: 'mqtt/connect-not-first',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('3.1.0-1', '3.1.0-1', 'The first packet of the client on a connection is CONNECT.'),
  editionHere,
  summary: 'the first packet of the client is no CONNECT',
  why: 'Without CONNECT the server knows neither the client nor the version, and has to close the connection.',
  example: 'TCP handshake, then PUBLISH',
  describe: exchange =>
    misplaced(exchange, `${exchange.subject.messageName} is the first packet of the client`, 'CONNECT first'),
};

export const connectRepeated: Rule<Exchange> = {
  id: 'mqtt/connect-repeated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses('3.1.0-2', '3.1.0-2', 'A client sends CONNECT once only on a connection.'),
  editionHere,
  summary: 'a second CONNECT on one connection',
  why: 'The server has to close the connection over it, and with that publishes the Will.',
  example: 'CONNECT, CONNACK, CONNECT',
  describe: exchange =>
    misplaced(
      exchange,
      'the client sends CONNECT once more on the same connection',
      'one CONNECT a connection',
      exchange.connection.connect.frame,
    ),
};

export const connackNotFirst: Rule<Exchange> = {
  id: 'mqtt/connack-not-first',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.2.0-1',
    '3.2.0-1',
    'The first packet of the server on a connection is CONNACK.',
    'The server sends CONNACK with Reason Code 0 before any packet other than AUTH.',
  ),
  editionHere,
  summary: 'the server sends another packet before the CONNACK that accepts',
  why: 'The client does not know yet whether it is accepted and which limits hold; many take any other packet for a fault and close.',
  example: 'CONNECT, then PUBLISH of the server, then CONNACK',
  describe: exchange =>
    misplaced(
      exchange,
      `the server sends ${exchange.subject.messageName} before its CONNACK`,
      'CONNACK first',
      exchange.connection.connect.frame,
    ),
};

export const connackUnsolicited: Rule<Exchange> = {
  id: 'mqtt/connack-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses('§3.2', '§3.2', 'The server sends CONNACK in answer to a CONNECT.'),
  editionHere,
  summary: 'CONNACK comes and no CONNECT was sent',
  why: 'It answers nothing. The two ends do not agree on what this connection is.',
  example: 'TCP handshake, then CONNACK',
  describe: exchange => misplaced(exchange, 'CONNACK answers no CONNECT', 'CONNACK in answer to CONNECT only'),
};

export const connackRepeated: Rule<Exchange> = {
  id: 'mqtt/connack-repeated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '§3.2',
    '3.2.0-2',
    'The server sends CONNACK in answer to a CONNECT, of which there is one a connection.',
    'The server sends no more than one CONNACK on a connection.',
  ),
  editionHere,
  summary: 'a second CONNACK on one connection',
  why: 'The client cannot tell which of the two holds: whether it is accepted, whether a session was there, which limits bind it.',
  example: 'CONNECT, CONNACK, CONNACK',
  describe: exchange =>
    misplaced(
      exchange,
      'the server sends CONNACK once more on the same connection',
      'one CONNACK a connection',
      exchange.connection.connack.frame,
    ),
};

export const afterRefusal: Rule<Exchange> = {
  id: 'mqtt/after-refusal',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.1.4-5, 3.2.2-5',
    '3.1.4-6, 3.2.2-7, 4.13.2-1',
    'A server that has refused a CONNECT neither works on what the client sent after it nor keeps the connection open.',
    'A server that has refused a CONNECT works on nothing that the client sent after it but AUTH, and closes the connection.',
  ),
  editionHere,
  summary: 'the server sends a packet after a CONNACK that refused',
  why: 'A client that was refused is served all the same: what the refusal was to keep out, such as a wrong password, gets in.',
  example: 'CONNACK with code 5, then SUBACK',
  describe: exchange =>
    misplaced(
      exchange,
      `the server refused the CONNECT and now sends ${exchange.subject.messageName}`,
      'the close of the connection',
      exchange.connection.connack.frame,
    ),
};

export const disconnectBeforeConnack: Rule<Exchange> = {
  id: 'mqtt/disconnect-before-connack',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.14.0-1',
    'The server sends DISCONNECT only after it has sent a CONNACK with a Reason Code below 0x80.',
  ),
  editionHere,
  summary: 'the server sends DISCONNECT before it has accepted the CONNECT',
  why: 'A CONNACK is what refuses; a client that waits for one does not understand why it is sent away.',
  example: 'CONNECT, then DISCONNECT 0x87 of the server',
  describe: exchange =>
    misplaced(
      exchange,
      'the server sends DISCONNECT before a CONNACK that accepts',
      'CONNACK with a Reason Code of 0x80 or above, or the close alone',
      exchange.connection.connect.frame,
    ),
};

export const afterDisconnect: Rule<Exchange> = {
  id: 'mqtt/after-disconnect',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: clauses(
    '3.14.4-2',
    '3.14.4-1',
    'The client sends no packet after its DISCONNECT.',
    'Who has sent DISCONNECT sends no more packets on that connection.',
  ),
  editionHere,
  summary: 'a packet comes from the side that has sent DISCONNECT',
  why: 'The peer has discarded the connection: what comes after DISCONNECT is lost, and its sender may take it for delivered.',
  example: 'DISCONNECT, then PUBLISH from the same side',
  describe: exchange =>
    misplaced(
      exchange,
      `the ${senderName(exchange)} sends ${exchange.subject.messageName} after its DISCONNECT`,
      'nothing after DISCONNECT',
      exchange.sender.disconnected,
    ),
};

function misplaced({ subject }: Exchange, message: string, expected: string, frame = 0): Evidence {
  const actual = `${subject.messageName} in state ${subject.state}`;
  return { message, expected, actual, bytes: FIRST_BYTE, relatedFrames: frames(frame) };
}
