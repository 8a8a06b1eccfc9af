/** Rules about retained messages, where all that the server received and sent was seen. What watches the whole broker reports them. */
import type { Rule } from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import type { Exchange } from '../exchange.ts';
import { SEES_BROKER } from './sees.ts';

export const retainedMissing: Rule<Exchange> = {
  id: 'mqtt/retained-missing',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.1.2-7, 3.3.1-5, 3.3.1-6, 3.8.4-3',
    '3.3.1-5, 3.3.1-9, 3.3.1-10, 3.8.4-4',
    'A subscription brings the last retained message of each topic that it matches.',
    'A subscription brings the last retained message of each topic that it matches, as its Retain Handling has it.',
  ),
  editionHere,
  summary: 'a new subscription does not bring the retained message of a matching topic within answerTimeout',
  why: 'The subscriber does not learn the present state until it changes.',
  example:
    'PUBLISH of QoS 1 with RETAIN 1 and PUBACK, then SUBSCRIBE with QoS 1 of another client, and no copy for 30 s',
};

export const retainedUnexpected: Rule<Exchange> = {
  id: 'mqtt/retained-unexpected',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  onlyIf: SEES_BROKER,
  clause: clauses(
    '3.3.1-7, 3.3.1-10, 3.3.1-11, 3.3.1-12',
    '3.3.1-6, 3.3.1-7, 3.3.1-8, 3.3.1-10',
    'A retained message goes when another one of its topic comes, or one without payload; what has RETAIN 0 is not retained.',
    'A retained message goes when another one of its topic comes, or one without payload; what has RETAIN 0 is not retained; Retain Handling 1 brings nothing to a subscription that there was.',
  ),
  editionHere,
  summary: 'a subscription brings a message that was replaced, cleared, never retained, or not to be sent',
  why: 'The subscriber takes a former state for the present one.',
  example: 'PUBLISH "1" and then "2" with RETAIN 1, both acknowledged, then SUBSCRIBE: the copy says "1"',
};
