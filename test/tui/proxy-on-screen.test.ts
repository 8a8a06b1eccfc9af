/** What passes through a proxy, in a terminal: it is seen as it comes, and the proxy ends only when somebody means it. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runInside } from '../cli/host.ts';
import { wirelint } from '../cli/run.ts';
import { datagramServer, datagramSocket, heardOf, scratch, streamClient, streamServer, until } from '../kit/proxy.ts';
import { DatagramSpeaker, StreamSpeaker } from '../kit/speaker.ts';
import { inShell, PROMPT, type Tmux, type TmuxOptions } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { tripping } from '../kit/tripping.ts';
import {
  bar,
  type Check,
  chosenConnection,
  chosenFrame,
  complaintOf,
  hides,
  onlyPanes,
  says,
  screenView,
  shows,
} from './checks.ts';

const FAULTS = new URL('../../fixtures/mnet/faults.pcap', import.meta.url).pathname;
const UPLOAD = new URL('../../fixtures/filestorage/2020-01-02-pipelined.pcap', import.meta.url).pathname;
const SIZE = { width: 160, height: 40 };
/** Cookies of the capture have expired long since. */
const SETTLED = '--rule mnet/cookie-expired=off';

/** A shell in which the proxy runs: `port` once it listens. */
class Stage {
  readonly tmux: Tmux;
  readonly ready = join(scratch(), 'ready.json');

  constructor(tmux: Tmux) {
    this.tmux = tmux;
  }

  /** @param words behind `wirelint proxy` @param redirection behind all */
  async start(words: string, redirection = ''): Promise<void> {
    await this.tmux.until(PROMPT);
    // Where a command stands behind the options, they end with it.
    const [options, command = ''] = words.split(/ (?=-- )/);
    const line = `$WIRELINT proxy ${options} --inspect --ready-file ${this.ready} ${command} ${redirection}`;
    await this.tmux.type(`clear; ${line}; echo code' '$?\r`);
    await until('the ready file', () => existsSync(this.ready), 20_000);
    await this.see(screenView(1));
  }

  port(pair = 0): number {
    const { pairs } = JSON.parse(readFileSync(this.ready, 'utf8'));
    return Number(/\d+$/.exec(pairs[pair].listen)?.[0]);
  }

  see(...checks: readonly Check[]) {
    return this.tmux.untilSeen(screen => complaintOf(screen, checks));
  }

  /** What stands in the terminal once the program has ended with this code; the terminal is whole. */
  async ends(code: number): Promise<string> {
    const text = await this.tmux.until(shown => shown.trimEnd().endsWith(PROMPT) && /code \d/.test(shown));
    expect(text).toContain(`code ${code}\n`);
    await this.tmux.type('clear; stty -a; echo stty' + "' '" + 'end\r');
    const terminal = await this.tmux.until('stty end');
    expect(terminal).toMatch(/ icanon /);
    expect(terminal).toMatch(/ echo /);
    for (const flag of ['alternate_on', 'mouse_any_flag']) expect(await this.tmux.flag(flag)).toBe(false);
    expect((await this.tmux.cursor()).visible).toBe(true);
    return text;
  }
}

function onStage(body: (stage: Stage) => Promise<void>, options: TmuxOptions = SIZE): Promise<void> {
  return inShell(options, tmux => body(new Stage(tmux)));
}

const lives = (messages: number): Check =>
  bar(0, new RegExp(`live [\\d,]+ packets/s, [\\d,]+ messages/s, ${messages} messages?$`));
const runs: Check = says(/proxy$|proxy on /);

describe.runIf(requireTool('tmux'))('a proxy on the screen', () => {
  test('UDP: rows come, are followed, held and gone through; quitting asks, and gives the report', async () => {
    await onStage(async stage => {
      const { tmux } = stage;
      const speaker = await DatagramSpeaker.of(FAULTS, () => stage.port());
      await stage.start(`udp:0 udp:${speaker.upstreamPort} ${SETTLED}`);
      await stage.see(shows('Connections', `the proxy listens on udp:127.0.0.1:${stage.port()}`));
      await stage.see(says(`proxy on udp:127.0.0.1:${stage.port()}`));
      await speaker.say(3);
      await stage.see(lives(3), chosenConnection(1), runs);
      await tmux.press('2');
      await stage.see(chosenFrame(1, 3));
      await speaker.say(2);
      await stage.see(lives(5), chosenFrame(1, 5));
      await tmux.press('k');
      await stage.see(chosenFrame(1, 4));
      await speaker.say(1);
      await stage.see(lives(6), chosenFrame(1, 4));
      await tmux.press('G');
      await stage.see(chosenFrame(1, 6));
      await tmux.press('p');
      await stage.see(chosenFrame(1, 6), bar(0, 'paused, 0 new'));
      await speaker.say(3);
      await stage.see(bar(0, 'paused, 3 new'), chosenFrame(1, 6));
      await tmux.press('p');
      await stage.see(lives(9), chosenFrame(1, 9));
      await tmux.press('n');
      await stage.see(says(/^\d of \d.*: \w+ mnet\//), runs);
      await tmux.press('/');
      await tmux.type('type == DATA\r');
      await stage.see(bar(1, /type == DATA {2}\d+ of \d+/));
      await tmux.press('/', 'C-u', 'Enter', 'L');
      await stage.see(onlyPanes('Log of the proxy'), shows('Log of the proxy', /client 1 connected: 127/));
      await speaker.say(16);
      await stage.see(shows('Log of the proxy', /client 3 connected/), lives(25));
      await tmux.press('L', '1');
      await tmux.press('Q');
      await stage.see(says(/^stop the proxy \(3 clients\)\? +y yes +n no +k keep it running without this screen$/));
      await tmux.press('n');
      await speaker.say(1);
      await stage.see(lives(25), runs);
      await tmux.press('Q', 'y');
      const text = await stage.ends(1);
      expect(text).toMatch(/25 messages, 25 packets: violations/);
    });
  });

  test('another dialect judges all again, and the report is of what was settled last', async () => {
    await onStage(async stage => {
      const { tmux } = stage;
      const speaker = await DatagramSpeaker.of(FAULTS, () => stage.port());
      const report = join(scratch(), 'report.json');
      await stage.start(`udp:0 udp:${speaker.upstreamPort} ${SETTLED} -p mnet --format json -o ${report}`);
      await speaker.say(25);
      await stage.see(lives(25));
      await tmux.press('D');
      await tmux.type('byteOrder=big\r');
      await stage.see(says(/findings? gone/));
      await tmux.press('Escape', 'Q', 'Q');
      await stage.ends(1);
      const { protocols, summary } = JSON.parse(readFileSync(report, 'utf8'));
      expect(summary.messages).toBe(25);
      expect(protocols[0].dialect).toMatchObject({ byteOrder: 'big' });
    });
  });

  test('TCP: the stream is seen while it is open, its end is reported, a server that is gone is reported', async () => {
    await onStage(async stage => {
      const { tmux } = stage;
      const speaker = await StreamSpeaker.of(UPLOAD, () => stage.port());
      const closed = (await datagramSocket()).address().port;
      const record = join(scratch(), 'record.pcapng');
      const pairs = `tcp:0 tcp:${speaker.upstreamPort} --pair tcp:0=tcp:${closed}`;
      await stage.start(`${pairs} -p filestorage --record ${record}`);
      await speaker.say(6);
      await stage.see(chosenConnection(1), shows('Connections', 'filestorage'));
      await tmux.press('2');
      await stage.see(shows('Connection 1', 'TRANSFER'));
      await speaker.say(100);
      await tmux.press('L');
      await stage.see(shows('Log of the proxy', 'client 1 connected'), hides('Log of the proxy', 'left'));
      await tmux.press('L');
      // It is reset, perhaps before it knows that it is connected.
      await streamClient(stage.port(1)).then(
        client => void client.on('error', () => {}),
        ({ code }) => expect(code).toBe('ECONNRESET'),
      );
      await stage.see(bar(1, 'L 1 warning'));
      await tmux.press('L');
      await stage.see(shows('Log of the proxy', `tcp:127.0.0.1:${closed}: connection refused`));
      await stage.see(shows('Log of the proxy', 'client 2 left'));
      await tmux.press('Z', 'Z');
      await stage.see(says(/^stop the proxy/));
      await tmux.press('C-c');
      expect(await stage.ends(0)).toMatch(/filestorage\/transfer-pipelined/);
      const decoding = `tcp.port==${speaker.upstreamPort},filestorage`;
      const { code, stdout } = await runInside('check', record, '--format', 'json', '-d', decoding);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).findings).toHaveLength(3);
    });
  });

  test('k keeps it running without the screen: findings are printed from then on, Ctrl-C gives the report', async () => {
    await onStage(async stage => {
      const { tmux } = stage;
      const speaker = await DatagramSpeaker.of(FAULTS, () => stage.port());
      await stage.start(`udp:0 udp:${speaker.upstreamPort} ${SETTLED}`);
      await speaker.say(3);
      await stage.see(lives(3));
      await tmux.press('q', 'k');
      await tmux.until('wirelint: listening on udp:');
      expect(await tmux.flag('alternate_on')).toBe(false);
      await speaker.say(22);
      const text = await tmux.until(/error mnet\/data-after-shutdown frame 20 connection 2/);
      expect(text).not.toMatch(/frame 2 connection 1/);
      await tmux.press('C-c');
      expect(await stage.ends(1)).toContain('25 messages, 25 packets: violations');
    });
  });

  test('SIGTERM ends in order, with the report', async () => {
    await onStage(async stage => {
      const speaker = await DatagramSpeaker.of(FAULTS, () => stage.port());
      await stage.start(`udp:0 udp:${speaker.upstreamPort} ${SETTLED}`);
      await speaker.say(12);
      await stage.see(lives(12));
      const { pid } = JSON.parse(readFileSync(stage.ready, 'utf8'));
      process.kill(pid, 'SIGTERM');
      expect(await stage.ends(1)).toContain('12 messages, 12 packets: violations');
    });
  });

  test('a command that ends: what was seen stays, its words are in the log; then its exit code counts', async () => {
    await onStage(async stage => {
      const { tmux } = stage;
      const upstream = await datagramServer((socket, bytes, { port, address }) => socket.send(bytes, port, address));
      await stage.start(`udp:0 udp:${upstream} --allow-empty -- sh -c 'echo some words; exit 3'`);
      await stage.see(says(/proxy ended: the command has ended$/));
      await tmux.press('L');
      await stage.see(shows('Log of the proxy', 'out| some words'));
      await stage.see(shows('Log of the proxy', 'the command ended with exit code 3'));
      await tmux.press('Q');
      expect(await stage.ends(5)).toContain('wirelint: the command ended with exit code 3');
    });
  });

  test('a tracker that throws: the terminal is given back, who is connected may finish, and the code is 70', async () => {
    await onStage(async stage => {
      const stream = await streamServer(socket => socket.pipe(socket));
      const plugin = tripping(scratch());
      await stage.start(`--pair udp:0=udp:9 --pair tcp:0=tcp:${stream} -d udp.port==9,trips --plugin ${plugin}`);
      const client = await streamClient(stage.port(1));
      client.write('before ');
      await once(client, 'data');
      (await datagramSocket()).send('!', stage.port(), '127.0.0.1');
      await stage.tmux.until('nothing is judged any more');
      expect(await stage.tmux.flag('alternate_on')).toBe(false);
      client.end('after');
      expect(String(await heardOf(client))).toBe('after');
      expect((await stage.ends(70)).match(/tripped/g)).toHaveLength(1);
    });
  });

  test.each([
    ['--until-idle 300ms', /proxy ended: nothing has passed for 300 ms$/],
    ['--duration 400ms', /proxy ended: the time of --duration is over$/],
  ])('%s ends the traffic, and the screen stays', async (option, said) => {
    await onStage(async stage => {
      const upstream = await datagramServer(() => {});
      await stage.start(`udp:0 udp:${upstream} ${option}`);
      await stage.see(says(said), bar(0, /0 messages$/));
      await stage.tmux.press('q', 'y');
      await stage.ends(4);
    });
  });

  test('unless nobody is there who could type', async () => {
    await onStage(async stage => {
      const upstream = await datagramServer(() => {});
      await stage.start(`udp:0 udp:${upstream} --duration 3s --allow-empty`, '< /dev/null');
      expect(await stage.ends(0)).toContain('0 packets');
    });
  });
});

test('without a terminal: one line, and 2', async () => {
  const { code, stdout, stderr } = await wirelint(['proxy', 'udp:0', 'udp:9', '--inspect']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^wirelint: proxy --inspect needs a terminal .*\n$/);
});
