/** Bytes and words that the evidence of several rules has in common. Offsets count from the packet's first byte. */
import type { ByteRange } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { KIND } from '../flows.ts';
import type { Properties } from '../parts.ts';
import { type PropertyType, propertyOf } from '../properties.ts';

/** Type and flags. */
export const FIRST_BYTE: ByteRange = { offset: 0, length: 1 };

/** The Packet Identifier. */
export function idBytes({ packet }: Exchange): ByteRange {
  return packet.idAt < 0 ? FIRST_BYTE : { offset: packet.idAt, length: 2 };
}

/** The code; where 5.0 has left it out, the type that stands for it. */
export function codeBytes({ packet }: Exchange): ByteRange {
  return packet.codeAt < 0 ? FIRST_BYTE : { offset: packet.codeAt, length: 1 };
}

/** The acknowledge flags of a CONNACK. */
export function acknowledgeFlagsBytes({ packet }: Exchange): ByteRange {
  return { offset: packet.headLength, length: 1 };
}

/** The topic with its length. */
export function topicBytes({ packet }: Exchange): ByteRange {
  return { offset: packet.topic.at - 2, length: packet.topic.length + 2 };
}

/** A property that is there, with its identifier; of a User Property the name. */
export function propertyBytes(properties: Properties, property: number): ByteRange {
  const value = properties.value[property];
  const type = propertyOf(property)?.type ?? 'u8';
  const before = 1 + (type in NUMBER_BYTES || type === 'var' ? 0 : 2);
  return { offset: properties.at[property] - before, length: before + valueLength(type, value) };
}

const NUMBER_BYTES: Partial<Record<PropertyType, number>> = { u8: 1, u16: 2, u32: 4 };

function valueLength(type: PropertyType, value: number): number {
  if (type === 'var') return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
  return NUMBER_BYTES[type] ?? value;
}

/** `PUBLISH 7`: the packet in hand with its identifier. */
export function numbered({ packet, subject }: Exchange): string {
  return packet.id < 0 ? subject.messageName : `${subject.messageName} ${packet.id}`;
}

/** Who sent the packet in hand. */
export const senderName = ({ fromClient }: Exchange): string => (fromClient ? 'client' : 'server');
export const receiverName = ({ fromClient }: Exchange): string => (fromClient ? 'server' : 'client');

/** `PUBLISH of QoS 1`: what began the flow in hand. */
export function kindName({ flow }: Exchange): string {
  if (flow?.kind === KIND.SUBSCRIBE) return 'SUBSCRIBE';
  if (flow?.kind === KIND.UNSUBSCRIBE) return 'UNSUBSCRIBE';
  return `PUBLISH of QoS ${flow?.kind === KIND.QOS2 ? 2 : 1}`;
}

/** Frame of the last packet of the flow in hand; 0 for none. */
export const flowFrame = ({ flow }: Exchange): number => flow?.frame ?? 0;
