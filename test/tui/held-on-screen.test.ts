/** Messages that a proxy holds, in a terminal: seen at once, changed, forwarded, and the other side gets exactly that. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as mnet from '../kit/mnet.ts';
import { datagramServer, datagramSocket, scratch, until } from '../kit/proxy.ts';
import { inShell, PROMPT, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { type Check, complaintOf, edits, onlyPanes, says, screenView, shows } from './checks.ts';

const SIZE = { width: 160, height: 40 };
const init = mnet.parties().C.init().bytes;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** INIT with another tag. */
const tagged = (tag: string) => hex(init).replace(hex(init.subarray(6, 9)), tag);

interface Stage {
  readonly tmux: Tmux;
  /** What the server has got, in hex. */
  readonly got: readonly string[];
  readonly say: (bytes: Uint8Array) => void;
  see(...checks: readonly Check[]): Promise<unknown>;
}

/** A proxy in a terminal that holds what matches, a server behind it, and a client. */
async function onStage(filter: string, body: (stage: Stage) => Promise<void>, more = ''): Promise<void> {
  const got: string[] = [];
  const upstream = await datagramServer((_, bytes) => got.push(hex(bytes)));
  const client = await datagramSocket();
  const ready = join(scratch(), 'ready.json');
  await inShell(SIZE, async tmux => {
    await tmux.until(PROMPT);
    const options = `--inspect --break-on '${filter}' --ready-file ${ready} ${more}`;
    await tmux.type(`clear; $WIRELINT proxy udp:0 udp:${upstream} ${options}; echo code' '$?\r`);
    await until('the ready file', () => existsSync(ready), 20_000);
    const port = Number(/\d+$/.exec(JSON.parse(readFileSync(ready, 'utf8')).pairs[0].listen)?.[0]);
    const see = (...checks: readonly Check[]) => tmux.untilSeen(screen => complaintOf(screen, checks));
    await see(screenView(1));
    await body({ tmux, got, say: bytes => client.send(bytes, port, '127.0.0.1'), see });
  });
}

describe.runIf(requireTool('tmux'))('what is held, on the screen', () => {
  test('is counted, looked at, changed and forwarded; the server gets exactly that', async () => {
    await onStage('type == INIT', async ({ tmux, got, say, see }) => {
      say(init);
      await see(says(/H 1 held +proxy/), screenView(1));
      await tmux.press('H');
      await see(onlyPanes('Held', 'Hold 1', 'Bytes'), shows('Held', /^ *1 +\d+\.\d s .* INIT .*type == INIT/m));
      await see(shows('Held', /^ *1 +[1-9]\.\d s/m));
      expect(got).toEqual([]);
      await tmux.press('e', 'C-u');
      await tmux.type('mnet.tag = 0x010203');
      await see(edits(-3, 'set in hold 1: mnet.tag = 0x010203'));
      await tmux.press('Enter');
      await see(says(/^hold 1: mnet\.tag = 0x010203 \(was 0x/), shows('Held', '*INIT'), shows('Hold', '0x010203'));
      expect(got).toEqual([]);
      await tmux.press('a');
      await see(says(/^forwarded hold 1: mnet\.tag = 0x010203/), shows('Held', 'nothing is held'));
      await until('the datagram', () => got.length > 0);
      expect(got).toEqual([tagged('010203')]);
    });
  });

  test('is dropped, sent in bytes of our own, and held no longer once the filter is empty', async () => {
    await onStage('mnet', async ({ tmux, got, say, see }) => {
      say(init);
      await see(says(/H 1 held/));
      await tmux.press('H', 'd');
      await see(says('dropped hold 1'));
      await tmux.press(':');
      await tmux.type('send INIT mnet.tag = 0x040506\r');
      await see(says(/^sent to the server: mnet INIT/));
      await until('the datagram', () => got.length > 0);
      await tmux.press('i', 'C-u', 'Enter');
      await see(says('nothing more is held'));
      say(init);
      await until('both', () => got.length > 1);
      expect(got[1]).toBe(hex(init));
    });
  });

  test('is forwarded when the screen goes and the proxy stays', async () => {
    await onStage('type == INIT', async ({ tmux, got, say, see }) => {
      say(init);
      await see(says(/H 1 held/));
      await tmux.press('q', 'k');
      await until('the datagram', () => got.length > 0);
      expect(got).toEqual([hex(init)]);
      await tmux.until('wirelint: listening on udp:');
      await tmux.press('C-c');
      await tmux.until(/code \d/);
    });
  });
});
