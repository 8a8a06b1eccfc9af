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

/** Prints each part that is loaded with what is kept of it, and whether V8 has taken that. */
const REPORTER = `
  import vm from 'node:vm';
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      const [name] = /[a-z-]+(?=-[^-]*$)/.exec(options.filename) ?? [options.filename];
      console.error(name + (this.cachedDataRejected ? ' turned down' : ' taken'));
    }
  };
`;

function check(dist: string, ...nodeOptions: readonly string[]) {
  const program = [...nodeOptions, `${dist}/src/cli/main.js`, 'check', CAPTURE];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

// Newer versions of Node keep it themselves.
describe.skipIf('enableCompileCache' in nodeModule)('what is kept', () => {
  test('is there of all large parts that check loads, and V8 takes it', () => {
    const { stderr } = check(DIST, `--import=data:text/javascript,${encodeURIComponent(REPORTER)}`);
    const said = stderr.trim().split('\n');
    expect(said).toEqual(expect.arrayContaining(['core taken', 'protocols taken', 'checking taken', 'matcher taken']));
    expect(said.filter(line => line.endsWith('turned down'))).toEqual([]);
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
    expect(check(DIST, '--max-old-space-size=200')).toEqual(check(DIST));
  });
});
