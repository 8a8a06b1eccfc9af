/**
 * How the two sockets of a stream's flow come to be: the client is there, the upstream has to be reached, and where one of
 * them speaks TLS there are handshakes. Here the way without TLS; tls.ts has the other one.
 */
import * as net from 'node:net';
import { codeOf, reasonOf } from '../../system-errors.ts';
import { type Address, formatAddress, isPath } from '../address.ts';
import { SERVER, type Side, type SocketAddress } from '../ends.ts';
import type { ProxyEvent } from './listener.ts';

/** One side of a flow. */
export interface Leg {
  /** What is said in plaintext. */
  readonly plain: net.Socket;
  /** The socket beneath it, which can be reset; the same one without TLS. */
  readonly raw: net.Socket;
  /** What a failure is worth saying about, in one line. */
  explain?(error: Error): string | undefined;
}

export interface OpeningFailure {
  /** Who is the reason. */
  readonly side: Side;
  readonly kind: ProxyEvent['kind'];
  /** One line; undefined for a client that has left without a word. */
  readonly message: string | undefined;
  /** The server's, as far as it is known. */
  readonly server?: SocketAddress | undefined;
}

/** How the opening of a flow turns out: one of the two is called, once, and never before the opener has returned. */
export interface OpeningOutcome {
  /** @param comment about the flow, for the recording */
  opened(client: Leg, server: Leg, comment: string): void;
  failed(failure: OpeningFailure): void;
}

export interface Opening {
  /** The client has closed. The reason may still be reported. */
  clientGone(): void;
  /** The flow is not wanted any more: nothing is reported, and the connection to the server is dropped. */
  abandon(): void;
}

/** @param client paused, as it was accepted */
export type Opener = (client: net.Socket, outcome: OpeningOutcome) => Opening;

/** A flow without TLS is open when its server is reached. */
export function openPlain(upstream: Address): Opener {
  return (client, outcome) => {
    const server = connect(upstream);
    let isOver = false;
    server.on('error', error => {
      if (!isOver) outcome.failed(connectFailure(upstream, error));
      isOver = true;
    });
    server.once('connect', () => {
      isOver = true;
      const comment = isPath(upstream) ? formatAddress(upstream) : '';
      outcome.opened({ plain: client, raw: client }, { plain: server, raw: server }, comment);
    });
    const abandon = () => {
      isOver = true;
      server.destroy();
    };
    return { abandon, clientGone: abandon };
  };
}

export function connect(upstream: Address): net.Socket {
  const common = { allowHalfOpen: true };
  if (isPath(upstream)) return net.connect({ ...common, path: upstream.path });
  return net.connect({ ...common, host: upstream.host, port: upstream.port, noDelay: true });
}

/** A server that could not be reached. */
export function connectFailure(upstream: Address, error: Error): OpeningFailure {
  return {
    side: SERVER,
    kind: isShortage(error) ? 'limit' : 'refused',
    message: `${formatAddress(upstream)}: ${reasonOf(error, NO_SOCKET)}`,
    server: addressOf(error),
  };
}

/** Where a socket is; undefined for a Unix socket, and for one that is gone. */
export function place(address: string | undefined, port: number | undefined): SocketAddress | undefined {
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

const NO_SOCKET = { missing: 'no such socket' };
