/**
 * A state machine's table as Mermaid state diagrams: what a side may do, drawn from the law itself so that no picture
 * can differ from it.
 *
 * Drawn are the legal steps that change the state, one arrow a pair of states with all its events; what is illegal
 * stands in the table of rules. Steps that lead to the same state from everywhere (an ABORT) are one arrow from a node of
 * their own, for a reader learns less from eight arrows than from one. Roles whose pictures are the same share one. The text keeps
 * to what every Mermaid since 10 understands.
 */
import type { Cell, MachineTable } from './machine.ts';

type Table = MachineTable<string, string, string>;
type TableCell = Cell<string, string>;

export interface Diagram {
  /** Roles that it holds for; all of the table's if there is but one diagram. */
  readonly roles: readonly string[];
  /** Mermaid source, without a line feed at its end. */
  readonly source: string;
}

/** What a diagram shows, for those who draw it themselves. */
export interface StateGraph {
  readonly roles: readonly string[];
  readonly start: string;
  /** In the order of the table; last the node for "wherever it is", if there is one. */
  readonly states: readonly string[];
  readonly final: readonly string[];
  /** The node for "wherever it is". */
  readonly everywhere: string;
  /** At most one for two states; lines of what leads from the one to the other. */
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly lines: readonly string[] }[];
}

/** One of those whose steps a diagram shows: a side as it sends, or as it receives. */
interface Actor {
  /** `sends`, `receives`, `client sends`. */
  readonly verb: string;
  readonly role: string;
  /** False for arrivals. */
  readonly sends: boolean;
  readonly cells: Table['send'][string];
}

interface Step {
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly actor: Actor;
  /** `, if the peer sent SYN`; empty for a step that depends on nothing. */
  readonly condition: string;
  /** The actor's side must, or must not, have sent this itself. */
  readonly needs: { readonly event: string; readonly sent: boolean } | undefined;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly steps: Step[];
}

/** From so many states on, a step that every state has in common is drawn once. */
const MANY_STATES = 3;
const INDENT = '    ';
const EVERYWHERE = 'any live state';
/** Words of Mermaid's own that cannot name a state, in any case. */
const RESERVED = /^(?:state|note|end|class|classdef|style|click|default|direction|scale|hide|statediagram.*)$/i;

/**
 * The diagrams of a table, in the order of its roles. Where no arrival changes anything the state is the connection's, not
 * a side's, and one diagram shows what both do to it.
 */
export function stateDiagrams(table: Table): readonly Diagram[] {
  return stateGraphs(table).map(graph => ({ roles: graph.roles, source: draw(graph) }));
}

/** The same as data. */
export function stateGraphs(table: Table): readonly StateGraph[] {
  const { roles } = table;
  if (hasOneState(table)) {
    const actors = roles.map(role => sending(table, role, `${role} sends`));
    return [graphOf(table, roles, actors)];
  }
  const graphs = new Map<string, StateGraph>();
  for (const role of roles) {
    const graph = graphOf(table, [role], [sending(table, role, 'sends'), receiving(table, role)]);
    const picture = JSON.stringify({ ...graph, roles: [] });
    graphs.set(picture, { ...graph, roles: [...(graphs.get(picture)?.roles ?? []), role] });
  }
  return [...graphs.values()];
}

/** Whether the state is the connection's, not a side's. */
export function hasOneState(table: Table): boolean {
  const differ = new Set(table.roles.map(role => JSON.stringify([table.send[role], table.receive[role]]))).size > 1;
  return differ && !arrivalsMatter(table);
}

function sending(table: Table, role: string, verb: string): Actor {
  return { verb, role, sends: true, cells: table.send[role] };
}

function receiving(table: Table, role: string): Actor {
  return { verb: 'receives', role, sends: false, cells: table.receive[role] };
}

function arrivalsMatter(table: Table): boolean {
  const arrivals = table.roles.map(role => receiving(table, role));
  return table.states.some(state => stepsFrom(table, arrivals, state).some(({ to }) => to !== state));
}

/** The steps of these actors that are drawn, by the states that they start from. */
function stepsOf(table: Table, actors: readonly Actor[]): readonly Step[] {
  const isPossible = possibleSteps(table, actors);
  const drawn = (state: string) =>
    stepsFrom(table, actors, state).filter(step => step.to !== state && isPossible(step));
  const reached = new Set([table.states[0]]);
  // A set is walked in the order of insertion, what is added on the way included.
  for (const state of reached) for (const { to } of drawn(state)) reached.add(to);
  return table.states.filter(state => reached.has(state)).flatMap(drawn);
}

/**
 * Tells whether what a step needs can be: that by legal steps alone its state is reached with, or without, its side
 * having sent something. A step that only follows on a malformed message is part of the law, but nothing to draw.
 */
function possibleSteps(table: Table, actors: readonly Actor[]): (step: Step) => boolean {
  const histories = new Map<string, ReturnType<typeof statesAround>>();
  return ({ from, actor, needs }) => {
    if (!needs) return true;
    const key = `${actor.role} ${needs.event}`;
    const history = histories.get(key) ?? statesAround(table, actors, actor.role, needs.event);
    histories.set(key, history);
    return (needs.sent ? history.after : history.before).has(from);
  };
}

/** States that legal steps lead to before, and after, a role has sent `event`. */
function statesAround(table: Table, actors: readonly Actor[], role: string, event: string) {
  const before = new Set([table.states[0]]);
  const after = new Set<string>();
  for (const state of before) {
    for (const step of stepsFrom(table, actors, state)) {
      if (step.actor.sends && step.actor.role === role && step.event === event) after.add(step.to);
      else before.add(step.to);
    }
  }
  for (const state of after) for (const { to } of stepsFrom(table, actors, state)) after.add(to);
  return { before, after };
}

/** All legal steps from a state, those that stay in it included. */
function stepsFrom({ events }: Table, actors: readonly Actor[], from: string): readonly Step[] {
  return actors.flatMap(actor =>
    events.flatMap(event =>
      waysOf(actor.cells[from][event] ?? actor.cells[from].others).flatMap(({ cell, condition, fact }) =>
        cell?.kind === 'go'
          ? [{ from, to: cell.next ?? from, event, actor, condition, needs: fact?.who === 'self' ? fact : undefined }]
          : [],
      ),
    ),
  );
}

/** What a cell comes to, and on what that depends. */
export interface Way {
  readonly cell: TableCell | undefined;
  /** `, if the peer sent SYN`; empty for a way that depends on nothing. */
  readonly condition: string;
  /** The fact behind the condition: that the side itself, or its peer, has sent this event before, or has not. */
  readonly fact: { readonly who: 'self' | 'peer'; readonly event: string; readonly sent: boolean } | undefined;
}

/** The one way of a plain cell, or the two of a conditional one. */
export function waysOf(cell: TableCell | undefined): readonly Way[] {
  if (cell?.kind !== 'when') return [{ cell, condition: '', fact: undefined }];
  const { who, sent: event, then, otherwise } = cell;
  const words = `${who === 'peer' ? 'the peer' : 'it'} sent ${event}`;
  return [
    { cell: then, condition: `, if ${words}`, fact: { who, event, sent: true } },
    { cell: otherwise, condition: `, unless ${words}`, fact: { who, event, sent: false } },
  ];
}

function graphOf(table: Table, roles: readonly string[], actors: readonly Actor[]): StateGraph {
  const { states, final } = table;
  const steps = stepsOf(table, actors);
  const drawn = states.filter(state => state === states[0] || steps.some(({ from, to }) => [from, to].includes(state)));
  const living = drawn.filter(state => !final.includes(state));
  const common = commonSteps(steps, living);
  const arrows = grouped([...steps.filter(step => !common.some(other => isSame(step, other))), ...common]);
  return {
    roles,
    start: states[0],
    states: common.length > 0 ? [...drawn, EVERYWHERE] : drawn,
    final: drawn.filter(state => final.includes(state)),
    everywhere: EVERYWHERE,
    arrows: arrows.map(arrow => ({ from: arrow.from, to: arrow.to, lines: linesOf(arrow) })),
  };
}

function draw({ start, states, final, arrows }: StateGraph): string {
  const ids = idsOf(states);
  const id = (name: string) => ids.get(name) ?? name;
  return [
    'stateDiagram-v2',
    ...states.filter(name => id(name) !== name).map(name => `state "${plain(name)}" as ${id(name)}`),
    `[*] --> ${id(start)}`,
    ...arrows.map(({ from, to, lines }) => `${id(from)} --> ${id(to)} : ${lines.map(plain).join('<br>')}`),
    ...final.map(state => `${id(state)} --> [*]`),
  ].join(`\n${INDENT}`);
}

/** Steps that all living states but the one they lead to have in common, each once. */
function commonSteps(steps: readonly Step[], living: readonly string[]): readonly Step[] {
  return steps.flatMap((step, index) => {
    const sources = steps.filter(other => isSame(step, other)).map(({ from }) => from);
    const everywhere = living.every(state => state === step.to || sources.includes(state));
    const isFirst = steps.findIndex(other => isSame(step, other)) === index;
    return isFirst && everywhere && sources.length >= MANY_STATES ? [{ ...step, from: EVERYWHERE }] : [];
  });
}

/** They differ in nothing but the state that they start from. */
function isSame(a: Step, b: Step): boolean {
  return a.to === b.to && a.event === b.event && a.actor === b.actor && a.condition === b.condition;
}

function grouped(steps: readonly Step[]): readonly Arrow[] {
  const arrows: Arrow[] = [];
  for (const step of steps) {
    const arrow = arrows.find(({ from, to }) => from === step.from && to === step.to);
    if (arrow) arrow.steps.push(step);
    else arrows.push({ from: step.from, to: step.to, steps: [step] });
  }
  return arrows;
}

/** One line for all events that are sent, or received, under one condition: `sends INIT or DATA, if the peer sent ACK`. */
function linesOf({ steps }: Arrow): readonly string[] {
  const lines = new Map<string, Step[]>();
  for (const step of steps) {
    const key = `${step.actor.verb}${step.condition}`;
    lines.set(key, [...(lines.get(key) ?? []), step]);
  }
  return [...lines.values()].map(same => {
    const [{ actor, condition }] = same;
    return `${actor.verb} ${same.map(({ event }) => event).join(' or ')}${condition}`;
  });
}

/** Names that Mermaid takes for a state: letters, digits and underscores, no two the same. */
function idsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    let id = name.replace(/[^A-Za-z0-9_]/g, '_');
    while (RESERVED.test(id) || taken.has(id)) id += '_';
    ids.set(name, id);
    taken.add(id);
  }
  return ids;
}

/** The text without what has a meaning in a label. */
function plain(text: string): string {
  return text.replace(/[:;#%"<>{}[\]\\`\s]+/g, ' ').trim();
}
