/** `proxy --break-on --control`, as scripts use it: a program of its own, and socat on its socket. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerIn } from '../kit/control-lines.ts';
import * as mnet from '../kit/mnet.ts';
import { datagramServer, datagramSocket, scratch, streamClient, until } from '../kit/proxy.ts';
import { running } from '../kit/running-proxy.ts';
import { sourceText } from '../kit/sources.ts';
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

  test('the session in docs/control.md is what happens', async () => {
    if (!requireTool('socat')) return;
    const folder = scratch();
    const control = ['--control', `unix:${folder}/control.sock`];
    const echo = ['--', process.execPath, 'examples/echo.js'];
    const free = await datagramSocket();
    const { port } = free.address();
    free.close();
    const proxy = await running('udp:0', `udp:127.0.0.1:${port}`, '--break-on', 'type ~ "DATA*"', ...control, ...echo);
    const [, session = ''] = /```console\n([\s\S]*?)```/.exec(sourceText('docs/control.md')) ?? [];
    const [definition = '', ...steps] = session.split(/^\$ /m).slice(1);
    expect(definition).toMatch(/^say\(\) \{ .* \| socat /);
    const run = promisify(execFile);
    const said: string[] = [];
    for (const step of steps) {
      const [command = '', ...expected] = step.trimEnd().split('\n');
      // A person who types is later than what is held.
      await until('a hold', () => proxy.stderr().includes('listening'));
      let answer = '{}';
      for (let tries = 0; tries < 100 && /^\{\}$|"held":\[\]|"holds":\[\]/.test(answer); tries++) {
        answer = (await run('bash', ['-c', `cd ${folder}; ${definition} ${command}`])).stdout;
      }
      expect(settled(answerIn(answer))).toEqual(settled(JSON.parse(expected.map(line => line.trim()).join(''))));
      said.push(command);
    }
    expect(said).toHaveLength(4);
    expect((await proxy.result).stderr).toContain('out| heard good day');
  });

  test('subscribe, into a file, as docs/control.md has it', async () => {
    if (!requireTool('socat')) return;
    const { got, socket, say } = await stage();
    const file = join(scratch(), 'held.ndjson');
    const [, script = ''] = /```sh\n(\{ echo [\s\S]*?)```/.exec(sourceText('docs/control.md')) ?? [];
    const own = script.replace('infinity', '20').replace('control.sock', socket).replace('held.ndjson', file);
    const listening = spawn('bash', ['-c', own], { detached: true });
    onTestFinished(() => {
      if (listening.pid) process.kill(-listening.pid, 'SIGKILL');
    });
    const lines = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    for (let tries = 0; tries < 100 && lines() === ''; tries++) {
      say(init);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(answerIn(`${lines().split('\n')[0]}\n`)).toMatchObject({ event: 'held', held: { from: 'client' } });
    await ask(socket, { command: 'forward', hold: 'all' });
    await until('the datagram', () => got.length > 0);
  });
});

/** Without what is another thing each time. */
// biome-ignore lint/suspicious/noExplicitAny: an answer
function settled(answer: any) {
  for (const held of answer.held ?? []) Object.assign(held, { since: '', client: '', server: '' });
  return answer;
}

describe('is refused in one line', () => {
  test.each([
    [['--control', 'tcp:127.0.0.1:1'], /^wirelint: --control tcp:127\.0\.0\.1:1: write unix:PATH;.*\n$/],
    [['--break-on', 'type == INIT'], /^wirelint: --break-on holds messages, and something must forward them: .*\n$/],
    [['--break-on', 'type ==', '--control', 'unix:/tmp/x'], /^wirelint: --break-on.*column 8: .*\n$/],
    [['--control', 'unix:/nowhere/x'], /^wirelint: cannot listen on unix:\/nowhere\/x: no such directory\n$/],
  ])('%j', async (options, line) => {
    const { code, stdout, stderr } = await wirelint(['proxy', 'udp:0', 'udp:9', ...options]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
  });
});
