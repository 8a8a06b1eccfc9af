/** Reaches a live server, by whichever transport its address names. */
import * as dgram from 'node:dgram';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { type Address, formatAddress, type NetworkAddress, type PathAddress } from '../../proxy/address.ts';
import type { SocketAddress } from '../../proxy/ends.ts';
import { type Credentials, isTls } from '../../proxy/io/credentials.ts';
import { NO_LOOKUP, resolved, setReceiveBuffer, typeOf } from '../../proxy/io/datagrams.ts';
import { loadRecordSockets } from '../../proxy/io/records.ts';
import { type Leg, openPlain, place } from '../../proxy/io/stream-opening.ts';
import { breakOff } from '../../proxy/io/streams.ts';
import { openTls } from '../../proxy/io/tls.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Plug, PlugNews } from './plug.ts';

/** Connects to the server, and tells what comes of it. What it returns gives up before that. */
export type Connect = (news: PlugNews) => () => void;

/** @throws UsageError (the promise rejects) for a name that cannot be looked up, or sockets that there are none of here */
export async function connecting(server: Address, credentials: Credentials | undefined): Promise<Connect> {
  switch (server.scheme) {
    case 'udp': {
      const address = await resolved(server);
      return news => connectDatagrams(server, address, news);
    }
    case 'unix-seqpacket': {
      const { SeqpacketSocket } = await loadRecordSockets(server);
      return news => connectRecords(server, new SeqpacketSocket(), news);
    }
    default:
      return news => connectStream(server, credentials, news);
  }
}

function connectStream(server: Address, credentials: Credentials | undefined, news: PlugNews): () => void {
  // The proxy opens servers for clients of its own, and here is none: it is handed on and never looked at.
  const nobody = new net.Socket();
  const open =
    credentials && isTls(server)
      ? openTls({ listen: { scheme: 'tcp', host: '127.0.0.1', port: 0 }, upstream: server }, credentials)
      : openPlain(server);
  const opening = open(nobody, {
    opened: (_, leg, comment) => {
      const { remoteAddress, remotePort, localAddress, localPort } = leg.raw;
      const ends = { local: place(localAddress, localPort), remote: place(remoteAddress, remotePort), comment };
      plugStream(leg, news, plug => news.opened(plug, ends));
    },
    failed: ({ message }) => news.failed(message ?? `${formatAddress(server)}: no connection`),
  });
  return () => opening.abandon();
}

/** @param opened called before anything is read */
export function plugStream({ plain, raw }: Leg, news: PlugNews, opened: (plug: Plug) => void): void {
  let isOver = false;
  const broken = () => {
    if (!isOver) news.broken();
    isOver = true;
  };
  opened({
    send: bytes => !plain.writable || plain.write(bytes),
    end: () => plain.end(),
    reset: () => {
      isOver = true;
      breakOff(raw);
    },
    pause: () => plain.pause(),
    resume: () => plain.resume(),
    destroy: () => {
      isOver = true;
      plain.destroy();
      raw.destroy();
    },
  });
  plain.on('data', (bytes: Uint8Array) => {
    if (!isOver) news.data(bytes);
  });
  plain.on('end', () => {
    if (!isOver) news.ended();
  });
  plain.on('drain', () => {
    if (!isOver) news.drained();
  });
  for (const socket of new Set([plain, raw])) socket.on('error', broken);
  // One that is closed without its end was broken off.
  raw.on('close', () => {
    if (!plain.readableEnded) broken();
  });
  plain.resume();
}

function connectDatagrams(server: NetworkAddress, remote: SocketAddress, news: PlugNews): () => void {
  const socket = dgram.createSocket({ type: typeOf(remote), lookup: NO_LOOKUP });
  let isReady = false;
  let isOver = false;
  let lastLength = 0;
  const close = () => {
    if (!isOver) socket.close();
    isOver = true;
  };
  const failed = (error: Error) => {
    if (isOver) return;
    if (!isReady) news.failed(`${formatAddress(server)}: ${reasonOf(error)}`);
    else if (codeOf(error) === 'ECONNREFUSED') news.unreachable(lastLength);
  };
  socket.on('error', failed);
  socket.on('message', bytes => {
    if (!isOver) news.data(bytes);
  });
  socket.once('connect', () => {
    if (isOver) return;
    isReady = true;
    setReceiveBuffer(socket);
    const { address, port } = socket.address();
    const plug: Plug = {
      send: bytes => {
        lastLength = bytes.length;
        socket.send(bytes, error => error && failed(error));
        return true;
      },
      ...NO_STREAM,
      destroy: close,
    };
    news.opened(plug, { local: { address, port }, remote, comment: '' });
  });
  socket.connect(remote.port, remote.address);
  return close;
}

/** What datagrams have no such thing for. */
export const NO_STREAM = { end: () => {}, reset: () => {}, pause: () => {}, resume: () => {} };

type RecordSocket = InstanceType<typeof import('node-unix-socket').SeqpacketSocket>;

function connectRecords(server: PathAddress, socket: RecordSocket, news: PlugNews): () => void {
  const where = formatAddress(server);
  try {
    socket.connect(server.path, () => {
      plugRecords(socket, news, plug => news.opened(plug, { local: undefined, remote: undefined, comment: where }));
    });
  } catch {
    // The package has no words of its own for it.
    const reason = fs.existsSync(server.path) ? 'connection refused' : 'no such socket';
    socket.destroy();
    queueMicrotask(() => news.failed(`${where}: ${reason}`));
  }
  return () => socket.destroy();
}

/** @param opened called before anything is read */
export function plugRecords(socket: RecordSocket, news: PlugNews, opened: (plug: Plug) => void): void {
  let isOver = false;
  const unless = (tell: () => void) => () => {
    if (!isOver) tell();
  };
  const destroy = () => {
    isOver = true;
    socket.destroy();
  };
  opened({
    send: bytes => {
      socket.write(Buffer.from(bytes), 0, bytes.length, () => {});
      return true;
    },
    ...NO_STREAM,
    end: () => socket.end(),
    reset: destroy,
    destroy,
  });
  socket.on('data', (bytes: Uint8Array) => {
    if (!isOver) news.data(bytes);
  });
  socket.on(
    'end',
    unless(() => news.ended()),
  );
  socket.on(
    'error',
    unless(() => news.broken()),
  );
}
