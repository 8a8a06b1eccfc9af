/**
 * The time of what happens now, for those who run a proxy: the command line and the package's functions. Nobody else asks
 * for it, as captures bring their own.
 */

/** Milliseconds since the Unix epoch, as fine as the system tells them; never runs backwards. */
export function wallTime(): number {
  return performance.timeOrigin + performance.now();
}
