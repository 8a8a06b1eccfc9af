/** What the rules of form share: how they cite both versions, which packets they ask, and how they show bytes. */
import {
  BROKEN,
  bytesText,
  type Clause,
  type Evidence,
  INCONCLUSIVE,
  type Message,
  type Outcome,
  PASS,
  SKIP,
  UNKNOWN_MESSAGE,
  visible,
} from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, type Packet, type Part } from '../packet.ts';
import { LEVEL, TYPE, V5, V311, type Version } from '../terms.ts';

/** Names of all packets, and of those that are none. */
export const PACKETS: readonly string[] = Object.keys(TYPE);
export const ANY: readonly string[] = [...PACKETS, UNKNOWN_MESSAGE];

export function allBut(...names: readonly (keyof typeof TYPE)[]): readonly string[] {
  return PACKETS.filter(name => !names.some(other => other === name));
}

/**
 * Statements of each version that requires it, and which version a fault is judged by.
 * @param statements `2.2.2-1, §2.1`: statement numbers and sections
 * @param says one sentence
 */
export function cites(says: string, statements: Partial<Record<Version, string>>) {
  const clause = ([V311, V5] as const).flatMap((edition): Clause[] => {
    const listed = statements[edition];
    return listed === undefined ? [] : [{ edition, clause: listed.replace(/(?<=^|, )(?=\d)/g, 'MQTT-'), says }];
  });
  return { clause, editionHere: ({ packet }: Formed): Version => (packet.level === LEVEL.V5 ? V5 : V311) };
}

type Check = (formed: Formed) => Outcome;

/** Of a fault that the reader notes: of the first alone, for what follows it may not have been read. */
export function hasFault(fault: number): Check {
  return ({ packet }) => {
    if (packet.fault === fault) return BROKEN;
    if (packet.fault !== FAULT.NONE || packet.isOfUnknownVersion) return SKIP;
    return packet.isHeadCut ? INCONCLUSIVE : PASS;
  };
}

/** Of what 5.0 alone requires. */
export const inV5 =
  (check: Check): Check =>
  formed =>
    formed.packet.level === LEVEL.V5 ? check(formed) : SKIP;

/** Of what MQTT 3.1 does not require. */
export const notIn31 =
  (check: Check): Check =>
  formed =>
    formed.packet.level === LEVEL.V31 ? SKIP : check(formed);

/** Of a part that may be missing for the capture's sake, or because the packet has none. */
export function broken(packet: Packet, isThere: boolean, isBroken: boolean): Outcome {
  if (!isThere) return packet.isHeadCut ? INCONCLUSIVE : SKIP;
  return isBroken ? BROKEN : PASS;
}

export function range({ at, length }: Part) {
  return { offset: at, length };
}

export const faultRange = ({ faulty }: Packet) => range(faulty);

/** Of a packet whose fields do not end where it does. */
export function lengthWords(packet: Packet): Evidence {
  const { faulty, isTooLong } = packet;
  const size = bytesText(faulty.length);
  return {
    message: isTooLong
      ? `${size} left over after the last field of ${nameOf(packet)}`
      : `${nameOf(packet)} ends inside a field, or before one that it must have`,
    expected: 'a packet that ends with its last field',
    actual: isTooLong ? `${size} left over` : `${size} for a field that has more`,
    bytes: faultRange(packet),
  };
}

/** Bytes that people are shown of one part. */
const MOST_SHOWN = 40;

/** `"a/b"`, shortened where it is long. */
export function textIn(message: Message, { at, length }: Part): string {
  const bytes = message.copy(at, at + Math.min(length, MOST_SHOWN));
  const text = visible(new TextDecoder().decode(bytes));
  return `"${text}${length > MOST_SHOWN ? '...' : ''}"`;
}

/** `00 ff`, shortened where they are many. */
export function bytesIn(message: Message, { at, length }: Part): string {
  const bytes = message.copy(at, at + Math.min(length, MOST_SHOWN));
  const text = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ');
  return `${text || 'nothing'}${length > MOST_SHOWN ? ' ...' : ''}`;
}

/** `0010` */
export function bitsText(value: number, width: number): string {
  return value.toString(2).padStart(width, '0');
}

const NAMES: readonly (string | undefined)[] = Array.from(
  { length: 16 },
  (_, type) => Object.entries(TYPE).find(([, code]) => code === type)?.[0],
);

/** `PUBLISH`; `type 0` of none. */
export function nameOf({ type }: Packet): string {
  return NAMES[type] ?? `type ${type}`;
}
