import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBytes } from '../src/capture/open.ts';
import { Engine } from '../src/engine.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../src/run/options.ts';
import { UsageError } from '../src/settings/words.ts';
import { found } from '../src/testkit/engine.ts';
import { check, concat, contractProblems, hex, Traffic, uint16, uint32 } from '../src/testkit.ts';
import { requireTool, runTool } from './kit/tools.ts';
import { toy } from './kit/toy.ts';
import { word } from './kit/word.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';

const greeting = () => new Traffic().datagram(ANN, BOB, '00 0001').datagram(BOB, ANN, '00 0002');
/** The count of the TEXT is one too many. */
const miscounted = () => greeting().datagram(ANN, BOB, '01 0003 6869').datagram(BOB, ANN, '02');

describe('bytes', () => {
  test('from hexadecimal text, from numbers, put together', () => {
    expect(concat(hex('00 ff'), uint16(0x0102), uint32(0x03040506))).toEqual(hex('00ff 0102 03040506'));
  });

  test.each(['0', '0g', '00 0'])('%j is a slip of the pen, and said to be one', text => {
    expect(() => hex(text)).toThrow(`not bytes in hexadecimal: ${text}`);
  });
});

describe('datagrams', () => {
  test('are checked, and findings named by rule and frame', async () => {
    const { findings, report } = await check(toy, miscounted());
    expect(findings).toEqual(['toy/order-settled 3', 'toy/count 3']);
    expect(report.summary).toMatchObject({ packets: 4, messages: 4, errors: 0, warnings: 1, infos: 1 });
  });

  test('are dissected, each with its fields and the rules that it broke', async () => {
    const { messages } = await check(toy, miscounted());
    expect(messages.map(({ frame, name, from }) => [frame, name, from])).toEqual([
      [1, 'HELLO', ANN],
      [2, 'HELLO', BOB],
      [3, 'TEXT', ANN],
      [4, 'BYE', BOB],
    ]);
    expect(messages[2].fields).toEqual({ type: 1, count: 3, text: 'hi' });
    expect(messages[2].broken).toEqual(['toy/order-settled', 'toy/count']);
    expect(messages[3].state).toBe('OVER');
  });

  test('end in connections, conformant ones too', async () => {
    const { connections } = await check(toy, greeting());
    expect(connections).toMatchObject([{ client: ANN, server: BOB, state: 'TALKING', verdict: 'conformant' }]);
  });

  test('are a millisecond apart, or as far as the test says', async () => {
    const { messages, report } = await check(toy, greeting().wait(2.5).datagram(ANN, BOB, '02'));
    expect(messages.map(({ frame }) => frame)).toEqual([1, 2, 3]);
    const [{ start, end }] = report.connections;
    expect(end.seconds - start.seconds + (end.nanoseconds - start.nanoseconds) * 1e-9).toBeCloseTo(2.502, 6);
  });

  test('may be of IPv6', async () => {
    const ends = ['[2001:db8::1]:1', '[2001:db8::2]:2'] as const;
    const traffic = new Traffic().datagram(...ends, '00 0001').datagram(ends[1], ends[0], '00 0002');
    expect((await check(toy, traffic)).connections.map(({ client }) => client)).toEqual([ends[0]]);
  });
});

describe('what the command line can say, a test can say', () => {
  test('dialects and rules', async () => {
    const options = { dialect: ['toy.order=big'], rule: ['toy/count=off'] };
    expect((await check(toy, miscounted(), options)).findings).toEqual([]);
  });

  test('ports and midstream', async () => {
    const text = new Traffic().datagram(ANN, BOB, '01 0002 6869');
    expect((await check(toy, text)).connections).toEqual([]);
    const decodeAs = ['udp.port==2000,toy'];
    expect((await check(toy, text, { decodeAs })).connections).toMatchObject([{ verdict: 'inconclusive' }]);
    const { findings } = await check(toy, text, { decodeAs, midstream: 'never' });
    expect(findings).toContain('toy/hello-first 1');
  });

  test('limits', async () => {
    const { report } = await check(toy, miscounted(), { limit: ['findings=1'] });
    expect([report.findings.length, report.omitted.findings]).toEqual([1, 1]);
  });

  test('and what it would refuse is refused', async () => {
    await expect(check(toy, greeting(), { dialect: ['toy.order=middle'] })).rejects.toThrow(UsageError);
  });
});

describe('TCP connections', () => {
  const decodeAs = ['tcp.port==2000,word'];
  const talk = (cut?: number) => {
    const traffic = new Traffic();
    const options = cut === undefined ? {} : { cut };
    traffic.connect(ANN, BOB).client('0002 6869 0003 627965', options).server('0002 6f6b', options).close();
    return traffic;
  };

  test('begin with a handshake in three frames, and end with three', async () => {
    expect(talk().length).toBe(3 + 2 + 3);
    const { messages, connections } = await check(word, talk(), { decodeAs });
    expect(messages.map(({ frame, from, fields }) => [frame, from, fields.text])).toEqual([
      [4, ANN, 'hi'],
      [4, ANN, 'bye'],
      [5, BOB, 'ok'],
    ]);
    expect(connections).toMatchObject([{ client: ANN, server: BOB, verdict: 'conformant', messages: 3 }]);
  });

  test.each([1, 2, 3, 100])('are the same in segments of %i bytes', async cut => {
    const { messages } = await check(word, talk(cut), { decodeAs });
    expect(messages.map(({ fields }) => fields.text)).toEqual(['hi', 'bye', 'ok']);
  });

  test('say the same in segments that are there twice, and out of order, with the frames to show for it', async () => {
    const traffic = new Traffic();
    traffic.connect(ANN, BOB).client('0002 6869 0001 21', { cut: 3, doubled: true, reversed: true });
    expect(traffic.length).toBe(3 + 2 * 3);
    const { messages } = await check(word, traffic, { decodeAs });
    // The first bytes come last, in frame 8.
    expect(messages.map(({ frame, fields }) => [frame, fields.text])).toEqual([
      [8, 'hi'],
      [8, '!'],
    ]);
  });

  test('may run side by side', async () => {
    const traffic = new Traffic();
    const first = traffic.connect(ANN, BOB);
    const second = traffic.connect('10.0.0.3:1000', BOB);
    first.client('0001 61');
    second.client('0001 62');
    first.client('0001 63').reset();
    const { messages } = await check(word, traffic, { decodeAs });
    expect(messages.map(({ connection, fields }) => [connection, fields.text])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [1, 'c'],
    ]);
  });

  test('may be met in the middle, or with a hole: the verdict is then inconclusive', async () => {
    const late = new Traffic();
    late.join(ANN, BOB).client('0001 61');
    const holed = new Traffic();
    holed
      .connect(ANN, BOB)
      .client('0001 61')
      .client('0001 62', { captured: false })
      .server('0001 63')
      .client('0001 64');
    for (const traffic of [late, holed]) {
      const { connections } = await check(word, traffic, { decodeAs });
      expect(connections).toMatchObject([{ verdict: 'inconclusive' }]);
    }
  });
});

describe('as a capture file', () => {
  const traffic = miscounted();
  traffic.connect(ANN, BOB).client('0002 6869', { cut: 1 }).close();

  test('gives the same findings as the frames', async () => {
    const source = await openBytes(traffic.pcap(), 'test.pcap');
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
    engine.beginCapture(source.facts);
    await source.read(frame => engine.frame(frame));
    engine.endCapture();
    expect(found(engine.report())).toEqual((await check(toy, traffic)).findings);
    expect(source.facts).toMatchObject({ packets: traffic.length, complete: true });
  });

  test('is read by tshark, which finds no fault in sums and numbers', () => {
    if (!requireTool('tshark')) return;
    const folder = mkdtempSync(join(tmpdir(), 'wirelint-testkit-'));
    try {
      const path = join(folder, 'test.pcap');
      writeFileSync(path, traffic.pcap());
      const checked = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'];
      const options = checked.flatMap(name => ['-o', `${name}:TRUE`]);
      const faults =
        '_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.flags';
      expect(runTool('tshark', ['-r', path, ...options, '-Y', faults])).toBe('');
      expect(runTool('tshark', ['-r', path, '-Y', 'tcp']).trim().split('\n')).toHaveLength(3 + 4 + 3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('the contract is at hand', () => {
  expect(contractProblems(toy)).toEqual([]);
  expect(contractProblems({ ...toy, rules: [] })).toContain(
    'state machine: toy/hello-first is no rule of this protocol',
  );
});
