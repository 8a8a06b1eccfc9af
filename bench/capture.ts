/**
 * What a capture of the benchmark is: a name that tells all that its content depends on, and how to write it. Made when
 * it is first asked for, kept in bench/data/ with what `check` must say of it beside it, and used again.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Endpoint, PacketFile } from './packet-file.ts';
import { mix32 } from './random.ts';

/** What `check` must say: the properties of its report's summary, by name. */
export type Expected = Readonly<Record<string, number>>;

export interface Capture {
  /** File name without its ending. */
  readonly name: string;
  /** Writes the packets; returns what `check` must say besides the number of them. */
  readonly write: (file: PacketFile) => Expected;
}

/** Captures that are read in one run. */
export interface Folder {
  readonly name: string;
  readonly captures: number;
  /** Writes one of them, counted from 0; returns what `check` must say of it alone. */
  readonly write: (file: PacketFile, index: number) => Expected;
}

export interface MadeCapture {
  readonly name: string;
  readonly path: string;
  readonly packets: number;
  readonly expected: Expected;
}

/** Seconds since the epoch at which all captures begin. */
export const START_TIME = 1_700_000_000;
/** Where the servers listen. */
export const LISTENER_ADDRESS = 0x0a000001;
/** No error, no warning, and nothing that could not be judged. */
export const CONFORMING = { errors: 0, warnings: 0, inconclusive: 0 } as const;

/** Hosts are 10.1.x.y with x and y of 1..250. */
const HOSTS_PER_NET = 250;
export const MOST_HOSTS = HOSTS_PER_NET * HOSTS_PER_NET;
/** Ephemeral ports, above those that Wireshark takes for a traceroute. */
const FIRST_PORT = 40_000;
const PORTS = 25_000;

/** The client of connection 0, 1, 2, ..., each host having `perHost` of them on ports that differ from host to host. */
export function clientOf(connection: number, perHost = 10): Endpoint {
  const host = Math.floor(connection / perHost);
  const x = 1 + Math.floor(host / HOSTS_PER_NET);
  const y = 1 + (host % HOSTS_PER_NET);
  const port = FIRST_PORT + (mix32(host) % Math.floor(PORTS / perHost)) * perHost + (connection % perHost);
  return { address: 0x0a010000 + (x << 8) + y, port };
}

/** The capture in `folder`; made now if it is not there yet, under another name until it is whole. */
export function madeCapture(folder: string, capture: Capture, progress: (line: string) => void): MadeCapture {
  const path = `${folder}${capture.name}.pcap`;
  const about = `${path}.json`;
  if (!existsSync(about)) {
    progress(`making ${capture.name}`);
    mkdirSync(folder, { recursive: true });
    const file = new PacketFile(`${path}.part`);
    const expected = capture.write(file);
    file.close();
    renameSync(`${path}.part`, path);
    writeFileSync(about, JSON.stringify({ packets: file.packets, ...expected }));
  }
  const expected = JSON.parse(readFileSync(about, 'utf8')) as Expected;
  return { name: capture.name, path, packets: expected.packets, expected };
}

/** The same of a folder of captures, made in it one by one. */
export function madeFolder(
  parent: string,
  { name, captures, write }: Folder,
  progress: (line: string) => void,
): MadeCapture {
  const path = `${parent}${name}`;
  const about = `${path}.json`;
  if (!existsSync(about)) {
    progress(`making ${name}`);
    mkdirSync(path, { recursive: true });
    const sums: Record<string, number> = { packets: 0 };
    for (let index = 0; index < captures; index++) {
      const file = new PacketFile(`${path}/${String(index).padStart(6, '0')}.pcap`);
      for (const [key, value] of Object.entries(write(file, index))) sums[key] = (sums[key] ?? 0) + value;
      file.close();
      sums.packets += file.packets;
    }
    writeFileSync(about, JSON.stringify(sums));
  }
  const expected = JSON.parse(readFileSync(about, 'utf8')) as Expected;
  return { name, path, packets: expected.packets, expected };
}
