/**
 * Addresses as the user writes them: a scheme, then where. `tcp:127.0.0.1:80`, `udp:[::1]:5000`, `tls:example.org:443`,
 * `unix:/run/x.sock` (a stream), `unix-seqpacket:/run/ipc` (records). A host that is left out is the loopback: nothing is
 * offered to the network unless an address says so.
 */
import { UsageError } from '../settings/words.ts';

export type NetworkScheme = 'tcp' | 'udp' | 'tls';
export type PathScheme = 'unix' | 'unix-seqpacket';

export interface NetworkAddress {
  readonly scheme: NetworkScheme;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  /** 0..65535 */
  readonly port: number;
}

export interface PathAddress {
  readonly scheme: PathScheme;
  readonly path: string;
}

export type Address = NetworkAddress | PathAddress;

/** Where the proxy listens, and whom it then speaks to. */
export interface Pair {
  readonly listen: Address;
  readonly upstream: Address;
}

const SCHEMES = ['tcp', 'udp', 'tls', 'unix', 'unix-seqpacket'] as const;
const FORMS = 'tcp:HOST:PORT, udp:HOST:PORT, tls:HOST:PORT, unix:PATH or unix-seqpacket:PATH';
const LOOPBACK = '127.0.0.1';
const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]:|([^:[\]/\s]+):|:?)(\d{1,5})$/;
const MAX_PORT = 65_535;
/** sun_path of Linux, less the zero at its end. */
const LONGEST_PATH = 107;

/** Schemes whose traffic can be passed on to each other: what keeps its boundaries stays with its kind. */
const KINDS: Readonly<Record<Address['scheme'], 'stream' | 'datagrams' | 'records'>> = {
  tcp: 'stream',
  tls: 'stream',
  unix: 'stream',
  udp: 'datagrams',
  'unix-seqpacket': 'records',
};

export function isPath(address: Address): address is PathAddress {
  return address.scheme === 'unix' || address.scheme === 'unix-seqpacket';
}

/** @param role port 0, any free one, is for listening only */
export function parseAddress(text: string, role: 'listen' | 'upstream'): Address {
  const colon = text.indexOf(':');
  const scheme = SCHEMES.find(candidate => candidate === text.slice(0, colon));
  if (scheme === undefined) throw wrong(text, `write ${FORMS}`);
  const rest = text.slice(colon + 1);
  if (scheme === 'unix' || scheme === 'unix-seqpacket') {
    if (rest === '' || rest.includes('\0')) throw wrong(text, `write ${scheme}:PATH`);
    if (Buffer.byteLength(rest) > LONGEST_PATH)
      throw wrong(text, `the path of a Unix socket has at most ${LONGEST_PATH} bytes`);
    return { scheme, path: rest };
  }
  const match = HOST_AND_PORT.exec(rest);
  if (!match) throw wrong(text, `write ${scheme}:HOST:PORT, ${scheme}:PORT or ${scheme}:[::1]:PORT`);
  const port = Number(match[3]);
  if (port > MAX_PORT) throw wrong(text, `ports go from 0 to ${MAX_PORT}`);
  if (port === 0 && role === 'upstream') throw wrong(text, 'port 0 is for listening: name the port of the upstream');
  return { scheme, host: match[1] ?? match[2] ?? LOOPBACK, port };
}

/** The two addresses of a pair: `udp:27000`, `udp:127.0.0.1:26999`. */
export function parsePair(listen: string, upstream: string): Pair {
  const pair = { listen: parseAddress(listen, 'listen'), upstream: parseAddress(upstream, 'upstream') };
  const [here, there] = [pair.listen.scheme, pair.upstream.scheme];
  if (KINDS[here] !== KINDS[there])
    throw new UsageError(`${listen} to ${upstream}: ${here} and ${there} cut what they carry in different ways`);
  if (formatAddress(pair.listen) === formatAddress(pair.upstream))
    throw new UsageError(`${listen} to ${upstream}: the proxy would speak to itself`);
  return pair;
}

/** `LISTEN=UPSTREAM`. A path may have an equals sign in it: the upstream begins behind the first one that a scheme follows. */
export function splitPair(text: string): [listen: string, upstream: string] {
  const match = new RegExp(`^(.*?)=((?:${SCHEMES.join('|')}):.*)$`).exec(text);
  if (!match) throw new UsageError(`--pair ${text}: write LISTEN=UPSTREAM, as in udp:27000=udp:127.0.0.1:26999`);
  return [match[1], match[2]];
}

/** As the user would write it. */
export function formatAddress(address: Address): string {
  if (isPath(address)) return `${address.scheme}:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.scheme}:${host}:${address.port}`;
}

function wrong(text: string, advice: string): UsageError {
  return new UsageError(`${text}: ${advice}`);
}
