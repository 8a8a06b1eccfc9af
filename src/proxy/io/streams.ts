/**
 * TCP connections and Unix stream sockets: a listening socket, and for each client one to the upstream. Bytes go through as
 * they come (TCP_NODELAY), each direction ends by itself, a reset stays a reset as far as the transport has one.
 */
import * as fs from 'node:fs';
import * as net from 'node:net';
import { UsageError } from '../../config.ts';
import { codeOf, reasonOf, TO_WRITE } from '../../system-errors.ts';
import { type Address, formatAddress, isPath, type NetworkAddress } from '../address.ts';
import { CLIENT, SERVER, type Side, type SocketAddress } from '../ends.ts';
import type { FlowSockets } from './flow-sockets.ts';
import type { Listener, ListenerContext } from './listener.ts';
import { removeStale, SOCKET_MODE } from './stale-socket.ts';

/** Clients that wait to be accepted. */
const BACKLOG = 4_096;

export class StreamListener implements Listener {
  readonly address: Address;
  readonly #server: net.Server;
  readonly #context: ListenerContext;

  private constructor(server: net.Server, address: Address, context: ListenerContext) {
    this.#server = server;
    this.address = address;
    this.#context = context;
    server.on('connection', socket => this.#accept(socket));
    server.on('error', error => this.#tell(reasonOf(error)));
  }

  /** Throws a `UsageError` when nobody can listen there. */
  static async listen(listen: Address, context: ListenerContext): Promise<StreamListener> {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    if (isPath(listen)) await removeStale(listen.path);
    await listening(server, listen);
    const bound = server.address();
    const address =
      bound !== null && typeof bound === 'object' ? { ...(listen as NetworkAddress), port: bound.port } : listen;
    return new StreamListener(server, address, context);
  }

  stop(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    if (this.#server.listening) this.#server.close();
  }

  tick(): void {}

  #accept(client: net.Socket): void {
    const { relay, pair, table, mostFlows, onFlows } = this.#context;
    if (relay.size >= mostFlows) {
      breakOff(client);
      this.#tell('too many flows at once');
      return;
    }
    const { remoteAddress, remotePort, localAddress, localPort } = client;
    const opening = { pair, client: place(remoteAddress, remotePort), listen: place(localAddress, localPort) };
    const id = relay.open(opening);
    const flow = new StreamFlow(id, client, this.#context);
    table.add(id, flow);
    flow.start();
    onFlows();
  }

  #tell(reason: string): void {
    const message = `${formatAddress(this.address)}: a client was refused: ${reason}`;
    this.#context.onEvent({ kind: 'limit', message });
  }
}

/** A client, and the upstream for it. */
class StreamFlow implements FlowSockets {
  readonly #sockets: [net.Socket, net.Socket];
  readonly #context: ListenerContext;
  readonly #id: number;
  /** Sockets that are not closed yet. */
  #open = 2;
  #isConnected = false;

  constructor(id: number, client: net.Socket, context: ListenerContext) {
    this.#id = id;
    this.#context = context;
    this.#sockets = [client, connect(context.upstream)];
  }

  start(): void {
    this.#sockets[SERVER].once('connect', () => this.#connected());
    this.#watch(CLIENT);
    this.#watch(SERVER);
  }

  send(to: Side, bytes: Uint8Array): boolean {
    const socket = this.#sockets[to];
    if (!socket.writable) return true;
    const hasRoom = socket.write(bytes);
    return hasRoom || socket.writableLength < this.#context.mostWaiting;
  }

  end(to: Side): void {
    this.#sockets[to].end();
  }

  reset(to: Side): void {
    breakOff(this.#sockets[to]);
  }

  pause(side: Side): void {
    this.#sockets[side].pause();
  }

  resume(side: Side): void {
    this.#sockets[side].resume();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(): void {
    const { relay, upstream } = this.#context;
    this.#isConnected = true;
    const { remoteAddress, remotePort } = this.#sockets[SERVER];
    relay.connected(this.#id, place(remoteAddress, remotePort), isPath(upstream) ? formatAddress(upstream) : '');
    this.#sockets[CLIENT].resume();
  }

  #watch(side: Side): void {
    const { relay } = this.#context;
    const socket = this.#sockets[side];
    socket.on('data', (bytes: Uint8Array) => relay.data(this.#id, side, bytes));
    socket.on('end', () => relay.ended(this.#id, side));
    socket.on('drain', () => relay.drained(this.#id, side));
    socket.on('error', error => this.#failed(side, error));
    socket.on('close', () => this.#closed());
    // Reading begins when both sides are there.
    if (side === CLIENT) socket.pause();
  }

  #failed(side: Side, error: Error): void {
    const { relay, upstream, onEvent } = this.#context;
    if (side === SERVER && !this.#isConnected) {
      const message = `${formatAddress(upstream)}: ${reasonOf(error, NO_SOCKET)}`;
      onEvent({ kind: isShortage(error) ? 'limit' : 'refused', message });
      relay.refused(this.#id, addressOf(error));
    } else {
      relay.broken(this.#id, side);
    }
  }

  #closed(): void {
    const { relay, table, onFlows } = this.#context;
    // A client that is gone before its server was reached leaves nobody to speak for.
    if (!this.#isConnected) this.destroy();
    if (--this.#open > 0) return;
    relay.close(this.#id);
    table.delete(this.#id);
    onFlows();
  }
}

/** With a reset, where the transport has one. */
function breakOff(socket: net.Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** Where a socket is; undefined for a Unix socket, and for one that is gone. */
function place(address: string | undefined, port: number | undefined): SocketAddress | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** The server's address in the words of the system's refusal. */
function addressOf(error: Error): SocketAddress | undefined {
  const { address, port } = error as { address?: unknown; port?: unknown };
  return typeof address === 'string' && typeof port === 'number' && net.isIP(address) ? { address, port } : undefined;
}

function isShortage(error: Error): boolean {
  return ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'].includes(codeOf(error));
}

function connect(upstream: Address): net.Socket {
  const common = { allowHalfOpen: true };
  if (isPath(upstream)) return net.connect({ ...common, path: upstream.path });
  return net.connect({ ...common, host: upstream.host, port: upstream.port, noDelay: true });
}

function listening(server: net.Server, listen: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(new UsageError(`cannot listen on ${formatAddress(listen)}: ${reasonOf(error, TO_WRITE)}`));
    };
    server.once('error', fail);
    const started = () => {
      server.off('error', fail);
      resolve();
    };
    if (!isPath(listen)) {
      server.listen({ host: listen.host, port: listen.port, backlog: BACKLOG }, started);
      return;
    }
    server.listen({ path: listen.path, backlog: BACKLOG }, started);
    // The socket is there by now, and nobody was accepted yet.
    if (server.listening) fs.chmodSync(listen.path, SOCKET_MODE);
  });
}

const NO_SOCKET = { missing: 'no such socket' };
