import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureError, type CaptureFacts, type CaptureTime, type Frame } from '../../src/capture/source.ts';
import { requireTool, runTool } from '../kit/tools.ts';

interface Expected {
  readonly packets: number;
  readonly times: readonly [first: string, last: string] | null;
  readonly fileType: string;
  readonly source: string;
  readonly linkTypes: readonly number[];
}

const folder = join(import.meta.dirname, '../../fixtures/captures');
const corpus: Record<string, Expected> = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const names = Object.keys(corpus);

/** What pcap-parser does not read. */
const beyondPcapParser = names.filter(name => corpus[name].fileType !== 'pcap');

/** Files of which tshark prints the very times and lengths that stand in the records. */
const literalInTshark = [
  'mnet-echo-small.pcap',
  'two-interfaces-nanoseconds.pcapng',
  'tcp-handshake-nano.pcap',
  'time_2106_max.pcap',
  'bigtcp-ipv4.pcap',
  'ipoib.pcap',
  'dns_tcp.pcap',
  'empty.pcap',
];

test('the corpus is listed in full', () => {
  expect(names).toEqual(
    readdirSync(folder)
      .filter(file => /\.pcap(ng)?$/.test(file))
      .sort(),
  );
});

test.each(names)('%s: packets, times and link types are those that capinfos or tcpdump see', async name => {
  const { facts, lines } = await readAll(name, 'wirelint');
  const { packets, times, linkTypes } = corpus[name];
  expect(facts).toMatchObject({ packets, linkTypes, complete: true });
  expect(lines).toHaveLength(packets);
  expect(timesOf(facts)).toEqual(times === null ? [] : times.map(inNanoseconds));
  const digits = times?.map(time => time.split('.')[1].length);
  expect(facts.lastTime?.digits).toBe(digits?.[1]);
});

test.each(names.filter(name => !beyondPcapParser.includes(name)))('%s: both readers see the same', async name => {
  const ours = await readAll(name, 'wirelint');
  const theirs = await readAll(name, 'pcap-parser');
  expect(theirs.lines).toEqual(ours.lines);
  expect({ ...theirs.facts, description: '' }).toEqual({ ...ours.facts, description: '' });
});

test.each(beyondPcapParser)('%s: pcap-parser refuses what it cannot read', async name => {
  await expect(readAll(name, 'pcap-parser')).rejects.toThrow(CaptureError);
});

test.each(literalInTshark)('%s: tshark sees the same time stamps and lengths of each frame', async name => {
  if (!requireTool('tshark')) return;
  const fields = ['frame.number', 'frame.time_epoch', 'frame.len', 'frame.cap_len'].flatMap(field => ['-e', field]);
  const printed = runTool('tshark', ['-n', '-r', join(folder, name), '-T', 'fields', ...fields]);
  const { lines } = await readAll(name, 'wirelint');
  expect(lines).toEqual(printed.split('\n').filter(line => line !== ''));
});

async function readAll(
  name: string,
  reader: 'wirelint' | 'pcap-parser',
): Promise<{ facts: CaptureFacts; lines: string[] }> {
  const source = await openCapture(join(folder, name), { reader });
  const lines: string[] = [];
  await source.read(frame => lines.push(asTshark(frame)));
  return { facts: source.facts, lines };
}

/** As `tshark -T fields` prints the four fields. */
function asTshark({ number, seconds, nanoseconds, wireLength, start, end }: Frame): string {
  return [number, `${seconds}.${String(nanoseconds).padStart(9, '0')}`, wireLength, end - start].join('\t');
}

function timesOf({ firstTime, lastTime }: CaptureFacts): bigint[] {
  const nanoseconds = (time: CaptureTime): bigint => BigInt(time.seconds) * 10n ** 9n + BigInt(time.nanoseconds);
  return [firstTime, lastTime].filter(time => time !== undefined).map(nanoseconds);
}

function inNanoseconds(time: string): bigint {
  const [seconds, fraction] = time.split('.');
  return BigInt(seconds + fraction.padEnd(9, '0'));
}
