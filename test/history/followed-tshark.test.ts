/** What is followed is what tshark follows: the bytes of each side, in the same rows, in the same order. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { FollowedStream } from '../../src/history/followed-stream.ts';
import { ChunkRows } from '../../src/history/stream-rows.ts';
import { followed } from '../kit/following.ts';
import { fixtureBytes, historyOf, type PastRun } from '../kit/history.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const CASES = [
  { capture: 'filestorage/2019-12-auth.pcap', protocol: 'tcp' },
  { capture: 'filestorage/2020-01-02-pipelined.pcap', protocol: 'tcp' },
  { capture: 'mqtt/mosquitto-paho-311-large.pcap', protocol: 'tcp' },
  { capture: 'mqtt/mosquitto-mqttjs-5-alias.pcap', protocol: 'tcp' },
  { capture: 'mnet/echo-small.pcap', protocol: 'udp' },
  { capture: 'mnet/lossy.pcap', protocol: 'udp' },
];

/** Both peers' rows as tshark prints them: offset, bytes, characters without the blank in their middle. */
function tsharkRows(capture: string, protocol: string, number: number): string[] {
  const text = runTool('tshark', ['-r', `fixtures/${capture}`, '-q', '-z', `follow,${protocol},hex,${number}`]);
  return text
    .toLowerCase()
    .split('\n')
    .filter(line => /^\t?[0-9a-f]{8} {2}/.test(line));
}

const inWords = (row: string) => {
  const bytes = row.trimStart().slice(10, 10 + 48);
  return `${row.startsWith('\t') ? 'server' : 'client'} ${row.trimStart().slice(0, 8)} ${bytes.trim().replace(/ +/g, ' ')}`;
};

function ownRows(stream: FollowedStream): string[] {
  const rows = new ChunkRows(stream, 'hex', 'both', 80);
  while (rows.run(Number.POSITIVE_INFINITY, () => 0));
  return Array.from({ length: rows.count }, (_, row) => rows.row(row))
    .filter(({ isMissing }) => !isMissing)
    .map(({ side, lead, text }) => `${side === 1 ? '\t' : ''}${lead}${text}`);
}

describe.runIf(requireTool('tshark')).each(CASES)('$capture', ({ capture, protocol }) => {
  let past: PastRun;
  beforeAll(async () => {
    past = await historyOf(capture);
  });

  test('has the rows of follow,hex', async () => {
    const stream = await followed(past, 1, fixtureBytes(capture));
    const { connections } = past.history;
    const port = connections.address(1, connections.clientSide(1)).port;
    const number = runTool('tshark', [
      '-r',
      `fixtures/${capture}`,
      '-Y',
      `${protocol}.port == ${port}`,
      '-T',
      'fields',
      '-e',
      `${protocol}.stream`,
    ]).split('\n')[0];
    const expected = tsharkRows(capture, protocol, Number(number)).map(inWords);
    expect(expected.length).toBeGreaterThan(3);
    expect(ownRows(stream).map(inWords)).toEqual(expected);
  });
});
