/** The control socket: who may open it, and what clients do to it that say too much, read too little or are too many. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ControlDesk } from '../../src/proxy/control/desk.ts';
import { ControlEvent, holdEvent } from '../../src/proxy/control/session.ts';
import {
  ControlSocket,
  controlPath,
  LONGEST_LINE,
  MOST_CLIENTS,
  MOST_WAITING,
} from '../../src/proxy/io/control-socket.ts';
import { answerIn } from '../kit/control-lines.ts';
import { historyOf, type PastRun } from '../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../kit/holds.ts';
import { heardOf, scratch, streamClient, until } from '../kit/proxy.ts';

let past: PastRun;
let controls: FakeControls;
let path: string;
let folder: string;

beforeAll(async () => {
  past = await historyOf('mnet/echo-small.pcap');
});

beforeEach(() => {
  controls = new FakeControls();
  folder = scratch();
  path = join(folder, 'control.sock');
});

async function listen(at = path): Promise<ControlSocket> {
  const desk = new ControlDesk({
    controls,
    editing: new FakeEditing(),
    reportSoFar: () => past.report,
    stop: () => {},
    tool: { name: 'wirelint', version: '1.2.3' },
  });
  const socket = await ControlSocket.listen(at, desk, error => {
    throw error;
  });
  onTestFinished(() => socket.close());
  return socket;
}

/** A client and the lines that it hears. */
async function client() {
  const socket = await streamClient(path);
  let text = '';
  socket.on('data', chunk => {
    text += chunk;
  });
  socket.on('error', () => {});
  const lines = () => text.split('\n').slice(0, -1);
  const line = async (number: number) => {
    await until(`line ${number}`, () => lines().length > number);
    return answerIn(`${lines()[number]}\n`);
  };
  return { socket, lines, line };
}

const LIST = '{"command":"list"}\n';

describe('the socket', () => {
  test('is for its owner alone, beside nothing else, and gone at the end', async () => {
    const socket = await listen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['control.sock']);
    await socket.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes the place of one that was left behind, and never of one that is listened on', async () => {
    const dead = join(folder, 'dead');
    const server = net.createServer();
    server.listen(dead);
    await once(server, 'listening');
    // Renamed, it stays when its server goes.
    renameSync(dead, path);
    server.close();
    await once(server, 'close');
    expect(existsSync(path)).toBe(true);
    await listen();
    await expect(listen()).rejects.toThrow(`cannot listen on unix:${path}: another program listens there already`);
    const { socket, line } = await client();
    socket.write(LIST);
    expect((await line(0)).ok).toBe(true);
  });

  test('does not take the place of a file, nor a socket away that is not its own', async () => {
    writeFileSync(path, 'mine');
    await expect(listen()).rejects.toThrow('a file that is not a socket is there');
    expect(statSync(path).isFile()).toBe(true);
    const own = join(folder, 'own');
    const socket = await listen(own);
    renameSync(path, own);
    await socket.close();
    expect(statSync(own).isFile()).toBe(true);
  });

  test('needs a folder that is there, and a path that the system can have', async () => {
    await expect(listen(join(folder, 'none/c'))).rejects.toThrow(/: no such directory$/);
    const deep = join(folder, 'x'.repeat(104 - folder.length));
    mkdirSync(deep);
    await expect(listen(`${deep}/c`)).rejects.toThrow(/: the path is too long for a Unix socket$/);
    expect(readdirSync(deep)).toEqual([]);
  });

  test.each(['tcp:127.0.0.1:1', 'unix-seqpacket:/x', '/tmp/x', 'udp:1'])('--control %s is refused', text => {
    expect(() => controlPath(text)).toThrow(new RegExp(`^--control ${text}: write unix:PATH; commands are taken`));
  });

  test('--control unix:PATH has a path, which is not too long', () => {
    expect(controlPath('unix:/run/x.sock')).toBe('/run/x.sock');
    expect(() => controlPath('unix:')).toThrow('unix:: write unix:PATH');
    expect(() => controlPath(`unix:/${'x'.repeat(120)}`)).toThrow('at most 107 bytes');
  });
});

describe('clients', () => {
  test('write lines in whatever pieces, and are answered in order', async () => {
    await listen();
    const { socket, line } = await client();
    const text = Array.from({ length: 5 }, (_, id) => `{"id":${id},"command":"list"}\n\n`).join('');
    for (const character of text) socket.write(character);
    for (let id = 0; id < 5; id++) expect((await line(id)).id).toBe(id);
    socket.write(text);
    for (let id = 0; id < 5; id++) expect((await line(5 + id)).id).toBe(id);
  });

  test('who close their side hear the answers, also to a line without its end', async () => {
    await listen();
    const { socket } = await client();
    const heard = heardOf(socket);
    socket.end(`${LIST}{"id":2,"command":"flows"}`);
    const lines = String(await heard)
      .trimEnd()
      .split('\n');
    expect(lines.map(text => answerIn(`${text}\n`).command)).toEqual(['list', 'flows']);
  });

  test('who have subscribed hear what happens, also once they have closed their side', async () => {
    const socket = await listen();
    controls.holds.watch(news => socket.tell(holdEvent(news, 1_700_000_000_000)));
    const [watcher, other] = [await client(), await client()];
    watcher.socket.end('{"command":"subscribe","events":["held"]}\n');
    await watcher.line(0);
    controls.gate.hold(heldUnit(past, 1, [0]));
    expect(await watcher.line(1)).toMatchObject({ event: 'held', held: { hold: 1 } });
    other.socket.write('{"command":"forward","hold":1}\n');
    expect((await other.line(0)).holds).toEqual([1]);
    expect(watcher.lines()).toHaveLength(2);
    expect(other.lines()).toHaveLength(1);
  });

  test('a line that is too long is one error, and the next one is read', async () => {
    await listen();
    const { socket, line, lines } = await client();
    socket.write(`{"command":"${'x'.repeat(LONGEST_LINE)}"}\n${LIST}`);
    expect((await line(0)).error).toMatch(/^the line is too long; a request has at most \d+ bytes$/);
    expect((await line(1)).command).toBe('list');
    expect(lines()).toHaveLength(2);
  });

  test('what is no JSON, or no text at all, is an error a line', async () => {
    await listen();
    const { socket, line } = await client();
    socket.write(Buffer.concat([Buffer.from([0xff, 0, 0x1b, 0x0a]), Buffer.from(`[[[\n${LIST}`)]));
    expect((await line(0)).error).toMatch(/^not JSON: /);
    expect((await line(1)).error).toMatch(/^not JSON: \[\[\[/);
    expect((await line(2)).ok).toBe(true);
  });

  test('too many are refused, with a line, until one goes', async () => {
    await listen();
    const all = await Promise.all(Array.from({ length: MOST_CLIENTS }, () => client()));
    for (const { socket, line } of all) {
      socket.write(LIST);
      await line(0);
    }
    const refused = await client();
    expect((await refused.line(0)).error).toMatch(/^too many clients at once; at most \d+ are served$/);
    await until('its end', () => refused.socket.destroyed || refused.socket.readableEnded);
    all[0]?.socket.destroy();
    let isServed = false;
    for (let tries = 0; tries < 100 && !isServed; tries++) {
      const { socket, line } = await client();
      socket.write(LIST);
      isServed = (await line(0)).ok;
    }
    expect(isServed).toBe(true);
  });

  test('who does not read is not read either, and is told at last how many events were lost', async () => {
    const socket = await listen();
    const slow = await streamClient(path);
    slow.write('{"command":"subscribe"}\n');
    const [begun] = await once(slow, 'data');
    expect(String(begun)).toContain('"subscribe"');
    slow.pause();
    const text = 'x'.repeat(MOST_WAITING / 8);
    const event = new ControlEvent('held', () => ({ text }));
    const told = 20;
    for (let number = 0; number < told; number++) socket.tell(event);
    slow.write(LIST);
    let heard = '';
    slow.on('data', chunk => {
      heard += chunk;
    });
    slow.resume();
    await until('the response', () => heard.includes('"command":"list"'));
    const lines = heard
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const lost = lines.find(line => line.event === 'lost')?.count;
    expect(lost).toBeGreaterThan(5);
    expect(lines.filter(line => line.event === 'held')).toHaveLength(told - lost);
    socket.tell(event);
    await until('the next event', () => heard.endsWith('"}\n'));
  });

  test('hear the end, and what was said before it', async () => {
    const socket = await listen();
    const { socket: own, lines, line } = await client();
    own.write('{"command":"stop"}\n');
    await line(0);
    await socket.close();
    await until('the end', () => own.readableEnded || own.destroyed);
    expect(lines()).toHaveLength(1);
    expect(existsSync(path)).toBe(false);
  });

  test('who never read do not keep it from ending', async () => {
    const socket = await listen();
    const slow = await streamClient(path);
    slow.write('{"command":"subscribe"}\n');
    await once(slow, 'data');
    slow.pause();
    socket.tell(new ControlEvent('held', () => ({ text: 'x'.repeat(MOST_WAITING / 2) })));
    await socket.close();
    expect(existsSync(path)).toBe(false);
  });
});
