/** The screen of a proxy that holds messages back, on a terminal that is none: what comes is drawn, keys do what they say. */
import { expect, onTestFinished, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { storeCapture } from '../../src/capture/stored.ts';
import { WALL_CLOCK } from '../../src/cli/wall-clock.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { runApp } from '../../src/tui/app.ts';
import type { WatchedProxy } from '../../src/tui/watched-proxy.ts';
import { historyOf } from '../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../kit/holds.ts';
import { FakeTty } from './fake-tty.ts';

const EMPTY = new URL('../../fixtures/captures/empty.pcap', import.meta.url).pathname;

const PROXY: WatchedProxy = {
  listens: ['udp:127.0.0.1:27000'],
  onFinding: () => {},
  onConnection: () => {},
  watch: () => {},
};

async function stage(hasOthers = false) {
  const past = await historyOf('mnet/faults.pcap');
  const tty = new FakeTty(120, 30);
  const controls = new FakeControls();
  let now = 1_700_000_000_000;
  const capture = await storeCapture(EMPTY, { clock: WALL_CLOCK });
  onTestFinished(() => capture.close());
  const look = runApp(tty, {
    captures: [capture],
    unopened: [],
    settings: { decodeAs: [], dialects: [] },
    engineOptions: () => ({ ...DEFAULT_ENGINE_OPTIONS, protocols }),
    filter: undefined,
    depth: 0,
    ground: 'dark',
    hosts: { exportFile: async () => ({ kind: 'failed', line: '' }) },
    proxy: PROXY,
    interception: { controls, editing: new FakeEditing(), now: () => now, hasOthers },
  });
  await tty.until(/proxy on udp/);
  const later = (milliseconds: number) => {
    now += milliseconds;
  };
  return { past, tty, controls, look, later };
}

test('what is held is drawn when it comes, with its time as that passes, and forwarded by keys', async () => {
  const { past, tty, controls, look, later } = await stage();
  controls.gate.hold(heldUnit(past, 1, [0]), heldUnit(past, 2, [6]));
  await tty.until(/H 2 held proxy/);
  tty.type('H');
  expect(await tty.until(/Held: 2/)).toMatch(/^.*\b1 +0\.0 s .* INIT /m);
  later(2_500);
  await tty.until(/\b1 +2\.5 s /);
  tty.type('a');
  await tty.until(/forwarded hold 1/);
  tty.type('d');
  await tty.until(/dropped hold 2/);
  tty.type('itype == DATA\r');
  await tty.until(/held from now on: type == DATA/);
  tty.type('i\u0015nothing == 1\r');
  await tty.until(/column 1: unknown field nothing/);
  tty.type('\u001b');
  await tty.until(/messages that match type == DATA will be/);
  expect(controls.gate.done).toEqual(['forward 1', 'drop 2']);
  tty.type('Q');
  expect((await look).keepsProxy).toBe(false);
});

test.each([
  [false, ['forward 1']],
  [true, []],
])('the screen goes, the proxy stays, others can forward: %s', async (hasOthers, done) => {
  const { past, tty, controls, look } = await stage(hasOthers);
  controls.gate.hold(heldUnit(past, 1, [0]));
  await tty.until(/H 1 held/);
  tty.type('q');
  await tty.until(/stop the proxy\?/);
  tty.type('k');
  expect((await look).keepsProxy).toBe(true);
  expect(controls.gate.done).toEqual(done);
});
