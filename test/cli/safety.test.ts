/** What a hostile capture, a careless command line or a poor surrounding must not bring about. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { CLEAN, Folder, readFixture } from './captures.ts';
import { runAsBuilt, runInside } from './host.ts';
import { shell, wirelint } from './run.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const ESCAPES = 'fixtures/field/escapes.pcapng';
/** What acts on a terminal or hides from eyes. Line feeds are the layout's own. */
const HARMFUL = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const LOG_COMMAND = /##(vso|teamcity)?\[/i;
const WORKFLOW_COMMAND = /^\s*::/m;

describe('field file escapes.pcapng: nothing in it reaches an output as it is', () => {
  test.each([
    ['check'],
    ['check', '--all-connections', '--midstream', 'never'],
    ['check', '--format', 'json'],
    ['check', '--quiet'],
    ['dissect'],
    ['dissect', '--fields'],
    ['dissect', '--hex'],
    ['dissect', '--format', 'json', '--hex'],
    ['dissect', '--format', 'ndjson'],
  ])('%s %s %s %s', async (...args) => {
    const { stdout, stderr } = await runInside(...args, ESCAPES);
    for (const text of [stdout, stderr]) {
      expect(text).not.toMatch(HARMFUL);
      expect(text).not.toMatch(LOG_COMMAND);
      expect(text).not.toMatch(WORKFLOW_COMMAND);
    }
    expect(stdout).not.toBe('');
  });

  test('and JSON loses nothing of it', async () => {
    const { stdout } = await runInside('dissect', '--format', 'json', ESCAPES);
    expect(stdout).toContain('\\u0023#vso[');
    expect(JSON.stringify(JSON.parse(stdout))).toMatch(/##\[error\].*##vso\[.*##teamcity\[/);
  });
});

test('the name of a capture is no command to a CI system, and no text that hides', async () => {
  for (const name of ['##vso[task.complete]', '##[error]x', '::error::x', 'a\u3164b\ufe0f\u2800']) {
    const path = folder.file(name, readFixture(CLEAN));
    const missing = folder.file(`${name}.not`);
    for (const args of [
      ['check', path, missing],
      ['check', '--format', 'json', path],
      ['dissect', missing],
    ]) {
      const { stdout, stderr } = await runInside(...args);
      for (const text of [stdout, stderr]) {
        expect(text).not.toMatch(LOG_COMMAND);
        expect(text).not.toMatch(WORKFLOW_COMMAND);
        expect(text).not.toMatch(HARMFUL);
      }
    }
    expect(JSON.parse((await runInside('check', '--format', 'json', path)).stdout).captures[0].path).toBe(path);
  }
});

describe('a capture is never written over', () => {
  const precious = () => folder.file('precious.pcap', readFixture(CLEAN));
  const OUTPUT = 'this is the capture to read';

  test.each([
    ['check - --output x < x', (path: string) => `$WIRELINT check - --output ${path} < ${path}`, '--output X'],
    [
      'check - -o link < x',
      (path: string) => `ln -f ${path} ${path}.link; $WIRELINT check - -o ${path}.link < ${path}`,
      '--output X.link',
    ],
    ['dissect - -o x < x', (path: string) => `$WIRELINT dissect - --format json -o ${path} < ${path}`, '--output X'],
    ['check - >> x < x', (path: string) => `$WIRELINT check - >> ${path} < ${path}`, 'standard output'],
    ['check x >> x', (path: string) => `$WIRELINT check ${path} >> ${path}`, 'standard output'],
    ['dissect x -o - >> x', (path: string) => `$WIRELINT dissect ${path} -o - >> ${path}`, 'standard output'],
  ])('%s', async (_situation, line, option) => {
    const path = precious();
    const result = await shell(line(path));
    expect(result).toEqual({ code: 2, stdout: '', stderr: `wirelint: ${option.replace('X', path)}: ${OUTPUT}\n` });
    expect(readFileSync(path)).toEqual(readFixture(CLEAN));
  });

  test('by an export of inspect, when it came in by standard input', async () => {
    const path = precious();
    const other = folder.file('other.pcap', readFixture(CLEAN));
    const output = fileURLToPath(new URL('../../src/cli/output.ts', import.meta.url));
    const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url));
    const script = folder.file('same.mjs');
    writeFileSync(
      script,
      `import { isSameFile } from ${JSON.stringify(output)};
       console.log(await isSameFile(process.argv[2], '-'), await isSameFile(process.argv[3], '-'));`,
    );
    const { stdout } = await shell(`${process.execPath} ${jiti} ${script} ${path} ${other} < ${path}`);
    expect(stdout).toBe('true false\n');
  });

  test('and a pipe has no file that could be written over', async () => {
    const report = folder.file('report.txt');
    const result = await shell(`cat ${CLEAN} | $WIRELINT check - -o ${report}`);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(report, 'utf8')).toMatch(/conformant\n$/);
  });
});

describe('a hostile environment is reported as what it is', () => {
  test.each([
    `check ${fileURLToPath(new URL(`../../${CLEAN}`, import.meta.url))}`,
    'check x --plugin ./p',
    '--version',
  ])('a working directory that was removed: %s', async args => {
    const gone = folder.file('gone');
    const result = await shell(`mkdir ${gone}; cd ${gone}; rmdir ${gone}; $WIRELINT ${args}`);
    const stderr = 'wirelint: the working directory is gone; change to one that is there (cd)\n';
    expect(result).toEqual({ code: 2, stdout: '', stderr });
  });

  test('too few open files to load the program', async () => {
    const fails = `if(a[0].includes('checking-'))throw/**/Object.assign(Error('x'),{code:'EMFILE'})`;
    const environment = { NODE_OPTIONS: hook(`const/**/l=m._load;m._load=(...a)=>{${fails};return/**/l(...a)}`) };
    expect(await wirelint(['check', CLEAN], { environment })).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^wirelint: cannot start: too many open files: .+ may be open at once; raise the limit \(ulimit -n 1024\)\n$/,
      ),
    });
  });

  // How many it needs depends on how many of its files happen to be read at once.
  test('at most 24, 22 and 20 open files: a whole report, or one line', async () => {
    const whole = await runAsBuilt('check', CLEAN);
    for (const limit of [24, 22, 20]) {
      const result = await shell(`ulimit -n ${limit}; $WIRELINT check ${CLEAN}`);
      if (result.code === 0) expect(result).toEqual(whole);
      else {
        expect(result).toEqual({
          code: expect.toSatisfy(code => code === 2 || code === 3),
          stdout: '',
          stderr: expect.stringMatching(/^wirelint: .*too many open files.*\n$/),
        });
      }
    }
  });

  test('no more files for a capture, or for a report', async () => {
    // Whatever is opened once the program runs.
    const fails = `m.syncBuiltinESMExports(fs.open=(...a)=>a.at(-1)(Object.assign(Error('x'),{code:'EMFILE'})))`;
    const environment = { NODE_OPTIONS: hook(fails) };
    const capture = await wirelint(['check', CLEAN], { environment });
    expect(capture).toEqual({ code: 3, stdout: '', stderr: `wirelint: ${CLEAN}: too many open files\n` });
    const rejects = `m.syncBuiltinESMExports(fs.promises.open=async()=>{throw/**/Object.assign(Error('x'),{code:'EMFILE'})})`;
    const report = await wirelint(['check', CLEAN, '-o', 'x'], { environment: { NODE_OPTIONS: hook(rejects) } });
    expect(report).toEqual({ code: 2, stdout: '', stderr: 'wirelint: cannot write to x: too many open files\n' });
  });
});

describe('what is waited for and never comes ends in an exit code of the table', () => {
  test('a read that the system never answers: 70', async () => {
    const environment = { NODE_OPTIONS: hook('m.syncBuiltinESMExports(fs.read=()=>{})') };
    expect(await wirelint(['check', CLEAN], { environment })).toEqual({
      code: 70,
      stdout: '',
      stderr: 'wirelint: internal error: the program ended before its work was done; please report this bug\n',
    });
  });

  test('the same read in a thread: 70, too', async () => {
    const environment = { NODE_OPTIONS: hook('m.syncBuiltinESMExports(fs.read=()=>{})') };
    const { code, stdout, stderr } = await wirelint(['check', CLEAN, CLEAN, '--jobs', '2'], { environment });
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^wirelint: internal error: .*the program ended before its work was done.*\n$/);
  });

  test('a plugin that never finishes loading: 2, and its name', async () => {
    const plugin = folder.file('stuck.mjs', Buffer.from('await new Promise(() => {}); export default {};'));
    const stderr = `wirelint: --plugin ${plugin}: stuck.mjs: it never finishes loading\n`;
    expect(await wirelint(['rules', '--plugin', plugin])).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('completion runs no code of a plugin', () => {
  const ran = folder.file('ran');
  const plugin = folder.file(
    'spy.mjs',
    Buffer.from(`import fs from 'fs'; fs.writeFileSync(${JSON.stringify(ran)}, '');`),
  );

  test.each([
    [['check', '--plugin', plugin, '--rule', ''], 'mnet/length=off'],
    [['check', `--plugin=${plugin}`, '-'], '--rule'],
    [['--plugin', plugin, ''], 'check'],
  ])('of %j', async (words, completed) => {
    const { code, stdout } = await runInside('--complete', 'zsh', 'wirelint', ...words);
    expect([code, stdout]).toEqual([0, expect.stringContaining(completed)]);
    expect(existsSync(ran)).toBe(false);
  });

  test('which runs where a command does', async () => {
    await wirelint(['rules', '--plugin', plugin]);
    expect(existsSync(ran)).toBe(true);
  });
});

/** Runs before the program does, with `fs` and `m`, Node's modules for files and for modules. */
function hook(deed: string): string {
  return `--import=data:text/javascript,import/**/fs/**/from'fs';import/**/m/**/from'module';${deed}`;
}
