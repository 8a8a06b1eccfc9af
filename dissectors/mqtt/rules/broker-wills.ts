/** Rules about Wills, where all that the server received and sent was seen. What watches the whole broker reports them. */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { SEES_BROKER } from './sees.ts';

export const willMissing: Rule<Exchange> = {
  id: 'mqtt/will-missing',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.1.2-8',
    '3.1.2-7, 3.1.2-8',
    'The Will is published when its connection closes without a DISCONNECT of the client.',
    'The Will is published when its connection has closed without a DISCONNECT 0x00 of the client, and the Will Delay or the session has passed.',
  ),
  editionHere,
  summary:
    'a connection ended without DISCONNECT, and a matching subscription did not bring its Will within answerTimeout',
  why: 'Those who watch over the client believe that it is still there.',
  example:
    'CONNECT with a Will of QoS 1, FIN without DISCONNECT, and a subscriber of the Will Topic gets nothing for 30 s',
};

export const willUnexpected: Rule<Exchange> = {
  id: 'mqtt/will-unexpected',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.1.2-10, 3.1.2-12, 3.14.4-3',
    '3.1.2-10, 3.1.3-9, 3.14.4-3',
    'A DISCONNECT discards the Will, and a Will is published once.',
    'A DISCONNECT 0x00 discards the Will, as does another connection of the session before the Will Delay has passed, and a Will is published once.',
  ),
  editionHere,
  summary:
    'the Will comes of a connection that ended with DISCONNECT, that was resumed in time, or that had it published already',
  why: 'A client that went in order, or is there again, is taken for dead.',
  example: 'CONNECT with a Will, DISCONNECT, FIN, and a subscriber gets the Will',
};

export const willAltered: Rule<Exchange> = {
  id: 'mqtt/will-altered',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.1.2-16, 3.1.2-17',
    '3.1.2-14, 3.1.2-15',
    'A Will is kept as retained message if Will Retain is 1, and is not if it is 0.',
  ),
  editionHere,
  summary: 'later subscribers get a Will though Will Retain was 0, or do not though it was 1',
  why: 'They take a client for dead that may be long back, or do not learn that it is.',
  example: 'a Will with Will Retain 0 was published; later another client subscribes and gets it with RETAIN 1',
};
