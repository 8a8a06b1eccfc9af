/**
 * The control socket: a Unix socket that only its owner may use, and what keeps its clients within bounds. How long a line
 * is, how many clients there are and how much waits for one that does not read is bounded; a client that does not read is
 * not read either, and is sent no more events until it does. What is said on it is in control/.
 */
import * as net from 'node:net';
import { UsageError } from '../../settings/words.ts';
import { parseAddress } from '../address.ts';
import type { ControlDesk } from '../control/desk.ts';
import { type ControlEvent, ControlSession, lost, refusal } from '../control/session.ts';
import { listenPrivately } from './private-socket.ts';

/** Bytes of a request: twice the hex of the longest message that most protocols have, and room for more. */
export const LONGEST_LINE = 4 * 1024 * 1024;
export const MOST_CLIENTS = 16;
/** Bytes of events that may wait for a client. */
export const MOST_WAITING = 4 * 1024 * 1024;
/** Milliseconds in which clients may take the last that was said to them. */
const FAREWELL = 500;
const LINE_FEED = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

/** The path of `--control unix:PATH`. Throws a `UsageError` for anything else. */
export function controlPath(text: string): string {
  if (!text.startsWith('unix:'))
    throw new UsageError(
      `--control ${text}: write unix:PATH; commands are taken from a Unix socket alone, which only its owner can open`,
    );
  const address = parseAddress(text, 'listen');
  if (!('path' in address)) throw new Error('a Unix socket has a path');
  return address.path;
}

export class ControlSocket {
  readonly #server: net.Server;
  readonly #desk: ControlDesk;
  readonly #onFault: (error: unknown) => void;
  readonly #clients = new Set<Client>();
  #remove: () => Promise<void> = async () => {};

  private constructor(desk: ControlDesk, onFault: (error: unknown) => void) {
    this.#desk = desk;
    this.#onFault = onFault;
    // Who has asked everything may close its side, and still hears the answers.
    this.#server = net.createServer({ allowHalfOpen: true }, socket => this.#accept(socket));
    this.#server.on('error', () => {});
  }

  /**
   * @param onFault is given what a command has thrown that is no fault of its client's
   * @throws UsageError when nobody can listen there
   */
  static async listen(path: string, desk: ControlDesk, onFault: (error: unknown) => void): Promise<ControlSocket> {
    const control = new ControlSocket(desk, onFault);
    control.#remove = await listenPrivately(control.#server, path);
    return control;
  }

  /** Tells those who want to know. */
  tell(event: ControlEvent): void {
    for (const client of this.#clients) client.tell(event);
  }

  /** Resolves when the socket is gone, and everybody has heard the last that was said, or was too slow. */
  async close(): Promise<void> {
    this.#server.close();
    await this.#remove();
    await Promise.all([...this.#clients].map(client => client.close()));
  }

  #accept(socket: net.Socket): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      socket.on('error', () => {});
      socket.resume();
      socket.end(refusal(null, `too many clients at once; at most ${MOST_CLIENTS} are served`));
      socket.destroySoon();
      return;
    }
    const client = new Client(socket, new ControlSession(this.#desk, this.#onFault));
    this.#clients.add(client);
    socket.on('close', () => this.#clients.delete(client));
  }
}

class Client {
  readonly #socket: net.Socket;
  readonly #session: ControlSession;
  /** What has come and was not looked at yet. */
  #unread = NOTHING;
  /** The line that has begun, at the start of a buffer that grows; of one that is too long the length alone. */
  #begun = NOTHING;
  #length = 0;
  /** It says nothing more. */
  #hasEnded = false;
  #isClosing = false;
  /** Events that it was not sent. */
  #lost = 0;

  constructor(socket: net.Socket, session: ControlSession) {
    this.#socket = socket;
    this.#session = session;
    socket.on('data', chunk => {
      this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
      this.#read();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#read();
    });
    socket.on('drain', () => {
      this.#tellLost();
      this.#read();
    });
    socket.on('error', () => socket.destroy());
  }

  tell(event: ControlEvent): void {
    if (this.#isClosing || !this.#socket.writable) return;
    const line = this.#session.event(event);
    if (line === undefined) return;
    if (this.#lost > 0 || this.#socket.writableLength + line.length > MOST_WAITING) this.#lost++;
    else this.#socket.write(line);
  }

  close(): Promise<void> {
    this.#isClosing = true;
    const socket = this.#socket;
    return new Promise(resolve => {
      if (socket.destroyed) {
        resolve();
        return;
      }
      const timer = setTimeout(() => socket.destroy(), FAREWELL);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      // What it says from now on is not asked for: it is let go as soon as it has taken everything.
      socket.resume();
      socket.destroySoon();
    });
  }

  /** Looks at what has come, a line at a time, as long as the answers are taken. */
  #read(): void {
    const socket = this.#socket;
    while (!this.#isClosing && socket.writable && !socket.writableNeedDrain && this.#unread.length > 0) {
      const end = this.#unread.indexOf(LINE_FEED);
      this.#take(this.#unread.subarray(0, end < 0 ? undefined : end));
      this.#unread = end < 0 ? NOTHING : this.#unread.subarray(end + 1);
      if (end >= 0) this.#line();
    }
    if (this.#unread.length > 0) socket.pause();
    else if (this.#hasEnded) this.#end();
    else socket.resume();
  }

  #take(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > LONGEST_LINE) this.#begun = NOTHING;
    else {
      if (length > this.#begun.length) this.#begun = grown(this.#begun, length);
      part.copy(this.#begun, this.#length);
    }
    this.#length = length;
  }

  #line(): void {
    const response =
      this.#length > LONGEST_LINE
        ? refusal(null, `the line is too long; a request has at most ${LONGEST_LINE} bytes`)
        : this.#session.line(this.#begun.toString('utf8', 0, this.#length));
    this.#begun = NOTHING;
    this.#length = 0;
    if (response !== undefined) this.#socket.write(response);
  }

  #end(): void {
    if (this.#length > 0) this.#line();
    if (!this.#session.isSubscribed) this.#socket.end();
  }

  #tellLost(): void {
    if (this.#lost === 0 || this.#isClosing || !this.#socket.writable) return;
    this.#socket.write(lost(this.#lost));
    this.#lost = 0;
  }
}

function grown(begun: Buffer, least: number): Buffer {
  const larger = Buffer.alloc(Math.min(LONGEST_LINE, Math.max(least, 2 * begun.length)));
  begun.copy(larger);
  return larger;
}
