/**
 * ASK: a protocol of requests and answers, for tests of those who wait. Either side asks, on TCP or UDP:
 *
 *     ASK  01 id:2 text          ANSWER  02 id:2          NEXT  03 (answered by DONE, in order)          DONE  04
 */
import {
  breaks,
  defineMessages,
  defineProtocol,
  type Exchange,
  rule,
  stay,
  tcp,
  text,
  udp,
  uint,
} from '../../src/sdk.ts';

const id = uint('id', 2);

const messages = defineMessages(uint('type', 1), {
  ASK: [1, '1', 'asks', id, text('words', 'rest')],
  ANSWER: [2, '2', 'answers', id],
  NEXT: [3, '3', 'asks in order'],
  DONE: [4, '4', 'answers in order'],
});

type Ask = Exchange<typeof messages, 'questions' | 'turns'>;

const document = { severity: 'error', restsOn: 'unseen', clause: '5', why: 'It is a test.', example: 'none' } as const;

const outOfTurn = rule<Ask>({ ...document, id: 'ask/out-of-turn', summary: 'a message has no place' });

const unanswered = rule<Ask>({
  ...document,
  id: 'ask/unanswered',
  atFault: 'receiver',
  summary: 'a request has no answer in time',
});

const inUse = rule<Ask>({
  ...document,
  id: 'ask/in-use',
  summary: 'an id is in use',
  on: ['ASK'],
  check: ({ waits }) => waits.questions.free,
  describe: ({ get, waits }) => ({
    message: `${get('id')} is in use, of ${waits.questions.waiting}`,
    expected: 'another id',
    at: 'id',
    related: [waits.questions.frame],
  }),
});

const unsolicited = rule<Ask>({
  ...document,
  id: 'ask/unsolicited',
  summary: 'an answer to nothing',
  on: ['ANSWER'],
  check: ({ waits }) => waits.questions.answered,
});

const unturned = rule<Ask>({
  ...document,
  id: 'ask/unturned',
  summary: 'an answer to nothing, in order',
  on: ['DONE'],
  check: ({ waits }) => waits.turns.answered,
});

const everything = { ASK: stay, ANSWER: stay, NEXT: stay, DONE: stay };

/** @param resent requests may be sent again, and so may their answers */
export const ask = (resent = false, most = 100) =>
  defineProtocol({
    id: 'ask',
    title: 'ASK',
    summary: 'questions and answers, for tests',
    specification: 'ASK, edition 1',
    carriers: [tcp('length16'), udp()],
    messages,
    machine: {
      states: ['OPEN'],
      client: { OPEN: everything },
      server: { OPEN: everything },
      otherwise: breaks(outOfTurn),
    },
    opening: ['ASK', 'NEXT'],
    waits: {
      questions: { asks: 'ASK', answers: 'ANSWER', by: 'id', within: '10s', overdue: unanswered, resent, most },
      turns: { asks: 'NEXT', answers: 'DONE' },
    },
    rules: [unanswered, inUse, unsolicited, unturned],
  });
