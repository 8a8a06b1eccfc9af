/** libipc as a carrier: cuts a stream into messages for whatever protocol names it, and for libipc itself. */
import { type Framing, lengthFraming, type Message, readUint } from '../../src/sdk.ts';
import { HEAD_LENGTH, LAYOUTS, LONGEST_PAYLOAD, TYPE } from './layouts.ts';
import { PREFACE_OPTION, prefaceOf } from './preface.ts';
import { messageTooLong, RULES, truncated } from './rules.ts';

export const SPECIFICATION = 'libipc, the carrier of filestorage';

/** The same head, for what is put on the wire. */
const counted = lengthFraming({ bytes: 4, offset: 1, uncounted: HEAD_LENGTH, longest: HEAD_LENGTH + LONGEST_PAYLOAD });

export const framing: Framing = {
  id: 'libipc',
  title: 'libipc',
  specification: SPECIFICATION,
  headLength: HEAD_LENGTH,
  // Protocols tell their messages apart by the user type, so that the head stays in view.
  hidden: 0,
  longest: HEAD_LENGTH + LONGEST_PAYLOAD,
  lengthOf: (bytes, at) => HEAD_LENGTH + readUint(bytes, at + 1, 4, false),
  wrap: (content, sample) => counted.wrap!(content, sample),
  isApplications,
  layouts: LAYOUTS,
  layoutOf: message => LAYOUTS[message.byte(0)],
  preface: prefaceOf,
  dialect: [PREFACE_OPTION],
  rules: RULES,
  tooLong: messageTooLong,
  truncated,
};

/** A message whose type was not captured may be the application's: it must hear that there was one. */
function isApplications(message: Message): boolean {
  const type = message.byte(0);
  return type === TYPE.DATA || type < 0;
}
