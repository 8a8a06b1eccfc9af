/** Requests that wait for answers, seen through ASK: what is answered, in use, overdue, forgotten, sent again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineMessages, defineProtocol, type Exchange, from, rule, SKIP, stay, tcp, uint } from '../../src/sdk.ts';
import { tally } from '../../src/testkit/engine.ts';
import { type Bytes, check, Traffic } from '../../src/testkit.ts';
import { ask } from '../kit/ask.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';
const decodeAs = ['tcp.port==2000,ask', 'udp.port==2000,ask'];

const framed = (message: string) =>
  `00${((message.replace(/ /g, '').length / 2) | 0).toString(16).padStart(2, '0')}${message}`;
const ASK = (id: string, words = '') => `01 ${id} ${words}`;
const ANSWER = (id: string) => `02 ${id}`;
const NEXT = '03';
const DONE = '04';

/** A conversation of messages in turn, `>` from the client and `<` from the server; a number lets seconds pass. */
function talk(...lines: readonly (string | number)[]): Traffic {
  const traffic = new Traffic();
  const conversation = traffic.connect(ANN, BOB);
  for (const line of lines) {
    if (typeof line === 'number') traffic.wait(line);
    else if (line.startsWith('>')) conversation.client(framed(line.slice(1).trim()));
    else conversation.server(framed(line.slice(1).trim()));
  }
  return traffic;
}

/** Messages of frames 1, 2 ... as datagrams. */
function datagrams(...lines: readonly string[]): Traffic {
  const traffic = new Traffic();
  for (const line of lines) {
    const payload: Bytes = line.slice(1).trim();
    if (line.startsWith('>')) traffic.datagram(ANN, BOB, payload);
    else traffic.datagram(BOB, ANN, payload);
  }
  return traffic;
}

const findingsOf = async (traffic: Traffic, protocol = ask()) =>
  (await check(protocol, traffic, { decodeAs })).findings;

describe('an answer', () => {
  test('to a request that waits, in any order, breaks nothing', async () => {
    expect(
      await findingsOf(talk(`>${ASK('0001')}`, `>${ASK('0002')}`, `<${ANSWER('0002')}`, `<${ANSWER('0001')}`)),
    ).toEqual([]);
  });

  test('to another id, or the second one, is unsolicited', async () => {
    const traffic = talk(`>${ASK('0001')}`, `<${ANSWER('0002')}`, `<${ANSWER('0001')}`, `<${ANSWER('0001')}`);
    expect(await findingsOf(traffic)).toEqual(['ask/unsolicited 5', 'ask/unsolicited 7']);
  });

  test('of the side that asked is none: each side has its own ids', async () => {
    expect(await findingsOf(talk(`>${ASK('0001')}`, `>${ANSWER('0001')}`))).toEqual(['ask/unsolicited 5']);
    const crossing = talk(`>${ASK('0001')}`, `<${ASK('0001')}`, `>${ANSWER('0001')}`, `<${ANSWER('0001')}`);
    expect(await findingsOf(crossing)).toEqual([]);
  });

  test('of another connection is none', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).client(framed(ASK('0001')));
    traffic.connect('10.0.0.3:1000', BOB).server(framed(ANSWER('0001')));
    expect(await findingsOf(traffic)).toEqual(['ask/unsolicited 8']);
  });

  test('without a key belongs to the oldest request', async () => {
    expect(await findingsOf(talk(`>${NEXT}`, `>${NEXT}`, `<${DONE}`, `<${DONE}`, `<${DONE}`))).toEqual([
      'ask/unturned 8',
    ]);
  });

  test('where the beginning was not seen shows nothing', async () => {
    const traffic = new Traffic();
    traffic.join(ANN, BOB).server(framed(ANSWER('0001')));
    const { findings, connections } = await check({ ...ask(), resync: () => true }, traffic, { decodeAs });
    expect(findings).toEqual([]);
    expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
  });
});

describe('a request', () => {
  test('with the id of one that waits is reported, with that one beside it', async () => {
    const { report } = await check(ask(), talk(`>${ASK('0007')}`, `>${ASK('0007')}`), { decodeAs });
    expect(report.findings).toMatchObject([
      { ruleId: 'ask/in-use', frame: 5, relatedFrames: [4], bytes: { offset: 1, length: 2 }, actual: '7' },
    ]);
  });

  test('may have the id of one that was answered', async () => {
    const once = [`>${ASK('0001')}`, `<${ANSWER('0001')}`];
    expect(await findingsOf(talk(...once, ...once, ...once))).toEqual([]);
  });
});

describe('an answer in time', () => {
  test('comes within 10 s, and none is reported', async () => {
    expect(await findingsOf(talk(`>${ASK('0001')}`, 9.9, `<${ANSWER('0001')}`))).toEqual([]);
  });

  test('is missing when the next message comes later: the finding stands on the request, against its receiver', async () => {
    const { findings, report } = await check(
      ask(),
      talk(`>${ASK('0001')}`, 10.1, `>${ASK('0002')}`, `<${ANSWER('0002')}`),
      { decodeAs },
    );
    expect(findings).toEqual(['ask/unanswered 4']);
    expect(report.findings[0].atFault).toBe(BOB);
  });

  test('that comes too late is not unsolicited as well', async () => {
    expect(await findingsOf(talk(`>${ASK('0001')}`, 11, `<${ANSWER('0001')}`))).toEqual(['ask/unanswered 4']);
  });

  test('cannot be told when the capture ends before it was due', async () => {
    const { report, connections } = await check(ask(), talk(`>${ASK('0001')}`, 5, `>${ASK('0002')}`), { decodeAs });
    expect(tally(report, 'ask/unanswered')).toEqual([0, 0, 2]);
    expect(connections).toMatchObject([{ verdict: 'inconclusive', reasons: [{ kind: 'ended' }] }]);
  });

  test('cannot be told when a side ends its stream before it was due', async () => {
    const traffic = new Traffic();
    traffic
      .connect(ANN, BOB)
      .client(framed(ASK('0001')))
      .close();
    const { report } = await check(ask(), traffic, { decodeAs });
    expect(tally(report, 'ask/unanswered')).toEqual([0, 0, 1]);
  });
});

describe('the same request again', () => {
  const twice = [`>${ASK('0001', '61')}`, `>${ASK('0001', '61')}`, `<${ANSWER('0001')}`, `<${ANSWER('0001')}`];

  test('breaks nothing where the protocol sends again, nor does its second answer', async () => {
    const { findings, messages } = await check(ask(true), datagrams(...twice), { decodeAs });
    expect(findings).toEqual([]);
    expect(messages).toHaveLength(4);
  });

  test('is another one if its words differ', async () => {
    expect(await findingsOf(datagrams(`>${ASK('0001', '61')}`, `>${ASK('0001', '62')}`), ask(true))).toEqual([
      'ask/in-use 2',
    ]);
  });

  test('is a fault where the protocol does not', async () => {
    expect(await findingsOf(datagrams(...twice))).toEqual(['ask/in-use 2', 'ask/unsolicited 4']);
  });
});

describe('a bound', () => {
  test('on requests of a side forgets the oldest, whose answer then shows nothing', async () => {
    const traffic = talk(
      `>${ASK('0001')}`,
      `>${ASK('0002')}`,
      `>${ASK('0003')}`,
      `<${ANSWER('0001')}`,
      `<${ANSWER('0003')}`,
    );
    const { findings, connections, report } = await check(ask(false, 2), traffic, { decodeAs });
    expect(findings).toEqual([]);
    expect(connections[0].reasons.map(({ kind }) => kind)).toContain('bound');
    expect(report.notes.join(' ')).toContain('questions=2');
  });

  test('on all requests leaves later ones unjudged, and nobody is accused', async () => {
    const traffic = talk(`>${ASK('0001')}`, `>${ASK('0002')}`, `<${ANSWER('0001')}`, `<${ANSWER('0002')}`);
    const { findings } = await check(ask(), traffic, { decodeAs, limit: ['requests=1'] });
    expect(findings).toEqual([]);
  });
});

describe('random conversations', () => {
  /** A message of a side, after so many seconds. */
  const step = fc.record({
    fromClient: fc.boolean(),
    isAsk: fc.boolean(),
    id: fc.integer({ min: 1, max: 3 }),
    pause: fc.constantFrom(0, 0, 0, 4, 11),
  });

  test('are judged as a list of open questions has it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const lines: (string | number)[] = [];
        const expected: string[] = [];
        /** Open questions of each side: frame and time by id. Ids whose answer may come late prove nothing any more. */
        const open = { client: new Map<number, [number, number]>(), server: new Map<number, [number, number]>() };
        const late = { client: false, server: false };
        let now = 0.003;
        steps.forEach(({ fromClient, isAsk, id, pause }, index) => {
          now += pause;
          if (pause > 0) lines.push(pause);
          const frame = index + 4;
          for (const side of ['client', 'server'] as const) {
            for (const [asked, [at, since]] of [...open[side]]) {
              if (now - since <= 10) continue;
              expected.push(`ask/unanswered ${at}`);
              open[side].delete(asked);
              late[side] = true;
            }
          }
          const hex = id.toString(16).padStart(4, '0');
          lines.push(`${fromClient ? '>' : '<'}${isAsk ? ASK(hex) : ANSWER(hex)}`);
          const asker = fromClient === isAsk ? 'client' : 'server';
          if (isAsk) {
            if (open[asker].has(id)) expected.push(`ask/in-use ${frame}`);
            open[asker].delete(id);
            open[asker].set(id, [frame, now]);
          } else if (!open[asker].delete(id) && !late[asker]) expected.push(`ask/unsolicited ${frame}`);
          now += 0.001;
        });
        const byFrame = (a: string, b: string) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]) || (a < b ? -1 : 1);
        expect([...(await findingsOf(talk(...lines)))].sort(byFrame)).toEqual(expected.sort(byFrame));
      }),
      { numRuns: 150 },
    );
  });
});

describe('what is noted of a request', () => {
  const messages = defineMessages([uint('id', 1), uint('type', 1)], {
    FILL: from('client', [1, '1', 'asks for so many', uint('count', 2)]),
    STOP: from('client', [2, '2', 'asks for none']),
    FULL: from('server', [3, '3', 'brings them', uint('brought', 2)]),
  });
  type Filling = Exchange<typeof messages, 'fill'>;
  const other = rule<Filling>({
    id: 'fill/other',
    severity: 'error',
    restsOn: 'seen',
    clause: '3',
    summary: 'it brings others',
    why: 'It is a test.',
    example: 'none',
    on: ['FULL'],
    check: ({ get, waits }) => {
      const asked = waits.fill.asked('count');
      return asked === undefined ? SKIP : asked === get('brought');
    },
    describe: ({ waits }) => ({
      message: `not as many as ${waits.fill.asked('count')}, of a ${waits.fill.asked('type')}`,
      expected: '',
      at: 'brought',
    }),
  });
  const protocol = (by?: 'id') =>
    defineProtocol({
      id: 'fill',
      title: 'FILL',
      summary: 'fills, for tests',
      specification: 'FILL, edition 1',
      carriers: [tcp('length16')],
      messages,
      machine: { states: ['ON'], client: {}, server: {}, otherwise: stay },
      waits: { fill: { asks: ['FILL', 'STOP'], answers: 'FULL', notes: ['count', 'type'], ...(by && { by }) } },
      rules: [other],
    });
  const checked = async (traffic: Traffic, by?: 'id') => {
    const { report } = await check(protocol(by), traffic, { decodeAs: ['tcp.port==2000,fill'] });
    return {
      broken: report.findings.map(({ frame, message }) => `${frame} ${message}`),
      tally: tally(report, other.id),
    };
  };

  test('is there for its answer, found by its key', async () => {
    const traffic = talk('> 01 01 fffe', '> 02 01 0007', '< 02 03 0007', '< 01 03 fffd');
    expect(await checked(traffic, 'id')).toEqual({ broken: ['7 not as many as 65534, of a 1'], tally: [2, 1, 0] });
  });

  test('or in its turn', async () => {
    const traffic = talk('> 01 01 0005', '> 02 01 0007', '< 02 03 0005', '< 01 03 0005');
    expect(await checked(traffic)).toEqual({ broken: ['7 not as many as 7, of a 1'], tally: [2, 1, 0] });
  });

  test('and not where the request has no such field, or there is none: the place of another was taken', async () => {
    const traffic = talk('> 01 01 0005', '< 01 03 0005', '> 01 02', '< 01 03 0005', '< 01 03 0005');
    expect(await checked(traffic, 'id')).toEqual({ broken: [], tally: [1, 0, 0] });
  });
});
