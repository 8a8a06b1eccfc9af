/**
 * How `dissect` prints messages: a line each for people, an object each for programs. A printer collects text until it
 * is taken away; it keeps no message.
 */
import type { Frame } from '../capture/source.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { EarlierMessage, SeenMessage } from '../protocol/protocol.ts';
import { brief, shortened } from '../report/brief.ts';
import { hexdump } from '../report/hexdump.ts';
import { MessageJson } from '../report/message-json.ts';
import { Page, type PageOptions, span } from '../report/page.ts';
import { ownDigits } from '../report/time.ts';
import { visible } from '../wire/escape.ts';
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
  /** The layers below a message, in front of its fields; absent: they are not printed. */
  readonly layers?: ((seen: SeenMessage) => readonly FieldNode[]) | undefined;
}

const FRAME_WIDTH = 6;
const DETAIL_INDENT = 8;
const NANOSECONDS = 1_000_000_000;
const LABEL_INDENT = '      ';
const STATE_LABEL = `${LABEL_INDENT}state`;
/** Columns: a label may be as wide as leaves this much for the value, but is never narrower than that. */
const LEAST_VALUE = 24;
const LEAST_LABEL = 12;

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
    const fields = style.fields ? '' : brief(nodes, seen);
    page.line(
      0,
      span(`${String(message.frame).padStart(FRAME_WIDTH)}  `, 'strong'),
      span(`${elapsed(this.#first, message)}  `, 'dim'),
      span(`${seen.from} -> ${seen.to}  `),
      span(`${seen.protocol} ${seen.connection}  `, 'dim'),
      span(seen.name, 'strong'),
      span(seen.answers && !style.fields ? ` (${verbOf(seen.answers)} ${seen.answers.frame})` : '', 'dim'),
      span(fields && `  ${fields}`),
    );
    if (message.comment) this.#page.wrap(DETAIL_INDENT, DETAIL_INDENT + 2, span(`comment: ${message.comment}`));
    for (const finding of seen.findings) this.#finding(finding, message.frame, seen.held?.has(finding) ?? false);
    if (style.layers) this.#layers(style.layers(seen));
    if (style.fields) this.#fields(nodes, seen);
    if (style.hex) this.#bytes(seen);
  }

  take(): string {
    return this.#page.take();
  }

  end(): string {
    return '';
  }

  #finding({ severity, ruleId, message, frame }: Finding, here: number, isHeld: boolean): void {
    const where = frame === here ? '' : ` (frame ${frame})`;
    const held = isHeld ? ' (held: later messages decide)' : '';
    const words = span(` ${ruleId}: ${message}${where}${held}`);
    this.#page.wrap(DETAIL_INDENT, DETAIL_INDENT + 2, span(severity, severity), words);
  }

  /** Offsets are those in the frame. */
  #layers(layers: readonly FieldNode[]): void {
    const entries = [...labelled(layers, 0)];
    const width = entries.reduce((widest, { label }) => Math.max(widest, label.length), 0);
    for (const { label, text } of entries) this.#page.entry(DETAIL_INDENT, width, label, span(text));
  }

  #fields(nodes: readonly FieldNode[], { state, message, answers }: SeenMessage): void {
    const most = Math.max(LEAST_LABEL, this.#page.width - DETAIL_INDENT - LEAST_VALUE);
    // Labels come from the wire, too (names of JSON members), and must leave room for the value.
    const entries = [...labelled(nodes, 0)].map(({ label, text }) => ({ label: shortened(label, most), text }));
    const width = entries.reduce((widest, { label }) => Math.max(widest, label.length), STATE_LABEL.length);
    for (const { label, text } of entries) this.#page.entry(DETAIL_INDENT, width, label, span(text));
    this.#page.entry(DETAIL_INDENT, width, STATE_LABEL, span(state, 'dim'));
    if (!answers) return;
    const after = `frame ${answers.frame}, after ${elapsed(answers, message)} s`;
    this.#page.entry(DETAIL_INDENT, width, `${LABEL_INDENT}${verbOf(answers)}`, span(after, 'dim'));
  }

  #bytes({ message }: SeenMessage): void {
    const bytes = message.copy();
    hexdump(this.#page, DETAIL_INDENT, bytes, { base: 0 });
    if (bytes.length === message.length) return;
    const what = message.skipped ? 'are kept' : 'were captured';
    this.#page.line(DETAIL_INDENT, span(`(${bytes.length} of ${message.length} bytes ${what})`, 'dim'));
  }
}

function verbOf({ isContinued }: EarlierMessage): string {
  return isContinued ? 'continues' : 'answers';
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

/** Seconds since the capture's first frame, or another moment, as tshark shows them; frames need not be in the order of their times. */
export function elapsed(first: Timestamp, { seconds, nanoseconds }: Timestamp): string {
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

/** One object a message: `ndjson` a line each, `json` as one array. */
export class JsonPrinter implements DissectPrinter {
  readonly #json: MessageJson;
  #text = '';

  constructor(format: 'json' | 'ndjson', hex: boolean) {
    this.#json = new MessageJson({ format, hex });
  }

  begin(): void {}

  message(seen: SeenMessage): void {
    this.#text += this.#json.message(seen);
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  end(): string {
    return this.#json.end();
  }
}
