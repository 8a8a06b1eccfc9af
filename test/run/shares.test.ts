/** Shares of a capture's flows, put together, are the capture: byte by byte what a blob keeps of it, findings and listings and all. */
import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { placesOf } from '../kit/portion.ts';
import { divided, judgedWhole } from '../kit/shares.ts';

const OPTIONS = { ...DEFAULT_ENGINE_OPTIONS, protocols };
const FIXTURES = 'fixtures';
const captures = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.pcap(ng)?(\.gz)?$/.test(name))
  .filter(name => statSync(`${FIXTURES}/${name}`).size < 2 * 1024 * 1024);

/** Both where all sweeps are taken; otherwise the other of them for the next capture. */
const NUMBERS = [2, 5];
const cases = captures.map((name, turn) => ({
  name,
  numbers: placesOf(NUMBERS.length, 2, turn).map(place => NUMBERS[place]),
}));

test.each(cases)('$name in $numbers shares', async ({ name, numbers }) => {
  const open = () => openCapture(`${FIXTURES}/${name}`);
  const known = await judgedWhole(open, OPTIONS);
  for (const of of numbers) {
    const { whole, shares, reason } = await divided(open, OPTIONS, of, known);
    if (shares === undefined) console.log(name, of, reason);
    else if (shares !== whole) {
      expect(JSON.parse(shares)).toEqual(JSON.parse(whole));
      expect('order').toBe(shares);
    }
  }
});
