/**
 * A step of `npm run build`: the compiler has written declarations for every file, and those stay that an export of
 * package.json reaches by its imports; nobody can import the others. Which they are the compiler says, too.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** Without the libraries, which nobody asks for. */
const OPTIONS = ['--listFilesOnly', '--ignoreConfig', '--noLib', '--module', 'nodenext'];

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries: string[] = Object.values<{ types?: string }>(exports).flatMap(({ types }) => types ?? []);
const listed = execFileSync(process.execPath, [compiler, ...OPTIONS, ...entries], { encoding: 'utf8' });
const reached = new Set(listed.split(/\r?\n/).map(path => resolve(path)));
// Rather fail than remove all of them.
for (const entry of entries) if (!reached.has(resolve(entry))) throw new Error(`${entry}: not among what tsc lists`);

for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  const file = resolve('dist', path);
  if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}
