/** Conversations in Modbus/TCP, written down for the tests and for make-capture.ts. */
import { hex, Traffic, uint16 } from 'wirelint/testkit';

export const CLIENT = '10.0.0.1:40000';
export const SERVER = '10.0.0.2:502';

/** A message of unit 1: the head around what stands in hexadecimal, from the function code on. */
export function message(transaction: number, text: string, { protocol = 0, unit = 1 } = {}): number[] {
  const bytes = hex(text);
  return [...uint16(transaction), ...uint16(protocol), ...uint16(bytes.length + 1), unit, ...bytes];
}

export type Turn = readonly ['client' | 'server', ...(readonly number[])[]];

/** One connection; what is said in a turn goes into one segment, or into several of `cut` bytes. */
export function conversation(turns: readonly Turn[], cut?: number): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(CLIENT, SERVER);
  for (const [side, ...messages] of turns) talk[side](messages.flat(), cut === undefined ? {} : { cut });
  talk.close();
  return traffic;
}

/** Each function; two at a time, answered the other way round; an exception. */
export const SOUND: readonly Turn[] = [
  ['client', message(1, '01 0000 000a'), message(2, '03 0010 0002')],
  ['server', message(2, '03 04 000a 000b'), message(1, '01 02 ff03')],
  ['client', message(3, '02 0000 0008')],
  ['server', message(3, '02 01 ff')],
  ['client', message(4, '04 0000 007d')],
  ['server', message(4, `04 fa ${'0001'.repeat(125)}`)],
  ['client', message(5, '05 0001 ff00'), message(6, '06 0001 1234')],
  ['server', message(5, '05 0001 ff00'), message(6, '06 0001 1234')],
  ['client', message(7, '0f 0000 0009 02 ff01'), message(8, '10 0000 0001 02 1234')],
  ['server', message(7, '0f 0000 0009'), message(8, '10 0000 0001')],
  ['client', message(9, '2b 0e 01 00'), message(10, '03 ffff 0002')],
  ['server', message(9, '2b 0e 01 01 00 00 00'), message(10, '83 02')],
];

/** A response to nothing in frame 6, two registers in place of three in frame 8. */
export const faulty = (): Traffic =>
  conversation([
    ['client', message(1, '01 0000 0008')],
    ['server', message(1, '01 01 ff')],
    ['server', message(1, '01 01 ff')],
    ['client', message(2, '03 0000 0003')],
    ['server', message(2, '03 04 0001 0002')],
  ]);
