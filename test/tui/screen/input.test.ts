import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputDecoder, type InputEvent, MAX_PASTE } from '../../../src/tui/screen/input.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** All events of some input, pieces of it arriving one after another. */
function decode(...pieces: readonly string[]): InputEvent[] {
  const decoder = new InputDecoder();
  return [...pieces.flatMap(piece => decoder.push(bytes(piece))), ...decoder.flush()];
}

const keys = (...pieces: readonly string[]) =>
  decode(...pieces).map(event => (event.kind === 'key' ? event.key : event));
const key = (name: string): InputEvent => ({ kind: 'key', key: name });

describe('keys', () => {
  test.each([
    ['jG/é', ['j', 'G', '/', 'é']],
    ['日😀', ['日', '😀']],
    [' ', ['space']],
    ['\r', ['enter']],
    ['\n', ['enter']],
    ['\t', ['tab']],
    ['\x7f\b', ['backspace', 'backspace']],
    ['\x03\x1a\x06', ['C-c', 'C-z', 'C-f']],
    ['\x1c\0', ['C-\\', 'C-space']],
    ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
    ['\x1bOA\x1bOH\x1bOP', ['up', 'home', 'f1']],
    ['\x1b[5~\x1b[6~', ['pageup', 'pagedown']],
    ['\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[H\x1b[F', ['home', 'end', 'home', 'end', 'home', 'end']],
    ['\x1b[3~\x1b[24~', ['delete', 'f12']],
    ['\x1b[[A', ['f1']],
    ['\x1b[Z', ['S-tab']],
    ['\x1b[1;5C\x1b[1;2A\x1b[5;3~', ['C-right', 'S-up', 'M-pageup']],
    ['\x1b', ['escape']],
    ['\x1b\x1b', ['escape', 'escape']],
    ['\x1bj', ['escape', 'j']],
    ['\x1b[I\x1b[O\x1b[99~', []],
  ])('%j', (input, expected) => {
    expect(keys(input)).toEqual(expected);
  });

  test('a sequence in two pieces is one key', () => {
    expect(keys('\x1b', '[', 'A')).toEqual(['up']);
    expect(keys('\x1b[', '6', '~j')).toEqual(['pagedown', 'j']);
  });

  test('a character in two pieces is one key', () => {
    const decoder = new InputDecoder();
    const [first, ...rest] = bytes('é');
    expect([...decoder.push(Uint8Array.of(first!)), ...decoder.push(Uint8Array.from(rest))]).toEqual([key('é')]);
  });

  test('an escape character is the key only when nothing has followed for a while', () => {
    const decoder = new InputDecoder();
    expect(decoder.push(bytes('\x1b'))).toEqual([]);
    expect(decoder.pending).toBe(true);
    expect(decoder.flush()).toEqual([key('escape')]);
    expect(decoder.pending).toBe(false);
  });

  test('a sequence that never ends is given up', () => {
    expect(keys(`\x1b[${'1;'.repeat(100)}`, 'j')).toEqual(['j']);
  });
});

describe('the mouse', () => {
  test('presses and wheel, counted from 0; movements with it held down; letting go and moving else are nothing', () => {
    expect(decode('\x1b[<0;5;7M\x1b[<32;6;8M\x1b[<0;5;7m\x1b[<64;1;1M\x1b[<65;80;24M\x1b[<35;3;3M')).toEqual([
      { kind: 'mouse', action: 'press', x: 4, y: 6 },
      { kind: 'mouse', action: 'drag', x: 5, y: 7 },
      { kind: 'mouse', action: 'wheelup', x: 0, y: 0 },
      { kind: 'mouse', action: 'wheeldown', x: 79, y: 23 },
    ]);
  });

  test('in the old form, with keys before and behind', () => {
    expect(decode('j\x1b[M !"\x1b[M#!"k')).toEqual([
      key('j'),
      { kind: 'mouse', action: 'press', x: 0, y: 1 },
      key('k'),
    ]);
  });

  test('nonsense is nothing', () => {
    expect(decode('\x1b[<;;M\x1b[<0;0;0M\x1b[<999999;1;1M\x1b[<M')).toEqual([]);
  });
});

describe('pasted text', () => {
  test('is no keys, whatever it holds', () => {
    expect(decode('a\x1b[200~qQ:\r\x1b[A日\x1b[201~b')).toEqual([
      key('a'),
      { kind: 'paste', text: 'qQ:\r\x1b[A日' },
      key('b'),
    ]);
  });

  test('comes in pieces, its end mark too', () => {
    expect(decode('\x1b[200~ab', 'c\x1b[2', '01~', 'q')).toEqual([{ kind: 'paste', text: 'abc' }, key('q')]);
  });

  test('is kept to a bound', () => {
    const [pasted, after] = decode(`\x1b[200~${'x'.repeat(MAX_PASTE)}`, 'y'.repeat(1000), '\x1b[201~q');
    expect(pasted).toEqual({ kind: 'paste', text: 'x'.repeat(MAX_PASTE) });
    expect(after).toEqual(key('q'));
  });
});

test('whatever comes, in whatever pieces: never a failure, and all is taken in the end', () => {
  const unit = fc.oneof(
    fc.constantFrom('\x1b', '[', '<', 'M', '~', ';', '2', '0', '1', 'O', '200~'),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 40 }), pieces => {
      const decoder = new InputDecoder();
      for (const piece of pieces) decoder.push(bytes(piece));
      decoder.flush();
      decoder.push(bytes('\x1b[201~'));
      decoder.flush();
      expect(decoder.push(bytes('j')).at(-1)).toEqual(key('j'));
    }),
    { numRuns: 2000 },
  );
});
