/** Bounds that ministreaming sessions run into are reported by name. */
import { describe, expect, test } from 'vitest';
import { judge, link } from '../../kit/ministreaming.ts';

const links = Array.from({ length: 4 }, (_, i) => link('ann', 1_000 + i, 2_000 + i));
const lines = links.flatMap(m => [m.syn(), m.ack()]);
const hit = (bound: string, times: string) =>
  `ministreaming: --limit ${bound} was hit ${times}; what needed more could not be judged`;

describe('a bound', () => {
  test('on the connections of a session', () => {
    const { report, broken } = judge(lines, { limits: { 'session-connections': 3 } });
    expect(report.notes).toEqual([hit('session-connections=3', 'once')]);
    expect(broken).toEqual([]);
  });

  test('on those of all sessions', () => {
    expect(judge(lines, { limits: { flows: 2 } }).report.notes).toEqual([hit('flows=2', '2 times')]);
  });

  test('that is just met is not hit', () => {
    expect(judge(lines, { limits: { 'session-connections': 4, flows: 4 } }).report.notes).toEqual([]);
  });
});
