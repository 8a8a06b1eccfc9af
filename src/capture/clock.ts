/**
 * Time stamps of pcapng: a 64-bit count of units that each interface chooses (if_tsresol, if_tsoffset), made into whole
 * seconds and nanoseconds without loss.
 *
 * A double holds 53 bits, and nanoseconds since 1970 need 61; a BigInt for each packet would cost more than the packet.
 * So for the resolutions that are in use the seconds are estimated in doubles, and the rest, which is less than 2^31,
 * computed modulo 2^32: it is exact, and tells by its sign whether the estimate was a second off. The others go through
 * BigInt.
 */

const NANOSECONDS = 1_000_000_000;
const TWO_32 = 0x1_0000_0000;
/** From here on the 11 bits that a double loses of the count are far less than a second. */
const MIN_FAST_UNITS = 1_000_000;
/** Up to here a rest that is a second off still has its sign. */
const MAX_FAST_UNITS = 2 ** 30;
/** if_tsresol: the finest powers whose units per second fit 64 bits, as in Wireshark. */
const MAX_DECIMAL_EXPONENT = 19;
const MAX_BINARY_EXPONENT = 63;
/** 10^9 is 5^9 * 2^9: times a fraction of 30 bits, 5^9 still gives an exact double. */
const FIVE_TO_THE_9 = 1_953_125;
/** 9999-12-31T23:59:59Z. What claims to be later is no time; it is held here, where it can still be written as a date. */
export const MAX_SECONDS = 253_402_300_799;

/** The clock of one interface. `read` leaves its result in `seconds` and `nanoseconds`. */
export class Clock {
  seconds = 0;
  nanoseconds = 0;
  /** Meaningful digits of the second's fraction, 0..9. */
  readonly digits: number;
  readonly #binary: boolean;
  readonly #exponent: number;
  readonly #unitsPerSecond: number;
  readonly #offset: number;

  /** `resolution` as if_tsresol has it, `offset` in seconds; both must be `isResolution` and finite. */
  constructor(resolution: number, offset: number) {
    this.#binary = (resolution & 0x80) !== 0;
    this.#exponent = resolution & 0x7f;
    this.#unitsPerSecond = (this.#binary ? 2 : 10) ** this.#exponent;
    this.#offset = offset;
    this.digits = Math.min(9, this.#binary ? Math.ceil(this.#exponent * Math.log10(2)) : this.#exponent);
  }

  /** Takes the upper and the lower 32 bits of the count. */
  read(high: number, low: number): void {
    const units = this.#unitsPerSecond;
    if (units < MIN_FAST_UNITS || units > MAX_FAST_UNITS) {
      this.#readExactly(high, low);
      return;
    }
    let seconds = Math.floor((high * TWO_32 + low) / units);
    let rest = (low - Math.imul(seconds, units)) | 0;
    if (rest < 0) {
      seconds--;
      rest += units;
    } else if (rest >= units) {
      seconds++;
      rest -= units;
    }
    this.#setSeconds(seconds);
    this.nanoseconds = this.#binary
      ? Math.floor((rest * FIVE_TO_THE_9) / 2 ** (this.#exponent - 9))
      : rest * (NANOSECONDS / units);
  }

  #readExactly(high: number, low: number): void {
    const count = (BigInt(high) << 32n) | BigInt(low);
    const units = this.#binary ? 1n << BigInt(this.#exponent) : 10n ** BigInt(this.#exponent);
    this.#setSeconds(Number(count / units));
    this.nanoseconds = Number(((count % units) * BigInt(NANOSECONDS)) / units);
  }

  #setSeconds(seconds: number): void {
    this.seconds = Math.min(Math.max(seconds + this.#offset, 0), MAX_SECONDS);
  }
}

export function isResolution(resolution: number): boolean {
  return (resolution & 0x7f) <= (resolution & 0x80 ? MAX_BINARY_EXPONENT : MAX_DECIMAL_EXPONENT);
}
