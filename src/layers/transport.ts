/** UDP (RFC 768) and TCP (RFC 9293) described: ports, numbers, flags in words, options. A twin of src/net. */
import { type PseudoHeader, transportChecksum } from './checksum.ts';
import { Header, hexNumber, type LayerNode, macText } from './header.ts';

/** The network's packet around a transport's header. */
export interface Carried {
  /** Where the header begins, where the captured packet ends, and where it ends as its headers state. */
  readonly at: number;
  readonly end: number;
  readonly wireEnd: number;
  readonly pseudo: PseudoHeader;
  readonly isFragment: boolean;
}

/** What is known of a TCP segment besides its bytes. */
export interface SegmentFacts {
  /** The numbers before the first byte of either direction, from which its numbers are counted; undefined: not known. */
  readonly sequenceBase: number | undefined;
  readonly acknowledgementBase: number | undefined;
  /** How the reassembly saw it: `retransmission`, `fills a gap`; empty for the next one in order. */
  readonly order: string;
}

export const NO_SEGMENT_FACTS: SegmentFacts = { sequenceBase: undefined, acknowledgementBase: undefined, order: '' };

export interface Transported {
  readonly node: LayerNode;
  /** Where the payload begins and ends on the wire. */
  readonly from: number;
  readonly to: number;
}

const FLAGS = [
  [0x02, 'SYN'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
  [0x20, 'URG'],
  [0x40, 'ECE'],
  [0x80, 'CWR'],
] as const;

const FLAG_MEANINGS: Readonly<Record<string, string>> = {
  SYN: 'the handshake: the client asks for a connection',
  'SYN, ACK': 'the handshake: the server accepts the connection',
  RST: 'the connection is aborted',
  'RST, ACK': 'the connection is aborted, or was refused',
};

const RFC768 = 'RFC 768';
const RFC9293 = 'RFC 9293 3.1';
const UDP_HEADER = 8;
const TCP_HEADER = 20;

export function describeUdp(bytes: Uint8Array, carried: Carried): Transported | undefined {
  const { at, end, wireEnd, isFragment } = carried;
  const header = new Header(bytes, at, end, RFC768);
  if (!header.has(UDP_HEADER)) return undefined;
  const [source, destination, stated] = [header.uint16(0), header.uint16(2), header.uint16(4)];
  const length = stated === 0 && wireEnd - at > 0xffff ? wireEnd - at : stated;
  const to = at + length;
  const isWhole = !isFragment && length >= UDP_HEADER && to <= end;
  const checksum = header.uint16(6);
  const status = isWhole ? transportChecksum(carried.pseudo, bytes, at, to, checksum) : 'not verified';
  header.number({ name: 'sourcePort', title: 'Source port' }, 0, 2);
  header.number({ name: 'destinationPort', title: 'Destination port' }, 2, 2);
  header.field({ name: 'length', title: 'Length' }, 4, 2, `${stated} bytes`, stated);
  header.field({ name: 'checksum', title: 'Checksum' }, 6, 2, `${hexNumber(checksum, 4)}, ${status}`, checksum);
  const summary = `${source} -> ${destination}, ${Math.max(0, length - UDP_HEADER)} bytes of payload`;
  return { node: header.node('udp', 'UDP', UDP_HEADER, summary), from: at + UDP_HEADER, to };
}

export function describeTcp(bytes: Uint8Array, carried: Carried, facts: SegmentFacts): Transported | undefined {
  const { at, end, wireEnd, isFragment, pseudo } = carried;
  const header = new Header(bytes, at, end, RFC9293);
  const length = (header.uint8(12) >>> 4) * 4;
  if (!header.has(TCP_HEADER) || length < TCP_HEADER) return undefined;
  const [sequence, acknowledgement, window, checksum] = [4, 8, 14, 16].map((place, index) =>
    index < 2 ? header.uint32(place) : header.uint16(place),
  );
  const flags = header.uint8(13);
  const words = flagWords(flags);
  const acknowledges = words.includes('ACK');
  const payload = Math.max(0, wireEnd - at - length);
  const status = isFragment || wireEnd > end ? 'not verified' : transportChecksum(pseudo, bytes, at, wireEnd, checksum);
  header.number({ name: 'sourcePort', title: 'Source port' }, 0, 2);
  header.number({ name: 'destinationPort', title: 'Destination port' }, 2, 2);
  header.field(SEQUENCE, 4, 4, numbered(sequence, facts.sequenceBase), sequence);
  header.field(
    ACKNOWLEDGEMENT,
    8,
    4,
    acknowledges ? numbered(acknowledgement, facts.acknowledgementBase) : 'not set',
    acknowledgement,
  );
  header.field({ name: 'headerLength', title: 'Header length' }, 12, 1, `${length} bytes`, length);
  const named = words.join(', ');
  header.field(
    { name: 'flags', title: 'Flags', meaning: meaningOf(words) },
    13,
    1,
    `${named || 'none'} (${hexNumber(flags, 2)})`,
    flags,
  );
  header.field({ name: 'window', title: 'Window', meaning: WINDOW_MEANING }, 14, 2, String(window), window);
  header.field({ name: 'checksum', title: 'Checksum' }, 16, 2, `${hexNumber(checksum, 4)}, ${status}`, checksum);
  if (words.includes('URG')) header.number({ name: 'urgent', title: 'Urgent pointer' }, 18, 2);
  options(header, length);
  if (facts.order !== '') header.field({ name: 'order', title: 'Order', meaning: ORDER_MEANING }, 4, 4, facts.order);
  const numbers = [
    `seq ${relative(sequence, facts.sequenceBase)}`,
    ...(acknowledges ? [`ack ${relative(acknowledgement, facts.acknowledgementBase)}`] : []),
    `win ${window}`,
    `len ${payload}`,
    ...(facts.order === '' ? [] : [facts.order]),
  ];
  const summary = `${header.uint16(0)} -> ${header.uint16(2)} [${named}] ${numbers.join(' ')}`;
  return { node: header.node('tcp', 'TCP', length, summary), from: at + length, to: wireEnd };
}

const SEQUENCE = {
  name: 'sequence',
  title: 'Sequence number',
  meaning: 'relative to the SYN, or to the first segment captured, and as it stands in the header',
};
const ACKNOWLEDGEMENT = {
  name: 'acknowledgement',
  title: 'Acknowledgement',
  meaning: 'all bytes before this one have come',
};
const WINDOW_MEANING = 'as it stands in the header: the scale of the handshake is not applied';
const ORDER_MEANING = 'how the segment lay in its stream when it came, as the reassembly saw it';

export function flagWords(flags: number): string[] {
  return FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}

function meaningOf(words: readonly string[]): string {
  const meaning = FLAG_MEANINGS[words.filter(word => !['PSH', 'ECE', 'CWR'].includes(word)).join(', ')];
  if (meaning !== undefined) return meaning;
  return words.includes('FIN') ? 'the sender has no more to say' : '';
}

/** `1,234 (raw 305419896)` */
function numbered(value: number, base: number | undefined): string {
  return base === undefined ? String(value) : `${relative(value, base)} (raw ${value})`;
}

function relative(value: number, base: number | undefined): string {
  return String(base === undefined ? value : (value - base) >>> 0);
}

const OPTION_NAMES: Readonly<Record<number, string>> = {
  2: 'Maximum segment size',
  3: 'Window scale',
  4: 'SACK permitted',
  5: 'SACK',
  8: 'Timestamps',
  30: 'Multipath TCP',
  34: 'Fast Open',
};

/** RFC 9293 3.2; what does not end is shown up to the end of the header. */
function options(header: Header, length: number): void {
  for (let at = TCP_HEADER; at < length; ) {
    const kind = header.uint8(at);
    if (kind === 0) return;
    if (kind === 1) {
      at++;
      continue;
    }
    const stated = header.uint8(at + 1);
    const size = stated < 2 || at + stated > length ? length - at : stated;
    const text = { name: `option${kind}`, title: OPTION_NAMES[kind] ?? `Option ${kind}` };
    header.field(text, at, size, optionText(header, kind, at, size));
    at += size;
  }
}

function optionText(header: Header, kind: number, at: number, size: number): string {
  if (kind === 2 && size === 4) return `${header.uint16(at + 2)} bytes`;
  if (kind === 3 && size === 3)
    return `shift by ${header.uint8(at + 2)}: times ${2 ** Math.min(14, header.uint8(at + 2))}`;
  if (kind === 4) return 'yes';
  if (kind === 8 && size === 10) return `${header.uint32(at + 2)}, echoes ${header.uint32(at + 6)}`;
  if (kind !== 5) return macText(header.bytes, header.start + at + 2, size - 2) || 'empty';
  const blocks: string[] = [];
  for (let block = at + 2; block + 8 <= at + size; block += 8)
    blocks.push(`${header.uint32(block)}-${header.uint32(block + 4)}`);
  return blocks.join(', ');
}
