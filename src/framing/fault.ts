/**
 * A framing that does not do what its contract says. That is never a peer's fault, whatever bytes brought it about: it
 * is no finding, and ends the run.
 */
import type { Framing } from './framing.ts';

export class FramingFault extends Error {
  override readonly name = 'FramingFault';

  /**
   * @param protocol id of the one that was cut by it
   * @param what is wrong, in words that follow a colon
   * @param cause what the framing itself threw
   */
  constructor({ id }: Pick<Framing, 'id'>, protocol: string, what: string, cause?: unknown) {
    super(`framing ${id} of protocol ${protocol}: ${what}`, { cause });
  }
}

/** An answer as the message can hold it. */
export function answered(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return value === null || ['number', 'undefined', 'boolean'].includes(typeof value)
    ? String(value)
    : `a ${typeof value}`;
}

/** What was thrown, on one line. */
export function thrown(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n', 1)[0]!;
}

/** The first bytes that it was asked about, in hex. */
export function bytesAt(bytes: Uint8Array, at: number, end: number): string {
  const shown = Buffer.from(bytes.subarray(at, Math.min(end, at + MOST_SHOWN))).toString('hex');
  return end - at > MOST_SHOWN ? `${shown}...` : shown;
}

const MOST_SHOWN = 16;
