/**
 * The flows of no known protocol as rows, the chosen one, and what can be done about it: which port it would be decoded by,
 * and as what. When the captures are judged again the chosen one may have become a connection, which is looked for.
 */
import type { History } from '../../history/history.ts';
import type { UnknownFlow } from '../../history/unknown-flows.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';

/** Ports from here on are mostly those of clients (Linux's ephemeral range; IANA's begins later). */
const FIRST_EPHEMERAL = 32_768;

/** Rows in the order of the frames that they begin with, and where one is in them. */
export class FlowRows {
  selected: UnknownFlow | undefined = undefined;
  #rows: readonly UnknownFlow[] = [];
  #of: readonly UnknownFlow[] | undefined = undefined;

  of({ unknown: { list } }: History): readonly UnknownFlow[] {
    if (this.#of === list && this.#rows.length === list.length) return this.#rows;
    this.#of = list;
    this.#rows = list.toSorted((one, other) => one.capture - other.capture || one.frame - other.frame);
    return this.#rows;
  }

  select(history: History, row: number): void {
    this.selected = this.of(history)[row];
  }

  /** Row of the chosen one; the first while none is, negative where there are no rows. */
  row(history: History): number {
    const rows = this.of(history);
    this.selected ??= rows[0];
    return this.selected ? rows.indexOf(this.selected) : -1;
  }
}

/** The port that the other end was called by, as far as that can be guessed: `tcp.port==22`. */
export function portOf({ transport, ends: [first, second] }: UnknownFlow): string {
  const isFirst = first.port < FIRST_EPHEMERAL && second.port >= FIRST_EPHEMERAL;
  return `${transport}.port==${(isFirst ? first : second).port}`;
}

/** Protocols that can be carried by its transport. */
export function protocolsFor({ transport }: UnknownFlow, protocols: readonly AnyProtocol[]): readonly AnyProtocol[] {
  return protocols.filter(({ carriers }) => carriers.some(carrier => carrier.transport === transport));
}

/** Looks for the first connection between the ends of a flow, in a run that goes on. */
export class FlowSeeking {
  readonly #flow: UnknownFlow;
  readonly #setting: string;
  #next = 1;

  /** @param setting what was asked for: `tcp.port==22,mqtt` */
  constructor(flow: UnknownFlow, setting: string) {
    this.#flow = flow;
    this.#setting = setting;
  }

  /** What to say when the run is over and there is none. */
  get failure(): string {
    const [port] = this.#setting.split(',', 1);
    return `${this.#setting}: not one message in the flow; :decode ${port},none undoes it`;
  }

  /** Its number; 0 when there is none yet. */
  find({ connections }: History): number {
    for (; this.#next <= connections.count; this.#next++) {
      if (connections.has(this.#next) && this.#isIt(connections, this.#next)) return this.#next;
    }
    return 0;
  }

  #isIt(connections: History['connections'], connection: number): boolean {
    const { capture, transport, ends } = this.#flow;
    if (connections.capture(connection) !== capture || connections.transport(connection) !== transport) return false;
    const own = ([0, 1] as const).map(side => JSON.stringify(connections.address(connection, side)));
    const wanted = ends.map(({ family, words, port }) => JSON.stringify({ family, words, port }));
    return own.toSorted().join() === wanted.toSorted().join();
  }
}
