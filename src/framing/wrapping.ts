/** What framings share that put messages on the wire (`Framing.wrap`). */

/** @throws RangeError for a length that the framing of this name cannot say */
export function sayable(framing: string, length: number, most: number): number {
  if (length >= 0 && length <= most) return length;
  if (length > most) throw new RangeError(`${length} bytes are more than ${framing} can say`);
  throw new RangeError(`${framing} does not count ${-length} bytes more than the message has`);
}

/** The content behind so many bytes of a sample; zeros where that has fewer. */
export function behindHead(content: Uint8Array, sample: Uint8Array, hidden: number): Uint8Array {
  const wire = new Uint8Array(hidden + content.length);
  wire.set(sample.subarray(0, hidden));
  wire.set(content, hidden);
  return wire;
}
