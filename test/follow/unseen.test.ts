/** What waits, where the capture or a malformed message hides whether it was asked for: nobody is accused of an answer to nothing. */
import { expect, test } from 'vitest';
import {
  defineMessages,
  defineProtocol,
  type Exchange,
  from,
  malformed,
  rule,
  stay,
  tcp,
  uint,
} from '../../src/sdk.ts';
import { tally } from '../../src/testkit/engine.ts';
import { check, Traffic } from '../../src/testkit.ts';

const messages = defineMessages(uint('type', 1), {
  ASK: from('client', [1, '1', 'asks']),
  TELL: from('server', [2, '2', 'answers']),
});
type Asking = Exchange<typeof messages, 'answer'>;

const unasked = rule<Asking>({
  id: 'asking/unasked',
  severity: 'error',
  restsOn: 'unseen',
  clause: '2',
  summary: 'an answer comes to nothing',
  why: 'It is taken for the answer to the next request.',
  example: 'TELL',
  on: ['TELL'],
  check: ({ waits }) => waits.answer.answered,
});

const asking = defineProtocol({
  id: 'asking',
  title: 'ASKING',
  summary: 'asks, for tests',
  specification: 'ASKING, edition 1',
  carriers: [tcp('length16')],
  messages,
  machine: { states: ['ON'], client: { ON: { ASK: stay } }, server: { ON: { TELL: stay } }, otherwise: stay },
  waits: { answer: { asks: 'ASK', answers: 'TELL' } },
  rules: [malformed<Asking>({ id: 'asking/malformed', clause: '1' }), unasked],
});

/** Twice: the ports are used again, so that what was lost of the first connection must not be held against the second. */
async function judged(captured: boolean) {
  const traffic = new Traffic();
  for (const isCaptured of [captured, true]) {
    const talk = traffic.connect('10.0.0.1:1000', '10.0.0.2:2000').client('0001 01', { captured: isCaptured });
    talk.server('0001 02').client('0001 01').server('0001 02').server('0001 02').close();
  }
  const { findings, connections } = await check(asking, traffic, { decodeAs: ['tcp.port==2000,asking'] });
  return { findings, verdicts: connections.map(({ verdict }) => verdict) };
}

test('an answer to nothing is found in a connection that was seen whole', async () => {
  const verdicts = ['violations', 'violations'];
  expect(await judged(true)).toEqual({ findings: ['asking/unasked 8', 'asking/unasked 19'], verdicts });
});

test('and in none of which the very first message was lost, before any other', async () => {
  const verdicts = ['inconclusive', 'violations'];
  expect(await judged(false)).toEqual({ findings: ['asking/unasked 18'], verdicts });
});

test('nor behind a request that is malformed: it may be what is answered', async () => {
  for (const request of ['0002 01ff', '0001 07', '0000']) {
    const traffic = new Traffic();
    traffic.connect('10.0.0.1:1000', '10.0.0.2:2000').client(request).server('0001 02').close();
    const { findings, report } = await check(asking, traffic, { decodeAs: ['tcp.port==2000,asking'] });
    expect(findings).toEqual(['asking/malformed 4']);
    expect(tally(report, unasked.id)).toEqual([0, 0, 1]);
  }
});
