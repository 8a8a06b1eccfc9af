/**
 * The peers around a proxy that is measured, in processes of their own: `node proxy-peers.js ROLE ...`, one JSON object on
 * standard output at the end. Servers print `ready` and run until they are killed.
 *
 *     sink PORT                     takes all that TCP clients send; one byte back when a client has ended
 *     echo PORT                     answers, over TCP and UDP
 *     flood PORT BYTES              sends so much over one TCP connection: { seconds }
 *     rounds tcp|udp PORT COUNT     asks and waits for the answer, 64 bytes: { p50, p99 } in microseconds
 *     crowd PORT CONNECTIONS SECONDS  as rounds, on so many connections at once: { perSecond }
 *     hold PORT CONNECTIONS         opens so many, asks once on each, prints `held`, stays
 *     paced PORT PER_SECOND SECONDS   UDP, whatever comes back: { sent, heard }
 */
import * as dgram from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const HOST = '127.0.0.1';
const CHUNK = 256 * 1024;
const MESSAGE = Buffer.alloc(64, 'wirelint');
const WARM_UP = 2_000;
/** Milliseconds without an answer to a datagram. */
const ASK_AGAIN = 1_000;
/** Connections that are opened at the same time. */
const AT_ONCE = 200;

const [role, ...args] = process.argv.slice(2);
const number = (at: number) => Number(args[at]);

const ROLES: Readonly<Record<string, () => Promise<void>>> = { sink, echo, flood, rounds, crowd, hold, paced };

async function sink(): Promise<void> {
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    socket.on('data', () => {});
    socket.on('end', () => socket.end('x'));
    socket.on('error', () => {});
  });
  server.listen(number(0), HOST, () => console.log('ready'));
}

async function echo(): Promise<void> {
  const server = net.createServer({ noDelay: true }, socket => {
    socket.on('data', data => socket.write(data));
    socket.on('error', () => {});
  });
  const socket = dgram.createSocket('udp4').bind(number(0), HOST);
  socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address));
  await once(socket, 'listening');
  socket.setRecvBufferSize(4 * 1024 * 1024);
  server.listen({ port: number(0), host: HOST, backlog: 4_096 }, () => console.log('ready'));
}

async function flood(): Promise<void> {
  const socket = await connected(number(0));
  const chunk = Buffer.alloc(CHUNK, 'wirelint ');
  const start = performance.now();
  for (let left = number(1); left > 0; left -= chunk.length) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'data');
  tell({ seconds: (performance.now() - start) / 1_000 });
}

async function rounds(): Promise<void> {
  const [kind, port] = [args[0], number(1)];
  const times: number[] = [];
  const ask = kind === 'tcp' ? await tcpAsker(port) : await udpAsker(port);
  for (let i = 0; i < WARM_UP + number(2); i++) {
    const start = performance.now();
    await ask();
    if (i >= WARM_UP) times.push((performance.now() - start) * 1_000);
  }
  times.sort((a, b) => a - b);
  tell({ p50: times[Math.floor(times.length * 0.5)], p99: times[Math.floor(times.length * 0.99)] });
}

async function crowd(): Promise<void> {
  const sockets = await many(number(0), number(1));
  let answers = 0;
  for (const socket of sockets) {
    socket.on('data', () => {
      answers++;
      socket.write(MESSAGE);
    });
    socket.write(MESSAGE);
  }
  await delay(1_000);
  const before = answers;
  await delay(number(2) * 1_000);
  tell({ perSecond: (answers - before) / number(2) });
}

async function hold(): Promise<void> {
  const sockets = await many(number(0), number(1));
  for (const socket of sockets) {
    socket.write(MESSAGE);
    await once(socket, 'data');
  }
  console.log('held');
  await delay(60_000);
}

async function paced(): Promise<void> {
  const socket = dgram.createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  socket.setRecvBufferSize(4 * 1024 * 1024);
  let [sent, heard] = [0, 0];
  socket.on('message', () => heard++);
  const start = performance.now();
  const all = number(1) * number(2);
  while (sent < all) {
    const due = Math.min(all, Math.floor(((performance.now() - start) / 1_000) * number(1)));
    while (sent < due) {
      socket.send(MESSAGE, number(0), HOST);
      sent++;
    }
    await delay(1);
  }
  await delay(1_000);
  tell({ sent, heard });
}

function tell(outcome: object): void {
  console.log(JSON.stringify(outcome));
  process.exit(0);
}

async function connected(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: HOST, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function many(port: number, count: number): Promise<net.Socket[]> {
  const sockets: net.Socket[] = [];
  while (sockets.length < count) {
    const more = Math.min(AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: more }, () => connected(port)))));
  }
  return sockets;
}

async function tcpAsker(port: number): Promise<() => Promise<void>> {
  const socket = await connected(port);
  let answered = () => {};
  socket.on('data', () => answered());
  return () =>
    new Promise(resolve => {
      answered = resolve;
      socket.write(MESSAGE);
    });
}

async function udpAsker(port: number): Promise<() => Promise<void>> {
  const socket = dgram.createSocket('udp4');
  let answered = () => {};
  socket.on('message', () => answered());
  return () =>
    new Promise(resolve => {
      const ask = () => socket.send(MESSAGE, port, HOST);
      // Who does not listen yet, or has lost it, is asked again.
      const again = setInterval(ask, ASK_AGAIN);
      answered = () => {
        clearInterval(again);
        resolve();
      };
      ask();
    });
}

await ROLES[role]();
