/**
 * Two messages compared: what is known of each, and their fields by the names that lead to them, so that members of JSON and
 * fields of another layout find each other wherever they stand.
 */
import type { History } from '../../history/history.ts';
import type { CaptureBytes, RecalledMessage } from '../../history/recall.ts';
import { counted } from '../../report/numbers.ts';
import { type FieldNode, fieldTree } from '../../wire/tree.ts';
import type { Pair } from '../panes/compared.ts';
import type { Compared, Entry } from './comparison.ts';

/** Of a value: more would not be read, and is compared all the same. */
const LONGEST_VALUE = 1000;

interface Side {
  readonly seen: RecalledMessage;
  readonly bytes: Uint8Array;
}

export function compareMessages(history: History, bytes: CaptureBytes, left: number, right: number): Compared {
  const sides = [left, right].map((message): Side => {
    const seen = history.recall(message, bytes);
    return { seen, bytes: seen.message.copy() };
  }) as [Side, Side];
  const messages = [left, right] as const;
  const fact = (label: string, of: (side: Side) => string) =>
    factPair(label, sides.map(of) as [string, string], messages);
  const entries: Entry[] = [
    fact('message', ({ seen }) => seen.name),
    fact('protocol', ({ seen }) => seen.protocol),
    fact('sent by', ({ seen }) => (seen.clientToServer ? 'client' : 'server')),
    fact('state after it', ({ seen }) => seen.state),
    fact('length', ({ seen }) => counted(seen.message.length, 'byte')),
    fact('findings', ({ seen }) => seen.findings.map(({ ruleId }) => ruleId).join(', ') || 'none'),
    { kind: 'heading', text: 'Fields' },
    ...fieldPairs(sides, messages),
  ];
  return {
    of: 'message',
    titles: [titleOf(history, left), titleOf(history, right)],
    entries,
    bytes: [sides[0].bytes, sides[1].bytes],
    messages,
  };
}

export function titleOf(history: History, message: number): string {
  const connection = history.messages.connection(message);
  return `frame ${history.messages.frame(message)}, connection ${connection}`;
}

/** A row of what both sides have. */
export function factPair(
  label: string,
  [left, right]: readonly [string, string],
  messages: readonly [number, number],
): Pair {
  const differs = left !== right;
  return { kind: 'pair', label, left: [{ text: left, differs }], right: [{ text: right, differs }], differs, messages };
}

function fieldPairs([left, right]: readonly [Side, Side], messages: readonly [number, number]): Pair[] {
  const pairs: Pair[] = [];
  const treeOf = ({ seen }: Side) => (seen.layout ? fieldTree(seen.message, seen.layout) : []);

  /** Returns whether anything differs. */
  const add = (lefts: readonly FieldNode[], rights: readonly FieldNode[], depth: number): boolean => {
    let isAny = false;
    for (const [one, other] of paired(lefts, rights)) {
      const place = pairs.length;
      const node = one ?? other;
      if (!node) continue;
      pairs.push(pairOf(node, one, other, depth, true));
      const isInside = add(one?.children ?? [], other?.children ?? [], depth + 1);
      const isParent = (one?.children ?? other?.children ?? []).length > 0;
      const isOwn = !one || !other || (isParent ? isInside : !isSame(one, other));
      pairs[place] = pairOf(node, one, other, depth, isOwn);
      isAny ||= isOwn;
    }
    return isAny;
  };

  const pairOf = (
    node: FieldNode,
    one: FieldNode | undefined,
    other: FieldNode | undefined,
    depth: number,
    differs: boolean,
  ): Pair => ({
    kind: 'pair',
    label: `${'  '.repeat(depth)}${node.title}`,
    left: cellOf(one, differs),
    right: cellOf(other, differs),
    differs,
    messages,
  });

  /** Numbers by value, whatever their byte order; what has none by its bytes, JSON as it reads. */
  const isSame = (one: FieldNode, other: FieldNode): boolean => {
    if (one.json !== undefined || other.json !== undefined)
      return one.json === other.json && one.display === other.display;
    if (one.value !== null && other.value !== null) return String(one.value) === String(other.value);
    return Buffer.compare(bytesOf(left, one), bytesOf(right, other)) === 0;
  };

  add(treeOf(left), treeOf(right), 0);
  return pairs;
}

function bytesOf({ bytes }: Side, { offset, length }: FieldNode): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

function cellOf(node: FieldNode | undefined, differs: boolean) {
  if (!node) return undefined;
  // Of what holds others they show what differs.
  return [{ text: node.display.slice(0, LONGEST_VALUE), differs: differs && (node.children ?? []).length === 0 }];
}

/** Fields of one name, and of several of one name the first with the first; in the order of the left, what only the right has where it stands there. */
function paired(
  lefts: readonly FieldNode[],
  rights: readonly FieldNode[],
): (readonly [FieldNode | undefined, FieldNode | undefined])[] {
  const others = keyed(rights);
  const own = keyed(lefts);
  const order = [...own.keys()];
  let at = -1;
  for (const key of others.keys()) {
    if (own.has(key)) at = order.indexOf(key);
    else order.splice(++at, 0, key);
  }
  return order.map(key => [own.get(key), others.get(key)] as const);
}

function keyed(nodes: readonly FieldNode[]): Map<string, FieldNode> {
  const times = new Map<string, number>();
  const found = new Map<string, FieldNode>();
  for (const node of nodes) {
    const time = (times.get(node.name) ?? 0) + 1;
    times.set(node.name, time);
    found.set(JSON.stringify([node.name, time]), node);
  }
  return found;
}
