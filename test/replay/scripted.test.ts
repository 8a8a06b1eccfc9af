/**
 * Recordings over TCP against a peer that knows no protocol: it says byte for byte what the recorded server said, in the
 * order of the recording, and each time only when the client has said what came before. The client says what it said.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import * as net from 'node:net';
import { expect, test } from 'vitest';
import { replay } from '../../src/api.ts';
import { openCapture } from '../../src/capture/open.ts';
import { framesOf } from '../kit/filestorage.ts';
import { until } from '../kit/proxy.ts';
import { saidBy, type TakenApart, takeApart } from '../kit/recording.ts';
import { CLIENT, SERVER } from '../kit/tcp.ts';

/** A client that says the first byte of a packet, waits for an answer to the one before, and says the rest: it is said as a whole. */
const CUT = ['mosquitto-311-pipelined.pcap'];

const captures = ['mqtt', 'filestorage'].flatMap(folder =>
  readdirSync(`fixtures/${folder}`)
    .filter(name => name.endsWith('.pcap') && !CUT.includes(name))
    .map(name => `fixtures/${folder}/${name}`),
);

class ScriptedServer {
  readonly #recording: TakenApart;
  readonly #server = net.createServer({ allowHalfOpen: true });
  /** By connection of the recording, in the order in which they first spoke. */
  readonly #sockets = new Map<number, net.Socket>();
  readonly #heard = new Map<number, Buffer[]>();

  constructor(recording: TakenApart) {
    this.#recording = recording;
    const order = [...new Set(recording.turns.map(({ connection }) => connection))];
    this.#server.on('connection', socket => {
      const connection = order[this.#sockets.size];
      const parts: Buffer[] = [];
      this.#sockets.set(connection, socket);
      this.#heard.set(connection, parts);
      socket.on('data', bytes => parts.push(bytes)).on('error', () => {});
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** What the client of a connection has said. */
  heard(connection: number): Buffer {
    return Buffer.concat(this.#heard.get(connection) ?? []);
  }

  async perform(): Promise<void> {
    const said = new Map<number, number>();
    for (const { connection, side, bytes, ending } of this.#recording.turns) {
      await until(`connection ${connection}`, () => this.#sockets.has(connection));
      const socket = this.#sockets.get(connection)!;
      if (side === SERVER) {
        socket.write(bytes);
        if (ending === 'fin') socket.end();
        if (ending === 'reset') socket.resetAndDestroy();
        continue;
      }
      const wanted = (said.get(connection) ?? 0) + bytes.length;
      said.set(connection, wanted);
      await until(`${wanted} bytes on connection ${connection}`, () => this.heard(connection).length >= wanted);
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#server.close();
  }
}

test.concurrent.each(captures)('%s', async capture => {
  const recording = takeApart(await framesOf(await openCapture(capture)));
  const server = new ScriptedServer(recording);
  const port = await server.listen();
  const performing = server.perform();
  const outcome = await replay(capture, {
    to: `tcp:127.0.0.1:${port}`,
    speed: 'max',
    timeout: '4s',
    // A CONNECT of a level that there is not is none that anybody recognises.
    ...(capture.includes('/mqtt/') && { decodeAs: ['tcp.port==1883,mqtt'] }),
  });
  await performing;
  server.close();
  expect(outcome.departures).toEqual([]);
  expect(outcome.counts.said).toBe(outcome.counts.toSay);
  for (const connection of recording.connections.keys()) {
    expect(server.heard(connection).toString('hex')).toBe(
      Buffer.from(saidBy(recording, connection, CLIENT)).toString('hex'),
    );
  }
});
