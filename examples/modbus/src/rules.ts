/** What Modbus/TCP requires of requests, and of a response by the request that it answers. */
import { type Exchange, malformed, type RuleSpec, rule, SKIP } from 'wirelint/sdk';
import { EXCEPTION_BIT, type messages, RESPONSES } from './messages.ts';

type Modbus = Exchange<typeof messages, 'response'>;
type Names = NonNullable<RuleSpec<Modbus>['on']>;

const READS: Names = ['READ-COILS', 'READ-DISCRETE-INPUTS', 'READ-HOLDING-REGISTERS', 'READ-INPUT-REGISTERS'];
const BROUGHT: Names = ['COILS', 'DISCRETE-INPUTS', 'HOLDING-REGISTERS', 'INPUT-REGISTERS'];
const WRITES: Names = ['WRITE-COILS', 'WRITE-REGISTERS'];

/** Most bits or registers that one request may name, by function code. */
const MOST: Readonly<Record<number, number>> = { 1: 2000, 2: 2000, 3: 125, 4: 125, 15: 1968, 16: 123 };
const BIT_FUNCTIONS: readonly number[] = [1, 2, 15];

/** Bytes that so many bits or registers take. */
const bytesOf = (type: number, quantity: number) =>
  BIT_FUNCTIONS.includes(type) ? Math.ceil(quantity / 8) : 2 * quantity;

const badForm = malformed<Modbus>({
  id: 'modbus/malformed',
  clause: '2',
  summary: 'a message has an unknown function code, or the wrong length for its function',
  example: '0001 0000 0003 01 03 00, a request that ends inside its address',
});

const protocolId = rule<Modbus>({
  id: 'modbus/protocol-id',
  severity: 'error',
  restsOn: 'bytes',
  clause: '1',
  summary: 'the protocol in the head is not 0',
  why: 'It is another protocol; a device drops the message, and most close the connection.',
  example: '0001 0001 0006 01 03 0000 0001',
  on: [...READS, ...WRITES, 'WRITE-COIL', 'WRITE-REGISTER', 'REQUEST', ...RESPONSES],
  check: ({ get }) => get('protocol') === 0,
  describe: () => ({ message: 'the protocol is none', expected: '0', at: 'protocol' }),
});

const quantityRange = rule<Modbus>({
  id: 'modbus/quantity',
  severity: 'error',
  restsOn: 'bytes',
  clause: '3',
  summary: 'a request names nothing, or more than one message may carry',
  why: 'The device answers with exception 3.',
  example: 'READ-HOLDING-REGISTERS of 126',
  on: [...READS, ...WRITES],
  check: ({ get }) => get('quantity') >= 1 && get('quantity') <= MOST[get('type')],
  describe: ({ get, name }) => ({
    message: `${name} of ${get('quantity')}`,
    expected: `1 to ${MOST[get('type')]}`,
    at: 'quantity',
  }),
});

const byteCount = rule<Modbus>({
  id: 'modbus/byte-count',
  severity: 'error',
  restsOn: 'seen',
  clause: '3',
  summary: 'the bytes of data are not as many as the message says, or as was asked for',
  why: 'Its receiver reads other values than were meant, or beyond the end of the message.',
  example: 'READ-COILS of 9, COILS with 1 byte',
  on: [...BROUGHT, ...WRITES],
  check: exchange =>
    exchange.get('byteCount') === dataBytes(exchange) &&
    (wanted(exchange) ?? dataBytes(exchange)) === dataBytes(exchange),
  describe: exchange => ({
    message: `${exchange.name} says ${exchange.get('byteCount')} bytes and has ${dataBytes(exchange)}`,
    expected: `${wanted(exchange) ?? dataBytes(exchange)} bytes`,
    at: 'byteCount',
    related: [exchange.waits.response.frame],
  }),
});

function dataBytes({ message, layout }: Modbus): number {
  return message.length - (layout?.fixedLength ?? 0);
}

/** Bytes that the quantity takes: the request's own, or that of the one that is answered; undefined where there is none. */
function wanted({ get, has, waits }: Modbus): number | undefined {
  const quantity = waits.response.answered === SKIP ? get('quantity') : waits.response.asked('quantity');
  const isOther = waits.response.answered !== SKIP && waits.response.asked('type') !== get('type');
  return quantity === undefined || isOther || !has('byteCount') ? undefined : bytesOf(get('type'), quantity);
}

const unsolicited = rule<Modbus>({
  id: 'modbus/unsolicited',
  severity: 'error',
  restsOn: 'unseen',
  clause: '5',
  summary: 'a response comes to no transaction of its unit that waits',
  why: 'Its receiver drops it, or takes it for the response to another request.',
  example: 'a request of transaction 1, a response of transaction 2',
  on: RESPONSES,
  check: ({ waits }) => waits.response.answered,
  describe: ({ get, waits }) => ({
    message: `no request of transaction ${get('transaction')} to unit ${get('unit')} waits`,
    expected: waits.response.waiting === 0 ? 'no response: no request waits' : 'a transaction that waits',
    at: 'transaction',
  }),
});

const otherFunction = rule<Modbus>({
  id: 'modbus/other-function',
  severity: 'error',
  restsOn: 'seen',
  clause: '5',
  summary: 'a response has another function code than its request',
  why: 'What it brings is not what was asked for.',
  example: 'READ-COILS, HOLDING-REGISTERS of the same transaction',
  on: RESPONSES,
  check: ({ get, waits }) => {
    const asked = waits.response.asked('type');
    return asked === undefined ? SKIP : asked === (get('type') & ~EXCEPTION_BIT);
  },
  describe: ({ get, waits }) => ({
    message: `the response to function ${waits.response.asked('type')} has ${get('type') & ~EXCEPTION_BIT}`,
    expected: `${waits.response.asked('type')}, or an exception to it`,
    at: 'type',
    related: [waits.response.frame],
  }),
});

const KNOWN: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 11];

const exceptionCode = rule<Modbus>({
  id: 'modbus/exception-code',
  severity: 'warning',
  restsOn: 'bytes',
  clause: '4',
  summary: 'an exception has a code that there is not',
  why: 'Nobody can tell what it means.',
  example: 'EXCEPTION with code 9',
  on: ['EXCEPTION'],
  check: ({ get }) => KNOWN.includes(get('code')),
  describe: () => ({ message: 'the exception has no meaning', expected: KNOWN.join(', '), at: 'code' }),
});

export const rules = [badForm, protocolId, quantityRange, byteCount, unsolicited, otherFunction, exceptionCode];
