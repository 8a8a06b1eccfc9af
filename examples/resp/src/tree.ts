/** The tree of an array: a node for each value in it, for people. Built when somebody looks at the message. */
import { type FieldNode, type MessageBytes, visible } from 'wirelint/sdk';
import { wordAt } from './commands.ts';
import { ARRAY, BULK, textAt, Value } from './values.ts';

const TITLES: Readonly<Record<string, string>> = {
  '+': 'Simple string',
  '-': 'Error',
  ':': 'Integer',
  $: 'Bulk string',
  '*': 'Array',
};
/** Arrays in each other, and values in all, that the tree shows. */
const DEEPEST = 32;
const MOST_NODES = 10_000;
const LONGEST_SHOWN = 200;

type Open = { -readonly [Key in keyof FieldNode]: FieldNode[Key] } & { children?: FieldNode[] };

/** The values in an array, those in them below them, each with its bytes. */
export function valuesIn({ bytes, start, captured }: MessageBytes, clause: string): readonly FieldNode[] {
  const value = new Value();
  const end = start + captured;
  const top: FieldNode[] = [];
  /** Arrays that are not over, and values that they want. */
  const open: { readonly node: Open | undefined; readonly into: FieldNode[]; left: number }[] = [];
  let shown = 0;
  for (let at = start; at < end && value.read(bytes, at, end) && shown < MOST_NODES; at = value.end) {
    const within = open.at(-1);
    let into = top;
    if (within) {
      const node = nodeOf(bytes, value, { start, end, clause, name: String(within.into.length) });
      if (open.length <= DEEPEST) within.into.push(node);
      shown++;
      within.left--;
      into = node.children ?? top;
      if (value.items > 0) open.push({ node, into, left: value.items });
    } else if (value.items > 0) open.push({ node: undefined, into, left: value.items });
    while (open.length > 0 && open[open.length - 1].left === 0) {
      const { node } = open.pop()!;
      if (node) node.length = value.end - start - node.offset;
    }
  }
  return top;
}

/** The values of a reply, in one node. */
export function itemsIn(message: MessageBytes, clause: string): readonly FieldNode[] {
  return inOne({ name: 'items', title: 'Items', clause }, valuesIn(message, clause));
}

/** What follows the first word of a command, in one node: the other strings of the array, or the rest of the line. */
export function argumentsIn(message: MessageBytes, clause: string): readonly FieldNode[] {
  const { bytes, start, captured } = message;
  const end = start + captured;
  const line = new Value();
  if (!line.read(bytes, start, end)) return [];
  if (line.kind === ARRAY) {
    const others = valuesIn(message, clause).slice(1);
    return inOne(
      { name: 'arguments', title: 'Arguments', clause },
      others.map((node, index) => ({ ...node, name: String(index) })),
    );
  }
  const { behind } = wordAt(bytes, start, line.to);
  const text = textAt(bytes, behind, line.to);
  const display = visible(text.slice(0, LONGEST_SHOWN));
  const place = { name: 'arguments', title: 'Arguments', offset: behind - start, length: line.line - behind };
  return [{ ...place, value: text, display, meaning: 'the rest of the line', clause, cut: false }];
}

function inOne(
  what: Pick<FieldNode, 'name' | 'title' | 'clause'>,
  children: readonly FieldNode[],
): readonly FieldNode[] {
  const first = children[0];
  const last = children.at(-1);
  if (!first || !last) return [];
  const length = last.offset + last.length - first.offset;
  const cut = children.some(node => node.cut);
  return [
    { ...what, offset: first.offset, length, value: null, display: `[${children.length}]`, meaning: '', cut, children },
  ];
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly clause: string;
  readonly name: string;
}

function nodeOf(bytes: Uint8Array, value: Value, { start, end, clause, name }: Place): Open {
  const { at, to, line, kind, count } = value;
  const title = TITLES[String.fromCharCode(bytes[at])] ?? 'Value';
  const cut = value.end > end;
  const isString = kind === BULK && count >= 0;
  const text = isString ? textAt(bytes, line, Math.min(value.end - 2, end)) : textAt(bytes, at + 1, to);
  const isNull = kind >= BULK && count < 0;
  const hasItems = kind >= ARRAY && !isNull;
  const display = isNull ? 'null' : hasItems ? `[${count}]` : visible(text.slice(0, LONGEST_SHOWN));
  const own = { name, title, offset: at - start, length: value.end - at, meaning: '', clause, cut, display };
  return { ...own, value: cut || isNull || hasItems ? null : text, ...(hasItems && { children: [] }) };
}
