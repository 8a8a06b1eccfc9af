/**
 * Rules as a defined protocol writes them: the document, which messages it is asked about, a check, and words in which
 * fields are named instead of counted out. What most rules have in common need not be said: the sender is at fault, the
 * bytes to blame are those of the field, what is there is its value.
 */
import {
  type AtFault,
  BROKEN,
  type Evidence,
  type Held,
  type Later,
  type Outcome,
  PASS,
  type Rule,
  type RuleDocument,
  type Severity,
} from '../lint/rule.ts';
import type { Layout } from '../wire/layout.ts';
import type { AnyExchange, Exchange, FieldName, MessageName } from './exchange.ts';
import { fieldRange, fieldValue } from './reading.ts';

/** What a finding says, in the words of the case. */
export interface Words<Field extends string = string> {
  /** One sentence, in lower case. */
  readonly message: string;
  readonly expected: string;
  /** The field to blame: its bytes are marked. */
  readonly at?: Field;
  /** The value of that field where this is absent. */
  readonly actual?: string;
  /** Bytes to blame that are no field's, from the start of the message. */
  readonly bytes?: Evidence['bytes'];
  /** Frames that it looks back to; those that are 0 are left out. */
  readonly related?: readonly number[];
  /** What `later` has to know of it, if the finding is held. */
  readonly facts?: readonly number[];
}

type TableOf<X> = X extends Exchange<infer Table, infer _Waits, infer _Memory> ? Table : never;

/** A rule without what can be filled in. */
export interface RuleSpec<X extends AnyExchange> extends Omit<RuleDocument, 'atFault'> {
  /** `sender` if absent. */
  readonly atFault?: AtFault;
  readonly on?: readonly (MessageName<TableOf<X>> | 'unknown type')[];
  readonly phase?: 'form' | 'content';
  /** `true` for a message that keeps the rule, or an outcome where there is more to say. */
  readonly check?: (exchange: X) => Outcome | boolean;
  readonly describe?: (exchange: X) => Words<FieldName<TableOf<X>>>;
  readonly severityHere?: (exchange: X) => Severity;
  readonly editionHere?: (exchange: X) => string | undefined;
  readonly later?: (exchange: X, held: Held) => Later;
  readonly atEnd?: (held: Held, exchange: X | undefined) => Later;
  readonly excuse?: string;
}

/**
 * A rule of a defined protocol. The names of messages and fields in it are checked by the compiler against the
 * protocol's table, and so is the rule itself where a table names it.
 */
export function rule<X extends AnyExchange>(spec: RuleSpec<X>): Rule<X> {
  const { check, describe, atFault = 'sender', ...rest } = spec;
  return {
    ...rest,
    atFault,
    ...(check && { check: (exchange: X) => outcomeOf(check(exchange)) }),
    ...(describe && { describe: (exchange: X) => evidenceOf(exchange, describe(exchange)) }),
  };
}

/** What a rule about the form of messages may leave to the layouts. */
export type FormRuleSpec<X extends AnyExchange> = Pick<RuleSpec<X>, 'id' | 'clause' | 'editionHere'> &
  Partial<Omit<RuleDocument, 'restsOn'>>;

/**
 * The rule that a message has a type that there is, and the length that its layout demands. Its check and its words
 * follow from the layouts; the protocol's definition has it asked about all messages.
 */
export function malformed<X extends AnyExchange>(spec: FormRuleSpec<X>): Rule<X> {
  return {
    severity: 'error',
    atFault: 'sender',
    summary: 'a message is of no type that there is, or not as long as its type demands',
    why: 'Its receiver cannot know what is meant, and what it does instead differs from program to program.',
    example: 'a message that ends inside a field',
    ...spec,
    restsOn: 'bytes',
    phase: 'form',
    check: ({ message, layout }) => (layout && fits(layout, message.length) ? PASS : BROKEN),
    describe: ({ message, layout }) => {
      const { length } = message;
      if (!layout) {
        const actual = length === 0 ? 'nothing' : `type ${message.byte(0)}`;
        const words = length === 0 ? 'the message is empty' : 'no message has this type';
        return { message: words, expected: 'a type that there is', actual, ...(length > 0 && { bytes: FIRST_BYTE }) };
      }
      return {
        message: `${layout.name} has ${length} bytes`,
        expected: `${layout.open ? 'at least ' : ''}${layout.fixedLength} bytes`,
        actual: `${length} bytes`,
      };
    },
  };
}

const FIRST_BYTE = { offset: 0, length: 1 } as const;

/** May a message of this layout have so many bytes? */
export function fits({ fixedLength, open }: Layout, length: number): boolean {
  return open ? length >= fixedLength : length === fixedLength;
}

function outcomeOf(answer: Outcome | boolean): Outcome {
  return answer === true ? PASS : answer === false ? BROKEN : answer;
}

function evidenceOf<X extends AnyExchange>({ layout, message }: X, words: Words): Evidence {
  const { at, related, bytes, actual, ...rest } = words;
  const field = at !== undefined && layout ? layout.fields[at] : undefined;
  if (at !== undefined && layout && !field) throw new Error(`${layout.name} has no field ${at}`);
  const range = bytes ?? (layout && field ? fieldRange(message, layout, field) : undefined);
  const value = layout && field ? fieldValue(message, layout, field) : undefined;
  const frames = related?.filter(frame => frame > 0) ?? [];
  return {
    ...rest,
    actual: actual ?? (value === undefined ? '' : String(value)),
    ...(range && { bytes: range }),
    ...(frames.length > 0 && { relatedFrames: frames }),
  };
}
