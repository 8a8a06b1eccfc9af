/** `wirelint proxy` as a user runs it: a process of its own, between peers of the test. */
import type * as dgram from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { describePacket, newDecoder } from '../kit/decoded.ts';
import { framesOf } from '../kit/filestorage.ts';
import { datagramServer, datagramSocket, heardOf, scratch, streamClient, streamServer, until } from '../kit/proxy.ts';
import { type RunningProxy, running } from '../kit/running-proxy.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const FAULTS = new URL('../../fixtures/mnet/faults.pcap', import.meta.url).pathname;
const SMALL = new URL('../../fixtures/mnet/echo-small.pcap', import.meta.url).pathname;

const echo = (socket: dgram.Socket, bytes: Buffer, { port, address }: dgram.RemoteInfo) =>
  socket.send(bytes, port, address);

/** How the programs read the specification that made the capture; their cookies have expired long since. */
const SETTLED = [
  ...['--dialect', 'mnet.tags=sender', '--dialect', 'mnet.byteOrder=little'],
  ...['--rule', 'mnet/cookie-expired=off'],
];

/** Plays the UDP conversation of a capture's first connection through the proxy, both sides of it. */
async function playThrough(capture: string, port: number, server: dgram.Socket): Promise<void> {
  const client = await datagramSocket();
  const decoder = newDecoder();
  let place: dgram.RemoteInfo | undefined;
  let ends = '';
  for (const frame of await framesOf(await openCapture(capture))) {
    const packet = decoder.decode(frame);
    if (!packet) continue;
    const { source, destination, payload } = describePacket(packet);
    ends ||= `${source} ${destination}`;
    if (`${source} ${destination}` === ends) {
      const heard = once(server, 'message');
      client.send(payload, port, '127.0.0.1');
      [, place] = await heard;
    } else if (`${destination} ${source}` === ends && place) {
      const heard = once(client, 'message');
      server.send(payload, place.port, place.address);
      await heard;
    }
  }
}

async function between(...args: readonly string[]): Promise<RunningProxy & { readonly server: dgram.Socket }> {
  const server = await datagramSocket();
  return { ...(await running('udp:0', `udp:${server.address().port}`, ...args)), server };
}

test('clean traffic, then Ctrl-C: the report, exit code 0, nothing left of it', async () => {
  const { kill, result, ports, server } = await between(...SETTLED);
  await playThrough(SMALL, ports[0], server);
  kill('SIGINT');
  expect(await result).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /\nmnet: 1 connection, 28 messages\n[\s\S]*\nno findings in 1 connection .*28 packets: \w+\n$/,
    ),
    stderr: `wirelint: listening on udp:127.0.0.1:${ports[0]}, to udp:127.0.0.1:${server.address().port}\n`,
  });
});

test('faults show as they come up, and make the exit code 1', async () => {
  const { kill, result, ports, server, stdout } = await between();
  await playThrough(FAULTS, ports[0], server);
  await until('the finding', () => stdout().includes('mnet/retransmit-differs'));
  expect(stdout().split('\n')[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d+ \w+ mnet\/[\w-]+ frame \d+ connection 1, 127\.0\.0\.1:\d+ -> /,
  );
  expect(stdout()).not.toContain('violations');
  kill('SIGTERM');
  expect(await result).toMatchObject({ code: 1, stdout: expect.stringContaining(': violations\n') });
});

test('the recording gives what was found live', async () => {
  const record = join(scratch(), 'rec.pcapng');
  const { kill, result, ports, server } = await between('--record', record, '--format', 'json');
  await playThrough(FAULTS, ports[0], server);
  kill('SIGINT');
  const live = JSON.parse((await result).stdout);
  const again = JSON.parse((await wirelint(['check', record, '--format', 'json'])).stdout);
  expect(again.findings).toEqual(live.findings);
  expect(again.summary).toEqual(live.summary);
  expect(live.findings.length).toBeGreaterThan(2);
});

test('ndjson: a line for each thing, the report last', async () => {
  const { kill, result, ports, server } = await between('--format', 'ndjson');
  await playThrough(FAULTS, ports[0], server);
  kill('SIGINT');
  const lines = (await result).stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const types = lines.map(({ type }) => type);
  expect(types[0]).toBe('start');
  expect(types.at(-1)).toBe('report');
  expect(lines[0].pairs).toEqual([
    { listen: `udp:127.0.0.1:${ports[0]}`, upstream: `udp:127.0.0.1:${server.address().port}` },
  ]);
  const findings = lines.flatMap(({ type, finding }) => (type === 'finding' ? [finding.ruleId] : []));
  expect(findings.toSorted()).toEqual(
    lines
      .at(-1)
      .report.findings.map((f: { ruleId: string }) => f.ruleId)
      .toSorted(),
  );
  expect(types.indexOf('connection-opened')).toBeLessThan(types.indexOf('finding'));
  expect(types.filter(type => type === 'connection-closed')).toHaveLength(
    types.filter(type => type === 'connection-opened').length,
  );
});

describe('it ends by itself', () => {
  test('when nothing has passed for a while', async () => {
    const { result, ports, server } = await between('--until-idle', '300ms');
    await playThrough(SMALL, ports[0], server);
    expect(await result).toMatchObject({ code: 0 });
  });

  test('after a time; with nothing to check, 4', async () => {
    const { result } = await between('--duration', '200ms');
    expect(await result).toMatchObject({ code: 4, stderr: expect.stringContaining('nothing to check') });
  });

  test('after so many clients, once the last has gone', async () => {
    const port = await streamServer(socket => socket.pipe(socket));
    const { result, ports } = await running('tcp:0', `tcp:${port}`, '--max-connections', '2', '--allow-empty');
    for (const words of ['one', 'two']) {
      const client = await streamClient(ports[0]);
      client.end(words);
      expect(String(await heardOf(client))).toBe(words);
    }
    expect(await result).toMatchObject({ code: 0 });
  });
});

describe('with a command', () => {
  const speak =
    'const d = require("dgram").createSocket("udp4"); d.on("message", m => { console.log("heard " + m); d.close(); });';
  const once_ = `${speak} d.send("hi", +process.env.WIRELINT_PORT_1, process.env.WIRELINT_HOST_1);`;

  test('that finds its port in the environment; its output is marked, unlike ours', async () => {
    const upstream = await datagramServer(echo);
    const args = ['proxy', 'udp:0', `udp:${upstream}`, '--allow-empty', '--', process.execPath, '-e', once_];
    const { code, stdout, stderr } = await wirelint(args);
    expect({ code, stderr: stderr.split('\n').slice(1) }).toEqual({ code: 0, stderr: ['out| heard hi', ''] });
    expect(stdout).toContain('2 UDP datagrams of no known protocol');
    expect(stdout).not.toContain('heard');
  });

  test('that fails: 5, and what it ended with is said', async () => {
    const args = ['proxy', 'udp:0', 'udp:9', '--allow-empty', '--run', 'echo no >&2; exit 3'];
    const { code, stderr } = await wirelint(args);
    expect({ code, stderr: stderr.split('\n').slice(1) }).toEqual({
      code: 5,
      stderr: ['err| no', 'wirelint: the command ended with exit code 3', ''],
    });
  });

  test('that is not there: 2', async () => {
    const { code, stderr } = await wirelint(['proxy', 'udp:0', 'udp:9', '--allow-empty', '--', './no-such-command']);
    expect({ code, said: stderr.split('\n')[1] }).toEqual({
      code: 2,
      said: 'wirelint: cannot run ./no-such-command: no such command',
    });
  });
});

test('a disk that is full: the traffic goes on, said once, and the exit code is 2', async () => {
  const { kill, result, ports, server, stderr } = await between('--record', '/dev/full', ...SETTLED);
  await until('the complaint', () => stderr().includes('no space left'));
  await playThrough(SMALL, ports[0], server);
  kill('SIGINT');
  const { code, stdout } = await result;
  expect({ code, said: stderr().match(/no space left/g)?.length }).toEqual({ code: 2, said: 1 });
  expect(stdout).toContain('28 messages, 28 packets');
});

test.each([
  [['proxy'], 'proxy: name where to listen and where to connect: proxy udp:27000 udp:127.0.0.1:26999'],
  [['proxy', 'udp:1'], 'proxy: name where to listen and where to connect: proxy udp:27000 udp:127.0.0.1:26999'],
  [['proxy', 'udp:1', 'tcp:2'], 'udp:1 to tcp:2: udp and tcp cut what they carry in different ways'],
  [['proxy', 'udp:1', 'udp:2', '-p', 'mnt'], '-p mnt: unknown protocol mnt; did you mean mnet?'],
  [['proxy', 'udp:1', 'udp:2', '-p', 'mnet', '-p', 'mnet'], '-p: 2 protocols for 1 pair: give one, or one for each'],
  [['proxy', 'tcp:1', 'tcp:2', '-p', 'mnet'], '-p mnet: mnet is carried by udp, not by tcp:127.0.0.1:2'],
  [['proxy', 'udp:1', 'udp:2', '--idle', '5'], '--idle 5: write a time of at most 24 days: 500ms, 5s, 2m or 1h'],
  [
    ['proxy', 'udp:1', 'udp:2', '--record-size', '1MB'],
    '--record-size, --record-time and --record-keep are for --record FILE',
  ],
  [
    ['proxy', 'udp:1', 'udp:2', '--record', 'x', '--record-size', '1XB'],
    '--record-size 1XB: write a size: 1000, 100MB or 64MiB',
  ],
  [['proxy', 'udp:1', 'udp:2', '--run', 'x', '--', 'y'], '--run and -- COMMAND: give one of them'],
  [['proxy', '--pair', 'udp:1'], '--pair udp:1: write LISTEN=UPSTREAM, as in udp:27000=udp:127.0.0.1:26999'],
])('wirelint %j ends in 2 with one line that helps', async (args, line) => {
  expect(await runInside(...args)).toEqual({ code: 2, stdout: '', stderr: `wirelint: ${line}\n` });
});
