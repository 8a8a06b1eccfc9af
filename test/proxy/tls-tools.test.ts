/** The proxy between programs that are not Node's: openssl and curl; and tshark, which decrypts with the secrets. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type * as net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { heardOf, portOf, scratch, startProxy, streamClient, streamServer, Torrent, until } from '../kit/proxy.ts';
import { AUTHORITY, LOCAL, selfSigned, tlsClient, tlsOptions, tlsServer } from '../kit/tls.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const run = promisify(execFile);
const echo = (socket: net.Socket) => socket.pipe(socket);
const authorityIn = (folder: string) => join(folder, 'proxy-ca.pem');

function child(program: string, args: readonly string[]): ChildProcess {
  const started = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    started.kill();
  });
  return started;
}

/** What openssl s_client says of a connection that it ends at once. */
async function clientSays(port: number, ...args: readonly string[]): Promise<string> {
  const client = child('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', ...args]);
  let said = '';
  for (const stream of [client.stdout!, client.stderr!]) stream.on('data', text => (said += text));
  client.stdin!.end();
  await once(client, 'close');
  return said;
}

/** openssl s_server on a port of its own; resolves when it listens. */
async function opensslServer(...args: readonly string[]): Promise<number> {
  const folder = scratch();
  writeFileSync(join(folder, 'own.pem'), LOCAL.key + LOCAL.cert);
  const server = child('openssl', ['s_server', '-accept', '127.0.0.1:0', '-cert', join(folder, 'own.pem'), ...args]);
  let said = '';
  server.stdout!.on('data', text => {
    said += text;
  });
  await until('openssl to listen', () => /ACCEPT 127\.0\.0\.1:\d+/.test(said));
  return Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(said)![1]);
}

describe('openssl', () => {
  test.each(['-tls1_2', '-tls1_3'])('as a client (%s) gets a certificate for the name it asks for', async version => {
    if (!requireTool('openssl')) return;
    const options = tlsOptions({ protocols: ['h2'] });
    const { server, seen } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
    const trust = ['-CAfile', authorityIn(options.stateFolder), version];
    const name = ['-servername', 'www.example.org', '-verify_hostname', 'www.example.org'];
    const said = await clientSays(portOf(server), ...trust, ...name, '-alpn', 'h2,http/1.1');
    expect(said).toMatch(/Verification: OK/);
    expect(said).toMatch(/Verified peername: www\.example\.org/);
    expect(said).toMatch(/ALPN protocol: h2/);
    expect(await clientSays(portOf(server), ...trust, '-noservername', '-verify_ip', '127.0.0.1')).toMatch(
      /Verification: OK/,
    );
    expect(seen.events).toEqual([]);
  });

  test('as a client that does not trust the CA says so, and the proxy how it can', async () => {
    if (!requireTool('openssl')) return;
    const { server, seen } = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: tlsOptions() });
    await clientSays(portOf(server), '-servername', 'www.example.org');
    await until('the event', () => seen.events.length > 0);
    expect(seen.events).toEqual([
      {
        kind: 'tls',
        message: `tls:127.0.0.1:${portOf(server)}: the client does not trust the certificate; give it the CA that wirelint proxy --print-ca prints`,
      },
    ]);
    expect(seen.frames).toEqual([]);
  });

  test('as a server is reached, with the certificate that it demands', async () => {
    const person = selfSigned('somebody.test', 'clientAuth');
    if (!person) return;
    const trusted = join(scratch(), 'trusted.pem');
    writeFileSync(trusted, person.cert);
    const port = await opensslServer('-rev', '-Verify', '1', '-CAfile', trusted, '-verify_return_error');
    const { server } = await startProxy('tcp:0', `tls:localhost:${port}`, {
      tls: tlsOptions({ clientIdentity: person }),
    });
    const client = await streamClient(portOf(server));
    client.write('lamina\n');
    expect(String(await once(client, 'data'))).toBe('animal\n');
    client.destroy();
    const { server: nobody, seen } = await startProxy('tcp:0', `tls:localhost:${port}`, { tls: tlsOptions() });
    (await streamClient(portOf(nobody))).on('error', () => {});
    await until('the event', () => seen.events.length > 0);
    expect(seen.events[0].message).toBe(
      `tls:localhost:${port}: it asks for a client certificate; give one with --client-cert and --client-key`,
    );
  });
});

test('curl fetches through the proxy what openssl serves', async () => {
  if (!requireTool('curl') || !requireTool('openssl')) return;
  const port = await opensslServer('-www', '-alpn', 'http/1.1');
  const options = tlsOptions();
  const { server, seen } = await startProxy('tls:0', `tls:localhost:${port}`, { tls: options });
  const trust = ['-sS', '--noproxy', '*', '--cacert', authorityIn(options.stateFolder)];
  for (const host of ['localhost', '127.0.0.1']) {
    const { stdout } = await run('curl', [...trust, `https://${host}:${portOf(server)}/`]);
    expect(stdout).toMatch(/ALPN protocol: http\/1\.1|<HTML>/);
  }
  expect(Buffer.concat(seen.frames.map(({ bytes }) => bytes)).toString('latin1')).toContain('GET / HTTP/1.1');
  expect(seen.events).toEqual([]);
});

test('two proxies at once, one behind the other, with the same CA', async () => {
  const options = tlsOptions();
  const inner = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
  const upstreamAuthorities = readFileSync(authorityIn(options.stateFolder), 'utf8');
  const outer = await startProxy('tls:0', `tls:localhost:${portOf(inner.server)}`, {
    tls: { ...options, upstreamAuthorities },
  });
  const client = await tlsClient(portOf(outer.server), { ca: upstreamAuthorities });
  client.end('through both');
  expect(String(await heardOf(client))).toBe('through both');
  expect([...inner.seen.events, ...outer.seen.events]).toEqual([]);
});

test('a client that does not read holds its server up, and not the memory of the proxy', async () => {
  const torrent = new Torrent();
  const options = tlsOptions();
  const port = await tlsServer(torrent.serve);
  const { server } = await startProxy('tls:0', `tls:localhost:${port}`, { tls: options });
  const client = await tlsClient(portOf(server), { ca: readFileSync(authorityIn(options.stateFolder), 'utf8') });
  client.pause();
  expect(await torrent.heldUp()).toBeLessThan(32 * 1024 * 1024);
});

test('tshark decrypts what was captured on the wire with the secrets of SSLKEYLOGFILE', async () => {
  if (!requireTool('tshark')) return;
  const folder = scratch();
  const keyLog = join(folder, 'keys');
  const options = tlsOptions({ keyLog });
  // What is on the wire is what a proxy without TLS in front of it sees.
  const inner = await startProxy('tls:0', `tcp:${await streamServer(echo)}`, { tls: options });
  const wire = join(folder, 'wire.pcapng');
  const outer = await startProxy('tcp:0', `tcp:${portOf(inner.server)}`, { record: { path: wire, rotation: {} } });
  const client = await tlsClient(portOf(outer.server), { ca: readFileSync(authorityIn(options.stateFolder), 'utf8') });
  client.end('GET /secret HTTP/1.1\r\n\r\n');
  await heardOf(client);
  await outer.server.stop();
  await inner.server.stop();
  const args = ['-o', `tls.keylog_file:${keyLog}`, '-d', `tcp.port==${portOf(inner.server)},tls`];
  const decrypted = runTool('tshark', ['-r', wire, ...args, '-Y', 'http', '-T', 'fields', '-e', 'http.request.uri']);
  expect(decrypted).toContain('/secret');
});

test('the CA of the tests is one that everybody can read', () => {
  if (!requireTool('openssl')) return;
  const folder = scratch();
  const [ca, leaf] = [join(folder, 'ca'), join(folder, 'leaf')];
  writeFileSync(ca, AUTHORITY.cert);
  writeFileSync(leaf, LOCAL.cert);
  expect(runTool('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, leaf])).toContain('OK');
});
