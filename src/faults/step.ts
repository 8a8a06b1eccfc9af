/**
 * Steps of a scenario: faults that are on for a while. When one begins and when it is over, by the time and by what passes,
 * for the whole run or for each connection by itself.
 */
import type { FilterSubject } from '../filter/subject.ts';
import type { Fault, Occasion } from './fault.ts';
import { OccasionCounter } from './occasion.ts';
import { Recent } from './recent.ts';

export interface Step {
  /** For the log; empty if it has none. */
  readonly name: string;
  /** Milliseconds since the first unit of the run or connection before which it does not begin. */
  readonly at: number;
  /** It begins behind a message of these, again whenever it is over; once, if undefined. */
  readonly after?: Occasion | undefined;
  /** Milliseconds after which it is over. */
  readonly for?: number | undefined;
  /** It is over behind a message of these. */
  readonly until?: Occasion | undefined;
  /** For each connection by itself. */
  readonly perConnection: boolean;
  readonly faults: readonly Fault[];
}

/** Faults that come and go as the conversation goes. */
export interface Scenario {
  /** For the log; empty if it has none. */
  readonly name: string;
  readonly seed: number | undefined;
  /** Those that are always on. */
  readonly faults: readonly Fault[];
  readonly steps: readonly Step[];
}

/** Connections that are remembered; beyond it the one is forgotten that has been silent longest. */
const MOST_CONNECTIONS = 65_536;

/** How a step stands, for the run or for one connection. */
interface Standing {
  /** Milliseconds since the Unix epoch: the first unit, and the step's last beginning. */
  readonly first: number;
  began: number;
  isOn: boolean;
  /** How often it has begun. */
  beginnings: number;
  /** What the unit in hand changes once it has passed. */
  turns: 'on' | 'off' | undefined;
}

export class StepWatch {
  readonly #step: Step;
  readonly #after: OccasionCounter | undefined;
  readonly #until: OccasionCounter | undefined;
  readonly #standings: Recent<Standing>;

  constructor(step: Step) {
    this.#step = step;
    this.#after = step.after && new OccasionCounter(step.after);
    this.#until = step.until && new OccasionCounter(step.until);
    this.#standings = new Recent(MOST_CONNECTIONS);
  }

  get perConnection(): boolean {
    return this.#step.perConnection;
  }

  /**
   * How often it has begun, where it is on for a unit of this connection that comes now; 0 where it is not.
   * @param now milliseconds since the Unix epoch
   */
  beginning(connection: number, now: number): number {
    const standing = this.#standing(connection, now);
    return standing.isOn ? standing.beginnings : 0;
  }

  /** A message of the unit in hand; what it changes counts from the next unit on. */
  message(subject: FilterSubject, connection: number, now: number): void {
    const { after, until } = this.#step;
    if (!after && !until) return;
    const standing = this.#standing(connection, now);
    // Its first beginnings are counted together, and what ends one is counted from it on.
    const begins = this.#matched(after, this.#after, subject, connection, 1, now - standing.first >= this.#step.at);
    const ends = this.#matched(until, this.#until, subject, connection, standing.beginnings, standing.isOn);
    if (standing.isOn ? ends : begins) standing.turns = standing.isOn ? 'off' : 'on';
  }

  /** The unit in hand has passed. */
  passed(connection: number, now: number): void {
    const standing = this.#standing(connection, now);
    if (standing.turns === 'on') begin(standing, now);
    if (standing.turns === 'off') standing.isOn = false;
    standing.turns = undefined;
  }

  #matched(
    occasion: Occasion | undefined,
    counter: OccasionCounter | undefined,
    subject: FilterSubject,
    connection: number,
    beginning: number,
    isLookedFor: boolean,
  ): boolean {
    if (!occasion || !counter || !isLookedFor || occasion.condition?.matches(subject) !== true) return false;
    const { perConnection } = this.#step;
    return counter.matched(perConnection || occasion.perConnection ? connection : undefined, beginning, true);
  }

  #standing(connection: number, now: number): Standing {
    const { at, after, for: length } = this.#step;
    const standing = this.#standings.of(this.#step.perConnection ? connection : 0, () => ({
      first: now,
      began: 0,
      isOn: false,
      beginnings: 0,
      turns: undefined,
    }));
    if (!after && standing.beginnings === 0 && now - standing.first >= at) begin(standing, standing.first + at);
    if (standing.isOn && length !== undefined && now - standing.began >= length) standing.isOn = false;
    return standing;
  }
}

function begin(standing: Standing, began: number): void {
  standing.isOn = true;
  standing.began = began;
  standing.beginnings++;
}
