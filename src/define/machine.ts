/**
 * State machines as a defined protocol writes them: only what is legal, a table of states by message for each side. All
 * else breaks the rule in `otherwise`. Where nothing else is said, both sides are in the state that the messages so far
 * lead to: what one side sends moves the other as well.
 */
import { type BreaksBy, type Cell, ifPeerSent, ifSelfSent, Machine, type Row, stay, to } from '../protocol/machine.ts';

/** Event of the end of a side's stream: FIN on TCP. Has a place in the tables where it means something. */
export const FIN = 'FIN';

/** A state to go to, or a cell: `stay`, `breaks(rule)`, `ifPeerSent(...)`. */
type LegalCell<State extends string, Name extends string> = State | Cell<State, Name>;
type SideTable<State extends string, Name extends string> = {
  readonly [S in State]?: { readonly [N in Name | typeof FIN]?: LegalCell<State, Name | typeof FIN> };
};

export interface MachineSpec<State extends string, Name extends string> {
  /** The first is where both sides begin. */
  readonly states: readonly State[];
  /** States in which a connection is over; those that no legal message leads out of, where absent. */
  readonly final?: readonly NoInfer<State>[];
  /** What each side may send, by state. */
  readonly client: SideTable<NoInfer<State>, Name>;
  readonly server: SideTable<NoInfer<State>, Name>;
  /** What messages do that the tables do not have; needed unless they have a place for each in every state. */
  readonly otherwise?: BreaksBy<NoInfer<State>> | Cell<NoInfer<State>, never>;
  /**
   * `follow`: what a side sends moves the other in the same way, as if both had one state. `stay`: each side has a state
   * of its own, which the other's messages leave alone. Or tables, as above, of what arriving messages do; what they
   * do not have changes nothing.
   */
  readonly receives?:
    | 'follow'
    | 'stay'
    | { readonly client: SideTable<NoInfer<State>, Name>; readonly server: SideTable<NoInfer<State>, Name> };
  /** State of a connection that the capture meets in the middle; the second of `states` where absent. */
  readonly midstream?: NoInfer<State>;
  /** Rules that come into force with a state, see `Machine`. */
  readonly rulesOfStates?: readonly { readonly id: string }[];
}

export const ROLES = ['client', 'server'] as const;
export type Role = (typeof ROLES)[number];

/** @throws Error for an unknown name in the tables */
export function machineOf<State extends string, Name extends string>(
  spec: MachineSpec<State, Name>,
  names: readonly Name[],
): Machine<Role, State, Name | typeof FIN> {
  const { states, otherwise: illegal, receives = 'follow' } = spec;
  const usesFin = [spec.client, spec.server].some(table => states.some(state => table[state]?.[FIN] !== undefined));
  const events: readonly (Name | typeof FIN)[] = usesFin && !names.includes(FIN as Name) ? [...names, FIN] : names;
  for (const [role, table] of [
    ['client', spec.client],
    ['server', spec.server],
  ] as const)
    requireNames(role, table, states, events);
  const send =
    (role: Role) =>
    (state: State): Row<State, Name | typeof FIN> => {
      const row = { ...spec[role][state] } as Record<string, LegalCell<State, Name | typeof FIN> | undefined>;
      const cells = Object.entries(row).map(([event, cell]) => [event, cellOf(cell)]);
      // The end of a stream is nobody's fault where the table has no place for it.
      if (usesFin && row[FIN] === undefined) cells.push([FIN, stay]);
      return { ...Object.fromEntries(cells), ...(illegal && { others: illegalIn(illegal, state) }) };
    };
  const receive =
    (role: Role) =>
    (state: State): Row<State, Name | typeof FIN> => {
      if (receives === 'stay') return Object.fromEntries([['others', stay]]) as Row<State, Name | typeof FIN>;
      if (receives === 'follow') return mapRow(send(role === 'client' ? 'server' : 'client')(state), movedBy);
      const row = receives[role][state] ?? {};
      const cells = Object.entries(row).map(([event, cell]) => [event, cellOf(cell as LegalCell<State, Name>)]);
      return { ...Object.fromEntries(cells), others: stay };
    };
  const rows = (of: (state: State) => Row<State, Name | typeof FIN>) =>
    Object.fromEntries(states.map(state => [state, of(state)])) as Record<State, Row<State, Name | typeof FIN>>;
  return new Machine({
    roles: ROLES,
    states,
    final: spec.final ?? finalOf(spec),
    events,
    send: { client: rows(send('client')), server: rows(send('server')) },
    receive: { client: rows(receive('client')), server: rows(receive('server')) },
    rulesOfStates: (spec.rulesOfStates ?? []).map(({ id }) => id),
  });
}

function illegalIn<State extends string>(
  illegal: BreaksBy<State> | Cell<State, never>,
  state: State,
): Cell<State, never> {
  return 'kind' in illegal ? illegal : { kind: 'break', rule: illegal.rule, next: illegal.nextBy[state] };
}

function cellOf<State extends string, Name extends string>(
  cell: LegalCell<State, Name> | undefined,
): Cell<State, Name> {
  return cell === undefined ? stay : typeof cell === 'string' ? to(cell) : cell;
}

function mapRow<State extends string, Name extends string>(
  row: Row<State, Name>,
  change: (cell: Cell<State, Name>) => Cell<State, Name>,
): Row<State, Name> {
  const cells = Object.entries<Cell<State, Name> | undefined>(row);
  return Object.fromEntries(cells.map(([event, cell]) => [event, cell && change(cell)])) as Row<State, Name>;
}

/** What the cell of the sender does to the side that receives: the same move, and no rule is broken by receiving. */
function movedBy<State extends string, Name extends string>(cell: Cell<State, Name>): Cell<State, Name> {
  switch (cell.kind) {
    case 'go':
      return cell;
    case 'break':
      return { kind: 'go', next: cell.next };
    case 'when':
      // What the sender has sent is what the peer of the receiver has.
      return (cell.who === 'self' ? ifPeerSent : ifSelfSent)(cell.sent, movedBy(cell.then), movedBy(cell.otherwise));
  }
}

/** States that no legal message leads out of. */
function finalOf<State extends string, Name extends string>(spec: MachineSpec<State, Name>): readonly State[] {
  const leadsOut = (cell: unknown, state: State): boolean => {
    if (typeof cell === 'string') return cell !== state;
    const {
      kind,
      next,
      then,
      otherwise: other,
    } = cell as Extract<Cell<State, Name>, { kind: 'when' }> & {
      readonly next?: State;
    };
    return kind === 'when' ? leadsOut(then, state) || leadsOut(other, state) : next !== undefined && next !== state;
  };
  if (spec.states.length === 1) return [];
  return spec.states.filter(state =>
    ROLES.every(role =>
      Object.values(spec[role][state] ?? {}).every(cell => cell === undefined || !leadsOut(cell, state)),
    ),
  );
}

/** For those who write JavaScript: a misspelt name would stand for nothing. */
function requireNames(role: string, table: object, states: readonly string[], events: readonly string[]): void {
  for (const [state, row] of Object.entries(table as Readonly<Record<string, object>>)) {
    if (!states.includes(state)) throw new Error(`state machine: ${role}: ${state} is no state`);
    for (const event of Object.keys(row)) {
      if (!events.includes(event)) throw new Error(`state machine: ${role}, ${state}: ${event} is no message`);
    }
  }
}
