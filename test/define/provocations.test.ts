/** A defined protocol says how its rules are broken on purpose, as the tutorial's does. */
import kv from '../../examples/kv/src/index.ts';
import type { ReactionKind } from '../../src/report/interference.ts';
import { closing, type Line } from '../kit/filestorage.ts';
import { CLIENT, SERVER } from '../kit/guard-bench.ts';
import { describeProvocations, type Try } from '../kit/provoked.ts';

const says = (side: 0 | 1, hex: string): Line => {
  const message = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return { side, bytes: Uint8Array.of(0, message.length, ...message) };
};
const hello = says(CLIENT, '01 4b56 01');
const get = says(CLIENT, '02 0001 636f6c6f72');
const value = says(SERVER, '03 0001 677265656e');
const error = says(SERVER, '04 0001 02');
const talk = (lines: readonly Line[], reaction: ReactionKind): Try => {
  return { protocol: 'kv', plugins: [kv], isRecognised: true, lines: [...lines, ...closing], reaction };
};

describeProvocations(
  kv,
  { 'id-in-use': talk([hello, get, error, value], 'refused'), unsolicited: talk([hello, get, value], 'closed') },
  { malformed: 'left out of the tutorial', 'out-of-turn': 'left out of the tutorial' },
);
