/**
 * Packets of a stream: a type byte, then the Remaining Length (§2.1.4). Before the client's first packet a load balancer may
 * have put a PROXY protocol header (HAProxy, versions 1 and 2), which is skipped.
 */
import { type Framing, type Opening, type Preface, TOO_LONG, varintFraming } from '../../src/sdk.ts';
import { remainingLengthMalformed, truncated } from './rules/framing.ts';

const V1 = Buffer.from('PROXY ');
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Longest header of version 1 with its CRLF, and the head of version 2 before its length. */
const LONGEST_V1 = 107;
const V2_HEAD = 16;

const plain = varintFraming({ offset: 1, hidden: false, longest: 2 ** 28 + 4 });

/** Bytes of the PROXY header at the beginning; 0 for none, -1 when there are too few to tell. */
function proxyHeader(bytes: Uint8Array): number {
  if (begins(bytes, V1)) {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LONGEST_V1)).indexOf('\r\n');
    if (end >= 0) return end + 2;
    return bytes.length < LONGEST_V1 ? -1 : 0;
  }
  if (!begins(bytes, V2)) return 0;
  if (bytes.length < V2_HEAD) return -1;
  const length = V2_HEAD + ((bytes[14] << 8) | bytes[15]);
  return bytes.length < length ? -1 : length;
}

/** Do the bytes, as far as they are there, begin so? */
function begins(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const length = Math.min(bytes.length, wanted.length);
  for (let at = 0; at < length; at++) if (bytes[at] !== wanted[at]) return false;
  return length > 0;
}

export const framing: Framing = {
  ...plain,
  id: 'mqtt',
  title: 'type and Remaining Length before each packet',
  specification: 'OASIS MQTT Version 3.1.1 and Version 5.0',
  preface: ({ client }: Opening): Preface | 'more' | undefined => {
    const length = proxyHeader(client);
    if (length < 0) return 'more';
    return length === 0 ? undefined : { client: length, server: 0, name: 'PROXY protocol' };
  },
  rules: [TOO_LONG, truncated, remainingLengthMalformed],
  tooLong: TOO_LONG,
  truncated,
  malformed: remainingLengthMalformed,
};
