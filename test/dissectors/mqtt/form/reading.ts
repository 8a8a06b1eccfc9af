/** Reads packets of tests as a connection would. */
import { FAULT, Packet, type Part } from '../../../../dissectors/mqtt/packet.ts';
import { Message } from '../../../../src/wire/message.ts';

/** Bytes from hex, blanks aside. */
export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

/** A message that stands among others in its array. @param captured bytes of it that were captured; all if absent */
export function messageOf(bytes: Uint8Array, captured = bytes.length): Message {
  const message = new Message();
  const all = new Uint8Array(captured + 4).fill(0xee);
  all.set(bytes.subarray(0, captured), 2);
  message.assign(all, 2, bytes.length, captured);
  return message;
}

export function read(bytes: Uint8Array, level: number, fromClient = true, captured = bytes.length): Packet {
  const packet = new Packet();
  packet.read(messageOf(bytes, captured), level, fromClient);
  return packet;
}

/** `UTF8 4+1`: the fault's name, and the bytes it lies in. */
export function faultText({ fault, faulty }: Packet): string {
  const name = Object.entries(FAULT).find(([, number]) => number === fault)?.[0];
  return fault === FAULT.NONE ? 'NONE' : `${name} ${faulty.at}+${faulty.length}`;
}

export function hexOf(bytes: Uint8Array, { at, length }: Part): string {
  return at < 0 ? 'none' : Buffer.from(bytes.subarray(at, at + length)).toString('hex');
}

export function textOf(bytes: Uint8Array, { at, length }: Part): string {
  return at < 0 ? 'none' : new TextDecoder().decode(bytes.subarray(at, at + length));
}
