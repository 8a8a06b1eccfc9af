/** Tables in Markdown on standard output, and the figures in them. */

/** The head of a table whose first `texts` columns are text, the others numbers. */
export function printHeader(titles: readonly string[], texts = 0): void {
  print('');
  print(row(...titles));
  print(`|${titles.map((_, column) => (column < texts ? ':---|' : '---:|')).join('')}`);
}

export function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / 2 ** 20).toFixed(0);
}

/** How many times as fast as the reference, to two digits. */
export function ratio(reference: number | undefined, seconds: number): string {
  if (reference === undefined) return '-';
  const times = reference / seconds;
  return times < 100 ? times.toPrecision(2) : times.toFixed(0);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
