/**
 * What the writer writes is read back by our own reader and by Wireshark's, which must both see what was put in.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/source.ts';
import { MAX_COMMENT_LENGTH, MAX_COMMENTS_LENGTH, PcapngWriter } from '../../src/capture/writer.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { frameOf, udpFrame } from '../../src/testkit/packet.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const DATAGRAM = udpFrame('10.0.0.1:5000', '10.0.0.2:26999', hex('01 4d4e4554 01 aabbcc'));

/** A frame a thousandth of a second and a nanosecond after the whole second. */
function frame(bytes: Uint8Array, rest: Partial<Frame> = {}): Frame {
  return Object.assign(frameOf(bytes, { seconds: 1_700_000_000 }), { nanoseconds: 1_000_001, ...rest });
}

function written(...frames: readonly (readonly [Frame, ...string[]])[]): Uint8Array {
  const writer = new PcapngWriter();
  for (const [packet, ...comments] of frames) writer.frame(packet, comments);
  return writer.take();
}

function commentsOf(bytes: Uint8Array): Promise<string[]> {
  return collectBytes(bytes).then(({ frames }) => frames.map(({ comment }) => comment));
}

test('frames come back with their bytes, times to the nanosecond, and lengths on the wire', async () => {
  const bytes = written([frame(DATAGRAM)], [frame(DATAGRAM, { nanoseconds: 999_999_999, wireLength: 1_500 })]);
  const { frames, facts } = await collectBytes(bytes);
  expect(facts).toMatchObject({ format: 'pcapng', linkTypes: [1], packets: 2, complete: true });
  const hexBytes = Buffer.from(DATAGRAM).toString('hex');
  expect(frames).toMatchObject([
    { number: 1, time: '1700000000.001000001', bytes: hexBytes, wireLength: DATAGRAM.length, comment: '' },
    { number: 2, time: '1700000000.999999999', bytes: hexBytes, wireLength: 1_500, comment: '' },
  ]);
});

test.each([0, 1, 2, 3, 4, 65_535, 262_144])('a frame of %i bytes', async length => {
  const { frames, facts } = await collectBytes(written([frame(new Uint8Array(length).fill(0xa5))], [frame(DATAGRAM)]));
  expect(facts).toMatchObject({ packets: 2, complete: true });
  expect(frames[0].bytes).toBe('a5'.repeat(length));
});

test('only a part of the buffer that the frame stands in is written', async () => {
  const { frames } = await collectBytes(
    written([frame(DATAGRAM, { bytes: hex('ff 0102030405 ff'), start: 1, end: 6 })]),
  );
  expect(frames[0].bytes).toBe('0102030405');
});

test('each link type has an interface', async () => {
  const raw = frame(hex('45'), { linkType: 101 });
  const { frames, facts } = await collectBytes(written([frame(DATAGRAM)], [raw], [frame(DATAGRAM)], [raw]));
  expect(facts.linkTypes).toEqual([1, 101]);
  expect(frames.map(({ linkType, interfaceId }) => [linkType, interfaceId])).toEqual([
    [1, 0],
    [101, 1],
    [1, 0],
    [101, 1],
  ]);
});

test('what is taken piece by piece makes the same file', () => {
  const writer = new PcapngWriter();
  const pieces = [writer.take()];
  for (const comment of ['one', 'two', 'three']) {
    writer.frame(frame(DATAGRAM), [comment]);
    pieces.push(writer.take());
  }
  const whole = written([frame(DATAGRAM), 'one'], [frame(DATAGRAM), 'two'], [frame(DATAGRAM), 'three']);
  expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  expect(writer.length).toBe(0);
});

test('a time that 64 bits of nanoseconds do not hold is the last one that they do', async () => {
  const { frames } = await collectBytes(written([frame(DATAGRAM, { seconds: 253_402_300_799, nanoseconds: 5 })]));
  expect(frames[0].time).toBe('18446744073.709551615');
});

describe('a source that is complete', () => {
  const recording = (complete: boolean) => {
    const writer = new PcapngWriter({ complete });
    writer.frame(frame(DATAGRAM));
    writer.frame(frame(DATAGRAM));
    return writer.take();
  };

  test('is known as such to readers, and a capture not marked so is not', async () => {
    expect((await collectBytes(recording(true))).facts).toMatchObject({ packets: 2, knownComplete: true });
    expect((await collectBytes(recording(false))).facts).toMatchObject({ packets: 2, knownComplete: false });
  });

  test.each([
    ['editcap', (from: string, to: string) => [from, to, '1']],
    ['tshark', (from: string, to: string) => ['-r', from, '-w', to, '-Y', 'frame.number == 1']],
  ])('is not known any more when %s has taken packets out', async (program, args) => {
    if (!requireTool(program)) return;
    const { path } = temporaryFile('whole.pcapng', recording(true));
    runTool(program, args(path, `${path}.less`));
    expect((await collectBytes(readFileSync(`${path}.less`))).facts).toMatchObject({
      packets: 1,
      knownComplete: false,
    });
  });
});

describe('comments', () => {
  test('are options of their own, in order, in UTF-8', async () => {
    const bytes = written([frame(DATAGRAM), 'first', 'naïve, 😀', ''], [frame(DATAGRAM)], [frame(DATAGRAM), 'last']);
    expect(await commentsOf(bytes)).toEqual(['first\nnaïve, 😀\n', '', 'last']);
  });

  test('longer than an option are cut, at a character', async () => {
    const long = `x${'é'.repeat(MAX_COMMENT_LENGTH)}`;
    const [comment] = await commentsOf(written([frame(DATAGRAM), long], [frame(DATAGRAM)]));
    expect(comment).toBe(long.slice(0, 1 + (MAX_COMMENT_LENGTH - 1) / 2));
    const [ofFour] = await commentsOf(written([frame(DATAGRAM), '😀'.repeat(MAX_COMMENT_LENGTH)]));
    expect(ofFour).toBe('😀'.repeat(Math.floor(MAX_COMMENT_LENGTH / 4)));
  });

  test('that are more than a block has room for are left out, and the frames behind stay whole', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index} ${'é'.repeat(5_000)}`);
    const { frames, facts } = await collectBytes(written([frame(DATAGRAM), ...many], [frame(DATAGRAM), 'next']));
    expect(facts).toMatchObject({ packets: 2, complete: true });
    expect(Buffer.byteLength(frames[0].comment)).toBeLessThan(MAX_COMMENTS_LENGTH);
    expect(frames[0].comment.startsWith('0 é')).toBe(true);
    expect(frames[1].comment).toBe('next');
  });

  test('may hold half a surrogate pair', async () => {
    expect(await commentsOf(written([frame(DATAGRAM), 'a\ud800b']))).toEqual(['a\ufffdb']);
  });
});

describe('Wireshark', () => {
  test('tshark reads times, lengths and all comments', () => {
    if (!requireTool('tshark')) return;
    const bytes = written(
      [frame(DATAGRAM), 'mine', 'wirelint error mnet/tag-mismatch: naïve'],
      [frame(DATAGRAM, { nanoseconds: 2, wireLength: 9_000 })],
    );
    const { path } = temporaryFile('written.pcapng', bytes);
    const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.comment', 'udp.dstport'];
    const options = ['-T', 'fields', '-E', 'aggregator=|', ...fields.flatMap(name => ['-e', name])];
    const printed = runTool('tshark', ['-n', '-r', path, ...options]);
    const length = DATAGRAM.length;
    expect(printed.trimEnd().split('\n')).toEqual([
      `1700000000.001000001\t${length}\t${length}\tmine|wirelint error mnet/tag-mismatch: naïve\t26999`,
      `1700000000.000000002\t9000\t${length}\t\t26999`,
    ]);
  });

  test('capinfos finds a whole file of two interfaces', () => {
    if (!requireTool('capinfos')) return;
    const { path } = temporaryFile(
      'written.pcapng',
      written([frame(DATAGRAM), 'a comment'], [frame(hex('45'), { linkType: 101 })]),
    );
    const printed = runTool('capinfos', ['-M', '-T', '-B', '-r', '-c', '-E', path]);
    expect(printed.trimEnd().split('\t').slice(1)).toEqual(['per-packet', '2']);
    expect(runTool('capinfos', [path])).toContain('Number of interfaces in file: 2');
  });
});
