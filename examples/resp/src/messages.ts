/** The messages of both sides. A reply is known by its first byte; what a client sends, by its first word. */
import {
  custom,
  defineMessages,
  from,
  type Layout,
  type Message,
  type MessageBytes,
  optional,
  type Reader,
  uint,
} from 'wirelint/sdk';
import { isNothing, isSwitch, wordAt } from './commands.ts';
import { argumentsIn, itemsIn } from './tree.ts';
import { textAt, Value } from './values.ts';

const value = new Value();

const line: Reader = {
  measure: (bytes, at, end) => (value.read(bytes, at, end) ? value.line - at : -1),
  text: (bytes, at, end) => textAt(bytes, at, end).replace(/\r?\n$/, ''),
  write: text => {
    if (/[\r\n]/.test(text)) throw new RangeError('a line has neither CR nor LF in it');
    return Buffer.from(`${text}\r\n`);
  },
  words: 'up to CR LF',
};

const content: Reader = {
  measure: (_bytes, at, end) => end - at,
  text: (bytes, at, end) => textAt(bytes, at, end - 2),
  write: text => Buffer.from(`${text}\r\n`),
  words: 'all but CR LF',
};

/** In an array, behind its count; in a line, from its second letter on, since the first is the type. */
const word: Reader = {
  measure: (bytes, at, end, origin) => wordAt(bytes, origin, end).behind - at,
  text: (bytes, _at, end, origin) => {
    const first = wordAt(bytes, origin, end);
    return textAt(bytes, first.from, first.to).toUpperCase();
  },
  write: (text, before) => {
    // With its count, which stays.
    const [count] = before.length === 0 ? ['1\r\n'] : (/^\d+\r\n/.exec(Buffer.from(before).toString('latin1')) ?? []);
    if (count === undefined) throw new RangeError('the word of an inline command begins with its type');
    return Buffer.from(`${count}$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  },
  words: 'the first string or word',
};

const said = custom('value', line, 'what it says');
const command = custom('command', word, 'what is asked for, in capitals');
const ofCommand = { names: ['arguments'], nodes: (message: MessageBytes) => argumentsIn(message, '2') };
/** By these names filters ask for what no list of fields can describe: `resp.arguments[0] == "color"`. */
const describe = {
  COMMAND: ofCommand,
  SWITCH: ofCommand,
  ARRAY: { names: ['items'], nodes: (message: MessageBytes) => itemsIn(message, '3.5') },
};

export const messages = defineMessages(
  uint('type', 1, 'kind of the value; in an inline command its first letter'),
  {
    COMMAND: from('client', ['*', '2.1', 'asks for something, and is answered by one reply', command]),
    // Its code is on no wire: `nameOf` tells it from COMMAND.
    SWITCH: from('client', ['*S', '2.2', 'asks for what is answered otherwise: SUBSCRIBE, MONITOR', command]),
    EMPTY: ['\r', '2.3', 'says nothing, and is not answered', optional(custom('rest', content))],
    'SIMPLE-STRING': from('server', ['+', '3.1', 'answers with a word', said]),
    ERROR: from('server', ['-', '3.2', 'answers that it was not done', said]),
    INTEGER: from('server', [':', '3.3', 'answers with a number', said]),
    'BULK-STRING': from('server', [
      '$',
      '3.4',
      'answers with bytes',
      custom('length', line, 'how many; -1 is null'),
      optional(custom('data', content, 'the bytes')),
    ]),
    ARRAY: from('server', ['*', '3.5', 'answers with values', custom('count', line, 'how many; -1 is null')]),
  },
  { describe },
);

/** The length of a string stands before it, -1 where there is none; an array of nothing has 0 values. */
export function mended(message: Message, { name, fields }: Layout): Readonly<Record<string, string>> {
  if (name === 'BULK-STRING') {
    const data = message.range(fields.data);
    return { length: data ? String(data.length - 2) : '-1' };
  }
  const count = name === 'ARRAY' ? message.range(fields.count) : undefined;
  return count && count.offset + count.length === message.length ? { count: '0' } : {};
}

/** Undefined for what its first byte tells. */
export function nameOf({ bytes, start, captured }: Message, fromClient: boolean) {
  const end = start + captured;
  if (isNothing(bytes, start, end)) return 'EMPTY';
  if (!fromClient) return undefined;
  return isSwitch(bytes, start, end) ? 'SWITCH' : 'COMMAND';
}
