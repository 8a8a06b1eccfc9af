/**
 * What the contract requires of a state machine. Its table is compiled again, so that a hole, an undeclared name or a
 * nested condition is reported in the words of machine.ts, even where the object was put together by hand.
 */
import { at, isObject, isText, type Loose, repeated, shown, texts, textsOf } from './contract-words.ts';
import { Machine, type MachineTable } from './machine.ts';

const WHERE = 'state machine';
const NAMES = ['roles', 'states', 'events'];
/** Both ends of a flow have a role; more cannot be played. */
const MOST_ROLES = 2;

/** The machine of a protocol that holds up, and else what is wrong with it. */
export interface MachineVerdict {
  readonly machine: Machine | undefined;
  readonly problems: readonly string[];
}

/** @param messages names that must be events */
export function judgeMachine(value: unknown, messages: readonly string[]): MachineVerdict {
  const shape = shapeProblems(value);
  if (shape.length > 0) return { machine: undefined, problems: at(WHERE, shape) };
  const { table } = value as { table: MachineTable<string, string, string> };
  const compiled = compile(table);
  if (isText(compiled)) return { machine: undefined, problems: [compiled] };
  if (!isLike(value as Loose, compiled)) {
    return { machine: undefined, problems: [`${WHERE}: not made by new Machine(...)`] };
  }
  const problems = [
    ...messages
      .filter(name => !table.events.includes(name))
      .map(name => `${shown(name)} is a message and no event; each message has a cell in every state`),
    ...leavingTheEnd(compiled),
    ...unreachable(compiled),
  ];
  return { machine: compiled, problems: at(WHERE, problems) };
}

function shapeProblems(value: unknown): string[] {
  if (!isObject(value)) return [`machine is ${shown(value)}; it is made by new Machine(...)`];
  const { table } = value;
  if (!isObject(table)) return ['no table; it is made by new Machine(...)'];
  const { send, receive } = table;
  return [
    ...NAMES.flatMap(name => {
      const problems = texts(table, name);
      if (problems.length > 0) return problems;
      const names = textsOf(table, name);
      if (names.length === 0) return [`no ${name}`];
      return repeated(names).map(twice => `${name}: ${shown(twice)} stands there twice`);
    }),
    ...(textsOf(table, 'roles').length > MOST_ROLES ? [`${MOST_ROLES} roles are the most: a flow has two ends`] : []),
    ...texts(table, 'final'),
    ...texts(table, 'rulesOfStates'),
    ...[send, receive].flatMap((rows, i) => (isObject(rows) ? [] : [`no table ${i === 0 ? 'send' : 'receive'}`])),
    ...texts(value, 'rules'),
    ...(cellsOf(send, receive).every(isObject) ? [] : ['a row or a cell of its table is no object']),
  ];
}

/** Rows of both tables and what stands in them, as far as it can be looked at. */
function cellsOf(...tables: readonly unknown[]): unknown[] {
  const within = (values: readonly unknown[]) => values.filter(isObject).flatMap(value => Object.values(value));
  const roles = within(tables);
  const rows = within(roles);
  return [...roles, ...rows, ...within(rows)].filter(value => value !== undefined);
}

/** The machine, or why its table is none. */
function compile(table: MachineTable<string, string, string>): Machine | string {
  try {
    return new Machine(table);
  } catch (error) {
    const message = error instanceof Error ? error.message : shown(error);
    return message.startsWith(WHERE) ? message : `${WHERE}: ${message}`;
  }
}

/** Does the object hold the compiled arrays that steps are taken by? */
function isLike(value: Loose, compiled: Machine): boolean {
  const sameBytes = (name: 'guard' | 'guardMask' | 'next' | 'rule') => {
    const { [name]: own } = value;
    const { [name]: right } = compiled;
    return ArrayBuffer.isView(own) && right.every((element, i) => (own as Uint8Array)[i] === element);
  };
  return (
    value.cells === compiled.cells &&
    (['cell', 'state', 'event', 'role'] as const).every(name => typeof value[name] === 'function') &&
    (['guard', 'guardMask', 'next', 'rule'] as const).every(sameBytes)
  );
}

/** What is over stays over: no legal message leads out of a final state. */
function leavingTheEnd(machine: Machine): string[] {
  const { roles, states, events, final } = machine.table;
  return final.flatMap(state =>
    roles.flatMap((role, r) =>
      events.flatMap((event, e) => {
        const way = machine.cell(r, machine.state(state), e, false) * 2;
        const next = [way, way + 1].map(i => states[machine.next[i]]).find(name => !final.includes(name));
        return next === undefined
          ? []
          : [`${shown(state)} is final, but ${shown(event)} of ${shown(role)} leads from it to ${shown(next)}`];
      }),
    ),
  );
}

function unreachable({ table, next }: Machine): string[] {
  const { states, events } = table;
  const stateOf = (way: number) => Math.floor((way >> 1) / events.length) % states.length;
  const reached = new Set([0, ...next.filter((to, way) => to !== stateOf(way))]);
  return states.filter((_, state) => !reached.has(state)).map(name => `no cell leads to ${shown(name)}`);
}
