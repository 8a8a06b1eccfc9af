import { describe, expect, test } from 'vitest';
import { begunLine, typed } from '../../src/cli/shell-words.ts';

const BREAKS = ' \t\n"\'><=;|&(:';

describe('a line up to the cursor', () => {
  test.each([
    ['wirelint ', ['wirelint', '']],
    ['wirelint check tra', ['wirelint', 'check', 'tra']],
    ["wirelint -Y 'type == DA", ['wirelint', '-Y', 'type == DA']],
    ['wirelint -Y "a \\"b\\" \\n', ['wirelint', '-Y', 'a "b" \\n']],
    ['wirelint a\\ b "" c', ['wirelint', 'a b', '', 'c']],
    ["wirelint 'it'\\''s'", ['wirelint', "it's"]],
    ['wirelint trailing\\', ['wirelint', 'trailing\\']],
    ['', ['']],
  ])('%j', (line, words) => {
    expect(begunLine(line).words).toEqual(words);
  });

  test.each([
    ['wirelint --rule mnet/length=o', 'mnet/length='],
    ['wirelint -d udp.port==1,', 'udp.port=='],
    ['wirelint -Y type\\ ==\\ D', 'type =='],
    ["wirelint -Y 'a=b", ''],
    ["wirelint --rule 'a'=", 'a='],
    ['wirelint check tra', ''],
  ])('%s breaks its last word behind %j', (line, before) => {
    const { words, broken } = begunLine(line, BREAKS);
    expect(words.at(-1)!.slice(0, broken)).toBe(before);
  });
});

test.each([
  ['mnet/*=off', '', 'mnet/\\*=off'],
  ['type == DATA', '', 'type\\ ==\\ DATA'],
  ['"PARCEL (big)"', "'", '"PARCEL (big)"'],
  ['"PARCEL $x"', '"', '\\"PARCEL \\$x\\"'],
  ["it's", "'", "it'\\''s"],
] as const)('%s inside %j is typed as %s', (text, quote, expected) => {
  expect(typed(text, quote)).toBe(expected);
  expect(begunLine(`${quote}${expected}`).words.at(-1)).toBe(text);
});
