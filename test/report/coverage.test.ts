import { expect, test } from 'vitest';
import { type Demand, exercisedOf, percentOf, shortfalls } from '../../src/report/coverage.ts';
import { textReport } from '../../src/report/text.ts';
import { render } from './run.ts';
import { report } from './sample.ts';

const [mnet] = report().protocols;

test('a rule is exercised when it had something to judge and could', () => {
  expect(exercisedOf(mnet, 'rules')).toEqual({ exercised: 4, total: 5 });
  expect(exercisedOf(mnet, 'transitions')).toEqual({ exercised: 12, total: 30 });
  expect(exercisedOf(mnet, 'messages')).toEqual({ exercised: 2, total: 3 });
});

test('percents are rounded down, and nothing of nothing is none', () => {
  expect(percentOf({ exercised: 2, total: 3 })).toBe(66);
  expect(percentOf({ exercised: 199, total: 200 })).toBe(99);
  expect(percentOf({ exercised: 0, total: 0 })).toBe(0);
});

test.each<[Demand, boolean]>([
  [{ protocol: 'mnet', measure: 'rules', percent: 80 }, true],
  [{ protocol: 'mnet', measure: 'rules', percent: 81 }, false],
  [{ protocol: 'mnet', measure: 'transitions', percent: 40 }, true],
  [{ protocol: 'mnet', measure: 'transitions', percent: 41 }, false],
  [{ protocol: 'mnet', measure: 'messages', percent: 66 }, true],
  [{ protocol: 'mnet', measure: 'messages', percent: 67 }, false],
  [{ protocol: 'libipc', measure: 'rules', percent: 1 }, false],
  [{ protocol: 'libipc', measure: 'rules', percent: 0 }, true],
])('%j: %s', (demand, isMet) => {
  const lines = shortfalls(report(), [demand]);
  expect(lines).toHaveLength(isMet ? 0 : 1);
  for (const line of lines) expect(line).toContain(demand.protocol);
});

test('the whole of it reads like this', () => {
  const text = textReport(report({ findings: [], connections: [] }), { color: false, width: 80, coverage: true });
  expect(text.slice(text.indexOf('mnet rules'))).toBe(`\
mnet rules exercised: 4 of 5, 80 %
  1,200      mnet/tag-mismatch, broken 1
  1,200      mnet/length
  3          mnet/sequence-gap, inconclusive 2
  1          mnet/ambiguous-reading, broken 1
  0          mnet/bad-magic

mnet messages seen: 2 of 3, 66 %
  12,341     DATA
  4          INIT
  0          ABORT

mnet messages sent in each state:
  3          CLOSED
  12,342     ESTABLISHED

mnet transitions exercised: 12 of 30, 40 %
  3          connector: CLOSED -- INIT --> COOKIE-WAIT
  0          listener: CLOSED -- ABORT --> ABORTED

1 error, 1 warning, 1 info in 0 of 14 connections (1 inconclusive); 12,345 messages, 13,000 packets: violations
`);
});

test('rules that another dialect would bring into force are said to be off', async () => {
  const dormant = ['mnet/a', 'mnet/b'].map(id => ({ id, onlyWith: 'mnet.tags=sender' }));
  const changed = report({ findings: [], connections: [], protocols: [{ ...mnet, dormant }] });
  const text = textReport(changed, { color: false, width: 80, coverage: true });
  expect(text).toContain('  0          mnet/bad-magic\n  off        mnet/a, only with mnet.tags=sender\n');
  const html = await render('html', { report: changed });
  expect(html).toContain('<p>Off, in force only with mnet.tags=sender: mnet/a, mnet/b.</p>');
});
