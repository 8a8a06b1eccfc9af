/** Rules about answers by themselves: the flags of CONNACK, and the codes. */
import { BROKEN, hex, INCONCLUSIVE, type Message, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { codeSet, codesOf, codeText } from '../codes.ts';
import type { Formed } from '../formed.ts';
import type { Packet } from '../packet.ts';
import { passesIf, REMARK } from '../remarks.ts';
import { TYPE } from '../terms.ts';
import { bitsText, broken, cites, inV5, nameOf, notIn31 } from './form-words.ts';

const flagsAt = (packet: Packet) => ({ offset: packet.headLength, length: 1 });
const SESSION_PRESENT = 1;

export const connackFlags: Rule<Formed> = {
  id: 'mqtt/connack-flags',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('Bits 7 to 1 of the acknowledge flags are 0.', { '3.1.1': '§3.2.2.1', '5.0': '3.2.2-1' }),
  summary: 'a reserved bit of the acknowledge flags is set',
  why: 'A client may refuse the connection over it.',
  example: 'server > client  20 02 02 00',
  on: ['CONNACK'],
  check: notIn31(({ packet }) =>
    broken(packet, packet.codeAt >= 0, (packet.acknowledgeFlags & ~SESSION_PRESENT) !== 0),
  ),
  describe: ({ packet }) => ({
    message: 'a reserved bit of the acknowledge flags is set',
    expected: 'no bit but bit 0',
    actual: bitsText(packet.acknowledgeFlags, 8),
    bytes: flagsAt(packet),
  }),
};

export const sessionPresentRefused: Rule<Formed> = {
  id: 'mqtt/session-present-refused',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A CONNACK that refuses has Session Present 0.', { '3.1.1': '3.2.2-4', '5.0': '3.2.2-6' }),
  summary: 'Session Present is 1 in a CONNACK that refuses',
  why: 'Where there is no connection there is no session in it, and the client may keep what it should drop.',
  example: 'server > client  20 02 01 05',
  on: ['CONNACK'],
  check: notIn31(({ packet }) => {
    const isPresent = (packet.acknowledgeFlags & SESSION_PRESENT) !== 0;
    return packet.code === 0 ? SKIP : broken(packet, packet.codeAt >= 0, isPresent);
  }),
  describe: ({ packet }) => ({
    message: `Session Present is 1 beside the code ${codeText(packet.type, packet.level, packet.code)}`,
    expected: 'Session Present 0',
    actual: '1',
    bytes: flagsAt(packet),
  }),
};

/** Where the first code stands that the packet may not have; -1 if there is none. */
function strangeCodeAt({ type, level, code, codeAt, codes }: Packet, message: Message): number {
  const known = codesOf(type, level);
  if (known === undefined) return -1;
  if (codes.at < 0) return codeAt < 0 || code in known ? -1 : codeAt;
  for (let at = codes.at; at < codes.at + codes.length; at++) if (!(message.byte(at) in known)) return at;
  return -1;
}

export const reasonCode: Rule<Formed> = {
  id: 'mqtt/reason-code',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A packet has one of the codes that are laid down for it.', {
    '3.1.1': '3.2.2-6, 3.9.3-2, §3.2.2.3',
    '5.0': '3.2.2-8, 3.4.2-1, 3.5.2-1, 3.6.2-1, 3.7.2-1, 3.9.3-2, 3.11.3-2, 3.14.2-1, 3.15.2-1',
  }),
  summary: 'a code that the packet cannot have',
  why: 'The receiver cannot know whether it was refused, and why.',
  example: 'server > client  90 03 00 01 03        (SUBACK that grants QoS 3)',
  on: ['CONNACK', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBACK', 'UNSUBACK', 'DISCONNECT', 'AUTH'],
  when: REMARK.FORM | REMARK.CODE,
  otherwise: passesIf(REMARK.V5),
  check: ({ packet, message }) => {
    if (codesOf(packet.type, packet.level) === undefined) return SKIP;
    if (packet.isHeadCut && packet.codeAt < 0) return INCONCLUSIVE;
    return strangeCodeAt(packet, message) < 0 ? PASS : BROKEN;
  },
  describe: ({ packet, message }) => {
    const at = strangeCodeAt(packet, message);
    const code = hex(message.byte(at), 1);
    return {
      message: `${nameOf(packet)} has the code ${code}`,
      expected: `a code that ${nameOf(packet)} may have`,
      actual: code,
      bytes: { offset: at, length: 1 },
    };
  },
};

/** Codes of DISCONNECT that the client alone has, and the server alone. */
const OF_CLIENT = codeSet('04');
const OF_SERVER = codeSet('87 89 8b 8d-8f 9a-a2');
const NO_SUBSCRIBERS = 0x10;

function isOfOtherRole({ type, code }: Packet, fromClient: boolean): boolean {
  if (type !== TYPE.DISCONNECT) return fromClient && code === NO_SUBSCRIBERS;
  return (fromClient ? OF_SERVER : OF_CLIENT).has(code);
}

export const reasonCodeRole: Rule<Formed> = {
  id: 'mqtt/reason-code-role',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('Some codes are for one side alone.', { '5.0': '3.14.2-1, 3.15.2-1' }),
  summary: 'a code that only the other side may send',
  why: 'It says something that its sender cannot know or mean, and its receiver may not expect it.',
  example: 'client > server  e0 01 8b        ("Server shutting down")',
  on: ['DISCONNECT', 'PUBACK', 'PUBREC'],
  when: REMARK.FORM | REMARK.CODE,
  otherwise: passesIf(REMARK.V5),
  check: inV5(({ packet, fromClient }): Outcome => {
    if (packet.code < 0) return packet.isHeadCut ? INCONCLUSIVE : SKIP;
    return isOfOtherRole(packet, fromClient) ? BROKEN : PASS;
  }),
  describe: ({ packet, fromClient }) => ({
    message: `${nameOf(packet)} of the ${fromClient ? 'client' : 'server'} has the code ${codeText(packet.type, packet.level, packet.code)}`,
    expected: `a code for the ${fromClient ? 'client' : 'server'}`,
    actual: hex(packet.code, 1),
    bytes: { offset: packet.codeAt, length: 1 },
  }),
};
