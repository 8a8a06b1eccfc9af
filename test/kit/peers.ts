/**
 * Scripted peers on both sides of a proxy, for each of its transports: they say what a script has, line by line, and each
 * line has arrived before the next is said, so that everything is seen in the script's order.
 */
import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { join } from 'node:path';
import type { SeqpacketSocket } from 'node-unix-socket';
import { onTestFinished } from 'vitest';
import type { Address, NetworkAddress, PathAddress } from '../../src/proxy/address.ts';
import { datagramSocket, streamClient, until } from './proxy.ts';
import { CLIENT, type Side } from './tcp.ts';
import { tlsClient, tlsServer } from './tls.ts';

export type Transport = 'udp' | 'tcp' | 'tls' | 'unix' | 'unix-seqpacket';

/** One thing that one side of a flow says. */
export interface Line {
  readonly flow: number;
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly ending?: 'fin' | 'reset' | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Who speaks to whom, `10.0.0.1:5000`, and what. */
export interface Script {
  readonly flows: readonly (readonly [client: string, server: string])[];
  readonly lines: readonly Line[];
}

/** The peers of all flows: servers that listen, and clients that come when they have something to say. */
export interface Peers {
  /** Where the servers listen, as the command line spells it. */
  readonly address: string;
  /** 0 where that is a path. */
  readonly port: number;
  /** Says it to the proxy that listens there; resolves when the other side has heard as much. */
  say(line: Line, proxy: Address): Promise<void>;
  /** What the server of the first flow has heard, in hex. */
  heard(): string;
}

/** @param folder for sockets that have a path */
export function openPeers(transport: Transport, folder: string): Promise<Peers> {
  if (transport === 'udp') return datagramPeers();
  return transport === 'unix-seqpacket' ? recordPeers(folder) : streamPeers(transport, folder);
}

async function datagramPeers(): Promise<Peers> {
  const server = await datagramSocket();
  const clients: dgram.Socket[] = [];
  /** By flow: where the proxy speaks to the server from. */
  const places: dgram.RemoteInfo[] = [];
  const { port } = server.address();
  const heard: Uint8Array[] = [];
  server.on('message', bytes => heard.push(bytes));
  return {
    address: `udp:${port}`,
    port,
    heard: () => Buffer.concat(heard).toString('hex'),
    async say({ flow, side, bytes }, proxy) {
      clients[flow] ??= await datagramSocket();
      const heard = once(side === CLIENT ? server : clients[flow], 'message');
      if (side === CLIENT) clients[flow].send(bytes, (proxy as NetworkAddress).port, '127.0.0.1');
      else server.send(bytes, places[flow].port, places[flow].address);
      const [, from] = await heard;
      if (side === CLIENT) places[flow] = from;
    },
  };
}

/** One end of a connection: what it has heard, and how it speaks. */
class Peer {
  readonly heard: Uint8Array[] = [];
  bytes = 0;
  hasHeardTheEnd = false;
  readonly socket: net.Socket | SeqpacketSocket;

  constructor(socket: net.Socket | SeqpacketSocket) {
    this.socket = socket;
    const emitter: NodeJS.EventEmitter = socket;
    emitter.on('data', (chunk: Uint8Array) => {
      this.heard.push(chunk);
      this.bytes += chunk.length;
    });
    const over = () => {
      this.hasHeardTheEnd = true;
    };
    emitter.on('end', over).on('error', over).on('close', over);
  }

  async say({ bytes, ending }: Line, listener: Peer): Promise<void> {
    const wanted = listener.bytes + bytes.length;
    if (bytes.length > 0) this.socket.write(Buffer.from(bytes));
    if (ending === 'fin') this.socket.end();
    await until(
      'the other side to hear it',
      () => listener.bytes >= wanted && (ending !== 'fin' || listener.hasHeardTheEnd),
    );
    if (ending !== 'reset') return;
    // A reset is TCP's own; sockets with a path are merely closed.
    if (this.socket instanceof net.Socket && this.socket.remoteAddress) this.socket.resetAndDestroy();
    else this.socket.destroy();
    await until('the other side to hear of the end', () => listener.hasHeardTheEnd);
  }
}

function heardBy(accepted: readonly Peer[]): string {
  return Buffer.concat(accepted[0]?.heard ?? []).toString('hex');
}

type Connect = (proxy: Address) => Promise<readonly [client: Peer, server: Peer]>;

function connected(connect: Connect): Peers['say'] {
  const flows: (readonly [Peer, Peer])[] = [];
  return async (line, proxy) => {
    flows[line.flow] ??= await connect(proxy);
    const ends = flows[line.flow];
    await ends[line.side].say(line, ends[1 - line.side]);
  };
}

async function streamPeers(transport: 'tcp' | 'tls' | 'unix', folder: string): Promise<Peers> {
  const accepted: Peer[] = [];
  const accept = (socket: net.Socket) => {
    accepted.push(new Peer(socket));
  };
  const path = join(folder, 'up.sock');
  let port = 0;
  if (transport === 'tls') port = await tlsServer(accept);
  else {
    const server = net.createServer({ allowHalfOpen: true }, accept);
    if (transport === 'unix') server.listen(path);
    else server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  }
  return {
    address: transport === 'unix' ? `unix:${path}` : `${transport}:127.0.0.1:${port}`,
    port,
    heard: () => heardBy(accepted),
    say: connected(async proxy => {
      const count = accepted.length;
      const where = 'path' in proxy ? proxy.path : proxy.port;
      const client =
        transport === 'tls'
          ? await tlsClient(where as number, { rejectUnauthorized: false })
          : await streamClient(where);
      await until('the proxy to reach the server', () => accepted.length > count);
      return [new Peer(client), accepted[count]];
    }),
  };
}

async function recordPeers(folder: string): Promise<Peers> {
  const sockets = await import('node-unix-socket');
  const path = join(folder, 'up.sock');
  const accepted: Peer[] = [];
  const server = new sockets.SeqpacketServer();
  server.on('connection', (socket: SeqpacketSocket) => accepted.push(new Peer(socket)));
  server.listen(path);
  onTestFinished(() => server.close());
  return {
    address: `unix-seqpacket:${path}`,
    port: 0,
    heard: () => heardBy(accepted),
    say: connected(async proxy => {
      const count = accepted.length;
      const client = new sockets.SeqpacketSocket();
      onTestFinished(() => client.destroy());
      client.connect((proxy as PathAddress).path);
      await once(client, 'connect');
      await until('the proxy to reach the server', () => accepted.length > count);
      return [new Peer(client), accepted[count]];
    }),
  };
}
