/** Rules about a DISCONNECT that blames the peer for a limit (5.0): what the peer has sent must bear it out. */
import {
  BROKEN,
  type Evidence,
  frames,
  hex,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type Rule,
  SKIP,
} from '../../../src/sdk.ts';
import { clauses, editionHere } from '../clauses.ts';
import { EXCESS } from '../connection.ts';
import type { Exchange } from '../exchange.ts';
import { codeBytes, receiverName } from './evidence.ts';

const TOPIC_ALIAS_INVALID = 0x94;

/** By the code of the DISCONNECT: the bit of `EXCESS` that bears it out, and the limit's name. */
const LIMITS: ReadonlyMap<number, { readonly excess: number; readonly name: string }> = new Map([
  [0x93, { excess: EXCESS.WINDOW, name: 'Receive Maximum' }],
  [0x95, { excess: EXCESS.SIZE, name: 'Maximum Packet Size' }],
  [0x9a, { excess: EXCESS.RETAIN, name: 'Retain Available' }],
  [0x9b, { excess: EXCESS.QOS, name: 'Maximum QoS' }],
]);

export const topicAliasRefused: Rule<Exchange> = {
  id: 'mqtt/topic-alias-refused',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.3.2-10, 3.3.2-12',
    'Who has announced a Topic Alias Maximum takes all aliases from 1 up to it.',
  ),
  editionHere,
  summary: 'DISCONNECT 0x94 although each alias of the peer was one that it may use',
  why: 'The peer kept to what was announced and is cut off; it will do the same again after each reconnect.',
  example: 'CONNACK with Topic Alias Maximum 10, PUBLISH with topic "a" and Topic Alias 10, DISCONNECT 0x94',
  on: ['DISCONNECT'],
  check: exchange =>
    exchange.level === 5 && exchange.packet.code === TOPIC_ALIAS_INVALID ? isBorneOut(exchange, EXCESS.ALIAS) : SKIP,
  describe: exchange => describeComplaint(exchange, 'Topic Alias Maximum'),
};

export const limitUnannounced: Rule<Exchange> = {
  id: 'mqtt/limit-unannounced',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: clauses(
    '',
    '3.2.2-9, §3.14.2.1',
    'A DISCONNECT names a limit that was exceeded, and a server that supports no QoS 1 or 2 says so in its CONNACK.',
  ),
  editionHere,
  summary: 'a DISCONNECT complains of a limit that its sender did not announce or the peer did not exceed',
  why: 'The peer cannot keep to a limit that it does not know; it will do the same again after each reconnect.',
  example: 'CONNACK without Maximum QoS, PUBLISH of QoS 2, DISCONNECT 0x9B',
  on: ['DISCONNECT'],
  check: exchange => {
    const limit = LIMITS.get(exchange.packet.code);
    return exchange.level === 5 && limit ? isBorneOut(exchange, limit.excess) : SKIP;
  },
  describe: exchange => describeComplaint(exchange, LIMITS.get(exchange.packet.code)?.name ?? ''),
};

function isBorneOut({ receiver, isPeerMidPacket }: Exchange, excess: number): Outcome {
  if ((receiver.excess & excess) !== 0) return PASS;
  return receiver.isLost || isPeerMidPacket ? INCONCLUSIVE : BROKEN;
}

function describeComplaint(exchange: Exchange, limit: string): Evidence {
  const { packet, fromClient, connection, receiver } = exchange;
  return {
    message: `DISCONNECT ${hex(packet.code, 1)}, and nothing that the ${receiverName(exchange)} sent exceeds the ${limit} that was announced to it`,
    expected: 'a limit that was announced and exceeded',
    actual: hex(packet.code, 1),
    bytes: codeBytes(exchange),
    relatedFrames: frames(fromClient ? connection.connect.frame : connection.connack.frame, receiver.lastFrame),
  };
}
