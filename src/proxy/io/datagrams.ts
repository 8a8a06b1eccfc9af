/**
 * UDP: one listening socket a pair, and for each client a socket of its own to the upstream, so that answers find their
 * way back. A client that has been silent for long is forgotten; where there are too many, the one silent longest goes.
 *
 * The proxy learns of a port that nobody listens on (ICMP, as ECONNREFUSED) and puts that in the recording. It cannot
 * notify the client: a process without rights on the raw network cannot send ICMP.
 */
import * as dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import * as net from 'node:net';
import { UsageError } from '../../settings/words.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import { formatAddress, type NetworkAddress } from '../address.ts';
import { CLIENT, SERVER, type Side, type SocketAddress } from '../ends.ts';
import type { FlowSockets } from './flow-sockets.ts';
import type { Listener, ListenerContext } from './listener.ts';

/** What the kernel keeps until it is read, as far as it lets a process ask for. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** Datagrams of a client that wait until its own socket is ready. */
const MOST_EARLY = 64;

/** An address needs no looking up, and so no turn of the event loop. */
export const NO_LOOKUP = ((
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
) => {
  done(null, host, net.isIP(host));
}) as unknown as NonNullable<dgram.SocketOptions['lookup']>;

export class DatagramListener implements Listener {
  readonly address: NetworkAddress;
  readonly #socket: dgram.Socket;
  readonly #context: ListenerContext;
  readonly #listen: SocketAddress;
  readonly #server: SocketAddress;
  /** By the client's address, the one silent longest first, to within a second. */
  readonly #flows = new Map<string, DatagramFlow>();
  #isStopped = false;

  private constructor(socket: dgram.Socket, address: NetworkAddress, server: SocketAddress, context: ListenerContext) {
    this.#socket = socket;
    this.address = address;
    this.#context = context;
    this.#server = server;
    this.#listen = { address: socket.address().address, port: address.port };
    socket.on('message', (bytes, client) => this.#datagram(bytes, client));
    // What a client that is gone answers with: nothing to be done about it.
    socket.on('error', () => {});
  }

  /** Throws a `UsageError` when nobody can listen there, or the upstream's name cannot be looked up. */
  static async listen(listen: NetworkAddress, context: ListenerContext): Promise<DatagramListener> {
    const upstream = context.upstream as NetworkAddress;
    const server = await resolved(upstream);
    const here = await resolved(listen);
    const socket = dgram.createSocket({ type: typeOf(here), lookup: NO_LOOKUP });
    await bound(socket, here, listen);
    setReceiveBuffer(socket);
    return new DatagramListener(socket, { ...listen, port: socket.address().port }, server, context);
  }

  stop(): void {
    this.#isStopped = true;
  }

  close(): Promise<void> {
    for (const flow of [...this.#flows.values()]) this.#forget(flow);
    return new Promise(resolve => this.#socket.close(() => resolve()));
  }

  tick(now: number): void {
    for (const flow of this.#flows.values()) {
      if (now - flow.lastActive < this.#context.idle) break;
      this.#forget(flow);
    }
  }

  #datagram(bytes: Uint8Array, { address, port }: dgram.RemoteInfo): void {
    const key = `${address} ${port}`;
    const flow = this.#flows.get(key) ?? (this.#isStopped ? undefined : this.#open(key, { address, port }));
    if (!flow) return;
    this.#touch(flow);
    flow.fromClient(bytes);
  }

  /** Moves a flow to the end of those that are silent, at most once a second. */
  #touch(flow: DatagramFlow): void {
    const now = this.#context.now();
    if (now - flow.lastActive < 1_000) return;
    flow.lastActive = now;
    this.#flows.delete(flow.key);
    this.#flows.set(flow.key, flow);
  }

  #open(key: string, client: SocketAddress): DatagramFlow {
    const { relay, table, pair, mostFlows, onFlows, now } = this.#context;
    if (relay.size >= mostFlows) this.#giveUpOldest();
    const id = relay.open({ pair, client, listen: this.#listen });
    const flow = new DatagramFlow(id, key, {
      listener: this.#socket,
      client,
      server: this.#server,
      context: this.#context,
      onShortage: () => this.#giveUpOldest(),
      onActive: active => this.#touch(active),
    });
    flow.lastActive = now();
    this.#flows.set(key, flow);
    table.add(id, flow);
    onFlows();
    return flow;
  }

  #giveUpOldest(): void {
    const [oldest] = this.#flows.values();
    if (!oldest) return;
    this.#forget(oldest);
    this.#context.onEvent({
      kind: 'limit',
      message: `${formatAddress(this.address)}: too many clients at once: the one silent longest was forgotten`,
    });
  }

  #forget(flow: DatagramFlow): void {
    const { relay, table, onFlows } = this.#context;
    this.#flows.delete(flow.key);
    flow.destroy();
    relay.close(flow.id);
    table.delete(flow.id);
    onFlows();
  }
}

interface DatagramFlowOptions {
  /** Answers go back through it. */
  readonly listener: dgram.Socket;
  readonly client: SocketAddress;
  readonly server: SocketAddress;
  readonly context: ListenerContext;
  /** There is no descriptor left for another socket. */
  readonly onShortage: () => void;
  readonly onActive: (flow: DatagramFlow) => void;
}

/** The datagrams of one client, and its socket to the upstream. */
class DatagramFlow implements FlowSockets {
  readonly id: number;
  readonly key: string;
  /** Milliseconds since the Unix epoch, to within a second. */
  lastActive = 0;
  readonly #options: DatagramFlowOptions;
  #socket: dgram.Socket | undefined;
  #early: Uint8Array[] = [];
  #isReady = false;
  /** Length of the last datagram sent: what an ICMP message answers to. */
  #lastLength = 0;

  constructor(id: number, key: string, options: DatagramFlowOptions) {
    this.id = id;
    this.key = key;
    this.#options = options;
    this.#socket = this.#connect(true);
  }

  fromClient(bytes: Uint8Array): void {
    const { context, server } = this.#options;
    if (this.#isReady) context.relay.datagram(this.id, CLIENT, bytes, server);
    else if (this.#early.length < MOST_EARLY) this.#early.push(bytes);
    else this.#dropped();
  }

  send(to: Side, bytes: Uint8Array): boolean {
    const { client, listener, context } = this.#options;
    const socket = to === CLIENT ? listener : this.#socket;
    if (!socket) return true;
    if (socket.getSendQueueSize() > context.mostWaiting) {
      this.#dropped();
      return true;
    }
    if (to === CLIENT) {
      listener.send(bytes, client.port, client.address, ignore);
    } else {
      this.#lastLength = bytes.length;
      socket.send(bytes, error => error && this.#failed(error));
    }
    return true;
  }

  end(): void {}

  reset(): void {}

  pause(): void {}

  resume(): void {}

  destroy(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(mayRetry: boolean): dgram.Socket {
    const { server, context, onActive } = this.#options;
    const socket = dgram.createSocket({ type: typeOf(server), lookup: NO_LOOKUP });
    socket.on('error', error => {
      if (socket !== this.#socket) return;
      if (!this.#isReady && mayRetry && isShortage(error)) this.#retry();
      else this.#failed(error);
    });
    socket.on('message', bytes => {
      onActive(this);
      context.relay.datagram(this.id, SERVER, bytes, server);
    });
    socket.once('connect', () => this.#ready());
    socket.connect(server.port, server.address);
    return socket;
  }

  /** Somebody who is silent gives their descriptor. */
  #retry(): void {
    this.#options.onShortage();
    if (this.#socket === undefined) return;
    this.destroy();
    this.#socket = this.#connect(false);
  }

  #ready(): void {
    if (!this.#socket) return;
    this.#isReady = true;
    setReceiveBuffer(this.#socket);
    const { context, server } = this.#options;
    for (const bytes of this.#early) context.relay.datagram(this.id, CLIENT, bytes, server);
    this.#early = [];
  }

  #failed(error: Error): void {
    const { context } = this.#options;
    const message = `${formatAddress(context.upstream)}: ${reasonOf(error)}`;
    context.onEvent({ kind: isShortage(error) ? 'limit' : 'refused', message });
    if (codeOf(error) === 'ECONNREFUSED') context.relay.unreachable(this.id, this.#lastLength);
  }

  #dropped(): void {
    const { context } = this.#options;
    context.onEvent({ kind: 'dropped', message: `${formatAddress(context.upstream)}: datagrams were dropped` });
  }
}

function ignore(): void {}

function isShortage(error: Error): boolean {
  return ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN'].includes(codeOf(error));
}

export function typeOf({ address }: SocketAddress): 'udp4' | 'udp6' {
  return net.isIPv6(address) ? 'udp6' : 'udp4';
}

export function setReceiveBuffer(socket: dgram.Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // It keeps the size that the system gives.
  }
}

/** @throws UsageError (the promise rejects) for a name that cannot be looked up */
export async function resolved(address: NetworkAddress): Promise<SocketAddress> {
  const { host, port } = address;
  if (net.isIP(host.replace(/%.*$/, ''))) return { address: host, port };
  try {
    return { address: (await lookup(host)).address, port };
  } catch (error) {
    throw new UsageError(`${formatAddress(address)}: ${reasonOf(error)}`);
  }
}

/** @throws UsageError (the promise rejects) where nobody can listen */
export function bound(socket: dgram.Socket, { address, port }: SocketAddress, listen: NetworkAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(new UsageError(`cannot listen on ${formatAddress(listen)}: ${reasonOf(error)}`));
    };
    socket.once('error', fail);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', fail);
      resolve();
    });
  });
}
