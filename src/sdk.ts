/**
 * All that a protocol's folder may import, ours or a third party's. What is not here is the engine's own affair.
 */

export type { AnyExchange, Exchange } from './define/exchange.ts';
export type { MachineSpec } from './define/machine.ts';
export { type Code, defineMessages, from, type MessageRow, type Messages } from './define/messages.ts';
export type { FirstBytes, OpensWith } from './define/opening.ts';
export { defineProtocol, type ProtocolSpec, tcp, udp } from './define/protocol.ts';
export { malformed, type RuleSpec, rule, type Words } from './define/rule.ts';
export type { WaitSpec } from './define/waits.ts';
export { type Exchange as FlowExchange, type FlowProtocol, FlowTracker } from './follow/flow-tracker.ts';
export { type KeyReader, type Wait, Waiting, type WaitingHost, type WaitingOptions } from './follow/waiting.ts';
export type { Clause } from './lint/clause.ts';
export type { Doubt } from './lint/doubt.ts';
export type { JudgeOptions } from './lint/judge.ts';
export {
  ALL_REMARKS,
  type AtFault,
  type Basis,
  BROKEN,
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
} from './lint/rule.ts';
export { excerptOf, Subject } from './lint/subject.ts';
export { KeyTable, MOST_ENTRIES } from './net/key-table.ts';
export { Records, type RecordView, RowView, recordView, withRoomFor } from './net/records.ts';
export { DIFFERS, SAME, StreamMemory, UNKNOWN, UNSEEN } from './net/stream-memory.ts';
export { type ConnectionLog, ROW_START } from './protocol/connections.ts';
export type { Dialect, DialectOption } from './protocol/dialect.ts';
export type { FramedMessage, Framing, Opening, Preface } from './protocol/framing.ts';
export type { BoundName, Limits, OwnBound } from './protocol/limits.ts';
export { breaks, ifPeerSent, ifSelfSent, Machine, MachineRun, type Row, stay, to } from './protocol/machine.ts';
export { messageCountsOf } from './protocol/message-counts.ts';
export {
  type Carrier,
  type Datagram,
  type Protocol,
  type Recognition,
  type Tracker,
  type TrackerHost,
  UNKNOWN_MESSAGE,
} from './protocol/protocol.ts';
export {
  bytes,
  type FieldOptions,
  type FieldSpec,
  id,
  json,
  text,
  uint,
  unixTime,
  type ValuesOf,
} from './wire/fields.ts';
export {
  isJsonFault,
  type JsonFault,
  type JsonKind,
  type JsonMember,
  type JsonValue,
  parseJson,
} from './wire/json.ts';
export { defineLayout, type Field, type Layout, type LayoutOf, layoutOf } from './wire/layout.ts';
export type { Message } from './wire/message.ts';
export { readUint } from './wire/read.ts';
