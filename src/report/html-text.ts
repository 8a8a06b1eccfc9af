/**
 * HTML and SVG from text of others: every text passes the sanitising sink and is escaped, every attribute stands in quotes,
 * and elements are put together by these functions alone.
 */
import { visible } from '../wire/escape.ts';

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

type Content = Html | string | number | readonly (Html | string | number)[];
type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, character => ENTITIES[character]!);
}

/** An element. Content that is text is escaped. */
export function tag(name: string, attributes: Attributes, content: Content = ''): Html {
  return { html: `${opened(name, attributes)}${htmlOf(content)}</${name}>` };
}

/** What may be wider than the page, for those who have only a keyboard too. */
export function scrolling(content: Content): Html {
  return tag('div', { class: 'scroll', tabindex: 0 }, content);
}

export function htmlOf(content: Content): string {
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  if (isList(content)) return content.map(htmlOf).join('');
  return content.html;
}

function isList(content: Content): content is readonly (Html | string | number)[] {
  return Array.isArray(content);
}

function opened(name: string, attributes: Attributes): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(String(value))}"`],
  );
  return `<${name}${given.join('')}>`;
}

/** A table that may be wider than the page. */
export function table(heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  const head = tag(
    'tr',
    {},
    heads.map(name => tag('th', { scope: 'col' }, name)),
  );
  const body = rows.map(cells =>
    tag(
      'tr',
      {},
      cells.map(cell => tag('td', {}, cell)),
    ),
  );
  return scrolling(tag('table', {}, [tag('thead', {}, head), tag('tbody', {}, body)]));
}
