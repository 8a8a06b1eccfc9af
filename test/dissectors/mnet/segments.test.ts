import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBytes } from '../../../src/capture/open.ts';
import { concat, u16, u32 } from '../../../src/testkit/bytes.ts';
import { judge, judgeCapture, type Line, parties } from '../../kit/mnet.ts';

const FIELD = join(import.meta.dirname, '../../../fixtures/field');
const { C, L } = parties();
const HANDSHAKE: readonly Line[] = [C.init(), L.cookie(), C.echo(), L.cookieAck()];

/** Several messages of one sender in one datagram. */
function uncut(...lines: readonly Line[]): Line {
  return { ...lines[0], bytes: concat(...lines.map(({ bytes }) => bytes)) };
}

describe('messages in a datagram that was captured before it was cut', () => {
  test('are judged as the messages they are, all on its frame', () => {
    const parts = [C.data(0, 40), C.data(40, 80), C.data(80, 87)];
    const { broken, report } = judge([...HANDSHAKE, uncut(...parts), L.bare(0, 87)]);
    expect(broken).toEqual([]);
    expect(report.summary).toMatchObject({ messages: 8, packets: 6 });
    expect(report.notes).toContain(
      '1 UDP datagram captured before the network card cut it (segmentation offload): each was read as several messages',
    );
  });

  test('may end with a shutdown', () => {
    const { broken, report } = judge([
      ...HANDSHAKE,
      uncut(C.data(0, 40), C.data(40, 80), C.shutdown(0)),
      L.bare(0, 80),
    ]);
    expect(broken).toEqual([]);
    expect(report.summary.messages).toBe(8);
  });

  test('8-udp-gso-mnet.pcap', async () => {
    const bytes = readFileSync(join(FIELD, '8-udp-gso-mnet.pcap'));
    const { broken, report } = await judgeCapture(await openBytes(bytes), { mapped: true });
    expect(broken).toEqual([]);
    expect(report.summary).toMatchObject({ messages: 8, packets: 6 });
  });
});

describe('what is one message stays one, with its fault', () => {
  const data = (sequence: number, stated: number, content: number) =>
    concat(
      [0],
      [0xcf, 0x74, 0x2a],
      u32(sequence, 'little'),
      u32(0, 'little'),
      u16(stated, 'little'),
      new Uint8Array(content),
    );
  const line = (bytes: Uint8Array): Line => ({ ...C.data(0, 4), bytes });

  test.each<[string, Uint8Array]>([
    ['bytes behind DATA', data(10, 10, 14)],
    ['zeros behind DATA', data(40, 40, 80)],
    ['a second part whose length field does not fit', concat(data(40, 40, 40), data(80, 39, 40))],
    ['a second part that is cut off', concat(data(40, 40, 40), data(80, 40, 20))],
    ['a second part that is longer', concat(data(40, 40, 40), data(84, 44, 44))],
  ])('%s', (_what, bytes) => {
    const { broken } = judge([...HANDSHAKE, line(bytes)]);
    expect(broken).toContainEqual({ rule: 'mnet/data-length-mismatch', frame: 5 });
  });

  test('parts that do not carry on are several messages all the same, and judged as such', () => {
    const parts = concat(data(40, 40, 40), data(90, 40, 40));
    const { broken } = judge([...HANDSHAKE, { ...C.data(0, 4), bytes: parts }]);
    expect(broken).toEqual([{ rule: 'mnet/sequence-gap', frame: 5 }]);
  });
});
