/** What npm packs: everything that the program reads, and that the documentation in the package links to or shows. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sourceText } from './kit/sources.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const [{ files }] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' }),
);
const packed: readonly string[] = files.map(({ path }: { path: string }) => path);
const isPacked = (path: string) => packed.some(file => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));

const PAGES = packed.filter(file => file.endsWith('.md') && !file.startsWith('templates/'));

test('the templates are packed, each file of them', () => {
  for (const file of [
    'package.json',
    'tsconfig.json',
    'gitignore',
    'README.md',
    'src/index.ts',
    'test/my-protocol.test.ts',
  ])
    expect(packed).toContain(`templates/protocol/${file}`);
  expect(packed).toContain('templates/udp/test/conversation.ts');
});

test('of the sources and the tests themselves nothing is', () => {
  const own = packed.filter(file => !/^(templates|examples)\//.test(file));
  expect(own.filter(file => /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
  expect(own).toContain('dist/src/sdk.d.ts');
});

test('what is built or installed in an example is not', () => {
  expect(packed.filter(file => /^examples\/.*(node_modules|dist)\/|\.pcap$/.test(file))).toEqual([]);
});

describe('the documentation', () => {
  test('is there', () => {
    expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/protocol.md', 'docs/CHANGELOG.md']));
  });

  test.each(PAGES)('of %s links to nothing and shows nothing that is not packed', page => {
    const text = sourceText(page)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .replace(/`[^`\n]*`/g, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.replace(/#.*$/, ''));
    const relative = targets.filter(target => target !== '' && !/^[a-z]+:/.test(target));
    const paths = relative.map(target => posix.normalize(posix.join(posix.dirname(page), target)));
    expect(paths.filter(path => !isPacked(path))).toEqual([]);
  });
});

test('the schemas are exported', () => {
  const require = createRequire(import.meta.url);
  expect(require('wirelint/schema/report.schema.json')).toHaveProperty('$schema');
});
