/** What the built program does on purpose to what passes: what each side gets, what is reported and recorded, and whom it fails. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import type { Address } from '../../src/proxy/address.ts';
import { describePacket, newDecoder } from '../kit/decoded.ts';
import { framesOf } from '../kit/filestorage.ts';
import { type End, link } from '../kit/ministreaming.ts';
import { parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';
import { withLengths } from '../kit/parity.ts';
import { openPeers, type Script } from '../kit/peers.ts';
import { datagramSocket, scratch, streamClient, streamServer, Torrent, until } from '../kit/proxy.ts';
import { running } from '../kit/running-proxy.ts';
import { CLIENT, SERVER, type Side } from '../kit/tcp.ts';
import { LOCAL } from '../kit/tls.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const v4 = mqtt(4);

/** Ends it as Ctrl-C does. @returns its exit code and the report */
async function ended({ kill, result }: Awaited<ReturnType<typeof running>>) {
  kill('SIGINT');
  const { code, stdout, stderr } = await result;
  return { code, report: JSON.parse(stdout), stderr };
}

const sideOf = (from: End): Side => (from === 'ann' ? CLIENT : SERVER);

describe('a fault that is aimed at a message', () => {
  const talk = link();
  const said = [talk.syn(), talk.ack(), talk.send('first'), talk.send('second'), talk.close()];
  const lines = said.map(({ from, bytes }, time) => ({ flow: 0, side: sideOf(from), bytes, time }));
  const datagrams: Script = { flows: [['10.0.0.1:1', '10.0.0.2:2']], lines };
  const CARRIED = [
    ['udp', 0],
    ['tcp', 2],
    ['tls', 4],
    ['unix', 4],
    ['unix-seqpacket', 2],
  ] as const;

  test.each(CARRIED)(
    'over %s: the receiver gets what it makes, and report and recording say so',
    async (over, octets) => {
      const folder = scratch();
      const peers = await openPeers(over, folder);
      const script = octets === 0 ? datagrams : withLengths(datagrams, octets);
      const record = join(folder, 'record.pcapng');
      const hasPath = over.startsWith('unix');
      const listen = hasPath ? `${over}:${folder}/in.sock` : `${over}:0`;
      writeFileSync(join(folder, 'own.pem'), LOCAL.cert);
      writeFileSync(join(folder, 'own.key'), LOCAL.key);
      const tls = over === 'tls' ? ['--insecure', '--cert', `${folder}/own.pem`, '--key', `${folder}/own.key`] : [];
      const framing = octets === 0 ? [] : ['--dialect', `ministreaming.framing=length${8 * octets}`];
      const fault = 'client: set ministreaming.id = 0xaabbcc if type == "DATA (client)" nth=1';
      const proxy = await running(
        listen,
        peers.address,
        ...['-p', 'ministreaming', '--fault', fault, '--record', record, '--format', 'json', ...tls, ...framing],
      );
      const place = (hasPath ? { path: `${folder}/in.sock` } : { port: proxy.ports[0] }) as unknown as Address;
      for (const line of script.lines) await peers.say(line, place);
      const { code, report, stderr } = await ended(proxy);
      const sent = script.lines
        .filter(({ side }) => side === CLIENT)
        .map(({ bytes }) => Buffer.from(bytes).toString('hex'));
      sent[1] = sent[1].replace('a0987654', 'a0aabbcc');
      expect(peers.heard()).toBe(sent.join(''));
      const [deed, ...others] = report.interference.deeds;
      expect(others).toEqual([]);
      expect(deed).toMatchObject({ deed: 'replace', cause: fault, messageName: 'DATA (client)' });
      expect(stderr).toContain(`(${fault})\n`);
      // What the server makes of an id that it has not chosen is nobody's fault.
      expect([code, report.findings.filter(({ severity }: { severity: string }) => severity !== 'info')]).toEqual([
        0,
        [],
      ]);
      expect(report.induced.length).toBeGreaterThan(0);
      if (!requireTool('tshark')) return;
      const fields = ['-T', 'fields', '-e', 'frame.comment', '-e', 'frame.number'];
      const shown = runTool('tshark', ['-r', record, '-Y', `frame.number == ${deed.frame}`, ...fields]);
      expect(shown).toContain('ministreaming.id = 0xaabbcc (was 0x987654)');
      expect(shown).toContain(`(${fault})`);
    },
  );
});

describe('the same seed does the same again', () => {
  /** Without what differs from run to run: times, and the port of the client. */
  async function outcome(report: { interference: { deeds: readonly object[]; seed: number } }, record: string) {
    const decoder = newDecoder();
    const passed: string[] = [];
    for (const frame of await framesOf(await openCapture(record))) {
      const packet = decoder.decode(frame);
      const bytes = packet ? Buffer.from(describePacket(packet).payload).toString('hex') : '';
      if (bytes !== '') passed.push(`${bytes} ${frame.comment}`);
    }
    const deeds = report.interference.deeds.map(deed => ({ ...deed, time: '', from: '', to: '', frame: 0 }));
    return { deeds, passed, seed: report.interference.seed };
  }

  test('to 300 datagrams of MNET', async () => {
    const { C } = parties();
    const datagrams = Array.from({ length: 300 }, (_, index) => C.data(index * 10, index * 10 + 10));
    const run = async (seed: string) => {
      const server = await datagramSocket();
      const folder = scratch();
      const record = join(folder, 'record.pcapng');
      const fault = 'drop=5%,duplicate=3%,corrupt=2%,reorder=4%,burst=1%/30%';
      const proxy = await running(
        'udp:0',
        `udp:${server.address().port}`,
        ...[
          '-p',
          'mnet',
          '--fault',
          fault,
          '--seed',
          seed,
          '--record',
          record,
          '--format',
          'json',
          '--fail-on',
          'never',
          '--control',
          `unix:${folder}/control.sock`,
        ],
      );
      const client = await datagramSocket();
      for (const [index, { bytes }] of datagrams.entries()) {
        client.send(bytes, proxy.ports[0], '127.0.0.1');
        // So that no buffer is full.
        if (index % 10 === 9) await new Promise(resolve => setTimeout(resolve, 2));
      }
      await judged(join(folder, 'control.sock'), datagrams.length);
      const { report } = await ended(proxy);
      return outcome(report, record);
    };
    const [first, again, other] = await Promise.all(['11', '11', '12'].map(run));
    expect(first.seed).toBe(11);
    expect(first.deeds.length).toBeGreaterThan(20);
    expect(again).toEqual(first);
    expect(other.deeds).not.toEqual(first.deeds);
  });

  test('to what a client says to mosquitto', async () => {
    if (!requireTool('mosquitto')) return;
    const upstream = await mosquitto();
    const publishes = Array.from({ length: 150 }, (_, index) =>
      v4.publish({ topic: `t/${index}`, payload: `${index}` }),
    );
    const run = async () => {
      const record = join(scratch(), 'record.pcapng');
      const fault = 'client: drop=8%,duplicate=5%,reorder=5%';
      const proxy = await running(
        'tcp:0',
        `tcp:${upstream}`,
        ...[
          '-p',
          'mqtt',
          '--fault',
          fault,
          '--seed',
          '3',
          '--record',
          record,
          '--format',
          'json',
          '--fail-on',
          'never',
        ],
      );
      const client = await streamClient(proxy.ports[0]);
      client.on('error', () => {}).resume();
      client.end(Buffer.concat([v4.connect(), ...publishes, v4.disconnect()]));
      await new Promise(resolve => client.once('close', resolve));
      const { report } = await ended(proxy);
      return outcome(report, record);
    };
    const [first, again] = await Promise.all([run(), run()]);
    expect(first.deeds.length).toBeGreaterThan(15);
    expect(again.deeds).toEqual(first.deeds);
    const ofClient = (passed: readonly string[]) => passed.filter(line => !line.startsWith('20020000'));
    expect(ofClient(again.passed)).toEqual(ofClient(first.passed));
  });
});

/** Resolves when so many messages have been looked at. @param path of a control socket */
async function judged(path: string, count: number): Promise<void> {
  const control = await streamClient(path);
  const answers = createInterface(control)[Symbol.asyncIterator]();
  for (let attempt = 0; attempt < 200; attempt++) {
    control.write('{"command":"report"}\n');
    const { value } = await answers.next();
    if (JSON.parse(value).report.summary.messages >= count) return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`${count} messages have not come`);
}

/** @returns its port */
async function mosquitto(): Promise<number> {
  const port = await new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
  const file = join(scratch(), 'conf');
  writeFileSync(file, `user root\nallow_anonymous true\nlistener ${port} 127.0.0.1\n`);
  const broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  onTestFinished(() => {
    broker.kill('SIGKILL');
  });
  for (let attempt = 0; attempt < 300; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return port;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('mosquitto does not listen');
}

test('what will be done is said at the start, and what could not be done to a message as it comes', async () => {
  const server = await datagramSocket();
  const fault = 'set mnet.acknowledged = 99999999999 if type == DATA';
  const upstream = `udp:${server.address().port}`;
  const proxy = await running('udp:0', upstream, '-p', 'mnet', '--fault', fault, '--format', 'ndjson');
  (await datagramSocket()).send(parties().C.data(0, 10).bytes, proxy.ports[0], '127.0.0.1');
  await until('the event', () => proxy.stdout().includes('"undone"'));
  proxy.kill('SIGINT');
  const { stdout, stderr } = await proxy.result;
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const [undone, ...others] = events.filter(({ type }) => type === 'event');
  expect(others).toEqual([]);
  expect(undone).toMatchObject({ kind: 'undone', message: expect.stringContaining(`${fault}: mnet.acknowledged`) });
  expect(stderr.split('\n').slice(1, 4)).toEqual([
    `wirelint: ${fault}: sets mnet.acknowledged = 99999999999 in each message with type == DATA`,
    'wirelint: seed 0',
    `wirelint: ${undone.message}`,
  ]);
  expect(events.at(-1).report.notes).toContain(`${fault}: was done to nothing`);
});

test('--enforce drop: of 2,000 messages on 20 connections the server never gets those that break a rule, and gets all others', async () => {
  const heard: Buffer[][] = [];
  const port = await streamServer(socket => {
    const own: Buffer[] = [];
    heard.push(own);
    socket.once('data', () => socket.write(v4.connack()));
    socket.on('data', bytes => own.push(bytes));
    socket.on('end', () => socket.end());
  });
  const proxy = await running('tcp:0', `tcp:${port}`, '-p', 'mqtt', '--enforce', 'drop', '--format', 'json');
  const isWrong = (index: number) => index % 10 === 5;
  const wanted: string[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async (_, connection) => {
      const client = await streamClient(proxy.ports[0]);
      const messages = Array.from({ length: 100 }, (_, index) =>
        v4.publish({ topic: isWrong(index) ? 'a/#' : `c/${connection}`, payload: `${index}` }),
      );
      const first = v4.connect({ clientId: `c${connection}` });
      wanted.push(
        Buffer.concat([first, ...messages.filter((_, index) => !isWrong(index)), v4.disconnect()]).toString('hex'),
      );
      client.resume();
      client.write(first);
      for (const message of messages) client.write(message);
      client.end(v4.disconnect());
      await new Promise(resolve => client.once('close', resolve));
    }),
  );
  const { code, report } = await ended(proxy);
  expect(heard.map(own => Buffer.concat(own).toString('hex')).sort()).toEqual(wanted.sort());
  expect(report.interference.faults.map(({ by, deed, count }: Record<string, unknown>) => [by, deed, count])).toEqual([
    ['enforcement', 'drop', 200],
  ]);
  expect(report.summary.errors).toBe(200);
  // The clients' own fault.
  expect(code).toBe(1);
});

test('who sends behind what is held is made to wait, and other connections flow on', async () => {
  const folder = scratch();
  const heard = new Map<Socket, Buffer[]>();
  const port = await streamServer(socket => {
    const own: Buffer[] = [];
    heard.set(socket, own);
    socket.once('data', () => socket.write(v4.connack()));
    socket.on('data', bytes => {
      if (own.length < 10) own.push(bytes);
    });
  });
  const proxy = await running(
    'tcp:0',
    `tcp:${port}`,
    ...['-p', 'mqtt', '--break-on', 'mqtt.topic == "held"', '--control', `unix:${folder}/control.sock`],
    ...['--limit', 'proxy-bytes=100000', '--format', 'json', '--fail-on', 'never'],
  );
  const sender = await streamClient(proxy.ports[0]);
  sender.resume();
  sender.write(v4.connect({ clientId: 'sender' }));
  sender.write(v4.publish({ topic: 'held', payload: 'x' }));
  const torrent = new Torrent(v4.publish({ topic: 'behind', payload: 'z'.repeat(60_000) }));
  torrent.serve(sender);
  // What the system's own buffers take, and no more than that.
  expect(await torrent.heldUp()).toBeLessThan(40_000_000);
  const other = await streamClient(proxy.ports[0]);
  other.resume();
  other.write(Buffer.concat([v4.connect({ clientId: 'other' }), v4.publish({ topic: 'free', payload: 'y' })]));
  const holding = (text: string) => [...heard.values()].filter(own => Buffer.concat(own).includes(text)).length;
  await until('the other one', () => holding('free') === 1);
  expect(holding('held')).toBe(0);
  const control = await streamClient(join(folder, 'control.sock'));
  control.write('{"command":"forward","hold":"all"}\n');
  await until('what was held', () => holding('held') === 1);
  sender.destroy();
  other.destroy();
  const { code, report } = await ended(proxy);
  expect(code).toBe(0);
  expect(report.interference.faults).toMatchObject([{ by: 'interception', count: 1 }]);
});
