/**
 * Unix sockets that keep records apart (SOCK_SEQPACKET), which Node has none of: a package with a binary part, which may be
 * missing, makes them. It cannot stop reading, so that a side that takes no more records is given up beyond a bound.
 */
import * as fs from 'node:fs';
import type { SeqpacketServer, SeqpacketSocket } from 'node-unix-socket';
import { UsageError } from '../../settings/words.ts';
import { formatAddress, type PathAddress } from '../address.ts';
import { CLIENT, otherSide, SERVER, type Side } from '../ends.ts';
import type { FlowSockets } from './flow-sockets.ts';
import type { Listener, ListenerContext } from './listener.ts';
import { removeStale, SOCKET_MODE } from './stale-socket.ts';

type Package = typeof import('node-unix-socket');

/** Clients that wait to be accepted. */
const BACKLOG = 511;

export class RecordListener implements Listener {
  readonly address: PathAddress;
  readonly #server: SeqpacketServer;
  readonly #package: Package;
  readonly #context: ListenerContext;
  #isStopped = false;

  private constructor(sockets: Package, server: SeqpacketServer, address: PathAddress, context: ListenerContext) {
    this.#package = sockets;
    this.#server = server;
    this.address = address;
    this.#context = context;
    server.on('connection', (socket: SeqpacketSocket) => this.#accept(socket));
    server.on('error', (error: Error) => this.#tell(error.message));
  }

  /** Throws a `UsageError` when nobody can listen there, or the package has no binary for this machine. */
  static async listen(listen: PathAddress, context: ListenerContext): Promise<RecordListener> {
    const sockets = await loadRecordSockets(listen);
    await removeStale(listen.path);
    const server = new sockets.SeqpacketServer();
    try {
      server.listen(listen.path, BACKLOG);
    } catch (error) {
      const reason = error instanceof Error ? error.message.toLowerCase() : String(error);
      throw new UsageError(`cannot listen on ${formatAddress(listen)}: ${reason}`);
    }
    fs.chmodSync(listen.path, SOCKET_MODE);
    return new RecordListener(sockets, server, listen, context);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#server.close();
    fs.rmSync(this.address.path, { force: true });
  }

  async close(): Promise<void> {
    this.stop();
  }

  tick(): void {}

  #accept(client: SeqpacketSocket): void {
    const { relay, pair, table, mostFlows, onFlows } = this.#context;
    if (relay.size >= mostFlows) {
      client.destroy();
      this.#tell('too many flows at once');
      return;
    }
    const id = relay.open({ pair, client: undefined, listen: undefined, keepsRecords: true });
    const flow = new RecordFlow(id, client, new this.#package.SeqpacketSocket(), this.#context);
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
class RecordFlow implements FlowSockets {
  readonly #id: number;
  readonly #sockets: readonly [SeqpacketSocket, SeqpacketSocket];
  readonly #context: ListenerContext;
  /** By side: bytes given to it that it has not taken, and whether the end was sent to it. */
  readonly #waiting: [number, number] = [0, 0];
  readonly #isOver: [boolean, boolean] = [false, false];
  /** What the client says before its server is there. */
  #early: Uint8Array[] | undefined = [];
  #open = 2;

  constructor(id: number, client: SeqpacketSocket, server: SeqpacketSocket, context: ListenerContext) {
    this.#id = id;
    this.#sockets = [client, server];
    this.#context = context;
  }

  start(): void {
    const { upstream } = this.#context;
    const { path } = upstream as PathAddress;
    this.#watch(CLIENT);
    this.#watch(SERVER);
    try {
      this.#sockets[SERVER].connect(path, () => this.#connected());
    } catch {
      // The package has no words of its own for it.
      const reason = fs.existsSync(path) ? 'connection refused' : 'no such socket';
      this.#context.onEvent({ kind: 'refused', message: `${formatAddress(upstream)}: ${reason}` });
      this.#context.relay.refused(this.#id, undefined);
      this.#sockets[SERVER].destroy();
    }
  }

  send(to: Side, bytes: Uint8Array): boolean {
    const { mostWaiting, relay, upstream, onEvent } = this.#context;
    if (this.#isOver[to]) return true;
    this.#waiting[to] += bytes.length;
    this.#sockets[to].write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, () => {
      this.#waiting[to] -= bytes.length;
    });
    if (this.#waiting[to] > mostWaiting) {
      const message = `${formatAddress(upstream)}: a flow was aborted: one side takes no more (--limit proxy-bytes)`;
      onEvent({ kind: 'limit', message });
      // Not now: the record in hand is still on its way through the relay.
      queueMicrotask(() => {
        this.#sockets[to].destroy();
        relay.broken(this.#id, to);
      });
    }
    return true;
  }

  end(to: Side): void {
    if (this.#isOver[to]) return;
    this.#isOver[to] = true;
    this.#sockets[to].end();
  }

  reset(to: Side): void {
    this.#isOver[to] = true;
    this.#sockets[to].destroy();
  }

  pause(): void {}

  resume(): void {}

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(): void {
    const { relay, upstream } = this.#context;
    relay.connected(this.#id, undefined, formatAddress(upstream));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const bytes of early) relay.data(this.#id, CLIENT, bytes);
  }

  #watch(side: Side): void {
    const { relay } = this.#context;
    const socket = this.#sockets[side];
    socket.on('data', (bytes: Uint8Array) => {
      if (this.#early) this.#early.push(bytes);
      else relay.data(this.#id, side, bytes);
    });
    socket.on('end', () => relay.ended(this.#id, side));
    socket.on('error', () => relay.broken(this.#id, side));
    socket.on('close', () => this.#closed(side));
  }

  #closed(side: Side): void {
    const { relay, table, onFlows } = this.#context;
    this.#isOver[side] = true;
    if (this.#early) this.#sockets[otherSide(side)].destroy();
    if (--this.#open > 0) return;
    relay.close(this.#id);
    table.delete(this.#id);
    onFlows();
  }
}

/** @throws UsageError (the promise rejects) where the package has no binary for this machine */
export async function loadRecordSockets(listen: PathAddress): Promise<Package> {
  try {
    return (await import('node-unix-socket')).default;
  } catch {
    throw new UsageError(
      `${formatAddress(listen)}: the package node-unix-socket is missing, or has no binary for this machine ` +
        '(npm install node-unix-socket)',
    );
  }
}
