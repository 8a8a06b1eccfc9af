/**
 * A filter as a tree, and the tree as text again: `parse(print(tree))` is the tree. Columns are where the author wrote
 * something, for complaints; they are no part of what a filter means.
 */

/** A way into JSON: a member, an item, or every item. */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every' };

export interface FieldName {
  /** The first is a name: a field's, or a protocol's. */
  readonly steps: readonly Step[];
  readonly column: number;
}

/** Something to compare with. What a word stands for depends on the field; quotes make it text. */
export interface Literal {
  readonly text: string;
  readonly quoted: boolean;
  readonly column: number;
}

export type Order = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Operator = Order | 'contains' | '~';

/** One value, or all from the first to the last. */
export interface Range {
  readonly from: Literal;
  readonly to: Literal | undefined;
}

/** A chain of `and` or `or` is one node, however long: only parentheses and `not` nest. */
export type Node =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Node[] }
  | { readonly kind: 'not'; readonly term: Node }
  | { readonly kind: 'present'; readonly field: FieldName }
  | {
      readonly kind: 'compare';
      readonly field: FieldName;
      readonly operator: Operator;
      readonly column: number;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly field: FieldName; readonly column: number; readonly ranges: readonly Range[] };

const PLAIN_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]*$/u;

export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

export function print(node: Node): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.terms.map(printTerm).join(node.kind === 'and' ? ' && ' : ' || ');
    case 'not':
      return `!${printTerm(node.term)}`;
    case 'present':
      return printField(node.field);
    case 'compare':
      return `${printField(node.field)} ${node.operator} ${printLiteral(node.value)}`;
    case 'in':
      return `${printField(node.field)} in {${node.ranges.map(printRange).join(', ')}}`;
  }
}

/** Chains in chains get parentheses, and so does all that `not` stands before but a field. */
function printTerm(node: Node): string {
  const text = print(node);
  return node.kind === 'present' || node.kind === 'not' ? text : `(${text})`;
}

export function printField({ steps }: Pick<FieldName, 'steps'>): string {
  return steps
    .map((step, index) => {
      if (step.kind === 'every') return '[*]';
      if (step.kind === 'index') return `[${step.index}]`;
      if (!isPlainName(step.name)) return `[${quote(step.name)}]`;
      return index === 0 ? step.name : `.${step.name}`;
    })
    .join('');
}

function printRange({ from, to }: Range): string {
  // Blanks keep the dots of the range from those of a number.
  return to ? `${printLiteral(from)} .. ${printLiteral(to)}` : printLiteral(from);
}

function printLiteral({ text, quoted }: Literal): string {
  return quoted ? quote(text) : text;
}

/** The text as a string of the language. */
export function quote(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}\p{Zl}\p{Zp}]/gu, character => {
    if (character === '"' || character === '\\') return `\\${character}`;
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return `"${escaped}"`;
}
