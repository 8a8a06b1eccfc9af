/**
 * JSON and YAML as located values. Strict in both: two members of one name, or a tag that a YAML parser would have to know,
 * are refused rather than settled by a rule that nobody remembers.
 */
import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node as YamlNode } from 'yaml';
import { complaint, DEEPEST, type Located, type Member, MOST_VALUES, placesIn, type SourceFile } from './located.ts';

export function locatedJson(text: string, file: SourceFile): Located {
  const placeOf = placesIn(text);
  const errors: ParseError[] = [];
  const root = within(file, () => parseTree(text, errors, { disallowComments: true }));
  const [first] = errors;
  if (first) throw complaint(file, placeOf(first.offset), `not JSON: ${wordsOf(first)}`);
  if (!root) throw complaint(file, undefined, 'it is empty; {} sets nothing');
  return new Builder(file).json(root, placeOf, 0);
}

/** `InvalidCommentToken` as `invalid comment token`. */
function wordsOf({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
    .trim();
}

/** Loads the parser: a program that has no YAML to read starts without it. */
export async function locatedYaml(text: string, file: SourceFile): Promise<Located> {
  const yaml = await import('yaml');
  const placeOf = placesIn(text);
  const document = within(file, () => yaml.parseDocument(text, { logLevel: 'error', prettyErrors: false }));
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const reason = isTooDeep(problem) ? TOO_DEEP : `not YAML: ${problem.message.split('\n', 1)[0]}`;
    throw complaint(file, placeOf(problem.pos[0]), reason);
  }
  if (document.contents === null) throw complaint(file, undefined, 'it is empty; {} sets nothing');
  const builder = new Builder(file);
  /** In the order of the file, so that an alias finds what stands before it. */
  const anchors = new Map<string, YamlNode>();
  const build = (node: unknown, depth: number): Located => {
    const at = placeOf((node as YamlNode | null)?.range?.[0] ?? 0);
    builder.count(at, depth);
    if (yaml.isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) throw complaint(file, at, `nothing before is called &${node.source}`);
      return build(target, depth + 1);
    }
    if (yaml.isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (yaml.isMap(node)) {
      const members = node.items.map(({ key, value }): Member => {
        const keyAt = placeOf((key as YamlNode | null)?.range?.[0] ?? 0);
        if (yaml.isScalar(key) && key.anchor !== undefined) anchors.set(key.anchor, key);
        if (!yaml.isScalar(key)) throw complaint(file, keyAt, 'a key is a single word');
        return { key: String(key.value), at: keyAt, value: build(value, depth + 1) };
      });
      return { kind: 'object', members, at };
    }
    if (yaml.isSeq(node)) return { kind: 'list', items: node.items.map(item => build(item, depth + 1)), at };
    const value = yaml.isScalar(node) ? node.value : null;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (value !== null && !isPlain) throw complaint(file, at, 'a value that is none of text, number, true or false');
    return { kind: 'value', value, at };
  };
  return build(document.contents, 0);
}

const TOO_DEEP = 'lists and objects too deep within each other';

/** As the engine says it, which the YAML parser takes for an error of the text. */
function isTooDeep({ message }: Error): boolean {
  return message.startsWith('Maximum call stack size exceeded');
}

/** Both parsers go into lists within lists by calling themselves. */
function within<T>(file: SourceFile, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw complaint(file, undefined, TOO_DEEP);
    throw error;
  }
}

/** Counts what comes of a file, which aliases multiply. */
class Builder {
  readonly #file: SourceFile;
  #values = 0;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  count(at: { line: number; column: number }, depth: number): void {
    if (++this.#values > MOST_VALUES) throw complaint(this.#file, at, `more than ${MOST_VALUES} values`);
    if (depth > DEEPEST) throw complaint(this.#file, at, `more than ${DEEPEST} lists and objects within each other`);
  }

  json(node: JsonNode, placeOf: (offset: number) => { line: number; column: number }, depth: number): Located {
    const at = placeOf(node.offset);
    this.count(at, depth);
    const { children = [] } = node;
    if (node.type === 'array') {
      return { kind: 'list', items: children.map(child => this.json(child, placeOf, depth + 1)), at };
    }
    if (node.type !== 'object') return { kind: 'value', value: node.value, at };
    const members = children.flatMap(({ children: [key, value] = [] }): Member[] =>
      key && value
        ? [{ key: String(key.value), at: placeOf(key.offset), value: this.json(value, placeOf, depth + 1) }]
        : [],
    );
    const seen = new Set<string>();
    for (const { key, at: keyAt } of members) {
      if (seen.has(key)) throw complaint(this.#file, keyAt, `${JSON.stringify(key)} is here twice`);
      seen.add(key);
    }
    return { kind: 'object', members, at };
  }
}
