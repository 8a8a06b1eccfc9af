/**
 * The bare read loop: the least that any checker written for Node could cost on a capture.
 *
 * Reads a classic pcap file in 1 MiB chunks, walks the record headers, counts packets and sums their bytes; no packet
 * is looked into. It takes only what packet-file.ts writes (little-endian, microseconds) and trusts its lengths: it is a
 * measuring rod, not a reader.
 *
 *     node read-loop.js FILE        prints {"packets":N,"bytes":N}
 */

import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_SIZE = 1 << 20;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

function readLoop(path: string): { packets: number; bytes: number } {
  const chunk = new Uint8Array(CHUNK_SIZE);
  const view = new DataView(chunk.buffer);
  const file = openSync(path, 'r');
  let packets = 0;
  let bytes = 0;
  let start = FILE_HEADER;
  let end = 0;
  for (;;) {
    const read = readSync(file, chunk, end, CHUNK_SIZE - end, null);
    if (read === 0) break;
    end += read;
    while (start + RECORD_HEADER <= end) {
      const length = view.getUint32(start + 8, true);
      if (start + RECORD_HEADER + length > end) break;
      packets++;
      bytes += length;
      start += RECORD_HEADER + length;
    }
    // The cut record at the end of the chunk moves to its beginning.
    chunk.copyWithin(0, start, end);
    end -= start;
    start = 0;
  }
  closeSync(file);
  return { packets, bytes };
}

process.stdout.write(`${JSON.stringify(readLoop(process.argv[2]))}\n`);
