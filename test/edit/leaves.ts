/** All fields of a message that can be set, by their names in filters, with what they say; and another value for each. */
import type { Assignment } from '../../src/edit/assignments.ts';
import { printField, type Step } from '../../src/filter/syntax.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import { bytesOf, type Field, type Layout, type Scope } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { type FieldNode, fieldTree } from '../../src/wire/tree.ts';

export interface Leaf {
  /** `properties[0].name`. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Undefined in JSON, and of what lies behind the layout. */
  readonly field: Field | undefined;
  readonly json: FieldNode['json'];
  readonly value: FieldNode['value'];
}

const named = (name: string): Step => ({ kind: 'name', name });

export function viewOf(bytes: Uint8Array, littleEndian = false): Message {
  const view = new Message();
  view.assign(bytes, 0, bytes.length, bytes.length);
  view.littleEndian = littleEndian;
  return view;
}

/** Those that are whole; what a layout's own code shows is left out. */
export function leavesOf(view: Message, layout: Layout): Leaf[] {
  return layout.rows.length === 0 ? [] : within(fieldTree(view, { ...layout, describe: undefined } as Layout), []);
}

function within(nodes: readonly FieldNode[], before: readonly Step[]): Leaf[] {
  return nodes.flatMap(node => {
    const { field, children = [], cut, value, json, name } = node;
    const steps = [...before, named(name)];
    if (field?.kind === 'group') return within(children, before);
    if (field?.kind === 'list') {
      return children.flatMap(item =>
        within(item.children ?? [], [...steps, { kind: 'index', index: Number(item.name) }]),
      );
    }
    if (cut) return [];
    const own = { name: printField({ steps }), steps, field, json, value };
    if (json !== undefined) return inJson(node, steps);
    return [own, ...within(children, before)];
  });
}

function inJson({ json, children = [], value }: FieldNode, steps: readonly Step[]): Leaf[] {
  if (json !== 'object' && json !== 'array') {
    return [{ name: printField({ steps }), steps, field: undefined, json, value }];
  }
  return children.flatMap(child => {
    const step: Step = json === 'object' ? named(child.name) : { kind: 'index', index: Number(child.name) };
    return inJson(child, [...steps, step]);
  });
}

export function assignment(
  { id }: AnyProtocol,
  { name, steps }: Pick<Leaf, 'name' | 'steps'>,
  text: string,
  quoted: boolean,
) {
  const [first, ...path] = steps;
  if (first.kind !== 'name') throw new Error(`${name} begins with no field`);
  return {
    name: `${id}.${name}`,
    protocol: id,
    field: first.name,
    path,
    value: { text, quoted, column: 1 },
  } satisfies Assignment;
}

/** Another value, and what is read of it afterwards. */
export function anotherValue({ field, json, value }: Leaf): { text: string; quoted: boolean; read: Leaf['value'] } {
  if (field === undefined) return anotherOfJson(json, value);
  if (field.whole) return number((BigInt(value as number) + 1n) % (BigInt(field.mask) + 1n));
  switch (field.kind) {
    case 'uint':
    case 'unixTime': {
      const size = field.extent.of === 'varint' ? 2n ** 14n : 2n ** BigInt(8 * bytesOf(field));
      return number((BigInt(value ?? 0) + 1n) % size);
    }
    case 'id': {
      const hex = ((BigInt(`0x${value}`) + 1n) % 2n ** BigInt(8 * bytesOf(field)))
        .toString(16)
        .padStart(2 * bytesOf(field), '0');
      return { text: `0x${hex}`, quoted: false, read: hex };
    }
    case 'bytes': {
      const size = bytesOf(field) || String(value).length / 2 + 3;
      const hex = (String(value).startsWith('7a') ? '79' : '7a').repeat(size);
      return { text: `0x${hex}`, quoted: false, read: hex };
    }
    default: {
      if (field.extent.of === 'reader') return { text: 'OTHER', quoted: true, read: 'OTHER' };
      const size = bytesOf(field) || String(value).length + 3;
      const text = (String(value).startsWith('z') ? 'y' : 'z').repeat(size);
      return { text, quoted: true, read: text };
    }
  }
}

function number(value: bigint) {
  return { text: String(value), quoted: false, read: value < 2n ** 53n ? Number(value) : String(value) };
}

function anotherOfJson(json: Leaf['json'], value: Leaf['value']) {
  if (json === 'number') return { text: '77.50', quoted: false, read: '77.50' };
  if (json === 'boolean') return { text: String(!value), quoted: false, read: !value };
  if (json === 'null') return { text: 'true', quoted: false, read: true };
  const text = `${String(value)} "é\n`;
  return { text, quoted: true, read: text };
}

/** Does it tell where others lie, what they are, or whether they are there? */
export function isTelling(scope: Scope, leaf: Field): boolean {
  const own = leaf.whole ?? leaf;
  const tells = (other: Field | undefined) => other !== undefined && (other.whole ?? other) === own;
  return (
    Object.values(scope.fields).some(
      ({ measuredBy, presentBy, items }) => tells(measuredBy) || tells(presentBy) || chooses(items, leaf),
    ) || false
  );
}

function chooses(items: Field['items'], leaf: Field): boolean {
  return (
    items?.by !== undefined &&
    leaf.name === items.by.name &&
    [items.head, ...items.table.values()].some(({ fields }) => fields[leaf.name] === leaf)
  );
}

/** Lists whose items a field may stand in, for `isTelling`. */
export function scopesOf(layout: Layout): Scope[] {
  const all: Scope[] = [layout];
  for (const scope of all) {
    for (const { items } of Object.values(scope.fields)) {
      if (items) all.push(items.head, ...items.table.values(), ...(items.other ? [items.other] : []));
    }
  }
  return all;
}
