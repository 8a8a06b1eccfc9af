import { expect, test } from 'vitest';
import { data, SERVER_END } from '../kit/filestorage.ts';
import { historyOf } from '../kit/history.ts';
import { CLIENT, SERVER, TcpTalk } from '../kit/tcp.ts';

const MESSAGE = data(CLIENT, 1, 'a message of libipc').bytes;
const HALF = MESSAGE.length >> 1;
const talk = () => new TcpTalk({ server: SERVER_END });
const decodeAs = [{ transport: 'tcp', from: 9000, to: 9000, protocol: 'filestorage' }] as const;
const historyOver = async (conversation: TcpTalk) => (await historyOf(conversation.pcap(), { decodeAs })).history;

test('segments that do not come in order are noted by their frames', async () => {
  const conversation = talk()
    .open()
    .client(MESSAGE)
    .again()
    .client(MESSAGE.subarray(1), { at: 1 })
    .client(MESSAGE.subarray(0, 1), { at: MESSAGE.length - 1 })
    .client(MESSAGE.subarray(HALF), { at: MESSAGE.length + HALF })
    .client(MESSAGE.subarray(HALF), { at: MESSAGE.length + HALF })
    .client(MESSAGE.subarray(0, HALF), { at: MESSAGE.length })
    .client(new Uint8Array([...MESSAGE.subarray(-1), ...MESSAGE]), { at: 2 * MESSAGE.length - 1 });
  const { segments } = await historyOver(conversation);
  expect(conversation.segments.map((_, index) => segments.of(0, index + 1))).toEqual([
    'next',
    'next',
    'next',
    'next',
    'retransmission',
    'retransmission',
    'keep-alive',
    'early, after a gap',
    'out of order, or sent again, after a gap',
    'fills a gap',
    'retransmission in part',
  ]);
  expect(segments.of(1, 5)).toBe('next');
});

test('numbers count from the SYN of each side, while the connection is open and after it', async () => {
  for (const conversation of [talk().open().client(MESSAGE), talk().open().client(MESSAGE).close()]) {
    const { connections } = await historyOver(conversation);
    expect([connections.sequenceBase(1, 0), connections.sequenceBase(1, 1)]).toEqual([1_000, 50_000]);
  }
});

test('where the handshake was not captured they count from the byte before the first', async () => {
  const { segments } = talk().open().client(MESSAGE).server('').client(MESSAGE);
  const rest = talk().with(segments.slice(5)).pcap();
  const { connections } = (await historyOf(rest, { decodeAs, midstream: 'never' })).history;
  expect(connections.sequenceBase(1, 0)).toBe(1_000 + MESSAGE.length);
  // The other side has said nothing: what is acknowledged tells.
  expect(connections.sequenceBase(1, SERVER)).toBe(50_000);
});

test('a protocol over UDP has none', async () => {
  const { history } = await historyOf('mnet/echo-small.pcap');
  expect(history.connections.sequenceBase(1, 0)).toBeUndefined();
});
