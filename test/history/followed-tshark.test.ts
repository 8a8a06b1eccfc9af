/** What is followed is what tshark follows: the bytes of each side, in the same rows, in the same order. */
import { describe, expect, test } from 'vitest';
import type { FollowedStream } from '../../src/history/followed-stream.ts';
import { ChunkRows } from '../../src/history/stream-rows.ts';
import { followed } from '../kit/following.ts';
import { fixtureBytes, historyOf } from '../kit/history.ts';
import { requireTool, runTool } from '../kit/tools.ts';

/** The first stream of the capture, as tshark prints it: rows of either peer, those of the second behind a tab. */
function tsharkRows(capture: string, protocol: string, form: 'hex' | 'raw'): string[] {
  const text = runTool('tshark', ['-r', `fixtures/${capture}`, '-q', '-z', `follow,${protocol},${form},0`]);
  const row = form === 'hex' ? /^\t?[0-9a-f]{8} {2}/ : /^\t?([0-9a-f]{2})+$/;
  return text
    .toLowerCase()
    .split('\n')
    .filter(line => row.test(line));
}

/** Without the blanks between bytes and the characters, which tshark sets apart in another way. */
function plain(row: string): string {
  const [, tab, offset, bytes] = /^(\t?)([0-9a-f]{8}) {2}(.{48})/.exec(row.padEnd(80))!;
  return `${tab}${offset} ${bytes!.trim().replace(/ +/g, ' ')}`;
}

function hexRows(stream: FollowedStream): string[] {
  const rows = new ChunkRows(stream, 'hex', 'both', 80);
  while (rows.run(Number.POSITIVE_INFINITY, () => 0));
  return Array.from({ length: rows.count }, (_, row) => rows.row(row)).map(
    ({ side, lead, text }) => `${side === 1 ? '\t' : ''}${lead}${text}`,
  );
}

function rawRows(stream: FollowedStream): string[] {
  return Array.from({ length: stream.count }, (_, chunk) => {
    const hex = Buffer.from(stream.read(chunk)).toString('hex');
    return `${stream.side(chunk) === 1 ? '\t' : ''}${hex}`;
  });
}

describe.runIf(requireTool('tshark'))('tshark', () => {
  test.each([
    'filestorage/2020-01-02-pipelined.pcap',
    'mqtt/mosquitto-paho-311-large.pcap',
    'mqtt/mosquitto-mqttjs-5-alias.pcap',
  ])('has the same rows in follow,tcp,hex: %s', async capture => {
    const stream = await followed(await historyOf(capture), 1, fixtureBytes(capture));
    const expected = tsharkRows(capture, 'tcp', 'hex').map(plain);
    expect(expected.length).toBeGreaterThan(10);
    expect(hexRows(stream).map(plain)).toEqual(expected);
  });

  test.each(['mnet/echo-small.pcap', 'mnet/lossy.pcap'])(
    'has the same datagrams in follow,udp,raw: %s',
    async capture => {
      const stream = await followed(await historyOf(capture), 1, fixtureBytes(capture));
      const expected = tsharkRows(capture, 'udp', 'raw');
      expect(expected.length).toBeGreaterThan(10);
      expect(rawRows(stream)).toEqual(expected);
    },
  );
});
