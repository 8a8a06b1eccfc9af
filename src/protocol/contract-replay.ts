/** What the contract requires of `Protocol.replay`: that it names messages and fields that there are. */
import {
  at,
  isObject,
  isText,
  type Loose,
  line,
  objects,
  objectsOf,
  oneOf,
  optional,
  shown,
  text,
  texts,
  textsOf,
} from './contract-words.ts';
import { fieldNamed } from './replay.ts';

const STANDINGS = ['chosen', 'echoed', 'again'] as const;

export function replayProblems(protocol: Loose): string[] {
  const { replay } = protocol;
  if (replay === undefined) return [];
  if (!isObject(replay)) return [`replay is ${shown(replay)}, not an object`];
  const messages = objectsOf(protocol, 'layouts');
  return at('replay', [
    ...optional(replay, 'values', objects),
    ...objectsOf(replay, 'values').flatMap(value => at(`value ${shown(value.name)}`, valueProblems(value, messages))),
    ...optional(replay, 'varying', texts),
    ...fieldProblems(replay, 'varying', messages),
    ...optional(replay, 'optional', texts),
    ...optional(replay, 'streams', objects),
    ...objectsOf(replay, 'streams').flatMap(stream =>
      at(`stream ${shown(stream.message)}`, streamProblems(stream, messages)),
    ),
  ]);
}

function valueProblems(value: Loose, messages: readonly Loose[]): string[] {
  return [
    ...line(value, 'name'),
    ...texts(value, 'chosen'),
    ...STANDINGS.flatMap(name => (name === 'chosen' ? [] : optional(value, name, texts))),
    ...STANDINGS.flatMap(name => fieldProblems(value, name, messages)),
    ...(typeof value.fresh === 'function'
      ? []
      : optional(value, 'fresh', () => oneOf(value, 'fresh', ['random', 'now']))),
  ];
}

function streamProblems(stream: Loose, messages: readonly Loose[]): string[] {
  const { message, data, end } = stream;
  if (!isText(message)) return text(stream, 'message');
  const named = messageProblem(message, messages);
  if (named.length > 0) return named;
  const fields = [data, end].filter(isText).flatMap(field => fieldProblem(`${message}.${field}`, messages));
  return [...text(stream, 'data'), ...optional(stream, 'end', text), ...fields];
}

function fieldProblems(owner: Loose, list: string, messages: readonly Loose[]): string[] {
  return textsOf(owner, list).flatMap(path => fieldProblem(path, messages));
}

/** Its way may lead into lists and JSON; it begins with a field of the message. */
function fieldProblem(path: string, messages: readonly Loose[]): string[] {
  const { message, field } = fieldNamed(path, messages.map(({ name }) => name).filter(isText));
  const [first] = /^[^.]*/.exec(field) ?? [''];
  const meant = message === undefined ? messages : messages.filter(({ name }) => name === message);
  if (meant.length === 0) return [`${shown(path)}: no message is called ${shown(message)}; write MESSAGE.FIELD`];
  const isField = meant.some(({ fields }) => isObject(fields) && Object.hasOwn(fields, first));
  return isField ? [] : [`${shown(path)}: no such message has a field ${shown(first)}`];
}

function messageProblem(wanted: string, messages: readonly Loose[]): string[] {
  return messages.some(({ name }) => name === wanted) ? [] : [`no message is called ${shown(wanted)}`];
}
