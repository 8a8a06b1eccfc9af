/**
 * A place in a packet that goes forward as the fields are read. Three ends are kept apart: of what is read (the packet, or the
 * properties within it), beyond which a field breaks the form; of what was captured, beyond which nobody is to blame; and the
 * place where reading was stopped, behind which nothing is read at all. The first fault is kept, of whatever kind.
 *
 * Offsets count from the packet's first byte.
 */
import type { Message } from '../../src/sdk.ts';
import { FAULT, type Fault, Part } from './parts.ts';
import { checkText, TextCheck } from './strings.ts';
import { LEVEL } from './terms.ts';

/** Bytes of a Variable Byte Integer at most. */
const LONGEST_VARINT = 4;

/** Instead of a value that could not be read. */
export const MISSING = -1;

export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  at = 0;
  /** Where the packet ends, and what is read of it now. */
  length = 0;
  end = 0;
  /** Bytes that were captured. */
  captured = 0;
  /** 3, 4 or 5. */
  level = 4;
  fault: Fault = FAULT.NONE;
  readonly faulty: Part = new Part();
  control = -1;
  isCut = false;
  /** Nothing can be read any more. */
  isStopped = false;
  /** What it is when a field runs beyond the end. */
  overrun: Fault = FAULT.LENGTH;
  /** Bytes of the integer that `varint` read last. */
  varintLength = 0;
  readonly #check = new TextCheck();

  begin({ bytes, start, length, captured }: Message, level: number): void {
    this.bytes = bytes;
    this.start = start;
    this.at = 0;
    this.length = length;
    this.end = length;
    this.captured = captured;
    this.level = level;
    this.fault = FAULT.NONE;
    this.faulty.at = -1;
    this.faulty.length = 0;
    this.control = -1;
    this.isCut = false;
    this.isStopped = false;
    this.overrun = FAULT.LENGTH;
  }

  /** Notes a fault that does not hinder reading on. */
  note(fault: Fault, at: number, length: number): void {
    if (this.fault !== FAULT.NONE) return;
    this.fault = fault;
    this.faulty.put(at, length);
  }

  /** Notes a fault behind which nothing can be read. */
  stop(fault: Fault, at: number, length: number): void {
    this.note(fault, at, length);
    this.isStopped = true;
  }

  /** Reading ends: so much is not captured. */
  cut(): void {
    this.isCut = true;
    this.isStopped = true;
  }

  /** Whether so many bytes are there to be read; ends the reading if not. */
  hasNext(size: number): boolean {
    const end = this.at + size;
    if (end <= this.end && end <= this.captured && !this.isStopped) return true;
    if (this.isStopped) return false;
    if (end > this.end) this.stop(this.overrun, this.at, this.end - this.at);
    else this.cut();
    return false;
  }

  u8(): number {
    if (!this.hasNext(1)) return MISSING;
    return this.bytes[this.start + this.at++];
  }

  u16(): number {
    if (!this.hasNext(2)) return MISSING;
    const at = this.start + this.at;
    this.at += 2;
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  u32(): number {
    const high = this.hasNext(4) ? this.u16() : MISSING;
    return high < 0 ? MISSING : high * 0x1_0000 + this.u16();
  }

  /**
   * A Variable Byte Integer; noted where it is longer than it needs be in 5.0.
   * @param tooLong what it is when its fourth byte says that more follow
   */
  varint(tooLong: Fault): number {
    const from = this.at;
    let value = 0;
    for (let length = 1; length <= LONGEST_VARINT; length++) {
      const byte = this.u8();
      if (byte < 0) return MISSING;
      value |= (byte & 0x7f) << (7 * (length - 1));
      if (byte >= 0x80) continue;
      this.varintLength = length;
      if (byte === 0 && length > 1) this.#noteLong(from, length);
      return value;
    }
    this.stop(tooLong, from, LONGEST_VARINT);
    return MISSING;
  }

  /** Characters behind their length: false where they could not be read. Their form is noted where the version has rules for it. */
  string(into: Part): boolean {
    if (!this.binary(into)) return false;
    if (this.level !== LEVEL.V31) this.#checkText(into);
    return true;
  }

  /** Bytes behind their length. */
  binary(into: Part): boolean {
    const from = this.at;
    const length = this.u16();
    if (length < 0) return false;
    const end = this.at + length;
    if (end > this.end) {
      this.stop(this.overrun, from, this.end - from);
      return false;
    }
    if (end > this.captured) {
      this.cut();
      return false;
    }
    into.at = this.at;
    into.length = length;
    this.at = end;
    return true;
  }

  /** All that is left, captured or not. */
  rest(into: Part): void {
    into.put(this.at, this.end - this.at);
    if (this.end > this.captured) this.isCut = true;
    this.at = this.end;
  }

  #noteLong(at: number, length: number): void {
    if (this.level === LEVEL.V5) this.note(FAULT.VARINT_NOT_MINIMAL, at, length);
  }

  #checkText({ at, length }: Part): void {
    const check = this.#check;
    const from = this.start + at;
    checkText(this.bytes, from, from + length, check);
    if (check.control >= 0 && this.control < 0) this.control = check.control - this.start;
    if (check.at >= 0) this.note(check.isNull ? FAULT.UTF8_NULL : FAULT.UTF8, check.at - this.start, check.length);
  }
}
