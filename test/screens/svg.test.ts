/** What a screen looks like in the pictures of the README: sequences in, SVG out. */
import { describe, expect, test } from 'vitest';
import { glyphOf } from './glyphs.ts';
import { motion } from './motion.ts';
import { PLAIN, parseScreen, styled } from './sgr.ts';
import { DARK, LIGHT, picture } from './svg.ts';

const runs = (screen: string) => parseScreen(screen).map(line => line.map(({ x, cells, text }) => [x, cells, text]));
const draw = (screen: string, columns = 20, rows = 2) => picture(screen, { columns, rows, title: 'a screen' });

/** Elements of the screen itself, without the window. */
function elements(screen: string, name: string): string[] {
  const body = draw(screen).split('<g ')[1]!.split('</g>')[0]!;
  return body.match(new RegExp(`<${name} [^>]*>`, 'g')) ?? [];
}

describe('a screen is read as runs of cells', () => {
  test('text without sequences is one run a line', () => {
    expect(runs('one\ntwo  \n\nfour\n')).toEqual([[[0, 3, 'one']], [[0, 5, 'two  ']], [], [[0, 4, 'four']]]);
  });

  test('runs begin where the one before ends, in cells', () => {
    expect(runs('\x1b[1mab\x1b[0m中é́\x1b[3mx')).toEqual([
      [
        [0, 2, 'ab'],
        [2, 3, '中é́'],
        [5, 1, 'x'],
      ],
    ]);
  });

  test('attributes last beyond the end of a line', () => {
    const styles = parseScreen('\x1b[1;38;5;203mab\ncd').map(([run]) => run?.style);
    expect(styles).toEqual(Array(2).fill({ ...PLAIN, bold: true, foreground: 203 }));
  });

  test('other sequences, titles and links take no cells', () => {
    expect(runs('a\x1b[2Jb\x1b]0;title\x07c\x1b]8;;http://x\x1b\\d')).toEqual([
      [
        [0, 1, 'a'],
        [1, 1, 'b'],
        [2, 1, 'c'],
        [3, 1, 'd'],
      ],
    ]);
  });

  test('line drawing by shifting to the other set', () => {
    expect(runs('\x0elqk\x0fq')).toEqual([
      [
        [0, 3, '┌─┐'],
        [3, 1, 'q'],
      ],
    ]);
  });
});

describe('attributes', () => {
  test.each([
    ['1', { bold: true }],
    ['2', { dim: true }],
    ['3', { italic: true }],
    ['4', { underline: true }],
    ['4:3', { underline: true }],
    ['7', { reverse: true }],
    ['8', { hidden: true }],
    ['9', { strike: true }],
    ['31', { foreground: 1 }],
    ['97', { foreground: 15 }],
    ['44', { background: 4 }],
    ['100', { background: 8 }],
    ['38;5;203', { foreground: 203 }],
    ['48:5:24', { background: 24 }],
    ['38;2;1;2;3', { foreground: { red: 1, green: 2, blue: 3 } }],
    ['48:2::1:2:3', { background: { red: 1, green: 2, blue: 3 } }],
    ['48:2:1:2:3', { background: { red: 1, green: 2, blue: 3 } }],
    ['58;5;1;1', { bold: true }],
    ['1;38;5;9;4', { bold: true, foreground: 9, underline: true }],
    ['999', {}],
  ])('%s', (parameters, changes) => {
    expect(styled(PLAIN, parameters)).toEqual({ ...PLAIN, ...changes });
  });

  const all = styled(PLAIN, '1;2;3;4;7;8;9;31;42');

  test.each(['0', '', '22;23;24;27;28;29;39;49'])('%s takes all back', parameters => {
    expect(all.reverse).toBe(true);
    expect(styled(all, parameters)).toEqual(PLAIN);
  });

  test('4:0 takes the line back', () => {
    expect(styled(styled(PLAIN, '4'), '4:0')).toEqual(PLAIN);
  });
});

describe('the picture', () => {
  test('text stands where its cells are, and is as wide as they', () => {
    expect(elements('ab  cd\n  中', 'text')).toEqual([
      '<text x="0" y="14" textLength="18" lengthAdjust="spacingAndGlyphs">',
      '<text x="36" y="14" textLength="18" lengthAdjust="spacingAndGlyphs">',
      '<text x="18" y="33" textLength="18" lengthAdjust="spacingAndGlyphs">',
    ]);
  });

  test('blanks show nothing but their background', () => {
    expect(elements('   \x1b[48;5;24m  \x1b[0m ', 'text')).toEqual([]);
    expect(elements('   \x1b[48;5;24m  \x1b[0m ', 'rect')).toEqual([
      '<rect x="27" y="0" width="18" height="19" fill="#005f87"/>',
    ]);
  });

  test.each([
    ['\x1b[31mx', DARK.colors[1]],
    ['\x1b[38;5;16mx', '#000000'],
    ['\x1b[38;5;203mx', '#ff5f5f'],
    ['\x1b[38;5;255mx', '#eeeeee'],
    ['\x1b[38;2;18;52;86mx', '#123456'],
    ['\x1b[7mx', DARK.background],
    ['\x1b[7;41mx', DARK.colors[1]],
  ])('%j is drawn in %s', (screen, color) => {
    expect(elements(screen, 'text')[0]).toContain(`fill="${color}"`);
  });

  test('reversed cells have the text colour behind them', () => {
    expect(elements('\x1b[7mx', 'rect')[0]).toContain(`fill="${DARK.foreground}"`);
  });

  test('bold, dim, italic, underlined and struck text', () => {
    const [text] = elements('\x1b[1;2;3;4;9m x ', 'text');
    for (const part of ['bold', 'opacity=', 'italic', 'underline line-through', 'textLength="27"']) {
      expect(text).toContain(part);
    }
  });

  test('hidden text is not in it', () => {
    expect(draw('\x1b[8mhidden')).not.toContain('hidden');
  });

  test('lines of a box are drawn through all of their cells, side by side in one stroke', () => {
    expect(elements('┌──┐', 'path')).toHaveLength(1);
    expect(elements('┌──┐', 'path')[0]).toContain('d="M4.5 9.5H9M4.5 9.5V19M9 9.5H27M27 9.5H31.5M31.5 9.5V19"');
  });

  test('what is drawn in several ways has a path for each', () => {
    expect(elements('─━█', 'path')).toHaveLength(3);
  });

  test('nothing beyond the rows of the terminal', () => {
    expect(picture('one\ntwo\nthree', { columns: 5, rows: 2, title: '' })).not.toContain('three');
  });

  test('markup and control characters in text and title are text', () => {
    const svg = picture('<b a="1">&\x07', { columns: 20, rows: 1, title: '</title><script>' });
    expect(svg).toContain('>&lt;b a=&quot;1&quot;&gt;&amp;\ufffd</text>');
    expect(svg).not.toContain('<script>');
    expect(svg).not.toContain('\x07');
  });

  test('the same screen gives the same bytes, another palette others', () => {
    expect(draw('\x1b[31mx')).toBe(draw('\x1b[31mx'));
    expect(picture('x', { columns: 1, rows: 1, title: '', palette: LIGHT })).toContain(LIGHT.background);
  });
});

describe('drawn characters', () => {
  const box = { x: 0, y: 0, width: 12, height: 16 };

  test.each([
    ['█', 'M0 0h12v16h-12z'],
    ['▁', 'M0 14h12v2h-12z'],
    ['▇', 'M0 2h12v14h-12z'],
    ['▌', 'M0 0h6v16h-6z'],
    ['▀', 'M0 0h12v8h-12z'],
    ['⠁', 'M1 0h4v4h-4z'],
    ['⢀', 'M7 12h4v4h-4z'],
    ['⠀', ''],
  ])('%s is an area', (character, path) => {
    expect(glyphOf(character, box)).toEqual({ kind: 'fill', path });
  });

  test.each([
    ['─', 'light', 'M0 8H12'],
    ['┼', 'light', 'M0 8H12M6 0V16'],
    ['┤', 'light', 'M0 8H6M6 0V16'],
    ['┗', 'heavy', 'M6 8H12M6 0V8'],
    ['╭', 'light', 'M6 16Q6 8 12 8'],
    ['╯', 'light', 'M6 0Q6 8 0 8'],
  ])('%s is a line', (character, kind, path) => {
    expect(glyphOf(character, box)).toEqual({ kind, path });
  });

  test.each(['a', '►', '中', '…', '╳'])('%s is left to the font', character => {
    expect(glyphOf(character, box)).toBeUndefined();
  });
});

describe('screens one after the other', () => {
  const shots = [
    { screen: 'title\none', key: '', seconds: 1 },
    { screen: 'title\ntwo', key: 'n', seconds: 2.5 },
    { screen: 'title\none', key: 'k', seconds: 0.5 },
  ];
  const svg = motion(shots, 1, { columns: 20, rows: 2, title: 'a walk' });
  const classOf = (text: string) => new RegExp(`<g class="(\\w+)"><text[^>]*>${text}<`).exec(svg)![1]!;
  const styleOf = (name: string) => new RegExp(`^(?:<style>)?\\.${name}\\{(.*)\\}$`, 'm').exec(svg)![1]!;

  test('a line that does not change is drawn once, and stays', () => {
    expect(svg.match(/>title</g)).toHaveLength(1);
    expect(svg).not.toMatch(/<g class="\w+"><text[^>]*>title</);
  });

  test('a line that comes back is drawn once, and is shown in its time', () => {
    expect(svg.match(/>one</g)).toHaveLength(1);
    expect(styleOf(classOf('one'))).toMatch(
      / 4\.0s step-end infinite\}.*\{0%\{.*visible\}25%\{.*hidden\}87\.5%\{.*visible\}/,
    );
  });

  test('where nothing moves, one screen stands', () => {
    expect(styleOf(classOf('two'))).toMatch(/^animation/);
    expect(styleOf(classOf('one'))).toMatch(/^visibility:hidden;animation/);
    expect(svg).toContain('@media (prefers-reduced-motion:reduce){svg g[class]{animation:none}}');
  });

  test('the key is in the bar while its screen is shown', () => {
    expect(svg).toMatch(/<rect [^>]*rx="4"[^>]*\/><text [^>]*>n<\/text><\/g>/);
  });
});
