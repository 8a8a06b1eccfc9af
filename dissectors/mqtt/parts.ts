/** What a packet is made of, as the reader notes it: where it lies, and what is wrong with it. */

/** A part of the packet: offset of its first byte and bytes; offset -1 where it is not there, or not all of it was captured. */
export class Part {
  at = -1;
  length = 0;

  put(at: number, length: number): void {
    this.at = at;
    this.length = length;
  }
}

/** What is structurally wrong with a packet, the first of it; the rule of the same name reports it. */
export const FAULT = {
  NONE: 0,
  RESERVED_TYPE: 1,
  HEADER_FLAGS: 2,
  PUBLISH_QOS: 3,
  LENGTH: 4,
  CONNECT_PAYLOAD: 5,
  UTF8: 6,
  UTF8_NULL: 7,
  VARINT_NOT_MINIMAL: 8,
  PROPERTY_LENGTH: 9,
  PROPERTY_UNKNOWN: 10,
  PROPERTY_NOT_ALLOWED: 11,
  PROPERTY_REPEATED: 12,
  PROPERTY_VALUE: 13,
} as const;
export type Fault = (typeof FAULT)[keyof typeof FAULT];

/** One more than the highest identifier of a property. */
const IDENTIFIERS = 43;
/** Subscription Identifiers of one packet that are kept. */
const MOST_SUBSCRIPTION_IDS = 1024;

/** The properties of a packet or of a Will, as far as they were read. */
export class Properties {
  /** Behind the Property Length; `at` -1 where the packet has none. */
  readonly range: Part = new Part();
  /** How often each identifier is there, by identifier. */
  readonly count: Uint32Array = new Uint32Array(IDENTIFIERS);
  /** By identifier: the value of a number; of a string or bytes the length of its content, of a pair that of its name. */
  readonly value: Float64Array = new Float64Array(IDENTIFIERS);
  /** By identifier: where the content of a string or bytes begins, or the number does. The last one, of repeated ones. */
  readonly at: Int32Array = new Int32Array(IDENTIFIERS);
  /** Subscription Identifiers in order, as many as `count` says; more than 1,024 are not kept. */
  readonly subscriptionIds: number[] = [];
  /** Bytes that Reason String and User Properties take with their identifiers. */
  optionalBytes = 0;
  /** Whether anything but the range was written since it was last cleared. */
  #isUsed = false;

  has(property: number): boolean {
    return this.count[property] > 0;
  }

  clear(): void {
    this.range.put(-1, 0);
    if (!this.#isUsed) return;
    this.#isUsed = false;
    this.count.fill(0);
    this.subscriptionIds.length = 0;
    this.optionalBytes = 0;
  }

  /** Enters one that the table has. */
  enter(property: number, value: number, at: number): void {
    this.#isUsed = true;
    this.count[property]++;
    this.value[property] = value;
    this.at[property] = at;
  }

  enterSubscriptionId(value: number): void {
    if (this.subscriptionIds.length < MOST_SUBSCRIPTION_IDS) this.subscriptionIds.push(value);
  }
}

/** A filter of a SUBSCRIBE or UNSUBSCRIBE. */
export class FilterPart extends Part {
  /** Of a SUBSCRIBE; they stand behind the filter. */
  options = 0;
}
