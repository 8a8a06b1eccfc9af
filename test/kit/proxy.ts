/** A proxy on the loopback for one test, with what passes through it collected, and peers to put on either side. */
import * as dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CaptureFacts, Frame } from '../../src/capture/source.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { type NetworkAddress, parsePair } from '../../src/proxy/address.ts';
import type { ProxyEvent } from '../../src/proxy/io/listener.ts';
import { ProxyServer, type ServerOptions } from '../../src/proxy/io/server.ts';

/** A frame that was kept. */
export interface Kept {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly pair: number;
  readonly comment: string;
}

export class Collected {
  readonly frames: Kept[] = [];
  readonly events: ProxyEvent[] = [];
  facts: CaptureFacts | undefined = undefined;

  begin(facts: CaptureFacts): void {
    this.facts = facts;
  }

  frame({ bytes, start, end, number, interfaceId, comment }: Frame): void {
    this.frames.push({ bytes: bytes.slice(start, end), number, pair: interfaceId, comment });
  }
}

export interface StartedProxy {
  readonly server: ProxyServer;
  readonly seen: Collected;
}

/** Between `listen` and `upstream`; stopped when the test is over. */
export async function startProxy(
  listen: string,
  upstream: string,
  options: Partial<Omit<ServerOptions, 'limits'>> & { limits?: Partial<ServerOptions['limits']> } = {},
): Promise<StartedProxy> {
  const seen = new Collected();
  const server = await ProxyServer.start(
    {
      pairs: [parsePair(listen, upstream)],
      idle: 60_000,
      now: () => performance.timeOrigin + performance.now(),
      onEvent: event => seen.events.push(event),
      ...options,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
    },
    seen,
  );
  onTestFinished(() => server.stop());
  return { server, seen };
}

/** The port that a pair listens on. */
export function portOf(server: ProxyServer, pair = 0): number {
  return (server.pairs[pair].listen as NetworkAddress).port;
}

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-proxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Answers each TCP or Unix stream client as `serve` says; returns the port, 0 for a path. */
export async function streamServer(serve: (socket: net.Socket) => void, where: number | string = 0): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => {});
    serve(socket);
  });
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A TCP or Unix stream client, half-open as programs in C are. */
export async function streamClient(where: number | string): Promise<net.Socket> {
  const common = { allowHalfOpen: true };
  const socket =
    typeof where === 'string'
      ? net.connect({ ...common, path: where })
      : net.connect({ ...common, port: where, host: '127.0.0.1' });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

/** All that a socket receives until its end. */
export async function heardOf(socket: net.Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts);
}

/** A peer that writes to the other for as long as anybody takes it. */
export class Torrent {
  readonly #wave: Uint8Array;
  #socket: net.Socket | undefined;

  /** @param wave what it writes, over and over */
  constructor(wave: Uint8Array = new Uint8Array(64 * 1024)) {
    this.#wave = wave;
  }

  readonly serve = (socket: net.Socket): void => {
    this.#socket = socket;
    const more = () => {
      while (socket.write(this.#wave)) {}
    };
    socket.on('drain', more);
    more();
  };

  /** Resolves when nobody does: with the bytes that were taken. */
  async heldUp(): Promise<number> {
    let taken = -1;
    await until('the server to be held up', () => {
      const stands = this.#socket?.bytesWritten === taken && this.#socket.writableNeedDrain;
      taken = this.#socket?.bytesWritten ?? -1;
      return stands === true;
    });
    return taken;
  }
}

/** A UDP socket on the loopback that answers as `serve` says. */
export async function datagramServer(
  serve: (socket: dgram.Socket, bytes: Buffer, client: dgram.RemoteInfo) => void,
  host = '127.0.0.1',
): Promise<number> {
  const socket = await datagramSocket(host);
  socket.on('message', (bytes, client) => serve(socket, bytes, client));
  return socket.address().port;
}

export async function datagramSocket(host = '127.0.0.1'): Promise<dgram.Socket> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  let isOpen = true;
  socket.once('close', () => {
    isOpen = false;
  });
  onTestFinished(() => {
    if (isOpen) socket.close();
  });
  return socket;
}

/** Resolves when `holds` does; fails after a few seconds with what is waited for. */
export async function until(what: string, holds: () => boolean, milliseconds = 5_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 1));
  }
}
