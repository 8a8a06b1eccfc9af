/** What RESP2 requires. In the state FREE nothing is judged: what is read there may be RESP3, or a snapshot of all data. */
import { type Exchange, INCONCLUSIVE, type Message, type Outcome, type RuleSpec, rule, SKIP } from 'wirelint/sdk';
import type { messages } from './messages.ts';
import { BULK, find, INLINE, isInteger, type Test, textAt, Value } from './values.ts';

type Resp = Exchange<typeof messages, 'reply'>;
type Names = NonNullable<RuleSpec<Resp>['on']>;

const COMMANDS: Names = ['COMMAND', 'SWITCH'];
const REPLIES: Names = ['SIMPLE-STRING', 'ERROR', 'INTEGER', 'BULK-STRING', 'ARRAY'];

/** Is there no value in the message that the test holds for? One that was not captured may be. */
function without(test: Test) {
  return ({ message, state }: Resp): Outcome | boolean => {
    if (state === 'FREE') return SKIP;
    if (find(message, test) >= 0) return false;
    return message.captured === message.length || (message.skipped ? SKIP : INCONCLUSIVE);
  };
}

/** The line of the first such value. */
function lineOf(message: Message, test: Test) {
  const { bytes, start, captured } = message;
  const value = new Value();
  value.read(bytes, start + Math.max(0, find(message, test)), start + captured);
  const range = { offset: value.at - start, length: value.line - value.at };
  return { actual: JSON.stringify(textAt(bytes, value.at, Math.min(value.line, value.at + 80))), bytes: range };
}

const noNumber: Test = ({ count }) => Number.isNaN(count);
const noEnd: Test = (value, bytes, _start, end) => value.end <= end && !value.hasEnd(bytes);
const noValue: Test = ({ kind }) => kind === INLINE;

/** A length that is no number is the client's fault, too; a line that is no value is an inline command of the client's. */
const badForm: Test = (value, bytes, start, end) =>
  noNumber(value, bytes, start, end) || noEnd(value, bytes, start, end);

const malformed = rule<Resp>({
  id: 'resp/malformed',
  severity: 'error',
  restsOn: 'bytes',
  phase: 'form',
  clause: '1',
  summary: 'a reply is no value, a length or count is no number, or CR LF is missing after a string',
  why: 'Its receiver cannot tell what it says, nor where the next message begins.',
  example: 'hello CR LF from the server',
  on: [...COMMANDS, ...REPLIES, 'unknown type'],
  check: exchange => (exchange.layout || exchange.state === 'FREE' ? without(badForm)(exchange) : false),
  describe: ({ layout, message }) =>
    layout
      ? {
          message: `${layout.name} is malformed`,
          expected: 'a number, and CR LF after so many bytes',
          ...lineOf(message, badForm),
        }
      : { message: 'the server sends what is no value', expected: 'one of + - : $ *', ...lineOf(message, noValue) },
});

const bare: Test = value => value.kind !== INLINE && !value.hasLineEnd();

const lineEnd = rule<Resp>({
  id: 'resp/line-end',
  severity: 'error',
  restsOn: 'bytes',
  clause: '1',
  summary: 'a line of a value ends with LF alone',
  why: 'Its receiver looks for CR LF, and waits for more.',
  example: '+OK LF',
  on: [...COMMANDS, ...REPLIES],
  check: without(bare),
  describe: ({ message }) => ({ message: 'LF alone ends a line', expected: 'CR LF', ...lineOf(message, bare) }),
});

const belowNull: Test = ({ kind, count }) => kind >= BULK && count < -1;

const negativeLength = rule<Resp>({
  id: 'resp/negative-length',
  severity: 'error',
  restsOn: 'bytes',
  clause: '1',
  summary: 'a length or count is negative, and not -1',
  why: 'Only -1 is null; Redis and most clients give the connection up.',
  example: '$-2 CR LF',
  on: [...COMMANDS, ...REPLIES],
  check: without(belowNull),
  describe: ({ message }) => ({
    message: 'a length is negative, and not -1',
    expected: '-1, or 0 and more',
    ...lineOf(message, belowNull),
  }),
});

const COLON = 0x3a;
const noInteger: Test = ({ at, to }, bytes) => bytes[at] === COLON && !isInteger(bytes, at + 1, to);

const integer = rule<Resp>({
  id: 'resp/integer',
  severity: 'error',
  restsOn: 'bytes',
  clause: '3.3',
  summary: 'an integer is not of a sign and 1 to 19 digits',
  why: 'It does not fit into 64 bits, or is none; a client that takes it for a number fails.',
  example: ':1.5 CR LF',
  on: ['INTEGER', 'ARRAY'],
  check: without(noInteger),
  describe: ({ message }) => ({ message: 'an integer is none', expected: 'a number', ...lineOf(message, noInteger) }),
});

const noString: Test = ({ at, kind, count }, _bytes, start) => at > start && (kind !== BULK || count === -1);

const command = rule<Resp>({
  id: 'resp/command',
  severity: 'error',
  restsOn: 'bytes',
  clause: '2.1',
  summary: 'a command is an array of other things than strings',
  why: 'Redis answers with an error and closes the connection.',
  example: '*1 CR LF, :1 CR LF from the client',
  on: COMMANDS,
  check: without(noString),
  describe: ({ message }) => ({
    message: 'a command holds what is no bulk string',
    expected: 'bulk strings, none of them null',
    ...lineOf(message, noString),
  }),
});

const unsolicited = rule<Resp>({
  id: 'resp/unsolicited',
  severity: 'error',
  restsOn: 'unseen',
  clause: '4',
  summary: 'a reply comes for which no command waits',
  why: 'Its receiver takes it for the answer to its next command, and each later one for that to another.',
  example: 'PING, +PONG, +PONG',
  // Not errors: Redis refuses a connection with one, before any command.
  on: ['SIMPLE-STRING', 'INTEGER', 'BULK-STRING', 'ARRAY'],
  check: ({ state, waits }) => (state === 'FREE' ? SKIP : waits.reply.answered),
  describe: ({ name }) => ({
    message: `${name} answers no command`,
    expected: 'no reply: no command waits',
    actual: name,
    at: 'type',
  }),
});

const errorPrefix = rule<Resp>({
  id: 'resp/error-prefix',
  severity: 'info',
  restsOn: 'bytes',
  clause: '3.2',
  summary: 'an error does not begin with a word in capitals',
  why: 'Clients tell by that word what kind of error it is. It is a convention, and no part of the protocol.',
  example: '-no such key CR LF',
  on: ['ERROR'],
  check: ({ get, state }) => (state === 'FREE' ? SKIP : /^[A-Z]+( |$)/.test(get('value'))),
  describe: () => ({ message: 'an error has no kind', expected: 'a word in capitals, such as ERR', at: 'value' }),
});

export const rules = [malformed, lineEnd, negativeLength, integer, command, unsolicited, errorPrefix];
