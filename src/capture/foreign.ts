/** Recognises formats that we do not read by their first bytes, and says how to convert them. */

interface ForeignFormat {
  /** First bytes in hex. */
  readonly magic: string;
  readonly message: string;
}

const TO_PCAP = 'convert it with: editcap -F pcap';

const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  // Plain gzip is read; here stands what it has been taken off once.
  { magic: '1f8b08', message: 'is packed with gzip twice: unpack it first (gzip -d)' },
  { magic: '1f9d', message: 'is packed with compress: unpack it first (gzip -d)' },
  { magic: '28b52ffd', message: 'is packed with zstd: unpack it first (zstd -d)' },
  { magic: '04224d18', message: 'is packed with lz4: unpack it first (lz4 -d)' },
  { magic: 'fd377a585a00', message: 'is packed with xz: unpack it first (xz -d)' },
  { magic: '425a68', message: 'is packed with bzip2: unpack it first (bzip2 -d)' },
  { magic: '4c5a4950', message: 'is packed with lzip: unpack it first (lzip -d)' },
  { magic: '894c5a4f', message: 'is packed with lzop: unpack it first (lzop -d)' },
  { magic: '504b0304', message: 'is a zip archive: unpack it first (unzip)' },
  { magic: '377abcaf271c', message: 'is a 7z archive: unpack it first (7z x)' },
  { magic: '736e6f6f70000000', message: `is a snoop capture: ${TO_PCAP}` },
  { magic: '6274736e6f6f7000', message: 'is a Bluetooth capture (btsnoop), no network traffic' },
  { magic: '5452534e49464620', message: `is a Sniffer capture: ${TO_PCAP}` },
  { magic: '474d4255', message: `is a Microsoft Network Monitor capture: ${TO_PCAP}` },
  { magic: '58435000', message: `is a NetXRay capture: ${TO_PCAP}` },
  { magic: '697074726163652031', message: `is an iptrace capture: ${TO_PCAP}` },
  { magic: '697074726163652032', message: `is an iptrace capture: ${TO_PCAP}` },
  { magic: '7f766572', message: `is an EtherPeek or OmniPeek capture: ${TO_PCAP}` },
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
