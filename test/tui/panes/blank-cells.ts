/** Cells of a pane that are blank in all of its lines: room that something else could have had. */
import { widthOf } from '../../../src/tui/text/cells.ts';
import type { Line } from '../../../src/tui/text/line.ts';
import { textOf } from './lines.ts';

/** For each cell of the lines, whether it is blank in all of them. */
function blanksOf(lines: readonly Line[], width: number): boolean[] {
  const blank = new Array<boolean>(width).fill(true);
  for (const line of lines) {
    cellsOf(line).forEach((character, at) => {
      if (character !== ' ') blank[at] = false;
    });
  }
  return blank;
}

/** A character of two cells has an empty one behind it. */
function cellsOf(line: Line): string[] {
  return [...textOf(line)].flatMap(character => {
    const cells = widthOf(character);
    if (cells === 0) return [];
    return cells === 2 ? [character, ''] : [character];
  });
}

/** Between two columns stands one blank; whatever is more, and all at the end, is to spare. */
export function spareCells(lines: readonly Line[], width: number): number {
  const runs = blanksOf(lines, width)
    .map(isBlank => (isBlank ? ' ' : 'x'))
    .join('')
    .split('x');
  return runs.reduce(
    (sum, { length }, index) => sum + (index === runs.length - 1 ? length : Math.max(0, length - 1)),
    0,
  );
}

/**
 * The lines in which a text is cut although cells beside it are blank in every line. An ellipsis alone stands for what was not
 * read yet.
 *
 * @param gap blanks that stand between two columns
 */
export function cutsBesideBlanks(lines: readonly Line[], width: number, gap = 1): string[] {
  const blank = blanksOf(lines, width);
  const blanksFrom = (at: number, step: 1 | -1) => {
    let count = 0;
    for (let place = at; blank[place] === true; place += step) count++;
    return count;
  };
  return lines.flatMap(line => {
    const cells = cellsOf(line);
    const isCut = cells.some((character, at) => {
      const isAlone = (cells[at - 1] ?? ' ') === ' ' && (cells[at + 1] ?? ' ') === ' ';
      if (character !== '…' || isAlone) return false;
      const behind = blanksFrom(at + 1, 1);
      const isAtEnd = at + 1 + behind === blank.length;
      return behind > (isAtEnd ? 0 : gap) || blanksFrom(at - 1, -1) > gap;
    });
    return isCut ? [textOf(line)] : [];
  });
}
