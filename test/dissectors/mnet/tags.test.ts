import { describe, expect, test } from 'vitest';
import { HostTagLog, LiveTags } from '../../../dissectors/mnet/tags.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/protocol/limits.ts';
import { Message } from '../../../src/wire/message.ts';

const CONNECTOR = true;
const HOST = [0x0a00_0001, 0, 0, 0];

/** The log, with the first word of a flow's address standing for it: flow 3 is 0.0.0.3, from 1000 on an IPv6 host that ends in it. */
function logs(limits: Partial<Limits> = {}) {
  const hits: string[] = [];
  const host = {
    seed: 1,
    limits: { ...DEFAULT_LIMITS, ...limits },
    limitHit: (bound: string) => hits.push(bound),
    flows: {
      copyEndpoint: (flow: number, _side: number, into: Uint32Array) => {
        into.set(flow < 1000 ? [flow, 0, 0, 0] : [HOST[0], 0, 0, flow]);
        return 26999;
      },
    },
  } as unknown as ConstructorParameters<typeof HostTagLog>[0];
  const [hostTags, liveTags] = [new HostTagLog(host), new LiveTags(host)];
  const add = (flow: number, tags: readonly number[], connector = CONNECTOR) =>
    tags.map(tag => hostTags.add(flow, 0, connector, messageWith(tag), 1));
  return { add, hits, liveTags };
}

/** A message with the tag at bytes 1..3, in network order. */
function messageWith(tag: number): Message {
  const message = new Message();
  message.assign(Uint8Array.of(9, 8, tag >>> 16, tag >>> 8, tag), 1, 4, 4);
  return message;
}

const FEW = Array(7).fill('few');
const RANDOM = [0x51, 0x9f3301, 0x10, 0xffffff, 0x7a7a7a, 0x51, 0x3, 0xabcdef, 0x42, 0x424242];
/** Across the end of a byte, so that they count in one byte order only. */
const COUNTED = [253, 254, 255, 256, 257, 258, 259];
const swapped = (tag: number) => ((tag & 0xff) << 16) | (tag & 0xff00) | (tag >>> 16);

describe('tags of a host', () => {
  test('are few up to the seventh, whatever they are', () => {
    expect(logs().add(1, [1, 2, 3, 4, 5, 6, 7])).toEqual(FEW);
    expect(logs().add(1, [5, 5, 5, 5, 5, 5, 5])).toEqual(FEW);
  });

  test('are random from the eighth on, while at least half of them differ', () => {
    expect(logs().add(1, RANDOM)).toEqual([...FEW, 'random', 'random', 'random']);
  });

  test.each([
    ['upwards', [250, 253, 256, 259, 262, 265, 268, 271], 3],
    ['over the end', [0xfffffe, 0xffffff, 0, 1, 2, 3, 4, 5], 1],
    ['downwards', [80, 70, 60, 50, 40, 30, 20, 10], 0xfffff6],
    ['on the spot', Array(8).fill(9), 0],
    ['as little-endian numbers', [200, 490, 780, 1070, 1360, 1650, 1940, 2230].map(swapped), 290],
  ])('that go %s by one step are found at the eighth, and only once', (_where, tags, step) => {
    const { add } = logs();
    expect(add(1, tags)).toEqual([...FEW, { kind: 'step', step }]);
    expect(add(1, RANDOM)).toEqual(Array(10).fill('few'));
  });

  test('that repeat are found where more than half of them were there before', () => {
    const { add } = logs();
    expect(add(1, [7, 9, 7, 1, 9, 1, 2, 7])).toEqual([...FEW, 'random']);
    expect(add(1, [7])).toEqual([{ kind: 'repeats', distinct: 4 }]);
    expect(add(1, [8])).toEqual(['few']);
  });

  test('are counted on beyond those that are kept with the host', () => {
    const { add } = logs();
    const apart = Array.from({ length: 20 }, (_, at) => (at * at * 7919) % 0xffffff);
    expect(add(1, apart)).toEqual([...FEW, ...Array(13).fill('random')]);
    // 20 that differ, and no more: from 41 in all on they are fewer than half.
    expect(add(1, [...apart, 0])).toEqual([...Array(20).fill('random'), { kind: 'repeats', distinct: 20 }]);
  });

  test('are judged no further at the bound, which is noted once', () => {
    const { add, hits } = logs({ 'host-tags': 9 });
    expect(add(1, RANDOM)).toEqual([...FEW, 'random', 'random', 'few']);
    expect(hits).toEqual(['host-tags']);
  });

  test('are those of one address in one role: other hosts are apart, of IPv6 too', () => {
    const { add } = logs();
    for (const flow of [1, 2, HOST[0] % 1000, 1001, 1002]) expect(add(flow, COUNTED)).toEqual(FEW);
    expect(add(1, COUNTED, !CONNECTOR)).toEqual(FEW);
    for (const flow of [1, 1002]) expect(add(flow, [260])).toEqual([{ kind: 'step', step: 1 }]);
  });

  test('of a host that has no room are forgotten', () => {
    const { add, hits } = logs({ hosts: 1 });
    expect([add(1, [1]), add(2, [1]), add(1, [2])]).toEqual([['few'], ['forgotten'], ['few']]);
    expect(hits).toEqual(['hosts']);
  });
});

describe('a tag that a connection holds', () => {
  test('stays its own: another connection that has it too is not entered', () => {
    const { liveTags, hits } = logs();
    const entry = liveTags.hold(1, 1, 77, 5);
    expect(entry).toBeGreaterThanOrEqual(0);
    expect(liveTags.hold(1, 1, 77, 6)).toBe(-1);
    expect(liveTags.holder(1, 1, 77)).toBe(5);
    expect(hits).toEqual([]);
    liveTags.release(entry);
    expect(liveTags.holder(1, 1, 77)).toBe(-1);
    expect(liveTags.hold(1, 1, 77, 6)).toBeGreaterThanOrEqual(0);
    expect(liveTags.holder(1, 1, 77)).toBe(6);
  });

  test('is free again where there was no room, which is noted', () => {
    const { liveTags, hits } = logs({ flows: 1 });
    expect([1, 2, 3].map(tag => liveTags.hold(1, 1, tag, tag) >= 0)).toEqual([true, true, false]);
    expect(liveTags.holder(1, 1, 3)).toBe(-1);
    expect(hits).toEqual(['flows']);
  });
});
