/** Which messages belong together: as the index keeps it, as trackers say it, and as it is shown. */
import { describe, expect, test } from 'vitest';
import { MOST_OF_EXCHANGE, Pairs } from '../../src/history/pairs.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { MessageJson } from '../../src/report/message-json.ts';
import { parseDecodeAs } from '../../src/settings/words.ts';
import { check, framed, Traffic } from '../../src/testkit.ts';
import { pairWords } from '../../src/tui/model/pairing.ts';
import { ask } from '../kit/ask.ts';
import { historyOf, type PastRun } from '../kit/history.ts';
import { mqtt } from '../kit/mqtt.ts';
import { MqttNet } from '../kit/mqtt-net.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';
const decodeAs = ['tcp.port==2000,ask', 'udp.port==2000,ask'];

function entered(...links: readonly (readonly [message: number, earlier: number])[]): Pairs {
  const pairs = new Pairs();
  for (const [message, earlier] of links) pairs.add(message, earlier);
  return pairs;
}

describe('the index', () => {
  test('of a request and its answer has each from the other', () => {
    const pairs = entered([7, 3]);
    expect([pairs.earlier(7), pairs.later(7), pairs.exchange(7)]).toEqual([3, [], [3, 7]]);
    expect([pairs.earlier(3), pairs.later(3), pairs.exchange(3)]).toEqual([-1, [7], [3, 7]]);
    expect([pairs.earlier(5), pairs.later(5), pairs.exchange(5)]).toEqual([-1, [], [5]]);
  });

  test('of a delivery in four messages, each of which continues the one before, has all from any', () => {
    const pairs = entered([12, 10], [13, 12], [20, 13]);
    for (const message of [10, 12, 13, 20]) expect(pairs.exchange(message)).toEqual([10, 12, 13, 20]);
    expect([pairs.earlier(20), pairs.later(10), pairs.later(12)]).toEqual([13, [12], [13]]);
  });

  test('of a request that is answered several times has all answers, in order', () => {
    const pairs = entered([2, 0], [5, 1], [3, 0], [9, 0]);
    expect([pairs.later(0), pairs.exchange(3), pairs.exchange(1)]).toEqual([
      [2, 3, 9],
      [0, 2, 3, 9],
      [1, 5],
    ]);
  });

  test('goes over no more than a part of an exchange without an end', () => {
    const pairs = new Pairs();
    for (let message = 1; message < 200_000; message++) pairs.add(message, message - 1);
    const near = pairs.exchange(100_000);
    expect([near.length, near[0]]).toEqual([MOST_OF_EXCHANGE, 100_000]);
    expect([pairs.earlier(100_000), pairs.later(100_000)]).toEqual([99_999, [100_001]]);
  });
});

describe('a tracker of tables', () => {
  test('tells of each answer the request, by its key or its turn', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(ANN, BOB);
    talk.client(framed('length16', '01 0001')).client(framed('length16', '01 0002'));
    talk.server(framed('length16', '02 0002')).server(framed('length16', '02 0001'));
    talk.client(framed('length16', '03')).server(framed('length16', '04')).server(framed('length16', '02 0009'));
    const { messages } = await check(ask(), traffic, { decodeAs });
    expect(messages.map(({ frame, answers }) => [frame, answers])).toEqual([
      [4, undefined],
      [5, undefined],
      [6, 5],
      [7, 4],
      [8, undefined],
      [9, 8],
      [10, undefined],
    ]);
  });

  test('tells of an answer that comes again the request, the latest copy of it', async () => {
    const traffic = new Traffic();
    traffic.datagram(ANN, BOB, '01 0001').datagram(ANN, BOB, '01 0001');
    traffic.datagram(BOB, ANN, '02 0001').datagram(BOB, ANN, '02 0001');
    const { messages } = await check(ask(true), traffic, { decodeAs });
    expect(messages.map(({ answers }) => answers)).toEqual([undefined, undefined, 2, 2]);
  });
});

async function lookedAt(traffic: Traffic): Promise<PastRun> {
  const protocols = [ask()];
  return historyOf([traffic.pcap(), traffic.pcap()], {
    protocols,
    decodeAs: decodeAs.map(text => parseDecodeAs(text, protocols)),
  });
}

describe('the history', () => {
  test('tells messages of one frame apart, in each of its captures', async () => {
    const traffic = new Traffic();
    const both = '0003 01 0001  0003 01 0002';
    traffic.connect(ANN, BOB).client(both).server('0003 02 0002  0003 02 0001');
    const { history } = await lookedAt(traffic);
    const { messages, pairs } = history;
    expect(Array.from({ length: 8 }, (_, message) => messages.frame(message))).toEqual([4, 4, 5, 5, 4, 4, 5, 5]);
    expect(Array.from({ length: 8 }, (_, message) => pairs.earlier(message))).toEqual([-1, -1, 1, 0, -1, -1, 5, 4]);
  });

  test('gives both sides of a pair to what is exported', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).client('0003 01 0001').server('0003 02 0001');
    const { history, bytes } = await lookedAt(traffic);
    const json = new MessageJson({ format: 'ndjson', hex: false });
    const [question, answer] = [0, 1].map(message => JSON.parse(json.message(history.recall(message, bytes))));
    expect([question.answers, question.answeredBy]).toEqual([undefined, [{ frame: 5, ordinal: 2 }]]);
    expect([answer.answers, answer.answeredBy]).toEqual([{ frame: 4, ordinal: 1 }, undefined]);
  });

  test('tells an answer from what its own side goes on with, in a later connection too, as the tracker does', async () => {
    const v4 = mqtt(4);
    const net = new MqttNet();
    const connect = v4.connect({ clientId: 'c', clean: false });
    const publish = (dup: boolean) => v4.publish({ topic: 't', qos: 2, id: 7, dup });
    const first = net.open('first').client(connect).server(v4.connack());
    first
      .client(v4.subscribe(1, [['t', 2]]))
      .server(v4.suback(1, [2]))
      .server(publish(false))
      .fin('client')
      .fin('server');
    const second = net
      .open('second')
      .client(connect)
      .server(v4.connack(0, { sessionPresent: true }));
    second.server(publish(true)).client(v4.pubrec(7)).server(v4.pubrel(7)).client(v4.pubcomp(7));
    const seen: (readonly unknown[])[] = [];
    const read = ({ name, answers }: SeenMessage) => [name, answers?.ordinal, answers?.isContinued === true];
    const { history, bytes } = await historyOf(net.pcap(), {}, message => seen.push(read(message)));
    const numbers = Array.from({ length: history.messages.count }, (_, number) => number);
    const again = numbers.map(number => read(history.recall(number, bytes)));
    expect(again).toEqual(seen);
    expect(again).toEqual([
      ['CONNECT', undefined, false],
      ['CONNACK', 1, false],
      ['SUBSCRIBE', undefined, false],
      ['SUBACK', 3, false],
      ['PUBLISH', undefined, false],
      ['CONNECT', undefined, false],
      ['CONNACK', 6, false],
      ['PUBLISH', 5, true],
      ['PUBREC', 8, false],
      ['PUBREL', 9, false],
      ['PUBCOMP', 10, false],
    ]);
    expect(history.pairs.exchange(4)).toEqual([4, 7, 8, 9, 10]);
    const json = new MessageJson({ format: 'ndjson', hex: false });
    const [early, late] = [4, 7].map(number => JSON.parse(json.message(history.recall(number, bytes))));
    expect([early.continuedBy.length, early.answeredBy]).toEqual([1, undefined]);
    expect([late.continues.ordinal, late.answers, late.answeredBy[0].ordinal]).toEqual([5, undefined, 9]);
    expect([4, 7].map(number => pairWords(history, number))).toEqual([
      expect.stringMatching(/^goes on in \d+$/),
      expect.stringMatching(/^is answered in \d+, continues \d+ after 0\.\d+ s$/),
    ]);
  });

  test('of a protocol with a tracker of its own has them too', async () => {
    const { history } = await historyOf('filestorage/2020-01-02-pipelined.pcap');
    const { messages, pairs } = history;
    const frames = Array.from(history.connections.messagesOf(1), message => [
      messages.frame(message),
      pairs.later(message).map(later => messages.frame(later)),
    ]);
    expect(frames).toEqual([
      [4, [6]],
      [6, []],
      [8, [17]],
      [10, [19]],
      [12, [21]],
      [14, [23]],
      [17, []],
      [19, []],
      [21, []],
      [23, []],
    ]);
  });
});
