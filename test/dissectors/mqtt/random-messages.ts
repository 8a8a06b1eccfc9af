/** What clients and the server of random conversations say to each other, before it becomes bytes. */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { type Level, mqtt, type PropertyList, type WillParts } from '../../kit/mqtt.ts';
import type { Side } from '../../kit/mqtt-net.ts';

export type Kind =
  | 'connect'
  | 'connack'
  | 'publish'
  | 'puback'
  | 'pubrec'
  | 'pubrel'
  | 'pubcomp'
  | 'subscribe'
  | 'suback'
  | 'unsubscribe'
  | 'unsuback'
  | 'pingreq'
  | 'pingresp'
  | 'disconnect'
  | 'auth';

export interface Message {
  readonly kind: Kind;
  readonly id?: number;
  readonly code?: number;
  readonly codes?: readonly number[];
  /** SUBSCRIBE and UNSUBSCRIBE: filters with their options. */
  readonly filters?: readonly (readonly [filter: string, options: number])[];
  readonly topic?: string;
  readonly payload?: string;
  readonly qos?: number;
  readonly dup?: boolean;
  readonly retain?: boolean;
  readonly properties?: PropertyList;
  /** CONNACK. */
  readonly sessionPresent?: boolean;
  /** Flags in place of the right ones, of CONNECT and CONNACK. */
  readonly flags?: number;
  /** CONNECT. */
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly keepAlive?: number;
  readonly userName?: string;
  readonly password?: string;
  readonly will?: WillParts;
  /** Bytes in place of its own; the receiver cannot make anything of them. */
  readonly raw?: Uint8Array;
}

export function encode(version: Level, message: Message): Uint8Array {
  const v = mqtt(version);
  const { kind, id = 0, code, codes = [], filters = [], properties, raw } = message;
  if (raw) return raw;
  switch (kind) {
    case 'connect':
      return v.connect(message);
    case 'connack':
      return v.connack(code, message);
    case 'publish':
      return v.publish(message);
    case 'subscribe':
      return v.subscribe(id, filters, properties);
    case 'suback':
      return v.suback(id, codes, properties);
    case 'unsubscribe':
      return v.unsubscribe(
        id,
        filters.map(([filter]) => filter),
        properties,
      );
    case 'unsuback':
      return v.unsuback(id, codes, properties);
    case 'pingreq':
      return v.pingreq();
    case 'pingresp':
      return v.pingresp();
    case 'disconnect':
      return v.disconnect(code, properties);
    case 'auth':
      return v.auth(code, properties);
    default:
      return v[kind](id, code, properties);
  }
}

export function propertyOf({ properties = [] }: Message, property: number): number | undefined {
  const value = properties.find(([known]) => known === property)?.[1];
  return typeof value === 'number' ? value : undefined;
}

export function textOf({ properties = [] }: Message, property: number): string | undefined {
  const value = properties.find(([known]) => known === property)?.[1];
  return typeof value === 'string' ? value : undefined;
}

export function withProperty(message: Message, property: number, value: PropertyList[number][1]): Message {
  return { ...message, properties: [...without(message, property).properties!, [property, value]] };
}

export function without(message: Message, property: number): Message {
  return { ...message, properties: (message.properties ?? []).filter(([known]) => known !== property) };
}

/** Does a filter without `$share` match? A leading `$` hides from wildcards. */
export function fits(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const pattern = filter
    .replace(/[$.]/g, '\\$&')
    .replace(/\+/g, '[^/]*')
    .replace(/\/#$/, '(/.*)?')
    .replace(/^#$/, '.*');
  return new RegExp(`^${pattern}$`).test(topic);
}

export const plain = (filter: string) => filter.replace(/^\$share\/[^/]*\//, '');
export const isShared = (filter: string) => filter.startsWith('$share/');

/** A PUBLISH of QoS 1 or 2 that its sender keeps. */
export interface Kept {
  readonly message: Message;
  readonly id: number;
  stage: 'sent' | 'received' | 'released';
  /** Seconds: until when it is worth sending. */
  readonly expires: number;
  /** Connection in which it was last sent. */
  sentIn: unknown;
  /** When it was last sent or acknowledged. */
  time: number;
}

/** What faults look at and alter. */
export interface Sending {
  readonly side: Side;
  readonly version: Level;
  readonly message: Message;
  readonly connected: boolean;
  /** What the receiver announced. */
  readonly aliasMaximum: number;
  readonly maximumPacketSize: number;
}

export const TOPICS = ['a/b', 'a/c', 'x', 'a', 'b/b'] as const;
export const FILTERS = ['a/b', 'a/+', '#', 'x', 'a/#', '+/b', '$SYS/#', 'a'] as const;
export const SHARED = ['$share/g/a/b', '$share/g/x', '$share/h/a/#'] as const;
export const { TOPIC_ALIAS, SUBSCRIPTION_IDENTIFIER } = PROPERTY;
