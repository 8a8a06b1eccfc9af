/**
 * `dissect --count-by`: in place of the messages a table of the values that a field has in them, once all were read. Text is
 * a line a value, with the value last, so that it stands there whole; JSON an object a value (schema/count.schema.json).
 */
import type { Frame } from '../capture/source.ts';
import { catalogueOf } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import { type FieldValues, fieldValues } from '../filter/field-values.ts';
import { MessageSubject } from '../filter/message-subject.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';
import { SCHEMA_VERSION } from '../report/json.ts';
import { counted, grouped } from '../report/numbers.ts';
import { Page, type PageOptions, span } from '../report/page.ts';
import { isoTime, ownDigits } from '../report/time.ts';
import { type ValueCount, ValueCounts } from '../report/value-counts.ts';
import { UsageError } from '../settings/words.ts';
import { visibleJson } from '../wire/escape.ts';
import { type DissectPrinter, elapsed } from './dissect-printer.ts';

export interface CountOptions extends PageOptions {
  readonly format: 'text' | 'json' | 'ndjson';
  /** Values that are counted apart. */
  readonly most: number;
}

const GAP = 2;
const HEADINGS = ['messages', 'bytes', 'findings', 'first', 'last'];

/** The field that `--count-by` names. @throws UsageError for what is no field, or one without values */
export function countedField(text: string, protocols: readonly AnyProtocol[]): FieldValues {
  try {
    return fieldValues(text, catalogueOf(protocols));
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`--count-by: ${error.message}`, error.message);
    throw error;
  }
}

export class CountPrinter implements DissectPrinter {
  readonly #field: FieldValues;
  readonly #options: CountOptions;
  readonly #counts: ValueCounts;
  #subject: MessageSubject | undefined = undefined;
  #first: Timestamp = { seconds: 0, nanoseconds: 0 };

  constructor(field: FieldValues, options: CountOptions) {
    this.#field = field;
    this.#options = options;
    this.#counts = new ValueCounts(options.most);
  }

  begin({ seconds, nanoseconds }: Frame): void {
    this.#first = { seconds, nanoseconds };
  }

  message(seen: SeenMessage): void {
    this.#subject ??= new MessageSubject(seen, this.#first);
    const values = this.#field.of(this.#subject.show(seen, this.#first));
    this.#counts.add(values, seen.message);
    for (const finding of seen.findings) {
      if (finding.frame !== seen.message.frame) continue;
      if (seen.held?.has(finding)) this.#counts.hold(finding, values);
      else this.#counts.addFinding(values);
    }
  }

  /** A finding stands that may have been held before. */
  stands(finding: Finding): void {
    this.#counts.stands(finding);
  }

  take(): string {
    return '';
  }

  end(): string {
    return this.#options.format === 'text' ? this.#table() : this.#json(this.#options.format);
  }

  #table(): string {
    const page = new Page(this.#options);
    const { name } = this.#field;
    const values = this.#counts.sorted();
    const cells = values.map(count => this.#cells(count));
    const widths = HEADINGS.map((heading, column) =>
      cells.reduce((widest, row) => Math.max(widest, row[column].length), heading.length),
    );
    const aligned = (row: readonly string[]) =>
      row.map((cell, column) => cell.padStart(widths[column]) + ' '.repeat(GAP)).join('');
    if (values.length > 0) page.line(0, span(`${aligned(HEADINGS)}${name}`, 'strong'));
    for (const [index, { value }] of values.entries()) {
      page.line(0, span(aligned(cells[index])), span(value === '' ? '""' : value));
    }
    const { others, without } = this.#counts;
    if (others || without) page.blank();
    if (others) page.wrap(0, 2, span(`${about(others)} with other values: ${this.#bound(values.length)}`, 'warning'));
    if (without) page.wrap(0, 2, span(`${about(without)} without ${name}`, 'dim'));
    return page.take();
  }

  #bound(kept: number): string {
    const { most } = this.#options;
    const more = kept < most ? ', and as many of their characters as there is room for' : '';
    return `${counted(kept, 'value')} are counted separately (--limit counted-values=${most})${more}`;
  }

  #cells({ messages, bytes, findings, first, last }: ValueCount): readonly string[] {
    const times = [first, last].map(time => elapsed(this.#first, time));
    return [grouped(messages), grouped(bytes), grouped(findings), ...times];
  }

  #json(format: 'json' | 'ndjson'): string {
    const { others, without } = this.#counts;
    const rows = [
      ...this.#counts.sorted().map(count => this.#row('value', count.value, count)),
      ...(others ? [this.#row('other values', null, others)] : []),
      ...(without ? [this.#row('no value', null, without)] : []),
    ].map(row => visibleJson(JSON.stringify(row)));
    if (format === 'ndjson') return rows.map(row => `${row}\n`).join('');
    return rows.length === 0 ? '[]\n' : `[\n${rows.join(',\n')}\n]\n`;
  }

  #row(of: string, value: string | null, { messages, bytes, findings, first, last }: ValueCount): object {
    const [firstTime, lastTime] = [first, last].map(time => isoTime(time, ownDigits(time)));
    const counts = { messages, bytes, findings, firstTime, lastTime };
    return { schemaVersion: SCHEMA_VERSION, field: this.#field.name, of, value, ...counts };
  }
}

function about({ messages, bytes, findings }: ValueCount): string {
  const found = findings === 0 ? '' : `, ${counted(findings, 'finding')},`;
  return `${counted(messages, 'message')} of ${counted(bytes, 'byte')}${found}`;
}
