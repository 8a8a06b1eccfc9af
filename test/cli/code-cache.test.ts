/** What the build keeps of V8's work, beside the parts of the program that `check` loads. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../kit/folder.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const CAPTURE = fileURLToPath(new URL('../../fixtures/mnet/faults.pcap', import.meta.url));
const CACHES = readdirSync(`${DIST}/src`).filter(name => name.endsWith('.cache'));

/** Prints each part that is loaded with what is kept of it, and whether V8 has taken that; in a thread as such. */
const REPORTER = `
  import vm from 'node:vm';
  import { isMainThread } from 'node:worker_threads';
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      const [name] = /[a-z-]+(?=-.{8}\\.cjs$)/.exec(options.filename) ?? [options.filename];
      console.error((isMainThread ? '' : 'thread: ') + name + (this.cachedDataRejected ? ' turned down' : ' taken'));
    }
  };
`;

function check(dist: string, nodeOptions: readonly string[] = [], ...words: readonly string[]) {
  const program = [...nodeOptions, `${dist}/src/cli/main.js`, 'check', CAPTURE, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const REPORTING = [`--import=data:text/javascript,${encodeURIComponent(REPORTER)}`];

// Newer versions of Node keep it themselves.
describe.skipIf('enableCompileCache' in nodeModule)('what is kept', () => {
  test('is there of all large parts that check loads, and V8 takes it', () => {
    const { stderr } = check(DIST, REPORTING);
    const said = stderr.trim().split('\n');
    expect(said).toEqual(expect.arrayContaining(['core taken', 'protocols taken', 'checking taken', 'matcher taken']));
    expect(said.filter(line => line.endsWith('turned down'))).toEqual([]);
  });

  test('is taken by a thread, too, of all that it loads', () => {
    const said = check(DIST, REPORTING, '--jobs', '2')
      .stderr.split('\n')
      .filter(line => line.startsWith('thread: '));
    expect(said.sort()).toEqual(['core', 'judging', 'matcher', 'protocols'].map(name => `thread: ${name} taken`));
  });

  test.each([
    ['is damaged', (cache: string) => writeFileSync(cache, 'not of V8')],
    ['is empty', (cache: string) => writeFileSync(cache, '')],
  ])('is done without where it %s', (_, damage) => {
    const folder = folderWith({});
    cpSync(DIST, join(folder, 'dist'), { recursive: true });
    cpSync(`${DIST}/../package.json`, join(folder, 'package.json'));
    expect(CACHES).not.toEqual([]);
    for (const cache of CACHES) damage(join(folder, 'dist/src', cache));
    expect(check(join(folder, 'dist'))).toEqual(check(DIST));
  });

  test('is done without under flags that V8 compiles by', () => {
    expect(check(DIST, ['--max-old-space-size=200'])).toEqual(check(DIST));
  });
});
