/** Rules about any packet: its type, its flags, its length, and who sends it. */
import { BROKEN, bytesText, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, flagsOf } from '../packet.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { LEVEL, TYPE } from '../terms.ts';
import {
  ANY,
  allBut,
  bitsText,
  bytesIn,
  cites,
  faultRange,
  hasFault,
  inV5,
  lengthWords,
  nameOf,
  notIn31,
} from './form-words.ts';

const FIRST_BYTE = { offset: 0, length: 1 } as const;

export const reservedType: Rule<Formed> = {
  id: 'mqtt/reserved-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('Packet type 0 is reserved, and so is type 15 before 5.0.', { '3.1.1': '§2.2.1', '5.0': '§2.1.2' }),
  summary: 'the packet type is 0, or 15 in 3.1.1',
  why: 'No receiver knows such a packet. Mostly its sender has lost the packet boundary, and all that follows is read wrongly.',
  example: 'client > server  00 00',
  on: ANY,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: ({ packet, message }) => {
    if (packet.fault === FAULT.RESERVED_TYPE) return BROKEN;
    return message.captured === 0 ? INCONCLUSIVE : PASS;
  },
  describe: ({ packet }) => ({
    message: `packet type ${packet.type} is reserved`,
    expected: packet.level === LEVEL.V5 ? 'a type from 1 to 15' : 'a type from 1 to 14',
    actual: `${packet.type}`,
    bytes: FIRST_BYTE,
  }),
};

const OF_SERVER: readonly number[] = [TYPE.CONNACK, TYPE.SUBACK, TYPE.UNSUBACK, TYPE.PINGRESP];

export const wrongDirection: Rule<Formed> = {
  id: 'mqtt/wrong-direction',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('Of each packet type it is laid down which side sends it.', { '3.1.1': '§2.2.1', '5.0': '§2.1.2' }),
  summary: 'a packet comes from the side that never sends its type',
  why: 'Client and server have parts of their own. A peer that gets such a packet takes it for a fault of the protocol and closes the connection.',
  example: 'server > client  c0 00        (PINGREQ)',
  // All others are named by the state machine: of a DISCONNECT the version decides.
  on: ['DISCONNECT'],
  phase: 'form',
  check: ({ packet: { level }, fromClient }) => (level === LEVEL.V5 ? SKIP : fromClient ? PASS : BROKEN),
  describe: ({ packet, fromClient }) => ({
    message: `${nameOf(packet)} comes from the ${fromClient ? 'client' : 'server'}`,
    expected: `${nameOf(packet)} from the ${OF_SERVER.includes(packet.type) ? 'server' : 'client'} only`,
    actual: `from the ${fromClient ? 'client' : 'server'}`,
    bytes: FIRST_BYTE,
  }),
};

export const headerFlags: Rule<Formed> = {
  id: 'mqtt/header-flags',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('The reserved flags of the first byte have the value that is laid down for the packet type.', {
    '3.1.1': '2.2.2-1, 3.6.1-1, 3.8.1-1, 3.10.1-1, 3.14.1-1',
    '5.0': '2.1.3-1, 3.6.1-1, 3.8.1-1, 3.10.1-1, 3.14.1-1, 3.15.1-1',
  }),
  summary: 'the four low bits of the first byte are not those of the packet type',
  why: 'They are reserved, and a receiver must close the connection over them. Some do not, so that the fault shows with the next broker only.',
  example: 'client > server  80 06 00 01 00 01 61 00        (SUBSCRIBE with 0000 instead of 0010)',
  on: allBut('PUBLISH'),
  phase: 'form',
  when: REMARK.FORM | REMARK.V31,
  otherwise: PASS,
  check: notIn31(({ packet, message }) => {
    if (packet.fault === FAULT.HEADER_FLAGS) return BROKEN;
    return message.captured === 0 ? INCONCLUSIVE : PASS;
  }),
  describe: ({ packet }) => ({
    message: `${nameOf(packet)} has the flags ${bitsText(packet.flags, 4)}`,
    expected: bitsText(flagsOf(packet.type), 4),
    actual: bitsText(packet.flags, 4),
    bytes: FIRST_BYTE,
  }),
};

export const varintNotMinimal: Rule<Formed> = {
  id: 'mqtt/varint-not-minimal',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A Variable Byte Integer is written in as few bytes as its value needs.', { '5.0': '1.5.5-1' }),
  summary: 'a Variable Byte Integer is written in more bytes than it needs',
  why: 'Two receivers may read it differently: one refuses it, the other does not. (3.1.1 does not forbid it.)',
  example: 'client > server  c0 80 00        (PINGREQ of Remaining Length 0, in two bytes)',
  on: ANY,
  phase: 'form',
  when: REMARK.FORM,
  otherwise: passesIf(REMARK.V5),
  check: inV5(hasFault(FAULT.VARINT_NOT_MINIMAL)),
  describe: ({ packet, message }) => ({
    message: `a Variable Byte Integer of ${nameOf(packet)} takes ${bytesText(packet.faulty.length)}, more than it needs`,
    expected: 'as few bytes as its value needs',
    actual: bytesIn(message, packet.faulty),
    bytes: faultRange(packet),
  }),
};

export const length: Rule<Formed> = {
  id: 'mqtt/length',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A packet has the fields of its type, and Remaining Length counts just these.', {
    '3.1.1': '§2.1',
    '5.0': '§2.1',
  }),
  summary: 'a field runs beyond the end of its packet, or bytes are left over after the last one',
  why: 'Remaining Length and the lengths within the packet do not agree. One of them is wrong, and nobody can tell which.',
  example: 'client > server  30 04 00 05 61 62        (a topic of 5 bytes in a packet that has 2 left)',
  on: allBut('CONNECT'),
  phase: 'form',
  when: REMARK.FORM,
  otherwise: PASS,
  check: hasFault(FAULT.LENGTH),
  describe: ({ packet }) => lengthWords(packet),
};
