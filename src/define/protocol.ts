/**
 * A protocol as a value: messages, machine, waits and rules in tables, of which everything follows that the engine asks
 * of a protocol. What no table can say is a function beside them, down to a tracker of one's own.
 */

import type { Dialect, DialectOption } from '../dialect.ts';
import { type Exchange as FlowExchange, FlowTracker, NOT_CAPTURED } from '../follow/flow-tracker.ts';
import type { Framing } from '../framing/framing.ts';
import { READY } from '../framing/ready.ts';
import type { Evidence, Rule } from '../lint/rule.ts';
import { type Machine, stay } from '../protocol/machine.ts';
import type { Carrier, Protocol, Provocation, Refusals, Tracker, TrackerHost } from '../protocol/protocol.ts';
import { UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { Replaying } from '../protocol/replay.ts';
import { editionsOf, type Statement } from '../protocol/statements.ts';
import type { Field, Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import {
  type AnyExchange,
  type Exchange,
  type FieldName,
  type MessageName,
  NotCaptured,
  withReaders,
} from './exchange.ts';
import { FIN, type MachineSpec, machineOf } from './machine.ts';
import type { Messages } from './messages.ts';
import { type OpensWith, recognitionOf, recognitionWords, wholeMessages } from './opening.ts';
import { replayOf } from './replaying.ts';
import { formWords, hasForm, typedForm } from './rule.ts';
import { type WaitSpecs, waitsOf } from './waits.ts';

/** Carried by TCP, cut into messages by a framing. */
export const tcp = (framing: Carrier['framing'], options: Omit<Carrier, 'transport' | 'framing'> = {}): Carrier => {
  return { transport: 'tcp', framing, ...options };
};

/** Carried by UDP, a message a datagram. */
export const udp = (options: Omit<Carrier, 'transport' | 'framing'> = {}): Carrier => {
  return { transport: 'udp', framing: 'datagram', ...options };
};

export interface ProtocolSpec<
  Table extends Messages,
  State extends string,
  WaitName extends string,
  Memory,
  X = Exchange<Table, WaitName, Memory>,
> {
  /** Name of the folder, and what stands before the slash of each rule. */
  readonly id: string;
  readonly title: string;
  /** One line: what it is for. */
  readonly summary: string;
  /** Name of the specification, as findings cite it. */
  readonly specification: string;
  readonly carriers: readonly Carrier[];
  readonly messages: Table;
  readonly machine: MachineSpec<State, MessageName<Table>>;
  readonly rules: readonly Rule<NoInfer<X>>[];
  /** The numbered statements of the specification, in its order, edition by edition. */
  readonly statements?: readonly Statement[];
  /** Which edition of them a connection speaks, as far as it is known: rules are counted by it. */
  readonly editionOf?: (memory: Memory) => string | undefined;
  readonly waits?: WaitSpecs<MessageName<Table>, FieldName<Table>, WaitName>;
  /** By what it is recognised without a port mapping. Absent: not at all. */
  readonly opensWith?: OpensWith;
  /** The same in words, where `opensWith` does not say it well. */
  readonly recognition?: string;
  /**
   * Messages that begin a connection: one that starts so was seen from its beginning. Those that move the first state
   * where this is absent.
   */
  readonly opening?: readonly MessageName<Table>[];
  readonly dialect?: readonly DialectOption[];
  /** What is remembered of a connection besides states and waits. What peers can put into it must have a bound. */
  readonly remember?: () => Memory;
  /** Makes a well-formed message part of the memory, after it was judged. */
  readonly take?: (exchange: X) => void;
  /** Looks at a well-formed message before anything but its form is judged. */
  readonly prepare?: (exchange: X) => void;
  /** Name of a message that its code does not tell. */
  readonly nameOf?: (message: Message, fromClient: boolean) => MessageName<Table> | undefined;
  /**
   * Where to go on after bytes of a stream were lost: does a message begin at `at`, beyond doubt? Absent: at a segment
   * of whole messages, where the framing has lengths; `false` gives the direction up.
   */
  readonly resync?: ((bytes: Uint8Array, at: number, end: number) => boolean) | false;
  /** What fields must say of the rest of their message, where no table and no framing knows it: see `Protocol.mended`. */
  readonly mended?: (message: Message, layout: Layout) => Readonly<Record<string, number | string>>;
  /** What fields always say, or nearly always, for those who make messages: see `Protocol.usual`. */
  readonly usual?: (layout: Layout) => Readonly<Record<string, number | string>>;
  /** The field that tells its messages apart best, as filters name it: what they are counted by first. */
  readonly countBy?: string;
  /** What is another in every conversation, for `wirelint replay`, beside the fields by which answers are found. */
  readonly replay?: Replaying;
  /** How its rules can be broken on purpose, for `wirelint proxy --attack`. */
  readonly provocations?: readonly Provocation[];
  /** How a side says that it will not go on. */
  readonly refusals?: Refusals;
  /** The framing that it lends to others under its id, being a carrier itself. */
  readonly framing?: Framing;
  readonly stateOfBoth?: (client: number, server: number) => number;
  readonly dialectProblem?: (dialect: Dialect) => string | undefined;
  /** A tracker of its own, for what the common one cannot do: several connections over a flow, sessions beyond it. */
  readonly createTracker?: (host: TrackerHost<X>, message: Message) => Tracker;
}

/**
 * Makes a protocol of its tables.
 * @throws Error for tables that do not fit together: names that there are not, a machine with a hole. What else a
 *   protocol must have is checked when it is loaded.
 */
export function defineProtocol<
  const Table extends Messages,
  const State extends string,
  WaitName extends string = never,
  Memory = undefined,
>(spec: ProtocolSpec<Table, State, WaitName, Memory>): Protocol<Exchange<Table, WaitName, Memory>> {
  type X = Exchange<Table, WaitName, Memory>;
  const { messages, dialect = [], opensWith } = spec;
  const names = messages.layouts.map(({ name }) => name as MessageName<Table>);
  const machine = machineOf(spec.machine, names);
  const waits = waitsOf(messages, spec.waits ?? {});
  const midstream = spec.machine.midstream ?? spec.machine.states[1] ?? spec.machine.states[0];
  const recognise = opensWith && recognitionOf(opensWith);
  const stream = spec.carriers.find(({ transport }) => transport === 'tcp');
  const resync = spec.resync ?? (stream && resyncOf(messages, stream, spec.framing));
  const replay = replayOf(spec.waits ?? {}, spec.replay);
  const opening = spec.opening ?? openingOf(spec.machine, names);
  const common = (host: TrackerHost<X>, message: Message): Tracker =>
    new FlowTracker<Memory>(host as unknown as TrackerHost<FlowExchange<Memory>>, message, {
      layouts: messages.layouts,
      machine,
      typeOf: typeOf(messages, spec.nameOf),
      remember: () => spec.remember?.() as Memory,
      opening,
      answers: answersOf(spec.machine, names, messages),
      midstream,
      waits: waits.map(wait => wait(host.dialect)),
      extend: exchange => withReaders(exchange, host.dialect),
      ...(machine.table.events.includes(FIN) && !names.includes(FIN as MessageName<Table>) && { endOfStream: FIN }),
      ...(spec.stateOfBoth && { stateOfBoth: spec.stateOfBoth }),
      ...(spec.editionOf && { editionOf: placeOf(spec.editionOf, editionsOf(spec)) }),
      ...(spec.take && { take: reading(spec.take) }),
      ...(spec.prepare && { prepare: reading(spec.prepare) }),
    });
  return {
    id: spec.id,
    title: spec.title,
    summary: spec.summary,
    specification: spec.specification,
    carriers: spec.carriers,
    recognition: spec.recognition ?? (opensWith ? recognitionWords(opensWith) : 'by its port alone (-d)'),
    dialect,
    layouts: messages.layouts,
    machine,
    rules: rulesOf(spec.rules, machine, messages, spec.nameOf !== undefined),
    createTracker: spec.createTracker ?? common,
    ...(spec.statements && { statements: spec.statements }),
    ...(recognise && spec.carriers.some(({ transport }) => transport === 'udp') && { recognise: recognise.datagrams }),
    ...(recognise && stream && { recogniseStream: recognise.stream }),
    ...(resync && { resync }),
    ...(spec.mended && { mended: spec.mended }),
    ...(spec.usual && { usual: spec.usual }),
    ...(spec.framing && { framing: spec.framing }),
    ...(spec.countBy !== undefined && { countBy: spec.countBy }),
    ...(replay && { replay }),
    ...(spec.provocations && { provocations: spec.provocations }),
    ...(spec.refusals && { refusals: spec.refusals }),
    ...(spec.stateOfBoth && { stateOfBoth: spec.stateOfBoth }),
    ...(spec.dialectProblem && { dialectProblem: spec.dialectProblem }),
  };
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

/** Where to go on after a loss, with a framing that does not know a beginning when it sees one. */
function resyncOf(messages: Messages, carrier: Carrier, own: Framing | undefined) {
  const { framing: name } = carrier;
  const framing = typeof name === 'string' ? [...READY, ...(own ? [own] : [])].find(({ id }) => id === name) : name;
  if (!framing || framing.beginning) return undefined;
  const hidden = framing.hidden + (framing.hiddenAtEnd ?? 0);
  return wholeMessages(messages, framing, Math.min(framing.longest, (carrier.longest ?? framing.longest) + hidden));
}

type AnyMachine = MachineSpec<string, string>;

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

/**
 * The rules, with what the tables tell of them: which messages form is judged of, words for a fault of form or order.
 *
 * @param isNamed a function tells types, which may read any of a message
 */
function rulesOf<X extends AnyExchange>(
  rules: readonly Rule<X>[],
  machine: Machine,
  { layouts, type }: Messages,
  isNamed: boolean,
): readonly Rule<X>[] {
  const typeField = layouts[0].fields[type];
  const isTyped = ({ captured, length }: Message) =>
    captured >= (isNamed ? length : Math.min(length, typeField.offset + typeField.size));
  return rules.map(rule => {
    const words =
      rule.check === hasForm ? formWords : machine.rules.includes(rule.id) ? orderWords(machine) : undefined;
    return {
      ...rule,
      ...(rule.check === hasForm && {
        on: [...layouts.map(({ name }) => name), UNKNOWN_MESSAGE],
        check: typedForm(isTyped),
      }),
      ...(!rule.describe && words && { describe: (exchange: X) => words(exchange, typeField) }),
    };
  });
}

/** Words for a message that its sender may not send in its state. */
function orderWords(machine: Machine) {
  const { roles, states, events } = machine.table;
  return ({ layout, fromClient, subject }: AnyExchange, { offset, size }: Field): Evidence => {
    const role = fromClient ? 0 : roles.length - 1;
    const state = states.indexOf(subject.state);
    const legal = events.filter((event, index) => {
      const way = machine.cell(role, state, index, false) * 2;
      return event !== FIN && (machine.rule[way] === 0 || machine.rule[way + 1] === 0);
    });
    return {
      message: `the ${roles[role]} may not send ${layout?.name} in ${subject.state}`,
      expected: legal.length === 0 ? 'nothing' : legal.join(', '),
      actual: `${layout?.name} in ${subject.state}`,
      bytes: { offset, length: size },
    };
  };
}
