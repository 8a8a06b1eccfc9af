/** A capture that is still being written, in a terminal: what comes is seen, and nothing stays behind when one leaves. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Folder } from '../cli/captures.ts';
import { fixtureBytes } from '../kit/history.ts';
import { inShell, inTmux, PROMPT, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { bar, type Check, chosenConnection, chosenFrame, complaintOf, paneOf, says, screenView } from './checks.ts';

/** Bytes of the capture's header, and those with its first frames; the third one is cut in the middle. */
const CAPTURE = fixtureBytes('mnet/faults.pcap');
const ENDS = frameEnds(CAPTURE);
const part = (from: number, to: number) => CAPTURE.subarray(from === 0 ? 0 : ENDS[from - 1], ENDS[to - 1]);

const folder = new Folder();
afterAll(() => folder.remove());

const SIZE = { width: 160, height: 30 };

describe.runIf(requireTool('tmux') && requireTool('mkfifo'))('live', () => {
  test.concurrent('a FIFO: rows come, the chosen one follows until somebody moves, G resumes, p holds and loses nothing', async () => {
    const path = fifo('stream');
    await inTmux(['inspect', path], SIZE, async tmux => {
      const writer = openSync(path, 'w');
      writeSync(writer, part(0, 3));
      await see(tmux, lives(3), says(/^1 finding so far: n goes to the worst/));
      await followAndHold(tmux, bytes => writeSync(writer, bytes));
      closeSync(writer);
      await see(tmux, bar(0, /25 messages$/), chosenConnection(3));
      await quit(tmux);
    });
  });

  test.concurrent('a growing file with --follow', async () => {
    const path = folder.file('growing.pcap', part(0, 3));
    await inTmux(['inspect', '--follow', path], SIZE, async tmux => {
      await see(tmux, lives(3));
      await followAndHold(tmux, bytes => appendFileSync(path, bytes));
      await see(tmux, lives(25), chosenConnection(3));
      await quit(tmux);
    });
  });

  test.concurrent('a frame that is there in part is shown when the rest has come', async () => {
    const path = folder.file('halves.pcap', part(0, 3));
    await inTmux(['inspect', '-F', path], SIZE, async tmux => {
      await see(tmux, lives(3));
      const next = part(3, 5);
      appendFileSync(path, next.subarray(0, next.length - 7));
      await see(tmux, lives(4));
      appendFileSync(path, next.subarray(next.length - 7));
      await see(tmux, lives(5));
    });
  });

  test.concurrent('standard input: keys come from the terminal, and who writes is gone when one leaves', async () => {
    const first = folder.file('first', part(0, 4));
    const rest = folder.file('rest', part(4, 25));
    const gate = fifo('gate');
    const pid = folder.file('writer');
    const temporary = folder.file('tmp');
    mkdirSync(temporary);
    const environment = { TMPDIR: temporary };
    await inShell({ ...SIZE, environment }, async tmux => {
      await tmux.until(PROMPT);
      // The gate holds the writer up until the test has looked; afterwards it writes for as long as anybody reads.
      const script = `echo $$ > ${pid}; cat ${first}; read line < ${gate}; cat ${rest}; while cat ${rest}; do sleep 0.1; done`;
      await tmux.type(`sh -c '${script}' | $WIRELINT inspect -; echo code $?\r`);
      await see(tmux, lives(4));
      await tmux.press('2');
      await see(tmux, screenView(2), chosenFrame(1, 4));
      await tmux.press('k');
      await see(tmux, chosenFrame(1, 3));
      const opened = openSync(gate, 'w');
      writeSync(opened, '\n');
      closeSync(opened);
      await see(tmux, ({ rows }) => (messagesOf(rows) >= 25 ? undefined : 'not all is there'), chosenFrame(1, 3));
      expect(readdirSync(temporary)).toEqual([]);
      await tmux.press('Q');
      // What follows the frames is no frame: the capture is not whole.
      await tmux.until(/code \d/);
      await tmux.until(text => text.trimEnd().endsWith(PROMPT));
      const writer = Number(readFileSync(pid, 'utf8'));
      await tmux.type(`while kill -0 ${writer} 2>/dev/null; do sleep 0.1; done; echo writer' 'gone\r`);
      await tmux.until('writer gone');
      expect(readdirSync(temporary)).toEqual([]);
    });
  });

  test.concurrent('nothing comes yet: it can be left, and the writer finds the pipe closed', async () => {
    const path = fifo('silent');
    await inTmux(['inspect', path], SIZE, async tmux => {
      const writer = openSync(path, 'w');
      await tmux.until('1 Connections');
      await quit(tmux);
      expect(() => writeSync(writer, CAPTURE)).toThrow('EPIPE');
      closeSync(writer);
    });
  });
});

/** From three messages on. */
async function followAndHold(tmux: Tmux, write: (bytes: Uint8Array) => void): Promise<void> {
  await tmux.press('2');
  await see(tmux, screenView(2), chosenFrame(1, 3));
  write(part(3, 5));
  await see(tmux, lives(5), chosenFrame(1, 5));
  await tmux.press('k');
  await see(tmux, chosenFrame(1, 4));
  write(part(5, 7));
  await see(tmux, lives(7), chosenFrame(1, 4), lists(1, [1, 2, 3, 4, 5, 6, 7]));
  await tmux.press('G');
  await see(tmux, chosenFrame(1, 7), says('following'));
  write(part(7, 8));
  await see(tmux, lives(8), chosenFrame(1, 8));
  await tmux.press('p');
  await see(tmux, bar(0, 'paused, 0 new'));
  write(part(8, 10));
  await see(tmux, bar(0, 'paused, 2 new'), chosenFrame(1, 8), lists(1, [1, 2, 3, 4, 5, 6, 7, 8]));
  await tmux.press('p');
  await see(tmux, lives(10), chosenFrame(1, 10), lists(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  write(part(10, 25));
  await see(tmux, chosenFrame(1, 11));
  await tmux.press('1', 'G');
  await see(tmux, chosenConnection(3), says('following'));
}

function fifo(name: string): string {
  const path = folder.file(name);
  execFileSync('mkfifo', [path]);
  return path;
}

function see(tmux: Tmux, ...checks: readonly Check[]) {
  return tmux.untilSeen(screen => complaintOf(screen, checks));
}

/** So many messages have come, and more may. */
function lives(messages: number): Check {
  return bar(0, new RegExp(`live [\\d,]+ packets/s, [\\d,]+ messages/s, ${messages} messages?$`));
}

function messagesOf(rows: readonly string[]): number {
  return Number(/([\d,]+) messages?$/.exec(rows[0] ?? '')?.[1]?.replace(',', '') ?? 0);
}

function lists(connection: number, frames: readonly number[]): Check {
  return screen => {
    const [, ...rows] = paneOf(screen, `Connection ${connection}`)?.lines ?? [];
    const listed = rows.map(text => Number.parseInt(text, 10)).filter(frame => !Number.isNaN(frame));
    return String(listed) === String(frames) ? undefined : `frames ${listed} in place of ${frames}`;
  };
}

async function quit(tmux: Tmux): Promise<void> {
  const { pid = 0 } = tmux;
  await tmux.press('Q');
  await tmux.ending();
  expect(await tmux.flag('alternate_on')).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}

/** Where each record of a little-endian pcap ends. */
function frameEnds(pcap: Uint8Array): number[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.length);
  const ends: number[] = [];
  for (let at = 24; at < pcap.length; ) {
    at += 16 + view.getUint32(at + 8, true);
    ends.push(at);
  }
  return ends;
}
