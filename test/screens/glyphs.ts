/**
 * Characters that make one picture across cells (box drawing, blocks, braille), as paths: fonts differ in how high their
 * lines are, and a path joins the next cell's in all of them.
 */

/** Where a character is drawn. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Glyph {
  /** Lines to be stroked, light or heavy, or an area to be filled. */
  readonly kind: 'light' | 'heavy' | 'fill';
  readonly path: string;
}

/** So many of these side by side are one of them, wider. */
export const EXTENSIBLE: ReadonlySet<string> = new Set(['─', '━', '█', '▀', '▄']);

/** Arms of a box drawing character: up, right, down, left; 1 light, 2 heavy. */
const ARMS: Readonly<Record<string, string>> = {
  '─': '0101',
  '━': '0202',
  '│': '1010',
  '┃': '2020',
  '┌': '0110',
  '┏': '0220',
  '┐': '0011',
  '┓': '0022',
  '└': '1100',
  '┗': '2200',
  '┘': '1001',
  '┛': '2002',
  '├': '1110',
  '┣': '2220',
  '┤': '1011',
  '┫': '2022',
  '┬': '0111',
  '┳': '0222',
  '┴': '1101',
  '┻': '2202',
  '┼': '1111',
  '╋': '2222',
  '╴': '0001',
  '╵': '1000',
  '╶': '0100',
  '╷': '0010',
};

/** Corners: from which edges the curve comes. */
const CORNERS: Readonly<Record<string, readonly [vertical: 'top' | 'bottom', horizontal: 'left' | 'right']>> = {
  '╭': ['bottom', 'right'],
  '╮': ['bottom', 'left'],
  '╯': ['top', 'left'],
  '╰': ['top', 'right'],
};

/** Blocks in eighths of the cell: left, top, right, bottom. */
const BLOCKS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  '▀': [0, 0, 8, 4],
  '█': [0, 0, 8, 8],
  '▐': [4, 0, 8, 8],
  '▔': [0, 0, 8, 1],
  '▕': [7, 0, 8, 8],
};
const LOWER_BLOCKS = '▁▂▃▄▅▆▇';
const LEFT_BLOCKS = '▏▎▍▌▋▊▉';

const BRAILLE = 0x2800;
/** Column and row of the dots of bits 0 to 7 (Unicode chapter 21.1). */
const DOTS = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
] as const;

/** How a character is drawn in a box; undefined for what a font draws. */
export function glyphOf(character: string, box: Box): Glyph | undefined {
  const arms = ARMS[character];
  if (arms) return armsGlyph(arms, box);
  const corner = CORNERS[character];
  if (corner) return { kind: 'light', path: curve(corner, box) };
  const block = blockOf(character);
  if (block) return { kind: 'fill', path: blockPath(block, box) };
  const code = character.codePointAt(0)! - BRAILLE;
  if (code >= 0 && code < 256) return { kind: 'fill', path: braille(code, box) };
  return undefined;
}

function armsGlyph(arms: string, box: Box): Glyph {
  const { left, right, top, bottom, x, y } = edgesOf(box);
  const heavy = arms.includes('2');
  const [up, toRight, down, toLeft] = Array.from(arms, arm => arm !== '0');
  const across = toLeft || toRight ? `M${toLeft ? left : x} ${y}H${toRight ? right : x}` : '';
  const along = up || down ? `M${x} ${up ? top : y}V${down ? bottom : y}` : '';
  return { kind: heavy ? 'heavy' : 'light', path: across + along };
}

function curve([vertical, horizontal]: readonly [string, string], box: Box): string {
  const { left, right, top, bottom, x, y } = edgesOf(box);
  return `M${x} ${vertical === 'top' ? top : bottom}Q${x} ${y} ${horizontal === 'left' ? left : right} ${y}`;
}

function edgesOf({ x, y, width, height }: Box) {
  return { left: x, right: x + width, top: y, bottom: y + height, x: x + width / 2, y: y + height / 2 };
}

function blockOf(character: string): readonly [number, number, number, number] | undefined {
  const lower = LOWER_BLOCKS.indexOf(character);
  if (lower >= 0) return [0, 7 - lower, 8, 8];
  const left = LEFT_BLOCKS.indexOf(character);
  if (left >= 0) return [0, 0, left + 1, 8];
  return BLOCKS[character];
}

function blockPath([left, top, right, bottom]: readonly [number, number, number, number], box: Box): string {
  const [width, height] = [box.width / 8, box.height / 8];
  return rectangle(box.x + left * width, box.y + top * height, (right - left) * width, (bottom - top) * height);
}

function braille(bits: number, { x, y, width, height }: Box): string {
  const size = width / 3;
  return DOTS.map(([column, row], bit) => {
    if ((bits & (1 << bit)) === 0) return '';
    const [left, top] = [((column * 2 + 1) * width) / 4 - size / 2, ((row * 2 + 1) * height) / 8 - size / 2];
    return rectangle(x + left, y + top, size, size);
  }).join('');
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
