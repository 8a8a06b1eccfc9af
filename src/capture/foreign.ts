/** What a file is that we do not read, told by its first bytes, and how its reader gets on from there. */

interface ForeignFormat {
  /** First bytes in hex. */
  readonly magic: string;
  readonly message: string;
}

const TO_PCAP = 'convert it with: editcap -F pcap';

const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  { magic: '28b52ffd', message: 'is packed with zstd: unpack it first (zstd -d)' },
  { magic: '04224d18', message: 'is packed with lz4: unpack it first (lz4 -d)' },
  { magic: 'fd377a585a00', message: 'is packed with xz: unpack it first (xz -d)' },
  { magic: '425a68', message: 'is packed with bzip2: unpack it first (bzip2 -d)' },
  { magic: '504b0304', message: 'is a zip archive: unpack it first' },
  { magic: '736e6f6f70000000', message: `is a snoop capture: ${TO_PCAP}` },
  { magic: '6274736e6f6f7000', message: 'is a Bluetooth capture (btsnoop), no network traffic' },
  { magic: '5452534e49464620', message: `is a Sniffer capture: ${TO_PCAP}` },
  { magic: '474d4255', message: `is a Microsoft Network Monitor capture: ${TO_PCAP}` },
  { magic: '52545353', message: `is a Microsoft Network Monitor capture: ${TO_PCAP}` },
];

/** A clause about a file that begins with these bytes. */
export function foreignFormat(begin: Uint8Array): string {
  const hex = Buffer.from(begin).toString('hex');
  const known = FOREIGN_FORMATS.find(({ magic }) => hex.startsWith(magic));
  if (known !== undefined) return known.message;
  const shown = hex.slice(0, 8).replace(/..(?=.)/g, '$& ');
  return `not a capture: starts with ${shown} (expected pcap, pcapng or gzip)`;
}
