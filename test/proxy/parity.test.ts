/**
 * One path: what is judged live is what is recorded, and what was said before is judged the same when it is said again
 * through the proxy. Recorded conversations are played again by scripted peers, at the times at which they were captured.
 */
import { test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import {
  checked,
  datagramsIn,
  expectParity,
  expectSoundRecording,
  type Outcome,
  type Story,
  streamsIn,
  throughProxy,
  withLengths,
} from '../kit/parity.ts';
import type { Script, Transport } from '../kit/peers.ts';
import { placesOf } from '../kit/portion.ts';
import { SERVER } from '../kit/tcp.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

interface Recorded extends Story {
  readonly capture: string;
}

function expectSame(outcome: Outcome, captured: RunReport): void {
  expectParity(outcome, captured);
  expectSoundRecording(outcome.recording);
}

const MINISTREAMING: readonly Recorded[] = [
  { capture: 'ministreaming/2009-http.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/2009-multiplexed.pcap', protocol: 'ministreaming' },
  { capture: 'ministreaming/faults.pcap', protocol: 'ministreaming' },
];

const DATAGRAMS: readonly Recorded[] = [
  { capture: 'mnet/echo-small.pcap' },
  { capture: 'mnet/echo-large.pcap' },
  { capture: 'mnet/lossy.pcap' },
  { capture: 'mnet/faults.pcap' },
  ...MINISTREAMING,
];

/** A capture of datagrams, as `check` judges it. */
async function datagramReport(path: string, { protocol }: Recorded, { flows }: Script): Promise<RunReport> {
  const port = portOf(flows[0][SERVER]);
  const decodeAs = protocol ? [{ transport: 'udp' as const, from: port, to: port, protocol }] : [];
  return checked(await openCapture(path), { ...DEFAULT_ENGINE_OPTIONS, protocols, decodeAs, capture: 'complete' });
}

const portOf = (endpoint: string) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));

test.each(DATAGRAMS)('datagrams of $capture', async story => {
  const path = FIXTURES + story.capture;
  const script = await datagramsIn(path);
  expectSame(await throughProxy(story, script, 'udp'), await datagramReport(path, story, script));
});

const LENGTHS = { tcp: 2, tls: 4, unix: 4, 'unix-seqpacket': 2 } as const;
const OVER = ['tcp', 'tls', 'unix', 'unix-seqpacket'] as const satisfies readonly Transport[];

/** Each story over some transport, and each transport with some story; all with all where all sweeps are taken. */
function carried(stories: readonly Recorded[]) {
  return stories.flatMap((story, turn) =>
    placesOf(OVER.length, stories.length, turn).map(place => ({ ...story, over: OVER[place] })),
  );
}

test.each(carried(MINISTREAMING).map(story => ({ ...story, octets: LENGTHS[story.over] })))(
  'messages of $capture behind $octets octets of length over $over',
  async ({ over, octets, ...story }) => {
    const path = FIXTURES + story.capture;
    const script = await datagramsIn(path);
    const dialect = { 'ministreaming.framing': `length${8 * octets}` };
    const outcome = await throughProxy({ ...story, dialect }, withLengths(script, octets), over);
    expectSame(outcome, await datagramReport(path, story, script));
  },
);

const STREAMS: readonly Recorded[] = [
  { capture: 'filestorage/2020-01-04-upload-tcpd.pcap' },
  { capture: 'filestorage/2020-01-02-pipelined.pcap' },
  { capture: 'filestorage/2019-12-auth-tcpd.pcap' },
  { capture: 'filestorage/libipc-pong.pcap' },
];

test.each(carried(STREAMS))('streams of $capture over $over', async ({ over, ...story }) => {
  const path = FIXTURES + story.capture;
  const outcome = await throughProxy(story, await streamsIn(await openCapture(path)), over);
  const captured = await checked(await openCapture(path), {
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    capture: 'complete',
  });
  expectSame(outcome, captured);
});
