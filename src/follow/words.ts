/** What the words of findings are made of, in whichever protocol: numbers as on the wire, counts, frames to look back to. */

/** `0x` and two digits a byte; `(not captured)` for -1. */
export function hex(value: number, bytes: number): string {
  return value < 0 ? '(not captured)' : `0x${value.toString(16).padStart(bytes * 2, '0')}`;
}

/** `1 byte`, `3 bytes`. */
export const bytesText = (count: number): string => `${count} ${count === 1 ? 'byte' : 'bytes'}`;

/** Frames that are known (not 0), each once, in ascending order. */
export function frames(...numbers: number[]): number[] {
  return [...new Set(numbers.filter(frame => frame > 0))].sort((a, b) => a - b);
}
