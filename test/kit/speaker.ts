/** Plays a capture through a proxy, both sides of it, as many packets at a time as a test wants. */
import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import type * as net from 'node:net';
import { onTestFinished } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { type Decoded, describePacket, newDecoder } from './decoded.ts';
import { framesOf } from './filestorage.ts';
import { datagramSocket, streamClient, streamServer } from './proxy.ts';

/** Packets with a payload, in order. */
async function packetsOf(capture: string): Promise<Decoded[]> {
  const decoder = newDecoder();
  const packets: Decoded[] = [];
  for (const frame of await framesOf(await openCapture(capture))) {
    const packet = decoder.decode(frame);
    if (packet && packet.payloadEnd > packet.payloadStart) packets.push(describePacket(packet));
  }
  return packets;
}

/** The UDP conversations of a capture. */
export class DatagramSpeaker {
  readonly #packets: Decoded[];
  readonly #upstream: dgram.Socket;
  readonly #listenPort: () => number;
  readonly #server: string;
  /** By the end that the capture has: the socket that speaks for it, and where the proxy speaks for it. */
  readonly #clients = new Map<string, dgram.Socket>();
  readonly #places = new Map<string, dgram.RemoteInfo>();

  private constructor(packets: Decoded[], upstream: dgram.Socket, listenPort: () => number) {
    this.#packets = packets;
    this.#upstream = upstream;
    this.#listenPort = listenPort;
    this.#server = packets[0]!.destination;
  }

  /** @param listenPort where the proxy listens, by the time that something is said */
  static async of(capture: string, listenPort: () => number): Promise<DatagramSpeaker> {
    return new DatagramSpeaker(await packetsOf(capture), await datagramSocket(), listenPort);
  }

  get upstreamPort(): number {
    return this.#upstream.address().port;
  }

  /** The next packets, each once the one before has arrived. */
  async say(count: number): Promise<void> {
    for (const packet of this.#packets.splice(0, count)) {
      const isFromClient = packet.destination === this.#server;
      await (isFromClient ? this.#fromClient(packet) : this.#fromServer(packet));
    }
  }

  async #fromClient({ source, payload }: Decoded): Promise<void> {
    const client = this.#clients.get(source) ?? (await datagramSocket());
    this.#clients.set(source, client);
    const heard = once(this.#upstream, 'message');
    client.send(payload, this.#listenPort(), '127.0.0.1');
    const [, place] = await heard;
    this.#places.set(source, place);
  }

  async #fromServer({ destination, payload }: Decoded): Promise<void> {
    const client = this.#clients.get(destination);
    const place = this.#places.get(destination);
    if (!client || !place) return;
    const heard = once(client, 'message');
    this.#upstream.send(payload, place.port, place.address);
    await heard;
  }
}

/** The one TCP conversation of a capture. */
export class StreamSpeaker {
  readonly upstreamPort: number;
  readonly #packets: Decoded[];
  readonly #listenPort: () => number;
  readonly #accepted: Promise<net.Socket>;
  /** The client, as the capture has it: it speaks first. */
  readonly #first: string;
  #client: net.Socket | undefined;

  private constructor(
    packets: Decoded[],
    upstreamPort: number,
    listenPort: () => number,
    accepted: Promise<net.Socket>,
  ) {
    this.#packets = packets;
    this.upstreamPort = upstreamPort;
    this.#listenPort = listenPort;
    this.#accepted = accepted;
    this.#first = packets[0]!.source;
  }

  static async of(capture: string, listenPort: () => number): Promise<StreamSpeaker> {
    let accept: (socket: net.Socket) => void = () => {};
    const accepted = new Promise<net.Socket>(resolve => {
      accept = resolve;
    });
    const port = await streamServer(socket => {
      onTestFinished(() => {
        socket.destroy();
      });
      accept(socket);
    });
    return new StreamSpeaker(await packetsOf(capture), port, listenPort, accepted);
  }

  async say(count: number): Promise<void> {
    const client = this.#client ?? (await streamClient(this.#listenPort()));
    this.#client = client;
    const server = await this.#accepted;
    for (const { source, payload } of this.#packets.splice(0, count)) {
      const [from, to] = source === this.#first ? [client, server] : [server, client];
      const arrived = arrival(to, payload.length);
      from.write(payload);
      await arrived;
    }
  }

  end(): void {
    this.#client?.end();
  }
}

async function arrival(socket: net.Socket, length: number): Promise<void> {
  for (let left = length; left > 0; ) {
    const [bytes] = await once(socket, 'data');
    left -= bytes.length;
  }
}
