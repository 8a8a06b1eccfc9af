/** What a capture of MQTT proves, and what not: order, retransmissions, versions that are guessed, beginnings that are recognised. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/capture/source.ts';
import { hex } from '../../../src/testkit/bytes.ts';
import { type JudgeOptions, judgeFrames, judgeNet, scene } from '../../kit/mqtt-judge.ts';

const BOTH = [4, 5] as const;
const mapped = { mapped: true } as const;

/** The same frames in another order, by their numbers, each at the time of its new place. */
function inOrder(frames: readonly Frame[], numbers: readonly number[]): Frame[] {
  const times = numbers.map((_, place) => ({ ...frames[place] }));
  return numbers.map((number, place) => {
    const { seconds, nanoseconds } = times[place];
    return Object.assign(frames[number - 1], { seconds, nanoseconds });
  });
}

describe.each(BOTH)('level %i', level => {
  test('directions that were recorded apart prove nothing about their order', () => {
    const { net, m, open } = scene(level);
    open()
      .client(m.publish({ qos: 1, payload: 'on' }))
      .server(m.puback())
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
    const frames = net.frames();
    expect(judgeFrames(frames, { capture: 'auto' }).verdicts).toEqual(['conformant']);
    const { broken, verdicts } = judgeFrames(inOrder(frames, [1, 2, 3, 4, 5, 6, 8, 7, 9]), { capture: 'auto' });
    expect(broken).toEqual([]);
    expect(verdicts).toEqual(['inconclusive']);
  });

  test('the same order, where nothing tells that the sender knew better', () => {
    const { net, m, open } = scene(level);
    open()
      .client(m.publish({ qos: 1, payload: 'on' }))
      .send('server', [m.puback()])
      .send('client', [m.publish({ qos: 1, payload: 'off' })], { unaware: true })
      .server(m.puback());
    const { broken } = judgeFrames(inOrder(net.frames(), [1, 2, 3, 4, 5, 6, 8, 7, 9]), { capture: 'auto' });
    expect(broken).toEqual(['packet-id-in-use 7']);
  });

  test('a silence that ends in a retransmission may have ended before', () => {
    const { net, m, open } = scene(level);
    const lossy = open({ keepAlive: 10 });
    net.wait(14);
    // The PINGREQ of frame 6 did not come as far as the capture; it comes again behind the PUBLISH.
    lossy.client(m.pingreq()).again('client');
    lossy.client(m.publish()).server(m.pingresp());
    net.wait(1);
    const frames = net.frames();
    const late = frames[6];
    const left = [...frames.slice(0, 5), frames[7], late, frames[8]];
    for (const [place, frame] of left.slice(5).entries()) frame.seconds = left[4].seconds + 14 + 2 * place;
    expect(judgeFrames(left).broken).toEqual([]);
  });

  test('a session whose beginning was not seen is not compared, and its bytes are judged', () => {
    const { net, m, open, kept } = scene(level);
    open(kept(), { sessionPresent: true })
      .server(m.publish({ topic: 'any', qos: 2, id: 9, dup: true }))
      .client(m.pubrec(9), m.pubrel(4), m.publish({ qos: 1, id: 3, dup: true }))
      .server(m.pubrel(9), m.pubcomp(4), m.puback(3), m.pubcomp(8))
      .client(m.pubcomp(9), m.publish({ topic: 'a/+' }));
    const { broken, verdicts } = judgeNet(net);
    expect(broken).toEqual(['topic-wildcard 15']);
    expect(verdicts).toEqual(['violations']);
  });

  test('beyond connections nothing is known, if a user says so', () => {
    const { net, m, open, kept } = scene(level);
    const present = { sessionPresent: true } as const;
    open(kept())
      .client(m.publish({ qos: 1, payload: 'on' }))
      .close('client');
    const resumed = open(kept(), present)
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
    net.wait(10);
    resumed.client(m.pingreq()).server(m.pingresp());
    open(kept());
    resumed.client(m.pingreq()).server(m.pingresp());
    expect(judgeNet(net, { dialect: { sees: 'connection' } }).broken).toEqual([]);
    expect(judgeNet(net).broken).not.toEqual([]);
  });
});

/** Where its first packet begins is not beyond doubt: what was taken up midstream is shown, and accuses nobody. */
describe.each(BOTH)('taken up midstream, level %i', level => {
  const version = level === 5 ? '5.0' : '3.1.1';
  const judged = (options: JudgeOptions = {}) => {
    const { net, m, tcp } = scene(level);
    tcp({ handshake: false })
      .client(m.publish({ topic: 'a/+' }), m.packet(12, 1), m.subscribe(1, ['a#']))
      .server(m.suback(1, [0]), m.puback(9));
    return judgeNet(net, { ...mapped, ...options });
  };

  test('a whole packet that fits one version alone tells which it is', () => {
    const { broken, report, verdicts } = judged();
    expect([broken, verdicts]).toEqual([['midstream 1'], ['inconclusive']]);
    expect(report.protocols[0].dialect.version).toBe(version);
    expect(report.summary.messages).toBe(5);
  });

  test('a PUBLISH tells nothing', () => {
    const { net, m, tcp } = scene(level);
    tcp({ handshake: false }).client(m.publish(), m.pingreq());
    expect(judgeNet(net, mapped).report.protocols[0].dialect.version).toBe('auto');
  });

  test('a user may have settled it', () => {
    const { broken, verdicts } = judged({ dialect: { version } });
    expect([broken, verdicts]).toEqual([['midstream 1'], ['inconclusive']]);
  });

  test('a user may know that it is no beginning missed', () => {
    expect(judged({ midstream: 'never' }).broken).toContain('connect-not-first 1');
  });
});

describe('recognised on any port', () => {
  const server = '10.0.0.9:4711';

  test.each([
    ['3.1', 3, {}, true],
    ['3.1.1', 4, {}, true],
    ['5.0', 5, {}, true],
    ['a bridge', 4, { level: 0x84 }, true],
    ['a bridge of MQTT 3.1', 3, { level: 0x83 }, true],
    ['another version', 4, { level: 6 }, false],
    ['another name', 4, { name: 'mqtt' }, false],
    ['the name of MQTT 3.1 with another level', 4, { name: 'MQIsdp' }, false],
  ] as const)('%s', (_, level, parts, isRecognised) => {
    for (const cut of [1, 3, 1_000]) {
      const { net, m, tcp } = scene(level);
      tcp({ server })
        .send('client', [m.connect(parts)], { cut })
        .server(m.connack());
      const { report } = judgeNet(net);
      expect({ cut, messages: report.summary.messages }).toEqual({ cut, messages: isRecognised ? 2 : 0 });
    }
  });

  test('not where the server speaks first, nor midstream', () => {
    for (const handshake of [true, false]) {
      const { net, m, tcp } = scene(5);
      const talk = tcp({ server, handshake });
      if (handshake) talk.server(hex('32 32 30 20 68 69 0d 0a')).client(m.connect());
      else talk.client(m.publish({ qos: 1 })).server(m.puback());
      expect(judgeNet(net).report.summary.messages).toBe(0);
    }
  });

  test('by a CONNECT of which no more than the first bytes came', () => {
    const { net, m, tcp } = scene(5);
    tcp({ server })
      .client(m.connect({ clientId: 'x'.repeat(60) }).subarray(0, 14))
      .close('client');
    expect(judgeNet(net).broken).toEqual(['truncated 4']);
  });
});
