/**
 * Reads a capture again for one conversation that is followed, a chunk at a time, with the terminal's turn in between. What
 * was read is in the follower's stream at any moment.
 */
import { CaptureError } from '../capture/source.ts';
import type { StreamFollower } from '../history/stream-follower.ts';
import type { Run } from './run.ts';
import type { Tty } from './screen/terminal.ts';

/**
 * Resolves when nothing more can come, or nobody wants it. Rejects only for a fault of the program.
 * @param tty lets others have their turn
 * @param isWanted whether somebody still looks at it
 */
export async function readStream(
  follower: StreamFollower,
  run: Run,
  tty: Pick<Tty, 'turn'>,
  isWanted: () => boolean,
): Promise<void> {
  const { stream, flow } = follower;
  try {
    const source = await run.captures[flow.capture].open();
    await source.read(
      frame => follower.frame(frame),
      async ({ read, total }) => {
        stream.progress = total === undefined || total === 0 ? 0 : Math.min(1, read / total);
        await tty.turn();
        return isWanted() && !follower.isDone && follower.reached < flow.until ? undefined : false;
      },
    );
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    stream.problem = error.message;
  }
  follower.close();
}
