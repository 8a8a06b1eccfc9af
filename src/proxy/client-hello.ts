/**
 * What a TLS client asks for in its first message (ClientHello, RFC 8446 4.1.2): the name of the server (RFC 6066 3) and
 * the protocols it would speak (ALPN, RFC 7301). Read before the handshake goes on, as the answer depends on the upstream.
 */

export interface ClientHello {
  /** In lower case; undefined when there is none that a server could have. */
  readonly serverName: string | undefined;
  /** The protocols in the order of the client's wish, each behind the byte of its length; empty when it names none. */
  readonly protocols: Uint8Array;
}

/** `more`: it goes on; `foreign`: this is not TLS. */
export type HelloReading = ClientHello | 'more' | 'foreign';

export const NO_HELLO: ClientHello = { serverName: undefined, protocols: new Uint8Array() };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** RFC 8446 5.1 */
const LONGEST_RECORD = 2 ** 14;
/** Those of browsers, with keys that withstand quantum computers, have some two thousand bytes. */
const LONGEST_HELLO = 2 ** 14;
/** With the headers of its records, of which there may be many. */
const LONGEST_READING = 2 * LONGEST_HELLO;
const RANDOM_LENGTH = 32;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const ALPN = 16;

/** @param bytes all that the client has sent so far */
export function readClientHello(bytes: Uint8Array): HelloReading {
  if (bytes.length > LONGEST_READING + LONGEST_RECORD) return 'foreign';
  const message: number[] = [];
  let length = MESSAGE_HEADER;
  for (let at = 0; message.length < length; ) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE) return 'foreign';
    if (at + 1 < bytes.length && bytes[at + 1] !== 3) return 'foreign';
    if (at + RECORD_HEADER > bytes.length) return 'more';
    const size = (bytes[at + 3] << 8) | bytes[at + 4];
    if (size === 0 || size > LONGEST_RECORD) return 'foreign';
    at += RECORD_HEADER;
    message.push(...bytes.subarray(at, at + size));
    at += size;
    if (message.length > 0 && message[0] !== CLIENT_HELLO) return 'foreign';
    if (message.length >= MESSAGE_HEADER)
      length = MESSAGE_HEADER + ((message[1] << 16) | (message[2] << 8) | message[3]);
    if (length > LONGEST_HELLO) return 'foreign';
    if (at > bytes.length) return message.length < length ? 'more' : contentOf(message, length);
  }
  return contentOf(message, length);
}

/** A malformed one simply asks for nothing here; the TLS stack that answers it reports the error. */
function contentOf(message: readonly number[], length: number): ClientHello {
  const body = Uint8Array.from(message.slice(MESSAGE_HEADER, length));
  let { serverName, protocols } = NO_HELLO;
  for (const [type, content] of extensionsOf(body)) {
    if (type === SERVER_NAME) serverName = hostNameOf(content);
    if (type === ALPN) protocols = protocolsOf(content);
  }
  return { serverName, protocols };
}

function* extensionsOf(body: Uint8Array): Generator<[type: number, content: Uint8Array]> {
  let at = 2 + RANDOM_LENGTH;
  at += 1 + (body[at] ?? 0);
  at += 2 + half(body, at);
  at += 1 + (body[at] ?? 0);
  at += 2;
  while (at + 4 <= body.length) {
    const end = at + 4 + half(body, at + 2);
    if (end > body.length) return;
    yield [half(body, at), body.subarray(at + 4, end)];
    at = end;
  }
}

/** A name as servers have them: letters, digits, hyphens, dots, and what some put in besides. */
const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?$/;
const ADDRESS = /^[0-9.]+$/;

function hostNameOf(list: Uint8Array): string | undefined {
  if (list[2] !== HOST_NAME) return undefined;
  const bytes = list.subarray(5, 5 + half(list, 3));
  const name = String.fromCharCode(...bytes.subarray(0, 256)).toLowerCase();
  return NAME.test(name) && !ADDRESS.test(name) ? name.replace(/\.$/, '') : undefined;
}

function protocolsOf(content: Uint8Array): Uint8Array {
  const list = content.subarray(2, 2 + half(content, 0));
  let at = 0;
  while (at < list.length && list[at] > 0) at += 1 + list[at];
  return at === list.length ? list : NO_HELLO.protocols;
}

function half(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
