/**
 * Patched libpcaps of the nineties put more into each record header and kept the magic number, so that only the records
 * themselves tell which they are. The first few are read as each candidate has them and looked at for absurdities, as
 * Wireshark does (wiretap/libpcap.c), whose marks of absurdity these mostly are.
 *
 * Unlike Wireshark, which takes the least bad candidate, we leave what the magic number says only for one without a
 * fault in two records or more: a damaged or cut pcap must be reported as one, not read as something else.
 */

import { maxPacketLength } from './parser.ts';
import { PCAP_HEADER_LENGTH, PCAP_RECORD_HEADER_LENGTH, type PcapHeader } from './pcap-header.ts';
import { read16, read32 } from './words.ts';

/** As much of the capture as is looked at, records that are cut by it included. */
export const VARIANT_SAMPLE_LENGTH = 64 * 1024;

const RECORDS_TO_TRY = 3;
/** That many sound records are no accident. A single one is: of a cut pcap whose first packet begins with zeros. */
const RECORDS_TO_CONVINCE = 2;
/** No packet on any wire was ever as long. */
const MAX_WIRE_LENGTH = 128 * 1024 * 1024;
const MICROSECONDS = 1_000_000;

interface Variant {
  readonly name: string;
  readonly recordHeaderLength: number;
  /** Whether what it adds to the record header, at `at`, can be true. */
  readonly isSound: (bytes: Uint8Array, at: number, bigEndian: boolean) => boolean;
}

/** Interface index, Ethernet protocol and packet type, of 1999. */
function isKuznetzovSound(bytes: Uint8Array, at: number, bigEndian: boolean): boolean {
  const protocol = read16(bytes, at + 4, bigEndian);
  const isProtocol = protocol >= 0x0600 || protocol <= 0x17 || [0x60, 0x200, 0x400].includes(protocol);
  return read32(bytes, at, bigEndian) <= 10_000 && isProtocol && bytes[at + 6] <= 4;
}

/** Four bytes that nobody has explained: of one pattern in the files that are known, 0 as editcap writes them. */
function isNokiaSound(bytes: Uint8Array, at: number, bigEndian: boolean): boolean {
  return /^(0|[9b]fbf[bd][69]0[12])$/.test(read32(bytes, at, bigEndian).toString(16));
}

const PLAIN: Variant = { name: 'pcap', recordHeaderLength: PCAP_RECORD_HEADER_LENGTH, isSound: () => true };
const KUZNETZOV: Variant = { name: 'modified pcap (Kuznetzov)', recordHeaderLength: 24, isSound: isKuznetzovSound };

const VARIANTS: ReadonlyMap<number, readonly Variant[]> = new Map([
  [
    PLAIN.recordHeaderLength,
    [
      PLAIN,
      { ...KUZNETZOV, name: 'modified pcap (Kuznetzov, Red Hat 6.1)' },
      { name: 'Nokia pcap', recordHeaderLength: 20, isSound: isNokiaSound },
    ],
  ],
  [
    KUZNETZOV.recordHeaderLength,
    [KUZNETZOV, { ...KUZNETZOV, name: 'modified pcap (Kuznetzov, SuSE 6.3)', recordHeaderLength: 28 }],
  ],
]);

/**
 * The header as the records in `bytes[start, end)` have it; `start` is that of the first one. `whole` says that the
 * capture ends at `end`, so that a record may not reach beyond it.
 */
export function settleVariant(
  header: PcapHeader,
  bytes: Uint8Array,
  start: number,
  end: number,
  whole: boolean,
): PcapHeader {
  const [byMagic, ...others] = candidatesFor(header);
  if (byMagic === undefined) return header;
  const records = (variant: Variant): number => soundRecords(header, variant, bytes, start, end, whole);
  const better = records(byMagic) < 0 ? others.find(variant => records(variant) >= RECORDS_TO_CONVINCE) : undefined;
  return better === undefined
    ? header
    : { ...header, variant: better.name, recordHeaderLength: better.recordHeaderLength };
}

/** That of the magic number first. Longer headers, nanoseconds and versions before 2.4 leave nothing to settle. */
function candidatesFor(header: PcapHeader): readonly Variant[] {
  const { length, nanoseconds, lengthOrder, recordHeaderLength } = header;
  if (length !== PCAP_HEADER_LENGTH || nanoseconds || lengthOrder !== 'captured first') return [];
  return VARIANTS.get(recordHeaderLength) ?? [];
}

/** How many of the first records are whole and sound; -1 if one of them is not sound. */
function soundRecords(
  header: PcapHeader,
  variant: Variant,
  bytes: Uint8Array,
  start: number,
  end: number,
  whole: boolean,
): number {
  const cut = (records: number): number => (whole ? -1 : records);
  let at = start;
  let records = 0;
  while (records < RECORDS_TO_TRY && at !== end) {
    if (end - at < variant.recordHeaderLength) return cut(records);
    if (!isSoundRecord(header, bytes, at)) return -1;
    if (!variant.isSound(bytes, at + PCAP_RECORD_HEADER_LENGTH, header.bigEndian)) return -1;
    at += variant.recordHeaderLength + read32(bytes, at + 8, header.bigEndian);
    if (at > end) return cut(records);
    records++;
  }
  return records;
}

/** The 16 bytes that all variants share. An empty packet or the year 1970 is what padding would look like. */
function isSoundRecord({ bigEndian, linkType, snapLength }: PcapHeader, bytes: Uint8Array, at: number): boolean {
  const captured = read32(bytes, at + 8, bigEndian);
  const original = read32(bytes, at + 12, bigEndian);
  return (
    read32(bytes, at, bigEndian) !== 0 &&
    read32(bytes, at + 4, bigEndian) < MICROSECONDS &&
    captured > 0 &&
    captured <= Math.min(original, snapLength, maxPacketLength(linkType)) &&
    original <= MAX_WIRE_LENGTH
  );
}
