/**
 * Makes the README's pictures again (`npm run screens`): starts the built program in a terminal, presses keys as a person
 * would, and draws what is then on the screen; opens an HTML report in a browser, and takes what that shows.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { wirelint } from '../cli/run.ts';
import { inTmux, type Tmux } from '../kit/tmux.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { motion, type Shot } from './motion.ts';
import { DARK, LIGHT, type Palette, picture } from './svg.ts';

interface Scene {
  /** Of the file. */
  readonly name: string;
  readonly capture: string;
  readonly width: number;
  readonly height: number;
  /** Keys by tmux's names, one after the other; each is pressed once the one before has had its effect. */
  readonly keys: readonly string[];
  /** What is on the screen in the end. */
  readonly shows: string;
  readonly ground?: 'dark' | 'light';
}

const FAULTS = 'fixtures/mnet/faults.pcap';
const WIDE = { width: 120, height: 32 };
const PALETTES: Readonly<Record<'dark' | 'light', Palette>> = { dark: DARK, light: LIGHT };

const SCENES: readonly Scene[] = [
  { name: 'connections', capture: FAULTS, width: 130, height: 11, keys: [], shows: 'warn handshake' },
  { name: 'conversation', capture: FAULTS, ...WIDE, keys: ['Enter', 'n'], shows: 'retransmit-differs' },
  {
    name: 'message',
    capture: 'fixtures/filestorage/2019-12-auth.pcap',
    ...WIDE,
    keys: ['n', '3'],
    shows: 'AUTHENTICATION',
  },
  { name: 'findings', capture: FAULTS, ...WIDE, keys: ['4', 'j', 'j'], shows: 'retransmit-differs' },
  { name: 'states', capture: FAULTS, ...WIDE, keys: ['n', '5'], shows: 'ESTABLISHED' },
  {
    name: 'statistics',
    capture: 'fixtures/mnet/lossy.pcap',
    width: 140,
    height: 40,
    keys: ['6'],
    shows: 'Messages by type',
  },
  { name: 'light', capture: FAULTS, ...WIDE, keys: ['n', '2'], shows: 'DATA', ground: 'light' },
];

/** Milliseconds without a change after which the screen is taken for drawn. */
const STILL = 300;

test.each(SCENES)('$name', async ({ name, capture, width, height, keys, shows, ground = 'dark' }) => {
  const options = { width, height, environment: { COLORTERM: 'truecolor' } };
  const screen = await inTmux(
    ['inspect', '--capture', 'complete', '--theme', ground, capture],
    options,
    async terminal => {
      await terminal.until('? help');
      await settled(terminal);
      for (const key of keys) {
        await terminal.press(key);
        await settled(terminal);
      }
      expect(await terminal.text()).toContain(shows);
      return terminal.colored();
    },
  );
  const title = `wirelint inspect ${capture}`;
  const svg = picture(screen, { columns: width, rows: height, title, palette: PALETTES[ground] });
  writeFileSync(new URL(`${name}.svg`, import.meta.url), svg);
});

interface Step {
  /** By tmux's name. */
  readonly key: string;
  readonly seconds: number;
  /** Pressed again until this is on the screen. */
  readonly until?: string;
}

/** From the list of connections to the finding, its bytes and the state machine, and back. */
const TOUR: readonly Step[] = [
  { key: 'Enter', seconds: 1.4 },
  { key: 'n', seconds: 0.6, until: 'error mnet/retransmit-differs:' },
  { key: '3', seconds: 1.5 },
  { key: 'k', seconds: 0.5 },
  { key: 'k', seconds: 0.5 },
  { key: 'k', seconds: 0.7 },
  { key: '5', seconds: 2.4 },
  { key: '4', seconds: 2.2 },
  { key: '1', seconds: 0.4 },
];
/** Presses after which a step that waits for something is given up. */
const PATIENCE = 20;
/** GitHub shows a page about 90 of these cells wide. */
const TOUR_SIZE = { width: 100, height: 25 };

test('tour', async () => {
  const shots: Shot[] = [];
  let still = 0;
  await inTmux(
    ['inspect', '--capture', 'complete', '--theme', 'dark', FAULTS],
    { ...TOUR_SIZE, environment: { COLORTERM: 'truecolor' } },
    async terminal => {
      const shoot = async (key: string, seconds: number) => {
        await settled(terminal);
        shots.push({ screen: await terminal.colored(), key, seconds });
      };
      await terminal.until('? help');
      await shoot('', 1.6);
      for (const { key, seconds, until } of TOUR) {
        for (let press = 0; press < PATIENCE; press++) {
          await terminal.press(key);
          await shoot(key, seconds);
          if (until === undefined) break;
          if (!(await terminal.text()).includes(until)) continue;
          // The finding is what nothing else shows: it stays, and it is what stands where nothing moves.
          still = shots.length - 1;
          shots[still] = { ...shots[still]!, seconds: 2.2 };
          break;
        }
      }
    },
  );
  expect(still).toBeGreaterThan(0);
  const { width, height } = TOUR_SIZE;
  const svg = motion(shots, still, { columns: width, rows: height, title: `wirelint inspect ${FAULTS}` });
  expect(svg.length).toBeLessThan(400_000);
  writeFileSync(new URL('tour.svg', import.meta.url), svg);
});

/** Waits until nothing moves any more. */
async function settled(terminal: Tmux): Promise<void> {
  let since = performance.now();
  for (let before = await terminal.colored(); performance.now() - since < STILL; ) {
    const now = await terminal.colored();
    if (now !== before) since = performance.now();
    before = now;
  }
}

test('report', async () => {
  if (!requireTool('chromium')) return;
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-'));
  const report = join(folder, 'report.html');
  await wirelint(['check', FAULTS, '--report', `html=${report}`]);
  const picture = fileURLToPath(new URL('report.png', import.meta.url));
  // A container has no user namespaces; the page has no script.
  const browser = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=900,1000'];
  runTool('chromium', [...browser, `--screenshot=${picture}`, `file://${report}`]);
  rmSync(folder, { recursive: true });
}, 60_000);
