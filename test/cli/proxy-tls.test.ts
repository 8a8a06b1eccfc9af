import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../kit/proxy.ts';
import { identityFor, LOCAL } from '../kit/tls.ts';
import { runInside } from './host.ts';
import { shell, wirelint } from './run.ts';

test('--print-ca prints the CA, which is made at first, in the folder for state, and ends', async () => {
  const state = scratch();
  const environment = { XDG_STATE_HOME: state };
  const first = await wirelint(['proxy', '--print-ca'], { environment });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(new X509Certificate(first.stdout).ca).toBe(true);
  expect(first.stdout).not.toContain('PRIVATE');
  const file = join(state, 'wirelint', 'proxy-ca.pem');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await wirelint(['proxy', '--print-ca'], { environment })).stdout).toBe(first.stdout);
  writeFileSync(file, readFileSync(file, 'utf8').slice(40));
  expect(await wirelint(['proxy', '--print-ca'], { environment })).toEqual({
    code: 2,
    stdout: '',
    stderr: `wirelint: ${file}: the CA of the proxy is damaged; delete it, and the proxy makes another one, which its clients then have to trust\n`,
  });
});

test('without XDG_STATE_HOME, or with one that does not count, state is below the home', async () => {
  const home = scratch();
  const { code } = await wirelint(['proxy', '--print-ca'], { environment: { HOME: home, XDG_STATE_HOME: 'relative' } });
  expect(code).toBe(0);
  expect(existsSync(join(home, '.local', 'state', 'wirelint', 'proxy-ca.pem'))).toBe(true);
});

test('a command is run through TLS, and a handshake that fails is a line', async () => {
  const upstream = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const address = upstream.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const client = `const tls = require("node:tls");
    const socket = tls.connect({ port: process.env.WIRELINT_PORT_1, host: "127.0.0.1" });
    socket.on("error", error => console.log("refused", error.code));
    socket.on("data", bytes => console.log(String(bytes)));`;
  const file = join(scratch(), 'client.cjs');
  writeFileSync(file, client);
  const state = scratch();
  const line = (before: string) =>
    `export XDG_STATE_HOME=${state}; ${before} $WIRELINT proxy tls:0 tcp:127.0.0.1:${port} --allow-empty -- node ${file}`;
  const refused = await shell(line(''));
  expect(refused.stderr).toMatch(/^out\| refused UNABLE_TO_VERIFY_LEAF_SIGNATURE$/m);
  expect(refused.stderr).toMatch(/^wirelint: tls:127\.0\.0\.1:\d+: the client closed the connection in the middle/m);
  const trusted = await shell(line(`$WIRELINT proxy --print-ca >${state}/ca.pem; NODE_EXTRA_CA_CERTS=${state}/ca.pem`));
  expect(trusted.stderr).toMatch(/^out\| hello$/m);
  expect([refused.code, trusted.code]).toEqual([0, 0]);
  upstream.close();
});

test('what makes no sense is refused in one line that helps', async () => {
  const folder = scratch();
  const [cert, key, other, locked, none] = ['cert', 'key', 'other', 'locked', 'none'].map(name => join(folder, name));
  writeFileSync(cert, LOCAL.cert);
  writeFileSync(key, LOCAL.key);
  writeFileSync(other, identityFor('a.test').key);
  writeFileSync(locked, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n');
  writeFileSync(none, LOCAL.cert.replace('MII', 'AII'));
  const [here, there] = [
    ['tls:0', 'tcp:1'],
    ['tcp:0', 'tls:1'],
  ];
  const cases: [args: string[], line: string][] = [
    [[...there, '--cert', cert, '--key', key], '--cert: no pair listens on tls:'],
    [[...there, '--request-client-cert'], '--request-client-cert: no pair listens on tls:'],
    [[...here, '--insecure'], '--insecure: no pair has a tls: upstream'],
    [['udp:0', 'udp:1', '--upstream-ca', cert], '--upstream-ca: no pair has a tls: upstream'],
    [
      ['tls:0', 'tls:1', '--alpn', 'h2'],
      '--alpn: no pair has tls: on one side alone (where both have it, what they agree on is passed on)',
    ],
    [[...here, '--alpn', 'h2,'], '--alpn h2,: write names with commas between them: h2,http/1.1'],
    [[...here, '--cert', cert], `--cert ${cert}: give its key with --key`],
    [[...there, '--client-key', key], `--client-key ${key}: give its certificate with --client-cert`],
    [[...here, '--cert', cert, '--key', other], `--key ${other}: not the key of the certificate in ${cert}`],
    [
      [...here, '--cert', cert, '--key', locked],
      `--key ${locked}: the key is encrypted; openssl pkey -in FILE decrypts it`,
    ],
    [[...here, '--cert', cert, '--key', cert], `--key ${cert}: there is no private key in it (PEM)`],
    [[...here, '--cert', key, '--key', key], `--cert ${key}: there is no certificate in it (PEM)`],
    [[...here, '--cert', none, '--key', key], `--cert ${none}: certificate 1 in it is damaged`],
    [[...here, '--client-ca', `${folder}/nothing`], `--client-ca ${folder}/nothing: no such file`],
    [
      [...there, '--insecure', '--upstream-ca', cert],
      '--insecure and --upstream-ca: give one of them; the first asks for no CA',
    ],
    [[...here, '--print-ca'], '--print-ca only prints the certificate; leave out tls:0'],
  ];
  for (const [args, line] of cases)
    expect(await runInside('proxy', ...args)).toEqual({ code: 2, stdout: '', stderr: `wirelint: ${line}\n` });
});
