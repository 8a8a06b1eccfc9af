/**
 * The file header of classic pcap and of its relatives: which variant it is, and what its records look like.
 *
 * The header is 24 bytes: magic number (4), version (2 + 2), two unused words, snap length (4), link type (4), as
 * draft-ietf-opsawg-pcap has it. Over the years others took the format and changed the record header; some of them took
 * a magic number of their own, some did not (see pcap-variant.ts). The facts stand in libpcap's sf-pcap.c and Wireshark's
 * wiretap/libpcap.c, which know these files from the field.
 */

import { CaptureError } from './source.ts';
import { read16, read32 } from './words.ts';

export const PCAP_HEADER_LENGTH = 24;
export const PCAP_RECORD_HEADER_LENGTH = 16;

/** How the two length fields of a record stand: libpcap exchanged them in version 2.3, some writers never did. */
export type LengthOrder = 'captured first' | 'original first' | 'larger is original';

export interface PcapHeader {
  /** Name of the format. */
  readonly variant: string;
  readonly bigEndian: boolean;
  /** Fraction of a second in nanoseconds; microseconds otherwise. */
  readonly nanoseconds: boolean;
  /** Bytes before the first record. */
  readonly length: number;
  readonly recordHeaderLength: number;
  readonly lengthOrder: LengthOrder;
  /** Bytes before each packet that are counted in its lengths but belong to no packet (AIX FDDI); otherwise 0. */
  readonly padding: number;
  readonly snapLength: number;
  readonly linkType: number;
}

type Magic = Pick<PcapHeader, 'variant' | 'nanoseconds' | 'length' | 'recordHeaderLength'>;

const STANDARD: Magic = {
  variant: 'pcap',
  nanoseconds: false,
  length: PCAP_HEADER_LENGTH,
  recordHeaderLength: PCAP_RECORD_HEADER_LENGTH,
};

const STANDARD_MAGIC = 0xa1b2c3d4;

const MAGICS: ReadonlyMap<number, Magic> = new Map([
  [STANDARD_MAGIC, STANDARD],
  [0xa1b23c4d, { ...STANDARD, nanoseconds: true }],
  // Interface index, protocol and packet type follow the lengths.
  [0xa1b2cd34, { ...STANDARD, variant: 'modified pcap (Kuznetzov)', recordHeaderLength: 24 }],
  // The size of all records follows the header (Wireshark issue 14073).
  [0x1c0001ac, { ...STANDARD, variant: 'Ixia lcap (hardware)', nanoseconds: true, length: 28 }],
  [0x1c0001ab, { ...STANDARD, variant: 'Ixia lcap (software)', length: 28 }],
]);

/** Reserved in libpcap for formats that nobody has described. */
const UNDOCUMENTED_MAGICS: ReadonlyMap<number, string> = new Map([
  [0xa12b3c4d, 'Navtel pcap'],
  [0xa1b234cd, 'Mesquita pcap'],
]);

/** AIX writes RFC 1573 interface types where others write LINKTYPE_ values. */
const AIX_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [6, 1], // ethernetCsmacd
  [9, 6], // iso88025TokenRing
  [15, 10], // fddi
  [24, 0], // softwareLoopback
]);

const LINKTYPE_FDDI = 10;
/** Wireshark: AIX puts three bytes in front of FDDI frames and counts them. */
const AIX_FDDI_PADDING = 3;
/** DG/UX tcpdump writes version 543.0, with the lengths in the order from before 2.3. */
const DG_UX_MAJOR_VERSION = 543;

/** Whether four bytes begin a pcap of any known kind, readable or not. */
export function isPcapMagic(bytes: Uint8Array): boolean {
  const [value, swapped] = [read32(bytes, 0, true), read32(bytes, 0, false)];
  return [MAGICS, UNDOCUMENTED_MAGICS].some(known => known.has(value) || known.has(swapped));
}

/** Length of the file header that begins with these four bytes. */
export function pcapHeaderLength(bytes: Uint8Array): number {
  return (MAGICS.get(read32(bytes, 0, true)) ?? MAGICS.get(read32(bytes, 0, false)))?.length ?? PCAP_HEADER_LENGTH;
}

/**
 * Reads a whole file header; `bytes` must hold `pcapHeaderLength` of them and begin with a known magic number.
 * Throws `CaptureError`, its message to be prefixed with the name of the capture, for what cannot be read.
 */
export function readPcapHeader(bytes: Uint8Array): PcapHeader {
  const bigEndian = MAGICS.has(read32(bytes, 0, true)) || UNDOCUMENTED_MAGICS.has(read32(bytes, 0, true));
  const magicNumber = read32(bytes, 0, bigEndian);
  const magic = MAGICS.get(magicNumber);
  if (magic === undefined) {
    const name = UNDOCUMENTED_MAGICS.get(magicNumber) ?? 'unknown';
    throw new CaptureError(`is ${name}, an undocumented variant: save it as pcap or pcapng where it was made`);
  }
  const major = read16(bytes, 4, bigEndian);
  const minor = read16(bytes, 6, bigEndian);
  if (!isReadableVersion(major, minor)) {
    throw new CaptureError(`is pcap version ${major}.${minor}: only 2.0 to 2.4 can be read`);
  }

  const network = read32(bytes, 20, bigEndian);
  const aixLinkType =
    magicNumber === STANDARD_MAGIC && major === 2 && minor === 2 ? AIX_LINK_TYPES.get(network) : undefined;
  return {
    ...magic,
    ...(aixLinkType !== undefined && { variant: 'AIX pcap', nanoseconds: true }),
    bigEndian,
    lengthOrder: lengthOrder(major, minor),
    padding: aixLinkType === LINKTYPE_FDDI ? AIX_FDDI_PADDING : 0,
    snapLength: read32(bytes, 16, bigEndian),
    // The upper 16 bits carry the FCS length and reserved bits, which readers ignore.
    linkType: aixLinkType ?? network & 0xffff,
  };
}

/** For people: `pcap, little-endian, microseconds`. */
export function describePcap({ variant, bigEndian, nanoseconds }: PcapHeader): string {
  return `${variant}, ${bigEndian ? 'big' : 'little'}-endian, ${nanoseconds ? 'nanoseconds' : 'microseconds'}`;
}

/** As libpcap has it: another minor version would mean another layout. */
function isReadableVersion(major: number, minor: number): boolean {
  return (major === 2 && minor <= 4) || (major === DG_UX_MAJOR_VERSION && minor === 0);
}

function lengthOrder(major: number, minor: number): LengthOrder {
  if (major === DG_UX_MAJOR_VERSION || (major === 2 && minor < 3)) return 'original first';
  return major === 2 && minor === 3 ? 'larger is original' : 'captured first';
}
