import { existsSync, mkdirSync, readdirSync, readlinkSync, utimesSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { CAPTURE, EMPTY, OK, USAGE } from '../../src/cli/exit-code.ts';
import { FakeTty } from '../tui/fake-tty.ts';
import { CLEAN, Folder, foreign, readFixture, violating } from './captures.ts';
import { runInside, runOnTerminal, runOnTerminalWith } from './host.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** What was written a moment ago is waited on; these have been there for a while. */
function captureFile(name: string, bytes: Uint8Array): string {
  const path = folder.file(name, bytes);
  utimesSync(path, 1000, 1000);
  return path;
}

/** Somebody who looks until the screen shows this, and quits. */
async function lookUntil(shown: RegExp, ...args: readonly string[]) {
  const tty = new FakeTty();
  const over = runOnTerminal(tty, 'inspect', ...args);
  const screen = await Promise.race([tty.until(shown), over.then(() => 'it has ended by itself')]);
  tty.type('Q');
  return { ...(await over), tty, screen };
}

/** How many messages there are, when all were read. */
const READ = /(?<!(?:reading|live).*)\b\d+ messages/;

describe('what keeps it from looking', () => {
  test('no terminal: one line that names dissect', async () => {
    const { code, stdout, stderr } = await runInside('inspect', CLEAN);
    expect(code).toBe(USAGE);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^wirelint: .*wirelint dissect.*\n$/);
  });

  test('a filter that is wrong: where it is', async () => {
    const { code, stderr } = await runInside('inspect', '-Y', 'type == ', CLEAN);
    expect(code).toBe(USAGE);
    expect(stderr).toMatch(/^wirelint: -Y: column \d+: .*\n$/);
  });

  test('no capture named, or standard input twice', async () => {
    expect((await runInside('inspect')).code).toBe(USAGE);
    expect((await runInside('inspect', '-', '-')).code).toBe(USAGE);
  });

  test('a theme that there is not', async () => {
    const { code, stderr } = await runInside('inspect', '--theme', 'pink', CLEAN);
    expect(code).toBe(USAGE);
    expect(stderr).toContain('dark');
  });

  test('not one capture that can be read: reported, and the terminal is never taken over', async () => {
    const tty = new FakeTty();
    const garbage = folder.file('garbage.pcap', new TextEncoder().encode('this is no capture at all'));
    const { code, stderr } = await runOnTerminal(tty, 'inspect', folder.file('missing.pcap'), garbage);
    expect(code).toBe(CAPTURE);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/missing\.pcap.*\n.*garbage\.pcap/);
    expect(tty.written).toBe('');
    expect(tty.deeds).not.toContain('raw');
  });
});

describe('when the user has quit', () => {
  test('the code is 0, whatever was found, and nothing was printed', async () => {
    const { code, stdout, stderr, tty } = await lookUntil(READ, captureFile('violating.pcap', violating()));
    expect({ code, stdout, stderr }).toEqual({ code: OK, stdout: '', stderr: '' });
    expect(tty.deeds).toEqual(['raw', 'cooked', 'closed']);
  });

  test('captures that could not be read are named, and the others were shown', async () => {
    const good = captureFile('good.pcap', violating());
    const { code, stderr, screen } = await lookUntil(READ, folder.file('missing.pcap'), good);
    expect(code).toBe(CAPTURE);
    expect(screen).toContain('10.0.0.1:40000');
    expect(stderr).toMatch(/^wirelint: .*missing\.pcap: .*\n$/);
  });

  test('captures that could not be read are reported from the start', async () => {
    const good = captureFile('good.pcap', violating());
    const { screen } = await lookUntil(/cannot read/, folder.file('missing.pcap'), good);
    expect(screen).toContain('missing.pcap');
    const { screen: read } = await lookUntil(READ, folder.file('missing.pcap'), good);
    expect(read).toContain('1 of 2 captures unreadable');
  });

  test('a cut capture is reported, and can be allowed', async () => {
    const cut = captureFile('cut.pcap', readFixture(CLEAN).slice(0, -1));
    const { code, stderr } = await lookUntil(READ, cut);
    expect(code).toBe(CAPTURE);
    expect(stderr).toMatch(/cut\.pcap.* is cut/);
    expect((await lookUntil(READ, '--allow-incomplete', cut)).code).toBe(OK);
  });

  test('a capture without a known protocol is reported, and can be allowed', async () => {
    const path = captureFile('foreign.pcap', foreign());
    const { code, stderr } = await lookUntil(READ, path);
    expect(code).toBe(EMPTY);
    expect(stderr).toContain('nothing to check');
    expect((await lookUntil(READ, '--allow-empty', path)).code).toBe(OK);
  });
});

describe('on the screen', () => {
  test('--no-color leaves no colour', async () => {
    const { tty } = await lookUntil(READ, '--no-color', captureFile('violating.pcap', violating()));
    expect(tty.written).not.toMatch(/38;5;|48;5;|\[[39]\dm/);
  });

  test('the filter of the command line is in force', async () => {
    const path = captureFile('violating.pcap', violating());
    const { screen } = await lookUntil(/1 of 2/, '-Y', 'severity == error', path);
    expect(screen).toContain('severity == error');
  });

  test('nothing is drawn on the shell when it is stopped, whatever the key has changed', async () => {
    const tty = new FakeTty();
    const over = runOnTerminal(tty, 'inspect', captureFile('violating.pcap', violating()));
    await tty.until(/n goes to the worst/);
    tty.type('\x1a');
    await tty.until(/frame \d+: /);
    const stopped = tty.written.slice(tty.written.indexOf('\x1b[?1049l') + '\x1b[?1049l'.length);
    expect(stopped.slice(0, stopped.indexOf('\x1b[?1049h'))).toBe('');
    tty.type('Q');
    expect((await over).code).toBe(OK);
  });

  test('another size is drawn at once', async () => {
    const tty = new FakeTty();
    const over = runOnTerminal(tty, 'inspect', captureFile('violating.pcap', violating()));
    await tty.until(READ);
    tty.changeSize(30, 8);
    await tty.until(/too small/);
    tty.changeSize(160, 50);
    await tty.until(/6 Statistics/);
    tty.type('Q');
    expect((await over).code).toBe(OK);
  });
});

describe('as the user wants it', () => {
  const own = () => folder.file('own.yaml', new TextEncoder().encode("heading: { fg: '#c00001' }\n"));
  // No name that is found by itself: other tests look from this folder.
  const configuration = (text: string) => folder.file('named.yaml', new TextEncoder().encode(text));
  const path = () => captureFile('violating.pcap', violating());

  test('colours of a file; T goes through the others and comes back to them', async () => {
    const tty = new FakeTty();
    const around = { environment: { TERM: 'xterm-256color', COLORTERM: 'truecolor' } };
    const over = runOnTerminalWith(tty, around, 'inspect', '--theme', own(), path());
    await tty.until(/proto +client/);
    expect(tty.written).toMatch(/38;2;192;0;1[;m]/);
    for (const name of ['dark', 'light', 'own']) {
      const before = tty.written.length;
      tty.type('T');
      await tty.until(new RegExp(`theme: ${name}`));
      expect([name, tty.written.slice(before).includes('38;2;')]).toEqual([name, name === 'own']);
    }
    tty.type('Q');
    expect((await over).code).toBe(OK);
  });

  test('keys of the configuration, in hints and help, too', async () => {
    const file = configuration('inspect:\n  keys: { next-finding: [C-n], help: f1 }\n');
    const tty = new FakeTty();
    const over = runOnTerminal(tty, 'inspect', '--config', file, path());
    expect(await tty.until(/goes to the worst/)).toMatch(/f1 help +.*Ctrl-N finding|Ctrl-N goes to the worst/);
    tty.type('n');
    await tty.until(/no such key; f1 lists the keys/);
    tty.type('\x0e');
    await tty.until(/4 why/);
    tty.type('Q');
    expect((await over).code).toBe(OK);
  });

  test.each([
    [
      'an action',
      'next-findin: n',
      /yaml:2:11: inspect.keys\["next-findin"\]: "n": unknown action next-findin; did you mean next-finding\?\n$/,
    ],
    [
      'a key of another action',
      'down: n',
      /yaml:2:11: inspect.keys.down: "n": n is the key of next-finding, too; give one of them another key\n$/,
    ],
  ])(
    '%s that cannot be had is refused with its place, and the terminal is never taken over',
    async (_, keys, complaint) => {
      const tty = new FakeTty();
      const file = configuration(`inspect:\n  keys: { ${keys} }\n`);
      const { code, stderr } = await runOnTerminal(tty, 'inspect', '--config', file, path());
      expect([code, tty.written]).toEqual([USAGE, '']);
      expect(stderr).toMatch(complaint);
    },
  );

  test('a theme with something wrong in it is refused with its place', async () => {
    const file = folder.file('bad.yaml', new TextEncoder().encode('clinet: 24\n'));
    const { code, stderr } = await runInside('inspect', '--theme', file, CLEAN);
    expect(code).toBe(USAGE);
    expect(stderr).toMatch(/bad\.yaml:1:1: unknown role clinet; did you mean client\?\n$/);
  });
});

describe('how it is found', () => {
  test('in the help', async () => {
    expect((await runInside('--help')).stdout).toMatch(/inspect +Look at captures/);
    const { stdout } = await runInside('inspect', '--help');
    for (const option of ['--filter', '--theme', '--follow', '--color', '--decode-as'])
      expect(stdout).toContain(option);
  });

  test('by completion, with its options and their values', async () => {
    const complete = (...words: readonly string[]) => runInside('--complete', 'zsh', 'wirelint', ...words);
    expect((await complete('ins')).stdout).toContain('inspect');
    expect((await complete('inspect', '--')).stdout).toMatch(/--theme[\s\S]*--follow/);
    expect((await complete('inspect', '--theme', '')).stdout).toMatch(/auto\ndark\nlight/);
  });
});

describe('what is remembered', () => {
  /** Somebody who types these keys, each when the screen shows what stands before it, and quits. */
  async function looking(environment: Record<string, string>, args: readonly string[], ...steps: readonly Step[]) {
    const tty = new FakeTty();
    const over = runOnTerminalWith(tty, { environment, workingDirectory: folder.path }, 'inspect', ...args);
    let screen = '';
    for (const [shown, keys] of steps) {
      screen = await Promise.race([tty.until(shown), over.then(() => 'it has ended by itself')]);
      tty.type(keys);
    }
    return { ...(await over), tty, screen };
  }
  type Step = readonly [shown: RegExp, keys: string];

  test('filters and captures, from session to session; without a capture the recent ones are offered', async () => {
    const environment = { XDG_STATE_HOME: folder.file('state') };
    const path = captureFile('remembered.pcap', violating());
    await looking(environment, [path], [READ, '/type == INIT\r'], [/1 of 2/, ':save init\r'], [/saved as @init/, 'Q']);
    const again = await looking(
      environment,
      [],
      [/recent +remembered\.pcap/, '\r'],
      [/Connections: 1/, '/@init\r'],
      [/type == INIT +1 of 2/, '/\x15\x1b[A'],
      [/Filter: type == INIT/, '\x03Q'],
    );
    expect(again).toMatchObject({ code: OK, stdout: '', stderr: '' });
    expect(again.tty.deeds).toEqual(['raw', 'cooked', 'closed']);
  });

  test.each<[string, readonly string[], Record<string, string>]>([
    ['--no-history', ['--no-history'], {}],
    ['WIRELINT_STATE=off', [], { WIRELINT_STATE: 'off' }],
  ])('%s keeps nothing', async (_, args, more) => {
    const state = folder.file('unwritten');
    const path = captureFile('forgotten.pcap', violating());
    await looking({ XDG_STATE_HOME: state, ...more }, [...args, path], [READ, '/type == INIT\r'], [/1 of 2/, 'Q']);
    expect(existsSync(state)).toBe(false);
  });

  test('a state that cannot be written, or makes no sense, is reported on the screen', async () => {
    const path = captureFile('reported.pcap', violating());
    const unwritable = folder.file('file-for-a-folder', Buffer.from(''));
    const { screen } = await looking({ XDG_STATE_HOME: unwritable }, [path], [/nothing is remembered for/, 'Q']);
    expect(screen).toContain('not a directory');
    mkdirSync(folder.file('damaged/wirelint'), { recursive: true });
    folder.file('damaged/wirelint/inspect.json', Buffer.from('\x1b[31mnothing'));
    await looking({ XDG_STATE_HOME: folder.file('damaged') }, [path], [/what was remembered is damaged/, 'Q']);
  });
});

describe('choosing a capture', () => {
  test('of a folder; what is none is answered there; quitting without any is no failure', async () => {
    captureFile('choose-me.pcap', violating());
    folder.file('choose-me.txt', Buffer.from('this is no capture at all'));
    const tty = new FakeTty();
    const over = runOnTerminalWith(tty, { environment: {}, workingDirectory: folder.path }, 'inspect');
    await tty.until(/file +choose-me\.txt/);
    tty.type('me.txt\r');
    await tty.until(/cannot read choose-me\.txt: not a capture/);
    tty.type('\x15\x1b');
    expect((await over).code).toBe(OK);
  });

  test('O opens another one, the file of the first is closed, and the exit code is that of the last', async () => {
    const cut = captureFile('cut-first.pcap', readFixture(CLEAN).slice(0, -1));
    captureFile('whole.pcap', violating());
    const tty = new FakeTty();
    const over = runOnTerminalWith(tty, { environment: {}, workingDirectory: folder.path }, 'inspect', cut);
    await tty.until(/capture incomplete/);
    tty.type('Owhole');
    await tty.until(/capture +whole\.pcap/);
    tty.type('\r');
    await tty.until(/10\.0\.0\.1:40000/);
    expect(openFiles()).not.toContain(cut);
    tty.type('Q');
    expect(await over).toMatchObject({ code: OK, stderr: '' });
  });

  test('without a terminal, or behind a pipe, a capture has to be named', async () => {
    const tty = new FakeTty();
    const piped = runOnTerminalWith(tty, { environment: {}, stdinIsTerminal: false }, 'inspect');
    for (const { code, stderr } of await Promise.all([runInside('inspect'), piped]))
      expect([code, stderr]).toEqual([USAGE, 'wirelint: inspect: name a capture, or - for standard input\n']);
    expect(tty.written).toBe('');
  });
});

/** Paths of the files that this process has open; none where the system does not tell. */
function openFiles(): readonly string[] {
  const table = '/proc/self/fd';
  if (!existsSync(table)) return [];
  return readdirSync(table).flatMap(name => {
    try {
      return [readlinkSync(`${table}/${name}`)];
    } catch {
      return [];
    }
  });
}
