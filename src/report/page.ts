/**
 * A page of terminal text: lines made of styled spans, wrapped to a width. Every span passes the sanitising sink on its
 * way in and colour is put around it afterwards, so that a report cannot print a byte of the wire by mistake.
 */
import picocolors from 'picocolors';
import { visible, visibleAtLineStart, visibleBehind } from '../wire/escape.ts';

export type Style = 'plain' | 'strong' | 'dim' | 'error' | 'warning' | 'info' | 'good';

type Paint = Readonly<Record<Style, (text: string) => string>>;

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export interface PageOptions {
  readonly color: boolean;
  /** Columns to wrap at; a page narrower than 40 is laid out for 40. */
  readonly width: number;
}

const LEAST_WIDTH = 40;
const TAIL = 16;

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

export class Page {
  readonly width: number;
  readonly #paint: Paint;
  #lines: string[] = [];
  /** The line above, where the page goes on below what was handed out. */
  #lastTaken: string | undefined = undefined;

  constructor(options: PageOptions) {
    this.width = Math.max(options.width, LEAST_WIDTH);
    const colors = picocolors.createColors(options.color);
    this.#paint = {
      plain: text => text,
      strong: colors.bold,
      dim: colors.dim,
      error: text => colors.bold(colors.red(text)),
      warning: text => colors.bold(colors.yellow(text)),
      info: colors.cyan,
      good: colors.green,
    };
  }

  /** An empty line, but never at the top and never two in a row. */
  blank(): void {
    const last = this.#lines.at(-1) ?? this.#lastTaken;
    if (last !== undefined && last !== '') this.#lines.push('');
  }

  /** One line as it stands, however long. */
  line(indent: number, ...spans: readonly Span[]): void {
    const text = new Line(indent, this.#paint);
    for (const { text: part, style } of spans) text.add(visible(part), style);
    this.#lines.push(text.toString());
  }

  /**
   * Words, wrapped at the page's width.
   * @param hanging column at which lines after the first begin
   */
  wrap(indent: number, hanging: number, ...spans: readonly Span[]): void {
    this.#flow(new Line(indent, this.#paint), hanging, spans);
  }

  /** A label in its own column, then text that wraps in the column beside it. */
  entry(indent: number, labelWidth: number, label: string, ...spans: readonly Span[]): void {
    const line = new Line(indent, this.#paint);
    line.add(`${visible(label).padEnd(labelWidth)}  `, 'dim');
    this.#flow(line, line.width, spans);
  }

  /** The text so far, with a line feed at its end; the page is empty afterwards. */
  take(): string {
    const text = this.takePart();
    this.#lastTaken = undefined;
    return text;
  }

  /** The same of a page that goes on: a long one need not stand in memory as a whole. */
  takePart(): string {
    const text = this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
    this.#lastTaken = this.#lines.at(-1) ?? this.#lastTaken;
    this.#lines = [];
    return text;
  }

  /** Whether the words come to stand on this line as they are: most do. */
  #fits(line: Line, spans: readonly Span[]): boolean {
    let { width } = line;
    for (const { text } of spans) {
      width += text.length;
      if (width > this.width || !SIMPLE.test(text)) return false;
    }
    return spans.length > 0 && !spans[0].text.startsWith(' ');
  }

  /** Puts words behind what `line` holds already, and on further lines as they are needed. */
  #flow(line: Line, hanging: number, spans: readonly Span[]): void {
    if (this.#fits(line, spans)) {
      for (const { text, style } of spans) line.add(text, style);
      this.#lines.push(line.toString());
      return;
    }
    let last = line;
    let wordless = true;
    for (const { text, style, spaced } of words(spans, this.width - Math.max(line.width, hanging))) {
      const gap = spaced && !wordless ? ' ' : '';
      if (!wordless && last.width + gap.length + text.length > this.width) {
        this.#lines.push(last.toString());
        last = new Line(hanging, this.#paint);
        last.add(text, style);
      } else {
        last.add(gap + text, style);
      }
      wordless = false;
    }
    if (!last.empty) this.#lines.push(last.toString());
  }
}

/** Words with one blank between them, and perhaps one before them, in which nothing is to be made visible. */
const SIMPLE = /^ ?[!"$-~]+(?: [!"$-~]+)*$/;

/** A line in the making; its width counts what is seen, not the colour codes. */
class Line {
  width: number;
  empty = true;
  /** The end of what is seen of it, as long as a command's beginning may be. */
  #tail = '';
  readonly #spans: Span[] = [];
  readonly #paint: Paint;

  constructor(indent: number, paint: Paint) {
    this.width = indent;
    this.#paint = paint;
    this.#spans.push(span(' '.repeat(indent)));
  }

  /** @param text is made visible already */
  add(text: string, style: Style): void {
    const safe = this.empty ? visibleAtLineStart(text) : visibleBehind(this.#tail, text);
    this.#tail = (this.#tail + safe).slice(-TAIL);
    const last = this.#spans.at(-1)!;
    if (last.style === style) this.#spans[this.#spans.length - 1] = span(last.text + safe, style);
    else this.#spans.push(span(safe, style));
    this.width += safe.length;
    this.empty &&= safe.trim() === '';
  }

  toString(): string {
    return this.#spans
      .map(({ text, style }) => this.#paint[style](text))
      .join('')
      .trimEnd();
  }
}

interface Word extends Span {
  /** A blank stood before it. */
  readonly spaced: boolean;
}

/** The words of the spans, made visible; one longer than `room` comes in pieces. */
function* words(spans: readonly Span[], room: number): Generator<Word> {
  let spaced = false;
  for (const { text, style } of spans) {
    for (const part of visible(text).split(/( +)/)) {
      if (part === '') continue;
      if (part.startsWith(' ')) {
        spaced = true;
        continue;
      }
      for (let at = 0; at < part.length; at += room) {
        yield { text: part.slice(at, at + room), style, spaced };
        spaced = false;
      }
    }
  }
}
