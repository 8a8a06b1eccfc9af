/** What a plan of faults does to what passes: each form on units or on a short conversation, and what seeds promise. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFaults } from '../../src/faults/parse.ts';
import type { Passage } from '../../src/faults/passage.ts';
import type { Decision } from '../../src/lint/deed.ts';
import { between, handshake, type Line, later, parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';
import { MqttNet } from '../kit/mqtt-net.ts';
import { agrees, catalogue, countOf, decided, eachUnit, mnetFrames, passage, told } from './asking.ts';

const plan = (...texts: string[]) => parseFaults(texts, catalogue);
const MANY = 100_000;

describe('by chance, over many units', () => {
  test.each([
    ['drop=5%', 'drop', 0.05],
    ['duplicate=1%', 'duplicate', 0.01],
    ['reorder=3%', 'reorder', 0.03],
    ['corrupt=0.1%', 'replace', 0.001],
    ['drop p=10%', 'drop', 0.1],
    ['stall=0.5%', 'stall', 0.005],
  ] as const)('%s is what it says', (text, kind, probability) => {
    const count = countOf(kind, plan(`${text}${text.includes('=5%') ? ',seed=7' : ''}`), MANY);
    expect(agrees(count, MANY, probability)).toBe(true);
  });

  test('never and always are that', () => {
    expect([countOf('drop', plan('drop=0%'), 1_000), countOf('drop', plan('drop=100%'), 1_000)]).toEqual([0, 1_000]);
  });

  test('on streams cut=1% leaves a part of the message', () => {
    const deeds = decided(plan('cut=1%'), MANY, { carrier: 'stream', wire: new Uint8Array(4) }).flat();
    expect(agrees(deeds.length, MANY, 0.01)).toBe(true);
    const lengths = deeds.map(deed => (deed.kind === 'cut' ? deed.length : -1));
    expect([...new Set(lengths)].sort()).toEqual([1, 2, 3]);
  });

  test('faults of one list do not depend on each other', () => {
    const both = decided(plan('reorder=20%,duplicate=20%'), MANY).filter(deeds => deeds.length === 2).length;
    expect(agrees(both, MANY, 0.04)).toBe(true);
  });

  test('delay=20ms±10 varies evenly', () => {
    const delays = decided(plan('delay=20ms±10'), MANY).flatMap(deeds =>
      deeds.map(deed => (deed.kind === 'delay' ? deed.milliseconds : -1)),
    );
    expect(delays).toHaveLength(MANY);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...delays)).toBeLessThan(30);
    for (const tenth of [0, 3, 6, 9]) {
      const from = 10 + tenth * 2;
      expect(agrees(delays.filter(delay => delay >= from && delay < from + 2).length, MANY, 0.1)).toBe(true);
    }
  });

  test('bursts have the loss and the length of Gilbert and Elliott', () => {
    const lost = decided(plan('burst=2%/25%'), MANY).map(deeds => deeds.length > 0);
    const bursts = lost.filter((isLost, at) => isLost && !lost[at - 1]).length;
    const losses = lost.filter(Boolean).length;
    // The channel is bad for 0.02 / (0.02 + 0.25) of the time; a burst begins where it is good, with 2%.
    expect(agrees(bursts, MANY - losses, 0.02)).toBe(true);
    const length = losses / bursts;
    // Lengths are geometric: mean 4, variance (1 - 0.25) / 0.25^2.
    expect(Math.abs(length - 4)).toBeLessThan(3.2905 * Math.sqrt(12 / bursts));
    expect(losses / MANY).toBeGreaterThan(0.068);
    expect(losses / MANY).toBeLessThan(0.08);
  });

  test('a burst that loses a part of what it meets', () => {
    const whole = decided(plan('burst=2%/25%'), MANY).map(deeds => deeds.length > 0);
    const part = decided(plan('burst=2%/25%/40%'), MANY).map(deeds => deeds.length > 0);
    expect(part.every((isLost, at) => !isLost || whole[at])).toBe(true);
    expect(agrees(part.filter(Boolean).length, whole.filter(Boolean).length, 0.4)).toBe(true);
  });
});

describe('a rate', () => {
  const waits = (text: string, units: readonly Partial<Passage>[]) => {
    const faults = plan(text);
    return units.map((parts, ordinal) => {
      const deeds = faults.unit(passage({ ordinal, ...parts })).map(({ deed }) => deed);
      return deeds.map(deed => (deed.kind === 'delay' ? deed.milliseconds : deed.kind)).join();
    });
  };

  test('makes what comes at once wait behind each other, and nothing once the line is free', () => {
    const wire = new Uint8Array(100);
    // 100 bytes take 100 ms.
    const units = [0, 0, 50, 1_000].map(now => ({ wire, now }));
    expect(waits('rate=1000/s', units)).toEqual(['100', '200', '250', '100']);
  });

  test('is that of a direction of a flow', () => {
    const wire = new Uint8Array(100);
    const units = [{}, { from: 'server' } as const, { flow: 2 }, {}].map(parts => ({ wire, now: 0, ...parts }));
    expect(waits('rate=1000/s', units)).toEqual(['100', '100', '100', '200']);
  });

  test('is not used up by what is lost', () => {
    const units = [0, 0, 0].map(now => ({ now, wire: new Uint8Array(100) }));
    expect(waits('rate=1000/s,seed=1', units)).toEqual(['100', '200', '300']);
    const faults = plan('drop nth=2', 'rate=1000/s');
    const all = units.map((parts, ordinal) => faults.unit(passage({ ordinal, ...parts })).map(({ deed }) => deed));
    expect(all).toEqual([
      [{ kind: 'delay', milliseconds: 100 }],
      [{ kind: 'drop' }],
      [{ kind: 'delay', milliseconds: 200 }],
    ]);
  });

  test('does not wait for a clock that was set back', () => {
    const units = [5_000, 1_000, 2_000].map(now => ({ now, wire: new Uint8Array(100) }));
    expect(waits('rate=1000/s', units)).toEqual(['100', '200', '100']);
  });
});

const { C, L } = parties();
/** Frames 5 to 12. */
const conversation: readonly Line[] = [
  ...handshake({ C, L }),
  C.data(0, 10),
  L.bare(0, 10),
  C.data(10, 20),
  L.bare(0, 20),
  C.data(20, 30),
  L.bare(0, 30),
  C.shutdown(0),
  L.shutdownAck(),
];
const mnet = (...texts: string[]) => told(plan(...texts), mnetFrames(conversation));

describe('aimed at messages', () => {
  test.each([
    ['drop if type == COOKIE-ACK', ['4 COOKIE-ACK drop']],
    ['drop if type == COOKIE-ACK nth=1', ['4 COOKIE-ACK drop']],
    ['drop if type == DATA nth=2', ['6 DATA drop']],
    ['client: drop if type == DATA nth=2', ['7 DATA drop']],
    ['server: drop if type == DATA nth=2', ['8 DATA drop']],
    ['drop if type == DATA every=2', ['6 DATA drop', '8 DATA drop', '10 DATA drop']],
    ['drop if type == DATA from=5', ['9 DATA drop', '10 DATA drop']],
    ['drop if type == DATA from=2 every=3', ['6 DATA drop', '9 DATA drop']],
    ['drop if type == DATA every=2 times=2', ['6 DATA drop', '8 DATA drop']],
    ['drop if mnet.sequence == 20', ['7 DATA drop']],
    ['close after type == SHUTDOWN', ['11 SHUTDOWN close after']],
    ['close if type == SHUTDOWN', ['11 SHUTDOWN close before']],
    ['abort if type == SHUTDOWN-ACK', ['12 SHUTDOWN-ACK abort before']],
    ['abort after frame == 9', ['9 DATA abort after']],
    ['stall if type == DATA nth=3', ['7 DATA stall']],
    ['repeat if type == INIT', ['1 INIT duplicate 1']],
    ['repeat 3 times if type == INIT', ['1 INIT duplicate 3']],
    ['swap with next if type == DATA nth=1', ['5 DATA reorder']],
    ['delay 200ms if type == COOKIE', ['2 COOKIE delay 200']],
    ['drop nth=2', ['2 COOKIE drop']],
    ['server: drop every=3', ['6 DATA drop', '12 SHUTDOWN-ACK drop']],
    // Nothing of streams happens to datagrams.
    ['trickle 5ms if type == DATA', []],
    ['cut if type == DATA', []],
  ])('%s', (text, expected) => {
    expect(mnet(text)).toEqual(expected);
  });

  test('per connection each one is counted by itself', () => {
    const twice = mnetFrames([
      ...handshake({ C, L }),
      ...between('10.0.0.1:5001', '10.0.0.2:26999', handshake({ C, L })),
      C.data(0, 10),
      ...between('10.0.0.1:5001', '10.0.0.2:26999', [C.data(0, 10)]),
    ]);
    expect(told(plan('drop if type == COOKIE-ACK nth=1'), twice)).toEqual(['4 COOKIE-ACK drop']);
    const each = 'nth=1 per connection';
    expect(told(plan(`drop if type == COOKIE-ACK ${each}`), twice)).toEqual(['4 COOKIE-ACK drop', '8 COOKIE-ACK drop']);
    expect(told(plan(`drop ${each}`), twice)).toEqual(['1 INIT drop', '5 INIT drop']);
  });

  test('corrupt turns one bit over', () => {
    const replaced: string[] = [];
    eachUnit(plan('corrupt if type == DATA nth=1'), mnetFrames(conversation), {}, (line, decisions, { wire }) => {
      for (const { deed } of decisions) {
        if (deed.kind !== 'replace') throw new Error(deed.kind);
        expect([deed.how, bitsBetween(deed.bytes, wire)]).toEqual(['corrupt', 1]);
        expect(deed.note).toMatch(/^byte \d+ = 0x[\da-f]{2} \(was 0x[\da-f]{2}\)$/);
        replaced.push(line);
      }
    });
    expect(replaced).toEqual(['5 DATA']);
  });

  test('on streams messages trickle and are cut', () => {
    const v5 = mqtt(5);
    const net = new MqttNet();
    net
      .open('a')
      .client(v5.connect())
      .server(v5.connack())
      .client(v5.publish({ topic: 'a/b', payload: 'hello' }));
    expect(told(plan('trickle 5ms if type == PUBLISH'), net.frames())).toEqual(['6 PUBLISH trickle 5']);
    expect(told(plan('cut if type == CONNECT'), net.frames())).toEqual(['4 CONNECT cut']);
  });

  test('p=30% leaves it to chance, unit by unit', () => {
    const many = Array.from({ length: 300 }, (_, index) => C.data(index, index + 1));
    const frames = mnetFrames([...handshake({ C, L }), ...many]);
    const dropped = told(plan('drop if type == DATA p=30%'), frames);
    expect(agrees(dropped.length, 300, 0.3)).toBe(true);
    expect(told(plan('drop if type == DATA p=30%'), frames)).toEqual(dropped);
    expect(told(plan('drop if type == DATA p=30% seed=2'), frames)).not.toEqual(dropped);
    expect(told(plan('drop if type == DATA p=30% times=4'), frames)).toEqual(dropped.slice(0, 4));
  });
});

describe('several faults at one unit', () => {
  test('are told each, with their causes, in the order in which they were given', () => {
    const found: Decision[] = [];
    const texts = ['delay 5ms if type == COOKIE-ACK', 'repeat if type == COOKIE-ACK', 'delay=1ms'];
    eachUnit(plan(...texts), mnetFrames(conversation.slice(0, 4)), {}, (line, decisions) => {
      if (line === '4 COOKIE-ACK') found.push(...decisions);
    });
    expect(found.map(({ cause, by }) => [cause, by])).toEqual(texts.map(text => [text, 'fault']));
  });

  test('leave nothing but the loss of what is lost, and what happens to its connection', () => {
    expect(mnet('delay 5ms if type == COOKIE', 'drop if type == COOKIE', 'repeat if type == COOKIE')).toEqual([
      '2 COOKIE drop',
    ]);
    expect(mnet('drop nth=2', 'drop nth=2', 'delay 9ms nth=2', 'abort after nth=2')).toEqual([
      '2 COOKIE abort after',
      '2 COOKIE drop',
    ]);
  });

  test('replace nothing more in what was cut', () => {
    const net = new MqttNet();
    net.open('a').client(mqtt(5).connect());
    expect(told(plan('cut if type == CONNECT', 'corrupt if type == CONNECT', 'corrupt nth=1'), net.frames())).toEqual([
      '4 CONNECT cut',
    ]);
  });

  test('build on what was replaced before', () => {
    const faults = plan('corrupt if type == INIT', 'corrupt nth=1');
    eachUnit(faults, mnetFrames(conversation.slice(0, 1)), {}, (_, decisions, { wire }) => {
      const bytes = decisions.map(({ deed }) => (deed.kind === 'replace' ? deed.bytes : wire));
      expect(bytes.map(made => bitsBetween(made, wire))).toEqual([1, 2]);
    });
  });

  test('each do something to a unit once, however many of its messages match', () => {
    const faults = plan('drop if type == DATA times=2', 'repeat if type == DATA every=2');
    const frames = mnetFrames([...handshake({ C, L }), C.data(0, 1), C.data(1, 2), C.data(2, 3), C.data(3, 4)]);
    const all: string[] = [];
    const unit = { flow: 1, ordinal: 0, from: 'client' } as const;
    // Two messages of one datagram, and then two of the next one.
    let messages = 0;
    eachUnit(
      {
        message: (seen, given, origin) => {
          if (seen.name !== 'DATA') return [];
          const ordinal = Math.floor(messages++ / 2);
          const decisions = faults.message(seen, { ...given, ...unit, ordinal }, origin);
          if (messages % 2 === 0) all.push(...faults.unit({ ...given, ...unit, ordinal }).map(({ deed }) => deed.kind));
          return decisions;
        },
      },
      frames,
      {},
      (line, decisions) => all.push(...decisions.map(({ deed }) => `${line} ${deed.kind}`)),
    );
    expect(all).toEqual(['5 DATA drop', '7 DATA drop']);
  });
});

describe('a seed', () => {
  const texts = ['drop=20%,delay=5ms±5,burst=5%/30%,corrupt=10%', 'repeat p=20%'];
  const flows = [1, 2, 3].flatMap(flow => (['client', 'server'] as const).map(from => ({ flow, from })));
  /** Decisions about the units of each direction, asked in an order. */
  const inOrder = (order: readonly number[], seed: number) => {
    const faults = parseFaults(texts, catalogue, { seed });
    const ordinals = flows.map(() => 0);
    const found = flows.map((): string[] => []);
    for (const which of order) {
      const ordinal = ordinals[which]++;
      const wire = Uint8Array.from({ length: 20 }, (_, at) => at + ordinal);
      found[which].push(JSON.stringify(faults.unit(passage({ ...flows[which], ordinal, wire }))));
    }
    return found;
  };

  test('gives the same faults to the same traffic, however its flows are interleaved', () => {
    const each = 30;
    const straight = flows.flatMap((_, which) => Array.from({ length: each }, () => which));
    const expected = inOrder(straight, 7);
    fc.assert(
      fc.property(fc.shuffledSubarray(straight, { minLength: straight.length }), order => {
        expect(inOrder(order, 7)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
    expect(new Set(expected.map(decisions => decisions.join())).size).toBe(flows.length);
    expect(inOrder(straight, 8)).not.toEqual(expected);
  });

  test('of its own makes a fault independent of that of the run', () => {
    const kinds = (text: string, seed: number) => decided(parseFaults([text], catalogue, { seed }), 1_000);
    expect(kinds('drop=50%,seed=3', 1)).toEqual(kinds('drop=50%,seed=3', 2));
    expect(kinds('drop=50%', 1)).not.toEqual(kinds('drop=50%', 2));
    expect(kinds('drop=50%', 3)).toEqual(kinds('drop=50%,seed=3', 1));
  });

  test('decides the same about a unit whatever faults come behind', () => {
    const drops = (...given: string[]) =>
      decided(plan(...given), 1_000).map(deeds => deeds.some(({ kind }) => kind === 'drop'));
    expect(drops('drop=30%', 'reorder=50%')).toEqual(drops('drop=30%'));
  });
});

test('what the plan remembers of a long run is bounded', () => {
  const faults = plan('rate=1MB/s', 'burst=50%/50%', 'abort nth=1 per connection');
  for (let flow = 1; flow <= 70_000; flow++) faults.unit(passage({ flow }));
  // The first flow was forgotten: for its connection it is the first again.
  expect(faults.unit(passage({ flow: 1, ordinal: 1 })).map(({ cause }) => cause)).toContain(
    'abort nth=1 per connection',
  );
});

test('a step of time passes before the first unit that it is for', () => {
  const waited = mnetFrames([C.init(), later(5, L.cookie())]);
  expect(told(plan('drop if time > 4'), waited)).toEqual(['2 COOKIE drop']);
});

function bitsBetween(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, byte, at) => sum + [...(byte ^ b[at]).toString(2)].filter(bit => bit === '1').length, 0);
}
