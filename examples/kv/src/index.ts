/** KV: look-ups over TCP, each message behind its length in two bytes. The specification is in the README. */
import { FlowTracker, type Opening, type Protocol, type Recognition, readUint } from 'wirelint/sdk';
import { fits, LAYOUTS } from './layouts.ts';
import { machine } from './machine.ts';
import { RULES } from './rules.ts';
import { type KvExchange, take, type Waiting } from './waiting.ts';

/** Bytes of the length before each message. */
const PREFIX = 2;

/** Length 4, then HELLO with the letters KV. */
const START = [0x00, 0x04, 0x01, 0x4b, 0x56];

/** Asked again with more bytes as long as the answer is `more`. */
function recogniseStream({ client }: Opening): Recognition {
  if (START.some((byte, at) => at < client.length && client[at] !== byte)) return 'no';
  return client.length < START.length ? 'more' : 'yes';
}

/**
 * Where to begin after bytes were lost, or when the capture began too late: at a segment that is nothing but whole
 * messages, each of a type that there is and as long as that demands.
 */
function resync(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (end - at > PREFIX) {
    const length = readUint(bytes, at, PREFIX, false);
    const layout = LAYOUTS.find(({ code }) => code === bytes[at + PREFIX]);
    if (!layout || !fits(layout, length)) return false;
    at += PREFIX + length;
  }
  return at === end && end > start;
}

const kv: Protocol<KvExchange> = {
  id: 'kv',
  title: 'KV',
  summary: 'look-ups of values by key, many at a time over one connection',
  specification: 'KV, version 1',
  carriers: [{ transport: 'tcp', framing: 'length16', longest: 4096 }],
  recognition: 'HELLO (00 04 01, then the letters KV) as the first bytes of the client',
  dialect: [],
  layouts: LAYOUTS,
  machine,
  rules: RULES,
  recogniseStream,
  resync,
  createTracker: (host, message) =>
    new FlowTracker(host, message, {
      layouts: LAYOUTS,
      machine,
      typeOf: sent => LAYOUTS.findIndex(({ code }) => code === sent.byte(0)),
      remember: (): Waiting => new Map(),
      take,
      opening: ['HELLO'],
      answers: ['VALUE', 'ERROR'],
      midstream: 'OPEN',
    }),
};
export default kv;
