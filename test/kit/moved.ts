/** Conversations of other hosts than those that had them: many of them make one capture. */
import type { Captured } from '../field/captured.ts';

const ETHERTYPE = 12;
const ADDRESSES = 26;
const PORTS = 34;

/** Those of IPv4 with another client, and with another server where one is given; by the first four bytes of each. */
export function moved(
  packets: readonly Captured[],
  client: readonly number[],
  server: readonly number[] | undefined,
): Captured[] {
  const first = packets.find(isIpv4)?.bytes;
  const opener = first && endpoint(first, 0);
  return packets.map(packet => {
    if (!isIpv4(packet)) return packet;
    const bytes = packet.bytes.slice();
    for (const side of [0, 1]) {
      const host = endpoint(bytes, side) === opener ? client : server;
      if (host) bytes.set(host, ADDRESSES + side * 4);
    }
    return { ...packet, bytes };
  });
}

function endpoint(bytes: Uint8Array, side: number): string {
  const address = ADDRESSES + side * 4;
  const port = PORTS + side * 2;
  return [...bytes.subarray(address, address + 4), ...bytes.subarray(port, port + 2)].join();
}

const isIpv4 = ({ bytes, linkType }: Captured) =>
  linkType === 1 && bytes[ETHERTYPE] === 8 && bytes[ETHERTYPE + 1] === 0 && bytes.length > PORTS + 4;
