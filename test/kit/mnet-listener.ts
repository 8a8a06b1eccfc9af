/**
 * A listener of MNET on the loopback, written from the specification: it chooses its own tags and cookies, keeps nothing
 * before COOKIE-ECHO, and echoes what it gets. Little-endian, sender tags, as the public implementation has it.
 */
import type { RemoteInfo } from 'node:dgram';
import { datagramServer } from './proxy.ts';

const DATA = 0;
const INIT = 1;
const COOKIE = 2;
const COOKIE_ECHO = 3;
const COOKIE_ACK = 4;
const SHUTDOWN = 5;
const SHUTDOWN_ACK = 6;

export interface MnetListener {
  readonly port: number;
  /** What it got, in hex, in order. */
  readonly got: readonly string[];
}

export interface Manners {
  /** Of the tag that the listener chooses. */
  readonly tag?: string;
  /** Answers nothing after so many datagrams. */
  readonly silentAfter?: number;
  /** Says another thing than it should. */
  readonly answer?: (bytes: Buffer) => Buffer;
  /** Sends the last bytes of each DATA again, so many of them, as if nobody had acknowledged them. */
  readonly resends?: number;
  /** Bytes of application data in one DATA at most. */
  readonly longest?: number;
}

export async function mnetListener({
  tag = '5eed01',
  silentAfter = Number.POSITIVE_INFINITY,
  answer = bytes => bytes,
  resends = 0,
  longest = 500,
}: Manners = {}): Promise<MnetListener> {
  const got: string[] = [];
  const hmac = 'c0'.repeat(20);
  let sent = 0;
  let received = 0;
  const cookieFor = (init: Buffer) => {
    const expiration = Buffer.alloc(4);
    expiration.writeUInt32LE(Math.floor(Date.now() / 1_000) + 6);
    return Buffer.concat([
      Buffer.from(tag, 'hex'),
      init.subarray(6, 9),
      Buffer.of(1),
      expiration,
      Buffer.from(hmac, 'hex'),
    ]);
  };
  let cookie = Buffer.alloc(0);
  const port = await datagramServer((socket, bytes, client: RemoteInfo) => {
    got.push(bytes.toString('hex'));
    if (got.length > silentAfter) return;
    const say = (type: number, rest = Buffer.alloc(0)) => {
      const own = type === COOKIE ? rest : Buffer.concat([Buffer.from(tag, 'hex'), rest]);
      socket.send(answer(Buffer.concat([Buffer.of(type), own])), client.port, client.address);
    };
    const data = (content: Buffer) => {
      sent += content.length;
      again(content);
      if (resends > 0) again(content.subarray(-resends));
    };
    /** The last bytes of what was sent so far. */
    const again = (content: Buffer) => {
      const head = Buffer.alloc(10);
      head.writeUInt32LE(sent);
      head.writeUInt32LE(received, 4);
      head.writeUInt16LE(content.length, 8);
      say(DATA, Buffer.concat([head, content]));
    };
    switch (bytes[0]) {
      case INIT:
        cookie = cookieFor(bytes);
        say(COOKIE, cookie);
        break;
      case COOKIE_ECHO:
        // Nobody who brings another cookie is let in.
        if (bytes.subarray(1).equals(cookie)) say(COOKIE_ACK);
        break;
      case DATA: {
        const to = bytes.readUInt32LE(4);
        // What it has already it does not take again.
        const content = bytes.subarray(bytes.length - Math.max(0, Math.min(bytes.length - 14, to - received)));
        received = Math.max(received, to);
        for (let at = 0; at < content.length; at += longest) data(content.subarray(at, at + longest));
        break;
      }
      case SHUTDOWN:
        say(SHUTDOWN_ACK);
    }
  });
  return { port, got };
}
