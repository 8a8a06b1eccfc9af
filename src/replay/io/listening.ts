/** Waits for live clients, by whichever transport its address names: each that comes is a plug. */
import * as dgram from 'node:dgram';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as tls from 'node:tls';
import type { SeqpacketSocket } from 'node-unix-socket';
import { type Address, formatAddress, isPath, type NetworkAddress, type PathAddress } from '../../proxy/address.ts';
import { type Credentials, isTls } from '../../proxy/io/credentials.ts';
import { bound, NO_LOOKUP, resolved, setReceiveBuffer, typeOf } from '../../proxy/io/datagrams.ts';
import { loadRecordSockets } from '../../proxy/io/records.ts';
import { removeStale, SOCKET_MODE } from '../../proxy/io/stale-socket.ts';
import { place } from '../../proxy/io/stream-opening.ts';
import { listening as listeningOn } from '../../proxy/io/streams.ts';
import { UsageError } from '../../settings/words.ts';
import { NO_STREAM, plugRecords, plugStream } from './connecting.ts';
import type { PlugNews } from './plug.ts';

/** Each client gets what this answers with; undefined: no more are wanted. */
export type Accept = () => PlugNews | undefined;

export interface Waiting {
  /** Where it listens, with the port that was chosen. */
  readonly address: Address;
  close(): Promise<void>;
}

/** @throws UsageError (the promise rejects) where nobody can listen */
export function listening(listen: Address, credentials: Credentials | undefined, accept: Accept): Promise<Waiting> {
  switch (listen.scheme) {
    case 'udp':
      return listenForDatagrams(listen, accept);
    case 'unix-seqpacket':
      return listenForRecords(listen, accept);
    default:
      return listenForStreams(listen, credentials, accept);
  }
}

async function listenForStreams(
  listen: Address,
  credentials: Credentials | undefined,
  accept: Accept,
): Promise<Waiting> {
  const taken = (socket: net.Socket) => {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    const news = accept();
    if (!news) {
      socket.destroy();
      return;
    }
    const comment = isPath(listen) ? formatAddress(listen) : '';
    const ends = { local: place(localAddress, localPort), remote: place(remoteAddress, remotePort), comment };
    plugStream({ plain: socket, raw: socket }, news, plug => news.opened(plug, ends));
  };
  const server = await serverOf(listen, credentials, taken);
  /** Those that have not shaken hands yet, too. */
  const sockets = new Set<net.Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (isPath(listen)) await removeStale(listen.path);
  await listeningOn(server, listen);
  const at = server.address();
  const address = at !== null && typeof at === 'object' ? { ...(listen as NetworkAddress), port: at.port } : listen;
  return {
    address,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

async function serverOf(
  listen: Address,
  credentials: Credentials | undefined,
  taken: (socket: net.Socket) => void,
): Promise<net.Server> {
  if (!credentials || !isTls(listen))
    return net.createServer({ allowHalfOpen: true, noDelay: true }).on('connection', taken);
  const { options, logKey } = credentials;
  const { host } = listen as NetworkAddress;
  const identity = await credentials.identityFor([...new Set([host, 'localhost', '127.0.0.1'])]);
  const server = tls.createServer({
    ...identity,
    allowHalfOpen: true,
    noDelay: true,
    requestCert: options.requestClientCertificate,
    rejectUnauthorized: options.clientAuthorities !== undefined,
    ...(options.clientAuthorities === undefined ? {} : { ca: options.clientAuthorities }),
    ...(options.protocols ? { ALPNProtocols: [...options.protocols] } : {}),
  });
  server.on('keylog', logKey);
  server.on('tlsClientError', () => {});
  return server.on('secureConnection', taken);
}

async function listenForDatagrams(listen: NetworkAddress, accept: Accept): Promise<Waiting> {
  const here = await resolved(listen);
  const socket = dgram.createSocket({ type: typeOf(here), lookup: NO_LOOKUP });
  await bound(socket, here, listen);
  setReceiveBuffer(socket);
  const local = { address: socket.address().address, port: socket.address().port };
  /** By the client's address; as many as are wanted. */
  const known = new Map<string, PlugNews>();
  socket.on('error', () => {});
  socket.on('message', (bytes, { address, port }) => {
    const key = `${address} ${port}`;
    const present = known.get(key);
    const news = present ?? accept();
    if (!news) return;
    known.set(key, news);
    if (!present) {
      const send = (datagram: Uint8Array) => {
        socket.send(datagram, port, address, () => {});
        return true;
      };
      news.opened({ send, ...NO_STREAM, destroy: () => {} }, { local, remote: { address, port }, comment: '' });
    }
    news.data(bytes);
  });
  return {
    address: { ...listen, port: local.port },
    close: () => new Promise(resolve => socket.close(() => resolve())),
  };
}

/** Clients that wait to be accepted. */
const BACKLOG = 511;

async function listenForRecords(listen: PathAddress, accept: Accept): Promise<Waiting> {
  const sockets = await loadRecordSockets(listen);
  await removeStale(listen.path);
  const server = new sockets.SeqpacketServer();
  server.on('error', () => {});
  server.on('connection', (socket: SeqpacketSocket) => {
    const news = accept();
    if (!news) {
      socket.destroy();
      return;
    }
    const ends = { local: undefined, remote: undefined, comment: formatAddress(listen) };
    plugRecords(socket, news, plug => news.opened(plug, ends));
  });
  try {
    server.listen(listen.path, BACKLOG);
  } catch (error) {
    const reason = error instanceof Error ? error.message.toLowerCase() : String(error);
    throw new UsageError(`cannot listen on ${formatAddress(listen)}: ${reason}`);
  }
  fs.chmodSync(listen.path, SOCKET_MODE);
  return {
    address: listen,
    close: async () => {
      server.close();
      fs.rmSync(listen.path, { force: true });
    },
  };
}
