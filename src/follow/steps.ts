/**
 * The step that a message takes on both sides of its connection: what sending it does to its sender, then what its
 * arrival does to its receiver. Each side has a state and has sent certain messages, which cells of the machine may ask
 * about; both are as they were before the message until the whole step is taken.
 *
 * For machines with a state a side. A protocol with one state a connection, or whose step may be taken back, asks the
 * machine's run itself.
 */
import type { MachineRun } from '../protocol/machine.ts';

/** What the machine needs of one side; a view of a row, as a rule. */
export interface SideState {
  state: number;
  /** The events that it has sent, as a mask. */
  sent: number;
}

export class Steps {
  readonly #run: MachineRun;
  readonly #lastRole: number;
  readonly #unmoving: string | undefined;

  /** @param unmoving id of a rule that is broken by what has no place in the conversation: it moves nobody */
  constructor(run: MachineRun, unmoving?: string) {
    this.#run = run;
    // A machine of one role has the same for both sides.
    this.#lastRole = run.machine.table.roles.length - 1;
    this.#unmoving = unmoving;
  }

  /**
   * Takes a step.
   * @param isFirst the sender has the machine's first role, the receiver its last; otherwise the other way round
   * @param judged false where the history was not seen whole: what is broken then is named and not counted
   * @returns id of the rule that the sender broke, if any
   */
  take(event: number, isFirst: boolean, sender: SideState, receiver: SideState, judged: boolean): string | undefined {
    const run = this.#run;
    const role = isFirst ? 0 : this.#lastRole;
    const { sent } = sender;
    const peerSent = receiver.sent;
    const next = run.step(role, sender.state, event, false, sent, peerSent, judged);
    const { brokenRule } = run;
    if (brokenRule !== undefined && brokenRule === this.#unmoving) return brokenRule;
    receiver.state = run.step(this.#lastRole - role, receiver.state, event, true, peerSent, sent, judged);
    sender.state = next;
    sender.sent = sent | (1 << event);
    return brokenRule;
  }
}
