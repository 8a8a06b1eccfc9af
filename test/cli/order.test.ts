import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { Folder } from './captures.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const MNET = ['-d', 'udp.port==26999,mnet'];
const MINISTREAMING = ['-d', 'udp.port==7654,ministreaming'];
const FIELD = 'fixtures/field/';

interface Report {
  readonly summary: {
    readonly errors: number;
    readonly warnings: number;
    readonly verdict: string;
    readonly messages: number;
  };
  readonly notes: readonly string[];
}

async function report(name: string, ...args: readonly string[]): Promise<Report> {
  const { stdout } = await runInside('check', '--format', 'json', `${FIELD}${name}`, ...args);
  return JSON.parse(stdout);
}

test.each([
  ['5a-neighbours-swapped-mnet.pcap', MNET],
  ['5b-two-taps-appended-mnet.pcap', [...MNET, '--sort']],
  ['5c-two-taps-appended-ministreaming.pcap', [...MINISTREAMING, '--sort']],
  ['8-udp-gso-mnet.pcap', MNET],
])('%s: nothing found, conformant, nothing to note about the order', async (name, args) => {
  const { summary, notes } = await report(name, ...args);
  expect(summary).toMatchObject({ errors: 0, warnings: 0, verdict: 'conformant' });
  expect(notes.filter(note => note.includes('backwards'))).toEqual([]);
});

test.each([
  ['5b-two-taps-appended-mnet.pcap', MNET, 'time runs backwards by 0.009 s at frame 7; --sort'],
  ['5c-two-taps-appended-ministreaming.pcap', MINISTREAMING, 'time runs backwards by 0.003 s at frame 4; --sort'],
])('%s without --sort: nothing found, and a note that names it', async (name, args, note) => {
  const { summary, notes } = await report(name, ...args);
  expect(summary).toMatchObject({ errors: 0, warnings: 0 });
  expect(notes).toContainEqual(expect.stringContaining(note));
});

test.each([
  ['3a-mirrored-ministreaming.pcap', MINISTREAMING, 6],
  ['3b-mirrored-vlan-ministreaming.pcap', MINISTREAMING, 6],
  ['3c-routed-twice-ministreaming.pcap', MINISTREAMING, 6],
  ['3d-any-device-ministreaming.pcap', MINISTREAMING, 6],
  ['ministreaming-twice.pcapng', MINISTREAMING, 6],
  ['7a-fragments-mirrored-id-reused-mnet.pcap', MNET, 20],
])('%s: nothing found, and a note with the count', async (name, args, copies) => {
  const { summary, notes } = await report(name, ...args);
  expect(summary).toMatchObject({ errors: 0, warnings: 0, verdict: 'conformant' });
  expect(notes).toContainEqual(expect.stringContaining(`${copies} packets captured once more`));
});

test.each(['7b-tail-of-lost-datagram-mnet.pcap'])('%s: nothing found', async name => {
  expect((await report(name, ...MNET)).summary).toMatchObject({ errors: 0, warnings: 0, messages: 11 });
});

test('dissect --sort prints in the order of time, with the numbers of the capture, from a file, packed or through a pipe', async () => {
  const bytes = readFileSync(`${FIELD}5c-two-taps-appended-ministreaming.pcap`);
  const packed = folder.file('packed.pcap.gz', gzipSync(bytes));
  const args = ['dissect', '--sort', '--format', 'ndjson', ...MINISTREAMING];
  const numbers = (text: string) =>
    text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).frame);
  for (const path of [`${FIELD}5c-two-taps-appended-ministreaming.pcap`, packed]) {
    expect(numbers((await runInside(...args, path)).stdout)).toEqual([1, 4, 2, 5, 3, 6]);
  }
  const { stdout, code } = await wirelint([...args, '-'], { input: bytes });
  expect(code).toBe(0);
  expect(numbers(stdout)).toEqual([1, 4, 2, 5, 3, 6]);
});

test('dissect --frame finds a frame that time has moved', async () => {
  const { stdout } = await runInside('dissect', '--frame', '3', `${FIELD}5a-neighbours-swapped-mnet.pcap`, ...MNET);
  expect(stdout).toContain('COOKIE-ACK');
});

test('a capture with more frames than --sort may hold is refused in one line', async () => {
  const { code, stderr } = await runInside('check', '--sort', '--limit', 'sort-frames=5', `${FIELD}ok-mnet.pcap`);
  expect(code).toBe(3);
  expect(stderr).toContain('has more than the 5 frames that --sort takes (--limit sort-frames=N)');
});

test('inspect refuses to sort what it is to follow', async () => {
  const { code, stderr } = await runInside('inspect', '--sort', '--follow', `${FIELD}ok-mnet.pcap`);
  expect(code).toBe(2);
  expect(stderr).toContain('--sort waits for the end of a capture, which --follow never sees');
});
