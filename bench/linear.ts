/** How far what a size costs is from what a smaller one would let expect, if it grew in proportion. */

export interface Size {
  /** Units: connections, frames, captures, findings. */
  readonly size: number;
  /** Of all units, without what a run on next to nothing takes. */
  readonly cpuSeconds: number;
  /** Bytes. */
  readonly peakMemory: number | undefined;
}

/**
 * Above this part it is no longer called linear. Tables that outgrow the processor's caches make a unit dearer by half; what is
 * quadratic is ten times as dear at ten times the size.
 */
export const MOST_FROM_LINEAR = 2;

/** CPU time of a unit of the larger size as a part of that of the smaller one; 1 is linear. */
export function partFromLinear(smaller: Size, larger: Size): number {
  return larger.cpuSeconds / larger.size / (smaller.cpuSeconds / smaller.size);
}
