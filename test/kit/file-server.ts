/** HTTP servers of a test, on the loopback: files as a good server gives them, and as others do. Each ends with its test. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { WallClock } from '../../src/capture/store.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Server {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** In the order in which they came. */
  readonly asked: readonly Asked[];
}

/** Until the test has finished. */
export async function serve(listener: RequestListener): Promise<Server> {
  const server = await startServer(listener);
  onTestFinished(server.close);
  return server;
}

/** Until it is closed. */
export async function startServer(listener: RequestListener): Promise<Server & { readonly close: () => void }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

export interface FileManner {
  /** Whether it knows ranges; it does unless said otherwise. */
  readonly ranges?: boolean;
  readonly headers?: OutgoingHttpHeaders;
  /** Bytes of a body after which it breaks the connection. */
  readonly breakAfter?: number | undefined;
}

/** Gives a file, with ranges as RFC 9110 section 14 has them. */
export function giveFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  { ranges = true, headers = { etag: '"one"' }, breakAfter }: FileManner = {},
): void {
  const { range } = request.headers;
  const validator = request.headers['if-range']?.toString();
  const isCurrent = validator === undefined || [headers.etag, headers['last-modified']].includes(validator);
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec((ranges && isCurrent && range) || '') ?? [];
  const start = Number(from ?? 0);
  if (from !== undefined && start >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const end = last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
  const body = bytes.subarray(start, end);
  const part = from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
  response.writeHead(part ? 206 : 200, { ...headers, ...part, 'content-length': body.length });
  if (breakAfter === undefined || body.length <= breakAfter) response.end(body);
  else response.write(body.subarray(0, breakAfter), () => response.destroy());
}

/** For those who ask for captures: pauses between tries pass at once, and nobody waits so long that a server is silent. */
export const PATIENT: WallClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => (milliseconds < LONG ? Promise.resolve() : untilAborted(signal)),
};

/** The same of somebody whom any wait is too long. */
export const IMPATIENT: WallClock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    milliseconds < LONG ? Promise.resolve() : Promise.race([untilAborted(signal), moment()]),
};

/** Milliseconds: pauses are shorter, silence is longer. */
const LONG = 30_000;

/** Long enough for an answer on the loopback. */
const moment = () => new Promise<void>(resolve => setTimeout(resolve, 300));

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Gives files of the project by their paths. */
export function serveFixtures(manner?: FileManner): Promise<Server> {
  return serve(givesFixtures(manner));
}

export function givesFixtures(manner?: FileManner): RequestListener {
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://any');
    const path = `${ROOT}${pathname}`;
    if (existsSync(path)) giveFile(request, response, readFileSync(path), manner);
    else response.writeHead(404).end();
  };
}
