/**
 * ministreaming: many byte streams between two parties over a carrier that keeps message boundaries, loses nothing and
 * keeps the order. SYN and ACK exchange the two ids of a connection, DATA carries its bytes, CLOSE ends it.
 */
import { defineProtocol, type Message, type TrackerHost, tcp, udp } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { LAYOUTS } from './layouts.ts';
import { machine } from './machine.ts';
import { provocations, refusals } from './provocations.ts';
import { recognise } from './recognise.ts';
import { replay } from './replaying.ts';
import { RULES } from './rules.ts';
import { ROW_WORDS } from './state.ts';
import { MinistreamingTracker } from './tracker.ts';

export default defineProtocol({
  id: 'ministreaming',
  title: 'ministreaming',
  summary: 'many byte streams between two parties, over a carrier that keeps message boundaries',
  specification: 'ministreaming protocol, 2004-04-16',
  carriers: [
    udp(),
    tcp('length16', { onlyIf: { option: 'framing', value: 'length16' } }),
    tcp('length32', { onlyIf: { option: 'framing', value: 'length32' } }),
  ],
  recognition:
    'a SYN (a1, an id, a key) on any UDP port, answered on the reversed pair by 51 with its id and 7 bytes, or by 52 with its id; never on TCP',
  dialect: [
    {
      name: 'key',
      kind: 'choice',
      values: ['any', 'i2p-destination'],
      default: 'any',
      meaning: 'what the public key in a SYN is: not stated, or a destination of I2P',
    },
    {
      name: 'chaff',
      kind: 'choice',
      values: ['error', 'ignore'],
      default: 'error',
      meaning: 'whether type FF, which the known implementation sends and ignores, is a fault',
    },
    {
      name: 'framing',
      kind: 'choice',
      values: ['none', 'length16', 'length32'],
      default: 'none',
      meaning: 'what stands before each message on TCP; the specification names nothing, and none keeps to UDP',
    },
    {
      name: 'answerTimeout',
      kind: 'seconds',
      default: '60s',
      meaning: 'capture time after which a SYN counts as unanswered',
    },
  ],
  messages: LAYOUTS,
  machine,
  rules: RULES,
  rowWords: ROW_WORDS,
  recognise,
  replay,
  provocations,
  refusals,
  isDivisible: true,
  createTracker: (host: TrackerHost<Exchange>, message: Message) => new MinistreamingTracker(host, message),
});
