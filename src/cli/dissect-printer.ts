/**
 * How `dissect` prints messages: a line each for people, an object each for programs. A printer collects text until it
 * is taken away; it keeps no message.
 */
import type { Frame } from '../capture/source.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { hexdump } from '../report/hexdump.ts';
import { findingObject, SCHEMA_VERSION } from '../report/json.ts';
import { Page, type PageOptions, span } from '../report/page.ts';
import { isoTime, ownDigits } from '../report/time.ts';
import { visible, visibleJson } from '../wire/escape.ts';
import { type FieldNode, fieldTree } from '../wire/tree.ts';

export interface DissectPrinter {
  /** Called with the first frame of the capture, from which times are counted. */
  begin(first: Frame): void;
  message(seen: SeenMessage): void;
  /** What was printed since it was last taken. */
  take(): string;
  /** What stands behind the last message. */
  end(): string;
}

export interface TextStyle extends PageOptions {
  /** Every field on a line of its own. */
  readonly fields: boolean;
  readonly hex: boolean;
}

const FRAME_WIDTH = 6;
const DETAIL_INDENT = 8;
const NANOSECONDS = 1_000_000_000;
const STATE_LABEL = '      state';
/** Columns: a label may be as wide as leaves this much for the value, but is never narrower than that. */
const LEAST_VALUE = 24;
const LEAST_LABEL = 12;
/** Of the one-line form. A UUID, and a digest's beginning, are seen. */
const BRIEF_STRING = 40;
const BRIEF_NAME = 24;
const BRIEF_TEXT = 80;
const BRIEF_MEMBERS = 16;

export class TextPrinter implements DissectPrinter {
  readonly #page: Page;
  readonly #style: TextStyle;
  #first: Timestamp = { seconds: 0, nanoseconds: 0 };

  constructor(style: TextStyle) {
    this.#style = style;
    this.#page = new Page(style);
  }

  begin({ seconds, nanoseconds }: Frame): void {
    this.#first = { seconds, nanoseconds };
  }

  message(seen: SeenMessage): void {
    const page = this.#page;
    const style = this.#style;
    const { message, layout } = seen;
    const nodes = layout ? fieldTree(message, layout) : [];
    page.line(
      0,
      span(`${String(message.frame).padStart(FRAME_WIDTH)}  `, 'strong'),
      span(`${elapsed(this.#first, message)}  `, 'dim'),
      span(`${seen.from} -> ${seen.to}  `),
      span(`${seen.protocol} ${seen.connection}  `, 'dim'),
      span(seen.name, 'strong'),
      span(style.fields ? '' : brief(nodes, seen)),
    );
    if (message.comment) this.#page.wrap(DETAIL_INDENT, DETAIL_INDENT + 2, span(`comment: ${message.comment}`));
    for (const finding of seen.findings) this.#finding(finding, message.frame);
    if (style.fields) this.#fields(nodes, seen);
    if (style.hex) this.#bytes(seen);
  }

  take(): string {
    return this.#page.take();
  }

  end(): string {
    return '';
  }

  #finding({ severity, ruleId, message, frame }: Finding, here: number): void {
    const where = frame === here ? '' : ` (frame ${frame})`;
    this.#page.wrap(DETAIL_INDENT, DETAIL_INDENT + 2, span(severity, severity), span(` ${ruleId}: ${message}${where}`));
  }

  #fields(nodes: readonly FieldNode[], { state }: SeenMessage): void {
    const most = Math.max(LEAST_LABEL, this.#page.width - DETAIL_INDENT - LEAST_VALUE);
    const entries = [...labelled(nodes, 0)].map(({ label, text }) => ({ label: shortened(label, most), text }));
    const width = entries.reduce((widest, { label }) => Math.max(widest, label.length), STATE_LABEL.length);
    for (const { label, text } of entries) this.#page.entry(DETAIL_INDENT, width, label, span(text));
    this.#page.entry(DETAIL_INDENT, width, STATE_LABEL, span(state, 'dim'));
  }

  #bytes({ message }: SeenMessage): void {
    const bytes = message.copy();
    hexdump(this.#page, DETAIL_INDENT, bytes, { base: 0 });
    if (bytes.length === message.length) return;
    this.#page.line(DETAIL_INDENT, span(`(${bytes.length} of ${message.length} bytes were captured)`, 'dim'));
  }
}

interface Entry {
  readonly label: string;
  readonly text: string;
}

/** The fields with what is in them, each with its offset, those within others further to the right. */
function* labelled(nodes: readonly FieldNode[], depth: number): Generator<Entry> {
  for (const { offset, title, display, children } of nodes) {
    yield { label: `${String(offset).padStart(4)}  ${'  '.repeat(depth)}${visible(title)}`, text: display };
    if (children) yield* labelled(children, depth + 1);
  }
}

/** Labels come from the wire, too (names of JSON members), and must leave room for the value. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}

/** The fields of the one-line form. Bytes of any length show how many they are, JSON its outermost scalars. */
function brief(nodes: readonly FieldNode[], { layout, message }: SeenMessage): string {
  if (!layout) return `  ${message.length} bytes`;
  let line = '';
  nodes.forEach((node, index) => {
    const field = layout.rows[index];
    if (field && !field.brief) return;
    if (field?.kind === 'json') {
      line += briefJson(node);
      return;
    }
    const short = field?.rest || node.name === 'trailing' ? `${node.length} bytes` : node.display;
    line += `  ${node.name}=${short}`;
  });
  return line;
}

/** `mid="..." response="Ok"`; what is no JSON object shows what it is instead. */
function briefJson({ name, length, display, cut, json, children = [] }: FieldNode): string {
  if (cut) return `  ${name}=${length} bytes`;
  if (json !== 'object') return `  ${name}=${shortened(display, BRIEF_TEXT)}`;
  const scalars = children.filter(member => member.json !== undefined && member.children === undefined);
  const shown = scalars
    .slice(0, BRIEF_MEMBERS)
    .map(member => `  ${shortened(member.title, BRIEF_NAME)}=${briefScalar(member)}`);
  return `${shown.join('')}${scalars.length > BRIEF_MEMBERS ? '  ...' : ''}`;
}

function briefScalar({ json, value, display }: FieldNode): string {
  return json === 'string' ? `"${shortened(visible(String(value)), BRIEF_STRING)}"` : shortened(display, BRIEF_STRING);
}

/** Seconds since the capture's first frame, as tshark shows them; frames need not be in the order of their times. */
function elapsed(first: Timestamp, { seconds, nanoseconds }: Timestamp): string {
  const borrow = nanoseconds < first.nanoseconds ? 1 : 0;
  const whole = seconds - first.seconds - borrow;
  const rest = nanoseconds - first.nanoseconds + borrow * NANOSECONDS;
  if (whole >= 0) return withFraction({ seconds: whole, nanoseconds: rest });
  if (rest === 0) return `-${withFraction({ seconds: -whole, nanoseconds: 0 })}`;
  return `-${withFraction({ seconds: -whole - 1, nanoseconds: NANOSECONDS - rest })}`;
}

function withFraction(time: Timestamp): string {
  return `${time.seconds}.${String(time.nanoseconds).padStart(9, '0').slice(0, ownDigits(time))}`;
}

/** One object a message: `ndjson` a line each, `json` as one array. Described by schema/message.schema.json. */
export class JsonPrinter implements DissectPrinter {
  readonly #lines: boolean;
  readonly #hex: boolean;
  #text = '';
  #printed = 0;

  constructor(format: 'json' | 'ndjson', hex: boolean) {
    this.#lines = format === 'ndjson';
    this.#hex = hex;
  }

  begin(): void {}

  message(seen: SeenMessage): void {
    const json = visibleJson(JSON.stringify(this.#object(seen)));
    if (this.#lines) this.#text += `${json}\n`;
    else this.#text += `${this.#printed === 0 ? '[' : ','}\n${json}`;
    this.#printed++;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  end(): string {
    if (this.#lines) return '';
    return this.#printed === 0 ? '[]\n' : '\n]\n';
  }

  #object(seen: SeenMessage): object {
    const { message, layout } = seen;
    return {
      schemaVersion: SCHEMA_VERSION,
      frame: message.frame,
      time: isoTime(message, ownDigits(message)),
      protocol: seen.protocol,
      connection: seen.connection,
      from: seen.from,
      to: seen.to,
      clientToServer: seen.clientToServer,
      name: seen.name,
      length: message.length,
      captured: message.captured,
      ...(message.comment && { comment: message.comment }),
      state: seen.state,
      fields: layout ? Object.fromEntries(fieldTree(message, layout).map(node => [node.name, fieldObject(node)])) : {},
      findings: seen.findings.map(finding => findingObject(finding, ownDigits(finding.time))),
      ...(this.#hex && { hex: Buffer.from(message.copy()).toString('hex') }),
    };
  }
}

function fieldObject({ offset, length, value, display, cut, json, children }: FieldNode): object {
  const members = children?.map(child => ({ name: child.name, ...fieldObject(child) }));
  return { offset, length, value, display, cut, ...(json && { kind: json }), ...(members && { members }) };
}
