/** Where a packet stands in the capture, for what answers it later. */
import type { EarlierMessage, Message } from '../../src/sdk.ts';

export type Place = { -readonly [Key in keyof EarlierMessage]: EarlierMessage[Key] };

/** @param from the packet in hand, or what is remembered of one */
export function copyPlace(from: EarlierMessage | Message, into: Place): void {
  into.ordinal = from.ordinal;
  into.frame = from.frame;
  into.seconds = from.seconds;
  into.nanoseconds = from.nanoseconds;
}
