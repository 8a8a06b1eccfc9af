/**
 * All that a protocol's folder may import, ours or a third party's. A protocol is what `defineProtocol` makes: of tables, of
 * functions where no table says it, down to a tracker of one's own. What is not here is the engine's own affair, whatever
 * the declarations in the package show; so is what lies behind these names.
 */

// Tables and fields, framings, rules, and what they are made of: stable. What changes here changes the major version.

export type { AnyExchange, Exchange } from './define/exchange.ts';
export type { MachineSpec } from './define/machine.ts';
export {
  type Code,
  type Described,
  defineMessages,
  from,
  type MessageRow,
  type Messages,
  type MessagesOptions,
} from './define/messages.ts';
export type { FirstBytes, OpensWith } from './define/opening.ts';
export { defineProtocol, tcp, udp } from './define/protocol.ts';
export { malformed, type RuleSpec, rule, type Words } from './define/rule.ts';
export type { MessageTable, ProtocolSpec } from './define/spec.ts';
export type { WaitSpec } from './define/waits.ts';
export type { Dialect, DialectOption } from './dialect.ts';
export type { Wait } from './follow/waiting.ts';
export {
  type FramedMessage,
  type Framing,
  HELD,
  MALFORMED,
  MORE,
  type Opening,
  type Preface,
} from './framing/framing.ts';
export { type LengthOptions, lengthFraming } from './framing/length.ts';
export { type LinesOptions, lineFraming } from './framing/lines.ts';
export { recordFraming } from './framing/record.ts';
export { MALFORMED_HEAD, TOO_LONG, TRUNCATED } from './framing/rules.ts';
export { type VarintOptions, varintFraming } from './framing/varint.ts';
export type { Clause } from './lint/clause.ts';
export {
  ALL_REMARKS,
  type AtFault,
  type Basis,
  BROKEN,
  type Condition,
  DENIED,
  type Evidence,
  EXCUSED,
  type Held,
  INCONCLUSIVE,
  type Later,
  type Outcome,
  PASS,
  type Rule,
  type RuleDocument,
  type Severity,
  SKIP,
  STANDS,
  UNDECIDED,
  type Unasked,
} from './lint/rule.ts';
export { breaks, type Cell, ifPeerSent, ifSelfSent, type Row, stay, to } from './protocol/machine.ts';
export {
  type Carrier,
  type Datagram,
  type Protocol,
  type Provocation,
  type Recognition,
  type Refusals,
  type SeenMessage,
  UNKNOWN_MESSAGE,
} from './protocol/protocol.ts';
export type { Replaying } from './protocol/replay.ts';
export type { Need, Statement } from './protocol/statements.ts';
export { visible } from './wire/escape.ts';
export {
  bitField,
  bits,
  bytes,
  custom,
  type FieldOptions,
  type FieldSpec,
  flag,
  group,
  id,
  json,
  optional,
  properties,
  type Reader,
  repeated,
  text,
  tlvs,
  uint,
  unixTime,
  type ValuesOf,
  varint,
  when,
} from './wire/fields.ts';
export {
  isJsonFault,
  type JsonFault,
  type JsonKind,
  type JsonMember,
  type JsonValue,
  parseJson,
} from './wire/json.ts';
export type { Describe, MessageBytes, PlainNode } from './wire/layout.ts';
export { type ByteRange, Message } from './wire/message.ts';
export { readUint } from './wire/read.ts';

// Parts for trackers of one's own, and layouts without `defineMessages`: may change in a minor version, as the changelog says.

export { AnswerTimeout } from './follow/answer-timeout.ts';
export { type Exchange as FlowExchange, type FlowProtocol, FlowTracker } from './follow/flow-tracker.ts';
export { KeyedStore, type KeyedStoreOptions } from './follow/keyed-store.ts';
export { type SideState, Steps } from './follow/steps.ts';
export {
  KEY,
  KEY_NOT_CAPTURED,
  type KeyReader,
  NO_KEY,
  Waiting,
  type WaitingHost,
  type WaitingOptions,
} from './follow/waiting.ts';
export { bytesText, frames, hex } from './follow/words.ts';
export type { Begun } from './framing/begun.ts';
export type { Doubt } from './lint/doubt.ts';
export type { JudgeOptions } from './lint/judge-options.ts';
export { excerptOf, Subject } from './lint/subject.ts';
export type { AcrossFlows, Joint } from './protocol/across.ts';
export { type ConnectionLog, ROW_START } from './protocol/connections.ts';
export type { BoundName, Limits, OwnBound } from './protocol/limits.ts';
export { Machine, MachineRun } from './protocol/machine.ts';
export { messageCountsOf } from './protocol/message-counts.ts';
export type { Closing, EarlierMessage, Flows, Tracker, TrackerHost } from './protocol/protocol.ts';
export { FlowSlots } from './storage/flow-slots.ts';
export { KeyTable, MOST_ENTRIES } from './storage/key-table.ts';
export { Records, type RecordView, recordView, withRoomFor } from './storage/records.ts';
export { DIFFERS, SAME, StreamMemory, UNKNOWN, UNSEEN } from './storage/stream-memory.ts';
export { type Form, formOf, type Misfit } from './wire/form.ts';
export { defineLayout, type Field, type Layout, type LayoutOf, layoutOf, type Scope } from './wire/layout.ts';
export type { FieldNode } from './wire/tree.ts';
