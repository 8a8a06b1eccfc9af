/** Faults by chance, as a list: `drop=5%,delay=20ms±10,seed=7`. Each item is a fault of its own, for every unit. */
import { notAmong } from '../filter/words.ts';
import type { Action, Fault, Occasion, Sender } from './fault.ts';
import { delayOf, durationOf, probabilityOf, quoted, rateOf, refuse, type Word, wordsIn } from './phrase.ts';
import { seedOf } from './seed.ts';

interface Made {
  readonly action: Action;
  readonly chance?: number;
}

type Reader = (value: Word, further: readonly Word[]) => Made;

const byChance =
  (action: Action): Reader =>
  (value, further) => {
    nothing(further);
    return { action, chance: probabilityOf(value) };
  };

const READERS: Readonly<Record<string, Reader>> = {
  drop: byChance({ kind: 'drop' }),
  delay: (value, further) => {
    nothing(further);
    return { action: { kind: 'delay', ...delayOf(value) } };
  },
  duplicate: byChance({ kind: 'duplicate', copies: 1 }),
  reorder: byChance({ kind: 'reorder' }),
  corrupt: (value, [anywhere, ...further]) => {
    if (anywhere && anywhere.text !== 'anywhere')
      refuse(anywhere.at, `expected a comma, or corrupt=1% anywhere, found ${quoted(anywhere.text)}`);
    nothing(further);
    return { action: { kind: 'corrupt', anywhere: anywhere !== undefined }, chance: probabilityOf(value) };
  },
  rate: (value, further) => {
    nothing(further);
    return { action: { kind: 'rate', bytesPerSecond: rateOf(value), text: value.text } };
  },
  burst: (value, further) => {
    nothing(further);
    return { action: burstOf(value) };
  },
  trickle: (value, further) => {
    nothing(further);
    return { action: { kind: 'trickle', milliseconds: durationOf(value) } };
  },
  cut: byChance({ kind: 'cut' }),
  stall: byChance({ kind: 'stall' }),
  close: byChance({ kind: 'close', when: 'before' }),
  abort: byChance({ kind: 'abort', when: 'before' }),
};

const NAMES: readonly string[] = [...Object.keys(READERS), 'seed'];
const NAME = /^([A-Za-z]*)=/;
/** What other tools call them. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['loss', 'drop=5%'],
  ['latency', 'delay=20ms'],
  ['jitter', 'delay=20ms±10'],
  ['bandwidth', 'rate=1MB/s'],
  ['repeat', 'duplicate=5%'],
  ['swap', 'reorder=5%'],
]);

/** Whether a fault is meant as such a list, and not as one that is aimed. */
export function isRandom([first, second]: readonly Word[]): boolean {
  return first !== undefined && (/^[^"]*=/.test(first.text) || (second !== undefined && /^=(?!=)/.test(second.text)));
}

/**
 * @param text the whole fault
 * @param start where the list begins in it
 * @throws FilterError with a column of `text`
 */
export function randomFaults(text: string, start: number, from: Sender | undefined): Fault[] {
  const made = new Map<string, Made & { readonly cause: string }>();
  let seed: number | undefined;
  let at = start;
  for (const item of text.slice(start).split(',')) {
    const words = wordsIn(item, at);
    const [first, ...further] = words;
    if (!first) refuse(at, 'expected a fault such as drop=5%, and nothing stands here');
    at += item.length + 1;
    const name = NAME.exec(first.text)?.[1];
    if (name === undefined || first.text === `${name}=`) refuse(first.at, formOf(first.text.replace(/=$/, '')));
    if (!NAMES.includes(name)) refuse(first.at, unknown(name));
    if (made.has(name) || (name === 'seed' && seed !== undefined)) refuse(first.at, `${name} is here twice`);
    const value = { text: first.text.slice(name.length + 1), at: first.at + name.length + 1, end: first.end };
    if (name === 'seed') {
      nothing(further);
      seed = seedOf(value);
    } else made.set(name, { ...READERS[name](value, further), cause: words.map(word => word.text).join(' ') });
  }
  if (made.size === 0) refuse(start, 'no fault stands here; write drop=5%, or drop if type == DATA');
  return [...made.values()].map(({ action, chance, cause }) => {
    const occasion: Occasion = { perConnection: false, chance };
    return { cause: from ? `${from}: ${cause}` : cause, from, action, occasion, seed };
  });
}

function unknown(name: string): string {
  const known = ELSEWHERE.get(name);
  return known ? `unknown fault ${name}; write ${known}` : notAmong('fault', name, NAMES);
}

function formOf(name: string): string {
  if (name === 'seed') return 'write it in one word: seed=7';
  const example = ['delay', 'trickle'].includes(name) ? '20ms' : name === 'rate' ? '1MB/s' : '5%';
  if (NAMES.includes(name)) return `write it in one word: ${name}=${example}`;
  return `expected a fault such as drop=5%, found ${quoted(name)}`;
}

function nothing([word]: readonly Word[]): void {
  if (word) refuse(word.at, `expected a comma, found ${quoted(word.text)}`);
}

/** `1%/30%`, or with the loss while the channel is bad `1%/30%/90%`. */
function burstOf({ text, at }: Word): Action {
  const parts: Word[] = [];
  for (const { 0: part, index } of text.matchAll(/[^/]+/g))
    parts.push({ text: part, at: at + index, end: at + index + part.length });
  const [enter, leave, loss, more] = parts;
  if (!enter || !leave || more)
    refuse(
      at,
      `${quoted(text)}: write how likely a burst begins and ends with a unit, burst=1%/30%, and what it loses, burst=1%/30%/90%`,
    );
  const action = {
    kind: 'burst',
    enter: probabilityOf(enter),
    leave: probabilityOf(leave),
    loss: loss ? probabilityOf(loss) : 1,
  } as const;
  if (action.leave === 0 && action.enter > 0) refuse(leave.at, 'a burst that began would never end; stall does that');
  return action;
}
