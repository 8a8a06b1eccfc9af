/** What a conversation in the field is: its packets, each with its own time, and how they are judged. */
import type { Frame } from '../../src/capture/source.ts';
import { type Captured, captured, capturedFrom, numbered } from './captured.ts';
import type { Settings } from './judging.ts';

export const PROTOCOLS = [
  'mnet',
  'ministreaming',
  'ministreaming, TCP',
  'filestorage',
  'libipc',
  'mqtt',
  'kv',
  'resp',
  'modbus',
] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];

export interface Conversation {
  readonly protocol: ProtocolName;
  readonly name: string;
  readonly packets: readonly Captured[];
  readonly settings: Settings;
}

/** Microseconds from one packet of a script to the next, where it does not say. */
export const STEP = 300;
/** And in a recording at least: a copy of a packet comes before the packet that answers it. */
export const LEAST_STEP = 20;
/** Ports that servers listen on here. */
export const SERVER_PORTS = [26_999, 27_001, 7_654, 9_000, 1_883, 7_411, 6_379, 502];

/** `-d` for the ports of a protocol. */
export const MAPPED: Readonly<Record<ProtocolName, readonly string[]>> = {
  mnet: ['udp.port==26999,mnet', 'udp.port==27001,mnet'],
  ministreaming: ['udp.port==7654,ministreaming'],
  'ministreaming, TCP': ['tcp.port==7654,ministreaming'],
  filestorage: ['tcp.port==9000,filestorage'],
  libipc: ['tcp.port==9000,libipc'],
  mqtt: ['tcp.port==1883,mqtt'],
  kv: ['tcp.port==7411,kv'],
  resp: ['tcp.port==6379,resp'],
  modbus: ['tcp.port==502,modbus'],
};
/** Ids of the protocols that may be recognised in its conversations. */
export const KNOWN: Readonly<Record<ProtocolName, readonly string[]>> = {
  mnet: ['mnet'],
  ministreaming: ['ministreaming'],
  'ministreaming, TCP': ['ministreaming'],
  filestorage: ['filestorage', 'libipc'],
  libipc: ['libipc'],
  mqtt: ['mqtt'],
  kv: ['kv'],
  resp: ['resp'],
  modbus: ['modbus'],
};

interface Timed {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  /** Seconds since the frame before. */
  readonly after?: number | undefined;
}

/** @param start Unix seconds */
export function timed(frames: readonly Timed[], start: number): Captured[] {
  let time = start * 1e6;
  const packets = frames.map(({ bytes, wireLength, after = STEP / 1e6 }, index) => {
    // Nothing but their times can tell which of two packets came first.
    if (index > 0) time += Math.max(LEAST_STEP, Math.round(after * 1e6));
    return captured(bytes, time, index + 1, wireLength);
  });
  return numbered(packets);
}

/** With their own times, but so many microseconds after the one before at least. */
export function spread(packets: readonly Captured[], step: number): Captured[] {
  let last = 0;
  return packets.map(packet => {
    last = Math.max(packet.time, last + step);
    return { ...packet, time: last };
  });
}

/** What a test wrote down: with identifications as stacks count them, and time between packets. */
export function written(frames: readonly Frame[], step = STEP): Captured[] {
  return numbered(spread(capturedFrom(frames), step));
}
