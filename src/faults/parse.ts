/**
 * Faults as people write them, `--fault 'drop=5%,delay=20ms'`, read into a plan: the name of who sends, if any, and then a list
 * of faults by chance (random.ts) or one that is aimed (aimed.ts). All that can be wrong with them is found here, before
 * anything passes.
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import { nearest } from '../settings/nearest.ts';
import { UsageError } from '../settings/words.ts';
import { visible } from '../wire/escape.ts';
import { aimedFault } from './aimed.ts';
import { type Fault, type MessageReaders, type Occasion, SENDERS, type Sender } from './fault.ts';
import { conditionOf, selectionOf, selectorsFrom } from './occasion.ts';
import { quoted, refuse, wordsIn } from './phrase.ts';
import { FaultPlan } from './plan.ts';
import { isRandom, randomFaults } from './random.ts';
import { DEFAULT_SEED } from './seed.ts';
import type { Scenario } from './step.ts';

export interface FaultOptions extends MessageReaders {
  /** Of all faults that have none of their own; the scenario's, or `DEFAULT_SEED`, if undefined. */
  readonly seed?: number | undefined;
  /** The option that the texts were given with; `--fault` if undefined. */
  readonly option?: string | undefined;
  /** Faults that come and go, beside those of the texts. */
  readonly scenario?: Scenario | undefined;
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
  const { option = '--fault', scenario } = options;
  const seed = options.seed ?? scenario?.seed ?? DEFAULT_SEED;
  const reader = new FaultReader(catalogue, options, option);
  const faults = texts.flatMap(text => reader.faults(text));
  return new FaultPlan(faults, seed, scenario);
}

/** Reads faults and conditions for those who have them from somewhere. */
export class FaultReader {
  readonly #catalogue: FieldCatalogue;
  readonly #readers: MessageReaders;
  readonly #option: string;

  /** @param option what complaints begin with, before the text; their advice is without both */
  constructor(catalogue: FieldCatalogue, readers: MessageReaders, option: string) {
    this.#catalogue = catalogue;
    this.#readers = readers;
    this.#option = option;
  }

  /** @throws UsageError */
  faults(text: string): readonly Fault[] {
    const faults = this.#read(text, () => faultsOf(text, this.#catalogue, this.#readers));
    return faults.map(fault => ({ ...fault, cause: visible(fault.cause) }));
  }

  /** A filter, and words that pick among what matches, but for chance. @throws UsageError */
  condition(text: string): Occasion {
    return this.#read(text, () => {
      const words = wordsIn(text);
      const pickers = words.slice(selectorsFrom(words, this.#catalogue));
      const condition = conditionOf(text, words.slice(0, words.length - pickers.length), this.#catalogue);
      if (!condition) refuse(0, 'expected a filter: type == DATA nth=3');
      const { seed, ...selection } = selectionOf(pickers);
      const byChance = pickers.find(word => /^(p|seed)=/.test(word.text));
      if (byChance) refuse(byChance.at, 'a step does not begin or end by chance');
      return { ...selection, condition };
    });
  }

  #read<T>(text: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      throw new UsageError(visible(`${this.#option} ${text}: ${error.message}`), visible(error.message));
    }
  }
}

const SENDER = /^\s*([A-Za-z]+):/;

/**
 * The faults of one text: several where it is a list.
 * @throws FilterError with a column of the text
 */
function faultsOf(text: string, catalogue: FieldCatalogue, readers: MessageReaders): Fault[] {
  const named = SENDER.exec(text);
  const start = named?.[0].length ?? 0;
  const from = named ? senderOf(named[1], named[0].length - named[1].length - 1) : undefined;
  const words = wordsIn(text.slice(start), start);
  if (words.length === 0) refuse(start, 'no fault stands here; write drop=5%, or drop if type == DATA');
  return isRandom(words) ? randomFaults(text, start, from) : [aimedFault(text, words, from, catalogue, readers)];
}

function senderOf(name: string, at: number): Sender {
  const found = SENDERS.find(candidate => candidate === name);
  if (found) return found;
  const near = nearest(name, SENDERS);
  return refuse(at, `unknown sender ${quoted(name)}; ${near ? `did you mean ${near}?` : 'known: client, server'}`);
}
