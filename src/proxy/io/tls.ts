/**
 * Opens flows of which one side or both speak TLS. The client's first message is read before it is answered, as the
 * server decides on the answer: it is asked with the client's name (SNI) and protocols (ALPN), and what it chooses is
 * what the client gets. Then come the handshakes, the server's first; after both there are two sockets of plaintext.
 */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { domainToASCII } from 'node:url';
import { type Address, formatAddress, isPath, type Pair } from '../address.ts';
import { type ClientHello, NO_HELLO, readClientHello } from '../client-hello.ts';
import { CLIENT, SERVER, type Side, type SocketAddress } from '../ends.ts';
import { type Credentials, isTls } from './credentials.ts';
import {
  connect,
  connectFailure,
  type Leg,
  type Opener,
  type Opening,
  type OpeningOutcome,
  place,
} from './stream-opening.ts';
import { clientProblem, isOfTls, serverProblem } from './tls-problems.ts';

/** Milliseconds that each of the two has for its part. */
const HANDSHAKE_TIME = 30_000;
/** What a client is quoted with that does not speak TLS. */
const QUOTED = 16;

export function openTls(pair: Pair, credentials: Credentials): Opener {
  return (client, outcome) => new TlsOpening(client, pair, credentials, outcome);
}

class TlsOpening implements Opening {
  readonly #client: net.Socket;
  readonly #pair: Pair;
  readonly #credentials: Credentials;
  readonly #outcome: OpeningOutcome;
  readonly #timer: NodeJS.Timeout;
  /** Whose turn it is. */
  #turn: Side = CLIENT;
  #hello: ClientHello = NO_HELLO;
  #server: Leg | undefined = undefined;
  /** Where the server is: a socket that is gone does not tell. */
  #reached: SocketAddress | undefined = undefined;
  /** The client's handshake is under way: the code that began it also reports its failure. */
  #isShaking = false;
  #isOver = false;

  constructor(client: net.Socket, pair: Pair, credentials: Credentials, outcome: OpeningOutcome) {
    this.#client = client;
    this.#pair = pair;
    this.#credentials = credentials;
    this.#outcome = outcome;
    this.#timer = setTimeout(() => this.#tooLate(), HANDSHAKE_TIME);
    if (isTls(pair.listen)) this.#readHello();
    else this.#reach();
  }

  clientGone(): void {
    if (!this.#isShaking) this.abandon();
  }

  abandon(): void {
    this.#conclude();
    this.#server?.plain.destroy();
    this.#server?.raw.destroy();
  }

  #readHello(): void {
    const client = this.#client;
    const parts: Buffer[] = [];
    const stop = () => {
      client.pause();
      client.off('data', read);
      client.off('end', end);
    };
    const read = (part: Buffer) => {
      parts.push(part);
      const bytes = Buffer.concat(parts);
      const hello = readClientHello(bytes);
      if (hello === 'more') return;
      stop();
      if (hello === 'foreign') {
        const begin = JSON.stringify(bytes.toString('latin1', 0, QUOTED));
        this.#failClient(`the client does not speak TLS: it began with ${begin}`);
        return;
      }
      // The TLS socket reads it again.
      client.unshift(bytes);
      this.#hello = hello;
      this.#reach();
    };
    const end = () => {
      stop();
      // A client that says nothing has merely looked whether somebody is there.
      this.#failClient(parts.length === 0 ? undefined : 'the client left in the middle of its first message');
    };
    client.on('data', read);
    client.on('end', end);
    client.resume();
  }

  #reach(): void {
    const { upstream } = this.#pair;
    this.#turn = SERVER;
    const raw = connect(upstream);
    this.#server = { plain: raw, raw };
    this.#timer.refresh();
    let isConnected = false;
    raw.on('error', error => {
      if (!isConnected) this.#fail(() => this.#outcome.failed(connectFailure(upstream, error)));
    });
    raw.once('close', () => this.#failServer('it closed the connection before the client had ended its handshake'));
    raw.once('connect', () => {
      isConnected = true;
      this.#reached = place(raw.remoteAddress, raw.remotePort);
      this.#timer.refresh();
      if (this.#isOver) raw.destroy();
      else if (isTls(upstream)) this.#secure(raw);
      else this.#accept();
    });
  }

  #secure(raw: net.Socket): void {
    const { options, upstream: secureContext, logKey } = this.#credentials;
    const { host } = this.#pair.upstream as { readonly host: string };
    const serverName = this.#askedFor ?? (net.isIP(host) === 0 ? domainToASCII(host) || host : '');
    const protocols = isTls(this.#pair.listen) ? this.#hello.protocols : listOf(options.protocols ?? []);
    const plain = tls.connect({
      socket: raw,
      host,
      servername: serverName,
      secureContext,
      rejectUnauthorized: !options.insecure,
      ...(protocols.length > 0 ? { ALPNProtocols: protocols } : {}),
    });
    const shows = options.clientIdentity !== undefined;
    const explain = (error: Error) => serverProblem(error, serverName || host, shows);
    this.#server = {
      plain,
      raw,
      explain: error => (isOfTls(error) ? this.#at('upstream', explain(error)) : undefined),
    };
    plain.on('keylog', logKey);
    plain.on('error', error => this.#failServer(explain(error)));
    plain.once('secureConnect', () => {
      if (!this.#isOver) this.#accept();
    });
  }

  /** The server is there and has made its choice. */
  #accept(): void {
    if (!isTls(this.#pair.listen)) {
      this.#succeed({ plain: this.#client, raw: this.#client });
      return;
    }
    this.#turn = CLIENT;
    this.#timer.refresh();
    this.#credentials.identityFor(this.#ownNames()).then(
      identity => {
        if (!this.#isOver) this.#shakeHands(identity);
      },
      error => this.#failClient(`there is no certificate for the client: ${error.message}`),
    );
  }

  /** A server for this one client: what it says depends on what the upstream has chosen. */
  #shakeHands(identity: { readonly cert: string; readonly key: string }): void {
    const { options, areMade, logKey } = this.#credentials;
    const { requestClientCertificate, clientAuthorities } = options;
    const protocols = this.#chosen();
    const server = tls.createServer({
      ...identity,
      ...(protocols.length > 0 ? { ALPNProtocols: protocols } : {}),
      requestCert: requestClientCertificate,
      rejectUnauthorized: clientAuthorities !== undefined,
      ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
      handshakeTimeout: HANDSHAKE_TIME,
    });
    const explain = (error: Error) => clientProblem(error, areMade, undefined);
    server.on('keylog', logKey);
    // A client that ends before its handshake does has left; one that has shaken hands may still listen.
    this.#client.allowHalfOpen = false;
    server.once('secureConnection', plain => {
      plain.allowHalfOpen = true;
      const problem = (error: Error) => (isOfTls(error) ? this.#at('listen', explain(error)) : undefined);
      this.#succeed({ plain, raw: this.#client, explain: problem });
    });
    server.once('tlsClientError', (error, { authorizationError }) => {
      const unauthorized = authorizationError ? String(authorizationError) : undefined;
      this.#failClient(clientProblem(error, areMade, unauthorized));
    });
    this.#isShaking = true;
    server.emit('connection', this.#client);
  }

  /** What the client is offered: of two that speak TLS, what the other one has chosen. */
  #chosen(): Uint8Array {
    const { plain } = this.#server!;
    if (!(plain instanceof tls.TLSSocket)) return listOf(this.#credentials.options.protocols ?? []);
    return plain.alpnProtocol ? listOf([plain.alpnProtocol]) : listOf([]);
  }

  /** The name that the client asks for, unless it means this host: the server would not know it by that. */
  get #askedFor(): string | undefined {
    const { serverName } = this.#hello;
    const { listen } = this.#pair;
    const isProxy = serverName === 'localhost' || (!isPath(listen) && serverName === listen.host.toLowerCase());
    return isProxy ? undefined : serverName;
  }

  #ownNames(): string[] {
    const { serverName } = this.#hello;
    if (serverName !== undefined) return [serverName];
    const { listen } = this.#pair;
    const host = isPath(listen) ? '' : net.isIP(listen.host) === 0 ? domainToASCII(listen.host) : listen.host;
    return [...new Set([host, this.#client.localAddress ?? '', 'localhost'])].filter(name => name !== '');
  }

  #succeed(client: Leg): void {
    const server = this.#server;
    if (this.#isOver || !server) {
      client.plain.destroy();
      return;
    }
    this.#conclude();
    this.#outcome.opened(client, server, this.#comment(client));
  }

  /** Which of the two speaks TLS, and what was agreed upon. */
  #comment(client: Leg): string {
    const { listen, upstream } = this.#pair;
    const facts: string[] = isPath(upstream) ? [formatAddress(upstream)] : [];
    const parts: [string, Address, Leg][] = [
      ['client', listen, client],
      ['server', upstream, this.#server!],
    ];
    for (const [who, address, { plain }] of parts) {
      if (!isTls(address) || !(plain instanceof tls.TLSSocket)) continue;
      const { alpnProtocol } = plain;
      facts.push([`${who}: ${plain.getProtocol()}`, ...(alpnProtocol ? [alpnProtocol] : [])].join(' '));
    }
    if (this.#hello.serverName !== undefined) facts.push(`server name ${this.#hello.serverName}`);
    if (client.plain instanceof tls.TLSSocket) facts.push(...certificateOf(client.plain));
    return facts.join('; ');
  }

  #failServer(why: string): void {
    const message = this.#at('upstream', why);
    this.#fail(() => this.#outcome.failed({ side: SERVER, kind: 'tls', message, server: this.#reached }));
  }

  #failClient(why: string | undefined): void {
    const message = why === undefined ? undefined : this.#at('listen', why);
    this.#fail(() => this.#outcome.failed({ side: CLIENT, kind: 'tls', message }));
  }

  #tooLate(): void {
    if (this.#turn === CLIENT) this.#failClient('the client did not end its handshake in time');
    else this.#failServer('no answer in time');
  }

  #fail(tell: () => void): void {
    if (this.#isOver) return;
    this.#conclude();
    tell();
    this.abandon();
  }

  #conclude(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #at(end: 'listen' | 'upstream', what: string): string {
    return `${formatAddress(this.#pair[end])}: ${what}`;
  }
}

function certificateOf(client: tls.TLSSocket): string[] {
  const subject = client.getPeerX509Certificate()?.subject.replaceAll('\n', ', ');
  if (subject === undefined) return [];
  return [`client certificate ${subject}${client.authorized ? '' : ' (not verified)'}`];
}

/** Each name behind the byte of its length, as ALPN has them. Names are bytes; what OpenSSL shows of them is Latin-1. */
function listOf(protocols: readonly string[]): Uint8Array {
  return Buffer.concat(protocols.flatMap(name => [Uint8Array.of(name.length), Buffer.from(name, 'latin1')]));
}
