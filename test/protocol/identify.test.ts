import { describe, expect, test } from 'vitest';
import { Candidates, type DecodeAs, PortMap, recognise, UNCLAIMED, UNDECIDED } from '../../src/protocol/identify.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/protocol/limits.ts';
import type { AnyProtocol, Recognition } from '../../src/protocol/protocol.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { type Conversation, found, run } from '../../src/testkit/engine.ts';
import { Message } from '../../src/wire/message.ts';
import { toy } from '../kit/toy.ts';

/** A protocol that answers the same to everything. */
function answering(id: string, answer: Recognition): AnyProtocol {
  return { ...toy, id, recognise: () => answer };
}

describe('the port map', () => {
  const protocols = [answering('first', 'no'), answering('second', 'no')];

  const udp = (from: number, to: number, protocol: string): DecodeAs => ({ transport: 'udp', from, to, protocol });

  function mapped(mappings: readonly DecodeAs[], sourcePort: number, destinationPort: number): string {
    const index = new PortMap(mappings, protocols).protocolOf('udp', sourcePort, destinationPort);
    return index === UNCLAIMED ? 'none' : protocols[index].id;
  }

  test('knows a port on either end', () => {
    const mappings = [udp(7000, 7000, 'second')];
    expect([mapped(mappings, 1, 7000), mapped(mappings, 7000, 1), mapped(mappings, 1, 2)]).toEqual([
      'second',
      'second',
      'none',
    ]);
  });

  test('takes both ends of a range, and no more', () => {
    const mappings = [udp(7000, 7002, 'first')];
    const ports = [6999, 7000, 7001, 7002, 7003].map(port => mapped(mappings, 1, port));
    expect(ports).toEqual(['none', 'first', 'first', 'first', 'none']);
  });

  test('reaches from the first port to the last', () => {
    const mappings = [udp(0, 65_535, 'first')];
    expect([mapped(mappings, 0, 0), mapped(mappings, 65_535, 65_535)]).toEqual(['first', 'first']);
  });

  test('goes by the later of two mappings of a port', () => {
    const mappings = [udp(7000, 7009, 'first'), udp(7005, 7005, 'second')];
    expect([mapped(mappings, 1, 7004), mapped(mappings, 1, 7005)]).toEqual(['first', 'second']);
    expect(mapped(mappings.toReversed(), 1, 7005)).toBe('first');
  });

  test('goes by the destination when both ends are mapped', () => {
    const mappings = [udp(1000, 1000, 'first'), udp(2000, 2000, 'second')];
    expect([mapped(mappings, 1000, 2000), mapped(mappings, 2000, 1000)]).toEqual(['second', 'first']);
  });

  test('leaves ports of TCP alone', () => {
    expect(mapped([{ transport: 'tcp', from: 7000, to: 7000, protocol: 'first' }], 1, 7000)).toBe('none');
  });
});

describe('asking the protocols', () => {
  test.each<[answers: Recognition[], whose: number]>([
    [['no', 'no'], UNCLAIMED],
    [['no', 'yes'], 1],
    [['yes', 'yes'], 0],
    [['more', 'no'], UNDECIDED],
    [['more', 'yes'], 1],
    [[], UNCLAIMED],
  ])('%j', (answers, whose) => {
    const protocols = answers.map((answer, index) => answering(`p${index}`, answer));
    expect(recognise(protocols, [{ side: 0, message: new Message() }])).toBe(whose);
  });
});

describe('a candidate', () => {
  const candidates = (limits: Partial<Limits> = {}) => new Candidates({ ...DEFAULT_LIMITS, ...limits });

  function message(payload: string, frame = 1): Message {
    const view = new Message();
    const bytes = hex(payload);
    view.assign(bytes, 0, bytes.length, bytes.length);
    view.frame = frame;
    return view;
  }

  test('keeps copies, oldest first, each with its side', () => {
    const kept = candidates();
    const view = message('0001', 5);
    kept.keep(3, 1, view);
    view.assign(Uint8Array.of(9), 0, 4, 1);
    view.frame = 6;
    kept.keep(3, 0, view);
    view.bytes.fill(0xff);
    const seen = kept.messages(3).map(({ message: { bytes, length, captured, frame }, side }) => ({
      bytes: Array.from(bytes),
      length,
      captured,
      frame,
      side,
    }));
    expect(seen).toEqual([
      { bytes: [0, 1], length: 2, captured: 2, frame: 5, side: 1 },
      { bytes: [9], length: 4, captured: 1, frame: 6, side: 0 },
    ]);
  });

  test('is forgotten with all it kept', () => {
    const kept = candidates({ 'candidate-bytes': 4 });
    expect([kept.keep(1, 0, message('00010203')), kept.keep(2, 0, message('00'))]).toEqual([true, false]);
    kept.forget(1);
    expect([kept.has(1), kept.messages(1), kept.keep(2, 0, message('00010203'))]).toEqual([false, [], true]);
  });

  test('is refused beyond a number of flows', () => {
    const kept = candidates({ 'candidate-flows': 1 });
    expect([1, 2, 1].map(flow => kept.keep(flow, 0, message('00')))).toEqual([true, false, true]);
    expect([kept.overflowed, kept.has(2)]).toEqual([1, false]);
  });

  test('is refused beyond a number of datagrams of one flow', () => {
    const kept = candidates({ 'candidate-datagrams': 2 });
    expect([1, 1, 1, 2].map(flow => kept.keep(flow, 0, message('00')))).toEqual([true, true, false, true]);
    expect(kept.overflowed).toBe(1);
  });

  test('is refused beyond a number of bytes of all flows', () => {
    const kept = candidates({ 'candidate-bytes': 3 });
    expect([1, 2].map(flow => kept.keep(flow, 0, message('0001')))).toEqual([true, false]);
  });
});

const A = '10.0.0.1:1000 > 10.0.0.2:2000';
const B = '10.0.0.2:2000 > 10.0.0.1:1000';

describe('a flow that only its second datagram tells', () => {
  /** The messages that a tracker was handed: frame, payload and direction. */
  function delivered(conversation: Conversation, limits: Partial<Limits> = {}, protocols = [toy]) {
    const seen: string[] = [];
    const report = run(protocols, [conversation], {
      limits,
      onMessage: ({ message, name, from, to, clientToServer }) =>
        seen.push(`${message.frame} ${name} ${from} > ${to} ${clientToServer ? 'c' : 's'}`),
    });
    return { seen, report };
  }

  test('is claimed, and nothing of its beginning is lost: order, sides, frames', () => {
    const { seen, report } = delivered([
      [A, '00 0001'],
      [B, '00 0002'],
      [A, '01 0002 6869'],
    ]);
    expect(seen).toEqual([`1 HELLO ${A} c`, `2 HELLO ${B} s`, `3 TEXT ${A} c`]);
    expect(found(report)).toEqual(['toy/order-settled 3']);
    expect(report.connections).toMatchObject([{ messages: 3, start: { seconds: 1_000 }, end: { seconds: 1_002 } }]);
    expect(report.notes).toEqual([]);
  });

  test('is recognised by a second datagram from the same side', () => {
    const { seen } = delivered([
      [A, '00 0001'],
      [A, '00 0001'],
    ]);
    expect(seen).toEqual([`1 HELLO ${A} c`, `2 HELLO ${A} c`]);
  });

  test("is nobody's, and its kept datagrams are counted as such", () => {
    const { seen, report } = delivered([
      [A, '00 0001'],
      [B, 'ff'],
    ]);
    expect([seen, report.notes]).toEqual([
      [],
      ['2 UDP datagrams of no known protocol (map one with -d udp.port==PORT,PROTOCOL)'],
    ]);
  });

  test('is asked about again once it was refused', () => {
    const { seen } = delivered([
      [A, '00 0001'],
      [B, 'ff'],
      [B, '00 0001'],
      [A, '00 0002'],
    ]);
    expect(seen).toEqual([`3 HELLO ${B} c`, `4 HELLO ${A} s`]);
  });

  test('is still untold at the end of the capture', () => {
    const { seen, report } = delivered([[A, '00 0001']]);
    expect([seen, report.notes]).toEqual([
      [],
      ['1 UDP datagram of no known protocol (map one with -d udp.port==PORT,PROTOCOL)'],
    ]);
  });

  test('is left to the protocol that the port is mapped to, without asking', () => {
    const seen: string[] = [];
    run([toy], [[[A, '01 0001 61']]], {
      decodeAs: [{ transport: 'udp', from: 2000, to: 2000, protocol: 'toy' }],
      onMessage: ({ name }) => seen.push(name),
    });
    expect(seen).toEqual(['TEXT']);
  });

  test('is given up beyond the bound of its datagrams, and the run says so', () => {
    const hesitant = { ...toy, recognise: (): Recognition => 'more' };
    const { seen, report } = delivered(
      [1, 2, 3].map(() => [A, '00 0001'] as const),
      { 'candidate-datagrams': 2 },
      [hesitant],
    );
    expect([seen, report.notes]).toEqual([
      [],
      [
        '3 UDP datagrams of no known protocol (map one with -d udp.port==PORT,PROTOCOL)',
        '1 flow dropped before the protocol was known (--limit candidate-flows, candidate-datagrams, candidate-stream-bytes, candidate-bytes)',
      ],
    ]);
  });

  test('is evicted while untold: its datagrams are counted, nothing is delivered', () => {
    const { seen, report } = delivered(
      [
        [A, '00 0001'],
        ['10.0.0.3:1 > 10.0.0.2:2000', '00 0001'],
        ['10.0.0.2:2000 > 10.0.0.3:1', '00 0001'],
      ],
      { flows: 1 },
    );
    expect(seen).toHaveLength(2);
    expect(report.notes).toEqual([
      '1 UDP datagram of no known protocol (map one with -d udp.port==PORT,PROTOCOL)',
      '1 flow given up (--limit flows=1)',
    ]);
  });
});
