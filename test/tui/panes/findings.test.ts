import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FindingsInput, findingsPane } from '../../../src/tui/panes/findings.ts';
import { historyOf } from '../../kit/history.ts';
import { anySize, expectToFit, hostile, NARROW, roleOf, textOf, textsOf, WIDE } from './lines.ts';

const { history } = await historyOf('mnet/faults.pcap');
const input: FindingsInput = {
  history,
  order: history.findings.list.map((_, index) => index),
  top: 0,
  selected: 0,
  focused: true,
  empty: 'nothing',
  time: 'relative',
};

test('a row a finding: how bad, in which frame, which rule, in words', () => {
  const lines = textsOf(findingsPane(input, NARROW));
  expect(lines).toHaveLength(history.findings.list.length + 1);
  expect(lines[0].split(/ +/)).toEqual(['level', 'frame', 'time', 'conn', 'rule', 'message']);
  expect(lines[3]).toMatch(/^error +7 0\.205000 +1 mnet\/retransmit-differs +byte 29 of/);
  expect(lines[6]).toMatch(/^warn +23 0\.221000 +3 mnet\/handshake-incomplete +INIT has no answer/);
});

test('a wide pane has room for the time, who is at fault, and the whole sentence', () => {
  const lines = textsOf(findingsPane(input, WIDE));
  expect(lines[3]).toMatch(
    /^error +7 +0\.205000 +1 +10\.0\.0\.1:5000 +mnet\/retransmit-differs +byte 29 .* with another value$/,
  );
  expect(lines[1]).toMatch(/ nobody +mnet\/ambiguous-reading /);
});

test('the order is the one that is given, from the first row in sight on', () => {
  const lines = textsOf(findingsPane({ ...input, order: [5, 2, 3], top: 1 }, { width: 78, height: 2 }));
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('mnet/retransmit-differs');
});

test('severities have their colours', () => {
  const lines = findingsPane(input, NARROW);
  expect(roleOf(lines[1], 'info')).toBe('info');
  expect(roleOf(lines[3], 'error')).toBe('error');
  expect(roleOf(lines[6], 'warn')).toBe('warning');
});

describe('the selected row', () => {
  test.each([
    [true, 'focus'],
    [false, 'other'],
  ])('is set off, focused %s', (focused, selected) => {
    const lines = findingsPane({ ...input, focused, top: 1, selected: 3 }, NARROW);
    expect(lines.findIndex(line => line.selected === selected)).toBe(3);
    expect(textOf(lines[3])).toContain('mnet/ack-unsent');
  });
});

test('of several captures a frame says which one it is of', async () => {
  const { history: both } = await historyOf(['mnet/echo-small.pcap', 'mnet/faults.pcap']);
  const last = both.findings.list.length - 1;
  expect(textsOf(findingsPane({ ...input, history: both, order: [last] }, NARROW))[1]).toMatch(/^warn +2\/23 /);
});

test('without findings it says so', () => {
  expect(textsOf(findingsPane({ ...input, order: [] }, NARROW))[1]).toBe('nothing');
});

test('no line leaves the pane, whatever a finding says', async () => {
  const { history: filled } = await historyOf('mnet/echo-small.pcap');
  const [sample] = history.findings.list;
  fc.assert(
    fc.property(anySize, hostile, hostile, hostile, (size, message, ruleId, atFault) => {
      filled.findings.add({ ...sample, message, ruleId, atFault }, -1);
      const order = [filled.findings.list.length - 1];
      expectToFit(findingsPane({ ...input, history: filled, order }, size), size);
    }),
  );
});
