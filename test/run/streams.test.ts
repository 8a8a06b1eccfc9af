/** From TCP segments to a tracker: who claims a connection, what is kept until then, what reaches the tracker. */

import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/source.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import type { Framing, Opening } from '../../src/sdk.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { found, type RunOptions, run, tally } from '../../src/testkit/engine.ts';
import { ACK, FIN, frameOf, RST, SYN, tcpFrame } from '../../src/testkit/packet.ts';
import { beginsWith, type RecorderOptions, recorder } from '../kit/recorder.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:7000';
const MAPPED: RunOptions = { decodeAs: [{ transport: 'tcp', from: 7000, to: 7000, protocol: 'recorder' }] };

interface Segment {
  readonly from?: 'client' | 'server';
  /** Relative to an initial sequence number of 1,000 (client) or 5,000 (server), whose SYN takes the first. */
  readonly at?: number;
  readonly ack?: number;
  readonly flags?: number;
  readonly data?: string;
}

function segment({ from = 'client', at = 0, ack = 0, flags = ACK, data = '' }: Segment): Frame {
  const [own, other] = from === 'client' ? [1000, 5000] : [5000, 1000];
  const [source, destination] = from === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  const header = { source, destination, sequence: own + at, acknowledgement: flags & ACK ? other + ack : 0, flags };
  return frameOf(tcpFrame(header, hex(data)));
}

const HANDSHAKE: readonly Segment[] = [{ flags: SYN }, { from: 'server', flags: SYN | ACK, ack: 1 }, { at: 1, ack: 1 }];
const client = (at: number, data: string, rest: Segment = {}): Segment => ({ at, ack: 1, data, ...rest });
const server = (at: number, data: string, rest: Segment = {}): Segment => ({
  from: 'server',
  at,
  ack: 1,
  data,
  ...rest,
});

/** What reached the recorder's tracker. */
function tracked(segments: readonly Segment[], options: RunOptions = MAPPED, settings: RecorderOptions = {}) {
  const log: string[] = [];
  const report = run([recorder(log, settings)], [segments.map(segment)], options);
  return { log, report };
}

describe('a connection on a mapped port', () => {
  test('is cut into messages in both directions, and closed when both have ended', () => {
    const { log, report } = tracked([
      ...HANDSHAKE,
      client(1, '0002aabb0001'),
      client(7, 'cc', { flags: ACK | FIN }),
      server(1, '0001dd', { ack: 9, flags: ACK | FIN }),
      { at: 9, ack: 5 },
    ]);
    expect(log).toEqual([
      'opened from the start',
      'client aabb @4',
      'client cc @5',
      'client ended',
      'server dd @6',
      'server ended',
      'closed',
    ]);
    expect(report.notes).toEqual([]);
    expect(report.summary).toMatchObject({ messages: 3, connections: 1 });
  });

  describe('begun before the capture', () => {
    const rest = [client(100, '0001aa', { ack: 100 }), server(100, '0001bb', { ack: 103 }), client(103, '0001cc')];

    test('is not followed, because no boundary is certain, and that is said', () => {
      const { log, report } = tracked(rest);
      expect([log, report.notes]).toEqual([
        ['client lost', 'server lost', 'closed'],
        [
          '2 TCP streams begun before the capture and not followed: no message boundary is certain (--midstream never assumes one)',
        ],
      ]);
    });

    test('is followed from where the protocol knows a beginning', () => {
      const resync = (bytes: Uint8Array, at: number) => bytes[at + 2] !== 0xaa;
      expect(tracked(rest, MAPPED, { resync }).log).toEqual([
        'client lost',
        'server lost',
        'opened midstream',
        'server bb @2',
        'client cc @3',
        'closed',
      ]);
    });

    test('is followed from its first byte when the user holds the capture to be whole', () => {
      const { log } = tracked(rest, { ...MAPPED, midstream: 'never' });
      expect(log).toEqual(['opened midstream', 'client aa @1', 'server bb @2', 'client cc @3', 'closed']);
    });
  });

  test('may have a side that ends without having said anything', () => {
    const { log } = tracked([
      ...HANDSHAKE,
      { at: 1, ack: 1, flags: ACK | FIN },
      server(1, '0001bb', { ack: 2 }),
      server(4, '', { ack: 2, flags: ACK | FIN }),
      { at: 2, ack: 5, flags: RST },
    ]);
    expect(log).toEqual(['client ended', 'opened from the start', 'server bb @5', 'server ended', 'closed']);
  });

  test('is closed by a reset', () => {
    expect(tracked([...HANDSHAKE, client(1, '0001aa'), { at: 4, flags: RST }, client(4, '0001bb')]).log).toEqual([
      'opened from the start',
      'client aa @4',
      'closed',
    ]);
  });

  test('is another one after a new handshake on the same ports', () => {
    const again = (rest: Segment): Segment => ({ ...rest, at: (rest.at ?? 0) + 100_000 });
    const { log, report } = tracked([
      ...HANDSHAKE,
      client(1, '0001aa', { flags: ACK | FIN }),
      server(1, '', { ack: 5, flags: ACK | FIN }),
      again({ flags: SYN }),
      { ...again({ from: 'server', flags: SYN | ACK }), ack: 100_001 },
      { ...again(client(1, '0001bb')), ack: 100_001 },
    ]);
    expect(log).toEqual([
      'opened from the start',
      'client aa @4',
      'client ended',
      'server ended',
      'closed',
      'opened from the start',
      'client bb @8',
      'closed',
    ]);
    expect(report.summary.connections).toBe(2);
  });

  test('that says nothing is no connection of the protocol', () => {
    const { log, report } = tracked(HANDSHAKE);
    expect([log, report.summary.connections, report.notes]).toEqual([
      [],
      0,
      ['3 TCP segments of no known protocol (map one with -d tcp.port==PORT,PROTOCOL)'],
    ]);
  });

  test('with bytes that were never captured tells of the loss', () => {
    const { log } = tracked([...HANDSHAKE, client(1, '0001aa'), server(1, '', { ack: 9 }), client(9, '0001bb', {})]);
    expect(log).toEqual(['opened from the start', 'client aa @4', 'client lost', 'closed']);
  });
});

describe('bounds that are hit are reported', () => {
  test('a hole behind which too much waits is given up', () => {
    const late = Array.from({ length: 5 }, (_, i) => client(10 + 3 * i, '0001aa'));
    const { log, report } = tracked([...HANDSHAKE, client(1, '0001aa'), ...late], {
      ...MAPPED,
      limits: { 'reassembly-stream-bytes': 1_000 },
    });
    expect(log).toEqual(['opened from the start', 'client aa @4', 'client lost', 'closed']);
    expect(report.notes).toEqual([expect.stringMatching(/^1 hole in TCP streams given up.*give-up-the-hole/)]);
  });

  test('a message for which there is no room is handed on without what cannot be kept', () => {
    const { log, report } = tracked([...HANDSHAKE, client(1, '0003aa'), client(4, 'bbcc0001dd')], {
      ...MAPPED,
      limits: { 'message-bytes': 3 },
    });
    expect(log).toEqual(['opened from the start', 'client /3 @5', 'client dd @5', 'closed']);
    expect(report.notes).toEqual(['1 message of which not all was kept (--limit message-bytes=3)']);
  });
});

describe('with midstream=never', () => {
  const options: RunOptions = { ...MAPPED, midstream: 'never', limits: { flows: 1 } };
  const other = frameOf(tcpFrame({ source: '10.0.0.3:1', destination: '10.0.0.4:2', flags: SYN }, hex('')));
  const later = segment(client(4, '0001bb'));
  const log = (frames: readonly Frame[]): string[] => {
    const lines: string[] = [];
    run([recorder(lines)], [frames], options);
    return lines;
  };

  test('what a connection says that was given up is the rest of it', () => {
    const lines = log([...[...HANDSHAKE, client(1, '0001aa')].map(segment), other, later]);
    expect(lines).toEqual(['opened from the start', 'client aa @4', 'closed', 'client lost', 'closed']);
  });

  test('a connection that had said nothing is no reason to doubt the next one', () => {
    expect(log([other, later])).toEqual(['opened midstream', 'client bb @2', 'closed']);
  });
});

describe('what carries the messages has rules of its own', () => {
  test('a length beyond the bound', () => {
    const { log, report } = tracked([...HANDSHAKE, client(1, '0005aabb'), client(5, '0001cc')], MAPPED, {
      carriers: [{ transport: 'tcp', framing: 'length16', longest: 4 }],
    });
    expect(found(report)).toEqual(['framing/message-too-long 4']);
    expect(report.findings[0]).toMatchObject({ atFault: CLIENT, spec: { clause: 'length' } });
    expect(log).toEqual(['opened from the start', 'client lost', 'closed']);
    expect(tally(report, 'framing/message-too-long')).toEqual([1, 1, 0]);
  });

  test('a stream that ends inside a message', () => {
    const { report } = tracked([...HANDSHAKE, client(1, '0001aa0005bb'), { at: 7, ack: 1, flags: ACK | FIN }]);
    expect(found(report)).toEqual(['framing/truncated 4']);
    expect(tally(report, 'framing/message-too-long')).toEqual([1, 0, 0]);
  });

  test('a stream that ends between messages', () => {
    const { report } = tracked([...HANDSHAKE, client(1, '0001aa', { flags: ACK | FIN })]);
    expect(found(report)).toEqual([]);
    expect(tally(report, 'framing/truncated')).toEqual([1, 0, 0]);
  });

  test('a stream that was reset inside a message', () => {
    expect(found(tracked([...HANDSHAKE, client(1, '0005aa'), { at: 4, flags: RST }]).report)).toEqual([]);
  });

  test('bytes sent again with another content, once a connection', () => {
    const { log, report } = tracked([
      ...HANDSHAKE,
      client(1, '0001aa'),
      client(1, '0001bb'),
      server(1, '0001', { ack: 4 }),
      server(1, '0002', { ack: 4 }),
    ]);
    expect(found(report)).toEqual(['tcp/overlap-differs 5']);
    expect(report.findings[0]).toMatchObject({ atFault: CLIENT, spec: { document: expect.stringContaining('9293') } });
    expect(log).toEqual(['opened from the start', 'client aa @4', 'closed']);
  });

  test('bytes sent again as they were', () => {
    const { report } = tracked([...HANDSHAKE, client(1, '0001aa'), client(1, '0001aa')]);
    expect([found(report), tally(report, 'tcp/overlap-differs')]).toEqual([[], [1, 0, 0]]);
  });

  test('they have the severity that the user gives them', () => {
    const segments = [...HANDSHAKE, client(1, '0001aa'), client(1, '0001bb')];
    const { report } = tracked(segments, { ...MAPPED, severities: new Map([['tcp/overlap-differs', 'off']]) });
    expect(report.findings).toEqual([]);
  });
});

describe('a connection that no port tells', () => {
  test('belongs to the protocol that recognises its first bytes', () => {
    const { log } = tracked([...HANDSHAKE, client(1, '0002aabb')], {}, { recogniseStream: beginsWith('0002aa') });
    expect(log).toEqual(['opened from the start', 'client aabb @4', 'closed']);
  });

  test('is kept until that is decided, and handed over with its own frames', () => {
    const { log } = tracked(
      [...HANDSHAKE, client(1, '00'), server(1, '0001cc'), client(2, '02aa'), client(4, 'bb')],
      {},
      { recogniseStream: beginsWith('0002aa') },
    );
    expect(log).toEqual(['opened from the start', 'server cc @5', 'client aabb @7', 'closed']);
  });

  test('is nobody’s when nobody recognises it, nor any later byte of it', () => {
    const { log, report } = tracked(
      [...HANDSHAKE, client(1, '0003aa'), client(4, '0002aabb')],
      {},
      { recogniseStream: beginsWith('0002') },
    );
    expect([log, report.summary.messages]).toEqual([[], 0]);
    expect(report.notes).toEqual(['5 TCP segments of no known protocol (map one with -d tcp.port==PORT,PROTOCOL)']);
  });

  test('is nobody’s when it ends before that is decided', () => {
    const segments = [...HANDSHAKE, client(1, '00'), { at: 2, flags: RST }];
    expect(tracked(segments, {}, { recogniseStream: beginsWith('0002') }).log).toEqual([]);
  });

  test('is nobody’s when bytes of its beginning are lost', () => {
    const segments = [...HANDSHAKE, client(1, '00'), server(1, '', { ack: 4 }), client(4, '0002aabb')];
    expect(tracked(segments, {}, { recogniseStream: beginsWith('0002aa') }).log).toEqual([]);
  });

  test('is let go when its beginning is too long to be kept, and that is said', () => {
    const limits = { 'candidate-stream-bytes': 4 };
    const { log, report } = tracked(
      [...HANDSHAKE, client(1, '000400'), client(4, '000000')],
      { limits },
      { recogniseStream: beginsWith('000400000000') },
    );
    expect(log).toEqual([]);
    expect(report.notes.filter((note: string) => note.includes('candidate-stream-bytes'))).toHaveLength(1);
  });

  test('does not stand in the way of the next one on its ports', () => {
    const second = HANDSHAKE.map(({ at = 0, ack = 0, ...rest }) => ({ ...rest, at: at + 100_000, ack: ack + 100_000 }));
    const { log } = tracked(
      [...HANDSHAKE, client(1, '00'), ...second, client(100_001, '0002aabb', { ack: 100_001 })],
      {},
      { recogniseStream: beginsWith('0002aa') },
    );
    expect(log).toEqual(['opened from the start', 'client aabb @8', 'closed']);
  });

  test('belongs to the application rather than to its carrier', () => {
    const logs: [string[], string[]] = [[], []];
    const carrier: Framing = {
      id: 'carrier',
      title: 'Carrier',
      specification: 'none',
      headLength: 1,
      hidden: 0,
      longest: 256,
      lengthOf: (bytes, at) => 1 + bytes[at],
      rules: LENGTH_16.rules,
      tooLong: LENGTH_16.tooLong,
      truncated: LENGTH_16.truncated,
    };
    const carriers = [{ transport: 'tcp', framing: 'carrier' }] as const;
    const lower = recorder(logs[0], { id: 'carrier', framing: carrier, carriers, recogniseStream: beginsWith('01') });
    const upper = recorder(logs[1], { id: 'upper', carriers, recogniseStream: beginsWith('01aa') });
    const opened = (data: string) =>
      run(
        [lower, upper],
        [
          [
            ...HANDSHAKE,
            ...[...data]
              .map((_, i) => i)
              .filter(i => i % 2 === 0)
              .map(i => client(1 + i / 2, data.slice(i, i + 2))),
          ].map(segment),
        ],
      );
    opened('01aa');
    opened('01bb');
    expect(logs).toEqual([
      ['opened from the start', 'client 01bb @5', 'closed'],
      ['opened from the start', 'client 01aa @5', 'closed'],
    ]);
  });
});

describe('a preface before the first message', () => {
  /** `hello` of the client, answered by `!`. */
  const preface = ({ client: said, server: answered }: Opening, _dialect: unknown, ended: boolean) => {
    if (said.length > 0 && said[0] !== 0x68) return undefined;
    if (said.length >= 5 && answered.length >= 1) return { client: 5, server: 1, name: 'hello' };
    return ended ? undefined : 'more';
  };
  const framing: Framing = {
    id: 'recorder',
    title: 'Recorder',
    specification: 'none',
    headLength: 2,
    hidden: 2,
    longest: 1000,
    lengthOf: (bytes, at) => 2 + bytes[at] * 256 + bytes[at + 1],
    rules: LENGTH_16.rules,
    tooLong: LENGTH_16.tooLong,
    truncated: LENGTH_16.truncated,
    dialect: [{ name: 'preface', kind: 'choice', values: ['auto', 'none'], default: 'auto', meaning: 'greeting' }],
    preface,
  };
  const settings: RecorderOptions = { framing, carriers: [{ transport: 'tcp', framing: 'recorder' }] };
  const hello = Buffer.from('hello').toString('hex');

  test('is no message, in however many segments it comes', () => {
    const { log, report } = tracked(
      [...HANDSHAKE, client(1, hello.slice(0, 4)), client(3, hello.slice(4)), server(1, '21'), client(6, '0001aa')],
      MAPPED,
      settings,
    );
    expect(log).toEqual(['opened from the start', 'client aa @7', 'closed']);
    expect(report.protocols[0].dialect).toEqual({ preface: 'hello' });
  });

  test('may be followed by a message in the same segment', () => {
    const { log } = tracked([...HANDSHAKE, client(1, `${hello}0001aa`), server(1, '210001bb')], MAPPED, settings);
    expect(log).toEqual(['opened from the start', 'client aa @4', 'server bb @5', 'closed']);
  });

  test('that may have been lost leaves it open where the messages begin', () => {
    const lost = [...HANDSHAKE, server(1, '21', { ack: 6 }), server(2, '0001bb', { ack: 6 }), client(6, '0001aa')];
    expect(tracked(lost, MAPPED, settings).log).toEqual(['client lost', 'server lost', 'closed']);
  });

  test('is not there when the first bytes are a message', () => {
    const { log, report } = tracked([...HANDSHAKE, client(1, '0001aa')], MAPPED, settings);
    expect(log).toEqual(['opened from the start', 'client aa @4', 'closed']);
    expect(report.protocols[0].dialect).toEqual({ preface: 'auto' });
  });

  test('that is waited for until the end leaves it known who is who, and what was seen', () => {
    const { log } = tracked([...HANDSHAKE.slice(1), server(1, '0001bb')], MAPPED, settings);
    expect(log).toEqual(['opened from the start', 'server bb @3', 'closed']);
  });

  test('stands before what a protocol recognises', () => {
    const recogniseStream = beginsWith('0001aa');
    const { log } = tracked(
      [...HANDSHAKE, client(1, hello), server(1, '21'), client(6, '0001aa')],
      {},
      { ...settings, recogniseStream },
    );
    expect(log).toEqual(['opened from the start', 'client aa @6', 'closed']);
  });
});
