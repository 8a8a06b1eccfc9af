/**
 * `--shard 2/5`: which captures of a run one of several machines takes. A capture falls to a shard by what is in it, its size
 * and its first and last 64 KiB, and not by its place: a capture that is new moves no other one, so that caches stay right.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
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

/** Places of the captures that are the shard's. */
export async function placesOf({ index, of }: Shard, captures: readonly string[]): Promise<number[]> {
  if (captures.includes('-')) throw new UsageError('--shard: standard input cannot be divided; name files');
  const places: number[] = [];
  for (const [place, path] of captures.entries()) {
    if ((await shardOf(path, of)) === index) places.push(place);
  }
  return places;
}

/** From 1. What cannot be read falls to a shard by its name, which then says so. */
async function shardOf(path: string, of: number): Promise<number> {
  const hash = createHash('sha256');
  try {
    await hashContent(path, hash);
  } catch {
    hash.update(path);
  }
  return (hash.digest().readUInt32BE(0) % of) + 1;
}

async function hashContent(path: string, hash: ReturnType<typeof createHash>): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    hash.update(`${size}\n`);
    for (const position of size > PIECE ? [0, size - PIECE] : [0]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
