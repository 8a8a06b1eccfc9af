/** `proxy --break-on --control`, as scripts use it: a program of its own, and socat on its socket. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerIn } from '../kit/control-lines.ts';
import * as mnet from '../kit/mnet.ts';
import { datagramServer, datagramSocket, scratch, streamClient, until } from '../kit/proxy.ts';
import { running } from '../kit/running-proxy.ts';
import { requireTool } from '../kit/tools.ts';
import { wirelint } from './run.ts';

const init = mnet.parties().C.init().bytes;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const tagged = (tag: string) => hex(init).replace(hex(init.subarray(6, 9)), tag);

async function stage(...more: readonly string[]) {
  const got: string[] = [];
  const upstream = await datagramServer((_, bytes) => got.push(hex(bytes)));
  const client = await datagramSocket();
  const socket = join(scratch(), 'control.sock');
  const options = ['--break-on', 'type == INIT', '--control', `unix:${socket}`, '--allow-empty', ...more];
  const proxy = await running('udp:0', `udp:${upstream}`, ...options);
  const say = (bytes: Uint8Array) => client.send(bytes, proxy.ports[0], '127.0.0.1');
  return { proxy, got, socket, say };
}

/** Says this and returns what was answered, as `echo ... | socat` does. */
async function ask(socket: string, ...requests: readonly object[]) {
  const client = await streamClient(socket);
  client.end(requests.map(request => `${JSON.stringify(request)}\n`).join(''));
  let text = '';
  for await (const part of client) text += part;
  return text
    .trimEnd()
    .split('\n')
    .map(line => answerIn(`${line}\n`));
}

describe('the control socket of a proxy', () => {
  test('lists, shows, changes and lets go; the server gets exactly that; stop ends it with the report', async () => {
    const { proxy, got, socket, say } = await stage('--format', 'json');
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    say(init);
    await until('the hold', () => true);
    let held: readonly { hold: number }[] = [];
    for (let tries = 0; tries < 200 && held.length === 0; tries++) [{ held }] = await ask(socket, { command: 'list' });
    expect(held).toMatchObject([{ hold: 1, from: 'client', cause: 'type == INIT', messages: [{ name: 'INIT' }] }]);
    const [status, shown, forwarded] = await ask(
      socket,
      { command: 'status' },
      { command: 'show', hold: 1 },
      { id: 'x', command: 'forward', hold: 1, set: 'mnet.tag = 0x010203' },
    );
    expect(status).toMatchObject({ held: 1, flows: 1, breakOn: 'type == INIT', faults: [] });
    expect(status.pairs[0].listen).toBe(`udp:127.0.0.1:${proxy.ports[0]}`);
    expect(shown.held.hex).toBe(hex(init));
    expect(forwarded).toMatchObject({ id: 'x', ok: true, holds: [1] });
    await until('the datagram', () => got.length > 0);
    expect(got).toEqual([tagged('010203')]);
    const [{ report }, stopped] = await ask(socket, { command: 'report' }, { command: 'stop' });
    expect(report.summary.messages).toBe(1);
    expect(stopped.ok).toBe(true);
    const { code, stdout } = await proxy.result;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).summary.messages).toBe(1);
    expect(existsSync(socket)).toBe(false);
  });

  test('is gone when the proxy is interrupted, also while something is held', async () => {
    const { proxy, socket, say } = await stage();
    say(init);
    proxy.kill('SIGINT');
    expect((await proxy.result).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test('what docs/control.md shows works as it stands there', async () => {
    if (!requireTool('socat')) return;
    const { got, socket, say } = await stage();
    const run = promisify(execFile);
    const shell = async (command: string) => (await run('bash', ['-c', command])).stdout;
    const file = join(scratch(), 'held.ndjson');
    const listening = spawn(
      'bash',
      [
        '-c',
        `{ echo '{"command":"subscribe","events":["held"]}'; sleep 20; } | socat - unix-connect:${socket} | grep --line-buffered '"event":"held"' >> ${file}`,
      ],
      { detached: true },
    );
    onTestFinished(() => {
      if (listening.pid) process.kill(-listening.pid, 'SIGKILL');
    });
    await until('the listener', () => existsSync(file));
    let lines = '';
    for (let tries = 0; tries < 50 && lines === ''; tries++) {
      say(init);
      await new Promise(resolve => setTimeout(resolve, 50));
      lines = await shell(`cat ${file}`);
    }
    // It is told of those alone that come once it has subscribed.
    const told = answerIn(`${lines.split('\n')[0]}\n`);
    expect(told).toMatchObject({ event: 'held', held: { messages: [{ name: 'INIT' }] } });
    const list = await shell(`echo '{"id":1,"command":"list"}' | socat -t 5 - unix-connect:${socket}`);
    expect(answerIn(list)).toMatchObject({ id: 1, ok: true });
    const gone = await shell(`echo '{"id":2,"command":"forward","hold":"all"}' | socat -t 5 - unix-connect:${socket}`);
    expect(answerIn(gone).holds).toContain(told.held.hold);
    await until('the datagram', () => got.length > 0);
    expect(got[0]).toBe(hex(init));
  });
});

describe('is refused in one line', () => {
  test.each([
    [['--control', 'tcp:127.0.0.1:1'], /^wirelint: --control tcp:127\.0\.0\.1:1: write unix:PATH;.*\n$/],
    [['--break-on', 'type == INIT'], /^wirelint: --break-on needs somebody who lets go of what is held: .*\n$/],
    [['--break-on', 'type ==', '--control', 'unix:/tmp/x'], /^wirelint: --break-on.*column 8: .*\n$/],
    [['--control', 'unix:/nowhere/x'], /^wirelint: cannot listen on unix:\/nowhere\/x: no such directory\n$/],
  ])('%j', async (options, line) => {
    const { code, stdout, stderr } = await wirelint(['proxy', 'udp:0', 'udp:9', ...options]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
  });
});
