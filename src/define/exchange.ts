/**
 * What the rules of a defined protocol look at: a message in its connection, with its fields by name. It is the
 * tracker's own exchange with readers set on top; nothing is read before a rule asks for it.
 */
import type { Exchange as FlowExchange } from '../follow/flow-tracker.ts';
import { UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { Field } from '../wire/layout.ts';
import type { Messages } from './messages.ts';

type NamesOf<Table> = Table extends Messages<infer Names, object> ? Names : never;
type ValuesOf<Table> = Table extends Messages<string, infer Values> ? Values : never;

/** Names of the messages of a table, and of their fields. */
export type MessageName<Table> = NamesOf<Table>;
export type FieldName<Table> = keyof ValuesOf<Table> & string;

/**
 * A message in its connection. `Table` is the type of what `defineMessages` made, `WaitName` the names of the waits,
 * `Memory` what the protocol remembers of a connection besides.
 *
 *     type Kv = Exchange<typeof messages, 'lookup'>;
 */
export interface Exchange<Table = Messages, WaitName extends string = never, Memory = undefined>
  extends FlowExchange<Memory, WaitName> {
  /** Name of the message, or `unknown type`. */
  readonly name: MessageName<Table> | 'unknown type';
  /** State of its sender before the message. */
  readonly state: string;
  /**
   * Value of a field of the message: a number, or text, hex for ids and bytes; undefined where a condition leaves it out.
   * @throws Error when the message has no such field
   * @throws NotCaptured when the capture holds only a part of it: the rule is then inconclusive
   */
  get<Name extends FieldName<Table>>(name: Name): ValuesOf<Table>[Name];
  /** Has the message this field, all of it? */
  has(name: FieldName<Table>): boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: stands for the exchange of any protocol
export type AnyExchange = Exchange<any, any, any>;

/** A rule asked for a field that the capture does not hold. */
export class NotCaptured extends Error {
  override readonly name = 'NotCaptured';
}

/** Sets the readers on the tracker's exchange. Bound, so that a rule may take them out of it. */
export function withReaders<Memory>(exchange: FlowExchange<Memory>): void {
  const own = exchange as { -readonly [Key in keyof AnyExchange]: AnyExchange[Key] };
  const find = (name: string): Field => {
    const { layout } = exchange;
    if (layout && Object.hasOwn(layout.fields, name)) return layout.fields[name];
    throw new Error(`${layout?.name ?? 'a message of unknown type'} has no field ${name}`);
  };
  own.get = (name: string) => {
    const { message } = exchange;
    const value = message.value(find(name));
    if (value === undefined && message.captured < message.length) throw new NotCaptured(name);
    return value as never;
  };
  own.has = (name: string) => exchange.message.has(find(name));
  Object.defineProperty(own, 'name', { get: () => exchange.layout?.name ?? UNKNOWN_MESSAGE });
  Object.defineProperty(own, 'state', { get: () => exchange.subject.state });
}
