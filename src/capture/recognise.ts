/** Whether a file is a capture, by its first bytes: a folder holds other files, too, and names prove nothing. */
import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip } from './gzip.ts';
import { isPcapMagic } from './pcap-header.ts';
import { isSection } from './pcapng.ts';

/** Enough of a packed file that what it unpacks to begins with a whole header. */
const SAMPLE_LENGTH = 4096;
/** Of which more than its first bytes would tell nothing. */
const LEAST_LENGTH = 12;

/** Of a file that cannot be read: rejects with the system's error. */
export async function isCaptureFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_LENGTH), 0, SAMPLE_LENGTH, 0);
    return isCaptureStart(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function isCaptureStart(bytes: Uint8Array): boolean {
  if (bytes.length < LEAST_LENGTH) return false;
  if (isGzip(bytes)) {
    const unpacked = unpackedStart(bytes);
    return unpacked.length >= LEAST_LENGTH && !isGzip(unpacked) && isCaptureStart(unpacked);
  }
  return isPcapMagic(bytes) || isSection(bytes);
}

function unpackedStart(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1024 * SAMPLE_LENGTH });
  } catch {
    return new Uint8Array(0);
  }
}
