/** A conversation of a fixture followed as `inspect` does it, and a model that shows it. */
import { openBytes } from '../../src/capture/open.ts';
import type { FollowedStream } from '../../src/history/followed-stream.ts';
import { StreamFollower } from '../../src/history/stream-follower.ts';
import { flowOf } from '../../src/tui/model/connection-flow.ts';
import type { Model } from '../../src/tui/model/model.ts';
import type { PastRun } from './history.ts';
import { settle } from './looking.ts';

/** Hands a follower all frames of a capture. */
export async function feed(follower: StreamFollower, capture: Uint8Array): Promise<FollowedStream> {
  const source = await openBytes(capture, 'memory');
  await source.read(
    frame => follower.frame(frame),
    async () => undefined,
  );
  follower.close();
  return follower.stream;
}

export function followed(past: PastRun, connection: number, capture: Uint8Array): Promise<FollowedStream> {
  const flow = flowOf(past.history, connection);
  return feed(new StreamFollower(flow, past.history.captures[flow.capture]!, past.bytes), capture);
}

/** Does what the app does when the model asks for a conversation, and lets the model lay it out. */
export async function answerFollow(model: Model, capture: Uint8Array): Promise<Model> {
  for (const effect of model.takeEffects()) if (effect.kind === 'follow') await feed(effect.follower, capture);
  return settle(model);
}

/** What one side sent, or both in the order of the capture. */
export function bytesOf(stream: FollowedStream, side?: 0 | 1): Buffer {
  const chunks = Array.from({ length: stream.count }, (_, chunk) => chunk);
  return Buffer.concat(
    chunks.filter(chunk => side === undefined || stream.side(chunk) === side).map(chunk => stream.read(chunk)),
  );
}
