/**
 * Random conversations with one fault a time, judged by the engine and by the second reading of the catalogue that
 * `random-world.ts` and `random-faults.ts` are. `MNET_RANDOM=10000` judges so many, `MNET_SEED=7` begins there.
 */
import { describe, expect, it } from 'vitest';
import { judge, type Line } from '../../kit/mnet.ts';
import { randomConversation } from './random-conversations.ts';

const COUNT = Number(process.env.MNET_RANDOM ?? 150);
const FIRST_SEED = Number(process.env.MNET_SEED ?? 1);

/** One line a frame: who, when, the bytes. */
function listing(lines: readonly Line[]): string {
  let seconds = 0;
  return lines
    .map(({ from, bytes, after = 0, connector = '' }, index) => {
      if (index > 0) seconds += after;
      const who = `${from === 'connector' ? '>' : '<'}${connector.split(':')[1] ?? ''}`;
      const text = Buffer.from(bytes.subarray(0, 32)).toString('hex');
      return `${index + 1} ${seconds.toFixed(3)} ${who} ${bytes.length} ${text}`;
    })
    .join('\n');
}

describe('random conversations with one fault', () => {
  it(`gives exactly the findings that the catalogue demands, ${COUNT} times`, { timeout: 3_600_000 }, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      const { lines, expected, options, description } = randomConversation(seed);
      const broken = judge(lines, options)
        .findings.filter(({ severity }) => severity !== 'info')
        .map(({ ruleId, frame }) => ({ rule: ruleId, frame }))
        .sort((a, b) => a.frame - b.frame || (a.rule < b.rule ? -1 : 1));
      expect(broken, `seed ${seed}: ${description}\n${listing(lines)}`).toEqual(expected);
    }
  });
});
