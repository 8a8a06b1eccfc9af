/** Conversations in RESP, written down for the tests and for make-capture.ts. Lines end with CR LF where nothing else is said. */
import { type SendOptions, Traffic } from 'wirelint/testkit';

export const CLIENT = '10.0.0.1:40000';
export const SERVER = '10.0.0.2:6379';

export const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A bulk string; null if absent. */
export const bulk = (text?: string) => (text === undefined ? '$-1\r\n' : `$${Buffer.byteLength(text)}\r\n${text}\r\n`);

export const array = (...values: readonly string[]) => `*${values.length}\r\n${values.join('')}`;

/** A command as an array: `command('GET', 'color')`. */
export const command = (...words: readonly string[]) => array(...words.map(bulk));

export interface Turn {
  readonly from: 'client' | 'server';
  readonly text: string;
}

export const client = (...texts: readonly string[]): Turn => ({ from: 'client', text: texts.join('') });
export const server = (...texts: readonly string[]): Turn => ({ from: 'server', text: texts.join('') });

/** One connection from its handshake to its end; what is said in a turn goes into one segment, unless `options` say otherwise. */
export function conversation(turns: readonly Turn[], options: SendOptions = {}): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER);
  for (const { from, text } of turns) talk[from](bytes(text), options);
  talk.close();
  return traffic;
}

/** A pipeline of three, an inline command, a transaction with nested values, and nothing at all. */
export const SOUND: readonly Turn[] = [
  client(command('SET', 'color', 'green'), command('GET', 'color'), command('LLEN', 'list')),
  server('+OK\r\n', bulk('green'), ':0\r\n'),
  client('PING\r\n', '\r\n', '*0\r\n', 'ping\n'),
  server('+PONG\r\n', '+PONG\r\n'),
  client(command('EXEC')),
  server(array('+OK\r\n', bulk(), array(':1\r\n', array(bulk('a\r\nb'), '*-1\r\n')), '*0\r\n')),
  client(command('GET', 'list')),
  server('-WRONGTYPE it is a list\r\n'),
];

/** The same, with a reply too many in the middle: to the PING there are two. */
export const PLANTED: readonly Turn[] = [
  ...SOUND.slice(0, 3),
  server('+PONG\r\n', '+PONG\r\n', '+PONG\r\n'),
  ...SOUND.slice(4),
];

/** A third PONG in frame 7, an integer that is none in frame 9. */
export const faulty = (): Traffic =>
  conversation([...PLANTED.slice(0, 4), client(command('INCRBYFLOAT', 'n', '0.5')), server(':1.5\r\n')]);
