/**
 * The tutorial builds examples/kv: its code blocks that name a file, put together in their order, are that folder, but for
 * blank lines between them. Its README has the specification, word for word, as the tutorial does.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sourceText } from './kit/sources.ts';

const TUTORIAL = sourceText('docs/protocol.md');
const FOLDER = 'examples/kv';
const BLOCK = /^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm;

/** Text of each file, by path. */
const files = new Map<string, string>();
for (const [, file, text] of TUTORIAL.matchAll(BLOCK)) files.set(file, (files.get(file) ?? '') + text);

const inFolder = readdirSync(fileURLToPath(new URL(`../${FOLDER}`, import.meta.url)), {
  recursive: true,
  withFileTypes: true,
})
  .filter(entry => entry.isFile())
  .map(entry => `${entry.parentPath}/${entry.name}`.split(`/${FOLDER}/`)[1])
  .filter(file => !/^(node_modules|dist)\/|\.pcap$|^package-lock\.json$/.test(file));

const withoutBlanks = (text: string) => text.split('\n').filter(line => line.trim() !== '');

test('the tutorial has each file of the example but its README', () => {
  expect([...files.keys(), 'README.md'].sort()).toEqual(inFolder.sort());
});

test.each([...files.keys()])('its blocks of %s are the file', file => {
  expect(withoutBlanks(files.get(file)!)).toEqual(withoutBlanks(sourceText(`${FOLDER}/${file}`)));
});

test('its specification is that of the README', () => {
  const clauses = (text: string) => /^1\. KV runs[\s\S]*?^4\. .*$/m.exec(text)?.[0];
  expect(clauses(TUTORIAL)).toBeDefined();
  expect(clauses(sourceText(`${FOLDER}/README.md`))).toBe(clauses(TUTORIAL));
});
