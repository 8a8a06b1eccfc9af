/** How many rows each pane has, and how many of them fit: what its scroll window must know. */

import { HEADER_LINES as COMPARED_HEADER } from '../panes/compared.ts';
import { HEADER_LINES as CONNECTIONS_HEADER } from '../panes/connections.ts';
import { HEADER_LINES as MESSAGES_HEADER } from '../panes/conversation.ts';
import { HEADER_LINES as COUNTS_HEADER } from '../panes/counts.ts';
import { fieldsHeight } from '../panes/fields.ts';
import { findingHeight } from '../panes/finding.ts';
import { HEADER_LINES as FINDINGS_HEADER } from '../panes/findings.ts';
import { HEADER_LINES as FLOWS_HEADER, type FlowInput, flowHeight } from '../panes/flows.ts';
import { HEADER_LINES as HELD_HEADER } from '../panes/held.ts';
import { helpHeight } from '../panes/help.ts';
import { bytesPerRow, hexHeight, hexRows } from '../panes/hex.ts';
import { type LogInput, logHeight } from '../panes/log.ts';
import { type MachineInput, machineHeight } from '../panes/machine.ts';
import { statisticsRows } from '../panes/statistics.ts';
import type { Size } from '../text/line.ts';
import type { PaneKind } from '../views.ts';
import { portOf } from './flows.ts';
import { type Area, innerSize } from './layout.ts';
import type { ModelState } from './state.ts';

export interface RowCount {
  readonly count: number;
  /** Rows that fit. */
  readonly height: number;
}

/** Lines above a pane's first row. */
export const HEADER_OF: Readonly<Partial<Record<PaneKind, number>>> = {
  connections: CONNECTIONS_HEADER,
  messages: MESSAGES_HEADER,
  findings: FINDINGS_HEADER,
  flows: FLOWS_HEADER,
  counts: COUNTS_HEADER,
  compared: COMPARED_HEADER,
  held: HELD_HEADER,
};

export function rowsOf(model: ModelState, area: Area): RowCount {
  const { kind } = area;
  const size = innerSize(area);
  const height = size.height - (HEADER_OF[kind] ?? 0);
  const { lists, opened } = model;
  switch (kind) {
    case 'connections':
      return { count: lists.connections.length, height };
    case 'messages':
      return { count: lists.messages.length, height };
    case 'findings':
      return { count: lists.findings.length, height };
    case 'fields':
      return { count: opened?.rows.length ?? 0, height: fieldsHeight(size, opened?.comment ?? '') };
    case 'hex':
      if (!opened) return { count: 0, height };
      return { count: hexRows(size.width, opened.hex.length), height: hexHeight(height, opened.hex) };
    case 'flows':
      return { count: model.flows.of(model.history).length, height };
    case 'held':
      return { count: model.interception?.rows.length ?? 0, height };
    case 'counts':
      return { count: model.counting?.rows.length ?? 0, height };
    case 'compared':
      return { count: model.comparison?.count ?? 0, height };
    case 'stream':
      return { count: model.stream?.rows.count ?? 0, height };
    case 'statistics':
      return statisticsRows(model.statistics, size);
    default:
      return { count: linesOf(model, kind, size), height };
  }
}

/** Lines of a pane that shows a text. */
function linesOf(model: ModelState, kind: PaneKind, size: Size): number {
  const { history, finding, time } = model;
  switch (kind) {
    case 'finding':
      return finding ? findingHeight({ history, finding, rule: model.ruleOf(finding), time }, size.width) : 0;
    case 'machine': {
      const input = machineInput(model, 0);
      return input ? machineHeight(input, size.width) : 0;
    }
    case 'flow':
      return flowHeight(flowInput(model, 0), size.width);
    case 'log':
      return logHeight(logInput(model, 0), size.width);
    case 'help':
      return helpHeight(size.width, model.keys.table);
    default:
      return size.height;
  }
}

/** Nothing while no connection is chosen. */
export function machineInput(model: ModelState, top: number): MachineInput | undefined {
  const { history, connection, message } = model;
  if (connection === 0) return undefined;
  const path = model.paths.of(history, connection, model.isAll ? undefined : model.lists.unfiltered);
  return { history, connection, message, path, top };
}

/** Of the chosen flow, which may be none. */
export function flowInput({ history, flows, time }: ModelState, top: number): FlowInput {
  const flow = flows.selected;
  return { history, flow, time, port: flow ? portOf(flow) : '', top };
}

/** Of a capture, which has no log, an empty one. */
export function logInput({ proxy, history, time }: ModelState, top: number): LogInput {
  const events = proxy?.events ?? [];
  const origin = history.captures[0]?.firstTime ?? events[0]?.time ?? { seconds: 0, nanoseconds: 0 };
  return { events, time, origin, top };
}

/** Bytes in a row of the hex pane, as wide as it is now; 16 while it is not to be seen. */
export function bytesInRow(model: ModelState): number {
  const area = model.areas.find(({ kind }) => kind === 'hex');
  return area ? bytesPerRow(innerSize(area).width, model.opened?.hex.length ?? 0) : 16;
}
