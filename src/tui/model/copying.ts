/** What can be copied where one is: each kind of text under a key of its own. Made only when it is asked for. */
import { quote } from '../../filter/syntax.ts';
import { formatEndpoint } from '../../net/address.ts';
import { brief } from '../../report/brief.ts';
import { isoTime } from '../../report/time.ts';
import { visible } from '../../wire/escape.ts';
import { fieldTree } from '../../wire/tree.ts';
import type { PaneKind } from '../views.ts';
import { fieldName } from './field-name.ts';
import { filterProblem } from './filtering.ts';
import type { ModelState } from './state.ts';

export interface Copy {
  readonly key: string;
  /** `value of sequence`, for the question and for what is said afterwards. */
  readonly what: string;
  /** Bytes may be raw here: the terminal's clipboard takes them encoded. */
  readonly text: () => string;
}

/** Bytes of a message that are copied as hex; more would be more than terminals take. */
const MOST_BYTES = 65_536;

const OF_MESSAGES: readonly PaneKind[] = ['messages', 'fields', 'hex', 'machine', 'held'];

export function copiesOf(model: ModelState): readonly Copy[] {
  const { focus } = model;
  if (focus === 'connections') return copiesOfConnection(model);
  if (focus === 'flows' || focus === 'flow') return copiesOfFlow(model);
  if (focus === 'counts') return copiesOfCount(model);
  if (focus === 'stream') return copiesOfStream(model);
  if (focus === 'compared') return copiesOfComparison(model);
  if (focus === 'findings' || focus === 'finding') return copiesOfFinding(model);
  if (!OF_MESSAGES.includes(focus)) return [];
  const inMessage = focus === 'fields' || focus === 'hex' ? copiesOfField(model) : [];
  return [...inMessage, ...(model.view === 'held' ? copiesOfHold(model) : copiesOfMessage(model))];
}

function copiesOfConnection({ history, connection }: ModelState): readonly Copy[] {
  if (connection === 0) return [];
  const { connections } = history;
  const ends = () => [connections.client(connection), connections.server(connection)];
  return [
    {
      key: 'l',
      what: 'line',
      text: () => {
        const [client, server] = ends();
        const { id } = connections.protocol(connection);
        return `${connection} ${id} ${client} -> ${server} ${connections.state(connection)} ${connections.standing(connection)}`;
      },
    },
    { key: 'c', what: 'client', text: () => ends()[0] },
    { key: 's', what: 'server', text: () => ends()[1] },
    { key: 'f', what: 'filter', text: () => `connection == ${connection}` },
  ];
}

function copiesOfFlow({ flows: { selected } }: ModelState): readonly Copy[] {
  if (!selected) return [];
  const [one, other] = selected.ends.map(formatEndpoint);
  return [
    { key: 'l', what: 'line', text: () => `${selected.transport} ${one} -> ${other}` },
    { key: 'c', what: 'first end', text: () => one },
    { key: 's', what: 'second end', text: () => other },
    { key: 'b', what: 'first bytes of the first end', text: () => hex(selected.sent[0].first) },
    { key: 'B', what: 'first bytes of the second end', text: () => hex(selected.sent[1].first) },
  ];
}

function copiesOfCount(model: ModelState): readonly Copy[] {
  const { counting } = model;
  const row = counting?.rows[model.window('counts').selected];
  const filter = row && counting?.filterFor(row);
  return [
    ...(row?.of === 'value' ? [{ key: 'v', what: 'value', text: () => row.value }] : []),
    ...(filter === undefined ? [] : [{ key: 'f', what: 'filter', text: () => filter }]),
  ];
}

function copiesOfStream(model: ModelState): readonly Copy[] {
  const { stream: view } = model;
  const { selected } = model.window('stream');
  if (!view || selected >= view.rows.count) return [];
  const { chunk } = view.rows.row(selected);
  const { stream } = view;
  return [
    { key: 'l', what: 'line', text: () => view.rowText(selected) },
    {
      key: 'h',
      what: stream.isDatagrams ? 'hex of the datagram' : 'hex of the segment',
      text: () => hex(stream.read(chunk).subarray(0, MOST_BYTES)),
    },
  ];
}

function copiesOfComparison(model: ModelState): readonly Copy[] {
  const { comparison } = model;
  const { selected } = model.window('compared');
  if (!comparison || selected >= comparison.count) return [];
  return [{ key: 'l', what: 'line', text: () => visible(comparison.rowText(selected)) }];
}

function copiesOfFinding({ history, finding }: ModelState): readonly Copy[] {
  if (!finding) return [];
  const { ruleId, severity, frame, message, expected, actual, spec, capture, time } = finding;
  return [
    {
      key: 't',
      what: 'text',
      text: () =>
        [
          `${severity} ${ruleId}: ${visible(message)}`,
          `frame ${frame}, ${isoTime(time, history.digits(capture))}, ${finding.from} -> ${finding.to}`,
          `expected: ${visible(expected)}`,
          `actual: ${visible(actual)}`,
          `at fault: ${finding.atFault ?? 'nobody'}`,
          `${spec.document}, ${spec.clause}`,
          ...(spec.says === undefined ? [] : [`says: ${spec.says}`]),
        ].join('\n'),
    },
    { key: 'r', what: 'rule', text: () => ruleId },
    { key: 'f', what: 'filter', text: () => `rule == ${ruleId}` },
  ];
}

function copiesOfMessage({ history, run, message }: ModelState): readonly Copy[] {
  if (message < 0) return [];
  const recalled = () => history.recall(message, run.bytes);
  return [
    {
      key: 'm',
      what: 'message',
      text: () => {
        const seen = recalled();
        const nodes = seen.layout ? fieldTree(seen.message, seen.layout) : [];
        const time = isoTime(seen.message, history.digits(seen.capture));
        return `${seen.message.frame} ${time} ${seen.from} -> ${seen.to} ${visible(seen.name)} ${brief(nodes, seen)}`.trimEnd();
      },
    },
    { key: 'h', what: 'hex of the message', text: () => hex(recalled().message.copy(0, MOST_BYTES)) },
  ];
}

function copiesOfHold({ opened }: ModelState): readonly Copy[] {
  if (!opened) return [];
  return [{ key: 'h', what: 'hex of the message', text: () => hex(opened.bytes.subarray(0, MOST_BYTES)) }];
}

function copiesOfField(model: ModelState): readonly Copy[] {
  const { opened } = model;
  const node = opened?.field?.node;
  if (!opened || !node) return [];
  const filter = fieldFilter(model);
  const name = visible(node.name);
  return [
    { key: 'v', what: `value of ${name}`, text: () => (node.value === null ? node.display : String(node.value)) },
    {
      key: 'b',
      what: `bytes of ${name}`,
      text: () => hex(opened.hex.bytes.subarray(node.offset, node.offset + Math.min(node.length, MOST_BYTES))),
    },
    ...(filter === undefined ? [] : [{ key: 'f', what: `filter for ${name}`, text: () => filter }]),
  ];
}

/** A filter that this field's value matches; nothing where the language has none. */
function fieldFilter({ opened, catalogue }: ModelState): string | undefined {
  if (!opened?.field || opened.field.frame) return undefined;
  const { value } = opened.field.node;
  const name = fieldName(opened, opened.row);
  const values = value === null ? [] : [String(value), quote(String(value)), `0x${value}`];
  const texts = [...values.map(text => `${name} == ${text}`), name];
  return texts.find(text => !filterProblem(text, catalogue));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
