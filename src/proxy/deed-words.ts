/** A deed of the proxy in words: for its log, the comments of the recording, and reports. */
import type { Deed } from '../lint/deed.ts';

/** @param unit what it is done to: `PUBLISH`, `12 bytes` @param later of a held unit: `after 3.2 s` */
export function wordsOf(deed: Deed, unit: string, later?: string): string {
  const when = later === undefined ? '' : ` ${later}`;
  switch (deed.kind) {
    case 'drop':
      return `dropped ${unit}${when}`;
    case 'delay':
      return `delayed ${unit} by ${round(deed.milliseconds)} ms`;
    case 'duplicate':
      return deed.copies === 1 ? `repeated ${unit}` : `repeated ${unit} ${deed.copies} times`;
    case 'reorder':
      return `swapped ${unit} with what came next`;
    case 'replace':
      return deed.how === 'corrupt' ? `corrupted ${unit}: ${deed.note}` : `changed ${unit}: ${deed.note}${when}`;
    case 'trickle':
      return `passed ${unit} on byte by byte, ${round(deed.milliseconds)} ms apart`;
    case 'cut':
      return `passed on ${deed.length} bytes of ${unit}, and closed the connection`;
    case 'stall':
      return `stalled at ${unit}: nothing of this direction is passed on any more`;
    case 'close':
      return `closed the connection ${deed.when === 'before' ? 'in place of' : 'after'} ${unit}`;
    case 'abort':
      return `aborted the connection ${deed.when === 'before' ? 'in place of' : 'after'} ${unit}`;
    case 'send':
      return `sent ${deed.note}`;
    case 'hold':
      return `forwarded ${unit}${when}`;
  }
}

/** For the recording. */
export function commentOf(words: string, cause: string): string {
  return `wirelint ${words} (${cause})`;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
