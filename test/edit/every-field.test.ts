/**
 * Every field of every layout, set to another value: it has that value afterwards, and all others have the one that they had,
 * but for what tells of it. Without mending no byte changes but those of the field.
 */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import kv from '../../examples/kv/src/index.ts';
import modbus from '../../examples/modbus/src/index.ts';
import resp from '../../examples/resp/src/index.ts';
import { composed } from '../../src/edit/composed.ts';
import { edited } from '../../src/edit/edited.ts';
import { levelOf, spotsOf } from '../../src/edit/places.ts';
import type { Target } from '../../src/edit/target.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { framingOf } from '../../src/protocol/carrier.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import type { Layout } from '../../src/wire/layout.ts';
import { historyOf } from '../kit/history.ts';
import { anotherValue, assignment, isTelling, type Leaf, leavesOf, scopesOf, viewOf } from './leaves.ts';
import { richValues } from './rich.ts';

const ALL: readonly AnyProtocol[] = [...protocols, kv, modbus, resp];

function framingFor(protocol: AnyProtocol): Framing | undefined {
  const [carrier] = protocol.carriers;
  return carrier.transport === 'udp' ? undefined : framingOf(carrier, ALL);
}

function targetOf(
  protocol: AnyProtocol,
  layout: Layout,
  framing: Framing | undefined,
  wire: Uint8Array,
  littleEndian = false,
): Target {
  const offset = framing ? (framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden) : 0;
  return { wire, framing, offset, message: { length: wire.length - offset, littleEndian }, layout, protocol };
}

const messageOf = ({ wire, offset }: Pick<Target, 'wire' | 'offset'>) => wire.subarray(offset);

/** What a change of this field may change besides it, by name. */
function followers({ protocol, layout, message }: Target, bytes: Uint8Array, leaf: Leaf): (other: Leaf) => boolean {
  const mended = Object.keys(protocol.mended?.(viewOf(bytes, message.littleEndian), layout!) ?? {});
  const scopes = scopesOf(layout!);
  const measures = new Set(
    scopes.flatMap(({ fields }) => Object.values(fields).map(({ measuredBy }) => measuredBy?.whole ?? measuredBy)),
  );
  const whole = leaf.field?.whole ?? leaf.field;
  return other => {
    const otherWhole = other.field?.whole ?? other.field;
    return (
      mended.includes(other.name) ||
      other.name === 'length' ||
      (otherWhole !== undefined && (otherWhole === whole || measures.has(otherWhole)))
    );
  };
}

/** What is wrong with setting one field of a message, if anything is. @param all its fields */
function problemsOf(target: Target, leaf: Leaf, all: readonly Leaf[]): string[] {
  const { layout, protocol, framing, wire, offset, message } = target;
  const { text, quoted, read } = anotherValue(leaf);
  const change = [assignment(protocol, leaf, text, quoted)];
  const what = `${layout!.name} ${leaf.name} = ${text}`;
  const before = messageOf(target);

  // One edit, seen from both sides: with nothing mended it is a splice.
  const [spot] = spotsOf(levelOf(before, layout!, message.littleEndian), change[0]);
  const bare = edited(target, change, { mend: false });
  const tail = wire.length - offset - spot.to;
  const head = offset + spot.from;
  const isSplice =
    Buffer.from(bare.wire.subarray(0, head)).equals(wire.subarray(0, head)) &&
    Buffer.from(bare.wire.subarray(bare.wire.length - tail)).equals(wire.subarray(wire.length - tail));
  const problems = isSplice ? [] : [`${what}: without mending other bytes change`];

  const after = edited(target, change);
  // What tells its own end may be set to tell another one.
  if (framing?.wrap && !isLength(leaf)) {
    const length = framing.lengthOf(after.wire, 0, after.wire.length, 0, new Float64Array(framing.notes ?? 0));
    if (length !== after.wire.length)
      problems.push(`${what}: the framing cuts ${length} of ${after.wire.length} bytes`);
  }
  const hidden = framing ? (framing.hiddenOf?.(after.wire, 0, after.wire.length) ?? framing.hidden) : 0;
  const leaves = new Map(
    leavesOf(viewOf(after.wire.subarray(hidden), message.littleEndian), layout!).map(found => [found.name, found]),
  );
  if (leaves.get(leaf.name)?.value !== read) {
    problems.push(`${what}: reads ${String(leaves.get(leaf.name)?.value)}, not ${String(read)}`);
  }
  // How a command of RESP is read is told by its first byte, and by no table.
  if (protocol.id === 'resp' && leaf.name === 'type') return problems;
  if (leaf.field && scopesOf(layout!).some(scope => isTelling(scope, leaf.field!))) return problems;
  const follows = followers(target, before, leaf);
  for (const other of all) {
    if (other.name === leaf.name || follows(other)) continue;
    const now = leaves.get(other.name)?.value;
    if (now !== other.value) problems.push(`${what}: ${other.name} was ${String(other.value)} and is ${String(now)}`);
  }
  return problems;
}

/** The user may set a length in view to what is wrong. */
function isLength({ name }: Leaf): boolean {
  return name === 'remainingLength' || name === 'length';
}

describe.each(ALL.map(protocol => ({ id: protocol.id, protocol })))('$id', ({ protocol }) => {
  // Codes of these two stand on no wire: composed.test.ts has them.
  const layouts = protocol.layouts.filter(
    ({ name }) => protocol.id !== 'resp' || (name !== 'EMPTY' && name !== 'SWITCH'),
  );

  test.each(layouts.map(layout => ({ name: layout.name, edition: layout.edition ?? '', layout })))(
    '$name $edition is made of all its fields, and each is set',
    ({ layout }) => {
      const framing = framingFor(protocol);
      const values = richValues(protocol, layout);
      const wire = composed(protocol, layout.name, values, { framing, edition: layout.edition });
      const target = targetOf(protocol, layout, framing, wire);
      const leaves = leavesOf(viewOf(messageOf(target)), layout);
      const found = new Map(leaves.map(({ name, value }) => [`${protocol.id}.${name}`, value]));
      for (const { name, value, path } of values) {
        if (path.length === 0 && value.text.startsWith('{')) continue;
        const wanted = value.quoted
          ? value.text
          : value.text.startsWith('0x')
            ? value.text.slice(2)
            : Number(value.text);
        expect([name, found.get(name)]).toEqual([name, wanted]);
      }
      expect(leaves.flatMap(leaf => (leaf.name === 'trailing' ? leaf.name : problemsOf(target, leaf, leaves)))).toEqual(
        [],
      );
    },
  );
});

/** Of each message of a capture that many. */
const EACH = 2;

describe.each([
  'mnet/lossy.pcap',
  'mnet/faults.pcap',
  'ministreaming/faults.pcap',
  'ministreaming/2009-multiplexed.pcap',
  'filestorage/2019-12-auth.pcap',
  'filestorage/2020-01-02-pipelined.pcap',
  'filestorage/libipc-pong.pcap',
  'mqtt/mosquitto-311-will.pcap',
  'mqtt/mosquitto-paho-311-qos.pcap',
  'mqtt/mosquitto-paho-5-session.pcap',
  'mqtt/scripted-mqttjs-5-auth.pcap',
])('%s', capture => {
  test('of each kind of message in it, each field is set', async () => {
    const targets: Target[] = [];
    const seen = new Map<string, number>();
    await historyOf(capture, {}, ({ message, layout, protocol: id, name }) => {
      const count = seen.get(name) ?? 0;
      if (layout === undefined || count === EACH || message.captured < message.length) return;
      seen.set(name, count + 1);
      const protocol = protocols.find(known => known.id === id)!;
      const framing = id === 'ministreaming' ? undefined : framingFor(protocol);
      targets.push(targetOf(protocol, layout, framing, message.copy(), message.littleEndian));
    });
    expect(targets.length).toBeGreaterThan(0);
    const problems = targets.flatMap(target => {
      const leaves = leavesOf(viewOf(messageOf(target), target.message.littleEndian), target.layout!);
      return leaves.filter(({ name }) => name !== 'trailing').flatMap(leaf => problemsOf(target, leaf, leaves));
    });
    expect(problems).toEqual([]);
  });
});
