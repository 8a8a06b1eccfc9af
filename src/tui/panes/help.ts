/** The pane of help: the key table, by groups, then the commands and what a filter looks like. */

import { holdsIn, KEYS, type KeyGroup, type KeyTable, printKey } from '../keys.ts';
import { COMMANDS } from '../model/commands.ts';
import { clip, filled, widthOf, wrap } from '../text/cells.ts';
import { type Line, line, type Size, span } from '../text/line.ts';
import type { View } from '../views.ts';

export interface HelpInput {
  readonly table: KeyTable;
  /** The view that help was asked for in: keys that do nothing there are dim. */
  readonly view: View;
  /** First line in sight. */
  readonly top: number;
}

const GROUPS: readonly KeyGroup[] = ['Move', 'Go', 'Find', 'Show', 'Do'];
/** Keys that are further down the table than the others fit beside their help. */
const KEY_CELLS = 20;
const LEAST_HELP = 16;

const ABOUT_MARKS = [
  'M marks with the next free letter, :mark a with the one you name, and M again takes the mark away.',
  "' and the letter goes there, '' back to where you were before the last jump.",
];

const ABOUT_FINDING = [
  'Ctrl-F finds a text in what is shown and in bytes, in any case unless it has a capital; bytes as aa:bb or 0xaabb; or what a',
  'filter matches: mnet.sequence > 1000. text:, bytes: or fields: before it decides. ; and , go on, round the ends.',
  'Among connections it goes from one to the next; among fields and bytes to each place of a message. f and * hide rows.',
];

const ABOUT_FILTERS = [
  'A filter asks messages: FIELD, FIELD OPERATOR VALUE, joined by && || ! ( ). Tab completes names.',
  'mnet.sequence > 1000 && type == DATA    rule ~ "mnet/*"    severity >= warning    addr == 10.0.0.1',
  'Connections stay that have a message that matches, findings that match or whose message does.',
];

export function helpPane({ table, view, top }: HelpInput, { width, height }: Size): Line[] {
  return helpLines(table, view, width).slice(top, top + height);
}

export function helpHeight(width: number, table: KeyTable = KEYS): number {
  return helpLines(table, 'help', width).length;
}

function helpLines(table: KeyTable, view: View, width: number): Line[] {
  const lines: Line[] = [];
  for (const group of GROUPS) {
    lines.push(heading(group, width));
    for (const row of table.filter(found => found.group === group)) {
      const keys = row.keys.map(printKey).join('  ');
      lines.push(...entry(keys, row.help, width, holdsIn(row, view)));
    }
    lines.push(line());
  }
  lines.push(heading('Commands', width));
  for (const { name, argument, help } of COMMANDS)
    lines.push(...entry(`:${name} ${argument}`.trim(), help, width, true));
  lines.push(line(), heading('Marks', width), ...prose(ABOUT_MARKS, width));
  lines.push(line(), heading('Finding', width), ...prose(ABOUT_FINDING, width));
  lines.push(line(), heading('Filters', width), ...prose(ABOUT_FILTERS, width));
  return lines;
}

function heading(text: string, width: number): Line {
  return line(span(clip(text, width), 'heading'));
}

function prose(texts: readonly string[], width: number): Line[] {
  return texts.flatMap(text => wrap(text, width)).map(text => line(span(text)));
}

/** What it is called, and beside it, or under it where that is too narrow, what it does. */
function entry(name: string, help: string, width: number, holds: boolean): Line[] {
  const role = holds ? 'key' : 'dim';
  const left = Math.min(KEY_CELLS, Math.max(0, width - LEAST_HELP));
  const words = wrap(help, Math.max(1, width - left)).map(text => span(text, holds ? 'plain' : 'dim'));
  const indent = span(' '.repeat(left));
  if (widthOf(name) < left) {
    return words.map((text, index) => line(index === 0 ? span(filled(name, left), role) : indent, text));
  }
  return [line(span(clip(name, width), role)), ...words.map(text => line(indent, text))];
}
