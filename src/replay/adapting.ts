/**
 * A message of the replayed side as it is said this time: with the values that the live peer chose in the place of the
 * recorded ones, and with fresh ones of our own where the protocol says so. All else stays byte for byte.
 */
import type { Assignment } from '../edit/assignments.ts';
import { edited } from '../edit/edited.ts';
import { EditError } from '../edit/error.ts';
import type { ReplayedValue } from '../protocol/replay.ts';
import type { Chance } from './chance.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import type { Conversation, Recorded, SayStep } from './script.ts';
import type { ReplayTable } from './table.ts';
import type { LiveValues } from './values.ts';

export interface Adapting {
  readonly conversation: Conversation;
  readonly table: ReplayTable;
  readonly values: LiveValues;
  readonly chance: Chance;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Adapted {
  readonly wire: Uint8Array;
  /** Fields that should have had another value and could not be given it, each with that value. */
  readonly unwritten: readonly string[];
}

export function adapted(step: SayStep, recorded: Recorded, adapting: Adapting): Adapted {
  const { name, message, layout } = recorded;
  const { table, conversation } = adapting;
  if (!layout || !table.hasPlaces(name)) return { wire: step.wire, unwritten: [] };
  const { protocol, framing, isMixed } = conversation;
  const unwritten: string[] = [];
  let { wire } = step;
  for (const leaf of leavesOf(message, layout)) {
    const value = liveValue(leaf, step.flow, recorded, adapting);
    if (value === undefined || value === leaf.value) continue;
    if (isMixed) {
      unwritten.push(`${name}.${leaf.path} = ${value} (the connection has several framings)`);
      continue;
    }
    const length = message.length + wire.length - step.wire.length;
    const target = { wire, framing, offset: step.hidden, layout, protocol };
    const { littleEndian } = message;
    try {
      wire = edited({ ...target, message: { length, littleEndian } }, [assignmentOf(protocol.id, leaf, value)]).wire;
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      unwritten.push(`${name}.${leaf.path} = ${value} (${error.message})`);
    }
  }
  return { wire, unwritten };
}

function assignmentOf(protocol: string, { path, steps, field, json }: Leaf, value: string): Assignment {
  const [first, ...rest] = steps;
  const isHex = json === undefined && (field?.kind === 'id' || field?.kind === 'bytes');
  const quoted = json === undefined ? field?.kind === 'text' : json === 'string';
  return {
    name: `${protocol}.${path}`,
    protocol,
    field: first?.kind === 'name' ? first.name : '',
    path: rest,
    value: { text: isHex ? `0x${value}` : value, quoted, column: 1 },
  };
}

/** What stands in a field this time; undefined for what was recorded. */
function liveValue(leaf: Leaf, flow: number, recorded: Recorded, adapting: Adapting): string | undefined {
  const { table, values } = adapting;
  for (const { value, standings } of table.places(recorded.name, leaf.plain)) {
    const { name } = value;
    const known = values.find(flow, name, standings, 'own', leaf.value);
    if (known !== undefined) return known;
    if (!standings.includes('chosen')) continue;
    const present = values.own(flow, name, 'own', leaf.value);
    const chosen = present ?? freshOf(leaf, value.fresh, recorded, adapting) ?? leaf.value;
    values.set(flow, name, 'own', leaf.value, chosen);
    return chosen;
  }
  return undefined;
}

function freshOf(
  leaf: Leaf,
  fresh: ReplayedValue['fresh'],
  { message }: Recorded,
  { chance, now, conversation }: Adapting,
): string | undefined {
  if (fresh === undefined) return undefined;
  const elapsed = Math.round(now / 1_000 - message.seconds);
  if (typeof fresh === 'function') return fresh(leaf.value, { elapsed, dialect: conversation.dialect });
  if (fresh === 'now') {
    return String((Number(leaf.value) + elapsed) % 2 ** (8 * Math.min(leaf.length, 6)));
  }
  const bytes = chance.bytes(leaf.length);
  const isNumber = leaf.field?.kind === 'uint' || leaf.field?.kind === 'unixTime';
  const hex = Buffer.from(bytes).toString('hex');
  return isNumber ? BigInt(`0x${hex}`).toString() : hex;
}
