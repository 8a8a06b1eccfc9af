/**
 * TCP connections and Unix stream sockets: a listening socket, and for each client one to the upstream. Bytes go through as
 * they come (TCP_NODELAY), each direction ends by itself, a reset stays a reset as far as the transport has one. With TLS on
 * one side or both, what passes is the plaintext.
 */
import * as fs from 'node:fs';
import * as net from 'node:net';
import { UsageError } from '../../settings/words.ts';
import { reasonOf, TO_WRITE } from '../../system-errors.ts';
import { type Address, formatAddress, isPath, type NetworkAddress } from '../address.ts';
import { CLIENT, SERVER, type Side } from '../ends.ts';
import type { FlowSockets } from './flow-sockets.ts';
import type { Listener, ListenerContext } from './listener.ts';
import { removeStale, SOCKET_MODE } from './stale-socket.ts';
import { type Leg, type Opener, type Opening, type OpeningFailure, place } from './stream-opening.ts';

/** Clients that wait to be accepted. */
const BACKLOG = 4_096;

export class StreamListener implements Listener {
  readonly address: Address;
  readonly #server: net.Server;
  readonly #context: ListenerContext;
  readonly #open: Opener;

  private constructor(server: net.Server, address: Address, context: ListenerContext, open: Opener) {
    this.#server = server;
    this.address = address;
    this.#context = context;
    this.#open = open;
    server.on('connection', socket => this.#accept(socket));
    server.on('error', error => this.#tell(reasonOf(error)));
  }

  /**
   * @param openAt how a client's flow is opened, when that is where it listens
   * @throws UsageError when nobody can listen there
   */
  static async listen(
    listen: Address,
    context: ListenerContext,
    openAt: (bound: Address) => Opener,
  ): Promise<StreamListener> {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    if (isPath(listen)) await removeStale(listen.path);
    await listening(server, listen);
    const bound = server.address();
    const address =
      bound !== null && typeof bound === 'object' ? { ...(listen as NetworkAddress), port: bound.port } : listen;
    return new StreamListener(server, address, context, openAt(address));
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
    flow.start(this.#open);
    onFlows();
  }

  #tell(reason: string): void {
    const message = `${formatAddress(this.address)}: a client was refused: ${reason}`;
    this.#context.onEvent({ kind: 'limit', message });
  }
}

/** A client, and the upstream for it. */
class StreamFlow implements FlowSockets {
  readonly #client: net.Socket;
  readonly #context: ListenerContext;
  readonly #id: number;
  #opening: Opening | undefined = undefined;
  /** By side, once both are there. */
  #legs: readonly [Leg, Leg] | undefined = undefined;
  /** Sockets that are not closed yet, once both are there. */
  #open = 2;

  constructor(id: number, client: net.Socket, context: ListenerContext) {
    this.#id = id;
    this.#client = client;
    this.#context = context;
  }

  start(open: Opener): void {
    this.#listen(CLIENT, this.#client);
    this.#opening = open(this.#client, {
      opened: (client, server, comment) => this.#opened([client, server], comment),
      failed: failure => this.#notOpened(failure),
    });
  }

  send(to: Side, bytes: Uint8Array): boolean {
    const socket = this.#legs?.[to].plain;
    if (!socket?.writable) return true;
    const hasRoom = socket.write(bytes);
    return hasRoom || socket.writableLength < this.#context.mostWaiting;
  }

  end(to: Side): void {
    this.#legs?.[to].plain.end();
  }

  reset(to: Side): void {
    if (this.#legs) breakOff(this.#legs[to].raw);
    else if (to === CLIENT) breakOff(this.#client);
    else this.#opening?.abandon();
  }

  pause(side: Side): void {
    this.#legs?.[side].plain.pause();
  }

  resume(side: Side): void {
    this.#legs?.[side].plain.resume();
  }

  destroy(): void {
    this.#client.destroy();
    this.#opening?.abandon();
    for (const { plain, raw } of this.#legs ?? []) {
      plain.destroy();
      raw.destroy();
    }
  }

  #opened(legs: readonly [Leg, Leg], comment: string): void {
    this.#legs = legs;
    if (this.#client.destroyed) {
      this.destroy();
      return;
    }
    const { remoteAddress, remotePort } = legs[SERVER].raw;
    this.#context.relay.connected(this.#id, place(remoteAddress, remotePort), comment);
    this.#listen(SERVER, legs[SERVER].raw);
    // Reading begins when both sides are there.
    this.#watch(CLIENT, legs[CLIENT]);
    this.#watch(SERVER, legs[SERVER]);
  }

  #notOpened({ side, kind, message, server }: OpeningFailure): void {
    const { relay, onEvent } = this.#context;
    if (message !== undefined) onEvent({ kind, message });
    if (side === SERVER) {
      relay.refused(this.#id, server);
    } else {
      relay.broken(this.#id, CLIENT);
      this.#client.destroy();
    }
  }

  #listen(side: Side, raw: net.Socket): void {
    raw.on('error', error => this.#failed(side, error));
    raw.on('close', () => this.#closed());
  }

  #watch(side: Side, { plain, raw }: Leg): void {
    const { relay } = this.#context;
    plain.on('data', (bytes: Uint8Array) => relay.data(this.#id, side, bytes));
    plain.on('end', () => relay.ended(this.#id, side));
    plain.on('drain', () => relay.drained(this.#id, side));
    if (plain !== raw) plain.on('error', error => this.#failed(side, error));
    plain.resume();
  }

  #failed(side: Side, error: Error): void {
    const message = this.#legs?.[side].explain?.(error);
    if (message !== undefined) this.#context.onEvent({ kind: 'tls', message });
    this.#context.relay.broken(this.#id, side);
  }

  #closed(): void {
    const { relay, table, onFlows } = this.#context;
    // A client that is gone before its server was reached leaves nobody to speak for.
    if (!this.#legs) this.#opening?.clientGone();
    else if (--this.#open > 0) return;
    relay.close(this.#id);
    table.delete(this.#id);
    onFlows();
  }
}

/** With a reset, where the transport has one. */
export function breakOff(raw: net.Socket): void {
  if (raw.remotePort === undefined) raw.destroy();
  else raw.resetAndDestroy();
}

/** @throws UsageError (the promise rejects) where nobody can listen */
export function listening(server: net.Server, listen: Address): Promise<void> {
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
