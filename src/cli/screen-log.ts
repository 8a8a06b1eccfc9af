/**
 * Where a proxy speaks while the screen has the terminal: everything that would go to standard error becomes a line of the
 * screen's log. Once the terminal is the shell's again, lines go to standard error, those first that explain an exit code.
 */
import { Writable } from 'node:stream';
import { wallTime } from '../clock.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import { formatAddress, type Pair } from '../proxy/address.ts';
import type { ProxyEvent as ServerEvent } from '../proxy/io/listener.ts';
import type { ClientNews } from '../proxy/relay.ts';
import type { ProxyEvent, ProxyEventKind, ProxyListener, WatchedProxy } from '../tui/watched-proxy.ts';
import { complain, type Host } from './host.ts';
import type { LivePrinter } from './live-printer.ts';
import { RecentLines } from './recent-lines.ts';

/** How `complain` begins a line. */
const OUR_LINE = /^wirelint: /;
/** What is printed again when the terminal is given back. */
const OWED: readonly ProxyEventKind[] = ['recording', 'failure'];

export class ScreenLog implements WatchedProxy {
  listens: readonly string[] = [];
  /** The process, with a standard error that writes to the log: for all that reports about the proxy. */
  readonly host: Host;
  readonly #real: Host;
  readonly #pairs: readonly Pair[];
  readonly #printer: LivePrinter;
  readonly #recent = new RecentLines();
  /** What has happened before somebody watches. */
  readonly #early: ProxyEvent[] = [];
  readonly #owed = new Set<string>();
  #listener: ProxyListener | undefined = undefined;
  /** The last line. */
  #last = '';
  #ended: string | undefined = undefined;
  #isLeft = false;
  /** The terminal is the shell's again. */
  #isReleased = false;
  /** What happens in the run is printed. */
  #isPrinting = false;

  /** @param pairs as they were asked for */
  constructor(host: Host, pairs: readonly Pair[], printer: LivePrinter) {
    this.#real = host;
    this.#pairs = pairs;
    this.#printer = printer;
    const stderr = new LineWriter(line => this.#line(line));
    this.host = { ...host, stderr };
  }

  // What happens

  /** @param pairs with the ports that were chosen */
  listening(pairs: readonly Pair[]): void {
    this.listens = pairs.map(({ listen }) => formatAddress(listen));
    for (const { listen, upstream } of pairs)
      this.#tell('state', `listening on ${formatAddress(listen)}, to ${formatAddress(upstream)}`);
  }

  /** @param lines what will be done on purpose */
  doing(lines: readonly string[]): void {
    for (const line of lines) this.#tell('state', line);
  }

  readonly event = (event: ServerEvent): void => {
    if (this.#isPrinting) this.#printer.event(event);
    else if (this.#isWorthALine(event)) this.#tell(event.kind, event.message);
  };

  readonly client = ({ kind, flow, pair, client }: ClientNews): void => {
    if (this.#isReleased) return;
    const { upstream } = this.#pairs[pair];
    const who = client ? ` ${place(client)}` : '';
    if (kind === 'came') this.#tell('client-came', `client ${flow} connected:${who} to ${formatAddress(upstream)}`);
    else this.#tell('client-gone', `client ${flow} left:${who}`.replace(/:$/, ''));
  };

  readonly deed = ({ flow, words, cause }: DeedRecord): void => {
    if (!this.#isReleased) this.#tell('deed', `client ${flow}: ${words} (${cause})`);
  };

  /** The traffic is not kept any more, and so neither seen nor judged. */
  failed(text: string): void {
    this.#tell('failure', text);
  }

  readonly onFinding = (finding: Finding): void => {
    if (this.#isPrinting) this.#printer.finding(finding);
  };

  readonly onConnection = (event: ConnectionEvent): void => {
    if (this.#isPrinting) this.#printer.connection(event);
  };

  // Who watches

  watch(listener: ProxyListener): void {
    this.#listener = listener;
    for (const event of this.#early.splice(0)) listener.happened(event);
    if (this.#ended !== undefined) listener.ended(this.#ended);
    if (this.#isLeft) listener.leave();
  }

  /** The proxy has ended. @param reason a clause */
  end(reason: string): void {
    this.#ended = reason;
    this.#tell('state', `the proxy has ended: ${reason}`);
    this.#listener?.ended(reason);
  }

  /** The screen is not wanted any more. */
  leave(): void {
    this.#isLeft = true;
    this.#listener?.leave();
  }

  /** The terminal was given back. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#listener = undefined;
    for (const line of this.#owed) complain(this.#real, line);
  }

  /** What happens in the run is printed from now on. */
  print(): void {
    this.#isPrinting = true;
  }

  /** Each client that is refused has its line, unless it is one datagram after the other. */
  #isWorthALine({ kind, message }: ServerEvent): boolean {
    const isNew = this.#recent.isNew(message, wallTime());
    return isNew || (kind === 'refused' && message !== this.#last);
  }

  #line(line: string): void {
    if (this.#isReleased) {
      this.#real.stderr.write(`${line}\n`);
      return;
    }
    const isOurs = OUR_LINE.test(line);
    const text = line.replace(OUR_LINE, '');
    if (isOurs) this.#owed.add(text);
    this.#tell(isOurs ? 'state' : 'output', text);
  }

  #tell(kind: ProxyEventKind, text: string): void {
    if (OWED.includes(kind)) this.#owed.add(text);
    if (this.#isReleased) {
      if (OWED.includes(kind)) complain(this.#real, text);
      return;
    }
    this.#last = text;
    const event = { time: timestamp(), kind, text };
    if (this.#listener) this.#listener.happened(event);
    else this.#early.push(event);
  }
}

/** Hands on whole lines. */
class LineWriter extends Writable {
  readonly #onLine: (line: string) => void;
  #begun = '';

  constructor(onLine: (line: string) => void) {
    super({ decodeStrings: false });
    this.#onLine = onLine;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const lines = (this.#begun + String(chunk)).split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    done();
  }
}

function place({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function timestamp(): Timestamp {
  const now = wallTime();
  const seconds = Math.floor(now / 1_000);
  return { seconds, nanoseconds: Math.floor((now - seconds * 1_000) * 1_000_000) };
}
