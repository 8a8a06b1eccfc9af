/** Captures whose flows can be divided, with more or less success. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { openCapture } from '../../src/capture/open.ts';
import { concat, u32 } from '../../src/testkit/bytes.ts';
import { enhancedPacketBlock, interfaceBlock, sectionBlock } from '../../src/testkit/capture.ts';
import { at, type Captured, capturedFrom } from '../field/captured.ts';
import { timed } from '../field/conversation.ts';
import { framesOf } from './filestorage.ts';
import { frameBytes, handshake, parties, START } from './mnet.ts';
import { moved } from './moved.ts';

/** One capture: uploads and conversations of many clients with one server, some of which break rules. */
export async function large(): Promise<Captured[]> {
  const names = [
    'mnet/faults',
    'mnet/lossy',
    'filestorage/2020-01-04-upload',
    'filestorage/2020-01-02-pipelined',
    'mqtt/mosquitto-paho-311-qos',
  ];
  const fixtures = await Promise.all(
    names.map(async name => capturedFrom(await framesOf(await openCapture(`fixtures/${name}.pcap`)))),
  );
  const all = fixtures.flatMap((packets, number) =>
    moved(packets, [10, number + 1, 0, 1], undefined).map(packet => at(packet.time - packets[0].time + 1.7e15, packet)),
  );
  return all.sort((one, other) => one.time - other.time);
}

/** A fixture, its client another host each time, which begins so many seconds after the one before. */
export async function times(name: string, count: number, seconds: number): Promise<Captured[]> {
  const packets = capturedFrom(await framesOf(await openCapture(`fixtures/${name}.pcap`)));
  const copies = Array.from({ length: count }, (_, number) =>
    moved(packets, [10, 7, number, 1], [10, 0, 0, 1]).map(packet => at(packet.time + number * seconds * 1e6, packet)),
  );
  return copies.flat().sort((one, other) => one.time - other.time);
}

/** Tags that follow no pattern. */
export const random = (count: number) =>
  Array.from({ length: count }, (_, n) => [(n * 0x9e3779) & 0xffffff, ((n + 7) ** 3 * 0x51ed27) & 0xffffff] as const);

/** One in which a share finds bytes missing, after which another one must not take what it waits for to be missing. */
export async function judgedTwice(): Promise<Captured[]> {
  const upload = await times('filestorage/2020-01-04-upload', 2, 20);
  const lost = upload.findIndex(({ bytes }) => bytes.length > 1_500);
  const start = upload[0].time;
  // Echoes that nobody answers, for all that is known while the second upload goes on.
  const waiting = random(8).flatMap(([initTag, listenerTag], number) => {
    const lines = handshake(parties({ initTag, listenerTag, expiration: 0xffffffff })).slice(0, 3);
    const own = moved(timed(lines.map(frameBytes), START), [10, 8, number, 1], [10, 0, 0, 1]);
    return own.map((packet, place) => at(start + number * 50 + place * 1000, packet));
  });
  return [...upload.filter((_, place) => place !== lost), ...waiting].sort((one, other) => one.time - other.time);
}

/** A pcapng file with a gap before each packet, which takes no room on the disk: a block that no reader knows, of so many bytes. */
export function writeWide(path: string, packets: readonly Captured[], gap: number): void {
  const file = openSync(path, 'w');
  let at = 0;
  const write = (bytes: Uint8Array) => {
    at += writeSync(file, bytes, 0, bytes.length, at);
  };
  write(concat(sectionBlock(), interfaceBlock()));
  for (const { bytes, time, wireLength } of packets) {
    write(concat(u32(0x0bad, 'little'), u32(gap, 'little')));
    at += gap - 12;
    write(u32(gap, 'little'));
    write(enhancedPacketBlock(bytes, { time: BigInt(time), wireLength }));
  }
  closeSync(file);
}
