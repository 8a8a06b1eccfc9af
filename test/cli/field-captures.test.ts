/** Captures that went wrong in the field, read as users read them: from a file, through a pipe, and packed. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readFixture } from './captures.ts';
import { runInside } from './host.ts';
import { wirelint } from './run.ts';

const MNET = ['-d', 'udp.port==26999,mnet', '--format', 'json'];
const field = (name: string) => `fixtures/field/${name}`;

describe.each([
  ['1-gzip-zero-padding.pcap.gz', []],
  ['2-gzip-trailing-bytes.pcap.gz', [/: bytes after the gzip data were skipped \(39\)$/]],
  ['9-length-not-rounded.pcapng', []],
  ['10-vlan-9200-mnet.pcap', []],
])('%s', (name, notes) => {
  const conformant = (stdout: string) => {
    const report = JSON.parse(stdout);
    expect(report.summary).toMatchObject({ packets: 11, messages: 11, errors: 0, warnings: 0, verdict: 'conformant' });
    expect(report.notes).toEqual(notes.map(note => expect.stringMatching(note)));
  };

  test('is conformant', async () => {
    const { code, stdout, stderr } = await runInside('check', field(name), ...MNET);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    conformant(stdout);
  });

  test('through a pipe, too', async () => {
    const { code, stdout } = await wirelint(['check', '-', ...MNET], { input: readFixture(field(name)) });
    expect(code).toBe(0);
    conformant(stdout);
  });
});

test.each([
  ['check', 'never-resolves.gz'],
  ['dissect', 'never-resolves.gz'],
])('%s %s: no capture, in one line, exit code 3, at once', async (command, name) => {
  const stderr = `wirelint: ${field(name)}: is empty when unpacked\n`;
  expect(await wirelint([command, field(name)])).toEqual({ code: 3, stdout: '', stderr });
  const piped = await wirelint([command, '-'], { input: readFixture(field(name)) });
  expect(piped).toMatchObject({ code: 3, stderr: 'wirelint: standard input: is empty when unpacked\n' });
});

test('ministreaming-f5-epb-dropcount.pcapng: nobody is accused where a packet counts the dropped ones before it', async () => {
  const args = [
    field('ministreaming-f5-epb-dropcount.pcapng'),
    '-d',
    'udp.port==7654,ministreaming',
    '--format',
    'json',
  ];
  const { code, stdout } = await runInside('check', ...args);
  const report = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(report.captures).toMatchObject([{ dropped: 3, complete: true }]);
  expect(report.summary).toMatchObject({ errors: 0, warnings: 0, verdict: 'inconclusive' });
});

test('gzip in gzip is refused with the way out', async () => {
  const packed = gzipSync(gzipSync('x'));
  const stderr = 'wirelint: standard input: is packed with gzip twice: unpack it first (gzip -d)\n';
  expect(await wirelint(['check', '-'], { input: packed })).toEqual({ code: 3, stdout: '', stderr });
});
