/** A server of KV. Values are fetched from somewhere slow, so that several requests of a client are under way at once. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { framed, messagesOf, TYPES, uint16 } from './messages.ts';

const VALUES: Readonly<Record<string, string>> = { color: 'green', shape: 'round' };
const FETCHING = 10;
const NO_SUCH_KEY = 1;

export interface ServerOptions {
  /** The bug: the id of a request is kept once for the connection, and not with the request. */
  readonly forgetsIds?: boolean;
}

export interface RunningServer {
  readonly port: number;
  stop(): void;
}

export async function startServer({ forgetsIds = false }: ServerOptions = {}): Promise<RunningServer> {
  const server: Server = createServer(socket => {
    serve(socket, forgetsIds).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}

async function serve(socket: Socket, forgetsIds: boolean): Promise<void> {
  const answers: Promise<void>[] = [];
  let lastId = 0;
  const answer = async (id: number, key: string) => {
    await delay(FETCHING);
    const value = VALUES[key];
    const answered = uint16(forgetsIds ? lastId : id);
    socket.write(
      value === undefined
        ? framed(TYPES.error, answered, Uint8Array.of(NO_SUCH_KEY))
        : framed(TYPES.value, answered, Buffer.from(value)),
    );
  };
  for await (const { type, body } of messagesOf(socket)) {
    if (type === TYPES.bye) break;
    if (type !== TYPES.get) continue;
    lastId = body.readUInt16BE();
    answers.push(answer(lastId, body.toString('latin1', 2)));
  }
  await Promise.all(answers);
  socket.end();
}
