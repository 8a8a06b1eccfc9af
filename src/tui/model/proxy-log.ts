/**
 * The proxy whose traffic is looked at, as far as the model knows of it: where it listens, whether it still runs, and the
 * log of what has happened to it, newest last, of which the oldest lines go. All of it is handed in.
 */
import { type ProxyEvent, WARNINGS } from '../watched-proxy.ts';

/** Lines that are kept. */
const MOST_EVENTS = 1_000;
/** Lines more than that, so that not each new one moves all others. */
const SLACK = 200;

export class ProxyLog {
  /** Addresses as the user would write them. */
  readonly listens: readonly string[];
  readonly events: ProxyEvent[] = [];
  /** Events before the first one that is kept. */
  dropped = 0;
  /** Warnings that came while nobody looked at the log. */
  unread = 0;
  /** Clients that are there, and those that have come. */
  open = 0;
  opened = 0;
  /** Why it runs no more. */
  ended: string | undefined = undefined;
  /** Grows with whatever happens. */
  version = 0;

  constructor(listens: readonly string[]) {
    this.listens = listens;
  }

  get isRunning(): boolean {
    return this.ended === undefined;
  }

  add(event: ProxyEvent): void {
    this.events.push(event);
    if (WARNINGS.includes(event.kind)) this.unread++;
    if (event.kind === 'client-came') {
      this.open++;
      this.opened++;
    }
    if (event.kind === 'client-gone') this.open--;
    if (this.events.length > MOST_EVENTS + SLACK) {
      const gone = this.events.length - MOST_EVENTS;
      this.events.splice(0, gone);
      this.dropped += gone;
    }
    this.version++;
  }

  /** @param reason a clause: `nothing passed for 5 s` */
  end(reason: string): void {
    this.ended = reason;
    this.open = 0;
    this.version++;
  }
}
