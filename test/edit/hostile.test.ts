/** Messages of any bytes, of any length, with any values: one line says what cannot be set, and nothing else is thrown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { parseAssignments } from '../../src/edit/assignments.ts';
import { composed } from '../../src/edit/composed.ts';
import { edited, editedIfThere } from '../../src/edit/edited.ts';
import { EditError } from '../../src/edit/error.ts';
import { withBytes } from '../../src/edit/raw.ts';
import type { Target } from '../../src/edit/target.ts';
import { FilterError } from '../../src/filter/error.ts';
import { READY } from '../../src/framing/ready.ts';
import { framingOf } from '../../src/protocol/carrier.ts';
import type { Layout } from '../../src/wire/layout.ts';
import { historyOf } from '../kit/history.ts';
import { casesOf } from '../kit/portion.ts';
import { catalogue } from './editing.ts';

const NAMES = [...catalogue.values()].flatMap(({ name, place, kind }) =>
  place.of === 'layout' && kind !== 'flag' ? [name.replaceAll('[*]', '[0]'), name] : [],
);
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '255',
    '256',
    '65536',
    '4294967295',
    '-1',
    '0x00',
    '0xffffffffffffffffff',
    '0d:0a',
    'DATA',
    'true',
    'x',
  ),
  fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map(text => JSON.stringify(text).replace(/[\u007f-\u{10ffff}]/gu, 'é')),
);
/** Fields of this protocol, more often those of this layout. */
function textFor(protocol: string, layout?: Layout): fc.Arbitrary<string> {
  const own = NAMES.filter(name => name.startsWith(`${protocol}.`));
  const first = (name: string) => /^[^.[]*/.exec(name.slice(protocol.length + 1))![0];
  const here = own.filter(name => layout && Object.hasOwn(layout.fields, first(name)));
  const name = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...(here.length > 0 ? here : own)) },
    { weight: 1, arbitrary: fc.constantFrom(...own) },
    fc.constantFrom('filestorage.payload.token.uid', 'filestorage.payload[*].a', 'mqtt.filters[7].qos'),
  );
  return fc
    .uniqueArray(fc.tuple(name, value), { minLength: 1, maxLength: 3, selector: ([each]) => each })
    .map(all => all.map(([field, wanted]) => `${field} = ${wanted}`).join(', '));
}

function withText<Of extends Pick<Target, 'protocol' | 'layout'>>(arbitrary: fc.Arbitrary<Of>) {
  return arbitrary.chain(of => fc.tuple(fc.constant(of), textFor(of.protocol.id, of.layout)));
}

const LAYOUTS = protocols.flatMap(protocol => protocol.layouts.map(layout => ({ protocol, layout })));
const framings = [
  undefined,
  ...READY,
  ...protocols.flatMap(({ carriers }) =>
    carriers.filter(({ transport }) => transport === 'tcp').map(carrier => framingOf(carrier, protocols)),
  ),
];

const target: fc.Arbitrary<Target> = fc
  .record({
    of: fc.constantFrom(...LAYOUTS),
    framing: fc.constantFrom(...framings),
    wire: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    offset: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(8)),
    // Most are whole.
    length: fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat(80)),
    littleEndian: fc.boolean(),
  })
  .map(({ of, framing, wire, offset, length, littleEndian }) => ({
    ...of,
    framing,
    wire,
    offset: Math.min(offset, wire.length),
    message: { length: length < 0 ? Math.max(0, wire.length - offset) : length, littleEndian },
  }));

/** What was thrown, if it is of another kind. */
function otherwise(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    if (error instanceof EditError || error instanceof FilterError)
      return /[\n\r]/.test(error.message) ? error : undefined;
    return error;
  }
  return undefined;
}

describe('any bytes', () => {
  test('with any values', () => {
    fc.assert(
      fc.property(withText(target), fc.boolean(), ([of, wanted], mend) => {
        const wire = Buffer.from(of.wire);
        expect(otherwise(() => edited(of, parseAssignments(wanted, catalogue), { mend }))).toBeUndefined();
        expect(wire.equals(of.wire)).toBe(true);
      }),
      { numRuns: casesOf(1000) },
    );
  });

  test('with any bytes anywhere', () => {
    fc.assert(
      fc.property(
        target,
        fc.integer({ min: -1, max: 40 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.option(fc.nat(20), { nil: undefined }),
        fc.boolean(),
        (of, offset, bytes, over, mend) => {
          const options = over === undefined ? { mend } : { mend, over };
          expect(otherwise(() => withBytes(of, offset, bytes, options))).toBeUndefined();
        },
      ),
      { numRuns: casesOf(1000) },
    );
  });

  test('are made with any values', () => {
    fc.assert(
      fc.property(
        withText(fc.constantFrom(...LAYOUTS)),
        fc.constantFrom(...framings),
        ([{ protocol, layout }, wanted], framing) => {
          expect(
            otherwise(() =>
              composed(protocol, layout.name, parseAssignments(wanted, catalogue), {
                framing,
                edition: layout.edition,
              }),
            ),
          ).toBeUndefined();
        },
      ),
      { numRuns: casesOf(1000) },
    );
  });
});

test('any text is a complaint with its column, or assignments', () => {
  fc.assert(
    fc.property(
      fc.oneof(textFor('mqtt'), fc.string({ unit: 'grapheme', maxLength: 30 })),
      fc.nat(30),
      fc.string({ maxLength: 3 }),
      (base, at, more) => {
        const changed = base.slice(0, at) + more + base.slice(at);
        try {
          expect(parseAssignments(changed, catalogue).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
          expect((error as FilterError).column).toBeLessThanOrEqual(changed.length + 1);
        }
      },
    ),
    { numRuns: casesOf(1000) },
  );
});

test('messages of captures that are cut anywhere, or have a byte changed', async () => {
  const found: Target[] = [];
  for (const capture of ['mqtt/mosquitto-paho-5-session.pcap', 'mnet/faults.pcap', 'filestorage/2019-12-auth.pcap']) {
    await historyOf(capture, {}, ({ message, layout, protocol: id }) => {
      const protocol = protocols.find(known => known.id === id)!;
      const [carrier] = protocol.carriers;
      const framing = carrier.transport === 'udp' ? undefined : framingOf(carrier, protocols);
      const { length, littleEndian } = message;
      if (length < 2_000)
        found.push({ wire: message.copy(), framing, offset: 0, message: { length, littleEndian }, layout, protocol });
    });
  }
  fc.assert(
    fc.property(
      withText(fc.constantFrom(...found)),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      ([of, wanted], place, byte, cut) => {
        const at = place % of.wire.length;
        const wire = cut ? of.wire.slice(0, at) : of.wire.map((old, index) => (index === at ? byte : old));
        expect(otherwise(() => editedIfThere({ ...of, wire }, parseAssignments(wanted, catalogue)))).toBeUndefined();
      },
    ),
    { numRuns: casesOf(1000) },
  );
});
