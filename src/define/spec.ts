/**
 * What an author says of a protocol. Most of it is tables; what no table can say is a function beside them. Where the
 * common tracker is not enough, `createTracker` takes its place: the rest stays as it is, and what the tables tell of
 * messages, machine and rules goes on following from them.
 */
import type { Dialect, DialectOption } from '../dialect.ts';
import type { Framing, HELD, Opening } from '../framing/framing.ts';
import type { Rule } from '../lint/rule.ts';
import type { Joint } from '../protocol/across.ts';
import type { Machine } from '../protocol/machine.ts';
import type {
  Carrier,
  Datagram,
  Provocation,
  Recognition,
  Refusals,
  Tracker,
  TrackerHost,
} from '../protocol/protocol.ts';
import type { Replaying } from '../protocol/replay.ts';
import type { Statement } from '../protocol/statements.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { Exchange, FieldName, MessageName } from './exchange.ts';
import type { MachineSpec } from './machine.ts';
import type { Messages } from './messages.ts';
import type { OpensWith } from './opening.ts';
import type { WaitSpecs } from './waits.ts';

/** Messages as a table; or as layouts, for a tracker of one's own that knows which is which. */
export type MessageTable = Messages | readonly Layout[];

/** Bytes by which a protocol is known, and where it goes on after a loss. */
export interface Recognising {
  /** By what it is recognised without a port mapping. Absent: not at all. */
  readonly opensWith?: OpensWith;
  /** The same in words, where `opensWith` does not say it well. */
  readonly recognition?: string;
  /** Do these first datagrams of a flow open a conversation? In place of `opensWith`, where one datagram a side is not enough. */
  readonly recognise?: (datagrams: readonly Datagram[]) => Recognition;
  /** Do these first bytes of both sides open one? In place of `opensWith`, where each side alone does not tell. */
  readonly recogniseStream?: (opening: Opening) => Recognition;
  /**
   * Where to go on after bytes of a stream were lost: does a message begin at `at`, beyond doubt? Absent: at a segment
   * of whole messages, where the framing has lengths and the messages a table; `false` gives the direction up.
   */
  readonly resync?: ((bytes: Uint8Array, at: number, end: number) => boolean) | false;
  /** Messages that a network card cuts out of one captured datagram: see `Protocol.segmentLength`. */
  readonly segmentLength?: (message: Message) => number;
}

/** How messages are made, changed and broken on purpose. */
export interface Making {
  /** What Wireshark calls its fields: see `Protocol.wiresharkNames`. */
  readonly wiresharkNames?: Readonly<Record<string, string>>;
  /** What fields must say of the rest of their message, where no table and no framing knows it: see `Protocol.mended`. */
  readonly mended?: (message: Message, layout: Layout) => Readonly<Record<string, number | string>>;
  /** What fields always say, or nearly always, for those who make messages: see `Protocol.usual`. */
  readonly usual?: (layout: Layout) => Readonly<Record<string, number | string>>;
  /** What is another in every conversation, for `wirelint replay`, beside the fields by which answers are found. */
  readonly replay?: Replaying;
  /** How its rules can be broken on purpose, for `wirelint proxy --attack`. */
  readonly provocations?: readonly Provocation[];
  /** How a side says that it will not go on. */
  readonly refusals?: Refusals;
}

/**
 * What cuts the bytes of a side in this state: a framing of the carrier, by its id, or `HELD` where it is not known yet and the
 * bytes wait for what the other side says. The carrier's first in all other states.
 */
export type FramingByState<State extends string> = { readonly [S in State]?: string | typeof HELD };

/** What the tracker that the tables make asks for. With `createTracker` none of it may be there. */
export interface Following<Table, State extends string, WaitName extends string, Memory, X> {
  readonly waits?: WaitSpecs<MessageName<Table>, FieldName<Table>, WaitName, State>;
  /**
   * Messages that begin a connection: one that starts so was seen from its beginning. Those that move the first state
   * where this is absent.
   */
  readonly opening?: readonly MessageName<Table>[];
  /** What is remembered of a connection besides states and waits. What peers can put into it must have a bound. */
  readonly remember?: () => Memory;
  /** Makes a well-formed message part of the memory, after it was judged. */
  readonly take?: (exchange: X) => void;
  /** Looks at a well-formed message before anything but its form is judged. */
  readonly prepare?: (exchange: X) => void;
  /** By which framing each side goes on, by its state, where the carrier has several. */
  readonly framingIn?: { readonly client?: FramingByState<State>; readonly server?: FramingByState<State> };
  /** Name of a message that its code does not tell. */
  readonly nameOf?: (message: Message, fromClient: boolean) => MessageName<Table> | undefined;
  /** Which edition of the statements a connection speaks, as far as it is known: rules are counted by it. */
  readonly editionOf?: (memory: Memory) => string | undefined;
}

/** A tracker of one's own, for what the common one cannot do: several connections over a flow, sessions beyond it. */
export interface OwnTracker<X> {
  /**
   * Makes the tracker of a capture. What it hands to the judge is what the rules are asked with: its type is said here,
   * `(host: TrackerHost<Exchange>) => ...`, and the rules are checked against it. Those that leave their words to a table of
   * messages read `message`, `layout`, `fromClient` and `subject` of it.
   */
  readonly createTracker?: (host: TrackerHost<X>, message: Message) => Tracker;
  /** Words of state that it keeps in each connection's row (`ConnectionLog.rows`); none if absent. */
  readonly rowWords?: number;
  /** Flows between different pairs of hosts may be judged apart: see `Protocol.isDivisible`, and `join` beside it. */
  readonly isDivisible?: boolean;
  join?(noted: readonly unknown[]): Joint | undefined;
  /** It looks at what TCP shows of its streams: see `Protocol.watchesTcp`. */
  readonly watchesTcp?: boolean;
}

/**
 * `Table` is the type of the messages, `X` of what rules look at: the exchange of that table, or whatever a tracker of
 * one's own hands to the judge.
 */
export interface ProtocolSpec<
  Table extends MessageTable,
  State extends string,
  WaitName extends string,
  Memory,
  X = Exchange<Table, WaitName, Memory>,
> extends Recognising,
    Making,
    Following<Table, NoInfer<State>, WaitName, Memory, NoInfer<X>>,
    OwnTracker<X> {
  /** Name of the folder, and what stands before the slash of each rule. */
  readonly id: string;
  readonly title: string;
  /** One line: what it is for. */
  readonly summary: string;
  /** Name of the specification, as findings cite it. */
  readonly specification: string;
  readonly carriers: readonly Carrier[];
  readonly messages: Table;
  /** What is legal, as tables of messages by state; or the whole machine, for a tracker of one's own with its own events. */
  readonly machine: MachineSpec<State, MessageName<Table>> | Machine;
  readonly rules: readonly Rule<NoInfer<X>>[];
  /** The numbered statements of the specification, in its order, edition by edition. */
  readonly statements?: readonly Statement[];
  readonly dialect?: readonly DialectOption[];
  readonly dialectProblem?: (dialect: Dialect) => string | undefined;
  /** The field that tells its messages apart best, as filters name it: what they are counted by first. */
  readonly countBy?: string;
  /** The framing that it lends to others under its id, being a carrier itself. */
  readonly framing?: Framing;
  readonly stateOfBoth?: (client: number, server: number) => number;
}
