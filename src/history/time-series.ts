/**
 * Messages, bytes and findings over the time of a run, in a bounded number of slots: when time goes beyond the last one,
 * slots are joined in pairs and each stands for twice as long. What lies before the first slot is counted in it.
 */
import type { Timestamp } from '../lint/finding.ts';

const SLOTS = 512;
const FIRST_WIDTH = 0.001;

export class TimeSeries {
  /** Slots in use. */
  slots = 0;
  secondsPerSlot = FIRST_WIDTH;
  readonly messages = new Float64Array(SLOTS);
  /** Of messages. */
  readonly bytes = new Float64Array(SLOTS);
  readonly findings = new Float64Array(SLOTS);
  #start: Timestamp | undefined = undefined;

  /** Beginning of the first slot. */
  get start(): Timestamp {
    return this.#start ?? { seconds: 0, nanoseconds: 0 };
  }

  message(seconds: number, nanoseconds: number, bytes: number): void {
    const slot = this.#slot(seconds, nanoseconds);
    this.messages[slot]++;
    this.bytes[slot] += bytes;
  }

  finding({ seconds, nanoseconds }: Timestamp): void {
    this.findings[this.#slot(seconds, nanoseconds)]++;
  }

  #slot(seconds: number, nanoseconds: number): number {
    this.#start ??= { seconds, nanoseconds };
    const elapsed = seconds - this.#start.seconds + (nanoseconds - this.#start.nanoseconds) * 1e-9;
    while (elapsed >= SLOTS * this.secondsPerSlot) this.#join();
    const slot = Math.max(0, Math.floor(elapsed / this.secondsPerSlot));
    if (slot >= this.slots) this.slots = slot + 1;
    return slot;
  }

  #join(): void {
    for (const counts of [this.messages, this.bytes, this.findings]) {
      for (let slot = 0; slot < SLOTS / 2; slot++) counts[slot] = counts[slot * 2] + counts[slot * 2 + 1];
      counts.fill(0, SLOTS / 2);
    }
    this.secondsPerSlot *= 2;
    this.slots = Math.ceil(this.slots / 2);
  }
}
