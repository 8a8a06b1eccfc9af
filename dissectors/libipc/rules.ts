/** The rules of libipc as a carrier: they are judged for whatever protocol it carries, and for libipc alone. */
import { BROKEN, type FramedMessage, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../src/sdk.ts';
import { LAYOUTS, LONGEST_PAYLOAD, TYPE } from './layouts.ts';

const TYPE_BYTE = { offset: 0, length: 1 } as const;

export const unknownType: Rule<FramedMessage> = {
  id: 'libipc/unknown-type',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'libipc: the carrier, type',
  summary: 'the message type is above 3',
  why: 'The library knows four types. Its receiver drops the message or the connection; most often the two ends have lost the boundary between messages.',
  example: '07 00000002 01 7b7d',
  check: ({ message }) => {
    const type = message.byte(0);
    if (type < 0) return INCONCLUSIVE;
    return type < LAYOUTS.length ? PASS : BROKEN;
  },
  describe: ({ message }) => ({
    message: `type ${message.byte(0)} is none of libipc's`,
    expected: LAYOUTS.map(({ code, name }) => `${code} (${name})`).join(', '),
    actual: `${message.byte(0)}`,
    bytes: TYPE_BYTE,
  }),
};

export const typeNotData: Rule<FramedMessage> = {
  id: 'libipc/type-not-data',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'libipc: the carrier, type',
  summary: 'a message of type 0, 1 or 3 on a connection that carries an application protocol',
  why: "These types are the library's own; applications send DATA. The receiver's library keeps the message to itself, and the application never sees it.",
  example: '01 00000000 00        (ERR, among messages of filestorage)',
  check: ({ message, carriesApplication }) => {
    const type = message.byte(0);
    if (!carriesApplication || type >= LAYOUTS.length) return SKIP;
    if (type < 0) return INCONCLUSIVE;
    return type === TYPE.DATA ? PASS : BROKEN;
  },
  describe: ({ message }) => {
    const type = message.byte(0);
    return {
      message: `${LAYOUTS[type].name} on a connection that carries an application protocol`,
      expected: `${TYPE.DATA} (DATA)`,
      actual: `${type} (${LAYOUTS[type].name})`,
      bytes: TYPE_BYTE,
    };
  },
};

export const messageTooLong: Rule<FramedMessage> = {
  id: 'libipc/message-too-long',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'libipc: the carrier, length',
  summary: `the length is above ${LONGEST_PAYLOAD}`,
  why: 'The library refuses the message and gives the connection up. What follows in this direction can no longer be cut into messages.',
  example: '02 007a1200 01        (8,000,000)',
};

export const truncated: Rule<FramedMessage> = {
  id: 'libipc/truncated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  midstream: true,
  clause: 'libipc: the carrier, length',
  summary: 'the stream ends in order inside a message',
  why: 'Its receiver holds part of a message that will never be whole; most often its sender closed the socket too early.',
  example: '02 00000064 01 7b, then FIN',
};

export const RULES: readonly Rule<FramedMessage>[] = [unknownType, typeNotData, messageTooLong, truncated];
