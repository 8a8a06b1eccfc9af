/**
 * The examples below a command's options. yargs breaks a long one over lines in a column of its own, from where it cannot
 * be copied; here a command is one line, with what it does beside it where all fit, else below it.
 */

/** A command line, `$0` being the program, and what it does. */
export type Example = readonly [line: string, does: string];

/** Columns that help may take. */
const COLUMNS = 80;
const INDENT = 2;

/** @returns text for `epilogue`, a blank line at its end */
export function exampleHelp(examples: readonly Example[]): string {
  const shown = examples.map(([line, does]): Example => [line.replaceAll('$0', 'wirelint'), does]);
  const width = Math.max(...shown.map(([line]) => line.length)) + INDENT;
  const isBeside = shown.every(([, does]) => INDENT + width + does.length <= COLUMNS);
  const lines = shown.map(([line, does]) => (isBeside ? `  ${line.padEnd(width)}${does}` : `  ${line}\n      ${does}`));
  return `Examples:\n${lines.join('\n')}\n`;
}
