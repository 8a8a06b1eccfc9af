/** RESP2, as Redis speaks it: commands, and a reply to each in their order. The specification in short is in the README. */
import { defineProtocol, type Recognition, stay, tcp } from 'wirelint/sdk';
import { framing, isValues } from './framing.ts';
import { mended, messages, nameOf } from './messages.ts';
import { rules } from './rules.ts';

const KEPT = 2 ** 20;

/** `*2 CR LF $`: an array of strings, with a count of up to six digits. */
function opening(bytes: Uint8Array): Recognition {
  const start = Buffer.from(bytes.subarray(0, 10)).toString('latin1');
  if (/^\*[1-9]\d{0,5}\r\n\$/.test(start)) return 'yes';
  return /^(\*([1-9]\d{0,5}(\r\n?)?)?)?$/.test(start) ? 'more' : 'no';
}

const replies = { 'SIMPLE-STRING': stay, ERROR: stay, INTEGER: stay, 'BULK-STRING': stay, ARRAY: stay, EMPTY: stay };
const commands = { COMMAND: stay, EMPTY: stay };

export default defineProtocol({
  id: 'resp',
  title: 'RESP',
  summary: 'the protocol of Redis: commands, and values as replies',
  specification: 'RESP2',
  carriers: [tcp(framing, { keep: KEPT })],
  opensWith: { client: opening },
  recognition: 'an array of strings as the first bytes of the client',
  messages,
  nameOf,
  mended,
  machine: {
    // From a SWITCH on, replies are not paired with commands. A connection met in its middle may be there already.
    states: ['PAIRED', 'FREE'],
    final: [],
    client: { PAIRED: { ...commands, SWITCH: 'FREE' }, FREE: { ...commands, SWITCH: stay } },
    server: { PAIRED: replies, FREE: replies },
    otherwise: stay,
  },
  opening: [],
  resync: isValues,
  waits: {
    reply: { asks: ['COMMAND'], answers: ['SIMPLE-STRING', 'ERROR', 'INTEGER', 'BULK-STRING', 'ARRAY'], most: 65_536 },
  },
  rules,
});
