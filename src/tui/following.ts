/**
 * Reads a capture again for one conversation that is followed, a chunk at a time, with the terminal's turn in between. What
 * was read is in the follower's stream at any moment.
 */
import { CaptureError } from '../capture/source.ts';
import type { StreamFollower } from '../history/stream-follower.ts';
import type { Run } from './run.ts';

export interface FollowHost {
  /** Lets others have their turn. */
  turn(): Promise<void>;
  /** Whether somebody still looks at it. */
  isWanted(): boolean;
  /** More was read, or all. */
  onRead(): void;
}

/** Resolves when nothing more can come, or nobody wants it. Rejects only for a fault of the program. */
export async function readStream(follower: StreamFollower, run: Run, host: FollowHost): Promise<void> {
  const { stream, flow } = follower;
  try {
    const source = await run.captures[flow.capture].open();
    await source.read(
      frame => follower.frame(frame),
      async ({ read, total }) => {
        stream.progress = total === undefined || total === 0 ? 0 : Math.min(1, read / total);
        host.onRead();
        await host.turn();
        return host.isWanted() && !follower.isDone && follower.reached < flow.until ? undefined : false;
      },
    );
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    stream.problem = error.message;
  }
  follower.close();
  host.onRead();
}
