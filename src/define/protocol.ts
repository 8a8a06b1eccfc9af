/**
 * A protocol as a value: messages, machine, waits and rules in tables, of which everything follows that the engine asks
 * of a protocol. What no table can say is a function beside them, down to a tracker of one's own.
 */

import { type Exchange as FlowExchange, FlowTracker } from '../follow/flow-tracker.ts';
import type { Framing } from '../framing/framing.ts';
import { READY } from '../framing/ready.ts';
import type { Evidence, Rule } from '../lint/rule.ts';
import { Machine } from '../protocol/machine.ts';
import { type Carrier, type Protocol, type TrackerHost, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import { copyPlace, rememberPlace } from '../source-place.ts';
import type { Field, Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { AnyExchange, Exchange } from './exchange.ts';
import { followerOf, type Tables } from './follower.ts';
import { FIN, machineOf } from './machine.ts';
import type { Messages } from './messages.ts';
import { recognitionOf, recognitionWords, wholeMessages } from './opening.ts';
import { replayOf } from './replaying.ts';
import { formWords, hasForm, typedForm } from './rule.ts';
import type { MessageTable, ProtocolSpec } from './spec.ts';

/** Carried by TCP, cut into messages by a framing. */
export const tcp = (framing: Carrier['framing'], options: Omit<Carrier, 'transport' | 'framing'> = {}): Carrier => {
  return { transport: 'tcp', framing, ...options };
};

/** Carried by UDP, a message a datagram. */
export const udp = (options: Omit<Carrier, 'transport' | 'framing'> = {}): Carrier => {
  return { transport: 'udp', framing: 'datagram', ...options };
};

/** What stands with the tracker that the tables make, and nowhere else. */
const FOLLOWING = ['waits', 'opening', 'remember', 'take', 'prepare', 'nameOf', 'editionOf', 'framingIn'] as const;

/**
 * Makes a protocol: what the engine asks of one, from tables and what stands beside them.
 * @throws Error for tables that do not fit together: names that there are not, a machine with a hole; and for what the
 *   tracker that was given would never ask for. What else a protocol must have is checked when it is loaded.
 */
export function defineProtocol<
  const Table extends MessageTable,
  const State extends string,
  WaitName extends string = never,
  Memory = undefined,
  X = Exchange<Table, WaitName, Memory>,
>(spec: ProtocolSpec<Table, State, WaitName, Memory, X>): Protocol<X> {
  const { carriers, opensWith, dialect = [] } = spec;
  const { table, layouts } = tableOf(spec.messages);
  const machine = spec.machine instanceof Machine ? spec.machine : machineOf(spec.machine, layouts.map(nameOf));
  const recognised = opensWith && recognitionOf(opensWith);
  const stream = carriers.find(({ transport }) => transport === 'tcp');
  const recognise = spec.recognise ?? (carriers.some(({ transport }) => transport === 'udp') && recognised?.datagrams);
  const recogniseStream = spec.recogniseStream ?? (stream && recognised?.stream);
  const resync = spec.resync ?? (stream && table && resyncOf(table, stream, spec.framing));
  const replay = replayOf(spec.waits ?? {}, spec.replay);
  const protocol: Protocol<X> = {
    id: spec.id,
    title: spec.title,
    summary: spec.summary,
    specification: spec.specification,
    carriers,
    recognition: spec.recognition ?? (opensWith ? recognitionWords(opensWith) : 'by its port alone (-d)'),
    dialect,
    layouts,
    machine,
    ...followed(spec, table, machine),
    ...(spec.statements && { statements: spec.statements }),
    ...(recognise && { recognise }),
    ...(recogniseStream && { recogniseStream }),
    ...(resync && { resync }),
    ...(replay && { replay }),
    ...given(spec, PASSED_ON),
  };
  rememberPlace(protocol, defineProtocol);
  return protocol;
}

/** What is the contract's as it is. */
const PASSED_ON = [
  'segmentLength',
  'rowWords',
  'watchesTcp',
  'isDivisible',
  'join',
  'mended',
  'usual',
  'wiresharkNames',
  'framing',
  'countBy',
  'provocations',
  'refusals',
  'stateOfBoth',
  'dialectProblem',
] as const;

/** The messages as a table, if they are one. */
function tableOf(messages: MessageTable): {
  readonly table: Messages | undefined;
  readonly layouts: readonly Layout[];
} {
  if ('layouts' in messages) return { table: messages as Messages, layouts: (messages as Messages).layouts };
  return { table: undefined, layouts: messages };
}

const nameOf = ({ name }: Layout): string => name;

/** Those of its properties that are there. */
function given<Spec extends object, Key extends keyof Spec>(spec: Spec, names: readonly Key[]): Pick<Spec, Key> {
  const there = names.filter(name => spec[name] !== undefined).map(name => [name, spec[name]]);
  return Object.fromEntries(there) as Pick<Spec, Key>;
}

/** Who follows its connections, and the rules that are asked meanwhile. */
function followed<Table extends MessageTable, State extends string, WaitName extends string, Memory, X>(
  spec: ProtocolSpec<Table, State, WaitName, Memory, X>,
  table: Messages | undefined,
  machine: Machine,
): Pick<Protocol<X>, 'rules' | 'createTracker'> {
  const { id, createTracker } = spec;
  const useless = FOLLOWING.filter(name => spec[name] !== undefined);
  const rules = table ? rulesOf(spec.rules, machine, table, spec.nameOf !== undefined) : spec.rules;
  if (createTracker) {
    if (useless.length === 0) return { rules, createTracker };
    throw new Error(`protocol ${id}: a tracker of its own (createTracker) asks for no ${useless.join(', no ')}`);
  }
  if (!table || spec.machine instanceof Machine) {
    const reason = table ? 'a machine that is no table' : 'layouts in place of a table of messages';
    throw new Error(`protocol ${id}: ${reason} need a tracker of its own; give createTracker`);
  }
  // Without one of its own, what rules look at is the exchange that the tables make.
  const tables = { ...spec, messages: table } as unknown as Tables<Memory>;
  const follower = followerOf(tables, machine);
  type Common = TrackerHost<FlowExchange<Memory>>;
  return {
    rules,
    createTracker: (host, message) =>
      new FlowTracker<Memory>(host as unknown as Common, message, follower(host.dialect)),
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

/**
 * The rules, with what the tables tell of them: which messages form is judged of, words for a fault of form or order.
 *
 * @param isNamed a function tells types, which may read any of a message
 */
function rulesOf<X>(
  rules: readonly Rule<X>[],
  machine: Machine,
  { layouts, type }: Messages,
  isNamed: boolean,
): readonly Rule<X>[] {
  const typeField = layouts[0].fields[type];
  const isTyped = ({ captured, length }: Message) =>
    captured >= (isNamed ? length : Math.min(length, typeField.offset + typeField.size));
  const form = typedForm(isTyped);
  return rules.map(rule => {
    const words =
      rule.check === hasForm ? formWords : machine.rules.includes(rule.id) ? orderWords(machine) : undefined;
    const described = {
      ...rule,
      ...(rule.check === hasForm && {
        on: [...layouts.map(({ name }) => name), UNKNOWN_MESSAGE],
        check: (exchange: X) => form(exchange as AnyExchange),
      }),
      ...(!rule.describe && words && { describe: (exchange: X) => words(exchange as AnyExchange, typeField) }),
    };
    copyPlace(rule, described);
    return described;
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
