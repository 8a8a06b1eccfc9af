/** A bit that is turned over leaves the message cut as it was, whatever the framing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framing as libipcFraming } from '../../dissectors/libipc/framing.ts';
import { framing as mqttFraming } from '../../dissectors/mqtt/framing.ts';
import { parseFaults } from '../../src/faults/parse.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { READY } from '../../src/framing/ready.ts';
import { wrapped } from '../../src/framing/wrapped.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { contents } from '../framing/cutting.ts';
import { mqtt } from '../kit/mqtt.ts';
import { catalogue, passage } from './asking.ts';

const always = parseFaults(['corrupt=100%'], catalogue);
const anywhere = parseFaults(['corrupt=100% anywhere'], catalogue);

/** The unit with a bit turned over; undefined where none was. */
function corrupted(wire: Uint8Array, framing: Framing | undefined, ordinal: number, plan = always) {
  const [decision] = plan.unit(passage({ wire, framing, ordinal, carrier: 'stream' }));
  return decision?.deed.kind === 'replace' ? decision.deed.bytes : undefined;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function bits(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, byte, at) => sum + (byte ^ b[at]).toString(2).replaceAll('0', '').length, 0);
}

/** What the framing cuts, with another message behind it. */
const cutIn = (framing: Framing, wire: Uint8Array, next: Uint8Array) =>
  contents([text(wire) + text(next)], { framing, longest: framing.longest });

/** Any content, without an end of a line where lines end so. */
const contentFor = ({ id }: Framing) =>
  fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map(bytes => (/^lines/.test(id) ? bytes.filter(byte => byte !== 0x0a) : bytes));

describe.each(READY.map(framing => [framing.id, framing] as const))('%s', (id, framing) => {
  const next = wrapped(id, hex('616263'));

  test('cuts a corrupted message where it cut the right one', () => {
    fc.assert(
      fc.property(contentFor(framing), fc.nat({ max: 1_000_000 }), (content, ordinal) => {
        const wire = wrapped(id, content);
        const made = corrupted(wire, framing, ordinal);
        if (content.length === 0) return made === undefined;
        if (!made) return false;
        expect(bits(made, wire)).toBe(1);
        expect(cutIn(framing, made, next)).toEqual([text(made), text(next)]);
        return true;
      }),
      { numRuns: 100 },
    );
  });

  test('is left alone where a message has nothing but what is its own', () => {
    expect(corrupted(wrapped(id, new Uint8Array(0)), framing, 0)).toBeUndefined();
  });
});

describe('MQTT', () => {
  const v5 = mqtt(5);
  const next = v5.packet(12, 0, []);
  test.each([
    ['PINGREQ', v5.packet(12, 0, [])],
    ['CONNECT', v5.connect()],
    ['a short PUBLISH', v5.publish({ topic: 'a', payload: 'b' })],
    ['a PUBLISH with a length of two bytes', v5.publish({ topic: 'a', payload: 'b'.repeat(200) })],
  ])('%s keeps its Remaining Length, and each other bit has its turn', (_, wire) => {
    const places = new Set<number>();
    for (let ordinal = 0; ordinal < 3_000; ordinal++) {
      const made = corrupted(wire, mqttFraming, ordinal);
      if (!made) throw new Error('nothing was turned over');
      expect(bits(made, wire)).toBe(1);
      const at = made.findIndex((byte, index) => byte !== wire[index]);
      places.add(at);
      if (ordinal < 100) expect(cutIn(mqttFraming, made, next)).toEqual([text(made), text(next)]);
    }
    const lengthBytes = wire[1] < 0x80 ? [1] : [1, 2];
    expect([...places].sort((a, b) => a - b)).toEqual([...wire.keys()].filter(at => !lengthBytes.includes(at)));
  });
});

test('libipc, which hides nothing, keeps the length in its head', () => {
  const wire = hex('00 00000003 01 616263');
  expect(wire).toHaveLength(libipcFraming.lengthOf(wire, 0, wire.length, 0, new Float64Array(0)));
  const places = new Set<number>();
  for (let ordinal = 0; ordinal < 500; ordinal++) {
    const made = corrupted(wire, libipcFraming, ordinal);
    if (!made) throw new Error('nothing was turned over');
    places.add(made.findIndex((byte, at) => byte !== wire[at]));
    if (ordinal < 50) expect(cutIn(libipcFraming, made, wire)).toEqual([text(made), text(wire)]);
  }
  expect([...places].sort((a, b) => a - b)).toEqual([0, 5, 6, 7, 8]);
});

test('anywhere, the length may be turned over, too', () => {
  const [framing] = READY;
  const wire = wrapped(framing.id, hex('61'));
  const cuts = Array.from({ length: 300 }, (_, ordinal) => corrupted(wire, framing, ordinal, anywhere)!).map(made =>
    cutIn(framing, made, new Uint8Array(0)).join(),
  );
  expect(cuts.filter(cut => !/^0001..$/.test(cut)).length).toBeGreaterThan(0);
});

test.each(['datagrams', 'records', 'stream'] as const)('what nobody has cut is turned over anywhere: %s', carrier => {
  const wire = hex('0001 61');
  const places = Array.from({ length: 300 }, (_, ordinal) => {
    const [decision] = always.unit(passage({ wire, ordinal, carrier }));
    if (decision?.deed.kind !== 'replace') throw new Error('nothing was turned over');
    const { bytes } = decision.deed;
    return bytes.findIndex((byte, at) => byte !== wire[at]);
  });
  expect([...new Set(places)].sort()).toEqual([0, 1, 2]);
});

test('where no bit leaves the message cut as it was, none is turned over', () => {
  const framing: Framing = {
    ...READY[0],
    hidden: 0,
    lengthOf: (bytes, at, end) => (bytes[at] === 0 && bytes[end - 1] === 0 ? 2 : 1),
  };
  expect(corrupted(hex('0000'), framing, 0)).toBeUndefined();
});
