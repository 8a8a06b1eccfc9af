/**
 * A message as its values, one by one, each under a path: what recorded and live messages are compared by, and what tells
 * where a value stands that has to be another one. Bits are their parts, JSON is its members, a list its items.
 */
import type { Assignment } from '../edit/assignments.ts';
import type { Field, Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { type FieldNode, fieldTree } from '../wire/tree.ts';
import { hex } from '../wire/value.ts';

/** Names, and places in lists. */
export type Steps = Assignment['path'];

export interface Leaf {
  /** `properties[Topic Alias].topicAlias` */
  readonly path: string;
  /** The same without the places in lists: `properties.topicAlias`. */
  readonly plain: string;
  /** As it is compared. */
  readonly value: string;
  /** The way to it. */
  readonly steps: Steps;
  /** Bytes from the start of the message. */
  readonly offset: number;
  readonly length: number;
  readonly field: Field | undefined;
  /** Of a value in JSON. */
  readonly json: FieldNode['json'];
}

/** Values of one message that are looked at: more are a part of none that a conversation rests on. */
const MOST_LEAVES = 20_000;

/** Of a message of no known layout its bytes. */
export function leavesOf(message: Message, layout: Layout | undefined): readonly Leaf[] {
  if (!layout) {
    const value = hex(message.copy());
    const place = { steps: [], offset: 0, length: message.captured };
    return [{ path: 'bytes', plain: 'bytes', value, ...place, field: undefined, json: undefined }];
  }
  const leaves: Leaf[] = [];
  for (const node of fieldTree(message, layout)) gather(node, [placed(node.name)], leaves);
  return leaves;
}

/** A step of the way to a value, and how it is shown. */
interface Place {
  readonly step: Steps[number];
  readonly label: string;
}

function gather(node: FieldNode, places: readonly Place[], leaves: Leaf[]): void {
  if (leaves.length >= MOST_LEAVES) return;
  const { children, field, json, offset, length, display } = node;
  // What is not in a list is seen where something is in it.
  if (children?.length === 0 && json === undefined) return;
  if (!children || children.length === 0) {
    const steps = places.map(({ step }) => step);
    const value = String(node.value ?? display);
    leaves.push({ path: pathOf(places), plain: plainOf(places), steps, value, offset, length, field, json });
    return;
  }
  const isList = field?.kind === 'list' || json === 'array';
  // The fields of a group, and the parts of an integer, are the message's own.
  const isTransparent = field?.kind === 'group' || (field !== undefined && field.parts.length > 0);
  const labels = field?.items?.by ? titlesOf(children) : undefined;
  children.forEach((child, index) => {
    const item: Place = { step: { kind: 'index', index }, label: `[${labels?.[index] ?? index}]` };
    gather(child, [...(isTransparent ? places.slice(0, -1) : places), isList ? item : placed(child.name)], leaves);
  });
}

/**
 * Items that say of which type they are stand in any order: each has its type for a place, and its number among those of
 * the type.
 */
function titlesOf(children: readonly FieldNode[]): readonly string[] {
  const counts = new Map<string, number>();
  return children.map(({ title }) => {
    const count = (counts.get(title) ?? 0) + 1;
    counts.set(title, count);
    return count === 1 ? title : `${title} ${count}`;
  });
}

function placed(name: string): Place {
  return { step: { kind: 'name', name }, label: name };
}

function pathOf(places: readonly Place[]): string {
  return places.map(({ step, label }, at) => (at > 0 && step.kind === 'name' ? `.${label}` : label)).join('');
}

function plainOf(places: readonly Place[]): string {
  return pathOf(places.filter(({ step }) => step.kind === 'name'));
}

/** Fields that tell the length or number of others: these are compared themselves. */
export function measures({ rows }: Layout): ReadonlySet<Field> {
  const found = new Set<Field>();
  const look = (fields: readonly Field[]): void => {
    for (const { measuredBy, members } of fields) {
      if (measuredBy) found.add(measuredBy);
      look(members);
    }
  };
  look(rows);
  return found;
}

/** The bytes of a value, without what tells its length in front of it. */
export function contentBytes(message: Message, { field, offset, length }: Leaf): Uint8Array {
  const own = field && message.content(field);
  return own ? message.copy(own.offset, own.offset + own.length) : message.copy(offset, offset + length);
}
