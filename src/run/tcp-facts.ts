/**
 * What trackers may ask about a TCP connection at any time. While a beginning is handed on that was kept until its
 * protocol was known, the answers are those of the moment that is being gone through, as if nothing had been kept.
 */
import type { StreamFacts } from '../net/stream-facts.ts';

/** Where one side of a connection stood at some moment. */
interface Standing {
  readonly acknowledged: number;
  readonly sent: number;
  readonly finAcknowledged: boolean;
  /** Seconds up to that moment. */
  readonly stalled: number;
  readonly isStalled: boolean;
}

/** Where both stood. */
export interface TcpMoment {
  /** Capture time in seconds. */
  readonly time: number;
  readonly sides: readonly Standing[];
}

export class TcpFacts {
  /** The flow whose kept beginning is handed on, and the moment of it. */
  #flow = -1;
  #moment: TcpMoment | undefined;
  readonly #facts: StreamFacts;

  constructor(facts: StreamFacts) {
    this.#facts = facts;
  }

  /** Where a connection stands now. */
  momentOf(flow: number, time: number): TcpMoment {
    const facts = this.#facts;
    const sides = [0, 1].map(side => ({
      acknowledged: facts.acknowledged(flow, side),
      sent: facts.sent(flow, side),
      finAcknowledged: facts.finAcknowledged(flow, side),
      stalled: facts.stalled(flow, side, time),
      isStalled: facts.isStalled(flow, side),
    }));
    return { time, sides };
  }

  /** What is asked about the flow is asked of that moment, until `goOn`. */
  goBack(flow: number, moment: TcpMoment | undefined): void {
    this.#flow = flow;
    this.#moment = moment;
  }

  goOn(): void {
    this.#flow = -1;
    this.#moment = undefined;
  }

  /** As `Flows` has it; likewise those below. */
  acknowledged(flow: number, side: number): number {
    return this.#past(flow, side)?.acknowledged ?? this.#facts.acknowledged(flow, side);
  }

  sent(flow: number, side: number): number {
    return this.#past(flow, side)?.sent ?? this.#facts.sent(flow, side);
  }

  finAcknowledged(flow: number, side: number): boolean {
    return this.#past(flow, side)?.finAcknowledged ?? this.#facts.finAcknowledged(flow, side);
  }

  stalled(flow: number, side: number, now: number): number {
    const past = this.#past(flow, side);
    if (past === undefined) return this.#facts.stalled(flow, side, now);
    return past.stalled + (past.isStalled ? Math.max(0, now - (this.#moment?.time ?? now)) : 0);
  }

  sequenceBase(flow: number, side: number): number | undefined {
    return this.#facts.sequenceBase(flow, side);
  }

  isRecordedApart(flow: number): boolean {
    return this.#facts.isRecordedApart(flow);
  }

  #past(flow: number, side: number): Standing | undefined {
    return flow === this.#flow ? this.#moment?.sides[side] : undefined;
  }
}
