/**
 * Text of others in the languages that reports are written in. Each function takes text as it came (from a packet, a
 * file name, a comment, a plugin, a configuration), passes it through the sanitising sink, and returns what stands for
 * that text, and for nothing else, in its language.
 */
import { visible } from '../wire/escape.ts';

/** What code hosts make links or mentions of, wherever it stands in a text: these are shown as code. */
const LINKED = /[@&]|:\/\/|www\.|[#!$%~^]\w/i;
const MARKUP = /[\\`*_{}[\]<>#+!|~$^]/g;
/** What begins a list, a heading or a rule at the start of a line. */
const BLOCK = /^(?:([-=:])|(\d+)([.)]))/;

/** A sentence in markdown. */
export function markdownText(text: string): string {
  const safe = visible(text).trim();
  if (LINKED.test(safe)) return markdownCode(safe);
  return safe
    .replace(MARKUP, '\\$&')
    .replace(BLOCK, (_, mark?: string, digits?: string, end?: string) => (mark ? `\\${mark}` : `${digits}\\${end}`));
}

/** The same in a table, or where it must be seen as it is. Not for code in a table: `markdownCell`. */
export function markdownCode(text: string): string {
  const safe = visible(text);
  if (safe.trim() === '') return '';
  const fence = '`'.repeat(longestRun(safe) + 1);
  const pad = /^[ `]|[ `]$/.test(safe) ? ' ' : '';
  return fence + pad + safe + pad + fence;
}

/** Code in a cell of a table, where a bar is escaped even in code. */
export function markdownCell(text: string): string {
  return markdownCode(text).replaceAll('|', '\\|');
}

/** Lines that are shown as they are. */
export function markdownBlock(lines: readonly string[]): string {
  const safe = lines.map(visible);
  const fence = '`'.repeat(Math.max(3, longestRun(safe.join('\n')) + 1));
  return `${fence}text\n${safe.join('\n')}\n${fence}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

/** What a workflow command of GitHub says, a line each. */
export function commandData(lines: readonly string[]): string {
  return lines.map(line => percent(visible(line), /[%\r\n]/g)).join('%0A');
}

/** The value of a property of a workflow command. */
export function commandProperty(text: string): string {
  return percent(visible(text), /[%\r\n:,]/g);
}

function percent(text: string, characters: RegExp): string {
  return text.replace(
    characters,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** A description or a reason in TAP 14, where `#` begins a directive. */
export function tapText(text: string): string {
  return visible(text).replace(/[\\#]/g, '\\$&');
}
