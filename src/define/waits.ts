/**
 * Requests that wait for answers, as a defined protocol declares them: which messages ask, which answer, what pairs
 * them, and how long an answer may take. The work is done by follow/waiting.ts.
 */

import type { Dialect } from '../dialect.ts';
import { KEY, KEY_NOT_CAPTURED, type KeyReader, NO_KEY, type WaitingOptions } from '../follow/waiting.ts';
import type { Rule } from '../lint/rule.ts';
import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import { type Field, type Layout, UNPLACED } from '../wire/layout.ts';
import type { Messages } from './messages.ts';

type OneOrMore<T> = T | readonly T[];

export interface WaitSpec<Name extends string, FieldName extends string> {
  readonly asks: OneOrMore<Name>;
  readonly answers: OneOrMore<Name>;
  /**
   * Fields that an answer has in common with its request, by which it is found: numbers, ids and bytes of fixed size,
   * 16 bytes together at most. Absent: answers come in the order of their requests.
   */
  readonly by?: OneOrMore<FieldName>;
  /**
   * Fields of a request that the rules of its answer ask for, by `waits.lookup.asked('count')`: integers of at most 4 bytes,
   * 8 at most. A request need not have them.
   */
  readonly notes?: OneOrMore<FieldName>;
  /** How long an answer may take: `30s`, `500ms`, or the name of a dialect option of that kind. For ever if absent. */
  readonly within?: string;
  /** The rule that a request breaks whose answer did not come in time: of its receiver. */
  // biome-ignore lint/suspicious/noExplicitAny: a rule of whatever protocol declares the wait
  readonly overdue?: Rule<any>;
  /** Requests of one side of a connection that are remembered; 1,024 if absent. */
  readonly most?: number;
  /** The same request may come again while it waits, and so may its answer (over datagrams). */
  readonly resent?: boolean;
}

export type WaitSpecs<Name extends string, FieldName extends string, WaitName extends string> = Readonly<
  Record<WaitName, WaitSpec<Name, FieldName>>
>;

const LONGEST_KEY = 16;
const MOST_NOTES = 8;
const LONGEST_NOTE = 4;
const SECONDS = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s)$/;

/**
 * What the tracker needs of each wait.
 * @throws Error for a message or a field that there is not, and a key that cannot be compared
 */
export function waitsOf(
  messages: Messages,
  specs: Readonly<Record<string, WaitSpec<string, string>>>,
): readonly ((dialect: Dialect) => WaitingOptions)[] {
  return Object.entries(specs).map(([name, spec]) => {
    const { layouts } = messages;
    const asks = typesOf(messages, spec.asks, name);
    const answers = typesOf(messages, spec.answers, name);
    const { overdue, resent = false, most = DEFAULT_LIMITS['connection-requests'] } = spec;
    if (resent && spec.by === undefined)
      throw new Error(`wait ${name}: resent, but nothing in it tells which request comes again; say by what`);
    if (overdue && spec.within === undefined)
      throw new Error(`wait ${name}: overdue, but no time within which to answer`);
    const keys =
      spec.by === undefined ? undefined : keyFields(layouts, [spec.by].flat() as string[], asks, answers, name);
    const notes =
      spec.notes === undefined ? undefined : noteFields(layouts, [spec.notes].flat() as string[], asks, name);
    const answerNames = layouts
      .filter((_, type) => answers[type])
      .map(layout => layout.name)
      .join(' or ');
    return dialect => {
      const within = secondsOf(spec.within, dialect, name);
      return {
        name,
        asks,
        answers,
        keyWords: keys?.words ?? 0,
        readKey: keys?.read,
        ...(notes && { notes }),
        most,
        within,
        overdue,
        resent,
        describe: type => ({
          message: `${layouts[type].name} has no answer for ${within} s`,
          expected: `${answerNames} within ${within} s`,
          actual: 'no answer in that time',
        }),
      };
    };
  });
}

function typesOf({ layouts, indexOf }: Messages, names: OneOrMore<string>, wait: string): readonly boolean[] {
  const wanted = [names].flat() as string[];
  for (const name of wanted) if (indexOf(name) < 0) throw new Error(`wait ${wait}: ${name} is no message`);
  return layouts.map(({ name }) => wanted.includes(name));
}

function secondsOf(within: string | undefined, dialect: Dialect, wait: string): number {
  if (within === undefined) return Number.POSITIVE_INFINITY;
  const match = SECONDS.exec(within);
  if (match) return Number(match[1]) / (match[2] === 'ms' ? 1000 : 1);
  if (dialect.choice(within) === '')
    throw new Error(`wait ${wait}: ${within} is neither a time such as 30s nor an option`);
  return dialect.seconds(within);
}

function noteFields(layouts: readonly Layout[], names: readonly string[], asks: readonly boolean[], wait: string) {
  if (names.length > MOST_NOTES) throw new Error(`wait ${wait}: ${names.length} notes, ${MOST_NOTES} are the most`);
  const fields = layouts.map((layout, type) =>
    asks[type] ? names.map(name => (Object.hasOwn(layout.fields, name) ? layout.fields[name] : undefined)) : [],
  );
  for (const [at, name] of names.entries()) {
    const found = fields.flatMap(row => row[at] ?? []);
    if (found.length === 0) throw new Error(`wait ${wait}: no message that asks has a field ${name}`);
    if (found.some(({ kind, size }) => kind !== 'uint' || size < 1 || size > LONGEST_NOTE))
      throw new Error(`wait ${wait}: ${name} is no integer of 1 to ${LONGEST_NOTE} bytes`);
  }
  return { names, fields };
}

/** The key as words: each field takes as many as it has, so that keys are compared whole. */
function keyFields(
  layouts: readonly Layout[],
  names: readonly string[],
  asks: readonly boolean[],
  answers: readonly boolean[],
  wait: string,
): { readonly words: number; readonly read: KeyReader } {
  const byType = layouts.map((layout, type): readonly Field[] => {
    if (!asks[type] && !answers[type]) return [];
    return names.map(name => {
      if (!Object.hasOwn(layout.fields, name)) throw new Error(`wait ${wait}: ${layout.name} has no field ${name}`);
      const field = layout.fields[name];
      if (field.rest || field.size < 1 || field.size > LONGEST_KEY)
        throw new Error(
          `wait ${wait}: ${name} of ${layout.name} is no key: it has no fixed size of 1 to ${LONGEST_KEY} bytes`,
        );
      return field;
    });
  });
  const sizes = names.map((name, at) => {
    const found = new Set(byType.flatMap(fields => fields[at]?.size ?? []));
    if (found.size !== 1) throw new Error(`wait ${wait}: ${name} has not the same size in all messages`);
    return [...found][0];
  });
  const words = sizes.reduce((total, size) => total + Math.ceil(size / 4), 0);
  return {
    words,
    read: (message, type, into, at) => {
      let word = at;
      for (const field of byType[type]) {
        if (!message.has(field)) return message.captured < message.length ? KEY_NOT_CAPTURED : NO_KEY;
        const from = field.offset === UNPLACED ? (message.content(field)?.offset ?? 0) : field.offset;
        const end = from + field.size;
        for (let next = from; next < end; next += 4) {
          into[word++] = wordOf(message.bytes, message.start + next, Math.min(4, end - next));
        }
      }
      return KEY;
    },
  };
}

function wordOf(bytes: Uint8Array, at: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word = (word << 8) | bytes[at + i];
  return word >>> 0;
}
