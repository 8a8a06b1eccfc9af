import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readClientHello } from '../../src/proxy/client-hello.ts';

/** What a client of Node says first. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

/** The same message in records of so many bytes. */
function cut(hello: Buffer, size: number): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 5; at < hello.length; at += size) {
    const part = hello.subarray(at, at + size);
    parts.push(Uint8Array.of(22, 3, 1, part.length >>> 8, part.length), part);
  }
  return Buffer.concat(parts);
}

const protocols = Buffer.from('\x02h2\x08http/1.1', 'latin1');

test('the name and the protocols that a client asks for, in one record or in many', async () => {
  const hello = await helloOf({ servername: 'Www.Example.org', ALPNProtocols: ['h2', 'http/1.1'] });
  const wanted = { serverName: 'www.example.org', protocols: new Uint8Array(protocols) };
  for (const bytes of [hello, cut(hello, 100), cut(hello, 1), Buffer.concat([hello, Buffer.from('more')])]) {
    const read = readClientHello(bytes);
    expect(typeof read === 'object' && { ...read, protocols: new Uint8Array(read.protocols) }).toEqual(wanted);
  }
  for (let length = 0; length < hello.length; length += 1)
    expect(readClientHello(hello.subarray(0, length))).toBe('more');
});

test('a client may ask for nothing', async () => {
  const read = readClientHello(await helloOf({ servername: '' }));
  expect(read).toEqual({ serverName: undefined, protocols: new Uint8Array() });
});

test.each([
  'GET / HTTP/1.1\r\n',
  '\x16GET',
  '\x80\x2e\x01\x03\x01',
  '\x16\x03\x01\x00\x00',
  '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
  '\x16\x03\x01\x00\x04\x01\xff\xff\xff',
])('%j is something else', text => {
  expect(readClientHello(Buffer.from(text, 'latin1'))).toBe('foreign');
});

test('whatever is in it, nothing is asked for that a server could not have', async () => {
  const hello = await helloOf({ servername: 'www.example.org', ALPNProtocols: ['h2', 'http/1.1'] });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 8 }), changes => {
      const bytes = Buffer.from(hello);
      for (const [at, value] of changes) bytes[at] = value;
      const read = readClientHello(bytes);
      if (typeof read === 'string') return;
      expect(read.serverName ?? 'none').toMatch(/^[a-z0-9_.-]{1,253}$/);
      let at = 0;
      while (at < read.protocols.length) at += 1 + read.protocols[at];
      expect(at).toBe(read.protocols.length);
    }),
  );
});
