/** MQTT between mosquitto, its clients and a client of the test's own, over TCP and TLS: what is found while all of them run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { check, type Finding, type RunningProxy, startProxy } from '../../src/api.ts';
import { mqtt } from '../kit/mqtt.ts';
import { scratch, until } from '../kit/proxy.ts';
import { AUTHORITY, LOCAL } from '../kit/tls.ts';
import { requireTool } from '../kit/tools.ts';

type Transport = 'tcp' | 'tls';

interface Bench {
  readonly proxy: RunningProxy;
  /** Found so far, as it is told. */
  readonly found: Finding[];
  readonly upstreamPort: number;
  readonly recording: string;
  /** Path of the CA that clients and proxy trust. */
  readonly ca: string;
  readonly brokerRuns: () => boolean;
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** mosquitto, and the proxy before it: TLS on both sides, or on none. */
async function bench(over: Transport): Promise<Bench> {
  const folder = scratch();
  const at = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const [ca, cert, key] = [at('ca.pem', AUTHORITY.cert), at('own.pem', LOCAL.cert), at('own.key', LOCAL.key)];
  const upstreamPort = await freePort();
  mkdirSync(join(folder, 'kept'));
  const settings = ['user root', 'allow_anonymous true', 'persistence true', `persistence_location ${folder}/kept/`];
  const identity = over === 'tls' ? [`certfile ${cert}`, `keyfile ${key}`] : [];
  const file = at('conf', [...settings, `listener ${upstreamPort} 127.0.0.1`, ...identity, ''].join('\n'));
  const broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  onTestFinished(() => {
    broker.kill('SIGKILL');
  });
  await listening(upstreamPort);
  const recording = join(folder, 'recording.pcapng');
  const proxy = await startProxy({
    listen: `${over}:0`,
    upstream: `${over}:localhost:${upstreamPort}`,
    protocol: 'mqtt',
    record: recording,
    ...(over === 'tls' && { tls: { cert, key, upstreamCa: ca } }),
  });
  onTestFinished(async () => {
    await proxy.stop();
  });
  const found: Finding[] = [];
  proxy.on('finding', finding => found.push(finding));
  return { proxy, found, upstreamPort, recording, ca, brokerRuns: () => broker.exitCode === null };
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const answer = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (answer) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('mosquitto does not listen');
}

const passed = (proxy: RunningProxy, name: string) =>
  proxy.report().protocols.find(({ id }) => id === 'mqtt')?.coverage.messages[name] ?? 0;

/** The live run and what was recorded of it say the same. */
async function expectRecorded({ proxy, recording, upstreamPort }: Bench): Promise<void> {
  const live = await proxy.stop();
  const recorded = await check(recording, { decodeAs: [`tcp.port==${upstreamPort},mqtt`] });
  const told = (findings: readonly Finding[]) => findings.map(({ ruleId, frame }) => `${ruleId} ${frame}`);
  expect(told(recorded.findings)).toEqual(told(live.findings));
  expect(recorded.summary).toEqual(live.summary);
}

const VERSIONS = [
  ['3.1.1', 'mqttv311', 4],
  ['5.0', 'mqttv5', 5],
] as const;

describe.each(['tcp', 'tls'] as const)('over %s', over => {
  describe.each(VERSIONS)('%s', (_, option, level) => {
    const hasMosquitto = () => ['mosquitto', 'mosquitto_pub', 'mosquitto_sub'].every(requireTool);

    test('mosquitto_sub gets what mosquitto_pub sends, and nothing is found', async () => {
      if (!hasMosquitto()) return;
      const own = await bench(over);
      const trust = over === 'tls' ? ['--cafile', own.ca] : [];
      const usual = ['-h', 'localhost', '-p', String(own.proxy.port), '-V', option, '-q', '2', '-t', 'a/b', ...trust];
      const client = (program: string, ...args: readonly string[]) => {
        const child = spawn(program, [...usual, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
        onTestFinished(() => {
          child.kill('SIGKILL');
        });
        return child;
      };
      const subscriber = client('mosquitto_sub', '-C', '1', '-W', '30');
      let heard = '';
      subscriber.stdout.on('data', text => {
        heard += text;
      });
      await until('SUBACK', () => passed(own.proxy, 'SUBACK') === 1, 30_000);
      client('mosquitto_pub', '-m', 'hello');
      await once(subscriber, 'close');
      expect(heard).toBe('hello\n');
      await until('the end of both', () => passed(own.proxy, 'DISCONNECT') === 2, 30_000);
      expect(own.found).toEqual([]);
      expect(own.proxy.report().summary).toMatchObject({ connections: 2, errors: 0, warnings: 0 });
      await expectRecorded(own);
    });

    const m = mqtt(level);

    test.each([
      ['SUBSCRIBE with reserved options', m.subscribe(1, [['a', 0x40]]), 'mqtt/subscribe-options'],
      ['PUBREL of an unknown delivery', m.pubrel(7), 'mqtt/pubrel-unknown-id'],
    ])('%s is found while broker and client are connected', async (_, fault, ruleId) => {
      if (!hasMosquitto()) return;
      const own = await bench(over);
      const socket = await clientOf(own, over);
      socket.write(m.connect());
      await until('CONNACK', () => passed(own.proxy, 'CONNACK') === 1, 30_000);
      socket.write(fault);
      await until('the finding', () => own.found.length > 0, 30_000);
      expect(own.brokerRuns()).toBe(true);
      const [finding] = own.found;
      expect({ ruleId: finding.ruleId, atFault: finding.atFault }).toEqual({ ruleId, atFault: finding.from });
      expect(finding.to).toBe(`127.0.0.1:${own.upstreamPort}`);
      await expectRecorded(own);
    });
  });
});

async function clientOf({ proxy }: Bench, over: Transport): Promise<Socket> {
  const place = { host: 'localhost', port: proxy.port };
  const socket = over === 'tls' ? tls.connect({ ...place, ca: AUTHORITY.cert }) : connect(place);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, over === 'tls' ? 'secureConnect' : 'connect');
  socket.on('error', () => {});
  return socket;
}
