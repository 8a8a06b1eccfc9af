/** One message in its connection, as the rules that the machine names see it when they have to find words. Reused. */
import type { TrackerHost } from '../../src/sdk.ts';
import type { Connection } from './connection.ts';

/** Where checks enter what they find. */
export type Court = Pick<TrackerHost<Exchange>['judge'], 'enter'>;

export class Exchange {
  messageName = '';
  /** State of the sender's side before the message. */
  state = '';
  fromClient = false;
  connection: Connection | undefined = undefined;

  get authenticationFrames(): number[] {
    const frame = this.connection?.authenticationFrame ?? 0;
    return frame === 0 ? [] : [frame];
  }

  get sender(): string {
    return this.fromClient ? 'client' : 'server';
  }
}
