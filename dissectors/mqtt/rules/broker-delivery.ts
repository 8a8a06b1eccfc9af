/**
 * Rules about who gets a message, where all that the server received and sent was seen. What watches the whole broker
 * reports them (`broker/copies.ts`, `broker/awaited.ts`).
 */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { SEES_BROKER } from './sees.ts';

export const deliveryMissing: Rule<Exchange> = {
  id: 'mqtt/delivery-missing',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.1.2-5, 4.5.0-1',
    '4.3.2-5, 4.3.3-9, 4.3.3-12, 4.5.0-1',
    'A message that the server has taken over is added to the session of each client with a matching subscription, also where that is not connected.',
    'A message that the server has taken over is delivered to each client with a matching subscription.',
  ),
  editionHere,
  summary: 'an acknowledged message of QoS 1 or 2 does not come to a matching subscription within answerTimeout',
  why: 'The publisher has the word of the server for it, and forgets the message: it is lost for good.',
  example: 'SUBSCRIBE with QoS 1, then PUBLISH of QoS 1 and PUBACK of another client, and no copy for 30 s',
};

export const deliveryAfterUnsubscribe: Rule<Exchange> = {
  id: 'mqtt/delivery-after-unsubscribe',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.10.4-1, 3.10.4-2',
    '3.10.4-1, 3.10.4-2',
    'After an UNSUBSCRIBE the server adds no new messages for that filter.',
  ),
  editionHere,
  summary: 'a message published after UNSUBACK comes though only the removed filter matches',
  why: 'The client pays for what it does not want, and may have nothing any more that can deal with it.',
  example: 'UNSUBSCRIBE, UNSUBACK, then a PUBLISH of another client, and a copy of it',
};

export const noLocal: Rule<Exchange> = {
  id: 'mqtt/no-local',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses('', '3.8.3-3', 'With No Local a client does not get what it has published itself.'),
  editionHere,
  summary: 'a message goes back to its publisher although all its matching subscriptions have No Local',
  why: 'Two bridged servers pass such a message to and fro without end.',
  example: 'SUBSCRIBE with No Local, then PUBLISH of the same client, and a copy of it',
};

export const sharedDuplicate: Rule<Exchange> = {
  id: 'mqtt/shared-duplicate',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '',
    '4.8.2-5, 4.8.2-6',
    'A message goes to one member of a Shared Subscription, and to no other one once that member was sent it with QoS 2, or has acknowledged or refused it.',
  ),
  editionHere,
  summary: 'a message is sent to a second member of a Shared Subscription after the first had it',
  why: 'Members share work: what goes to two of them is done twice.',
  example: 'two members; a copy to the first and its PUBACK, then a copy to the second',
};
