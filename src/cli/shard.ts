/**
 * `--shard 2/5`: which captures of a run one of several machines takes. A capture falls to a shard by what is in it, its size
 * and its first and last 64 KiB, and not by its place: a capture that is new moves no other one, so that caches stay right.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Ends } from '../capture/http-ends.ts';
import type { Network } from '../capture/http-request.ts';
import { captureName, isUrl } from '../capture/location.ts';
import { UsageError } from '../settings/words.ts';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

const PIECE = 64 * 1024;
const MOST_SHARDS = 10_000;

/** @throws UsageError */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || of < index || of > MOST_SHARDS)
    throw new UsageError(`--shard ${text}: expected PART/PARTS, as 2/5 for the second of five`);
  return { index, of };
}

/** Places of the captures that are the shard's. @throws CaptureError for what a server may have, and does not give now */
export async function placesOf({ index, of }: Shard, captures: readonly string[], network: Network): Promise<number[]> {
  if (captures.includes('-')) throw new UsageError('--shard: standard input cannot be divided; name files');
  const places: number[] = [];
  for (const [place, path] of captures.entries()) {
    if ((await shardOf(path, of, network)) === index) places.push(place);
  }
  return places;
}

/**
 * From 1. What is not there, or cannot be read here, falls to a shard by its name, which then says so. A server that does
 * not answer may answer another machine: then no shard, or two of them, would have the capture.
 */
async function shardOf(path: string, of: number, network: Network): Promise<number> {
  const ends = isUrl(path) ? await remoteEnds(path, network) : await fileEnds(path).catch(() => undefined);
  const hash = createHash('sha256');
  if (ends) hash.update(`${ends.size}\n`);
  for (const piece of ends?.pieces ?? [captureName(path)]) hash.update(piece);
  return (hash.digest().readUInt32BE(0) % of) + 1;
}

async function remoteEnds(url: string, network: Network): Promise<Ends | undefined> {
  const { endsOf } = await import('../capture/http-ends.ts');
  return endsOf(url, PIECE, network);
}

async function fileEnds(path: string): Promise<Ends> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const pieces: Uint8Array[] = [];
    for (const position of size > PIECE ? [0, size - PIECE] : [0]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, position);
      pieces.push(buffer.subarray(0, bytesRead));
    }
    return { size, pieces };
  } finally {
    await file.close();
  }
}
