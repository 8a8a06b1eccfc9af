/** Rules about CONNECT by itself: which version it is of, its flags, and its fields. */
import { BROKEN, hex, INCONCLUSIVE, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { CONNECT_FLAG, FAULT, type Packet, versionOf } from '../packet.ts';
import { LEVEL } from '../terms.ts';
import { bitsText, broken, cites, hasFault, lengthWords, notIn31, range, textIn } from './form-words.ts';

const on = ['CONNECT'];
const NAME_31 = 'MQIsdp';
const NAME = 'MQTT';

/** The Protocol Name that goes with a level. */
const nameFor = (nameLevel: number) => (versionOf(nameLevel) === LEVEL.V31 ? NAME_31 : NAME);

function isNamed({ packet: { name, nameLevel }, message: { bytes, start } }: Formed): boolean {
  const wanted = nameFor(nameLevel);
  if (name.length !== wanted.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + name.at + i] !== wanted.charCodeAt(i)) return false;
  return true;
}

export const protocolName: Rule<Formed> = {
  id: 'mqtt/protocol-name',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('The Protocol Name is MQTT, in capitals.', { '3.1.1': '3.1.2-1', '5.0': '3.1.2-1' }),
  summary: 'the Protocol Name is not MQTT with level 4 or 5, or not MQIsdp with level 3',
  why: 'A server that knows the name speaks another protocol, and one that does not closes the connection.',
  example: 'client > server  10 0c 00 04 6d 71 74 74 04 02 00 00 00 00        ("mqtt")',
  on,
  phase: 'form',
  check: formed => {
    const { packet } = formed;
    if (packet.isOfUnknownVersion) return SKIP;
    return broken(packet, packet.name.at >= 0 && packet.nameLevel >= 0, packet.nameLevel >= 0 && !isNamed(formed));
  },
  describe: ({ packet, message }) => ({
    message: `the Protocol Name of level ${packet.nameLevel & ~LEVEL.BRIDGE} is ${textIn(message, packet.name)}`,
    expected: `"${nameFor(packet.nameLevel)}"`,
    actual: textIn(message, packet.name),
    bytes: range(packet.name),
  }),
};

export const unknownVersion: Rule<Formed> = {
  id: 'mqtt/unknown-version',
  severity: 'info',
  atFault: 'none',
  restsOn: 'bytes',
  ...cites('A level names the version, and a server that does not know it refuses the connection.', {
    '3.1.1': '§3.1.2.2',
    '5.0': '§3.1.2.2',
  }),
  editionHere: () => undefined,
  summary: 'the CONNECT is of a version other than 3.1, 3.1.1 and 5.0: the connection is not judged further',
  why: 'Nobody is at fault: a client may ask for a version to come. What it says then cannot be read.',
  example: 'client > server  CONNECT with level 6',
  on,
  check: ({ packet }) => (packet.nameLevel < 0 ? SKIP : packet.isOfUnknownVersion ? BROKEN : PASS),
  describe: ({ packet }) => ({
    message: `level ${packet.nameLevel} is of no version that is known`,
    expected: '3, 4 or 5',
    actual: `${packet.nameLevel}`,
    bytes: { offset: packet.levelAt, length: 1 },
  }),
};

export const legacyVersion: Rule<Formed> = {
  id: 'mqtt/legacy-version',
  severity: 'info',
  atFault: 'none',
  restsOn: 'bytes',
  clause: '§3.1.2.2',
  summary: 'the client speaks MQTT 3.1, or is a bridge: it is judged by 3.1.1',
  why: 'MQTT 3.1 is no OASIS standard, and what it allows and 3.1.1 does not is not reported. A server keeps RETAIN as published for a bridge and spares it its own messages.',
  example: 'client > server  CONNECT of "MQIsdp" with level 3, or of "MQTT" with level 132',
  on,
  isSaidOnce: true,
  check: ({ packet: { nameLevel, isOfUnknownVersion } }) => {
    if (nameLevel < 0 || isOfUnknownVersion) return SKIP;
    return nameLevel === LEVEL.V31 || nameLevel >= LEVEL.BRIDGE ? BROKEN : PASS;
  },
  describe: ({ packet }) => ({
    message: packet.nameLevel === LEVEL.V31 ? 'the client speaks MQTT 3.1' : 'the client is a bridge',
    expected: 'level 4 or 5',
    actual: hex(packet.nameLevel, 1),
    bytes: { offset: packet.levelAt, length: 1 },
  }),
};

const has = (packet: Packet, flag: number) => (packet.connectFlags & flag) !== 0;
const willQosOf = (packet: Packet) => (packet.connectFlags >> 3) & 3;

/** Of the Connect Flags, which are read in all versions that are known. */
function flagsAre(isBroken: (packet: Packet) => boolean) {
  return ({ packet }: Formed): Outcome => broken(packet, packet.connectFlagsAt >= 0, isBroken(packet));
}

/** What the rules about Connect Flags share. */
const OF_FLAGS = { severity: 'error', atFault: 'sender', restsOn: 'bytes', on, phase: 'form' } as const;

const flagWords = ({ connectFlags, connectFlagsAt }: Packet) => ({
  actual: bitsText(connectFlags, 8),
  bytes: { offset: connectFlagsAt, length: 1 },
});

export const connectReservedFlag: Rule<Formed> = {
  id: 'mqtt/connect-reserved-flag',
  ...OF_FLAGS,
  ...cites('Bit 0 of the Connect Flags is 0.', { '3.1.1': '3.1.2-3', '5.0': '3.1.2-3' }),
  summary: 'bit 0 of the Connect Flags is set',
  why: 'A server must check it and refuse the connection, so that a client that works with one server fails with the next.',
  example: 'client > server  CONNECT with Connect Flags 03',
  check: notIn31(flagsAre(packet => has(packet, CONNECT_FLAG.RESERVED))),
  describe: ({ packet }) => ({
    message: 'the reserved bit of the Connect Flags is set',
    expected: 'bit 0 not set',
    ...flagWords(packet),
  }),
};

export const willQos: Rule<Formed> = {
  id: 'mqtt/will-qos',
  ...OF_FLAGS,
  ...cites('Will QoS is 0, 1 or 2.', { '3.1.1': '3.1.2-14', '5.0': '3.1.2-12' }),
  summary: 'the Will has QoS 3',
  why: 'There is no such QoS: the server cannot publish the Will.',
  example: 'client > server  CONNECT with Connect Flags 1e',
  check: flagsAre(packet => has(packet, CONNECT_FLAG.WILL) && willQosOf(packet) === 3),
  describe: ({ packet }) => ({ message: 'the Will has QoS 3', expected: 'Will QoS 0, 1 or 2', ...flagWords(packet) }),
};

export const willFlags: Rule<Formed> = {
  id: 'mqtt/will-flags',
  ...OF_FLAGS,
  ...cites('Without a Will, Will QoS and Will Retain are 0.', {
    '3.1.1': '3.1.2-11, 3.1.2-13, 3.1.2-15',
    '5.0': '3.1.2-11, 3.1.2-13',
  }),
  summary: 'Will QoS or Will Retain is set without a Will',
  why: 'Its sender may take it that it has left a Will: nobody will hear of it when it is gone.',
  example: 'client > server  CONNECT with Connect Flags 22',
  check: notIn31(
    flagsAre(
      packet => !has(packet, CONNECT_FLAG.WILL) && (has(packet, CONNECT_FLAG.WILL_RETAIN) || willQosOf(packet) > 0),
    ),
  ),
  describe: ({ packet }) => ({
    message: 'Will QoS or Will Retain is set, and there is no Will',
    expected: 'bits 3 to 5 not set without bit 2',
    ...flagWords(packet),
  }),
};

export const passwordWithoutUsername: Rule<Formed> = {
  id: 'mqtt/password-without-username',
  ...OF_FLAGS,
  ...cites('Without a User Name there is no Password.', { '3.1.1': '3.1.2-22' }),
  summary: 'the Password Flag is set without the User Name Flag, in 3.1.1',
  why: 'A server must refuse it. (5.0 allows it.)',
  example: 'client > server  CONNECT with Connect Flags 42',
  check: formed => {
    const isBroken = (packet: Packet) => has(packet, CONNECT_FLAG.PASSWORD) && !has(packet, CONNECT_FLAG.USER_NAME);
    return formed.packet.level === LEVEL.V5 ? SKIP : flagsAre(isBroken)(formed);
  },
  describe: ({ packet }) => ({
    message: 'there is a Password and no User Name',
    expected: 'bit 6 not set without bit 7',
    ...flagWords(packet),
  }),
};

export const connectPayload: Rule<Formed> = {
  id: 'mqtt/connect-payload',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('CONNECT has the fields that its flags announce, in their order, and no others.', {
    '3.1.1': '3.1.2-9, 3.1.2-11, 3.1.2-18, 3.1.2-19, 3.1.2-20, 3.1.2-21, 3.1.3-1, 3.1.3-3',
    '5.0': '3.1.2-9, 3.1.2-16, 3.1.2-17, 3.1.2-18, 3.1.2-19, 3.1.3-1, 3.1.3-3',
  }),
  summary: 'CONNECT ends inside or before a field that its flags announce, or goes on after the last one',
  why: 'The server may take the Will for the user name. Mostly a flag does not fit what was written after it.',
  example: 'client > server  10 0d 00 04 4d 51 54 54 04 82 00 00 00 01 61        (a User Name is announced)',
  on,
  phase: 'form',
  check: hasFault(FAULT.CONNECT_PAYLOAD),
  describe: ({ packet }) => lengthWords(packet),
};

export const clientIdEmpty: Rule<Formed> = {
  id: 'mqtt/client-id-empty',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A client without a Client Identifier sets CleanSession.', { '3.1.1': '3.1.3-7' }),
  summary: 'the Client Identifier is empty with CleanSession 0, in 3.1.1',
  why: 'The server is to keep a session by a name that there is not. It refuses the connection with code 2.',
  example: 'client > server  10 0c 00 04 4d 51 54 54 04 00 00 00 00 00',
  on,
  check: ({ packet }) => {
    if (packet.level !== LEVEL.V311 || packet.isOfUnknownVersion) return SKIP;
    const { clientId } = packet;
    if (clientId.at < 0) return packet.isHeadCut ? INCONCLUSIVE : SKIP;
    if (clientId.length > 0) return PASS;
    return has(packet, CONNECT_FLAG.CLEAN) ? PASS : BROKEN;
  },
  describe: ({ packet: { clientId } }) => ({
    message: 'the Client Identifier is empty and CleanSession 0',
    expected: 'a Client Identifier, or CleanSession 1',
    actual: 'neither',
    bytes: { offset: clientId.at - 2, length: 2 },
  }),
};
