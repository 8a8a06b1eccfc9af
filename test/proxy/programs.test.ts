/** Programs that are not ours on both ends, through the built program: what one of them sends, the other one gets. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scratch, until } from '../kit/proxy.ts';
import { running } from '../kit/running-proxy.ts';
import { requireTool } from '../kit/tools.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Starts a server of others; it is gone when the test is over. */
function serve(program: string, args: readonly string[], folder = '.'): void {
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
}

/** Runs a client of others to its end, and returns what it printed. */
function client(program: string, args: readonly string[], input: Uint8Array = new Uint8Array(0)): Promise<Buffer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', part => parts.push(part));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(parts)));
  });
}

/** A port that nobody uses now. */
function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Sends until something answers: a server of others does not say when it listens. */
async function answered(send: () => Promise<Buffer>): Promise<Buffer> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const answer = await send();
    if (answer.length > 0) return answer;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error('nothing answers');
}

test('curl gets a file from Python’s HTTP server, byte for byte', async () => {
  if (!requireTool('curl') || !requireTool('python3')) return;
  const folder = scratch();
  const content = randomBytes(5_000_000);
  writeFileSync(join(folder, 'file'), content);
  const port = await freePort();
  serve('python3', ['-m', 'http.server', '--bind', '127.0.0.1', String(port)], folder);
  const { ports } = await running('tcp:0', `tcp:${port}`, '--allow-empty');
  const get = () => client('curl', ['-s', '--max-time', '20', `http://127.0.0.1:${ports[0]}/file`]);
  expect(sha256(await answered(get))).toBe(sha256(content));
});

/** What socat forks outlives it: a session without a word for so many seconds ends. */
const ENDS = ['-T', '10'];

describe('socat on both ends', () => {
  const content = randomBytes(3_000_000);

  test('over TCP, which ends each direction by itself', async () => {
    if (!requireTool('socat')) return;
    const port = await freePort();
    serve('socat', [...ENDS, `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, 'EXEC:sha256sum']);
    const { ports } = await running('tcp:0', `tcp:${port}`, '--allow-empty');
    const send = () => client('socat', ['-t', '20', '-', `TCP:127.0.0.1:${ports[0]}`], content);
    expect(String(await answered(send)).slice(0, 64)).toBe(sha256(content));
  });

  test('over a Unix socket', async () => {
    if (!requireTool('socat')) return;
    const folder = scratch();
    serve('socat', [...ENDS, `UNIX-LISTEN:${folder}/up,fork`, 'EXEC:sha256sum']);
    await until('its socket', () => existsSync(join(folder, 'up')));
    await running(`unix:${folder}/in`, `unix:${folder}/up`, '--allow-empty');
    const send = () => client('socat', ['-t', '20', '-', `UNIX-CONNECT:${folder}/in`], content);
    expect(String(await answered(send)).slice(0, 64)).toBe(sha256(content));
  });

  test('over SOCK_SEQPACKET', async () => {
    if (!requireTool('socat')) return;
    const folder = scratch();
    serve('socat', [...ENDS, `UNIX-LISTEN:${folder}/up,type=5,fork`, 'EXEC:cat']);
    await until('its socket', () => existsSync(join(folder, 'up')));
    await running(`unix-seqpacket:${folder}/in`, `unix-seqpacket:${folder}/up`, '--allow-empty');
    const send = () => client('socat', ['-t', '2', '-', `UNIX-CONNECT:${folder}/in,type=5`], Buffer.from('a record'));
    expect(String(await answered(send))).toBe('a record');
  });

  test('over UDP', async () => {
    if (!requireTool('socat')) return;
    const port = await freePort();
    serve('socat', [...ENDS, `UDP-LISTEN:${port},bind=127.0.0.1,fork`, 'EXEC:cat']);
    const { ports } = await running('udp:0', `udp:${port}`, '--allow-empty');
    const send = () => client('socat', ['-t', '1', '-', `UDP:127.0.0.1:${ports[0]}`], Buffer.from('a datagram'));
    expect(String(await answered(send))).toBe('a datagram');
  });
});

test('netcat sends to a server of Python’s socketserver, over TCP and UDP', async () => {
  if (!requireTool('nc') || !requireTool('python3')) return;
  const port = await freePort();
  const program = `
import socketserver, threading
class T(socketserver.StreamRequestHandler):
    def handle(self): self.wfile.write(b"tcp " + self.rfile.readline())
class U(socketserver.BaseRequestHandler):
    def handle(self): self.request[1].sendto(b"udp " + self.request[0], self.client_address)
servers = [socketserver.ThreadingTCPServer(("127.0.0.1", ${port}), T), socketserver.ThreadingUDPServer(("127.0.0.1", ${port}), U)]
threading.Timer(60, lambda: [s.shutdown() for s in servers]).start()
for s in servers: threading.Thread(target=s.serve_forever).start()
`;
  serve('python3', ['-c', program]);
  const { ports } = await running('--pair', `tcp:0=tcp:${port}`, '--pair', `udp:0=udp:${port}`, '--allow-empty');
  const line = Buffer.from('line\n');
  const overTcp = () => client('nc', ['-N', '-w', '5', '127.0.0.1', String(ports[0])], line);
  expect(String(await answered(overTcp))).toBe('tcp line\n');
  const overUdp = () => client('nc', ['-u', '-w', '1', '127.0.0.1', String(ports[1])], line);
  expect(String(await answered(overUdp))).toBe('udp line\n');
});

test('what passed stands in the recording as tshark reads it', async () => {
  if (!requireTool('curl') || !requireTool('python3') || !requireTool('tshark')) return;
  const folder = scratch();
  const port = await freePort();
  writeFileSync(join(folder, 'file'), 'twelve bytes');
  serve('python3', ['-m', 'http.server', '--bind', '127.0.0.1', String(port)], folder);
  const record = join(folder, 'rec.pcapng');
  const { ports, kill, result } = await running('tcp:0', `tcp:${port}`, '--allow-empty', '--record', record);
  await answered(() => client('curl', ['-s', `http://127.0.0.1:${ports[0]}/file`]));
  kill('SIGINT');
  expect((await result).code).toBe(0);
  const fields = ['-T', 'fields', '-e', 'http.response.code', '-e', 'http.content_length'];
  const printed = await client('tshark', [
    '-r',
    record,
    '-d',
    `tcp.port==${port},http`,
    '-Y',
    'http.response',
    ...fields,
  ]);
  expect(String(printed)).toBe('200\t12\n');
  expect(readFileSync(record).length).toBeGreaterThan(500);
});
