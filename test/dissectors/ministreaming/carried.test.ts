/**
 * What carries ministreaming over TCP has rules of its own. They concern no one connection of the many: a finding stands
 * on the session's messages of nobody (state NONE), on the right frame, and blames the right end.
 */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { concat, uint16, uint32 } from '../../../src/testkit/bytes.ts';
import { run, tally } from '../../../src/testkit/engine.ts';
import { ANN, BOB, type Line, link } from '../../kit/ministreaming.ts';
import { CLIENT, SERVER, TcpTalk } from '../../kit/tcp.ts';

const c = link();
const behind16 = ({ bytes }: Line) => concat(uint16(bytes.length), bytes);
const behind32 = ({ bytes }: Line) => concat(uint32(bytes.length), bytes);

/** Frames 1 to 3 are the handshake. */
const tcp = () => new TcpTalk({ client: ANN, server: BOB }).open();

function judged(talk: TcpTalk, framing: 'length16' | 'length32' = 'length16'): RunReport {
  return run(protocols, [talk.frames()], {
    decodeAs: [{ transport: 'tcp', from: 7654, to: 7654, protocol: 'ministreaming' }],
    dialects: new Map([['ministreaming.framing', framing]]),
    allConnections: true,
  });
}

/** Rule and frame of each finding, its connection, and who is blamed. */
const found = ({ findings }: RunReport) =>
  findings.map(({ ruleId, frame, connection, atFault }) => [`${ruleId} ${frame}`, connection, atFault]);
/** Of each connection, by number: last state, messages, verdict. */
const connections = ({ connections: all }: RunReport) =>
  all.map(({ state, messages, verdict }) => `${state} ${messages} ${verdict}`);

describe('a length beyond the bound', () => {
  /** 16 MiB and a byte are claimed. */
  const beyond = Uint8Array.of(1, 0, 0, 1, 0xa0, 9, 9, 9);
  const opened = () => tcp().client(behind32(c.syn())).server(behind32(c.ack()));

  test('ends what can be known of its side; the other one is followed on', () => {
    const talk = opened().client(beyond).server(behind32(c.answer())).client(behind32(c.send()));
    const report = judged(talk, 'length32');
    expect(found(report)).toEqual([['framing/message-too-long 6', 2, ANN]]);
    expect(connections(report)).toEqual(['OPEN 3 inconclusive', 'NONE 1 violations']);
    expect(tally(report, 'framing/message-too-long')).toEqual([4, 1, 0]);
  });

  test('is found on the frame that brings its last byte', () => {
    const talk = opened().client(beyond.subarray(0, 3)).server(behind32(c.answer())).client(beyond.subarray(3));
    expect(found(judged(talk, 'length32'))).toEqual([['framing/message-too-long 8', 2, ANN]]);
  });

  test('of the server leaves open what it would have said', () => {
    const talk = opened().server(beyond).client(behind32(c.send())).client(behind32(c.close()));
    const report = judged(talk, 'length32');
    expect(found(report)).toEqual([['framing/message-too-long 6', 2, BOB]]);
    expect(connections(report)).toEqual(['CLIENT-CLOSED 4 inconclusive', 'NONE 1 violations']);
  });

  test('as the first thing that is said: who answers what was behind it is not at fault', () => {
    const talk = tcp().client(beyond).server(behind32(c.ack())).server(behind32(c.answer()));
    const report = judged(talk, 'length32');
    expect(found(report)).toEqual([['framing/message-too-long 4', 1, ANN]]);
    expect(connections(report)).toEqual(['NONE 1 violations', 'OPEN 2 inconclusive']);
  });
});

describe('bytes sent again with another content', () => {
  const syn = behind16(c.syn());
  const opened = () => tcp().client(syn).server(behind16(c.ack()));

  test('are found on the frame of the second copy, once a TCP connection, and the first copy is read', () => {
    const talk = opened()
      .client(behind16(c.send('question')))
      .client(behind16(c.send('QUESTION')), { at: syn.length })
      .client(behind16(c.send('questioN')), { at: syn.length })
      .client(behind16(c.close()))
      .server(Uint8Array.of(0xff), { at: 1 });
    const report = judged(talk);
    expect(found(report)).toEqual([['tcp/overlap-differs 7', 2, ANN]]);
    expect(connections(report)).toEqual(['CLIENT-CLOSED 4 conformant', 'NONE 0 violations']);
    expect(tally(report, 'tcp/overlap-differs')).toEqual([1, 1, 0]);
  });

  test('of the server blame the server', () => {
    const report = judged(opened().server(Uint8Array.of(0xee), { at: 4 }));
    expect(found(report)).toEqual([['tcp/overlap-differs 6', 2, BOB]]);
  });

  test('before the first message is whole', () => {
    const talk = tcp()
      .client(syn.subarray(0, 10))
      .client(Uint8Array.of(9, 9), { at: 0 })
      .client(syn.subarray(10))
      .server(behind16(c.ack()));
    const report = judged(talk);
    expect(found(report)).toEqual([['tcp/overlap-differs 5', 1, ANN]]);
    expect(connections(report)).toEqual(['NONE 0 violations', 'OPEN 2 conformant']);
  });
});

describe('a stream that ends inside a message', () => {
  const question = behind16(c.send());
  const opened = () => tcp().client(behind16(c.syn())).server(behind16(c.ack()));

  test('is found on the frame of its last byte, on either side', () => {
    const talk = opened()
      .client(question.subarray(0, 9))
      .client(question.subarray(9, 10))
      .server(behind16(c.answer()))
      .fin(CLIENT)
      .server(behind16(c.answer()).subarray(0, 1))
      .fin(SERVER);
    const report = judged(talk);
    expect(found(report)).toEqual([
      ['framing/truncated 7', 2, ANN],
      ['framing/truncated 10', 2, BOB],
    ]);
    expect(connections(report)).toEqual(['OPEN 3 conformant', 'NONE 0 violations']);
    expect(tally(report, 'framing/truncated')).toEqual([2, 2, 0]);
  });

  test('or between messages, which is no fault', () => {
    const report = judged(opened().client(question).close());
    expect(found(report)).toEqual([]);
    expect(tally(report, 'framing/truncated')).toEqual([2, 0, 0]);
  });

  test('or is reset there, which is none either', () => {
    expect(found(judged(opened().client(question.subarray(0, 5)).reset(CLIENT)))).toEqual([]);
  });
});

describe('a beginning that the capture has lost accuses nobody', () => {
  const blamed = (report: RunReport) => report.findings.filter(({ atFault }) => atFault !== null);
  const e = link('bob', 0x345678, 0x876543);

  test('what the server said before its SYN-ACK was missed', () => {
    const talk = tcp().server(behind16(e.syn())).client(behind16(e.ack())).server(behind16(e.send()));
    expect(blamed(judged(talk.with(talk.segments.filter((_, i) => i === 0 || i > 3))))).toEqual([]);
  });

  test('what the client asked on ports that are used again, where only the server is seen to begin again', () => {
    const one = tcp().client(behind16(c.syn())).server(behind16(c.ack()));
    const ends = { client: ANN, server: BOB, isns: [9_000_000, 7_000_000], seconds: 2_000 } as const;
    const two = new TcpTalk(ends).open().client(behind16(c.syn())).server(behind16(c.ack())).client(behind16(c.send()));
    const rest = two.segments.filter((_, i) => i === 1 || i > 3);
    expect(blamed(judged(one.with([...one.segments, ...rest])))).toEqual([]);
  });

  test('nor does the last byte of a request, lost alone: its answer is not unasked for', () => {
    const syn = behind16(c.syn());
    const talk = tcp().client(syn.subarray(0, -1)).client(syn.subarray(-1)).server(behind16(c.ack()));
    expect(blamed(judged(talk.with(talk.segments.filter((_, i) => i !== 4))))).toEqual([]);
  });
});
