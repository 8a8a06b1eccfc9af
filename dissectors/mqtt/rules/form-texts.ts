/** Rules about characters: UTF-8, and what a text may hold. */
import { BROKEN, hex, INCONCLUSIVE, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, type Packet, type Part, type Properties } from '../packet.ts';
import { REMARK, skipsIf } from '../remarks.ts';
import { codePointAt, malformedAt, sequenceLength } from '../strings.ts';
import { LEVEL, PROPERTY, TYPE } from '../terms.ts';
import { allBut, bytesIn, cites, faultRange, hasFault, nameOf, notIn31 } from './form-words.ts';

/** What has texts in 3.1.1; in 5.0 all packets that have properties. */
const WITH_TEXTS: readonly number[] = [TYPE.CONNECT, TYPE.PUBLISH, TYPE.SUBSCRIBE, TYPE.UNSUBSCRIBE];
const on = allBut('PINGREQ', 'PINGRESP');

/** MQTT 3.1 has Java's UTF-8, of which nothing is judged. */
const ofTexts = (check: (formed: Formed) => Outcome) =>
  notIn31(formed => {
    const { type, level } = formed.packet;
    return level === LEVEL.V5 || WITH_TEXTS.includes(type) ? check(formed) : SKIP;
  });

export const utf8: Rule<Formed> = {
  id: 'mqtt/utf8',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A string is well-formed UTF-8.', {
    '3.1.1': '1.5.3-1, 3.1.3-4, 3.1.3-10, 3.1.3-11, 3.3.2-1, 3.8.3-1, 3.10.3-1',
    '5.0': '1.5.4-1, 1.5.7-1, 3.1.3-4, 3.1.3-11, 3.1.3-12, 3.3.2-1, 3.3.2-13, 3.3.2-19, 3.8.3-1, 3.10.3-1',
  }),
  summary: 'a string is not well-formed UTF-8',
  why: 'A receiver must close the connection over it. One that does not may store a topic that no subscriber can name. (Payloads, passwords, Correlation and Authentication Data are bytes.)',
  example: 'client > server  30 05 00 03 61 ff 62        (a topic with the byte ff)',
  on,
  phase: 'form',
  when: REMARK.FORM | REMARK.V31,
  otherwise: skipsIf(REMARK.NO_TEXT),
  check: ofTexts(hasFault(FAULT.UTF8)),
  describe: ({ packet, message }) => ({
    message: `a string of ${nameOf(packet)} is not well-formed UTF-8`,
    expected: 'well-formed UTF-8',
    actual: bytesIn(message, packet.faulty),
    bytes: faultRange(packet),
  }),
};

export const utf8Null: Rule<Formed> = {
  id: 'mqtt/utf8-null',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A string does not hold U+0000.', { '3.1.1': '1.5.3-2, 4.7.3-2', '5.0': '1.5.4-2, 4.7.3-2' }),
  summary: 'a string holds U+0000',
  why: 'Programs that end their strings with it see less of the text than others do, so that two topics become one.',
  example: 'client > server  30 05 00 03 61 00 62',
  on,
  phase: 'form',
  when: REMARK.FORM | REMARK.V31,
  otherwise: skipsIf(REMARK.NO_TEXT),
  check: ofTexts(hasFault(FAULT.UTF8_NULL)),
  describe: ({ packet }) => ({
    message: `a string of ${nameOf(packet)} holds U+0000`,
    expected: 'no U+0000',
    actual: 'U+0000',
    bytes: faultRange(packet),
  }),
};

export const utf8Control: Rule<Formed> = {
  id: 'mqtt/utf8-control',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A string should hold neither control characters nor noncharacters.', {
    '3.1.1': '§1.5.3',
    '5.0': '§1.5.4',
  }),
  summary: 'a string holds U+0001..U+001F, U+007F..U+009F or a noncharacter',
  why: 'A receiver may close the connection over it. (Not asked of the PUBLISH of a server, which must pass on what it got.)',
  example: 'client > server  30 04 00 02 61 0a        (a topic that ends with a line feed)',
  on,
  when: REMARK.FORM | REMARK.V31 | REMARK.CONTROL,
  otherwise: skipsIf(REMARK.NO_TEXT | REMARK.PASSED_ON),
  check: ofTexts(({ packet, fromClient }) => {
    if (packet.type === TYPE.PUBLISH && !fromClient) return SKIP;
    if (packet.control >= 0) return BROKEN;
    if (packet.isOfUnknownVersion) return SKIP;
    return packet.isHeadCut ? INCONCLUSIVE : PASS;
  }),
  describe: ({ packet, message: { bytes, start, captured } }) => {
    const at = start + packet.control;
    const length = sequenceLength(bytes, at, start + captured);
    const point = codePointAt(bytes, at, length).toString(16).toUpperCase().padStart(4, '0');
    return {
      message: `a string of ${nameOf(packet)} holds U+${point}`,
      expected: 'neither control characters nor noncharacters',
      actual: `U+${point}`,
      bytes: { offset: packet.control, length },
    };
  },
};

/** Whether these properties say of a payload that it is text. */
function isText(properties: Properties): boolean {
  return properties.has(PROPERTY.PAYLOAD_FORMAT) && properties.value[PROPERTY.PAYLOAD_FORMAT] === 1;
}

/** The payload that is said to be text, of PUBLISH or of a Will. */
function textPayload({ properties, payload, willProperties, willPayload }: Packet): Part | undefined {
  if (isText(properties)) return payload;
  return isText(willProperties) ? willPayload : undefined;
}

export const payloadFormat: Rule<Formed> = {
  id: 'mqtt/payload-format',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  ...cites('A payload that is said to be UTF-8 is well-formed.', { '5.0': '§3.3.2.3.2' }),
  summary: 'Payload Format Indicator is 1 and the payload, or the Will Payload, is not well-formed UTF-8',
  why: 'Receivers decode it as text, and fail. (Only of the client: a server must pass on what it got.)',
  example: 'client > server  30 08 00 01 61 02 01 01 ff fe',
  on: ['PUBLISH', 'CONNECT'],
  when: REMARK.PROPERTIES,
  otherwise: SKIP,
  check: ({ packet, message, fromClient }) => {
    const part = fromClient ? textPayload(packet) : undefined;
    if (part === undefined) return SKIP;
    const { bytes, start, captured } = message;
    if (part.at < 0 || part.at + part.length > captured) return INCONCLUSIVE;
    return malformedAt(bytes, start + part.at, start + part.at + part.length) < 0 ? PASS : BROKEN;
  },
  describe: ({ packet, message }) => {
    const { at, length } = textPayload(packet)!;
    const offset = malformedAt(message.bytes, message.start + at, message.start + at + length) - message.start;
    return {
      message: `the payload of ${nameOf(packet)} is said to be UTF-8 and is not`,
      expected: 'well-formed UTF-8',
      actual: `byte ${hex(message.byte(offset), 1)} at ${offset - at} of the payload`,
      bytes: { offset, length: 1 },
    };
  },
};
