/** A conversation of a fixture followed as `inspect` does it, and a model that shows it. */
import { openBytes } from '../../src/capture/open.ts';
import type { FollowedStream } from '../../src/history/followed-stream.ts';
import { type FollowedFlow, StreamFollower } from '../../src/history/stream-follower.ts';
import type { Endpoint } from '../../src/net/address.ts';
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

const CLIENT_END: Endpoint = { family: 4, words: [0x0a000001, 0, 0, 0], port: 40_000 };
const SERVER_END: Endpoint = { family: 4, words: [0x0a000002, 0, 0, 0], port: 7000 };
const TCP: FollowedFlow = {
  transport: 'tcp',
  client: CLIENT_END,
  server: SERVER_END,
  capture: 0,
  frame: 0,
  until: 1_000_000,
};

/** Follows what `TcpTalk` says by default, or another flow of a capture that nobody has judged. */
export function follow(capture: Uint8Array, flow: Partial<FollowedFlow> = {}): Promise<FollowedStream> {
  const bytes = { read: (_: number, from: number, length: number) => capture.subarray(from, from + length) };
  return feed(new StreamFollower({ ...TCP, ...flow }, {}, bytes), capture);
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
