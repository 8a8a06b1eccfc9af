/**
 * What is remarkable about the form of a packet, so that the rules of form need not all be asked about each
 * (`Rule.when`). Of the packets that most traffic is made of the remarks are exact; of all others everything is remarkable.
 */
import type { Formed } from './formed.ts';
import type { Packet } from './packet.ts';
import { LEVEL, TYPE } from './terms.ts';
import { wildcardAt } from './topics.ts';

export const REMARK = {
  /** It has a fault, or was not captured as far as its payload. */
  FORM: 1,
  V31: 2,
  V5: 4,
  /** It has properties. */
  PROPERTIES: 8,
  /** A PUBLISH of QoS above 0; one of QoS 0 with DUP. */
  QOS: 0x10,
  DUP: 0x20,
  /** A topic with a wildcard, one of no characters. */
  WILDCARD: 0x40,
  EMPTY: 0x80,
  /** A text holds what it should not. */
  CONTROL: 0x100,
  /** Its version gives it no text. */
  NO_TEXT: 0x200,
  /** From the side that does not send it. */
  DIRECTION: 0x400,
  /** A PUBLISH of the server, which passes on what it got. */
  PASSED_ON: 0x800,
} as const;

/** Bits from this one on are not of form. */
export const FREE_REMARK = 0x1000;
const ALL = FREE_REMARK - 1;

/** What there is to remark about a packet. */
export function remarksOf(formed: Formed): number {
  const { packet, fromClient } = formed;
  const { PUBLISH, PUBACK, PUBCOMP, PINGREQ, PINGRESP } = TYPE;
  const { type, level } = packet;
  const common = commonRemarks(packet);
  if (type === PUBLISH) return common | publishRemarks(formed);
  if (type >= PUBACK && type <= PUBCOMP) return common | (level === LEVEL.V5 ? 0 : REMARK.NO_TEXT);
  if (type !== PINGREQ && type !== PINGRESP) return ALL;
  return common | ((type === PINGREQ) === fromClient ? 0 : REMARK.DIRECTION);
}

function commonRemarks({ fault, isHeadCut, level, properties, control }: Packet): number {
  return (
    (fault !== 0 || isHeadCut ? REMARK.FORM : 0) |
    (level === LEVEL.V31 ? REMARK.V31 : level === LEVEL.V5 ? REMARK.V5 : 0) |
    (properties.range.length > 0 ? REMARK.PROPERTIES : 0) |
    (control >= 0 ? REMARK.CONTROL : 0)
  );
}

function publishRemarks({ packet, message: { bytes, start }, fromClient }: Formed): number {
  const { topic, qos, dup } = packet;
  const from = start + topic.at;
  return (
    (qos > 0 ? REMARK.QOS : dup ? REMARK.DUP : 0) |
    (topic.length === 0 ? REMARK.EMPTY : wildcardAt(bytes, from, from + topic.length) >= 0 ? REMARK.WILDCARD : 0) |
    (fromClient ? 0 : REMARK.PASSED_ON)
  );
}
