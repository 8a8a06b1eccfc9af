/** The messages of Modbus/TCP: a head of 8 bytes, the last of which is the function code; then what the function has. */
import { bytes, defineMessages, from, uint } from 'wirelint/sdk';

const head = [
  uint('transaction', 2, 'tells which response belongs to which request'),
  uint('protocol', 2, { meaning: '0 is Modbus', brief: false }),
  uint('length', 2, { meaning: 'bytes that follow it', brief: false }),
  uint('unit', 1, 'the device behind a gateway'),
  uint('type', 1, 'function code'),
];

const address = uint('address', 2, 'the first one, from 0');
const quantity = uint('quantity', 2, 'how many');
const byteCount = uint('byteCount', 1, 'bytes of data');
const data = bytes('data', 'rest');
const bit = uint('value', 2, { meaning: 'what is written', labels: { 0: 'off', 65280: 'on' } });
const register = uint('value', 2, 'what is written');
const code = uint('code', 1, {
  meaning: 'why not',
  labels: {
    1: 'illegal function',
    2: 'illegal data address',
    3: 'illegal data value',
    4: 'server device failure',
    5: 'acknowledge',
    6: 'server device busy',
    8: 'memory parity error',
    10: 'gateway path unavailable',
    11: 'gateway target device failed to respond',
  },
});

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** Functions whose data is not looked into. */
const OTHERS = numbers(7, 127).filter(each => each !== 15 && each !== 16);
export const EXCEPTION_BIT = 0x80;

export const messages = defineMessages(head, {
  'READ-COILS': from('client', [1, '3.1', 'asks for outputs of a bit each', address, quantity]),
  COILS: from('server', [1, '3.1', 'brings them, the first one in the lowest bit', byteCount, data]),
  'READ-DISCRETE-INPUTS': from('client', [2, '3.2', 'asks for inputs of a bit each', address, quantity]),
  'DISCRETE-INPUTS': from('server', [2, '3.2', 'brings them', byteCount, data]),
  'READ-HOLDING-REGISTERS': from('client', [3, '3.3', 'asks for registers of 2 bytes each', address, quantity]),
  'HOLDING-REGISTERS': from('server', [3, '3.3', 'brings them', byteCount, data]),
  'READ-INPUT-REGISTERS': from('client', [4, '3.4', 'asks for inputs of 2 bytes each', address, quantity]),
  'INPUT-REGISTERS': from('server', [4, '3.4', 'brings them', byteCount, data]),
  'WRITE-COIL': from('client', [5, '3.5', 'sets an output', address, bit]),
  'COIL-WRITTEN': from('server', [5, '3.5', 'says that it is set', address, bit]),
  'WRITE-REGISTER': from('client', [6, '3.6', 'sets a register', address, register]),
  'REGISTER-WRITTEN': from('server', [6, '3.6', 'says that it is set', address, register]),
  'WRITE-COILS': from('client', [15, '3.7', 'sets several outputs', address, quantity, byteCount, data]),
  'COILS-WRITTEN': from('server', [15, '3.7', 'says that they are set', address, quantity]),
  'WRITE-REGISTERS': from('client', [16, '3.8', 'sets several registers', address, quantity, byteCount, data]),
  'REGISTERS-WRITTEN': from('server', [16, '3.8', 'says that they are set', address, quantity]),
  REQUEST: from('client', [OTHERS, '3.9', 'asks for another function', data]),
  RESPONSE: from('server', [OTHERS, '3.9', 'answers it', data]),
  EXCEPTION: from('server', [numbers(EXCEPTION_BIT + 1, 255), '4', 'answers that it was not done', code]),
});

/** Names of the requests, and of all that answers them. */
export const REQUESTS = [
  'READ-COILS',
  'READ-DISCRETE-INPUTS',
  'READ-HOLDING-REGISTERS',
  'READ-INPUT-REGISTERS',
  'WRITE-COIL',
  'WRITE-REGISTER',
  'WRITE-COILS',
  'WRITE-REGISTERS',
  'REQUEST',
] as const;
export const RESPONSES = [
  'COILS',
  'DISCRETE-INPUTS',
  'HOLDING-REGISTERS',
  'INPUT-REGISTERS',
  'COIL-WRITTEN',
  'REGISTER-WRITTEN',
  'COILS-WRITTEN',
  'REGISTERS-WRITTEN',
  'RESPONSE',
  'EXCEPTION',
] as const;
