/** What a connection begins with: a CONNECT of a version that is known, on any port. */
import { Message, type Opening, type Recognition } from '../../src/sdk.ts';
import { FAULT, Packet } from './packet.ts';
import { LEVEL } from './terms.ts';

const CONNECT = 0x10;
const NAMES = [
  { name: [0, 4, 0x4d, 0x51, 0x54, 0x54], levels: [LEVEL.V311, LEVEL.V5] },
  { name: [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70], levels: [LEVEL.V31] },
] as const;
const MOST_LENGTH_BYTES = 4;

/** Do the client's first bytes begin a CONNECT? A server that speaks first is no MQTT. */
export function recogniseStream({ client, server }: Opening): Recognition {
  if (client.length === 0) return server.length > 0 ? 'no' : 'more';
  if (client[0] !== CONNECT) return 'no';
  let at = 1;
  while (at < client.length && at <= MOST_LENGTH_BYTES && client[at] >= 0x80) at++;
  if (at > MOST_LENGTH_BYTES) return 'no';
  if (at >= client.length) return 'more';
  return beginsWithName(client.subarray(at + 1));
}

function beginsWithName(bytes: Uint8Array): Recognition {
  let answer: Recognition = 'no';
  for (const { name, levels } of NAMES) {
    const there = Math.min(bytes.length, name.length);
    if (name.slice(0, there).some((byte, at) => bytes[at] !== byte)) continue;
    if (bytes.length <= name.length) answer = 'more';
    else return levels.some(level => level === (bytes[name.length] & ~LEVEL.BRIDGE)) ? 'yes' : 'no';
  }
  return answer;
}

const packet = new Packet();
const message = new Message();

/**
 * Is the segment nothing but whole packets that fit one version? After a loss, or where a capture begins later, so much is
 * no proof: what follows is shown, and not judged.
 */
export function resync(bytes: Uint8Array, start: number, end: number): boolean {
  return [LEVEL.V311, LEVEL.V5].some(level => holdsWhole(bytes, start, end, level));
}

function holdsWhole(bytes: Uint8Array, start: number, end: number, level: number): boolean {
  let at = start;
  while (at < end) {
    const length = lengthOf(bytes, at, end);
    if (length < 0 || at + length > end) return false;
    message.assign(bytes, at, length, length);
    const isPacket = [true, false].some(fromClient => {
      packet.read(message, level, fromClient);
      return packet.fault === FAULT.NONE;
    });
    if (!isPacket) return false;
    at += length;
  }
  return end > start;
}

function lengthOf(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  for (let place = 0; place < MOST_LENGTH_BYTES; place++) {
    if (at + 1 + place >= end) return -1;
    const byte = bytes[at + 1 + place];
    length += (byte & 0x7f) * 128 ** place;
    if (byte < 0x80) return 2 + place + length;
  }
  return -1;
}
