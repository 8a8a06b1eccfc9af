/**
 * Times as reports print them: ISO 8601 in UTC, with as many digits as the capture's own precision. More digits would
 * claim what was not measured; fewer would make two packets of one microsecond look simultaneous.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Timestamp } from '../lint/finding.ts';

/** ECMAScript dates end 100,000,000 days from the epoch, in the year 275760. */
const LAST_SECOND = 8_640_000_000_000;

/**
 * @param digits of the second's fraction to print, 0..9
 *
 * A capture may state a time that no calendar holds (pcapng counts up to 2^64 ticks): it prints as seconds since the
 * epoch, the way GNU date spells them: `@18446744073709.551615`.
 */
export function isoTime(time: Timestamp, digits: number): string {
  const fraction = digits === 0 ? '' : `.${String(time.nanoseconds).padStart(9, '0').slice(0, digits)}`;
  if (!(time.seconds <= LAST_SECOND)) return `@${time.seconds}${fraction}`;
  return `${new Date(time.seconds * 1000).toISOString().slice(0, -5)}${fraction}Z`;
}

/**
 * The precision to print one time with while its capture is still being read and its precision is not known: that of
 * classic pcap, or nanoseconds where there are any. It depends on the time alone, never on how much was read.
 */
export function ownDigits(time: Timestamp): number {
  return time.nanoseconds % 1000 === 0 ? 6 : 9;
}

/** The precision of a capture's times; interfaces of one capture may differ, then the finest. */
export function captureDigits(facts: CaptureFacts | undefined): number {
  return Math.max(facts?.firstTime?.digits ?? 0, facts?.lastTime?.digits ?? 0);
}
