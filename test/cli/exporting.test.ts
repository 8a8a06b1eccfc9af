/** What the screen writes to files, without a screen: the frames that tshark reads, the findings that come up again. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { type StoredCapture, storeCapture } from '../../src/capture/stored.ts';
import { exportFile } from '../../src/cli/exporting.ts';
import { WALL_CLOCK } from '../../src/cli/wall-clock.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import type { ExportEffect } from '../../src/tui/model/effects.ts';
import { Model } from '../../src/tui/model/model.ts';
import { Run } from '../../src/tui/run.ts';
import { barText, press, settle } from '../kit/looking.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { Folder } from './captures.ts';
import { runInside } from './host.ts';

const FAULTS = 'fixtures/mnet/faults.pcap';
const UPLOAD = 'fixtures/filestorage/2020-01-02-pipelined.pcap';

const folder = new Folder();
const stored: StoredCapture[] = [];
afterEach(() => Promise.all(stored.splice(0).map(capture => capture.close())));
afterAll(() => folder.remove());

/** A model over these captures, read to their ends. */
async function looking(...paths: readonly string[]): Promise<{ readonly model: Model; readonly run: Run }> {
  for (const path of paths) stored.push(await storeCapture(path, { clock: WALL_CLOCK }));
  let time = 0;
  const run = new Run({ ...DEFAULT_ENGINE_OPTIONS, protocols }, stored, { pause: () => turn(), now: () => time++ });
  await run.start();
  const model = new Model(run, { settings: { decodeAs: [], dialects: [] }, themes: [], captures: paths.length });
  return { model, run };
}

function asked(model: Model): ExportEffect {
  const effect = model.takeEffects().find(({ kind }) => kind === 'export');
  if (effect?.kind !== 'export') throw new Error('no export');
  return effect;
}

interface Exported {
  readonly frame: number;
  readonly findings: readonly { readonly ruleId: string }[];
}

test('x offers what matches, of all connections; as JSON it is those messages', async () => {
  const { model, run } = await looking(FAULTS);
  press(model, '/ "type == DATA" enter');
  settle(model);
  press(model, 'x');
  expect(barText(model, 'prompt')).toMatch(/c connection 1 .* f 8 messages that the filter matches/);
  press(model, 'f');
  expect(barText(model, 'prompt')).toContain('export what matches to: filtered.pcapng');
  const path = folder.file('data.json');
  press(model, `C-u "${path}" enter`);
  expect(await exportFile(asked(model), run)).toEqual({ kind: 'done', line: `${path}: 8 messages written` });
  const messages = JSON.parse(readFileSync(path, 'utf8')) as Exported[];
  expect(messages.map(({ frame }) => frame)).toEqual([5, 6, 7, 8, 16, 17, 18, 20]);
  expect(messages.flatMap(({ findings }) => findings.map(({ ruleId }) => ruleId))).toContain('mnet/ack-unsent');
});

test.runIf(requireTool('tshark'))('as pcapng it is their frames, with the findings on them as comments', async () => {
  const { model, run } = await looking(FAULTS);
  press(model, '/ "type == DATA" enter');
  settle(model);
  const path = folder.file('data.pcapng');
  press(model, `: "export ${path} filtered" enter`);
  expect(await exportFile(asked(model), run)).toEqual({ kind: 'done', line: `${path}: 8 frames written` });
  const times = (capture: string, filter: string) =>
    runTool('tshark', ['-r', capture, '-Y', filter, '-T', 'fields', '-e', 'frame.time_epoch']).trim().split('\n');
  expect(times(path, 'frame')).toEqual(times(FAULTS, 'frame.number in {5,6,7,8,16,17,18,20}'));
  const comments = runTool('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.comment']).split('\n');
  expect(comments[5]).toContain('mnet/ack-unsent');
  expect(comments[2]).toContain('mnet/retransmit-differs');
});

test.runIf(requireTool('tshark'))('of a stream it is the segments that the messages came in', async () => {
  const { model, run } = await looking(UPLOAD);
  press(model, '/ "type == TRANSFER" enter');
  settle(model);
  const path = folder.file('transfer.pcapng');
  press(model, `: "export ${path} filtered" enter`);
  expect((await exportFile(asked(model), run)).kind).toBe('done');
  const numbers = runTool('tshark', ['-r', path, '-T', 'fields', '-e', 'tcp.len']).trim().split('\n');
  expect(numbers.length).toBeGreaterThanOrEqual(4);
  expect(numbers.every(length => Number(length) > 0)).toBe(true);
});

test('of several captures it is one file, in their order, and wirelint reads it again', async () => {
  const { model, run } = await looking(FAULTS, UPLOAD);
  press(model, '/ "finding" enter');
  settle(model);
  const path = folder.file('both.pcapng');
  press(model, `: "export ${path} filtered" enter`);
  expect((await exportFile(asked(model), run)).kind).toBe('done');
  // What the protocols are recognised by is not among it.
  const decoding = ['-d', 'udp.port==26999,mnet', '-d', 'tcp.port==9000,filestorage'];
  const { stdout } = await runInside('dissect', '--format', 'json', ...decoding, path);
  const protocols = (JSON.parse(stdout) as { protocol: string }[]).map(({ protocol }) => protocol);
  expect(protocols).toEqual(['mnet', 'mnet', 'mnet', 'mnet', 'mnet', 'filestorage', 'filestorage', 'filestorage']);
});

test('nothing that matches, and a filter that is still running, are answered', async () => {
  const { model } = await looking(FAULTS);
  press(model, '/ "frame > 99" enter : "export a.json filtered" enter');
  expect(barText(model, 'complaint')).toContain('still running');
  press(model, 'escape');
  settle(model);
  press(model, ': "export a.json filtered" enter');
  expect(barText(model, 'complaint')).toContain('no message matches');
});

test('what only f and * show is offered, too, alone and under a filter', async () => {
  const { model } = await looking(FAULTS);
  const frames = () => {
    const { scope } = asked(model);
    if (scope.kind !== 'filtered') throw new Error('another scope');
    return Array.from(scope.messages, message => model.history.messages.frame(message));
  };
  settle(press(model, '2 f'));
  press(model, 'x');
  expect(barText(model, 'prompt')).toContain('f 5 messages that have findings');
  press(model, 'f enter');
  expect(frames()).toEqual([2, 5, 7, 17, 20]);
  settle(press(model, '/ "type == DATA" enter'));
  press(model, 'x f enter');
  expect(frames()).toEqual([5, 7, 17, 20]);
});

test(':write writes what y would copy, and asks before it overwrites', async () => {
  const { model, run } = await looking(FAULTS);
  const path = folder.file('connection.txt');
  press(model, `: "write ${path}" enter`);
  expect(barText(model, 'prompt')).toContain(`write to ${path}`);
  press(model, 'c');
  const [effect] = model.takeEffects();
  if (effect?.kind !== 'write') throw new Error('nothing is written');
  expect(await exportFile(effect, run)).toEqual({ kind: 'done', line: `${path}: client written` });
  expect(readFileSync(path, 'utf8')).toBe('10.0.0.1:5000\n');
  expect(await exportFile(effect, run)).toEqual({ kind: 'exists' });
  model.confirmOverwrite(effect);
  press(model, 'y');
  expect(model.takeEffects()).toEqual([{ ...effect, overwrite: true }]);
  model.refuse('no permission', effect);
  expect([barText(model, 'prompt').trim(), barText(model, 'complaint').trim()]).toEqual([
    `:write ${path}`,
    'no permission',
  ]);
});

test('the capture that is looked at is not written over', async () => {
  const { run } = await looking(FAULTS);
  const effect = { kind: 'write', path: FAULTS, text: 'x', what: 'client', overwrite: true } as const;
  expect(await exportFile(effect, run)).toMatchObject({ kind: 'failed' });
});
