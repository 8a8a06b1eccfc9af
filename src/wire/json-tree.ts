/** The nodes of JSON in a message: a value, and all that is in it, in wire order and where it stands. */
import { visible } from './escape.ts';
import type { JsonKind, JsonValue } from './json.ts';
import type { PlainNode } from './layout.ts';

/** A node that is a JSON value, or stands for those that are not shown. */
export interface JsonNode extends PlainNode {
  readonly json?: JsonKind;
  readonly children?: readonly JsonNode[];
}

/** JSON values shown of one field; behind them stands how many more there are. */
const MOST_SHOWN = 10_000;

export type Place = Pick<JsonNode, 'name' | 'title' | 'offset' | 'length' | 'meaning' | 'clause'>;

/** Makes nodes of JSON values. It goes as deep as `parseJson` allowed. */
export class JsonTree {
  readonly #base: number;
  #left = MOST_SHOWN;

  /** @param base offset of the JSON text in the message */
  constructor(base: number) {
    this.#base = base;
  }

  node(json: JsonValue, { name, title, offset, length, meaning, clause }: Place): JsonNode {
    const place = { name, title, offset, length, meaning, clause };
    const { kind } = json;
    const node = { ...place, value: scalarOf(json), display: displayOfJson(json), cut: false, json: kind };
    return kind === 'object' || kind === 'array' ? { ...node, children: this.#children(json) } : node;
  }

  #children({ kind, members, items }: JsonValue): JsonNode[] {
    const count = kind === 'object' ? members.length : items.length;
    const shown = Math.min(count, this.#left);
    this.#left -= shown;
    const nodes: JsonNode[] = [];
    for (let i = 0; i < shown; i++) {
      if (kind === 'array') nodes.push(this.node(items[i], this.#place(String(i), items[i].offset, items[i])));
      else nodes.push(this.node(members[i].value, this.#place(members[i].name, members[i].offset, members[i].value)));
    }
    if (shown < count) nodes.push(this.#unshown(count - shown, kind === 'array' ? items : members, shown));
    return nodes;
  }

  #place(name: string, from: number, { offset, length }: { readonly offset: number; readonly length: number }): Place {
    const title = visible(name);
    return { name, title, offset: this.#base + from, length: offset + length - from, meaning: '', clause: '' };
  }

  /** Stands for all that are not shown. */
  #unshown(count: number, all: readonly { readonly offset: number }[], first: number): JsonNode {
    const place = this.#place('...', all[first].offset, { offset: all[first].offset, length: 0 });
    return { ...place, value: null, display: `(${count} more)`, cut: false };
  }
}

function scalarOf({ kind, text }: JsonValue): JsonNode['value'] {
  switch (kind) {
    case 'string':
      return text;
    case 'number':
      return String(Number(text)) === text ? Number(text) : text;
    case 'boolean':
      return text === 'true';
    default:
      return null;
  }
}

export function displayOfJson({ kind, text, members, items }: JsonValue): string {
  switch (kind) {
    case 'string':
      return `"${visible(text)}"`;
    case 'object':
      return members.length === 1 ? '{1 member}' : `{${members.length} members}`;
    case 'array':
      return items.length === 1 ? '[1 item]' : `[${items.length} items]`;
    default:
      return text;
  }
}
