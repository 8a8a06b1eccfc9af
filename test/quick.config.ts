/**
 * `npm run test:quick`: what finds most of what a change breaks, in less than a minute on two cores. Captures of real programs with
 * what was worked out for them by hand, captures as users make them, one broken conversation for each rule of MNET, the commands,
 * panes of the terminal and whole runs of it, the house's own rules. Sweeps, sockets and the other programs are for `npm test`.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import whole from '../vitest.config.ts';

const PARTS = [
  'test/dissectors/filestorage/captures.test.ts',
  'test/dissectors/ministreaming/captures.test.ts',
  'test/dissectors/mnet/captures.test.ts',
  'test/dissectors/mnet/provocations.test.ts',
  'test/dissectors/mqtt/captures.test.ts',
  'test/field/field.test.ts',
  'test/engine.test.ts',
  'test/api.test.ts',
  'test/define',
  'test/filter',
  'test/cli/check.test.ts',
  'test/cli/dissect.test.ts',
  'test/cli/help.test.ts',
  'test/tui/panes',
  'test/tui/run.test.ts',
  'test/contract.test.ts',
  'test/imports.test.ts',
  'test/house.test.ts',
];

const gone = PARTS.filter(part => !existsSync(fileURLToPath(new URL(`../${part}`, import.meta.url))));
if (gone.length > 0) throw new Error(`test/quick.config.ts names what is not there: ${gone.join(', ')}`);

const quick = mergeConfig(whole, {});
quick.test.include = PARTS.map(part => (part.endsWith('.ts') ? part : `${part}/**/*.test.ts`));
export default quick;
