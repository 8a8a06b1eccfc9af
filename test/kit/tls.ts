/** Peers that speak TLS, a CA of the test's own for their certificates, and the options of the proxy for both. */
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { type Identity, makeAuthority, makeLeaf } from '../../src/proxy/io/certificates.ts';
import type { TlsOptions } from '../../src/proxy/io/credentials.ts';
import { scratch } from './proxy.ts';
import { requireTool, runTool } from './tools.ts';

export const AUTHORITY = makeAuthority(Date.now());

export function identityFor(...names: readonly string[]): Identity {
  return makeLeaf(names, { cert: AUTHORITY.cert, key: createPrivateKey(AUTHORITY.key) }, Date.now());
}

/** Trusted where the CA is, as localhost and 127.0.0.1. */
export const LOCAL = identityFor('localhost', '127.0.0.1');

/** State that is gone after the test, servers of the test's CA trusted. */
export function tlsOptions(more: Partial<TlsOptions> = {}): TlsOptions {
  return {
    stateFolder: scratch(),
    requestClientCertificate: false,
    upstreamAuthorities: AUTHORITY.cert,
    insecure: false,
    ...more,
  };
}

/** One that has signed its own certificate, as openssl makes it; undefined where there is none. @param purpose clientAuth or serverAuth */
export function selfSigned(name: string, purpose: 'clientAuth' | 'serverAuth'): Identity | undefined {
  if (!requireTool('openssl')) return undefined;
  const folder = scratch();
  const files = ['-keyout', `${folder}/key`, '-out', `${folder}/cert`];
  const extensions = ['-addext', `extendedKeyUsage=${purpose}`, '-addext', `subjectAltName=DNS:${name}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  runTool('openssl', ['req', '-x509', ...curve, '-subj', `/CN=${name}`, ...extensions, ...files]);
  return { key: readFileSync(`${folder}/key`, 'utf8'), cert: readFileSync(`${folder}/cert`, 'utf8') };
}

/** Answers each client as `serve` says. @returns the port */
export async function tlsServer(serve: (socket: tls.TLSSocket) => void, options: tls.TlsOptions = {}): Promise<number> {
  const server = tls.createServer({ ...LOCAL, allowHalfOpen: true, ...options }, socket => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A client that has shaken hands; rejects when it could not. */
export async function tlsClient(
  port: number,
  options: tls.ConnectionOptions & { readonly servername?: string } = {},
): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    allowHalfOpen: true,
    servername: 'localhost',
    ...options,
  } as tls.ConnectionOptions);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
}
