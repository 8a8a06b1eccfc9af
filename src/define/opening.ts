/**
 * How a defined protocol is known without a port mapping: the first bytes of one side or both, as bytes in hex with `..`
 * for any byte and `|` between alternatives, or as a function of them. The answers that the engine wants, on streams
 * and datagrams, follow from it, and so does where to go on after bytes were lost: at a segment that is nothing but
 * whole messages of known types.
 */
import type { Framing, Opening } from '../framing/framing.ts';
import type { Datagram, Recognition } from '../protocol/protocol.ts';
import { visible } from '../wire/escape.ts';
import { formOf } from '../wire/form.ts';
import { Message } from '../wire/message.ts';
import type { Messages } from './messages.ts';

/** `'0004 01 4b56'`, `'10 .. 0004 | 20 02'`, or what tells from the bytes so far. */
export type FirstBytes = string | ((bytes: Uint8Array) => Recognition);

export interface OpensWith {
  /** What the side begins with that opened the connection or spoke first, and the other; at least one of the two. */
  readonly client?: FirstBytes;
  readonly server?: FirstBytes;
}

type Test = (bytes: Uint8Array) => Recognition;

/** @throws Error for bytes that are not in hex */
export function recognitionOf(opensWith: OpensWith) {
  const client = testOf(opensWith.client);
  const server = testOf(opensWith.server);
  return {
    stream: ({ client: first, server: second }: Opening): Recognition => both(client?.(first), server?.(second)),
    datagrams: (datagrams: readonly Datagram[]): Recognition => {
      const opener = datagrams[0].side;
      return both(
        client && ofDatagram(client, datagrams[0].message),
        server && ofDatagram(server, datagrams.find(({ side }) => side !== opener)?.message),
      );
    },
  };
}

/** For people: what the protocol is recognised by. */
export function recognitionWords({ client, server }: OpensWith): string {
  const words = (side: string, bytes: FirstBytes | undefined) =>
    bytes === undefined
      ? []
      : [`${typeof bytes === 'string' ? shown(bytes) : 'a look at the bytes'} as the first bytes of the ${side}`];
  return [...words('client', client), ...words('server', server)].join(' and ');
}

function shown(pattern: string): string {
  const [first] = pattern.split('|');
  const characters = first.replace(/\s/g, '').match(/../g) ?? [];
  const text = characters
    .map(pair =>
      /^(2[1-9a-f]|[3-6].|7[0-9a-e])$/i.test(pair) ? visible(String.fromCharCode(Number.parseInt(pair, 16))) : '',
    )
    .join('');
  return text.length > 1 ? `${pattern.trim()} (${text})` : pattern.trim();
}

/**
 * Is the segment nothing but whole messages of known types, each as long as its layout says? Beyond doubt
 * only with a framing that tells a message's length in its head; others know a beginning themselves.
 */
export function wholeMessages(messages: Messages, framing: Framing, longest: number) {
  const message = new Message();
  const notes = new Float64Array(framing.notes ?? 0);
  return (bytes: Uint8Array, start: number, end: number): boolean => {
    let at = start;
    while (end - at >= framing.headLength) {
      notes.fill(0);
      const length = framing.lengthOf(bytes, at, end, at, notes);
      if (length < framing.headLength || length > longest || at + length > end) return false;
      const head = framing.hiddenOf?.(bytes, at, length) ?? framing.hidden;
      const tail = framing.hiddenAtEndOf?.(bytes, at, length) ?? framing.hiddenAtEnd ?? 0;
      message.assign(bytes, at + head, length - head - tail, length - head - tail);
      const isMessage = [true, false].some(fromClient => {
        const type = messages.find(message, fromClient);
        return type >= 0 && formOf(message, messages.layouts[type]).fits;
      });
      if (!isMessage) return false;
      at += length;
    }
    return at === end && end > start;
  };
}

/** One of several patterns, or what a function says. */
function testOf(pattern: FirstBytes | undefined): Test | undefined {
  if (typeof pattern !== 'string') return pattern;
  const tests = pattern.split('|').map(patternOf);
  return bytes => {
    const answers = tests.map(test => test(bytes));
    return answers.includes('yes') ? 'yes' : answers.includes('more') ? 'more' : 'no';
  };
}

/** Any byte, in a pattern. */
const ANY = -1;

function patternOf(text: string): Test {
  const pairs = text.replace(/\s/g, '').match(/../g) ?? [];
  const whole = pairs.join('').length === text.replace(/\s/g, '').length;
  if (!whole || pairs.length === 0 || pairs.some(pair => !/^(\.\.|[0-9a-f]{2})$/i.test(pair)))
    throw new Error(`opensWith: ${text.trim()} is not bytes in hex, with .. for any byte`);
  const wanted = pairs.map(pair => (pair === '..' ? ANY : Number.parseInt(pair, 16)));
  return bytes => {
    if (wanted.some((byte, at) => byte !== ANY && at < bytes.length && bytes[at] !== byte)) return 'no';
    return bytes.length < wanted.length ? 'more' : 'yes';
  };
}

/** Both must hold that are asked for; a side that has said nothing yet may still. */
function both(first: Recognition | undefined, second: Recognition | undefined): Recognition {
  if (first === 'no' || second === 'no') return 'no';
  return first === 'more' || second === 'more' ? 'more' : 'yes';
}

/** The first datagram of the side, which is whole: what is missing of it will not come. */
function ofDatagram(test: Test, message: Message | undefined): Recognition {
  if (!message) return 'more';
  const { bytes, start, captured } = message;
  return test(bytes.subarray(start, start + captured)) === 'yes' ? 'yes' : 'no';
}
