/** What our reassembly delivers is what tshark follows. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import { formatEndpoint } from '../../src/net/address.ts';
import { UNPLACED } from '../../src/net/extents.ts';
import { FlowTable } from '../../src/net/flow-table.ts';
import { TcpStreams } from '../../src/net/reassembly.ts';
import { StreamMemory } from '../../src/storage/stream-memory.ts';
import { FIN } from '../../src/testkit/packet.ts';
import { newDecoder } from '../kit/decoded.ts';
import { CLIENT, SERVER, TcpTalk } from '../kit/tcp.ts';
import { requireTool, runTool } from '../kit/tools.ts';

/** Of one connection, by sender: hexadecimal, gaps as tshark writes them, but for those at the end, which it does not write. */
type Followed = Readonly<Record<string, string>>;

/** Streams that tshark is asked for, in one run; the one behind them must not be there, and is reported as this. */
const MOST_STREAMS = 32;
const NO_STREAM: Followed = { ':0': '' };

const FIXTURES = [
  'tcp/accecn_handshake.pcap',
  'tcp/bgp-4byte-asn.pcap',
  'tcp/bgp-infinite-loop.pcap',
  'tcp/bgp-lu-multiple-labels.pcap',
  'tcp/bgp-rt-prefix.pcap',
  'tcp/bgp_mvpn_6_and_7_oobr.pcap',
  'tcp/ldp-common-session.pcap',
  'tcp/mptcp-aa-v1.pcap',
  'tcp/of10_inv_OFPST_FLOW.pcap',
  'tcp/pptp.pcap',
  'tcp/resp_2_inline.pcap',
  'tcp/resp_3_malicious.pcap',
  'tcp/whois.pcap',
  'tcp/zmtp1.pcap',
  'captures/bigtcp-ipv4.pcap',
  'captures/dns_tcp.pcap',
  'captures/gso-ipv6.pcap',
  'captures/ipv4_tcp_http_xml.pcap',
];

const options = { isns: [2 ** 32 - 20, 2 ** 31 - 20], mss: 10 } as const;
const question = 'a question of some length, in several segments';
const answer = 'an answer, in several segments as well';
const plain = new TcpTalk(options).open().client(question).server(answer).client('').close();
const late = [0, 1, 2, 4, 3, 7, 6, 5, 9, 8, 10, 11, 12, 13, 14];

const SCRIPTED: readonly (readonly [string, TcpTalk])[] = [
  ['in order, past 2^32', plain],
  ['out of order', plain.with(late.map(index => plain.segments[index]))],
  [
    'all but the handshake doubled',
    plain.with(plain.segments.flatMap((one, index) => (index < 3 ? [one] : [one, one]))),
  ],
  [
    'sent again in other pieces',
    new TcpTalk(options)
      .open()
      .client(question.slice(0, 10))
      .client(question.slice(5, 15), { at: 5 })
      .client(question.slice(20, 30), { at: 20 })
      .client(question.slice(10, 20), { at: 10 })
      .client(question.slice(25, 35), { at: 25, flags: FIN })
      .server(answer),
  ],
  [
    'lost, and acknowledged',
    new TcpTalk(options).open().client('abc').client('ghi', { at: 6 }).server('x').client('jkl'),
  ],
  ['keep-alives', new TcpTalk(options).open().client('abc').client('', { at: 2 }).server('').client('def', { at: 3 })],
  [
    'ports used again',
    plain.with([
      ...plain.segments,
      ...new TcpTalk({ isns: [7, 9], seconds: 2_000 }).open().client('new').fin(SERVER).fin(CLIENT).segments,
    ]),
  ],
];

test.each(FIXTURES)('%s', async name => {
  if (!requireTool('tshark')) return;
  const path = join(import.meta.dirname, '../../fixtures', name);
  const theirs = followedByTshark(path);
  expect(theirs.length).toBeGreaterThan(0);
  expect(await followed(readFileSync(path))).toEqual(theirs);
});

test.each(SCRIPTED)('%s', async (_name, talk) => {
  if (!requireTool('tshark')) return;
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-'));
  try {
    const path = join(folder, 'talk.pcap');
    writeFileSync(path, talk.pcap());
    expect(await followed(talk.pcap())).toEqual(followedByTshark(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what lies behind a hole that nothing acknowledges is delivered behind a gap when the capture ends', async () => {
  const path = join(import.meta.dirname, '../../fixtures/tcp/bgp-cease-hard-reset.pcap');
  const [connection] = await followed(readFileSync(path));
  const lengths = Object.values(connection).map(data => data.replace(missing(61), '').length / 2);
  expect(lengths).toEqual([49, 65 + 23]);
});

function missing(length: number): string {
  return Buffer.from(`[${length} bytes missing in capture file]\0`).toString('hex');
}

/** All connections with bytes, in a settled order. */
async function followed(bytes: Uint8Array): Promise<Followed[]> {
  const connections: Record<string, string>[] = [];
  const current: Record<string, string>[] = [];
  const flows = new FlowTable({ limit: 1_000, idleSeconds: 1e9, seed: 1, onEvict: () => {} });
  const nameOf = (flow: number, side: number) => formatEndpoint(flows.endpoint(flow, side === 0 ? 0 : 1));
  const open = (flow: number) => {
    current[flow] = { [nameOf(flow, 0)]: '', [nameOf(flow, 1)]: '' };
    connections.push(current[flow]);
  };
  const moment = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  const streams = new TcpStreams(
    {
      restart: open,
      data: (flow, side, from, start, end) => {
        current[flow][nameOf(flow, side)] += Buffer.from(from.subarray(start, end)).toString('hex');
      },
      gap: (flow, side, length) => {
        current[flow][nameOf(flow, side)] += missing(length);
      },
      end: () => {},
      reset: () => {},
      resent: () => {},
      unseenAcknowledged: () => {},
      acknowledged: () => {},
      apart: () => {},
    },
    moment,
    new StreamMemory(1024 * 1024),
    { bytes: 1024 * 1024, streamBytes: 1024 * 1024 },
  );
  const decoder = newDecoder();
  const source = await openBytes(bytes);
  await source.read(frame => {
    moment.frame = frame.number;
    const packet = decoder.decode(frame);
    if (packet === undefined || packet.transport !== 6) return;
    const known = flows.find(packet);
    if (known < 0 && !streams.opens(packet)) return;
    const flow = known < 0 ? flows.insert(packet, 0) : known;
    if (known < 0) open(flow);
    streams.segment(flow, flows.side, packet, known < 0);
  });
  flows.forEach(flow => {
    streams.finish(flow);
  });
  return settled(connections);
}

function followedByTshark(path: string): Followed[] {
  const ask = (...args: string[]) =>
    runTool('tshark', ['-n', '-r', path, '-o', 'tcp.reassemble_out_of_order:TRUE', ...args]);
  const streams = Array.from({ length: MOST_STREAMS + 1 }, (_, stream) => stream);
  const connections: Record<string, string>[] = [];
  let nodes: string[] = [];
  for (const line of ask('-q', ...streams.flatMap(stream => ['-z', `follow,tcp,raw,${stream}`])).split('\n')) {
    const node = /^Node (\d): (.*)$/.exec(line);
    const data = /^(\t?)([0-9a-f]+)$/.exec(line);
    if (node?.[1] === '0') nodes = [node[2]];
    else if (node) {
      nodes.push(node[2]);
      connections.push({ [nodes[0]]: '', [nodes[1]]: '' });
    } else if (data) connections[connections.length - 1][nodes[data[1] === '' ? 0 : 1]] += data[2];
  }
  // The last one asked for is reported first.
  expect(connections[0]).toEqual(NO_STREAM);
  return settled(connections);
}

function settled(connections: readonly Followed[]): Followed[] {
  const gapsAtEnd = /(5b(3\d)+206279746573206d697373696e6720696e20636170747572652066696c655d00)+$/;
  return connections
    .map(connection =>
      Object.fromEntries(Object.entries(connection).map(([end, data]) => [end, data.replace(gapsAtEnd, '')])),
    )
    .filter(connection => Object.values(connection).some(data => data !== ''))
    .sort((one, other) => (JSON.stringify(sortedEntries(one)) < JSON.stringify(sortedEntries(other)) ? -1 : 1));
}

function sortedEntries(connection: Followed): [string, string][] {
  return Object.entries(connection).sort(([one], [other]) => (one < other ? -1 : 1));
}
