/** Rules about INIT, and about the tags that the hosts make. */
import { BROKEN, frames, hex, type Message, PASS, type Rule, readUint, SKIP } from '../../../src/sdk.ts';
import { type Exchange, REMARK, tagText } from '../exchange.ts';
import { INIT, TYPE } from '../layouts.ts';
import { FLAG } from '../state.ts';
import { ENOUGH_TAGS } from '../tag-pattern.ts';

export const MAGIC = 0x4d4e4554;
export const VERSION = 1;

/** The letters as a number in network order, whatever the order of the integers. */
const magicOf = ({ bytes, start }: Message) => readUint(bytes, start + INIT.fields.magic.offset, 4, false);

export const badMagic: Rule<Exchange> = {
  id: 'mnet/bad-magic',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'INIT, ProtocolMagic',
  says: 'ProtocolMagic is the four letters MNET.',
  summary: 'the magic of an INIT is not MNET',
  why: 'The magic is what tells an MNET connector from a stray datagram; a listener that insists on it will not answer.',
  example: 'connector > listener  01 4d 4e 45 58 01 cf 74 2a        (MNEX)',
  on: ['INIT'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ message }) => (magicOf(message) === MAGIC ? PASS : BROKEN),
  describe: ({ message }) => ({
    message: 'the magic is not the letters MNET',
    expected: hex(MAGIC, 4),
    actual: hex(magicOf(message), 4),
    bytes: { offset: 1, length: 4 },
  }),
};

export const unsupportedVersion: Rule<Exchange> = {
  id: 'mnet/unsupported-version',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'INIT and COOKIE, Version',
  says: 'Version is the protocol version, and the document describes version 1.',
  summary: 'INIT, COOKIE or COOKIE-ECHO has a version other than 1',
  why: "The specification describes version 1 alone; what another version means to the peer is anyone's guess.",
  example: 'connector > listener  01 4d 4e 45 54 02 cf 74 2a        (version 2)',
  on: ['INIT', 'COOKIE', 'COOKIE-ECHO'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ message, type, echoOrigin, isCopy }) => {
    if (message.byte(versionOffset(type)) === VERSION) return PASS;
    // An echo must copy its cookie: the fault was the cookie's, and was reported there.
    return isCopy || (type === TYPE.COOKIE_ECHO && echoOrigin === 'own') ? SKIP : BROKEN;
  },
  describe: ({ message, type, messageName }) => ({
    message: `${messageName} has version ${message.byte(versionOffset(type))}`,
    expected: `version ${VERSION}`,
    actual: `version ${message.byte(versionOffset(type))}`,
    bytes: { offset: versionOffset(type), length: 1 },
  }),
};

const versionOffset = (type: number) => (type === TYPE.INIT ? 5 : 7);

export const initTagReused: Rule<Exchange> = {
  id: 'mnet/init-tag-reused',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'INIT, ConnectionTag',
  summary: 'the tag of an INIT belongs to another live connection of the same listener',
  why: 'The tag must identify one session. A listener that distinguishes connections by it alone mixes the two up.',
  example: '10.0.0.1:5000 and 10.0.0.2:5000 both send INIT with tag cf742a to one listener',
  on: ['INIT'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ opening, liveTags, flow, side, message }) => {
    if (!opening) return SKIP;
    return liveTags.holder(flow, 1 - side, message.uint(INIT.fields.tag)) >= 0 ? BROKEN : PASS;
  },
  describe: exchange => {
    const { liveTags, flow, side, message, host } = exchange;
    const tag = message.uint(INIT.fields.tag);
    const holder = liveTags.holder(flow, 1 - side, tag);
    const other = host.connections.number(holder);
    const holderFlow = host.connections.flow(holder);
    const client = host.connections.endpoint(holder, host.connections.clientSide(holder));
    const detail = exchange.table.connectionDetail();
    exchange.table.seekDetail(detail, holder);
    return {
      message: `tag ${tagText(tag)} already belongs to connection ${other} of ${client}`,
      expected: 'a tag that no live connection of this listener has',
      actual: `${tagText(tag)}, the tag of connection ${other}`,
      bytes: { offset: 6, length: 3 },
      mentions: other,
      relatedFrames: holderFlow === flow ? [] : frames(detail.initFrame),
    };
  },
};

export const tagNotRandom: Rule<Exchange> = {
  id: 'mnet/tag-not-random',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'INIT and COOKIE, ConnectionTag',
  summary: `among ${ENOUGH_TAGS} or more connections whose tags one host made, the tags follow a constant step or repeat`,
  why: 'The tag must be a random number of 24 bits. One that can be guessed lets a stranger who cannot see the traffic send into a connection.',
  example: 'a connector opens connections with the tags 000001, 000002, 000003, ...',
};

/** True when an INIT of this version was seen in the connection. */
export const initOfAnotherVersionOnly = ({ connection }: Exchange) =>
  (connection.flags & (FLAG.INIT_VERSION_1 | FLAG.INIT_OTHER_VERSION)) === FLAG.INIT_OTHER_VERSION;
