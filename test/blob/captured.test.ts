/** A capture that was judged by itself, written and read again, is the same to a report. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { type Captured, captureLine, readCaptureLine } from '../../src/blob/captured.ts';
import { ShapeError } from '../../src/blob/shape.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { withCarrierOptions } from '../../src/protocol/carrier.ts';
import { readThrough } from '../../src/reading.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import type { ApartOutcome } from '../../src/run/outcome.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { facts } from '../../src/testkit/engine.ts';
import { frameOf, udpFrame } from '../../src/testkit/packet.ts';
import { toy } from '../kit/toy.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const KNOWN = withCarrierOptions(protocols);
const OPTIONS = { ...DEFAULT_ENGINE_OPTIONS, protocols };

async function judged(path: string): Promise<ApartOutcome> {
  const engine = new Engine(OPTIONS);
  let apart: ApartOutcome | undefined;
  engine.onCapture = given => {
    apart = given;
  };
  await readThrough(await openCapture(FIXTURES + path), engine);
  return apart!;
}

const lineOf = (apart: ApartOutcome, index = 0) => captureLine({ index, apart, occurred: [], exchanges: new Map() });
const read = (line: string) => readCaptureLine(JSON.parse(line), KNOWN) as Captured;

test.each([
  'mnet/faults.pcap',
  'mqtt/mosquitto-paho-5-shared.pcap',
  'filestorage/2020-01-02-pipelined.pcap',
  'field/escapes.pcapng',
])('%s: the report of what was written and read again is that of the capture', async path => {
  const one = new Engine(OPTIONS);
  await readThrough(await openCapture(FIXTURES + path), one);
  const other = new Engine(OPTIONS);
  const line = lineOf(await judged(path));
  other.add(read(line).apart);
  expect(other.report()).toEqual(one.report());
  expect(JSON.parse(captureLine(read(line)))).toEqual(JSON.parse(line));
});

test('whatever stands in it, another value ends in a place and a problem', async () => {
  const line = JSON.parse(lineOf(await judged('mnet/faults.pcap')));
  const places: (readonly [object, string])[] = [];
  const collect = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) places.push([value, key]);
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(line);
  fc.assert(
    fc.property(
      fc.nat(places.length - 1),
      fc.constantFrom(undefined, null, -1, {}, [], true, 'x', 1e300),
      (at, other) => {
        const [holder, key] = places[at] as [Record<string, unknown>, string];
        const before = holder[key];
        holder[key] = other;
        try {
          const given = readCaptureLine(JSON.parse(JSON.stringify(line)), KNOWN);
          if ('apart' in given) new Engine(OPTIONS).add(given.apart);
        } catch (error) {
          expect(error).toBeInstanceOf(ShapeError);
        } finally {
          holder[key] = before;
        }
      },
    ),
    { numRuns: 500 },
  );
});

// What is said once a run

/** A conversation of TOY that settles its order. */
const TALK = [
  ['10.0.0.1:1000', '10.0.0.2:2000', '000001'],
  ['10.0.0.2:2000', '10.0.0.1:1000', '000002'],
  ['10.0.0.1:1000', '10.0.0.2:2000', '0100026869'],
] as const;

function apartOf(path: string): ApartOutcome {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
  let apart: ApartOutcome | undefined;
  engine.onCapture = given => {
    apart = given;
  };
  feed(engine, path);
  return apart!;
}

function feed(engine: Engine, path: string): void {
  engine.beginCapture({ ...facts(path), packets: TALK.length });
  for (const [index, [from, to, said]] of TALK.entries()) {
    const frame = frameOf(udpFrame(from, to, hex(said)));
    frame.number = index + 1;
    engine.frame(frame);
  }
  engine.endCapture();
}

test('of captures that were judged apart the first one says what is said once a run', () => {
  const protocolsOfToy = { ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] };
  const one = new Engine(protocolsOfToy);
  for (const path of ['a.pcap', 'b.pcap']) feed(one, path);
  const merged = new Engine(protocolsOfToy);
  const firsts = ['a.pcap', 'b.pcap'].map(path => {
    const apart = apartOf(path);
    const { isFirst, rebase } = merged.add(apart);
    return [apart.remarks.map(({ key }) => key), apart.remarks.map(({ key }) => isFirst(key)), rebase.number(1)];
  });
  expect(firsts).toEqual([
    [['toy big'], [true], 1],
    [['toy big'], [false], 2],
  ]);
  expect(merged.report()).toEqual(one.report());
  expect(merged.report().findings.map(({ ruleId, capture }) => `${ruleId} ${capture}`)).toEqual([
    'toy/order-settled 0',
  ]);
});

test('the order in which they are put together decides who says it', () => {
  const merged = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: [toy] });
  for (const path of ['b.pcap', 'a.pcap']) merged.add(apartOf(path));
  const { captures, findings } = merged.report();
  expect(findings.map(({ capture }) => captures[capture]?.path)).toEqual(['b.pcap']);
});

test('words that name a connection name it by its number in the run', async () => {
  const path = 'mnet/faults.pcap';
  const apart = await judged(path);
  const [some] = apart.outcome.findings;
  const named = { ...some, mentions: 2, message: 'as connection 2 of 10.0.0.2', actual: 'connection 22' };
  const merged = new Engine(OPTIONS);
  merged.add(apart);
  const total = merged.report().summary.connections;
  merged.add({ ...apart, outcome: { ...apart.outcome, findings: [named] } });
  const last = merged.report().findings.at(-1)!;
  expect([last.message, last.actual]).toEqual([`as connection ${total + 2} of 10.0.0.2`, 'connection 22']);
});
