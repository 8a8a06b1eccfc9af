/**
 * Endpoints as findings and messages print them (`10.0.0.1:7654`, `[2001:db8::1]:7654`, `unix:/run/x`), compared with an
 * address, a network or another endpoint. The printed form is canonical, so most comparisons are of strings.
 */
import ipaddr from 'ipaddr.js';

export type EndpointTest = (endpoint: string) => boolean;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const ENDPOINT = /^(?:\[([^\]]*)\]|([^:[\]/]*)):(\d{1,5})$/;
const NETWORK = /^([^/]*)\/(\d{1,3})$/;
const BRACKETS = /^\[([^\]]*)\]$/;
const MAX_PORT = 65_535;
/** Endpoints whose outcome is remembered. */
const MOST_REMEMBERED = 4_096;

/** The test that a word stands for, or undefined when it is no address, network or endpoint. */
export function endpointTest(word: string): EndpointTest | undefined {
  const network = NETWORK.exec(word);
  if (network) return networkTest(network[1], Number(network[2]));
  const endpoint = ENDPOINT.exec(word);
  if (endpoint) return exactTest(addressOf(endpoint[1] ?? endpoint[2]), Number(endpoint[3]));
  const address = addressOf(BRACKETS.exec(word)?.[1] ?? word);
  return address && hostTest(address);
}

/** The port of a printed endpoint, or undefined where it has none. */
export function portOf(endpoint: string): number | undefined {
  const port = ENDPOINT.exec(endpoint)?.[3];
  return port === undefined ? undefined : Number(port);
}

function exactTest(address: Address | undefined, port: number): EndpointTest | undefined {
  if (!address || port > MAX_PORT) return undefined;
  const printed = `${host(address)}:${port}`;
  return endpoint => endpoint === printed;
}

function hostTest(address: Address): EndpointTest {
  const start = `${host(address)}:`;
  return endpoint => endpoint.startsWith(start);
}

function networkTest(word: string, bits: number): EndpointTest | undefined {
  const network = addressOf(word);
  if (!network || bits > (network.kind() === 'ipv4' ? 32 : 128)) return undefined;
  return remembering(endpoint => {
    const match = ENDPOINT.exec(endpoint);
    const address = match ? addressOf(match[1] ?? match[2]) : undefined;
    return address !== undefined && address.kind() === network.kind() && address.match([network, bits] as never);
  });
}

/** The same endpoints come with message after message, and reading an address takes longer than looking it up. */
function remembering(test: EndpointTest): EndpointTest {
  const outcomes = new Map<string, boolean>();
  return endpoint => {
    let outcome = outcomes.get(endpoint);
    if (outcome === undefined) {
      if (outcomes.size === MOST_REMEMBERED) outcomes.clear();
      outcome = test(endpoint);
      outcomes.set(endpoint, outcome);
    }
    return outcome;
  };
}

/** In full only: no shortened or octal IPv4, no zone. */
function addressOf(word: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(word)) return ipaddr.IPv4.parse(word);
  return word.includes(':') && !word.includes('%') && ipaddr.IPv6.isValid(word) ? ipaddr.IPv6.parse(word) : undefined;
}

function host(address: Address): string {
  return address instanceof ipaddr.IPv6 ? `[${address.toRFC5952String()}]` : address.toString();
}
