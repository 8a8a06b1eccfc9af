/** Reads a source to its end and keeps what it handed out, which is otherwise gone with the call. */

import { type OpenOptions, openBytes } from '../../src/capture/open.ts';
import type { CaptureFacts, CaptureSource, Frame } from '../../src/capture/source.ts';

export interface CollectedFrame {
  readonly number: number;
  /** Seconds, a point, nine digits. */
  readonly time: string;
  readonly linkType: number;
  readonly interfaceId: number;
  readonly bytes: string;
  readonly wireLength: number;
  readonly comment: string;
}

export interface Collected {
  readonly frames: readonly CollectedFrame[];
  readonly facts: CaptureFacts;
}

export async function collect(source: CaptureSource): Promise<Collected> {
  const frames: CollectedFrame[] = [];
  await source.read(frame => frames.push(keep(frame)));
  return { frames, facts: source.facts };
}

export async function collectBytes(bytes: Uint8Array, chunkSize?: number, options?: OpenOptions): Promise<Collected> {
  return collect(await openBytes(bytes, 'test.pcap', chunkSize, options));
}

function keep(frame: Frame): CollectedFrame {
  const { number, seconds, nanoseconds, linkType, interfaceId, bytes, start, end, wireLength, comment } = frame;
  return {
    number,
    time: `${seconds}.${String(nanoseconds).padStart(9, '0')}`,
    linkType,
    interfaceId,
    bytes: Buffer.from(bytes.subarray(start, end)).toString('hex'),
    wireLength,
    comment,
  };
}
