/** Sessions whose beginning was not seen, or of which messages were lost; and how a session is recognised. */
import { describe, expect, test } from 'vitest';
import { recognise } from '../../../dissectors/ministreaming/recognise.ts';
import { openCapture } from '../../../src/capture/open.ts';
import { type CaptureSource, Frame } from '../../../src/capture/source.ts';
import type { Datagram } from '../../../src/protocol/protocol.ts';
import { hex } from '../../../src/testkit/bytes.ts';
import { Message } from '../../../src/wire/message.ts';
import {
  cut,
  type Judged,
  judge,
  judgeCapture,
  judgeStream,
  later,
  link,
  raw,
  states,
  tally,
} from '../../kit/ministreaming.ts';
import { placesOf } from '../../kit/portion.ts';

const c = link();
const d = link('ann', 0x234568, 0x987655);
const e = link('bob', 0x345678, 0x876543);
const opened = [c.syn(), c.ack()];
const accused = ({ findings }: Judged) =>
  findings.filter(({ severity }) => severity !== 'info').map(({ ruleId, frame }) => `${ruleId} ${frame}`);

describe('taken up midstream', () => {
  const talk = [...opened, c.send(), c.answer(), e.syn(), e.ack(), e.send(), c.close(), c.serverClose(), e.close()];

  test('from anywhere: said once, nobody accused', () => {
    for (let first = 2; first < talk.length; first++) {
      if (talk[first].bytes[0] === 0xa1) continue;
      const found = judge(talk.slice(first));
      expect([first, found.broken]).toEqual([first, ['unknown-session 1']]);
      expect(found.report.summary.verdict).toBe('inconclusive');
    }
  });

  test('from anywhere, on a port that nobody has named: what went by before the first SYN is not held against it', () => {
    for (let first = 2; first < talk.length; first++) {
      if (talk[first].bytes[0] === 0xa1) continue;
      expect([first, accused(judge(talk.slice(first), { mapped: false }))]).toEqual([first, []]);
    }
  });

  test('a SYN on a pair that had said nothing before begins a whole session', () => {
    const found = judge([...opened, d.send(), e.syn(), e.ack()], { mapped: false });
    expect(found.broken).toEqual(['data-unknown-id 3']);
  });

  test('an id that is seen counts as a connection from then on', () => {
    const found = judge([c.answer(), c.answer(), c.send(), c.close()]);
    expect(found.broken).toEqual(['unknown-session 1']);
    expect(states(found)).toEqual(['OPEN', 'CLIENT-CLOSED']);
    expect(tally(found, 'data-unknown-id')).toEqual([0, 0, 3]);
  });

  test('an ACK tells both its ids', () => {
    expect(states(judge([c.ack(), c.send(), c.answer(), c.serverClose(), c.close()]))).toEqual(['CLOSED']);
  });

  test('a connection whose SYN comes later is judged as a whole one', () => {
    const found = judge([c.send(), d.syn(), d.ack(), d.send(), d.close(), d.close(), c.close(), c.close()]);
    expect(found.broken).toEqual(['unknown-session 1', 'close-duplicate 6']);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'violations']);
  });

  test('the first message of the pair decides for both roles', () => {
    const lines = [e.syn(), e.ack(), c.send(), e.answer(), raw('bob', [0xa0, 1, 1, 1])];
    expect(judge(lines).broken).toEqual(['data-unknown-id 3', 'data-unknown-id 5']);
    expect(judge([...opened, raw('bob', [0xa2, 1, 1, 1])]).broken).toEqual(['close-unknown-id 3']);
  });

  test('a lone SYN without an id that can be read begins a session', () => {
    expect(judge([raw('ann', [0xa1, 0x23]), c.syn(), c.ack()]).broken).toEqual(['truncated-header 1']);
  });

  test('with midstream=never the peers are held to have said nothing before', () => {
    const options = { midstream: 'never', capture: 'complete' } as const;
    expect(judge([c.send(), c.ack(), c.close(), c.serverClose()], options).broken).toEqual([
      'data-unknown-id 1',
      'ack-unexpected 2',
    ]);
  });
});

describe('real captures', () => {
  const CAPTURES = [
    '2009-both-close-crossing',
    '2009-both-roles',
    '2009-data-after-close',
    '2009-http',
    '2009-multiplexed',
    '2009-refused-noaccept',
    '2009-refused-noserversocket',
    '2009-server-greets-client-closes',
    '2009-upload-big',
  ];
  const turns = CAPTURES.map((name, turn) => [name, turn] as const);
  /** Of all frames of a capture, one of so many. */
  const STEP = 4;
  /** What the implementation does wrong. */
  const FAULTS: Readonly<Record<string, readonly string[]>> = {
    '2009-refused-noserversocket': ['close-payload', 'close-payload', 'close-payload', 'truncated-header'],
  };

  test.each(turns)('%s, every prefix: what was found before is found again, and nothing else', async (name, turn) => {
    const { frames, source } = await framesOf(name);
    const whole = accused(await judgeCapture(source(0, frames.length)));
    expect(whole.map(line => line.replace(/^ministreaming\/(.*) \d+$/, '$1'))).toEqual(FAULTS[name] ?? []);
    for (const end of placesOf(frames.length, STEP, turn)) {
      const found = accused(await judgeCapture(source(0, end)));
      expect(found).toEqual(whole.filter(line => Number(line.split(' ')[1]) <= end));
    }
  });

  test.each(turns)('%s, from every frame that is no SYN', async (name, turn) => {
    const { frames, source } = await framesOf(name);
    for (const begin of placesOf(frames.length, STEP, turn, 1)) {
      if (frames[begin].bytes[42] === 0xa1) continue;
      const found = await judgeCapture(source(begin, frames.length));
      const own = accused(found).filter(line => !/close-payload|truncated-header/.test(line));
      expect([begin, own]).toEqual([begin, []]);
      expect(found.broken.filter(line => line.startsWith('unknown-session')).length).toBeGreaterThan(0);
    }
  });

  async function framesOf(name: string) {
    const file = new URL(`../../../fixtures/ministreaming/${name}.pcap`, import.meta.url).pathname;
    const whole = await openCapture(file);
    const frames: Frame[] = [];
    await whole.read(frame => {
      const copy = Object.assign(new Frame(), frame);
      copy.bytes = Uint8Array.from(frame.bytes.subarray(frame.start, frame.end));
      copy.start = 0;
      copy.end = copy.bytes.length;
      frames.push(copy);
    });
    const source = (begin: number, end: number): CaptureSource => ({
      ...whole,
      facts: whole.facts,
      read: async (onFrame: (frame: Frame) => void) => {
        for (const frame of frames.slice(begin, end)) onFrame(frame);
      },
    });
    return { frames, source };
  }
});

describe('a server id that could not be read', () => {
  const over = [c.syn(), c.ack(), c.close(), c.serverClose()];
  const next = link('ann', 0x234569, c.serverId);

  test.each([
    ['cut', cut(4, next.ack())],
    ['of the wrong length', raw('bob', [0x51, 0x23, 0x45, 0x69, 0x98, 0x76])],
  ])('because it was %s, may be any that was free', (_why, ack) => {
    const found = judge([...over, next.syn(), ack, next.send(), next.close()]);
    expect(accused(found).filter(line => !line.startsWith('ministreaming/ack-length'))).toEqual([]);
  });

  test('says nothing about connections that were open', () => {
    const found = judge([...opened, next.syn(), cut(4, next.ack()), c.close(), c.close()]);
    expect(found.broken).toEqual(['close-duplicate 6']);
  });
});

describe('over TCP', () => {
  test('from its handshake on, a connection is whole whatever its first message is', () => {
    expect(judgeStream([c.send(), ...opened]).broken).toEqual(['data-unknown-id 4']);
    expect(accused(judgeStream([c.send(), ...opened], { handshake: false }))).toEqual([]);
  });

  test('messages that were lost to the capture are not held against who answers them', () => {
    const lost = [
      ...opened,
      { ...d.syn(), missing: true },
      c.answer(),
      d.ack(),
      d.answer(),
      d.serverClose(),
      c.answer(),
    ];
    const found = judgeStream(lost);
    expect(accused(found)).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    expect(accused(judgeStream(lost.filter(line => !('missing' in line))))).toEqual(['ministreaming/ack-unexpected 7']);
  });

  test('where either end has ended its stream no answer is waited for any more', () => {
    const last = { ...e.syn(), fin: true };
    expect(accused(judgeStream([...opened, last, d.syn(), later(100, c.send())]))).toEqual([]);
    expect(accused(judgeStream([...opened, d.syn(), { ...c.answer(), fin: true }, later(100, c.send())]))).toEqual([]);
    const before = [...opened, d.syn(), { ...c.send(), after: 100, fin: true }];
    expect(accused(judgeStream(before))).toEqual(['ministreaming/syn-unanswered 6']);
  });

  test('without a framing there are no messages', () => {
    const found = judgeStream(opened, { dialect: { framing: 'none' } });
    expect(found.report.summary.messages).toBe(0);
  });
});

describe('recognition', () => {
  const first = 'a1 234567 0102';
  const datagrams = (...lines: readonly string[]): Datagram[] =>
    lines.map(line => {
      const [side, text] = line.split('>');
      const bytes = hex(text);
      const message = new Message();
      message.assign(bytes, 0, bytes.length, bytes.length);
      return { side: Number(side), message };
    });

  test.each<[what: string, lines: readonly string[]]>([
    ['ACK', [`0>${first}`, '1>51 234567 987654']],
    ['a refusal', [`0>${first}`, '1>52 234567']],
    ['a refusal of three bytes', [`0>${first}`, '1>52 234567 010203']],
    ['an ACK behind other SYNs and data', [`0>${first}`, '0>a1 234568 01', '1>50 111111 01', '1>51 234568 987654']],
    [
      'an ACK of the end that spoke first, for a SYN of the other',
      [`0>${first}`, '1>a1 999999 01', '0>51 999999 111111'],
    ],
  ])('a SYN and %s', (_what, lines) => {
    expect(recognise(datagrams(...lines))).toBe('yes');
    expect(recognise(datagrams(...lines.slice(0, -1)))).toBe('more');
  });

  test.each<[what: string, lines: readonly string[]]>([
    ['an ACK of the same end', [`0>${first}`, '0>51 234567 987654']],
    ['an ACK with another id', [`0>${first}`, '1>51 234568 987654']],
    ['an ACK without its server id', [`0>${first}`, '1>51 234567']],
    ['reserved types and chaff', [`0>${first}`, '1>5f 234567', '0>ff', '1>ff 00']],
    ['what is no message of ministreaming', [`0>${first}`, '1>47 455420']],
    ['less than a header, or nothing at all', [`0>${first}`, '1>51 23', '0>']],
  ])('%s settles nothing', (_what, lines) => {
    expect(recognise(datagrams(...lines))).toBe('more');
  });

  test.each<[what: string, lines: readonly string[]]>([
    ['nothing', []],
    ['a SYN with the reserved id', ['0>a1 000000 0102']],
    ['a SYN without a key', ['0>a1 234567']],
    ['a SYN that was cut', ['0>a1 2345']],
    ['DATA first', ['0>50 234567 01', '1>a1 234567 01', '0>51 234567 987654']],
  ])('%s is none', (_what, lines) => {
    expect(recognise(datagrams(...lines))).toBe('no');
  });

  test('by the engine: messages before the answer are judged, too', () => {
    const found = judge([c.syn(), d.syn(), c.answer(), d.ack(), c.ack()], { mapped: false });
    expect(found.broken).toEqual(['data-before-ack 3']);
    expect(found.report.summary.messages).toBe(5);
  });

  test('by the engine: what is malformed between the SYN and its answer is judged, too', () => {
    const [short, strange] = [raw('ann', [0xa0]), raw('bob', [0xc0, 1, 2, 3])];
    const found = judge([c.syn(), short, strange, c.ack()], { mapped: false });
    expect(found.broken).toEqual(['truncated-header 2', 'unknown-type 3']);
  });

  test('a SYN that is never answered is nobody’s without a port mapping', () => {
    expect(judge([c.syn(), later(100, c.syn())], { mapped: false }).report.summary.messages).toBe(0);
  });
});
