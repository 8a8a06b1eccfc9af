/** The tracker that protocols of one connection a flow share, seen through two of them: TOY on datagrams, WORD on TCP. */
import { describe, expect, test } from 'vitest';
import { FlowTracker, type Protocol } from '../../src/sdk.ts';
import { found, run, tally } from '../../src/testkit/engine.ts';
import { check, Traffic } from '../../src/testkit.ts';
import { toy } from '../kit/toy.ts';
import { word } from '../kit/word.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';
const A = `${ANN} > ${BOB}`;
const B = `${BOB} > ${ANN}`;
const decodeAs = ['tcp.port==2000,word'];

describe('a message', () => {
  test('that breaks a rule of the machine is not judged for its content, and the connection goes on', async () => {
    const traffic = new Traffic().datagram(ANN, BOB, '01 0009 61').datagram(ANN, BOB, '01 0009 61');
    const options = { decodeAs: ['udp.port==2000,toy'], dialect: ['toy.order=big'], midstream: 'never' } as const;
    expect((await check(toy, traffic, options)).findings).toEqual(['toy/hello-first 1', 'toy/count 2']);
  });

  test('that is malformed moves no state, and counts as sent', async () => {
    const traffic = new Traffic().datagram(ANN, BOB, '00 0001').datagram(BOB, ANN, '00 0002').datagram(BOB, ANN, '');
    const { findings, connections, messages } = await check(toy, traffic);
    expect(findings).toEqual(['toy/length 3']);
    expect(connections).toMatchObject([{ state: 'TALKING', messages: 3, verdict: 'violations' }]);
    expect(messages[2].name).toBe('unknown type');
  });

  test('is judged in the light of those before it, not of itself', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).client('0001 61').server('0001 61').client('0001 62');
    expect((await check(word, traffic, { decodeAs })).findings).toEqual(['word/repeated 5']);
  });

  test('that the snap length cut before its fields end makes its connection inconclusive', () => {
    const report = run(
      [toy],
      [
        [
          [A, '00 0001'],
          [B, '00 0002'],
          [A, '01 0002 6869', 1002, { end: 16 + 42 + 2 }],
        ],
      ],
    );
    expect(found(report)).toEqual([]);
    expect(report.connections).toMatchObject([{ verdict: 'inconclusive' }]);
  });
});

describe('the memory', () => {
  test('is that of one connection: another one, and the next on the same ports, begin with none', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).client('0001 61').close();
    traffic.connect('10.0.0.3:1', BOB).client('0001 61').close();
    traffic.connect(ANN, BOB).client('0001 61').close();
    const { findings, connections } = await check(word, traffic, { decodeAs });
    expect(findings).toEqual([]);
    expect(connections.map(({ verdict }) => verdict)).toEqual(['conformant', 'conformant', 'conformant']);
  });

  test('proves nothing once bytes were lost: what rests on the history is inconclusive', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(ANN, BOB).client('0001 61');
    talk.client('0001 62', { captured: false }).server('0001 63').client('0001 61');
    const { report } = await check(word, traffic, { decodeAs });
    expect(found(report)).toEqual([]);
    expect(tally(report, 'word/repeated')).toEqual([1, 0, 2]);
  });
});

describe('roles', () => {
  const answering: Protocol<unknown> = {
    ...(word as Protocol<unknown>),
    rules: [],
    createTracker: (host, message) =>
      new FlowTracker<undefined>(host as never, message, {
        layouts: word.layouts,
        machine: word.machine,
        typeOf: () => 0,
        remember: () => undefined,
        opening: [],
        answers: ['WORD'],
        midstream: 'OPEN',
      }),
  };

  test('are those of the handshake, where it was seen', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).server('0001 61');
    expect((await check(answering, traffic, { decodeAs })).connections).toMatchObject([{ client: ANN }]);
  });

  test('are known from a message that only servers send, where it was not', async () => {
    const traffic = new Traffic();
    traffic.join(ANN, BOB).server('0001 61');
    const both = { decodeAs: ['tcp.port==1000-2000,word'] };
    expect((await check(answering, traffic, both)).connections).toMatchObject([{ client: ANN, server: BOB }]);
    expect((await check(word, traffic, both)).connections).toMatchObject([{ client: BOB, server: ANN }]);
  });

  test('are known from the port that is mapped, where only one of them is', async () => {
    const traffic = new Traffic();
    traffic.join(ANN, BOB).server('0001 61');
    expect((await check(word, traffic, { decodeAs })).connections).toMatchObject([{ client: ANN, server: BOB }]);
  });
});

test('what is about the carrier alone belongs to the connection, too', async () => {
  const traffic = new Traffic();
  traffic.connect(ANN, BOB).client('0005 61').close();
  const { findings, connections } = await check(word, traffic, { decodeAs });
  expect(findings).toEqual(['framing/truncated 4']);
  expect(connections).toMatchObject([{ client: ANN, messages: 0, verdict: 'violations' }]);
});
