/**
 * Why something could not be judged: the kinds of doubt, each in a few words and with what its reader can do about it.
 * A connection carries its doubts as bits of one number; a report prints them as reasons beside an inconclusive verdict.
 */

export interface DoubtWords {
  /** Ends the sentence "inconclusive, because ...". */
  readonly because: string;
  /** What to do about it, as an order. */
  readonly advice: string;
}

/** In the order in which they are printed: what explains the others comes first. */
const WORDS = {
  midstream: {
    because: 'it began before the capture did',
    advice: 'start the capture before the programs, or say --midstream never where it is whole',
  },
  dropped: {
    because: 'the capturing host dropped packets',
    advice: 'capture with a larger buffer (tcpdump -B, dumpcap -B) or a narrower filter',
  },
  lossy: { because: '--capture lossy says that packets are missing', advice: 'leave it out to have signs decide' },
  disorder: {
    because: 'time stamps of the capture run backwards',
    advice: 'check it with --sort, or merge its parts with mergecap',
  },
  oneSided: {
    because: 'only one of its two directions was captured',
    advice: 'capture where both pass, or say --capture complete where the other was truly silent',
  },
  gap: {
    because: 'bytes of its stream were not captured',
    advice: 'capture nearer to an end, with a larger buffer (tcpdump -B)',
  },
  unseenBytes: {
    because: 'a TCP acknowledgement elsewhere in the capture covers bytes that were not captured',
    advice: 'capture with a larger buffer (tcpdump -B), or say --capture complete',
  },
  fragment: {
    because: 'an IP fragment between its hosts was not captured',
    advice: 'capture without a filter by port, which only first fragments pass',
  },
  cut: { because: 'the snap length cut its messages', advice: 'capture whole packets (tcpdump -s 0)' },
  excused: {
    because: 'both ends go on as if a message had been there that was not captured',
    advice: 'capture with a larger buffer (tcpdump -B), or say --capture complete where nothing is missing',
  },
  ended: { because: 'the capture, or its flow, ends before an answer was due', advice: 'capture for longer' },
  bound: { because: 'a bound was hit and something was forgotten', advice: 'raise it with --limit; the notes name it' },
  ambiguous: {
    because: 'what was seen has two readings, and one of them breaks nothing',
    advice: 'settle what the specification leaves open with --dialect, or capture from the beginning',
  },
} as const satisfies Readonly<Record<string, DoubtWords>>;

export type Doubt = keyof typeof WORDS;
export const DOUBTS = Object.keys(WORDS) as readonly Doubt[];

/** The bit of a doubt in a mask of them. */
export const doubtBit = (doubt: Doubt): number => 1 << DOUBTS.indexOf(doubt);

/** Why a connection is inconclusive. */
export interface Reason extends DoubtWords {
  readonly kind: Doubt;
}

/**
 * The reasons in a mask of doubts.
 * @param excuse in the words of the case, where something has excused a finding: `frame 12 acknowledges bytes that were ...`
 */
export function reasonsOf(mask: number, excuse?: string): readonly Reason[] {
  return DOUBTS.filter(doubt => mask & doubtBit(doubt)).map(kind => {
    const words = WORDS[kind];
    return kind === 'excused' && excuse ? { kind, because: excuse, advice: words.advice } : { kind, ...words };
  });
}

/**
 * What excuses a contradiction between messages that were seen, if a missed one may explain it: that one was missed, of these two
 * hosts, or that their order or one of their directions is not known.
 */
export const EXCUSES_WHAT_WAS_SEEN: readonly string[] = [
  'excused',
  'fragment',
  'disorder',
  'oneSided',
] satisfies Doubt[];
