import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import type { Finding } from '../../../src/lint/finding.ts';
import { catalogues } from '../../../src/protocol/carrier.ts';
import { type FindingInput, findingHeight, findingPane } from '../../../src/tui/panes/finding.ts';
import { historyOf } from '../../kit/history.ts';
import { anySize, expectToFit, hostile, NARROW, textOf, textsOf, WIDE } from './lines.ts';

const { history } = await historyOf('mnet/faults.pcap');
const rules = catalogues(protocols).flatMap(catalogue => catalogue.rules);
const TALL = { width: 78, height: 60 };

function inputFor(ruleId: string): FindingInput {
  const finding = history.findings.list.find(each => each.ruleId === ruleId)!;
  return { history, finding, rule: rules.find(({ id }) => id === ruleId), top: 0, focused: false };
}

const differs = inputFor('mnet/retransmit-differs');

describe('a finding', () => {
  const lines = textsOf(findingPane(differs, TALL));

  test('is named with its severity, rule, frame and time, and described in a sentence', () => {
    expect(lines[0]).toBe('error  mnet/retransmit-differs  frame 7  2023-11-14T22:13:20.206000Z');
    expect(lines[1]).toBe('byte 29 of the stream was sent before with another value');
  });

  test('comes with all that stands in the report', () => {
    for (const line of [
      'expected  the bytes that were sent first',
      'actual    other bytes from byte 29 on',
      'at fault  10.0.0.1:5000, the client',
      'clause    MNET protocol, version 1: DATA, Application Data',
      'message   DATA, 10.0.0.1:5000 -> 10.0.0.9:26999, sent in ESTABLISHED',
      'conn      mnet 1, 11 messages, CLOSED, violations',
      'see also  frame 5',
    ]) {
      expect(lines).toContain(line);
    }
  });

  test('says what the specification demands, where its rule does', () => {
    expect(textsOf(findingPane(inputFor('mnet/data-after-shutdown'), TALL))).toContain(
      'says      A host that has sent SHUTDOWN can no longer send new DATA.',
    );
    expect(lines.filter(line => line.startsWith('says'))).toEqual([]);
  });

  test('of a rule with several editions has the clause of each below the rule', () => {
    const clause = [
      { clause: '4', edition: '1', says: 'It is so.' },
      { clause: '4.2', edition: '2' },
    ];
    const texts = textsOf(findingPane({ ...differs, rule: { ...differs.rule!, clause } }, TALL));
    expect(texts).toContain('  MNET protocol, version 1: 4 (1): It is so.');
    expect(texts).toContain('  MNET protocol, version 1: 4.2 (2)');
  });

  test('shows the bytes, the offending ones marked by colour and by carets', () => {
    const row = lines.findIndex(line => line.startsWith('  0010  9b a2 a9 b0 b7 be c5 ec d3 da'));
    expect(lines[row + 1].indexOf('^^')).toBe(lines[row].indexOf('ec'));
    const { spans } = findingPane(differs, TALL)[row];
    expect(spans.filter(({ role }) => role === 'error').map(({ text }) => text)).toEqual(['ec', '.']);
  });

  test('is followed by its rule: why it matters, an example, how to set its severity', () => {
    const { rule } = differs;
    expect(lines).toContain('Why it matters');
    expect(lines.join(' ').replace(/ +/g, ' ')).toContain(rule!.why);
    expect(lines).toContain(`  ${rule!.example}`);
    expect(lines.at(-1)).toBe('  --rule mnet/retransmit-differs=off|info|warning|error');
  });

  test('that blames nobody says so, and one of an unknown rule goes without explanation', () => {
    const remark = textsOf(findingPane(inputFor('mnet/ambiguous-reading'), TALL));
    expect(remark).toContain('at fault  nobody');
    expect(textsOf(findingPane({ ...differs, rule: undefined }, TALL))).not.toContain('Why it matters');
  });

  test('of one capture among several names it', async () => {
    const { history: both } = await historyOf(['mnet/echo-small.pcap', 'mnet/faults.pcap']);
    const finding = both.findings.list.at(-1)!;
    const texts = textsOf(findingPane({ ...differs, history: both, finding }, TALL));
    expect(texts).toContain('capture   fixtures/mnet/faults.pcap');
  });
});

describe('the bytes', () => {
  const excerptOf = (finding: Partial<Finding>, width: number) =>
    textsOf(
      findingPane({ ...differs, rule: undefined, finding: { ...differs.finding, ...finding } }, { width, height: 60 }),
    );
  const excerpt = { offset: 16, bytes: Uint8Array.from({ length: 128 }, (_, at) => at + 16), messageLength: 500 };
  const rowsOf = (lines: readonly string[]) => lines.filter(line => /^ {2}[0-9a-f]{4} {2}/.test(line));

  test('stand 16, 8 or 4 in a row as there is room', () => {
    const first = (width: number) =>
      rowsOf(excerptOf({ excerpt: { ...excerpt, position: -1 }, bytes: null }, width))[0];
    expect(first(78)).toMatch(/^ {2}0010 {2}10 11 .* 1f {2}\.{16}$/);
    expect(first(60)).toMatch(/^ {2}0010 {2}10 11 .* 17 {2}\.{8}$/);
    expect(first(30)).toMatch(/^ {2}0010 {2}10 11 12 13 {2}\.{4}$/);
  });

  test('are those in the rows of the offending ones, and a row on either side', () => {
    const lines = excerptOf({ excerpt: { ...excerpt, position: -1 }, bytes: { offset: 70, length: 2 } }, 78);
    expect(rowsOf(lines).map(line => line.slice(2, 6))).toEqual(['0030', '0040', '0050']);
  });

  test('that go on behind the excerpt are said to', () => {
    const lines = excerptOf({ excerpt: { ...excerpt, position: -1 }, bytes: { offset: 140, length: 60 } }, 78);
    expect(lines).toContain('  (the offending bytes extend to 200)');
  });

  test('that are missing are marked by the place where they should be', () => {
    const lines = excerptOf({ excerpt: { ...excerpt, position: -1 }, bytes: { offset: 33, length: 0 } }, 78);
    const row = lines.findIndex(line => line.startsWith('  0020'));
    expect(lines[row + 1].trim()).toBe('^');
    expect(lines[row + 1].indexOf('^')).toBe(lines[row].indexOf('21'));
  });
});

describe('the window', () => {
  test('scrolls, says how much is below, and stops at the end', () => {
    const whole = textsOf(findingPane(differs, TALL));
    const height = findingHeight(differs, 78);
    expect(whole).toHaveLength(height);
    const scrolled = textsOf(findingPane({ ...differs, top: 3 }, { width: 78, height: 8 }));
    expect(scrolled.slice(0, 7)).toEqual(whole.slice(3, 10));
    expect(scrolled[7]).toBe(`... ${height - 10} more lines: Tab, then j`);
    const focused = textsOf(findingPane({ ...differs, top: 3, focused: true }, { width: 78, height: 8 }));
    expect(focused[7]).toBe(`... ${height - 10} more lines`);
    expect(textsOf(findingPane({ ...differs, top: 999 }, { width: 78, height: 8 }))).toEqual(whole.slice(-8));
  });

  test('in a narrow pane puts the place below the name', () => {
    const lines = textsOf(findingPane(differs, { width: 38, height: 60 }));
    expect(lines[0]).toBe('error  mnet/retransmit-differs');
    expect(lines[1]).toMatch(/^frame 7 {2}2023/);
  });

  test.each([NARROW, WIDE])('every finding and rule fits into %j', size => {
    for (const { ruleId } of history.findings.list) expectToFit(findingPane(inputFor(ruleId), size), size);
  });

  test('no line leaves it, whatever the finding says', () => {
    fc.assert(
      fc.property(anySize, hostile, hostile, hostile, fc.nat(20), (size, message, expected, to, top) => {
        const spec = { ...differs.finding.spec, says: message };
        const finding = { ...differs.finding, message, expected, to, atFault: to, messageName: expected, spec };
        const rule = { ...differs.rule!, why: message, example: expected };
        const lines = findingPane({ ...differs, finding, rule, top }, size);
        expectToFit(lines, size);
        expect(lines.map(textOf).length).toBe(
          Math.min(size.height, findingHeight({ history, finding, rule }, size.width)),
        );
      }),
    );
  });
});
