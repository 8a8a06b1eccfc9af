/** What may go wrong around a proxy, and what becomes of the traffic, the recording and the exit code. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as net from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { datagramSocket, heardOf, scratch, streamClient, streamServer, until } from '../kit/proxy.ts';
import { running } from '../kit/running-proxy.ts';
import { tripping } from '../kit/tripping.ts';
import { shell, wirelint } from './run.ts';

const echo = (socket: net.Socket) => socket.pipe(socket);

/** A server in a process of its own, which can be killed: answers each line once it has received `go`. */
async function killable(port: number) {
  const program = `
    const server = require('node:net').createServer(socket => {
      socket.on('error', () => {});
      socket.write('hello ');
      socket.on('data', data => socket.write(data));
    });
    server.listen(${port}, '127.0.0.1', () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(child.stdout, 'data');
  return { child, port: Number(String(line)) };
}

test('an upstream that is killed in mid-message: its client hears of it; started again, it is there again', async () => {
  const first = await killable(0);
  const { ports } = await running('tcp:0', `tcp:${first.port}`, '--allow-empty');
  const client = await streamClient(ports[0]);
  await once(client, 'data');
  client.on('error', () => {});
  client.write('half a mess');
  first.child.kill('SIGKILL');
  await new Promise(resolve => client.once('close', resolve).once('end', resolve));
  const meanwhile = net.connect(ports[0], '127.0.0.1');
  await closed(meanwhile);
  await killable(first.port);
  const again = await streamClient(ports[0]);
  const [hello] = await once(again, 'data');
  expect(String(hello)).toBe('hello ');
});

test('a client that is killed in mid-message: its server hears of it, and the others go on', async () => {
  let gone = 0;
  const port = await streamServer(socket => {
    socket.on('close', () => gone++);
    socket.pipe(socket);
  });
  const { ports } = await running('tcp:0', `tcp:${port}`, '--allow-empty');
  const other = await streamClient(ports[0]);
  const program = `require('node:net').connect(${ports[0]}, '127.0.0.1', function () { this.write('half'); console.log('up'); })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await until('the server to hear of it', () => gone === 1);
  other.end('still here');
  expect(String(await heardOf(other))).toBe('still here');
});

test('no descriptors left: new clients are refused in words, old ones live on, and it recovers', async () => {
  const port = await streamServer(echo);
  const { ports, stderr } = await running('tcp:0', `tcp:${port}`, '--allow-empty', { descriptors: 300 });
  const clients = await Promise.all(Array.from({ length: 200 }, () => opened(ports[0])));
  await until('a refusal', () => /a client was refused: too many flows at once\n/.test(stderr()));
  expect(stderr().match(/refused/g)).toHaveLength(1);
  await until('those beyond to be gone', () => clients.filter(({ isOver }) => isOver).length === 200 - 118);
  const alive = clients.filter(({ isOver }) => !isOver);
  for (const { socket } of alive) socket.end('x');
  expect(await Promise.all(alive.map(async ({ socket }) => (await heardOf(socket)).length))).toEqual(
    alive.map(() => 1),
  );
  const fresh = await streamClient(ports[0]);
  fresh.end('again');
  expect(String(await heardOf(fresh))).toBe('again');
});

/** Resolves when the socket is closed, however that came. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise(resolve => {
    socket.on('error', () => {}).once('close', () => resolve());
  });
}

async function opened(port: number) {
  const state = { socket: net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }), isOver: false };
  const over = () => {
    state.isOver = true;
  };
  state.socket.on('error', over).on('close', over).on('end', over);
  onTestFinished(() => {
    state.socket.destroy();
  });
  await once(state.socket, 'connect');
  return state;
}

test('a tracker that throws: 70, the others finish first, the recording is whole', async () => {
  const folder = scratch();
  const plugin = tripping(folder);
  const record = join(folder, 'rec.pcapng');
  const stream = await streamServer(echo);
  const pairs = ['--pair', `udp:0=udp:9`, '--pair', `tcp:0=tcp:${stream}`];
  const running_ = await running(...pairs, '-d', 'udp.port==9,trips', '--plugin', plugin, '--record', record);
  const client = await streamClient(running_.ports[1]);
  client.write('before ');
  await once(client, 'data');
  (await datagramSocket()).send('!', running_.ports[0], '127.0.0.1');
  await until('judging to fail', () => running_.stderr().includes('nothing is judged any more'));
  client.end('after');
  expect(String(await heardOf(client))).toBe('after');
  const { code, stderr } = await running_.result;
  expect(code).toBe(70);
  expect(stderr.match(/tripped/g)).toHaveLength(1);
  const { stdout } = await wirelint(['check', record, '--allow-empty', '--format', 'json']);
  expect(JSON.parse(stdout).captures[0]).toMatchObject({ complete: true });
  // Said by the client, and answered.
  const { stdout: times } = await shell(`grep -ao after ${record} | wc -l`);
  expect(times.trim()).toBe('2');
});
