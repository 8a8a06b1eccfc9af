/** Connections of two editions in one run: what is counted, cited and said of each by itself. */
import { describe, expect, test } from 'vitest';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import {
  breaks,
  defineMessages,
  defineProtocol,
  type Exchange,
  malformed,
  rule,
  type Statement,
  stay,
  udp,
  uint,
} from '../../src/sdk.ts';
import { type Conversation, type RunOptions, run } from '../../src/testkit/engine.ts';
import { contractProblems } from '../../src/testkit.ts';

/** OPEN 00 edition, SAY 01 value, CLOSE 02. */
const messages = defineMessages([uint('type', 1)], {
  OPEN: [0, '1', 'opens the conversation', uint('edition', 1)],
  SAY: [1, '2', 'says a number', uint('value', 1)],
  CLOSE: [2, '3', 'closes it'],
});

interface Memory {
  edition: string | undefined;
}
type Saying = Exchange<typeof messages, never, Memory>;

const inBoth = (number: string) => ['old', 'new'].map(edition => ({ clause: `N-${number}`, edition }));
const words = { severity: 'error', summary: 's', why: 'It matters.', example: 'e' } as const;

const badForm = malformed<Saying>({ id: 'saying/malformed', clause: inBoth('1') });
const outOfTurn = rule<Saying>({ ...words, id: 'saying/out-of-turn', restsOn: 'unseen', clause: inBoth('2') });
const odd = rule<Saying>({
  ...words,
  id: 'saying/odd',
  restsOn: 'bytes',
  clause: inBoth('3'),
  on: ['SAY'],
  check: ({ get }) => get('value') % 2 === 0,
});

const statements: readonly Statement[] = ['old', 'new'].flatMap(edition =>
  [badForm, outOfTurn, odd].map(({ id }, at) => ({ id: `N-${at + 1}`, edition, judgedBy: [id] })),
);

const spec = {
  id: 'saying',
  title: 'SAYING',
  summary: 'says numbers, for tests',
  specification: 'SAYING',
  carriers: [udp()],
  messages,
  machine: {
    states: ['NEW', 'OPEN', 'OVER'],
    client: { NEW: { OPEN: 'OPEN' }, OPEN: { SAY: stay, CLOSE: 'OVER' } },
    server: { NEW: {}, OPEN: { SAY: stay, CLOSE: 'OVER' } },
    otherwise: breaks(outOfTurn),
    midstream: 'OPEN',
  },
  rules: [badForm, outOfTurn, odd],
  statements,
  remember: (): Memory => ({ edition: undefined }),
  prepare: (exchange: Saying) => {
    if (exchange.name === 'OPEN') exchange.memory.edition = ['old', 'new'][exchange.get('edition')];
  },
  editionOf: ({ edition }: Memory) => edition,
} as const;
const saying = defineProtocol(spec);

const SERVER = '10.0.0.9:2000';
const said = (client: number, ...payloads: readonly string[]): Conversation =>
  payloads.map(payload => [`10.0.0.${client}:1000 > ${SERVER}`, payload]);
const outcomesOf = (captures: readonly Conversation[], options: RunOptions = {}) => {
  const decodeAs = [{ transport: 'udp' as const, from: 2000, to: 2000, protocol: 'saying' }];
  const report = run([saying], captures, { decodeAs, capture: 'complete', statements: true, ...options });
  const { statements: all = [] } = report.protocols[0];
  return { report, all: all.map(one => `${one.edition} ${one.id} ${one.status} ${one.broken}/${one.checked}`) };
};

const OLD = ['00 00', '01 02', '01 04', '02'];
const NEW_AND_ODD = ['00 01', '01 03', '02', '01 02'];

const BOTH = [...said(1, ...OLD), ...said(2, ...NEW_AND_ODD)];

test('a defined protocol with editions fulfils the contract', () => {
  expect(contractProblems(saying)).toEqual([]);
});

describe('each edition has the counts of its own connections', () => {
  // The form of the two messages that tell the edition was judged before it was known: it counts for both.
  const expected = [
    'old N-1 kept 0/5',
    'old N-2 kept 0/4',
    'old N-3 kept 0/2',
    'new N-1 kept 0/5',
    'new N-2 broken 1/4',
    'new N-3 broken 1/1',
  ];

  test('in one capture', () => {
    expect(outcomesOf([BOTH]).all).toEqual(expected);
  });

  test('over several captures', () => {
    expect(outcomesOf([said(1, ...OLD), said(2, ...NEW_AND_ODD)]).all).toEqual(expected);
  });
});

test('all together are what they are without editions', () => {
  const { statements: _, editionOf: __, ...plain } = spec;
  const counts = (protocol: AnyProtocol) => {
    const decodeAs = [{ transport: 'udp' as const, from: 2000, to: 2000, protocol: 'saying' }];
    const [{ rules, coverage }] = run([protocol], [BOTH], { decodeAs, capture: 'complete' }).protocols;
    return { rules: rules.map(({ byEdition: ___, ...tally }) => tally), coverage };
  };
  expect(counts(saying)).toEqual(counts(defineProtocol(plain)));
});

test('an edition that nobody spoke was not exercised', () => {
  const { all } = outcomesOf([said(1, ...OLD)]);
  expect(all.slice(4)).toEqual(['new N-2 not exercised 0/0', 'new N-3 not exercised 0/0']);
});

test('a finding cites the clause of the edition that its connection speaks', () => {
  const { report } = outcomesOf([[...said(1, '00 00', '01 03'), ...said(2, '00 01', '01 03'), ...said(3, '01 03')]]);
  const cited = report.findings.filter(({ ruleId }) => ruleId === 'saying/odd').map(({ spec: { clause } }) => clause);
  expect(cited).toEqual(['N-3 (old)', 'N-3 (new)', 'N-3 (old); N-3 (new)']);
});

test('what was broken where nobody knows the edition counts for each', () => {
  const { all } = outcomesOf([said(3, '01 03')]);
  expect(all.filter(line => line.includes('N-3'))).toEqual(['old N-3 broken 1/1', 'new N-3 broken 1/1']);
});
