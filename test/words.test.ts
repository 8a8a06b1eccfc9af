/**
 * Texts that people read keep to the word list of docs/CONTRIBUTING.md: the documentation, the descriptions of the schemas, and
 * the string literals of the program, the protocols and what `wirelint new` writes. Code and comments are not looked at.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';
import { expect, test } from 'vitest';
import { sourceText } from './kit/sources.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LIST = 'docs/CONTRIBUTING.md';

/** Rows of the word list: what to say, for what, what not to say. */
const ROW = /^\| \*.*\| (.*) \|$/gm;

/** The words of the last column. */
const unwanted = [...sourceText(LIST).matchAll(ROW)].flatMap(([, words]) =>
  [...words!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
);
const pattern = new RegExp(`\\b(?:${unwanted.join('|')})\\b`, 'i');

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending) && !/(^|\/)(node_modules|dist|data|api)\//.test(name))
    .map(name => `${folder}/${name}`);
}

const PAGES = [
  'README.md',
  ...['docs', 'bench', 'dissectors', 'examples', 'templates'].flatMap(folder => filesBelow(folder, '.md')),
];

/** Literals of more than a word: one word is a name. */
function literalsOf(path: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value, cooked } = node as { type?: string; value?: unknown; cooked?: unknown };
    if (type === 'StringLiteral' && typeof value === 'string') found.push(value);
    if (type === 'TemplateElement' && typeof cooked === 'string') found.push(cooked);
    for (const part of Object.values(node)) visit(part);
  };
  visit(parseSync(sourceText(path), { syntax: 'typescript' }));
  return found.filter(text => text.includes(' '));
}

test('the list has words', () => {
  expect(unwanted).toEqual(expect.arrayContaining(['told', 'whoever', 'anew', 'demand']));
  expect(pattern.test('a value is told')).toBe(true);
  expect(pattern.test('a value is reported')).toBe(false);
});

test.each(PAGES)('%s keeps to them', page => {
  const lines = sourceText(page).replace(ROW, '').split('\n');
  expect(lines.filter(line => pattern.test(line))).toEqual([]);
});

test.each(['src', 'dissectors', 'templates'])('the literals in %s do', folder => {
  const broken = filesBelow(folder, '.ts').flatMap(path =>
    literalsOf(path)
      .filter(text => pattern.test(text))
      .map(text => `${path}: ${text}`),
  );
  expect(broken).toEqual([]);
});

test.each(filesBelow('schema', '.json'))('the descriptions of %s do', path => {
  expect(
    sourceText(path)
      .split('\n')
      .filter(line => pattern.test(line)),
  ).toEqual([]);
});
