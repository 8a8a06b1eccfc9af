/**
 * Faults as people write them, `--fault 'drop=5%,delay=20ms'`, read into a plan: the name of who sends, if any, and then a list
 * of faults by chance (random.ts) or one that is aimed (aimed.ts). All that can be wrong with them is found here, before
 * anything passes.
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import { nearest } from '../settings/nearest.ts';
import { UsageError } from '../settings/words.ts';
import { aimedFault } from './aimed.ts';
import type { Fault, Sender, SetField } from './fault.ts';
import { quoted, refuse, wordsIn } from './phrase.ts';
import { FaultPlan } from './plan.ts';
import { isRandom, randomFaults } from './random.ts';
import { DEFAULT_SEED } from './seed.ts';

export interface FaultOptions {
  /** Of all faults that have none of their own; the scenario's, or `DEFAULT_SEED`, if undefined. */
  readonly seed?: number | undefined;
  /** What reads `set`; it is refused if undefined. */
  readonly setField?: SetField | undefined;
  /** The option that the texts were given with; `--fault` if undefined. */
  readonly option?: string | undefined;
}

/**
 * @param texts as `--fault` takes them
 * @throws UsageError of one line for the first one that is wrong: what, at which column, and what is known
 */
export function parseFaults(
  texts: readonly string[],
  catalogue: FieldCatalogue,
  options: FaultOptions = {},
): FaultPlan {
  const { option = '--fault', seed = DEFAULT_SEED, setField } = options;
  const faults = texts.flatMap(text => {
    try {
      return faultsOf(text, catalogue, setField);
    } catch (error) {
      if (error instanceof FilterError) throw new UsageError(`${option} ${text}: ${error.message}`, error.message);
      throw error;
    }
  });
  return new FaultPlan(faults, seed);
}

const SENDERS: readonly Sender[] = ['client', 'server'];
const SENDER = /^\s*([A-Za-z]+):/;

/**
 * The faults of one text: several where it is a list.
 * @throws FilterError with a column of the text
 */
export function faultsOf(text: string, catalogue: FieldCatalogue, setField: SetField = noSetting): Fault[] {
  const named = SENDER.exec(text);
  const start = named?.[0].length ?? 0;
  const from = named ? senderOf(named[1], named[0].length - named[1].length - 1) : undefined;
  const words = wordsIn(text.slice(start), start);
  if (words.length === 0) refuse(start, 'no fault stands here; write drop=5%, or drop if type == DATA');
  return isRandom(words) ? randomFaults(text, start, from) : [aimedFault(text, words, from, catalogue, setField)];
}

function senderOf(name: string, at: number): Sender {
  const found = SENDERS.find(candidate => candidate === name);
  if (found) return found;
  const near = nearest(name, SENDERS);
  return refuse(at, `unknown sender ${quoted(name)}; ${near ? `did you mean ${near}?` : 'known: client, server'}`);
}

const noSetting: SetField = () => refuse(0, 'set is not known here');
