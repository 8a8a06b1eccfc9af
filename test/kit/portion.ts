/**
 * How much of a sweep a run takes. A sweep goes through every place of a conversation, or through many cases at random, and most
 * of them differ in nothing that matters from those beside them. So a run takes some, other places for each conversation, and
 * `WIRELINT_SWEEPS=all` takes them all.
 */
const ALL = process.env.WIRELINT_SWEEPS === 'all';
/** Cases at random that any property is tried with. */
const FEWEST = 50;

/**
 * Places from `first` up to and without `end`: one of each `step`, all where all are asked for.
 *
 * @param turn a number of the conversation: places begin at another one for the next
 */
export function placesOf(end: number, step: number, turn: number, first = 0): readonly number[] {
  const stride = ALL ? 1 : step;
  const begin = first + (turn % stride);
  return Array.from({ length: Math.max(0, Math.ceil((end - begin) / stride)) }, (_, index) => begin + index * stride);
}

/** What stands for its kind: the first of each, all where all are asked for. */
export function oneOfEach<Each>(all: readonly Each[], kindOf: (each: Each) => string): readonly Each[] {
  if (ALL) return all;
  const first = new Map<string, Each>();
  for (const each of all) if (!first.has(kindOf(each))) first.set(kindOf(each), each);
  return [...first.values()];
}

/**
 * A quarter of so many cases at random, but fifty at least; all of them where all are asked for.
 *
 * @param fewest in place of the fifty, where as many conversations are tried that they come together nevertheless
 */
export function casesOf(all: number, fewest = FEWEST): number {
  return ALL ? all : Math.min(all, Math.max(fewest, Math.ceil(all / 4)));
}
