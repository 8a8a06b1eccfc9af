/**
 * The messages of a protocol as one value: what stands at the head of each, then a row a message with its code, its
 * clause, what it does, and its fields behind the head. Layouts, labels, the way from a code to a layout and the types
 * of names and values that rules are checked with all follow from it.
 */
import { rememberPlace } from '../source-place.ts';
import type { FieldSpec } from '../wire/fields.ts';
import { type Describe, type Layout, layoutOf } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';

// biome-ignore lint/suspicious/noExplicitAny: a list holds fields of any name and value
type AnyField = FieldSpec<string, any>;

/** Code point of a message: a number, or as many characters as the type has bytes; several where they share a layout. */
export type Code = number | string;
/** Code, clause, what it does, fields. */
export type MessageRow = readonly [
  code: Code | readonly Code[],
  clause: string,
  meaning: string,
  ...fields: readonly AnyField[],
];

/** A message that one side alone sends, under a code that may mean another message when the other side sends it. */
export interface DirectedMessage<Row extends MessageRow = MessageRow> {
  readonly from: 'client' | 'server';
  readonly row: Row;
}

export type MessageRows = Readonly<Record<string, MessageRow | DirectedMessage>>;

/** `from('server', [3, '2.3', 'answers', ...])`: a code of the server's. */
export const from = <const Row extends MessageRow>(side: 'client' | 'server', row: Row): DirectedMessage<Row> => ({
  from: side,
  row,
});

type RowOf<Entry> = Entry extends DirectedMessage<infer Row> ? Row : Entry;
type FieldsOf<Entry> =
  RowOf<Entry> extends readonly [unknown, string, string, ...infer Fields] ? Fields[number] : never;
type NamesIn<Field> = Field extends FieldSpec<infer Name, unknown> ? Name : never;
type ValuesIn<Field> = { [Name in NamesIn<Field>]: Field extends FieldSpec<Name, infer Value> ? Value : never };

/**
 * The messages of a protocol. `Names` are those of the messages; `Values` maps the names of all their fields to the
 * types of their values.
 */
export interface Messages<Names extends string = string, Values extends object = object> {
  /** One a message, in the order of the rows. */
  readonly layouts: readonly Layout[];
  /** Fields at the head of each message, and the one of them that holds the code. */
  readonly head: readonly AnyField[];
  readonly type: string;
  /** Place in `layouts` of a message that this side sends; -1 where there is none of its code. */
  find(message: Message, fromClient: boolean): number;
  /** Place in `layouts`; -1 for a name that is none. */
  indexOf(name: string): number;
  /** Names of the messages that the server alone sends. */
  readonly ofServer: readonly string[];
  /** For the compiler alone. */
  readonly names?: Names;
  readonly values?: Values;
}

/** Nodes of the tree, and the names of those that filters ask for: they lead into them as into JSON, `resp.items[0]`. */
export interface Described {
  readonly names: readonly string[];
  readonly nodes: Describe;
}

/** What there is to say of messages beyond their rows, by name. */
export interface MessagesOptions<Name extends string> {
  /** Nodes of the tree behind the fields, of what no list of fields can describe: values that hold values. */
  readonly describe?: { readonly [name in Name]?: Describe | Described };
  /** Of all these messages, where editions of the specification use codes or names for different ones: a table for each. */
  readonly edition?: string;
  /** The field of the head that holds the code, where it is not called `type`. */
  readonly code?: string;
}

/**
 * Lays out the messages of a protocol.
 *
 *     export const messages = defineMessages(uint('type', 1), {
 *       HELLO: [1, '2.1', 'opens the conversation', text('magic', 2), uint('version', 1)],
 *       GET: [2, '2.2', 'asks for the value of a key', uint('id', 2), text('key', 'rest')],
 *     });
 *
 * @param head the field with the code; or all fields that every message begins with, of which one is called `type`
 * @throws Error for a table that cannot be laid out, or two messages of one code and one side
 */
export function defineMessages<const Head extends AnyField | readonly AnyField[], const Rows extends MessageRows>(
  head: Head,
  rows: Rows,
  { describe = {}, edition, code: codeField = 'type' }: MessagesOptions<keyof NoInfer<Rows> & string> = {},
): Messages<
  keyof Rows & string,
  ValuesIn<(Head extends readonly AnyField[] ? Head[number] : Head) | FieldsOf<Rows[keyof Rows]>>
> {
  const describers: Readonly<Record<string, Describe | Described | undefined>> = describe;
  for (const name of Object.keys(describers))
    if (!Object.hasOwn(rows, name)) throw new Error(`messages: describe: ${name} is no message`);
  const heads: readonly AnyField[] = Array.isArray(head) ? head : [head as AnyField];
  const found = heads.find(({ name }) => name === codeField);
  if (!found && codeField !== 'type') throw new Error(`messages: code: the head has no field ${codeField}`);
  const typeField = found ?? heads[0];
  if (!typeField) throw new Error('messages: the head has no field');
  const entries = Object.entries<MessageRow | DirectedMessage>(rows).map(([name, entry]) => {
    const directed = 'from' in entry ? entry : undefined;
    const [code, clause, meaning, ...fields] = directed ? directed.row : (entry as MessageRow);
    const codes = (Array.isArray(code) ? code : [code]).map(each => codeOf(each as Code, name));
    return { name, codes, clause, meaning, fields, from: directed?.from };
  });
  const layouts = entries.map(({ name, codes, clause, meaning, fields, from: side }) => {
    const labels = Object.fromEntries(codes.map(code => [code, name]));
    const own = heads.map(field => (field === typeField ? { ...field, labels, brief: false } : field));
    const about = {
      code: codes[0],
      clause,
      meaning,
      ...(side && { from: side }),
      ...(edition !== undefined && { edition }),
    };
    const layout = layoutOf(name, { ...about, ...describedBy(describers, name) }, [...own, ...fields]);
    rememberPlace(layout, defineMessages, name);
    return layout;
  });
  const byCode = [new Map<number, number>(), new Map<number, number>()] as const;
  entries.forEach(({ name, codes, from: side }, index) => {
    for (const [way, table] of byCode.entries()) {
      if (side === (way === 0 ? 'server' : 'client')) continue;
      for (const code of codes) {
        const other = table.get(code);
        if (other !== undefined)
          throw new Error(
            `messages: ${name} and ${entries[other].name} have the code ${code}; say who sends which with from(...)`,
          );
        table.set(code, index);
      }
    }
  });
  const field = layouts[0]?.rows.find(({ name }) => name === typeField.name);
  return {
    layouts,
    head: heads,
    type: typeField.name,
    find: (message, fromClient) => {
      if (field === undefined || message.captured < field.offset + field.size) return -1;
      return byCode[fromClient ? 0 : 1].get(message.uint(field)) ?? -1;
    },
    indexOf: name => entries.findIndex(entry => entry.name === name),
    ofServer: entries.filter(entry => entry.from === 'server').map(({ name }) => name),
  };
}

function describedBy(describers: Readonly<Record<string, Describe | Described | undefined>>, name: string) {
  const own = Object.hasOwn(describers, name) ? describers[name] : undefined;
  if (own === undefined) return {};
  return typeof own === 'function' ? { describe: own } : { describe: own.nodes, described: own.names };
}

/** The number that characters are on the wire, high byte first. */
function codeOf(code: Code, name: string): number {
  if (typeof code === 'number') return code;
  const bytes = Buffer.from(code, 'latin1');
  if (bytes.length < 1 || bytes.length > 4)
    throw new Error(`message ${name}: a code has 1 to 4 characters, not ${code}`);
  return bytes.readUIntBE(0, bytes.length);
}
