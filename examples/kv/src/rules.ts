/**
 * What KV demands, each demand a document with a check: one about a message alone (malformed), one that the state machine
 * names (out-of-turn), and two about a message in the light of those before it.
 */
import { BROKEN, PASS, type Rule, UNKNOWN_MESSAGE } from 'wirelint/sdk';
import { fits, LAYOUTS } from './layouts.ts';
import { idOf, type KvExchange } from './waiting.ts';

const malformed: Rule<KvExchange> = {
  id: 'kv/malformed',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '2',
  summary: 'a message is of no type that there is, or not as long as its type demands',
  why: 'Its receiver cannot know what is meant, and what it does instead differs from program to program.',
  example: '02 00, a GET that ends inside its id',
  on: [...LAYOUTS.map(({ name }) => name), UNKNOWN_MESSAGE],
  phase: 'form',
  check: ({ message, layout }) => (layout && fits(layout, message.length) ? PASS : BROKEN),
  describe: ({ message, layout }) =>
    layout
      ? {
          message: `${layout.name} has ${message.length} bytes`,
          expected: `${layout.open ? 'at least ' : ''}${layout.fixedLength} bytes`,
          actual: `${message.length} bytes`,
        }
      : {
          message: message.length === 0 ? 'the message is empty' : `no message has the type ${message.byte(0)}`,
          expected: `a type from ${LAYOUTS[0].code} to ${LAYOUTS[LAYOUTS.length - 1].code}`,
          actual: message.length === 0 ? 'nothing' : String(message.byte(0)),
        },
};

/** Its check is the state machine: the cells that break it are in machine.ts. */
const outOfTurn: Rule<KvExchange> = {
  id: 'kv/out-of-turn',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '3',
  summary: 'a message comes before HELLO, after BYE, twice, or from the wrong side',
  why: 'A server may close the connection on it, and has every right to.',
  example: 'GET as the first message of a connection',
  describe: ({ layout, fromClient, subject }) => ({
    message: `the ${fromClient ? 'client' : 'server'} may not send ${layout?.name} in ${subject.state}`,
    expected: 'HELLO first, then requests from the client and answers from the server, no request after BYE',
    actual: `${layout?.name} in ${subject.state}`,
    bytes: { offset: 0, length: 1 },
  }),
};

const idInUse: Rule<KvExchange> = {
  id: 'kv/id-in-use',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '4',
  summary: 'a request has the id of one that is not answered yet',
  why: 'Nobody can tell any more which of the two an answer belongs to.',
  example: 'GET with id 1, GET with id 1, VALUE with id 1',
  on: ['GET'],
  check: exchange => (exchange.memory.has(idOf(exchange)) ? BROKEN : PASS),
  describe: exchange => ({
    message: `id ${idOf(exchange)} is in use: its request waits for an answer`,
    expected: 'an id that no waiting request has',
    actual: String(idOf(exchange)),
    bytes: { offset: 1, length: 2 },
    relatedFrames: [exchange.memory.get(idOf(exchange)) ?? 0],
  }),
};

const unsolicited: Rule<KvExchange> = {
  id: 'kv/unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: '4',
  summary: 'an answer has an id that no waiting request has',
  why: 'Its receiver drops it, or takes it for the answer to something else.',
  example: 'GET with id 1, VALUE with id 2',
  on: ['VALUE', 'ERROR'],
  check: exchange => (exchange.memory.has(idOf(exchange)) ? PASS : BROKEN),
  describe: exchange => ({
    message: `no request with id ${idOf(exchange)} waits for an answer`,
    expected: exchange.memory.size === 0 ? 'no answer: no request waits' : 'the id of a waiting request',
    actual: String(idOf(exchange)),
    bytes: { offset: 1, length: 2 },
  }),
};

/** In the order in which they are asked: form first. The first one that a message breaks ends its judgement. */
export const RULES = [malformed, outOfTurn, idInUse, unsolicited];
