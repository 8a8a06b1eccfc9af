/** Carriers with framings of their own, from TCP segments to the report. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/source.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { READY } from '../../src/framing/ready.ts';
import { catalogues, withCarrierOptions } from '../../src/protocol/carrier.ts';
import { contractProblems } from '../../src/protocol/contract.ts';
import { protocolDocument } from '../../src/protocol/document.ts';
import {
  type Carrier,
  lengthFraming,
  lineFraming,
  MALFORMED,
  MALFORMED_HEAD,
  MORE,
  TOO_LONG,
  TRUNCATED,
  varintFraming,
} from '../../src/sdk.ts';
import { found, run, tally } from '../../src/testkit/engine.ts';
import { ACK, FIN, frameOf, SYN, tcpFrame } from '../../src/testkit/packet.ts';
import { recorder } from '../kit/recorder.ts';
import { word } from '../kit/word.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:7000';

interface Segment {
  readonly at: number;
  readonly text: string;
  readonly flags?: number;
}

/** A handshake, and then these segments of the client's; byte 1 is the first of its stream. */
function conversation(segments: readonly Segment[]): Frame[] {
  const handshake = [
    tcpFrame(
      { source: CLIENT, destination: SERVER, sequence: 1000, acknowledgement: 0, flags: SYN },
      new Uint8Array(0),
    ),
    tcpFrame(
      { source: SERVER, destination: CLIENT, sequence: 5000, acknowledgement: 1001, flags: SYN | ACK },
      new Uint8Array(0),
    ),
  ];
  const sent = segments.map(({ at, text, flags = ACK }) =>
    tcpFrame(
      { source: CLIENT, destination: SERVER, sequence: 1000 + at, acknowledgement: 5001, flags },
      Buffer.from(text, 'latin1'),
    ),
  );
  return [...handshake, ...sent].map(bytes => frameOf(bytes));
}

/** What reaches the tracker of the client's segments, and the report. */
function tracked(carrier: Omit<Carrier, 'transport'>, segments: readonly Segment[]) {
  const log: string[] = [];
  const protocol = recorder(log, {
    frames: false,
    carriers: [{ transport: 'tcp', ...carrier }],
    recogniseStream: () => 'yes',
  });
  const report = run([protocol], [conversation(segments)]);
  const messages = log.filter(line => /^client [0-9a-f]*(\/\d+)?$/.test(line));
  return { log, report, messages: messages.map(line => Buffer.from(line.slice(7), 'hex').toString('latin1')) };
}

/** The text in segments of `size`, the last one with a FIN. */
function segmentsOf(text: string, size: number): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < text.length; at += size) segments.push({ at: 1 + at, text: text.slice(at, at + size) });
  const last = segments.pop()!;
  return [...segments, { ...last, flags: ACK | FIN }];
}

describe('lines over TCP', () => {
  const LINES = 'HELO a\r\nMAIL b\r\n\r\nDATA\r\n';
  const WANTED = ['HELO a', 'MAIL b', '', 'DATA'];

  test.each(['lines', 'lines-crlf', lineFraming({ end: 'crlf' })])(
    '%o: whole, byte by byte, in any pieces',
    framing => {
      for (const size of [1, 2, 3, 5, 7, 12, 100]) {
        const { messages, report } = tracked({ framing }, segmentsOf(LINES, size));
        expect(messages).toEqual(WANTED);
        expect(found(report)).toEqual([]);
      }
    },
  );

  test('out of order, and doubled', () => {
    const segments = segmentsOf(LINES, 3);
    const [first, second, third, ...rest] = segments as [Segment, Segment, Segment, ...Segment[]];
    const { messages, report } = tracked({ framing: 'lines' }, [
      third,
      first,
      first,
      second,
      ...rest.slice(0, -1),
      third,
      ...rest.slice(-1),
    ]);
    expect([messages, found(report)]).toEqual([WANTED, []]);
  });

  test('with a segment that was not captured: the next whole line is found, and nobody is blamed', () => {
    const segments = segmentsOf(LINES, 4);
    const { log, messages, report } = tracked(
      { framing: 'lines' },
      segments.filter((_, index) => index !== 2),
    );
    expect(messages).toEqual(['HELO a', '', 'DATA']);
    expect(log).toContain('client lost');
    expect(found(report)).toEqual([]);
  });

  test('begun before the capture: followed from the first end of a line on', () => {
    const log: string[] = [];
    const protocol = recorder(log, {
      frames: false,
      carriers: [{ transport: 'tcp', framing: 'lines' }],
      recogniseStream: () => 'yes',
    });
    const decodeAs = [{ transport: 'tcp', from: 7000, to: 7000, protocol: 'recorder' }] as const;
    const report = run([protocol], [conversation([{ at: 500, text: 'LO a\r\nMAIL b\r\n' }]).slice(2)], { decodeAs });
    expect(log).toEqual([
      'client lost',
      'opened midstream',
      `client ${Buffer.from('MAIL b').toString('hex')}`,
      'closed',
    ]);
    expect(report.notes).toEqual([]);
  });

  test('longer than the carrier allows: once, and the next line is read', () => {
    const { messages, report } = tracked(
      { framing: 'lines', longest: 6 },
      segmentsOf('abcdef\r\nabcdefghi\r\nx\n', 100),
    );
    expect(messages).toEqual(['abcdef', 'x']);
    expect(found(report)).toEqual(['framing/message-too-long 3']);
    expect(report.findings[0]).toMatchObject({ actual: 'more than 8 bytes' });
  });

  test('longer than the carrier allows by what the end of another would hide', () => {
    const { messages, report } = tracked({ framing: 'lines', longest: 6 }, segmentsOf('abcdefg\nabcdef\r\n', 100));
    expect(messages).toEqual(['abcdefg', 'abcdef']);
    expect(found(report)).toEqual(['framing/message-too-long 3']);
    expect(tally(report, 'framing/message-too-long')).toEqual([2, 1, 0]);
  });

  test('that ends inside a line', () => {
    expect(found(tracked({ framing: 'lines' }, segmentsOf('a\nb', 100)).report)).toEqual(['framing/truncated 3']);
  });
});

describe('a length of variable size over TCP', () => {
  test('hides its head, whatever its size', () => {
    const text = `\x02ab\x80\x01${'c'.repeat(128)}`;
    for (const size of [1, 3, 200]) {
      expect(tracked({ framing: 'varint' }, segmentsOf(text, size)).messages).toEqual(['ab', 'c'.repeat(128)]);
    }
  });

  test('of too many bytes breaks framing/malformed, once, where it is clear', () => {
    for (const size of [1, 3, 200]) {
      const { messages, report } = tracked(
        { framing: 'varint' },
        segmentsOf('\x01a\xff\xff\xff\xff\xff\x01b\x01c', size),
      );
      expect(messages).toEqual(['a']);
      expect(found(report)).toEqual([`framing/malformed ${size === 1 ? 8 : size === 3 ? 4 : 3}`]);
      expect(tally(report, 'framing/malformed')).toEqual([2, 1, 0]);
      expect(report.findings[0]).toMatchObject({
        actual: 'ffffffff',
        expected: 'a length of variable size before each message',
      });
    }
  });
});

describe('rules and options of a framing that a carrier holds', () => {
  const OWN = { ...TOO_LONG, id: 'word/too-long' };
  const framing: Framing = {
    ...varintFraming(),
    id: 'own',
    rules: [...varintFraming().rules, OWN],
    tooLong: OWN,
    dialect: [{ name: 'mode', kind: 'choice', values: ['a', 'b'], default: 'a', meaning: 'a mode' }],
  };
  const protocol = { ...word, carriers: [{ transport: 'tcp', framing, longest: 100 }] as const };

  test('stand in the catalogue, each once', () => {
    const groups = catalogues([protocol, { ...protocol, id: 'other', rules: [] }, { ...word, id: 'third', rules: [] }]);
    expect(groups.map(({ id, rules }) => [id, rules.map(rule => rule.id)])).toEqual([
      ['word', ['word/repeated', 'word/too-long']],
      ['other', ['word/too-long']],
      ['third', []],
      ['framing', ['framing/message-too-long', 'framing/truncated', 'framing/malformed']],
      ['tcp', ['tcp/overlap-differs']],
    ]);
  });

  test('of lengths alone are those there always were', () => {
    const framings = catalogues([word]).find(({ id }) => id === 'framing');
    expect(framings?.rules.map(({ id }) => id)).toEqual(['framing/message-too-long', 'framing/truncated']);
  });

  test("are the protocol's", () => {
    expect(withCarrierOptions([protocol])[0]?.dialect.map(({ name }) => name)).toEqual(['mode']);
    expect(protocolDocument(protocol)).toContain(
      'cut out of the stream by a length of variable size before each message',
    );
    expect(protocolDocument(protocol)).toContain('`word/too-long`');
  });
});

describe('the contract', () => {
  const carried = (carrier: object) =>
    contractProblems({ ...word, carriers: [{ transport: 'tcp', framing: 'length16', ...carrier }] });

  test('is met by each ready framing, by name and as it is', () => {
    for (const framing of READY) expect([carried({ framing: framing.id }), carried({ framing })]).toEqual([[], []]);
    expect(carried({ framing: lengthFraming({ bytes: 4, longest: 2 ** 32 - 1 }), keep: 64 })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['no length', { framing: { ...READY[0], lengthOf: 2 } }, 'carrier 1: framing: lengthOf is 2, not a function'],
    [
      'no head',
      { framing: { ...READY[0], headLength: 0 } },
      'carrier 1: framing: headLength is 0; it is a whole number of at least 1',
    ],
    ['no id', { framing: { ...READY[0], id: undefined } }, 'carrier 1: framing: no id'],
    [
      'a bound of more than 32 bits',
      { framing: { ...READY[0], longest: 2 ** 32 } },
      'carrier 1: framing: longest is 4294967296; 4294967295 is the most',
    ],
    [
      'more notes than a message may have',
      { framing: { ...READY[0], notes: 1_000 } },
      'carrier 1: framing: notes is 1000; 64 is the most',
    ],
    [
      'more hidden than there is',
      { framing: { ...READY[0], hidden: 100_000 } },
      'carrier 1: framing: hidden is more than longest',
    ],
    [
      'a beginning that cannot be asked for',
      { framing: { ...READY[0], beginning: true } },
      'carrier 1: framing: beginning is true, not a function',
    ],
    [
      'a rule of nobody',
      { framing: { ...READY[0], rules: [...READY[0]!.rules, { ...TOO_LONG, id: 'kv/x' }] } },
      'carrier 1: framing: kv/x: its id does not begin with word/',
    ],
    [
      'a rule that only looks ready',
      { framing: { ...READY[0], rules: [...READY[0]!.rules, { ...TOO_LONG, id: 'framing/x' }] } },
      'carrier 1: framing: framing/x is no rule of the ready framings: framing/message-too-long, framing/truncated, framing/malformed',
    ],
    [
      'a rule for what is malformed that is none of its rules',
      { framing: { ...READY[0], malformed: { ...TOO_LONG, id: 'word/x' } } },
      'carrier 1: framing: malformed is word/x, which is none of its rules',
    ],
    [
      'a bound that a named framing does not reach',
      { framing: 'length32', longest: 2 ** 30 },
      'carrier 1: longest is 1073741824, and its framing cuts messages of at most 16777216 bytes',
    ],
    [
      'a bound that its own framing does not reach',
      { framing: lineFraming({ end: 'crlf', longest: 512 }), longest: 511 },
      'carrier 1: longest is 511, and its framing cuts messages of at most 510 bytes',
    ],
    ['keeping nothing', { keep: 0 }, 'carrier 1: keep is 0; it is a whole number of at least 1'],
    ['keeping all', { keep: 10, longest: 10 }, 'carrier 1: keep is 10, and no message is longer'],
    [
      'keeping of datagrams',
      { transport: 'udp', framing: 'datagram', keep: 10 },
      'carrier 1: keep is for tcp; a datagram is there as a whole',
    ],
  ])('is not met by %s', (_, carrier, problem) => {
    expect(carried(carrier)).toContain(problem);
  });

  test('is not met where less is kept than a layout needs', () => {
    const layouts = word.layouts.map(layout => ({ ...layout, fixedLength: 8 }));
    expect(
      contractProblems({ ...word, layouts, carriers: [{ transport: 'tcp', framing: 'length16', keep: 7 }] }),
    ).toContain('carrier 1: keep is 7, and a layout has a fixed part of 8 bytes');
  });
});

test('the framing of docs/framings.md is one', () => {
  const framing: Framing = {
    id: 'stx',
    title: 'STX before and ETX behind each message',
    specification: 'KV, version 2',
    headLength: 1,
    hidden: 1,
    hiddenAtEnd: 1,
    longest: 4096,
    lengthOf(bytes, at, end, searchedTo) {
      if (bytes[at] !== 0x02) return MALFORMED;
      for (let i = Math.max(searchedTo, at + 1); i < end; i++) if (bytes[i] === 0x03) return i + 1 - at;
      return MORE;
    },
    beginning(bytes, at, end) {
      for (let i = at; i < end; i++) if (bytes[i] === 0x02) return i;
      return -1;
    },
    rules: [TOO_LONG, TRUNCATED, MALFORMED_HEAD],
    tooLong: TOO_LONG,
    truncated: TRUNCATED,
    malformed: MALFORMED_HEAD,
  };
  for (const size of [1, 2, 5, 100]) {
    const { messages, report } = tracked({ framing }, segmentsOf('\x02a\x03\x02\x03junk\x02bc\x03', size));
    expect(messages).toEqual(['a', '', 'bc']);
    expect(report.findings.map(({ ruleId, actual }) => [ruleId, actual])).toEqual([['framing/malformed', '6a']]);
  }
});
