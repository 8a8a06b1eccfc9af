/**
 * Addresses and endpoints as text, for reports and the terminal; never on the path of a packet. IPv6 text is RFC 5952's,
 * which ipaddr.js writes; the numbers come from the wire, the text can hold nothing but digits, letters, `.`, `:` and brackets.
 */

import ipaddr from 'ipaddr.js';

/** One end of a flow. `words` are four, in network order; an IPv4 address stands in the first and the others are 0. */
export interface Endpoint {
  readonly family: 4 | 6;
  readonly words: readonly number[];
  readonly port: number;
}

/** `10.0.0.1` or `2001:db8::1`. */
export function formatAddress(family: 4 | 6, words: ArrayLike<number>): string {
  // By hand, as a run may list ten thousand connections.
  if (family === 4) {
    const value = words[0];
    return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
  }
  const bytes: number[] = [];
  for (let word = 0; word < 4; word++) {
    const value = words[word];
    bytes.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  }
  return new ipaddr.IPv6(bytes).toRFC5952String();
}

/** `10.0.0.1:7654` or `[2001:db8::1]:7654`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const address = formatAddress(endpoint.family, endpoint.words);
  return endpoint.family === 4 ? `${address}:${endpoint.port}` : `[${address}]:${endpoint.port}`;
}
