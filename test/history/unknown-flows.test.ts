import { describe, expect, test } from 'vitest';
import type { UnknownFlow } from '../../src/history/unknown-flows.ts';
import { formatEndpoint } from '../../src/net/address.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { historyOf } from '../kit/history.ts';
import { TcpTalk } from '../kit/tcp.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytesOf = (payload: string) => Uint8Array.from(Buffer.from(payload, 'latin1'));
const told = ({ transport, ends, sent, frame, begun, last }: UnknownFlow) => ({
  flow: `${transport} ${ends.map(formatEndpoint).join(' ')}`,
  sent: sent.map(({ packets, bytes, first }) => `${packets} ${bytes} ${text(first)}`),
  frame,
  seconds: [begun.seconds, last.seconds],
});

/** Captures one behind the other, without their file headers but the first. */
const joined = (...captures: readonly Uint8Array[]) =>
  concat(...captures.map((capture, index) => (index === 0 ? capture : capture.subarray(24))));

describe('datagrams that no protocol knows', () => {
  test('are listed by their ends, with what passed each way and the first bytes of each side', async () => {
    const at = (from: string, to: string, payload: string, seconds: number) => ({
      bytes: udpFrame(from, to, bytesOf(payload)),
      seconds,
    });
    const { history } = await historyOf(
      pcap([
        at('10.0.0.1:4000', '10.0.0.2:53', 'question', 1),
        at('10.0.0.2:53', '10.0.0.1:4000', 'answer', 2),
        at('10.0.0.1:4000', '10.0.0.2:53', 'again', 3),
        at('[2001:db8::1]:1', '[2001:db8::2]:2', '', 4),
      ]),
    );
    expect(history.unknown.list.map(told)).toEqual([
      { flow: 'udp 10.0.0.1:4000 10.0.0.2:53', sent: ['2 13 question', '1 6 answer'], frame: 1, seconds: [1, 3] },
      { flow: 'udp [2001:db8::1]:1 [2001:db8::2]:2', sent: ['1 0 ', '0 0 '], frame: 4, seconds: [4, 4] },
    ]);
  });

  test('are not those of a protocol', async () => {
    const { history } = await historyOf('mnet/lossy.pcap');
    expect(history.unknown.list).toEqual([]);
  });
});

describe('connections that no protocol knows', () => {
  test('are listed with their handshake, whichever side speaks first', async () => {
    const ssh = new TcpTalk({ server: '10.0.0.2:22' })
      .open()
      .server('SSH-2.0-OpenSSH\r\n')
      .client('SSH-2.0-x\r\n')
      .close();
    const silent = new TcpTalk({ client: '10.0.0.1:40001', server: '10.0.0.2:81', seconds: 2_000 }).syn();
    const { history } = await historyOf(joined(ssh.pcap(), silent.pcap()));
    expect(history.unknown.list.map(told)).toEqual([
      {
        flow: 'tcp 10.0.0.1:40000 10.0.0.2:22',
        sent: ['5 11 SSH-2.0-x\r\n', '3 17 SSH-2.0-OpenSSH\r\n'],
        frame: 1,
        seconds: [1_000, 1_007],
      },
      { flow: 'tcp 10.0.0.1:40001 10.0.0.2:81', sent: ['1 0 ', '0 0 '], frame: 9, seconds: [2_000, 2_000] },
    ]);
    expect(history.connections.count).toBe(0);
  });

  test('come once for all connections between the same ends', async () => {
    const first = new TcpTalk().open().client('one').close();
    const second = new TcpTalk({ seconds: 5_000, isns: [900_000, 1_900_000] }).open().client('two').server('2').close();
    const { history } = await historyOf(joined(first.pcap(), second.pcap()));
    expect(history.unknown.list.map(told)).toEqual([
      {
        flow: 'tcp 10.0.0.1:40000 10.0.0.2:7000',
        sent: ['10 6 one', '5 1 2'],
        frame: 1,
        seconds: [1_000, 5_007],
      },
    ]);
  });

  test('are not those that a protocol has claimed, nor what is sent after their end', async () => {
    const { history } = await historyOf(['filestorage/2020-01-04-upload.pcap', 'mqtt/mosquitto-paho-5-session.pcap']);
    expect(history.unknown.list).toEqual([]);
    expect(history.unknown.beyond).toBe(0);
  });
});

test('every packet that no protocol claims is in a flow of the list, with segments that begin none aside', async () => {
  for (const path of [
    'tcp/whois.pcap',
    'tcp/pptp.pcap',
    'captures/ssh.pcap',
    'captures/dns_tcp.pcap',
    'tcp/zmtp1.pcap',
  ]) {
    const { history, engine } = await historyOf(path);
    const { list } = history.unknown;
    const packets = list.reduce((sum, { sent }) => sum + sent[0].packets + sent[1].packets, 0);
    expect(list.length, path).toBeGreaterThan(0);
    expect(packets, path).toBeLessThanOrEqual(engine.report().summary.packets);
    expect(packets, path).toBeGreaterThan(engine.report().summary.packets / 2);
  }
});

test('beyond the most that are listed, packets are counted', async () => {
  const frames = Array.from({ length: 10 }, (_, index) => ({
    bytes: udpFrame(`10.0.0.1:${5000 + (index % 5)}`, '10.0.0.2:53', bytesOf('x')),
    seconds: index,
  }));
  const { history } = await historyOf(pcap(frames), {}, undefined, 3);
  expect(history.unknown.list.map(({ sent }) => sent[0].packets)).toEqual([2, 2, 2]);
  expect(history.unknown.beyond).toBe(4);
});

test('nobody notes them where nobody asks', async () => {
  const { history } = await historyOf('tcp/whois.pcap', {}, undefined, 0);
  expect([history.unknown.isKept, history.unknown.list, history.unknown.beyond]).toEqual([false, [], 0]);
});
