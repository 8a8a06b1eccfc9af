/** SOCK_SEQPACKET, with Python's sockets on both ends: Node has none of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratch, startProxy, until } from '../kit/proxy.ts';
import { requireTool } from '../kit/tools.ts';

/** Answers each record with itself until its client ends; then says `done` and ends. */
const SERVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1]); s.listen(8); s.settimeout(30)
print("ready", flush=True)
while True:
    c, _ = s.accept()
    c.settimeout(30)
    while True:
        d = c.recv(1 << 20)
        if not d: break
        c.send(d)
    c.send(b"done")
    c.close()
`;

/** Sends records of the lengths given, waits for each answer, ends, hears the rest; prints lengths heard and their digest. */
const CLIENT = `
import socket, sys, hashlib
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(30)
s.connect(sys.argv[1])
count = int(sys.argv[2]); h = hashlib.sha256(); same = 0
for i in range(count):
    d = bytes([i & 255]) * (1 + (i * 7919) % int(sys.argv[3]))
    s.send(d); a = s.recv(1 << 20)
    same += a == d
    h.update(a)
s.shutdown(socket.SHUT_WR)
last = s.recv(100)
print(same, last.decode(), h.hexdigest(), len(s.recv(100)))
`;

function python(program: string, ...args: readonly string[]): ChildProcess {
  const child = spawn('python3', ['-c', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function printed(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', part => {
    text += part;
  });
  await once(child, 'close');
  return text.trim();
}

async function digestOf(count: number, longest: number): Promise<string> {
  const hash = createHash('sha256');
  for (let i = 0; i < count; i++) hash.update(Buffer.alloc(1 + ((i * 7919) % longest), i & 255));
  return hash.digest('hex');
}

/** As many as there are lengths: one of each. */
const RECORDS = 3_000;

test('3,000 records, each as it was; then the end of each direction', async () => {
  if (!requireTool('python3')) return;
  const folder = scratch();
  const [listen, upstream] = [join(folder, 'in'), join(folder, 'up')];
  const server = python(SERVER, upstream);
  await once(server.stdout!, 'data');
  const { server: proxy, seen } = await startProxy(`unix-seqpacket:${listen}`, `unix-seqpacket:${upstream}`);
  expect(statSync(listen).mode & 0o777).toBe(0o600);
  expect(await printed(python(CLIENT, listen, String(RECORDS), '3000'))).toBe(
    `${RECORDS} done ${await digestOf(RECORDS, 3_000)} 0`,
  );
  await until('the flow to end', () => proxy.open === 0);
  // A packet for each record both ways, the last word, the handshake, both ends, acknowledgements of them.
  expect(seen.frames.filter(({ bytes }) => bytes.length > 48)).toHaveLength(
    2 * RECORDS - 2 * recordsOf(RECORDS, 3_000, 8),
  );
  expect(seen.frames[0].comment).toBe(`unix-seqpacket:${upstream}`);
  await proxy.stop();
  expect(existsSync(listen)).toBe(false);
});

/** How many of the records are at most so long: their packets are no longer than a SYN. */
function recordsOf(count: number, longest: number, most: number): number {
  return Array.from({ length: count }, (_, i) => 1 + ((i * 7919) % longest)).filter(length => length <= most).length;
}

test('long records come through whole', async () => {
  if (!requireTool('python3')) return;
  const folder = scratch();
  const [listen, upstream] = [join(folder, 'in'), join(folder, 'up')];
  const server = python(SERVER, upstream);
  await once(server.stdout!, 'data');
  await startProxy(`unix-seqpacket:${listen}`, `unix-seqpacket:${upstream}`);
  expect(await printed(python(CLIENT, listen, '50', '150000'))).toBe(`50 done ${await digestOf(50, 150_000)} 0`);
});

test('an upstream that is not there: the client notices, the proxy goes on', async () => {
  if (!requireTool('python3')) return;
  const folder = scratch();
  const [listen, upstream] = [join(folder, 'in'), join(folder, 'up')];
  const { server: proxy, seen } = await startProxy(`unix-seqpacket:${listen}`, `unix-seqpacket:${upstream}`);
  const refused = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(30); s.connect(sys.argv[1])
try: print(len(s.recv(10)))
except OSError as e: print(type(e).__name__)
`;
  expect(['0', 'ConnectionResetError']).toContain(await printed(python(refused, listen)));
  expect(seen.events).toEqual([{ kind: 'refused', message: `unix-seqpacket:${upstream}: no such socket` }]);
  expect(proxy.open).toBe(0);
  const server = python(SERVER, upstream);
  await once(server.stdout!, 'data');
  expect(await printed(python(CLIENT, listen, '3', '10'))).toMatch(/^3 done/);
});
