/**
 * A protocol's tables as Markdown: how it is carried, what can be settled about it, its messages and their fields, its rules, its states.
 * A pure function of the protocol, so that a README that holds its sections cannot say anything else than the code
 * (test/docs.test.ts compares them), and so that the folder of a third party gets the same for the asking.
 */

import type { DialectOption } from '../dialect.ts';
import { DATAGRAM, type Framing } from '../framing/framing.ts';
import { clauseNames } from '../lint/clause.ts';
import type { RuleDocument } from '../lint/rule.ts';
import type { Field, Items, Layout } from '../wire/layout.ts';
import { LONGEST_VARINT, type VarintForm } from '../wire/read.ts';
import { ownFramings } from './carrier.ts';
import { stateDiagrams } from './diagram.ts';
import { conditionWords } from './in-force.ts';
import type { AnyProtocol, Carrier } from './protocol.ts';

export interface Section {
  /** By which a README's markers ask for it: `rules`. */
  readonly name: string;
  readonly title: string;
  /** Markdown without a heading, and without a line feed at its end. */
  readonly body: string;
}

/** Stands below a table of rules. */
const RESTS_ON =
  'A finding rests on the `bytes` of its message alone, on messages that were both `seen` and contradict each other, or on ' +
  'something `unseen`, which the capture may have missed: where it may have, the rule is inconclusive.';

/** The whole document, with a heading for the protocol and for each section. */
export function protocolDocument(protocol: AnyProtocol): string {
  const { title, summary, specification } = protocol;
  const head = [`# ${prose(title)}`, `${prose(capital(summary))}.`, `Specification: ${prose(specification)}.`];
  const sections = protocolSections(protocol).flatMap(section => [`## ${section.title}`, section.body]);
  return `${[...head, ...sections].join('\n\n')}\n`;
}

/** The sections that the protocol has something to say in. */
export function protocolSections(protocol: AnyProtocol): readonly Section[] {
  const { framing } = protocol;
  const framed = [...(framing ? [framing] : []), ...ownFramings(protocol)];
  const sections: readonly Section[] = [
    { name: 'carriers', title: 'Carriers and recognition', body: carriers(protocol) },
    { name: 'dialect', title: 'Dialect', body: dialect(protocol.id, protocol.dialect) },
    { name: 'carried', title: 'Dialect of what it carries', body: dialect('PROTOCOL', framing?.dialect ?? []) },
    { name: 'messages', title: 'Messages', body: messages(united(protocol.layouts, framed.flatMap(layoutsOf))) },
    { name: 'fields', title: 'Fields', body: fields(united(protocol.layouts, framed.flatMap(layoutsOf))) },
    {
      name: 'rules',
      title: 'Rules',
      body: rules(protocol.id, united<RuleDocument>(protocol.rules, framed.flatMap(rulesOf))),
    },
    { name: 'states', title: 'States', body: states(protocol) },
  ];
  return sections.filter(({ body }) => body !== '');
}

function carriers({ id, carriers, recognition, framing }: AnyProtocol): string {
  const rows = carriers.map(carrier => [carrier.transport.toUpperCase(), framedBy(carrier), condition(id, carrier)]);
  const lends = framing
    ? [`It carries other protocols: messages of at most ${count(framing.longest)} bytes, their heads included.`]
    : [];
  return [table(['carrier', 'one message is', 'if'], rows), `Recognised by: ${prose(recognition)}.`, ...lends].join(
    '\n\n',
  );
}

const layoutsOf = ({ layouts = [] }: Framing) => layouts;
const rulesOf = ({ rules: ruled }: Framing): readonly RuleDocument[] => ruled;

function framedBy({ framing, longest, keep }: Carrier): string {
  const bound = longest === undefined ? '' : `, at most ${count(longest)} bytes`;
  const kept = keep === undefined ? '' : `, of which the first ${count(keep)} bytes are read`;
  if (framing === DATAGRAM) return `a datagram${bound}`;
  if (typeof framing === 'object') return `cut out of the stream by ${prose(framing.title)}${bound}${kept}`;
  return `what \`${framing}\` cuts out of the stream${bound}${kept}`;
}

function condition(id: string, { onlyIf }: Carrier): string {
  return onlyIf ? code(conditionWords(id, onlyIf)) : '';
}

function dialect(id: string, options: readonly DialectOption[]): string {
  const rows = options.map(option => [
    code(`${id}.${option.name}`),
    valuesOf(option),
    option.default === '' ? 'none' : code(option.default),
    prose(option.meaning),
  ]);
  return table(['option', 'values', 'default', 'meaning'], rows);
}

function valuesOf({ kind, values = [] }: DialectOption): string {
  if (kind === 'choice') return values.map(code).join(', ');
  return kind === 'seconds' ? 'a time: `5s`, `300ms`' : 'a key in hex';
}

function messages(layouts: readonly Layout[]): string {
  const inHex = layouts.some(({ code: number }) => number > 9);
  const spelt = (number: number) => (inHex ? `0x${number.toString(16).padStart(2, '0')}` : String(number));
  return table(
    ['code', 'message', 'edition', 'from', 'meaning'],
    layouts.map(layout => [
      code(spelt(layout.code)),
      prose(layout.name),
      prose(layout.edition ?? ''),
      layout.from ?? '',
      prose(layout.meaning),
    ]),
  );
}

/** A table a message, each under the message's name. */
function fields(layouts: readonly Layout[]): string {
  const titles = ['field', 'bytes', 'is there', 'values', 'meaning', 'clause'];
  const blocks = layouts.flatMap(layout => {
    const { name, edition, from, clause, rows } = layout;
    const head = [name, ...[edition, from && `from the ${from}`].filter(part => part !== undefined)].join(', ');
    const cells = fieldRows(rows, '').map(row =>
      row.map((cell, column) => (column === 5 && cell === clause ? '' : cell)),
    );
    return cells.length === 0 ? [] : [`**${prose(head)}** (${prose(clause)})`, table(titles, cells)];
  });
  return blocks.join('\n\n');
}

/** Names as filters spell them; what stands in a list is named by it. */
function fieldRows(rows: readonly Field[], prefix: string): string[][] {
  return rows.flatMap(field => {
    const { name, title, labels = {}, meaning, clause, parts, members, items } = field;
    const about = meaning === '' ? (title.toLowerCase() === name.toLowerCase() ? '' : title) : meaning;
    const values = Object.entries(labels).map(([value, label]) => `${value} ${label}`);
    const own = [
      code(`${prefix}${name}`),
      sizeOf(field),
      whenOf(field),
      prose(values.join(', ')),
      prose(about),
      clause,
    ];
    const within = fieldRows([...parts, ...members], prefix);
    return [own, ...within, ...(items ? itemRows(items, `${prefix}${name}[*].`) : [])];
  });
}

/** What all items have, and then what some have, by the value that tells. */
function itemRows({ head, by, table: alternatives }: Items, prefix: string): string[][] {
  const own = [...alternatives].flatMap(([value, { rows }]) =>
    fieldRows(rows.slice(head.rows.length), prefix).map(row => [
      ...row.slice(0, 2),
      [`if ${by?.name} is ${value}`, row[2]].filter(words => words !== '').join(', '),
      ...row.slice(3),
    ]),
  );
  return [...fieldRows(head.rows, prefix), ...own];
}

function sizeOf({ extent, measuredBy, whole, shift, mask, kind }: Field): string {
  if (whole) {
    const width = 32 - Math.clz32(mask);
    return width === 1 ? `bit ${shift}` : `bits ${shift} to ${shift + width - 1}`;
  }
  switch (extent.of) {
    case 'fixed':
      return String(extent.size);
    case 'rest':
      return kind === 'list' ? 'items to the end' : 'the rest';
    case 'prefix':
      return `${typeof extent.prefix === 'number' ? extent.prefix : varintSize(extent.prefix)} + n`;
    case 'length':
      return `${code(measuredBy?.name ?? '')}${extent.minus === 0 ? '' : ` - ${extent.minus}`}`;
    case 'mark':
      return `n + ${extent.mark.length}, to ${code(JSON.stringify(extent.mark))}`;
    case 'varint':
      return varintSize(extent.form);
    case 'members':
      return 'as its fields';
    case 'count':
      return `${code(measuredBy?.name ?? '')} items`;
    case 'reader':
      return prose(extent.reader.words);
  }
}

function varintSize(form: VarintForm): string {
  return `1 to ${LONGEST_VARINT[form]}`;
}

function whenOf({ presence }: Field): string {
  if (presence === undefined) return '';
  return presence.of === 'when' ? prose(presence.words) : 'if bytes are left';
}

function rules(id: string, documents: readonly RuleDocument[]): string {
  const rows = documents.map(rule => [
    code(rule.id),
    severity(id, rule),
    rule.atFault,
    rule.restsOn,
    prose(rule.summary),
    rule.onlyIf ? code(conditionWords(id, rule.onlyIf)) : '',
    prose(`${rule.specification === undefined ? '' : `${rule.specification}: `}${clauseNames(rule)}`),
  ]);
  const titles = ['rule', 'severity', 'at fault', 'rests on', 'reported when', 'only with', 'clause'];
  const rulesTable = table(titles, rows);
  return rulesTable === '' ? '' : `${rulesTable}\n\n${RESTS_ON}`;
}

function severity(id: string, { severity: usual, severityIf }: RuleDocument): string {
  return severityIf ? `${usual}; ${severityIf.severity} with ${code(conditionWords(id, severityIf))}` : usual;
}

function states({ machine }: AnyProtocol): string {
  const { roles } = machine.table;
  const blocks = stateDiagrams(machine.table).map(({ roles: sharing, source }) => {
    const title = sharing.length < roles.length ? `The ${sharing.map(prose).join(', ')}:\n\n` : '';
    return `${title}\`\`\`mermaid\n${source}\n\`\`\``;
  });
  return blocks.join('\n\n');
}

/** All of the first list, then what only the second has. */
function united<T>(first: readonly T[], second: readonly T[] = []): readonly T[] {
  return [...new Set([...first, ...second])];
}

/** A table without the columns that are empty; nothing when there are no rows. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const used = [...titles.keys()].filter(column => rows.some(cells => cells[column] !== ''));
  const line = (cells: readonly string[]) => `| ${used.map(column => cells[column]).join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(used.length)}`, ...rows.map(line)].join('\n');
}

/** Text as it is, on one line: nothing in it is Markdown's, HTML's or the table's. */
function prose(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_<[\]|~$&]/g, '\\$&');
}

/** What one types or reads in a report. A bar would end a table's cell even here. */
function code(text: string): string {
  return `\`${text.replace(/`/g, "'").replace(/\s+/g, ' ').replace(/\|/g, '\\|')}\``;
}

function count(bytes: number): string {
  return bytes.toLocaleString('en-US');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
