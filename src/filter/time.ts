/** Time since the beginning of a capture, or another moment, exact: seconds since 1970 with nanoseconds do not fit a double. */
import type { Timestamp } from '../lint/finding.ts';
import { type Decimal, decimal } from './decimal.ts';

const NANOSECONDS = 1_000_000_000n;

/** Seconds from `origin` to `time`; negative where frames are not in the order of their times. */
export function elapsed(origin: Timestamp, { seconds, nanoseconds }: Timestamp): Decimal {
  const whole = BigInt(seconds - origin.seconds) * NANOSECONDS;
  return decimal(`${whole + BigInt(nanoseconds - origin.nanoseconds)}e-9`)!;
}
