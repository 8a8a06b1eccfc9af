/** Rules about what never came; `watch.ts` reports them. Those about an answer blame who should have given it. */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { AWAITED } from '../waits.ts';

export const connectUnanswered: Rule<Exchange> = {
  id: 'mqtt/connect-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses(
    '3.1.4-4',
    '3.1.4-5',
    'The server acknowledges a CONNECT that it has accepted with a CONNACK of code 0.',
    'The server acknowledges a CONNECT with a CONNACK of Reason Code 0 once all its checks have succeeded.',
  ),
  editionHere,
  summary: 'neither CONNACK, AUTH nor the close of the connection comes within answerTimeout of a CONNECT',
  why: 'The client can neither work nor look for another server: the server is overloaded, hangs in its checks, or is none.',
  example: 'CONNECT, and nothing for 30 s of capture time',
};

export const publishUnanswered: Rule<Exchange> = {
  id: 'mqtt/publish-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses(
    '3.3.4-1, 3.3.5-2, 4.3.2-2, 4.3.3-2, 4.5.0-2',
    '3.3.4-1, 4.3.2-4, 4.3.3-8, 4.3.3-10, 4.5.0-2, 4.9.0-3',
    'The receiver of a PUBLISH answers QoS 1 with PUBACK and QoS 2 with PUBREC.',
  ),
  editionHere,
  summary: 'a PUBLISH of QoS 1 or 2 is not acknowledged for answerTimeout while its connection is open',
  why: 'Its sender must keep the message and its identifier, and in 5.0 a place in the window: after enough of them nothing moves any more.',
  example: 'PUBLISH of QoS 1 with identifier 7, and no PUBACK 7 for 30 s',
};

export const pubrecUnanswered: Rule<Exchange> = {
  id: 'mqtt/pubrec-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses(
    '3.10.4-3, 4.3.3-1',
    '3.10.4-3, 4.3.3-4',
    'The sender of a PUBLISH of QoS 2 answers PUBREC with PUBREL.',
    'The sender of a PUBLISH of QoS 2 answers a PUBREC with a Reason Code below 0x80 with PUBREL.',
  ),
  editionHere,
  summary: 'no PUBREL comes within answerTimeout of a PUBREC that does not refuse',
  why: 'The receiver may not forget the identifier, and must take the next message under it for a copy: that one is lost.',
  example: 'PUBLISH of QoS 2, PUBREC, and no PUBREL for 30 s',
};

export const pubrelUnanswered: Rule<Exchange> = {
  id: 'mqtt/pubrel-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses('4.3.3-2', '4.3.3-11, 4.3.3-13', 'The receiver of a PUBREL answers it with PUBCOMP.'),
  editionHere,
  summary: 'no PUBCOMP comes within answerTimeout of a PUBREL',
  why: 'Its sender cannot use the identifier again, and in 5.0 its place in the window stays taken.',
  example: 'PUBLISH of QoS 2, PUBREC, PUBREL, and no PUBCOMP for 30 s',
};

export const subscribeUnanswered: Rule<Exchange> = {
  id: 'mqtt/subscribe-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses('3.8.4-1', '3.8.4-1', 'The server answers a SUBSCRIBE with a SUBACK.'),
  editionHere,
  summary: 'no SUBACK comes within answerTimeout of a SUBSCRIBE',
  why: 'The client does not know whether it is subscribed, and with which QoS.',
  example: 'SUBSCRIBE with identifier 3, and no SUBACK 3 for 30 s',
};

export const unsubscribeUnanswered: Rule<Exchange> = {
  id: 'mqtt/unsubscribe-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses(
    '3.10.4-4, 3.10.4-5',
    '3.10.4-4, 3.10.4-5',
    'The server answers an UNSUBSCRIBE with an UNSUBACK, even where no filter was subscribed.',
  ),
  editionHere,
  summary: 'no UNSUBACK comes within answerTimeout of an UNSUBSCRIBE',
  why: 'The client does not know from when on no messages come any more. Some servers leave out the UNSUBACK when there was nothing to remove.',
  example: 'UNSUBSCRIBE with identifier 4, and no UNSUBACK 4 for 30 s',
};

export const pingUnanswered: Rule<Exchange> = {
  id: 'mqtt/ping-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: clauses('3.12.4-1', '3.12.4-1', 'The server answers a PINGREQ with a PINGRESP.'),
  editionHere,
  summary: 'no PINGRESP comes within answerTimeout of a PINGREQ',
  why: 'The client asks by it whether the server is alive, and without an answer closes the connection and opens another.',
  example: 'PINGREQ, and no PINGRESP for 30 s',
};

export const refusedNotClosed: Rule<Exchange> = {
  id: 'mqtt/refused-not-closed',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.1.2-2, 3.1.3-9, 3.2.2-5',
    '3.1.2-2, 3.1.3-8, 3.1.4-2, 3.2.2-7, 4.12.0-1, 4.12.0-4, 4.13.2-1',
    'A server that sends a CONNACK with a code other than 0 then closes the connection.',
    'A server that sends a CONNACK with a Reason Code of 0x80 or above then closes the connection.',
  ),
  editionHere,
  summary: 'neither side closes the connection within answerTimeout of a CONNACK that refuses',
  why: 'Refused clients that stay connected use up the sockets of the server, which anybody can bring about.',
  example: 'CONNACK with code 5, and the connection open 30 s later',
};

export const disconnectNotClosed: Rule<Exchange> = {
  id: 'mqtt/disconnect-not-closed',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '3.14.4-1',
    '3.14.4-2, 4.13.2-1',
    'The client closes the connection after its DISCONNECT.',
    'Who sends DISCONNECT closes the connection afterwards.',
  ),
  editionHere,
  summary: 'neither side closes the connection within answerTimeout of a DISCONNECT',
  why: 'The connection is of no use any more, but both sides keep its socket.',
  example: 'DISCONNECT, and the connection open 30 s later',
};

/** By `AWAITED`: the rule, and what would have been an answer. */
export const OVERDUE: readonly { readonly rule: Rule<Exchange>; readonly answers: string }[] = [
  { rule: connectUnanswered, answers: 'CONNACK, AUTH or the close of the connection' },
  { rule: publishUnanswered, answers: 'PUBACK for QoS 1, PUBREC for QoS 2' },
  { rule: pubrecUnanswered, answers: 'PUBREL' },
  { rule: pubrelUnanswered, answers: 'PUBCOMP' },
  { rule: subscribeUnanswered, answers: 'SUBACK' },
  { rule: unsubscribeUnanswered, answers: 'UNSUBACK' },
  { rule: pingUnanswered, answers: 'PINGRESP' },
  { rule: refusedNotClosed, answers: 'the close of the connection' },
  { rule: disconnectNotClosed, answers: 'the close of the connection' },
];

if (OVERDUE.length !== Object.keys(AWAITED).length) throw new Error('Each of AWAITED needs a rule in OVERDUE');
