/** A mosquitto on the loopback for one test. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratch } from './proxy.ts';

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** @param settings lines of its configuration @returns its port */
export async function mosquitto(...settings: readonly string[]): Promise<number> {
  const port = await freePort();
  const file = join(scratch(), 'conf');
  const own = ['user root', 'allow_anonymous true', 'persistence false', `listener ${port} 127.0.0.1`];
  writeFileSync(file, `${[...own, ...settings].join('\n')}\n`);
  const broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  onTestFinished(() => {
    broker.kill('SIGKILL');
  });
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return port;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('mosquitto does not listen');
}
