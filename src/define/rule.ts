/**
 * Rules as a defined protocol writes them: the document, which messages it is checked for, a check, and words in which
 * fields are named instead of counted out. What most rules have in common need not be said: the sender is at fault, the
 * bytes to blame are those of the field, what is there is its value.
 */
import {
  type AtFault,
  BROKEN,
  type Evidence,
  type Held,
  INCONCLUSIVE,
  type Later,
  type Outcome,
  PASS,
  type Rule,
  type RuleDocument,
  type Severity,
} from '../lint/rule.ts';
import { rememberPlace } from '../source-place.ts';
import { formOf } from '../wire/form.ts';
import type { Field } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { WalkFault } from '../wire/walk.ts';
import { type AnyExchange, type Exchange, type FieldName, type MessageName, NotCaptured } from './exchange.ts';

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
  const made: Rule<X> = {
    ...rest,
    atFault,
    ...(check && { check: (exchange: X) => asked(exchange, () => outcomeOf(check(exchange)), INCONCLUSIVE) }),
    ...(describe && {
      describe: (exchange: X) => {
        const words = () => evidenceOf(exchange, describe(exchange));
        return asked(exchange, words, { message: rest.summary, expected: '', actual: 'not all of it was captured' });
      },
    }),
  };
  rememberPlace(made, rule);
  return made;
}

/** What a rule says, or `otherwise` where it would need what the capture does not hold. */
function asked<T>({ message }: AnyExchange, say: () => T, otherwise: T): T {
  if (message.captured === message.length) return say();
  try {
    return say();
  } catch (error) {
    if (error instanceof NotCaptured) return otherwise;
    throw error;
  }
}

/** What a rule about the form of messages may leave to the layouts. */
export type FormRuleSpec<X extends AnyExchange> = Pick<RuleSpec<X>, 'id' | 'clause' | 'editionHere'> &
  Partial<Omit<RuleDocument, 'restsOn'>>;

/**
 * The rule that a message has a known type, and the length that its layout says. Its check and its
 * words follow from the layouts; the protocol's definition has it asked about all messages.
 */
export function malformed<X extends AnyExchange>(spec: FormRuleSpec<X>): Rule<X> {
  const made: Rule<X> = {
    severity: 'error',
    atFault: 'sender',
    summary: 'a message has an unknown type, or the wrong length for its type',
    why: 'Its receiver cannot know what is meant, and what it does instead differs from program to program.',
    example: 'a message that ends inside a field',
    ...spec,
    restsOn: 'bytes',
    phase: 'form',
    check: hasForm,
  };
  rememberPlace(made, malformed);
  return made;
}

/** Of a message of no type too: it has no form. Where its type was not captured, nothing is known of it (`typedForm`). */
export function hasForm({ message, layout }: Pick<AnyExchange, 'message' | 'layout'>): Outcome {
  if (!layout) return BROKEN;
  const form = formOf(message, layout);
  return form.fits ? PASS : form.fault === 'cut' ? INCONCLUSIVE : BROKEN;
}

/** `hasForm`, inconclusive for a message of which the capture ends before what tells its type. */
export function typedForm(isTyped: (message: Message) => boolean) {
  return (exchange: AnyExchange): Outcome =>
    exchange.layout || isTyped(exchange.message) ? hasForm(exchange) : INCONCLUSIVE;
}

/** Words for a message of an unknown type, or without the form of its type. @param type where the type stands */
export function formWords({ message, layout }: Pick<AnyExchange, 'message' | 'layout'>, type: Field): Evidence {
  const { length } = message;
  if (layout) {
    const form = formOf(message, layout);
    if (!layout.walked || form.fits) {
      return {
        message: `${layout.name} has ${length} bytes`,
        expected: `${layout.open ? 'at least ' : ''}${layout.fixedLength} bytes`,
        actual: `${length} bytes`,
      };
    }
    const { fault, field, offset } = form;
    const actual = `${length} bytes`;
    const at = Math.max(0, Math.min(offset, length - 1));
    return {
      message: `${layout.name}: ${MISFITS[fault](field?.name ?? '')}`,
      expected: field ? `${field.name} as the layout has it` : actual,
      actual,
      ...(length > 0 && { bytes: { offset: at, length: Math.max(1, Math.min(field?.size || 1, length - at)) } }),
    };
  }
  const expected = 'a known type';
  if (length < type.offset + type.size) {
    const words = length === 0 ? 'the message is empty' : 'the message ends before its type does';
    return { message: words, expected, actual: length === 0 ? 'nothing' : `${length} bytes` };
  }
  const actual = `${message.uint(type)}`;
  return {
    message: `no message has the type ${actual}`,
    expected,
    actual,
    bytes: { offset: type.offset, length: type.size },
  };
}

/** What is wrong with the form of a message, in or after a field. */
const MISFITS: Readonly<Record<WalkFault, (field: string) => string>> = {
  cut: field => `the capture ends before ${field} does`,
  short: field => `the message ends inside ${field}`,
  length: field => `the length of ${field} says more than there is`,
  varint: field => `${field} has too many bytes`,
  mark: field => `nothing ends ${field}`,
  left: field => (field === '' ? 'bytes are left over' : `bytes are left over after ${field}`),
  unknown: field => `${field} has an item of unknown type`,
  many: field => `${field} has more items than it may have`,
  empty: field => `${field} has an item without a byte`,
};

function outcomeOf(answer: Outcome | boolean): Outcome {
  return answer === true ? PASS : answer === false ? BROKEN : answer;
}

function evidenceOf<X extends AnyExchange>({ layout, message }: X, words: Words): Evidence {
  const { at, related, bytes, actual, ...rest } = words;
  const field = at !== undefined && layout ? layout.fields[at] : undefined;
  if (at !== undefined && layout && !field) throw new Error(`${layout.name} has no field ${at}`);
  const range = bytes ?? (field && message.range(field));
  const value = field && message.value(field);
  const frames = related?.filter(frame => frame > 0) ?? [];
  return {
    ...rest,
    actual: actual ?? (value === undefined ? '' : String(value)),
    ...(range && { bytes: range }),
    ...(frames.length > 0 && { relatedFrames: frames }),
  };
}
