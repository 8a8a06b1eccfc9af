/**
 * The tracker that follows from a protocol's tables: one connection a flow (`FlowTracker`), which gets what it needs
 * from messages, machine and waits.
 */
import type { Dialect } from '../dialect.ts';
import { type Exchange as FlowExchange, type FlowProtocol, NOT_CAPTURED } from '../follow/flow-tracker.ts';
import { HELD } from '../framing/framing.ts';
import { type Machine, stay } from '../protocol/machine.ts';
import type { Carrier } from '../protocol/protocol.ts';
import { editionsOf } from '../protocol/statements.ts';
import type { Message } from '../wire/message.ts';
import { NotCaptured, withReaders } from './exchange.ts';
import { FIN, type MachineSpec, ROLES, type Role } from './machine.ts';
import type { Messages } from './messages.ts';
import type { Following, FramingByState, ProtocolSpec } from './spec.ts';
import { waitsOf } from './waits.ts';

type AnyMachine = MachineSpec<string, string>;

/** What the tables say, as they are once the names in them are known to be right. */
export interface Tables<Memory>
  extends Following<Messages, string, string, Memory, never>,
    Pick<ProtocolSpec<Messages, string, string, Memory>, 'carriers' | 'statements' | 'stateOfBoth'> {
  readonly messages: Messages;
  readonly machine: AnyMachine;
}

/**
 * What a `FlowTracker` needs of the protocol, in a run of this dialect.
 * @throws Error for waits that ask for messages or fields that there are not
 */
export function followerOf<Memory>(tables: Tables<Memory>, machine: Machine) {
  const { messages, remember, take, prepare, editionOf, stateOfBoth } = tables;
  const names = messages.layouts.map(({ name }) => name);
  const waits = waitsOf(messages, tables.waits ?? {}, tables.machine.states);
  const { states } = tables.machine;
  const framings = tables.framingIn && framingsOf(tables.framingIn, states, tables.carriers);
  const endsStream = machine.table.events.includes(FIN) && !names.includes(FIN);
  return (dialect: Dialect): FlowProtocol<Memory> => ({
    layouts: messages.layouts,
    machine,
    typeOf: typeOf(messages, tables.nameOf),
    remember: () => remember?.() as Memory,
    opening: tables.opening ?? openingOf(tables.machine, names),
    answers: answersOf(tables.machine, names, messages),
    midstream: tables.machine.midstream ?? states[1] ?? states[0],
    waits: waits.map(wait => wait(dialect)),
    extend: exchange => withReaders(exchange, dialect),
    ...(endsStream && { endOfStream: FIN }),
    ...(framings && { framings }),
    ...(stateOfBoth && { stateOfBoth }),
    ...(editionOf && { editionOf: placeOf(editionOf, editionsOf(tables)) }),
    ...(take && { take: reading(take) }),
    ...(prepare && { prepare: reading(prepare) }),
  });
}

/** By state, of each role: the place of its framing among those of the stream's carrier. */
function framingsOf(
  framingIn: Readonly<Partial<Record<Role, FramingByState<string>>>>,
  states: readonly string[],
  carriers: readonly Carrier[],
): readonly (readonly number[])[] {
  const { framing, later = [] } = carriers.find(({ transport }) => transport === 'tcp') ?? { framing: '' };
  const ids = [framing, ...later].map(one => (typeof one === 'string' ? one : one.id));
  return ROLES.map(role => {
    const own = Object.entries(framingIn[role] ?? {});
    for (const [state, id] of own) {
      if (!states.includes(state)) throw new Error(`framingIn: ${role}: ${state} is no state`);
      if (id !== HELD && !ids.includes(String(id)))
        throw new Error(`framingIn: ${role}: ${id} is no framing of its carrier on tcp`);
    }
    const places = new Map(own.map(([state, id]) => [state, id === HELD ? HELD : ids.indexOf(String(id))]));
    return states.map(state => places.get(state) ?? 0);
  });
}

/** The edition's place from 1; 0 for none that there is. */
function placeOf<Memory>(editionOf: (memory: Memory) => string | undefined, editions: readonly string[]) {
  return (memory: Memory): number => editions.indexOf(editionOf(memory) ?? '') + 1;
}

/** A hook of the protocol's, which may ask for what the capture does not hold. */
function reading<Memory, X>(hook: (exchange: X) => void) {
  return (exchange: FlowExchange<Memory>): unknown => {
    try {
      return hook(exchange as unknown as X);
    } catch (error) {
      if (error instanceof NotCaptured) return NOT_CAPTURED;
      throw error;
    }
  };
}

/** Of which type is a message? By its name where a function tells it, else by its code. */
function typeOf(
  messages: Messages,
  nameOf: ((message: Message, fromClient: boolean) => string | undefined) | undefined,
) {
  if (!nameOf) return messages.find;
  return (message: Message, fromClient: boolean): number => {
    const name = nameOf(message, fromClient);
    return name === undefined ? messages.find(message, fromClient) : messages.indexOf(name);
  };
}

/** May this side send the message in some state? */
function maySend({ states, ...tables }: AnyMachine, role: 'client' | 'server', name: string): boolean {
  return states.some(state => tables[role][state]?.[name] !== undefined);
}

/** Messages that the first state has a place for and that lead out of it: no connection has them in its middle. */
function openingOf<Name extends string>(machine: MachineSpec<string, Name>, names: readonly Name[]): readonly Name[] {
  const [first] = machine.states;
  return names.filter(name =>
    [machine.client, machine.server].some(table => {
      const cell = (table as AnyMachine['client'])[first]?.[name];
      return cell !== undefined && cell !== first && cell !== stay;
    }),
  );
}

/** Messages that only servers send: they tell the roles where the beginning was not seen. */
function answersOf<Name extends string>(
  machine: MachineSpec<string, Name>,
  names: readonly Name[],
  messages: Messages,
): readonly Name[] {
  return names.filter(
    name =>
      messages.ofServer.includes(name) ||
      (maySend(machine as AnyMachine, 'server', name) && !maySend(machine as AnyMachine, 'client', name)),
  );
}
