import { cpSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Traffic } from '../../src/testkit.ts';
import { CLEAN, conversation, Folder, foreign, readFixture, unanswered, violating } from './captures.ts';
import { runInside } from './host.ts';
import { shell, wirelint } from './run.ts';

const folder = new Folder();
const error = folder.file('error.pcap', violating());
const warning = folder.file('warning.pcap', unanswered());
const other = folder.file('other.pcap', foreign());
const cut = folder.file('cut.pcap', readFixture(CLEAN).subarray(0, 2400));
const cutOther = folder.file('cut-other.pcap', foreign().subarray(0, -1));
const missing = folder.file('missing.pcap');
/** A stream that ends inside its first message: an error, and no message. */
const ended = new Traffic();
ended.connect('10.0.0.1:40000', '10.0.0.2:9000').client('68690a').close();
const truncated = [folder.file('truncated.pcap', ended.pcap()), '-d', 'tcp.port==9000,libipc'];

afterAll(() => folder.remove());

describe('check', () => {
  test.each<[number, string, readonly string[]]>([
    [0, 'a conformant capture', [CLEAN]],
    [1, 'an error', [error]],
    [1, 'an error in the second of two captures', [CLEAN, error]],
    [0, 'an error whose rule is off', [error, '--rule', 'mnet/cookie-peer-tag=off']],
    [0, 'an error whose rule is only a warning here', [error, '--rule', 'mnet/cookie-peer-tag=warning']],
    [0, 'an error that must not fail the build', [error, '--fail-on', 'never']],
    [0, 'a warning', [warning]],
    [1, 'a warning where none is allowed', [warning, '--max-warnings', '0']],
    [0, 'as many warnings as are allowed', [warning, '--max-warnings', '1']],
    [1, 'a warning with the threshold at warnings', [warning, '--fail-on', 'warning']],
    [1, 'a warning whose rule is an error here', [warning, '--rule', 'mnet/handshake-incomplete=error']],
    [0, 'the largest tables that can be asked for', [CLEAN, '--limit', 'flows=16777215', '--limit', 'hosts=16777215']],
    [0, 'the smallest tables', [CLEAN, '--limit', 'flows=1', '--limit', 'hosts=1', '--limit', 'stream-memory=1']],
    [1, 'an error that is not listed for want of room', [error, '--quiet', '--limit', 'findings=1']],
    [3, 'a capture that is not there', [missing]],
    [3, 'a capture that is not there, though cut ones are allowed', [missing, '--allow-incomplete']],
    [3, 'a file that is no capture', ['package.json']],
    [3, 'a folder', ['src']],
    [3, 'a cut capture', [cut]],
    [0, 'a cut capture where that is allowed', [cut, '--allow-incomplete']],
    [3, 'a cut capture beside one with an error', [cut, error]],
    [1, 'the same where cut captures are allowed', [cut, error, '--allow-incomplete']],
    [4, 'a capture without a known message', [other]],
    [0, 'the same where that is allowed', [other, '--allow-empty']],
    [4, 'an error without a message', truncated],
    [1, 'the same where that is allowed: the error is not', [...truncated, '--allow-empty']],
    [3, 'a cut capture without a known message', [cutOther]],
    [4, 'the same where cut captures are allowed', [cutOther, '--allow-incomplete']],
    [0, 'a known message beside a capture without one', [CLEAN, other]],
  ])('ends in %i for %s', async (code, _situation, args) => {
    expect(await runInside('check', ...args)).toMatchObject({ code });
  });

  test('a capture that cannot be opened does not keep the others from being reported', async () => {
    const result = await runInside('check', missing, error);
    expect(result).toMatchObject({ code: 3, stderr: `wirelint: ${missing}: no such file\n` });
    expect(result.stdout).toContain('mnet/cookie-peer-tag');
    expect(result.stdout.replace(/\s+/g, ' ')).toContain(`note: not read: ${missing}: no such file`);
  });

  test('no report is made of nothing', async () => {
    expect(await runInside('check', missing, '--format', 'json')).toMatchObject({ code: 3, stdout: '' });
  });

  test('what was read of a cut capture is reported first', async () => {
    const { stdout } = await runInside('check', cut);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/ problem: .*cut\.pcap: packet 28 is cut: /);
    expect(stdout).toMatch(/27 messages, 27 packets: inconclusive\n$/);
  });

  test('nothing to check is reported with the remedy', async () => {
    const { stderr } = await runInside('check', other);
    expect(stderr).toMatch(/^wirelint: nothing to check: no message of .*mnet.* in 2 packets; .*-d udp\.port==.*\n$/);
  });

  test('an inconclusive run is not a failure', async () => {
    const midstream = folder.file('midstream.pcap', conversation('04 aabbcc', '<06 aabbcc'));
    const result = await runInside('check', midstream, '-d', 'udp.port==26999,mnet');
    expect(result.stdout).toMatch(/: inconclusive\n$/);
    expect(result.code).toBe(0);
  });
});

test.each<[number, readonly string[]]>([
  [0, ['check', CLEAN]],
  [1, ['check', error]],
  [2, ['check', '--formt', CLEAN]],
  [3, ['check', cut]],
  [4, ['check', other]],
])('the built program exits with %i', async (code, args) => {
  expect(await wirelint(args)).toMatchObject({ code });
});

describe('dissect', () => {
  test.each<[number, string, readonly string[]]>([
    [0, 'messages, whatever was found in them', [error]],
    [3, 'a capture that is not there', [missing]],
    [3, 'a cut capture', [cut]],
    [0, 'a cut capture where that is allowed', [cut, '--allow-incomplete']],
    [4, 'a capture without a known message', [other]],
    [0, 'the same where that is allowed', [other, '--allow-empty']],
    [4, 'a frame that is not there', [CLEAN, '--frame', '29']],
    [4, 'a connection that is not there', [CLEAN, '--connection', '2']],
  ])('ends in %i for %s', async (code, _situation, args) => {
    expect(await runInside('dissect', ...args)).toMatchObject({ code });
  });
});

describe('usage errors end in 2 with one line that helps', () => {
  test.each<[readonly string[], string]>([
    [
      [],
      'name a command: check, merge, worker, dissect, inspect, proxy, replay, extract, rules, protocols, config, new or help; wirelint help lists them',
    ],
    [['chekc'], 'unknown command chekc; did you mean check?'],
    [
      ['frobnicate'],
      'unknown command frobnicate; known: check, merge, worker, dissect, inspect, proxy, replay, extract, rules, protocols, config, new, completion, help',
    ],
    [['check'], 'check: name a capture (a path or URL), a folder or @list, or - for standard input'],
    [['check', '-', '-'], 'standard input (-) can be read once only'],
    [['check', CLEAN, '--formt', 'json'], 'unknown option --formt; did you mean --format?'],
    [
      ['check', CLEAN, '--format', 'xml'],
      '--format xml: unknown format xml; known: text, json, ndjson, compact, markdown, html, github, sarif, junit, gitlab, tap',
    ],
    [['check', CLEAN, '-f', 'text', '-f', 'json'], '--format was given more than once'],
    [['check', CLEAN, '--no-output'], 'unknown option --no-output'],
    [['check', CLEAN, '--no-rule'], 'unknown option --no-rule'],
    [['check', CLEAN, '-o'], '-o needs a value'],
    [['check', CLEAN, '--max-warnings', 'many'], '--max-warnings many: a whole number of at least 0 is needed'],
    [['check', CLEAN, '--max-findings', '0'], '--max-findings 0: a whole number of at least 1 is needed'],
    [
      ['check', CLEAN, '--rule', 'mnet/lenght=off'],
      '--rule mnet/lenght=off: unknown rule mnet/lenght; did you mean mnet/length?',
    ],
    [['check', CLEAN, '-o', CLEAN], `--output ${CLEAN}: this is the capture to read`],
    [['dissect', CLEAN, CLEAN], 'dissect: name one capture, or - for standard input'],
    [['dissect', CLEAN, '--frame', '0'], '--frame 0: a whole number of at least 1 is needed'],
    [['rules', 'mnet/tag-mismach'], 'rules: unknown rule mnet/tag-mismach; did you mean mnet/tag-mismatch?'],
    [['rules', 'a', 'b'], 'rules: one id at a time; 2 were given'],
    [['protocols', 'x'], 'protocols: unknown protocol x; known: filestorage, libipc, ministreaming, mnet, mqtt'],
    [
      ['check', 'x', '--rule', '\x1b]0;evil\x07=off'],
      '--rule \\x1b]0;evil\\x07=off: unknown rule \\x1b]0;evil\\x07; wirelint rules lists them',
    ],
  ])('wirelint %j', async (args, line) => {
    expect(await runInside(...args)).toEqual({ code: 2, stdout: '', stderr: `wirelint: ${line}\n` });
  });
});

describe('a bug of ours ends in 70, never in a code that means something else', () => {
  /** Goes off while the program runs: once it listens for what nobody foresaw. */
  const saboteur = (deed: string) => ({
    NODE_OPTIONS: `--import=data:text/javascript,process.once('newListener',()=>setTimeout(()=>{${deed}}))`,
  });

  test('an exception that nobody caught', async () => {
    const environment = saboteur("throw/**/new/**/TypeError('boom')");
    const result = await wirelint(['check', '-'], { input: readFixture(CLEAN), environment });
    expect(result.code).toBe(70);
    expect(result.stderr).toMatch(
      /^wirelint: internal error: TypeError: boom; please report this bug, with what WIRELINT_DEBUG=1 shows\n$/,
    );
  });

  test('a part of the program that cannot be loaded', async () => {
    cpSync(new URL('../../dist', import.meta.url), folder.file('dist'), { recursive: true });
    cpSync(new URL('../../package.json', import.meta.url), folder.file('package.json'));
    const parts = readdirSync(folder.file('dist/src')).filter(name => /^checking-.*\.cjs$/.test(name));
    expect(parts).toHaveLength(1);
    rmSync(folder.file(`dist/src/${parts[0]}`));
    const main = folder.file('dist/src/cli/main.js');
    const result = await shell(`${process.execPath} ${main} check ${CLEAN}`);
    expect(result.code).toBe(70);
    expect(result.stderr).toMatch(/^wirelint: cannot start: [^\n]+; reinstall it [^\n]+\n$/);
  });

  test('a rejection that nobody handled, with its stack where that is asked for', async () => {
    const environment = { ...saboteur("Promise.reject(new/**/TypeError('boom'))"), WIRELINT_DEBUG: '1' };
    const result = await wirelint(['check', CLEAN], { environment });
    expect(result.code).toBe(70);
    expect(result.stderr).toMatch(/^wirelint: internal error: TypeError: boom.*\nTypeError: boom\n +at /);
  });
});
