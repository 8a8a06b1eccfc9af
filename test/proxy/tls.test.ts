import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import type * as tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { FIN, RST } from '../../src/proxy/packets.ts';
import { heardOf, portOf, scratch, startProxy, streamClient, streamServer, until } from '../kit/proxy.ts';
import { AUTHORITY, identityFor, LOCAL, selfSigned, tlsClient, tlsOptions, tlsServer } from '../kit/tls.ts';

const echo = (socket: net.Socket) => socket.pipe(socket);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Who believes the certificates that the proxy makes. */
const trusting = (folder: string) => ({ ca: readFileSync(join(folder, 'proxy-ca.pem'), 'utf8') });
const flagsOf = (frames: readonly { bytes: Uint8Array }[]) => frames.map(({ bytes }) => bytes[33]);
/** What each port has said, as the packets show it: IPv4. */
function saidBy(frames: readonly { bytes: Uint8Array }[]): Buffer[] {
  const parts = new Map<number, Uint8Array[]>();
  for (const { bytes } of frames) {
    const port = Buffer.from(bytes).readUInt16BE(20);
    const payload = bytes.subarray(20 + 4 * (bytes[32] >> 4));
    parts.set(port, [...(parts.get(port) ?? []), payload]);
  }
  return [...parts.values()].map(said => Buffer.concat(said));
}

describe('bytes go through as they are, both ways at once, and the end of each direction', () => {
  const pairs = [
    ['tls', 'tcp'],
    ['tcp', 'tls'],
    ['tls', 'tls'],
    ['unix', 'tls'],
    ['tls', 'unix'],
  ] as const;
  test.each(pairs)('%s to %s', async (here, there) => {
    const options = tlsOptions();
    const folder = scratch();
    let upstream = `unix:${folder}/up`;
    if (there === 'unix') await streamServer(echo, `${folder}/up`);
    if (there === 'tcp') upstream = `tcp:${await streamServer(echo)}`;
    if (there === 'tls') upstream = `tls:localhost:${await tlsServer(echo)}`;
    const { server, seen } = await startProxy(here === 'unix' ? `unix:${folder}/in` : `${here}:0`, upstream, {
      tls: options,
    });
    const client =
      here === 'tls'
        ? await tlsClient(portOf(server), trusting(options.stateFolder))
        : await streamClient(here === 'unix' ? `${folder}/in` : portOf(server));
    const sent = Buffer.alloc(5_000_000, 'wirelint ');
    client.end(sent);
    expect(hashOf(await heardOf(client))).toBe(hashOf(sent));
    await until('both to be gone', () => server.open === 0);
    expect(flagsOf(seen.frames).filter(flags => flags & FIN)).toHaveLength(2);
    expect(saidBy(seen.frames).map(hashOf)).toEqual([hashOf(sent), hashOf(sent)]);
    expect(seen.events).toEqual([]);
  });
});

test('a server that has said all it has to may still listen', async () => {
  const options = tlsOptions();
  let received = '';
  const port = await tlsServer(async socket => {
    socket.end('bye');
    received = String(await heardOf(socket));
  });
  const { server } = await startProxy('tls:0', `tls:localhost:${port}`, { tls: options });
  const client = await tlsClient(portOf(server), trusting(options.stateFolder));
  const [first] = await once(client, 'data');
  await once(client, 'end');
  client.end('thanks');
  await until('the rest', () => received !== '');
  expect([String(first), received]).toEqual(['bye', 'thanks']);
});

test('a reset passes through', async () => {
  const options = tlsOptions();
  let failure = '';
  const port = await tlsServer(socket => {
    socket.on('error', error => {
      failure = 'code' in error ? String(error.code) : '';
    });
    socket.write('go');
  });
  const { server, seen } = await startProxy('tls:0', `tls:localhost:${port}`, { tls: options });
  const raw = await streamClient(portOf(server));
  const client = await tlsClient(0, { ...trusting(options.stateFolder), socket: raw });
  await once(client, 'data');
  raw.resetAndDestroy();
  await until('the server to hear of it', () => failure !== '');
  expect(failure).toBe('ECONNRESET');
  expect(flagsOf(seen.frames).at(-1)! & RST).toBe(RST);
  expect(server.open).toBe(0);
});

describe('what the client asks for', () => {
  /** What a server gets to see of a client. */
  const seenBy = (socket: tls.TLSSocket) => [(socket as { servername?: unknown }).servername, socket.alpnProtocol];

  test('reaches the server: its name, and its protocols in its order; what the server chooses, the client gets', async () => {
    const options = tlsOptions();
    const shown: unknown[] = [];
    const port = await tlsServer(
      socket => {
        shown.push(seenBy(socket));
        socket.end();
      },
      { ...identityFor('example.test'), ALPNProtocols: ['http/1.1', 'spdy/3', 'h2'] },
    );
    const { server, seen } = await startProxy('tls:0', `tls:127.0.0.1:${port}`, { tls: options });
    const trust = trusting(options.stateFolder);
    const first = await tlsClient(portOf(server), {
      ...trust,
      servername: 'example.test',
      ALPNProtocols: ['h2', 'spdy/3'],
    });
    const second = await tlsClient(portOf(server), { ...trust, servername: 'Example.test' });
    expect([first.alpnProtocol, second.alpnProtocol]).toEqual(['spdy/3', false]);
    await until('both', () => shown.length === 2);
    expect(shown).toEqual([
      ['example.test', 'spdy/3'],
      ['example.test', false],
    ]);
    expect(seen.frames[0].comment).toBe('client: TLSv1.3 spdy/3; server: TLSv1.3 spdy/3; server name example.test');
    await expect(
      tlsClient(portOf(server), { ...trust, servername: 'example.test', ALPNProtocols: ['gopher'] }),
    ).rejects.toThrow();
    expect(seen.events.map(({ message }) => message)).toEqual([
      `tls:127.0.0.1:${port}: it speaks none of the protocols that were offered (ALPN)`,
    ]);
  });

  test('is the upstream by its own name where the client names nobody, or means the proxy', async () => {
    const options = tlsOptions();
    const names: unknown[] = [];
    const port = await tlsServer(socket => {
      names.push(seenBy(socket)[0]);
      socket.end();
    });
    const { server } = await startProxy('tls:0', `tls:localhost:${port}`, { tls: options });
    const trust = trusting(options.stateFolder);
    // The certificate is for the address and for localhost.
    await tlsClient(portOf(server), { ...trust, servername: '' });
    await tlsClient(portOf(server), { ...trust, servername: 'localhost' });
    await until('both', () => names.length === 2);
    expect(names).toEqual(['localhost', 'localhost']);
  });

  test('is agreed on by --alpn where the client alone speaks TLS, or the server', async () => {
    const options = tlsOptions({ protocols: ['h2', 'http/1.1'] });
    const here = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const client = await tlsClient(portOf(here.server), {
      ...trusting(options.stateFolder),
      ALPNProtocols: ['http/1.1'],
    });
    expect(client.alpnProtocol).toBe('http/1.1');
    let chosen: unknown;
    const port = await tlsServer(
      socket => {
        chosen = socket.alpnProtocol;
      },
      { ALPNProtocols: ['h2'] },
    );
    const there = await startProxy('tcp:0', `tls:localhost:${port}`, { tls: options });
    await streamClient(portOf(there.server));
    await until('the server', () => chosen !== undefined);
    expect(chosen).toBe('h2');
  });

  test('may come in pieces', async () => {
    const options = tlsOptions();
    const { server } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const slow = net.createServer(socket => {
      const through = net.connect({ port: portOf(server), host: '127.0.0.1', noDelay: true });
      through.pipe(socket);
      socket.on('data', bytes => {
        for (const byte of bytes) through.write(Uint8Array.of(byte));
      });
    });
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const client = await tlsClient((slow.address() as net.AddressInfo).port, trusting(options.stateFolder));
    client.write('in pieces');
    expect(String(await once(client, 'data'))).toBe('in pieces');
    client.destroy();
    slow.close();
  });
});

describe('an upstream that is not believed', () => {
  const refusal = async (upstream: string, options = tlsOptions({ upstreamAuthorities: undefined })) => {
    const { server, seen } = await startProxy('tcp:0', upstream, { tls: options });
    const client = await streamClient(portOf(server));
    const [error] = await once(client, 'error').catch(reason => [reason]);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    // It went no further than a connection that is refused.
    expect(flagsOf(seen.frames)).toHaveLength(2);
    expect(Buffer.from(seen.frames[0].bytes).readUInt16BE(22)).toBe(Number(upstream.split(':')[2]));
    expect(server.open).toBe(0);
    expect(seen.events.map(({ kind }) => kind)).toEqual([expect.stringMatching(/^(tls|refused)$/)]);
    return seen.events[0].message;
  };

  test('has a certificate of a CA that nobody knows', async () => {
    const port = await tlsServer(echo);
    expect(await refusal(`tls:localhost:${port}`)).toBe(
      `tls:localhost:${port}: the certificate is not trusted (its issuer is unknown); give its CA with --upstream-ca or accept it with --insecure`,
    );
  });

  test('has signed its certificate itself', async () => {
    const own = selfSigned('localhost', 'serverAuth');
    if (!own) return;
    const port = await tlsServer(echo, own);
    expect(await refusal(`tls:localhost:${port}`)).toBe(
      `tls:localhost:${port}: the certificate is not trusted (self-signed); give its CA with --upstream-ca or accept it with --insecure`,
    );
  });

  test('is somebody else', async () => {
    const port = await tlsServer(echo, identityFor('example.org', '192.0.2.1'));
    expect(await refusal(`tls:localhost:${port}`, tlsOptions())).toBe(
      `tls:localhost:${port}: the certificate is for example.org, 192.0.2.1, not for localhost; name the upstream as it does, or accept it with --insecure`,
    );
  });

  test('does not speak TLS, or says nothing any more', async () => {
    const port = await streamServer(socket => socket.end('220 ready\r\n'));
    expect(await refusal(`tls:localhost:${port}`)).toBe(`tls:localhost:${port}: it does not speak TLS there`);
    const mute = await streamServer(socket => socket.end());
    expect(await refusal(`tls:localhost:${mute}`)).toBe(
      `tls:localhost:${mute}: it closed the connection in the middle of the handshake`,
    );
  });

  test('wants a client certificate', async () => {
    const port = await tlsServer(echo, { requestCert: true, ca: AUTHORITY.cert, maxVersion: 'TLSv1.2' });
    expect(await refusal(`tls:localhost:${port}`, tlsOptions())).toMatch(/it may ask for a client certificate/);
  });

  test('is accepted with --insecure, and the proxy goes on after all', async () => {
    const port = await tlsServer(echo, identityFor('example.org'));
    const tls = tlsOptions({ insecure: true, upstreamAuthorities: undefined });
    const { server, seen } = await startProxy('tcp:0', `tls:localhost:${port}`, { tls });
    const client = await streamClient(portOf(server));
    client.end('all right');
    expect(String(await heardOf(client))).toBe('all right');
    expect(seen.events).toEqual([]);
  });
});

describe('a client that is not satisfied, or is not TLS', () => {
  test('is reported, and the next one is served', async () => {
    const options = tlsOptions();
    const { server, seen } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const where = `tls:127.0.0.1:${portOf(server)}`;
    await expect(tlsClient(portOf(server))).rejects.toThrow(/certificate/);
    const http = await streamClient(portOf(server));
    http.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.race([once(http, 'close'), once(http, 'error'), once(http, 'end')]).catch(() => {});
    (await streamClient(portOf(server))).destroy();
    await until('all to be gone', () => server.open === 0);
    expect(seen.events.map(({ message }) => message)).toEqual([
      `${where}: the client closed the connection in the middle of the handshake; perhaps it does not trust the certificate`,
      `${where}: the client does not speak TLS: it began with "GET / HTTP/1.1\\r\\n"`,
    ]);
    expect(seen.frames).toEqual([]);
    const client = await tlsClient(portOf(server), trusting(options.stateFolder));
    client.end('next');
    expect(String(await heardOf(client))).toBe('next');
  });

  test('whose server is not there is refused', async () => {
    const options = tlsOptions();
    const { server, seen } = await startProxy('tls:0', 'tls:127.0.0.1:1', { tls: options });
    await expect(tlsClient(portOf(server), trusting(options.stateFolder))).rejects.toThrow();
    expect(seen.events).toEqual([{ kind: 'refused', message: 'tls:127.0.0.1:1: connection refused' }]);
    expect(flagsOf(seen.frames).at(-1)! & RST).toBe(RST);
  });
});

describe('a client certificate', () => {
  test('is shown to the upstream', async () => {
    const person = selfSigned('somebody.test', 'clientAuth');
    if (!person) return;
    const shown: unknown[] = [];
    const port = await tlsServer(
      socket => {
        shown.push(socket.authorized && socket.getPeerCertificate().subject.CN);
        socket.end();
      },
      { requestCert: true, ca: person.cert },
    );
    const { server } = await startProxy('tcp:0', `tls:localhost:${port}`, {
      tls: tlsOptions({ clientIdentity: person }),
    });
    await streamClient(portOf(server));
    await until('the server', () => shown.length === 1);
    expect(shown).toEqual(['somebody.test']);
  });

  test('that is missing is said to be, also by TLS 1.3, where the server says so after the handshake', async () => {
    const port = await tlsServer(echo, { requestCert: true, ca: AUTHORITY.cert });
    const { server, seen } = await startProxy('tcp:0', `tls:localhost:${port}`, { tls: tlsOptions() });
    const client = await streamClient(portOf(server));
    client.on('error', () => {});
    await until('the event', () => seen.events.length > 0);
    expect(seen.events).toEqual([
      {
        kind: 'tls',
        message: `tls:localhost:${port}: it asks for a client certificate; give one with --client-cert and --client-key`,
      },
    ]);
  });

  test('is asked for, and stands in the recording', async () => {
    const person = selfSigned('somebody.test', 'clientAuth');
    if (!person) return;
    const options = tlsOptions({ requestClientCertificate: true });
    const { server, seen } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const client = await tlsClient(portOf(server), { ...trusting(options.stateFolder), ...person });
    client.end('me');
    expect(String(await heardOf(client))).toBe('me');
    expect(seen.frames[0].comment).toMatch(/client certificate CN=somebody\.test \(not verified\)$/);
    const nobody = await tlsClient(portOf(server), trusting(options.stateFolder));
    nobody.end('nobody');
    expect(String(await heardOf(nobody))).toBe('nobody');
  });

  test('is demanded with a CA', async () => {
    const person = selfSigned('somebody.test', 'clientAuth');
    if (!person) return;
    const options = tlsOptions({ requestClientCertificate: true, clientAuthorities: person.cert });
    const { server, seen } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const where = `tls:127.0.0.1:${portOf(server)}`;
    const client = await tlsClient(portOf(server), { ...trusting(options.stateFolder), ...person });
    client.end('me');
    expect(String(await heardOf(client))).toBe('me');
    const served = seen.frames.length;
    await tlsClient(portOf(server), trusting(options.stateFolder)).catch(() => {});
    await until('the first refusal', () => seen.events.length === 1);
    await tlsClient(portOf(server), { ...trusting(options.stateFolder), ...LOCAL }).catch(() => {});
    await until('the second one', () => seen.events.length === 2);
    expect(seen.events.map(({ message }) => message)).toEqual([
      `${where}: the client has no certificate, and --client-ca asks for one`,
      `${where}: the client's certificate is not of a CA of --client-ca (unable to verify leaf signature)`,
    ]);
    expect(seen.frames).toHaveLength(served);
  });
});

test('a certificate that is given is shown, chain and all', async () => {
  const given = { key: LOCAL.key, cert: LOCAL.cert + AUTHORITY.cert };
  const { server } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, {
    tls: tlsOptions({ identity: given, stateFolder: '/nonexistent' }),
  });
  const client = await tlsClient(portOf(server), { ca: AUTHORITY.cert, servername: 'localhost' });
  const shown = client.getPeerCertificate(true);
  expect([shown.subject.CN, shown.issuerCertificate.subject.CN]).toEqual([
    'localhost',
    expect.stringMatching(/^wirelint proxy CA /),
  ]);
});

test('SSLKEYLOGFILE gets the secrets of both sides', async () => {
  const keyLog = join(scratch(), 'keys');
  const options = tlsOptions({ keyLog });
  const { server } = await startProxy('tls:0', `tls:localhost:${await tlsServer(echo)}`, { tls: options });
  const client = await tlsClient(portOf(server), { ...trusting(options.stateFolder), servername: 'localhost' });
  client.end('secret');
  await heardOf(client);
  await server.stop();
  const lines = readFileSync(keyLog, 'latin1').trimEnd().split('\n');
  expect(lines.filter(line => !/^[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]{64,96}$/.test(line))).toEqual([]);
  expect(lines.filter(line => line.startsWith('CLIENT_TRAFFIC_SECRET_0 '))).toHaveLength(2);
  await expect(startProxy('tls:0', 'tls:1', { tls: tlsOptions({ keyLog: '/nonexistent/keys' }) })).rejects.toThrow(
    'SSLKEYLOGFILE: cannot write /nonexistent/keys: no such directory',
  );
});
