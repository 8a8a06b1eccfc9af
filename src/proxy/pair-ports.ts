/** `-p PROTOCOL` of a pair as the port mappings that make the engine take its flows for that protocol. */

import type { DecodeAs } from '../protocol/identify.ts';
import type { AnyProtocol, Transport } from '../protocol/protocol.ts';
import { requireCarriers, UsageError, unknown } from '../settings/words.ts';
import { type Address, formatAddress, isPath, type Pair } from './address.ts';
import { unixServer } from './ends.ts';

/** The engine's port mappings so far, and the protocols there are. */
interface Known {
  readonly decodeAs: readonly DecodeAs[];
  readonly dialects: ReadonlyMap<string, string>;
  readonly protocols: readonly AnyProtocol[];
}

/**
 * The engine's options with the ports of the pairs.
 * @param names of protocols by pair; undefined where the traffic tells
 * @throws UsageError for a protocol that there is not, that its pair cannot carry, or that another one's port has
 */
export function withSpoken<Options extends Known>(
  options: Options,
  pairs: readonly Pair[],
  names: readonly (string | undefined)[],
): Options {
  const { decodeAs, dialects, protocols } = options;
  names.forEach((name, pair) => {
    if (name !== undefined) requireProtocol(name, pairs[pair].upstream, protocols);
  });
  const spoken = pairPorts(pairs, names);
  requireCarriers(spoken, dialects, protocols);
  return { ...options, decodeAs: [...decodeAs, ...spoken] };
}

function requireProtocol(name: string, upstream: Address, protocols: readonly AnyProtocol[]): void {
  const protocol = protocols.find(({ id }) => id === name);
  const ids = protocols.map(({ id }) => id);
  if (!protocol) throw new UsageError(`-p ${name}: ${unknown('protocol', name, ids)}`);
  const transports = [...new Set(protocol.carriers.map(({ transport }) => transport))];
  if (transports.includes(transportOf(upstream))) return;
  const where = formatAddress(upstream);
  throw new UsageError(`-p ${name}: ${name} is carried by ${transports.join(', ')}, not by ${where}`);
}

/** By which the recording shows what goes to an address. */
export function transportOf({ scheme }: Address): Transport {
  return scheme === 'udp' ? 'udp' : 'tcp';
}

/**
 * @param protocols by pair; undefined where the traffic tells
 * @throws UsageError when two pairs share a port and differ in protocol
 */
function pairPorts(pairs: readonly Pair[], protocols: readonly (string | undefined)[]): DecodeAs[] {
  const mappings: DecodeAs[] = [];
  pairs.forEach((pair, index) => {
    const protocol = protocols[index];
    if (protocol === undefined) return;
    for (const address of [pair.upstream, pair.listen]) {
      const transport = transportOf(address);
      const port = portOf(address, index);
      // The system chooses it. Who listens there is shown in place of the upstream only where two flows would look the same.
      if (port === 0) continue;
      const other = mappings.find(mapping => mapping.transport === transport && mapping.from === port);
      if (other && other.protocol !== protocol) {
        const where = formatAddress(address);
        throw new UsageError(`-p ${protocol}: ${where} has the port of another pair, which speaks ${other.protocol}`);
      }
      if (!other) mappings.push({ transport, from: port, to: port, protocol });
    }
  });
  return mappings;
}

function portOf(address: Address, pair: number): number {
  return isPath(address) ? unixServer(pair).port : address.port;
}
