/**
 * Captures written byte by byte, for tests and measurements: classic pcap and the blocks of pcapng, in either byte
 * order, sound by default and as wrong as a test wants them (every stated length can be given).
 */
import { type ByteOrder, concat, u16, u32, u64 } from './bytes.ts';

export interface PcapFrame {
  readonly bytes?: Uint8Array;
  /** Whole seconds since the epoch; 0 by default. */
  readonly seconds?: number;
  /** Fraction of the second as it stands in the record: micro- or nanoseconds. */
  readonly fraction?: number;
  /** Length on the wire; that of `bytes` by default. */
  readonly wireLength?: number;
  /** Captured length as stated; that of `bytes` by default. */
  readonly capturedLength?: number;
  /** Bytes that a variant puts between the lengths and the packet. */
  readonly extra?: Uint8Array;
}

export interface PcapOptions {
  readonly order?: ByteOrder;
  /** 0xa1b2c3d4 by default, 0xa1b23c4d with `nanoseconds`. */
  readonly magic?: number;
  readonly nanoseconds?: boolean;
  readonly version?: readonly [major: number, minor: number];
  readonly snapLength?: number;
  readonly linkType?: number;
  /** Bytes that a variant puts behind the file header. */
  readonly extraHeader?: Uint8Array;
}

/** A whole classic pcap. */
export function pcap(frames: readonly PcapFrame[], options: PcapOptions = {}): Uint8Array {
  const { order = 'little', nanoseconds = false, version = [2, 4], snapLength = 262_144, linkType = 1 } = options;
  const { magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, extraHeader = NOTHING } = options;
  const header = [u32(magic, order), u16(version[0], order), u16(version[1], order), u32(0, order), u32(0, order)];
  const records = frames.map(frame => pcapRecord(frame, order));
  return concat(...header, u32(snapLength, order), u32(linkType, order), extraHeader, ...records);
}

export function pcapRecord(frame: PcapFrame, order: ByteOrder = 'little'): Uint8Array {
  const { bytes = NOTHING, seconds = 0, fraction = 0, extra = NOTHING } = frame;
  const { capturedLength = bytes.length, wireLength = bytes.length } = frame;
  const words = [seconds, fraction, capturedLength, wireLength].map(word => u32(word, order));
  return concat(...words, extra, bytes);
}

/** Option of a pcapng block: code and value without the padding, which is added. */
export type Option = readonly [code: number, value: Uint8Array];

export interface BlockOptions {
  readonly order?: ByteOrder;
  readonly options?: readonly Option[];
}

/** Any block: type, total length, body padded to 32 bits, total length again. */
export function block(type: number, body: Uint8Array, order: ByteOrder = 'little'): Uint8Array {
  const padded = pad32(body);
  const total = u32(padded.length + 12, order);
  return concat(u32(type, order), total, padded, total);
}

export function sectionBlock({ order = 'little', options = [] }: BlockOptions = {}): Uint8Array {
  const length = u32(0xffffffff, order);
  const fixed = concat(u32(0x1a2b3c4d, order), u16(1, order), u16(0, order), length, length);
  return block(0x0a0d0d0a, concat(fixed, optionList(options, order)), order);
}

export interface InterfaceOptions extends BlockOptions {
  readonly linkType?: number;
  readonly snapLength?: number;
  /** if_tsresol as it stands in the file: 9 for 10^-9, 0x80 | 20 for 2^-20. */
  readonly resolution?: number;
  /** if_tsoffset, in seconds. */
  readonly offset?: bigint;
}

export function interfaceBlock(given: InterfaceOptions = {}): Uint8Array {
  const { order = 'little', linkType = 1, snapLength = 262_144, resolution, offset, options = [] } = given;
  const all: Option[] = [...options];
  if (resolution !== undefined) all.push([9, Uint8Array.of(resolution)]);
  if (offset !== undefined) all.push([14, u64(offset, order)]);
  const fixed = concat(u16(linkType, order), u16(0, order), u32(snapLength, order));
  return block(1, concat(fixed, optionList(all, order)), order);
}

export interface PacketOptions extends BlockOptions {
  readonly interfaceId?: number;
  /** In the units of the interface. */
  readonly time?: bigint;
  readonly wireLength?: number;
  readonly capturedLength?: number;
  /** Obsolete packet block only: drops since the packet before; 0xffff for unknown. */
  readonly drops?: number;
}

export function enhancedPacketBlock(bytes: Uint8Array, given: PacketOptions = {}): Uint8Array {
  const { order = 'little', interfaceId = 0, options = [] } = given;
  return block(6, concat(u32(interfaceId, order), packetBody(bytes, given), optionList(options, order)), order);
}

/** The packet block (type 2) that the enhanced one replaced. */
export function obsoletePacketBlock(bytes: Uint8Array, given: PacketOptions = {}): Uint8Array {
  const { order = 'little', interfaceId = 0, drops = 0xffff, options = [] } = given;
  const ids = concat(u16(interfaceId, order), u16(drops, order));
  return block(2, concat(ids, packetBody(bytes, given), optionList(options, order)), order);
}

export function simplePacketBlock(
  bytes: Uint8Array,
  wireLength = bytes.length,
  order: ByteOrder = 'little',
): Uint8Array {
  return block(3, concat(u32(wireLength, order), bytes), order);
}

/** Interface statistics: packets dropped by the interface (isb_ifdrop) and by the system (isb_osdrop). */
export function statisticsBlock(
  interfaceId: number,
  drops: {
    readonly received?: bigint | undefined;
    readonly byInterface?: bigint;
    readonly bySystem?: bigint;
  },
  order: ByteOrder = 'little',
): Uint8Array {
  const options: Option[] = [];
  if (drops.received !== undefined) options.push([4, u64(drops.received, order)]);
  if (drops.byInterface !== undefined) options.push([5, u64(drops.byInterface, order)]);
  if (drops.bySystem !== undefined) options.push([7, u64(drops.bySystem, order)]);
  return block(5, concat(u32(interfaceId, order), u32(0, order), u32(0, order), optionList(options, order)), order);
}

export function comment(text: string): Option {
  return [1, new TextEncoder().encode(text)];
}

function packetBody(bytes: Uint8Array, given: PacketOptions): Uint8Array {
  const { order = 'little', time = 0n, wireLength = bytes.length, capturedLength = bytes.length } = given;
  const high = u32(Number(time >> 32n), order);
  const low = u32(Number(time & 0xffffffffn), order);
  return concat(high, low, u32(capturedLength, order), u32(wireLength, order), pad32(bytes));
}

function optionList(options: readonly Option[], order: ByteOrder): Uint8Array {
  if (options.length === 0) return NOTHING;
  const written = options.map(([code, value]) => concat(u16(code, order), u16(value.length, order), pad32(value)));
  return concat(...written, u32(0, order));
}

const NOTHING = new Uint8Array(0);

function pad32(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(-bytes.length & 3));
}
