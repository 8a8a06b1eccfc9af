/**
 * A capture that is made to attack its viewer: control sequences, blessed's tags, bidi controls and the like in file
 * names, keys, payloads, comments and in its own name. In a terminal all of it is seen, and nothing of it happens.
 */
import { mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/report/run-report.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { comment, enhancedPacketBlock, interfaceBlock, sectionBlock } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { Folder } from '../cli/captures.ts';
import * as filestorage from '../kit/filestorage.ts';
import { historyOf } from '../kit/history.ts';
import * as ministreaming from '../kit/ministreaming.ts';
import * as mnet from '../kit/mnet.ts';
import { placesOf } from '../kit/portion.ts';
import { CLIENT } from '../kit/tcp.ts';
import type { TerminalScreen } from '../kit/terminal-screen.ts';
import { inTmux, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import {
  bar,
  type Check,
  chosen,
  complaintOf,
  focusOn,
  isRead,
  onlyPanes,
  openFrame,
  says,
  screenView,
  shows,
} from './checks.ts';

/** Each would be seen if it got through: another screen, cursor, title, clipboard, colour, order or width. */
const ATTACKS = {
  clear: '\x1b[2J\x1b[H',
  colors: '\x1b[41;5m\x9b45m',
  title: '\x1b]0;owned\x07\x1b]2;owned\x1b\\\x9d0;owned\x9c',
  clipboard: '\x1b]52;c;b3duZWQ=\x07',
  strings: '\x1bP+q544e\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bkowned\x1b\\',
  modes: '\x1bc\x1b[?1049l\x1b[?25h\x0e\x1b(0',
  tags: '{red-fg}{bold}red{/}{escape}{/escape}{open}{|}{center}',
  bidi: 'a\u202eb\u2066c\u200fd\u061ce',
  controls: 'a\0b\x7fc\x07d\re\tf\bg\nh\x85i',
  marks: `a${'\u0335\u0336\u0337\u0338\u20dd\u0489'.repeat(40)}`,
  widths: '\u1100\u1161\ufe0f\u{1f468}\u200d\u{1f469}\u200d\u{1f466}\u3000\uff21\u200b\ufeff\u{e0041}\u00ad',
  halves: '\ud800x\udc00',
} as const;
const ALL = Object.values(ATTACKS).join(' ');

/** What is seen of each, in the beginning. */
const MARKS: Readonly<Record<keyof typeof ATTACKS, string>> = {
  clear: '\\x1b[2J\\x1b[H',
  colors: '\\x1b[41;5m\\x9b45m',
  title: '\\x1b]0;owned\\x07\\x1b]2;owned\\x1b\\\\x9d0;owned',
  clipboard: '\\x1b]52;c;b3duZWQ=\\x07',
  strings: '\\x1bP+q544e\\x1b\\\\x1b_apc\\x1b\\\\x1b^pm',
  modes: '\\x1bc\\x1b[?1049l\\x1b[?25h\\x0e\\x1b(0',
  tags: '{red-fg}{bold}red{/}{escape}{/escape}',
  bidi: 'a\\u{202e}b\\u{2066}c\\u{200f}d\\u{61c}e',
  controls: 'a\\x00b\\x7fc\\x07d\\x0de\\x09f\\x08g\\x0ah\\x85i',
  marks: '\\u{338}\\u{20dd}\\u{489}\\u{335}',
  widths: '\\u{1161}\\u{fe0f}',
  halves: '\\u{d800}x\\u{dc00}',
};

const folder = new Folder();
afterAll(() => folder.remove());

/** Six uploads whose files are called so, one attack each; all in one; raw bytes, which are no UTF-8; and an answer. */
function filestorageFrames(): Uint8Array[] {
  const { second, libipc, id } = filestorage;
  const names = [...Object.values(ATTACKS), ALL];
  const uploads = names.map(name => ({ name, size: 33 }));
  const json = JSON.stringify({ mid: id(90), name: 'NAME' });
  const [before = '', after = ''] = json.split('NAME');
  const raw = concat(Buffer.from(before), [0x9b, 0x33, 0x31, 0x6d, 0x9d, 0x1b, 0x5b, 0xff], Buffer.from(after));
  const lines = [
    second.authentication(1, uploads, { token: { uid: 1002, login: ALL, [ALL]: ALL } }),
    second.responses(
      1,
      uploads.map(() => 'Ok'),
    ),
    second.download(5, ALL),
    second.notOk(5, ALL),
    ...names.map((name, at) => second.download(10 + at, name)),
    { side: CLIENT, bytes: libipc(2, 3, raw) } as const,
    ...filestorage.closing,
  ];
  return filestorage
    .talkOf(lines)
    .frames()
    .map(({ bytes, start, end }) => bytes.slice(start, end));
}

function ministreamingFrames(): Uint8Array[] {
  const link = ministreaming.link();
  const key = new Uint8Array(387);
  key.set(Buffer.from(ALL).subarray(0, 384));
  return [link.syn(key), link.ack(), link.send(ALL), link.answer(ATTACKS.title), link.send(ATTACKS.bidi)].map(
    line => ministreaming.frameBytes(line).bytes,
  );
}

function mnetFrames(): Uint8Array[] {
  const { C, L } = mnet.parties();
  const content = Buffer.from(ALL);
  const magic = '\x1b[2J';
  return [
    ...mnet.handshake({ C, L }),
    C.data(0, content.length, 0, { content }),
    C.data(0, content.length, 0, { content: Buffer.from(ALL.replaceAll('a', 'z')) }),
  ]
    .map(line => mnet.frameBytes(line).bytes)
    .concat(udpFrame('10.0.0.7:5000', '10.0.0.2:26999', concat([1], Buffer.from(magic), [1, 2, 3, 4])));
}

function hostileCapture(): string {
  const frames = [...filestorageFrames(), ...ministreamingFrames(), ...mnetFrames()];
  const blocks = frames.map((bytes, index) =>
    enhancedPacketBlock(bytes, { time: BigInt(index) * 1_000_000n, options: [comment(ALL)] }),
  );
  const bytes = concat(
    sectionBlock({ options: [comment(ALL), [4, Buffer.from(ALL)]] }),
    interfaceBlock({ options: [comment(ALL), [2, Buffer.from(ALL)]] }),
    ...blocks,
  );
  const own = `${ATTACKS.clear}${ATTACKS.title}${ATTACKS.clipboard}${ATTACKS.bidi}{red-fg}\x9b45m\t\r\n\x07.pcapng`;
  const path = folder.file(own, bytes);
  utimesSync(path, 1_000_000, 1_000_000);
  return path;
}

/** What there is to be seen of it. */
interface Facts {
  /** The frame of the download that is named by each attack alone. */
  readonly downloads: readonly (readonly [frame: number, attack: keyof typeof ATTACKS])[];
  /** The frame of each message. */
  readonly messages: readonly number[];
  readonly findings: RunReport['findings'];
}

type See = (...checks: readonly Check[]) => Promise<TerminalScreen>;

async function factsOf(path: string): Promise<Facts> {
  const decodeAs = [{ transport: 'udp', from: 7654, to: 7654, protocol: 'ministreaming' }] as const;
  const { history, report } = await historyOf(readFileSync(path), { decodeAs });
  const messages = Array.from({ length: history.messages.count }, (_, message) => history.messages.frame(message));
  const isDownload = (_: number, message: number) => history.messages.name(message) === 'DOWNLOAD-REQUEST';
  const [, ...single] = messages.filter(isDownload);
  const downloads = (Object.keys(ATTACKS) as (keyof typeof ATTACKS)[]).map(
    (name, at) => [single[at] ?? 0, name] as const,
  );
  return { messages, downloads, findings: report.findings };
}

describe.runIf(requireTool('tmux'))('a hostile capture', () => {
  test.concurrent.each([
    { width: 80, height: 24, turn: 0 },
    { width: 160, height: 50, turn: 1 },
  ])('is seen, and does nothing: $width by $height', { timeout: 120_000 }, async ({ turn, ...size }) => {
    const path = hostileCapture();
    const facts = await factsOf(path);
    const options = ['-d', 'udp.port==7654,ministreaming'];
    await inTmux(['inspect', ...options, path], size, async tmux => {
      const title = await tmux.title();
      const see: See = async (...checks) => {
        const screen = await tmux.untilSeen(current => complaintOf(current, [...checks, intact(size)]));
        expect(acted(screen)).toBeUndefined();
        return screen;
      };
      await see(isRead, screenView(1), onlyPanes('Connections'));
      await lookAround(tmux, facts, see, turn);
      expect(await tmux.title()).toBe(title);
      expect(await tmux.clipboard()).toBeUndefined();
      await tmux.press('Q');
      expect(await tmux.ending()).toEqual({ code: 0, signal: undefined });
      expect(await tmux.title()).toBe(title);
      expect(await tmux.flag('alternate_on')).toBe(false);
    });
  });

  test('what is copied of it is copied, and no more than that', async () => {
    const path = hostileCapture();
    await inTmux(['inspect', path], { width: 160, height: 50 }, async tmux => {
      await tmux.untilSeen(isRead);
      // The download that is called by all of it at once.
      await tmux.press(':');
      await tmux.type('goto 6\r');
      await tmux.untilSeen(screen => complaintOf(screen, [screenView(2), shows('Frame', /DOWNLOAD|name/)]));
      await tmux.press('3', 'G', 'y');
      await tmux.untilSeen(says(/^copy .* v value of name/));
      expect(await tmux.clipboard()).toBeUndefined();
      await tmux.press('v');
      await tmux.untilSeen(says(/^copied to tmux's buffer, sent to the terminal: value of name;/));
      // Halves of surrogate pairs have no UTF-8.
      expect(await tmux.clipboard()).toBe(Buffer.from(ALL).toString());
    });
  });

  test('its name is a line when it cannot be read, and when an export finds it there', async () => {
    const name = `${ATTACKS.title}${ATTACKS.clear}{red-fg}.json`;
    mkdirSync(folder.file('names'), { recursive: true });
    folder.file(`names/${name}`, Buffer.from('mine'));
    await inTmux(['inspect', hostileCapture()], { width: 160, height: 50 }, async tmux => {
      const title = await tmux.title();
      await tmux.untilSeen(isRead);
      await tmux.press('x', 'C-u');
      await tmux.paste(`${folder.path}/names/${name}`);
      await tmux.press('Enter');
      // Controls become blanks where a line is edited: that file is not there, and its folder is.
      const screen = await tmux.untilSeen(says(/owned.*\.json/));
      expect(acted(screen)).toBeUndefined();
      expect(await tmux.title()).toBe(title);
    });
  });
});

/**
 * Every view, every finding, filters, a notice, and a line that is edited. In an ordinary run every second message in the
 * list, and alone every second one; at the next turn the others.
 */
async function lookAround(tmux: Tmux, { messages, downloads, findings }: Facts, see: See, turn: number) {
  const last = messages.length - 1;
  await tmux.press(':');
  await tmux.type('connection 0\r');
  await see(screenView(7), shows('All messages', 'from'));
  await tmux.press('g');
  let at = 0;
  for (const place of placesOf(messages.length, 2, turn)) {
    await tmux.press(...repeated('j', place - at));
    await see(openFrame(messages[place]!));
    at = place;
  }
  await tmux.press('G', '3');
  at = last;
  for (const place of placesOf(messages.length, 2, last + turn + 1).toReversed()) {
    await tmux.press(...repeated('K', at - place));
    await see(screenView(3), onlyPanes('Frame', 'Bytes'), openFrame(messages[place]!));
    at = place;
  }
  await tmux.press(...repeated('K', at));
  await see(openFrame(messages[0]!));
  await tmux.press('G');
  await see(chosen('Frame', /downloads/));
  await tmux.press('pageup');
  await see(chosen('Frame', /./), screen => (chosen('Frame', /downloads/)(screen) ? undefined : 'still below'));
  await tmux.press('Tab', 'G');
  await see(focusOn('Bytes'));
  for (const place of placesOf(downloads.length, 2, turn)) {
    const [frame, attack] = downloads[place]!;
    await tmux.press(':');
    await tmux.type(`goto ${frame}\r`);
    await see(screenView(3), openFrame(frame), shows('Frame', MARKS[attack]));
  }
  await tmux.press('4', 'g');
  for (const [place, { frame }] of findings.entries()) {
    await see(screenView(4), onlyPanes('Findings', 'Finding'), chosen('Findings', new RegExp(`^\\w+ +${frame} `)));
    if (place < findings.length - 1) await tmux.press('j');
  }
  await tmux.press('Tab', 'G');
  await see(focusOn('Finding'));
  await tmux.press('5');
  await see(screenView(5));
  await tmux.press('6');
  await see(screenView(6), shows('Statistics', 'packets'));
  await tmux.press('/');
  await tmux.paste(`text contains "${ATTACKS.tags} ${ATTACKS.bidi}"`);
  await tmux.press('Enter');
  await see(bar(1, 'text contains "{red-fg}{bold}red{/}'));
  await tmux.press('/', 'C-u', 'Enter');
  await see(bar(1, '/ to filter'));
  await tmux.press('1', 'D', 'C-u');
  await tmux.type('filestorage.edition=2019-12\r');
  await see(says(/run: .* new$/), ({ rows }) => (rows.some(isNotice) ? undefined : 'no notice'));
  await tmux.press('Escape', '1');
  await see(onlyPanes('Connections'), ({ rows }) => (rows.some(isNotice) ? 'the notice is still there' : undefined));
}

const repeated = (key: string, times: number) => Array.from({ length: times }, () => key);

const isNotice = (row: string) => /┌ .*; (j and k scroll, )?Esc closes ─+┐/.test(row);

/** Tabs above, frames whole from edge to edge, and a status line. */
function intact({ width, height }: { readonly width: number; readonly height: number }): Check {
  return ({ rows, panes }) => {
    if (!/^ 1 Conn\w+ {2}2 Conver\S+ {2}3 Message/.test(rows[0] ?? '')) return `tabs: ${rows[0]}`;
    if (rows.length !== height) return `${rows.length} rows`;
    const cells = panes.reduce((sum, pane) => sum + pane.width * pane.height, 0);
    const isEdited = !rows.some(row => row.startsWith(' Filter: '));
    return rows.some(isNotice) || isEdited || cells === width * (height - 3)
      ? undefined
      : `panes of ${cells} cells are whole`;
  };
}

/** Colours that no theme has, or text that would have been hidden or executed. */
function acted({ source, text }: TerminalScreen): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const colors = [...source.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, codes = '']) =>
    /(?:^|;)(?:5|41|45)(?:;|$)/.test(codes.replace(/[34]8;5;\d+/g, '')) ? [codes] : [],
  );
  if (colors.length > 0) return `colours ${colors}`;
  const controls = /[\u0080-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u.exec(
    text,
  );
  return controls ? `a control: ${JSON.stringify(controls[0])}` : undefined;
}
