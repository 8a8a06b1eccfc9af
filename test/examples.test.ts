/**
 * The examples as a stranger uses them, who has the packed package and nothing else of ours. The package is put where npm
 * would put it, with the dependencies that its package.json names and no others; they and the compiler come from our own
 * node_modules, so that no network is needed.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wirelint-example-')));
const kv = join(folder, 'kv');
const PROTOCOLS = ['kv', 'resp', 'modbus'] as const;
/** `npm test` in each of them, all at once: most of it is the compiler. */
const TESTED = new Map<string, Promise<string | undefined>>();
const proxied = join(folder, 'proxy-in-a-test');
const faulty = join(folder, 'fault-in-a-test');
afterAll(() => rmSync(folder, { recursive: true }));

/** All examples of protocols, with one package: the others look where the first one has it. */
beforeAll(() => {
  for (const name of PROTOCOLS) {
    cpSync(join(ROOT, 'examples', name), join(folder, name), {
      recursive: true,
      filter: path => !/[\\/](node_modules|dist)$/.test(path),
    });
    if (name !== 'kv') symlinkSync(join(kv, 'node_modules'), join(folder, name, 'node_modules'));
  }
  const installed = join(kv, 'node_modules/wirelint');
  mkdirSync(installed, { recursive: true });
  const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT));
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  const { dependencies, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), 'typescript', '@types/node']) link(`node_modules/${name}`);
  mkdirSync(join(kv, 'node_modules/.bin'));
  symlinkSync(join('../wirelint', bin.wirelint), join(kv, 'node_modules/.bin/wirelint'));
  symlinkSync('../typescript/bin/tsc', join(kv, 'node_modules/.bin/tsc'));
  for (const name of PROTOCOLS) TESTED.set(name, tested(join(folder, name)));
});

/** The examples of tests, which have the same package beside a test runner. */
beforeAll(() => {
  for (const example of [proxied, faulty]) {
    cpSync(join(ROOT, 'examples', basename(example)), example, {
      recursive: true,
      filter: path => !/[\\/]node_modules$/.test(path),
    });
  }
  mkdirSync(join(proxied, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(kv, 'node_modules/wirelint'), join(proxied, 'node_modules/wirelint'));
  for (const name of ['vitest', '@types/node']) link(`node_modules/${name}`, proxied);
  symlinkSync('../vitest/vitest.mjs', join(proxied, 'node_modules/.bin/vitest'));
  symlinkSync(join(proxied, 'node_modules'), join(faulty, 'node_modules'));
});

/** What an example has of our packages. */
function link(path: string, example = kv): void {
  mkdirSync(dirname(join(example, path)), { recursive: true });
  symlinkSync(join(ROOT, path), join(example, path));
}

/** What npm printed, in the example's folder unless another is named; throws with all that was said if it fails. */
function npm(args: readonly string[], cwd = kv): string {
  const { status, stdout, stderr } = spawnSync('npm', [...args], { cwd, encoding: 'utf8', env: environment() });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Builds an example and runs its tests; what was said where they fail. */
async function tested(example: string): Promise<string | undefined> {
  const child = spawn('npm', ['test', '--silent'], { cwd: example, env: environment() });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => said.push(text));
  const [status] = await once(child, 'close');
  return status === 0 ? undefined : said.join('');
}

/** `npx wirelint`, as in the example's README. */
function npx(...args: readonly string[]) {
  return finished('npx', ['--no-install', 'wirelint', ...args]);
}

/** The same program without npx, which takes longer to find it than it takes to run. */
function wirelint(...args: readonly string[]) {
  return wirelintIn(kv, ...args);
}

function wirelintIn(example: string, ...args: readonly string[]) {
  return finished(join(kv, 'node_modules/.bin/wirelint'), args, example);
}

function finished(program: string, args: readonly string[], cwd = kv) {
  const { status, stdout, stderr } = spawnSync(program, [...args], { cwd, encoding: 'utf8', env: environment() });
  return { code: status, stdout, stderr: stderr.replace(/^npm warn .*\n/gm, '') };
}

/** Without what the runner of this test has put there. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _force, NODE_TEST_CONTEXT: _context, ...rest } = process.env;
  const own = Object.entries(rest).filter(([name]) => !name.startsWith('VITEST'));
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

test('the package holds what runs and its types, and no source or test of ours', () => {
  const installed = join(kv, 'node_modules/wirelint');
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  for (const name of ['api', 'sdk', 'testkit', 'vitest'])
    expect(files).toEqual(expect.arrayContaining([`dist/src/${name}.js`, `dist/src/${name}.d.ts`]));
  // Templates and examples are sources that are read.
  const isOurs = (file: string) => !/^(templates|examples)\//.test(file);
  expect(files.filter(file => isOurs(file) && /(?<!\.d)\.ts$|\.test\./.test(file))).toEqual([]);
});

describe.each([
  { name: 'kv', found: ['kv/unsolicited 6', 'kv/id-in-use 8'] },
  { name: 'resp', found: ['resp/unsolicited 7', 'resp/integer 9'] },
  { name: 'modbus', found: ['modbus/unsolicited 6', 'modbus/byte-count 8'] },
] satisfies readonly { name: (typeof PROTOCOLS)[number]; found: readonly string[] }[])(
  'the example of a protocol, $name,',
  ({ name, found }) => {
    const example = join(folder, name);

    beforeAll(async () => {
      expect(await TESTED.get(name)).toBeUndefined();
      // As `npm run capture`, which would compile it once more.
      execFileSync(process.execPath, ['dist/test/make-capture.js', `${name}.pcap`], { cwd: example });
      // Compilations, which take their time on a busy machine.
    }, 60_000);

    test('has its faults found, and exit code 1', () => {
      const { code, stdout, stderr } = wirelintIn(
        example,
        'check',
        `${name}.pcap`,
        '--plugin',
        '.',
        '--format',
        'json',
      );
      const report = JSON.parse(stdout);
      expect([code, stderr]).toEqual([1, '']);
      expect(
        report.findings.map(({ ruleId, frame }: { ruleId: string; frame: number }) => `${ruleId} ${frame}`),
      ).toEqual(found);
    });

    test('has in its README the rules that it has, and the command that writes its capture', () => {
      const readme = readFileSync(join(example, 'README.md'), 'utf8');
      const { stdout } = wirelintIn(example, 'rules', name, '--format', 'json', '--plugin', '.');
      for (const { id, severity, spec, summary } of JSON.parse(stdout)) {
        if (id.startsWith(`${name}/`))
          expect(readme).toContain(`| \`${id}\` | ${severity} | ${spec.clause} | ${summary} |`);
      }
      const { scripts } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'));
      expect(scripts.capture).toBe(`tsc && node dist/test/make-capture.js ${name}.pcap`);
      expect(readme).toContain(`npx wirelint check ${name}.pcap --plugin .`);
    });
  },
);

describe('the example to copy', () => {
  test('is found by npx, as its README has it', () => {
    expect(npx('rules', 'kv/unsolicited', '--plugin', '.').code).toBe(0);
  });

  test('is dissected', () => {
    const { code, stdout } = wirelint('dissect', 'kv.pcap', '--frame', '6', '-V', '--plugin', '.');
    expect(code).toBe(0);
    expect(stdout).toContain('VALUE');
    expect(stdout).toContain('green');
    expect(stdout).toContain('kv/unsolicited');
  });

  test('stands in the catalogue, with its four rules', () => {
    const { code, stdout } = wirelint('rules', 'kv', '--format', 'json', '--plugin', '.');
    expect(code).toBe(0);
    const rules = JSON.parse(stdout);
    expect(idsOf(rules)).toEqual(['kv/malformed', 'kv/out-of-turn', 'kv/id-in-use', 'kv/unsolicited']);
    for (const { spec } of rules) expect(spec.says).toMatch(/^[A-Z].*\.$/);
  });

  test('stands in the list of protocols, beside the built-in ones', () => {
    const { code, stdout } = wirelint('protocols', '--format', 'json', '--plugin', '.');
    expect(code).toBe(0);
    expect(idsOf(JSON.parse(stdout))).toEqual(expect.arrayContaining(['mnet', 'kv']));
  });

  test('is loaded as TypeScript where this Node runs it, and refused with advice where it does not', () => {
    const { code, stderr } = wirelint('check', 'kv.pcap', '--plugin', './src');
    const runs = 'typescript' in process.features && process.features.typescript !== false;
    expect(code).toBe(runs ? 1 : 2);
    if (!runs)
      expect(stderr).toMatch(/^wirelint: --plugin \.\/src: index\.ts: this Node does not run TypeScript;.*\n$/);
  });

  test('is refused at its own line, not at that of the sdk below it, when its tables have a hole', () => {
    const hole = `import { Machine } from 'wirelint/sdk';
const nothing = { client: { NEW: {} } };
new Machine({ roles: ['client'], states: ['NEW'], events: ['GET'], final: [], send: nothing, receive: nothing, rulesOfStates: [] });`;
    writeFileSync(join(kv, 'hole.mjs'), hole);
    const { code, stderr } = wirelint('rules', '--plugin', './hole.mjs');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'wirelint: --plugin ./hole.mjs: hole.mjs:3: state machine: no cell for client, NEW, sends GET\n',
    );
  });
});

describe('the example of a proxy in a test', () => {
  const source = join(proxied, 'test/server.test.ts');

  test('passes, and fails with the finding when the server does not and is expected to, as its README shows', () => {
    // Both in one run: as it stands, and by its name as its README has it.
    const text = readFileSync(source, 'utf8');
    const unchanged = join(proxied, 'test/unchanged.test.ts');
    writeFileSync(unchanged, text);
    writeFileSync(source, text.replace('.not.toConform()', '.toConform()'));
    const { status, stdout, stderr } = spawnSync('npm', ['test'], {
      cwd: proxied,
      encoding: 'utf8',
      env: environment(),
    });
    writeFileSync(source, text);
    rmSync(unchanged);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/Tests +1 failed \| 3 passed/)]);
    expect(stderr).not.toContain('unchanged.test.ts');
    // The lines in which there is no address, port or time.
    const readme = readFileSync(join(proxied, 'README.md'), 'utf8');
    const shown = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const lines = shown.split('\n').filter(line => !/\d:\d|^$|^ *\.\.\.$/.test(line));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(stderr).toContain(line);
  });

  test('and of a fault in one passes', () => {
    expect(npm(['test'], faulty)).toMatch(/Tests +2 passed/);
  });

  test('and that of a fault are sound in their types, with the declarations that are published', () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', proxied, faulty], {
      encoding: 'utf8',
      env: environment(),
    });
    expect([status, stdout]).toEqual([0, '']);
  });

  test('needs no test runner to be typed where there is none', () => {
    const user = join(kv, 'user.ts');
    writeFileSync(
      user,
      `import { startProxy, type RunReport } from 'wirelint';
import { toConform } from 'wirelint/vitest';
export const judged = async (report: RunReport) => toConform.call({}, report, { failOn: 'warning' }).pass;
export const proxy = () => startProxy({ listen: 'udp:0', upstream: 'udp:9' });
`,
    );
    const tsc = join(kv, 'node_modules/.bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const { stdout } = spawnSync(process.execPath, [tsc, '--ignoreConfig', ...options, user], {
      encoding: 'utf8',
      cwd: kv,
    });
    expect(stdout).toBe('');
  });
});

describe('the script that speaks through the proxy', () => {
  /** `npx wirelint proxy`, as in the README, with a port that is free here. */
  const proxy = async (...args: readonly string[]) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    const command = ['node', join(ROOT, 'examples/echo.js'), ...args];
    return npx('proxy', 'udp:0', `udp:127.0.0.1:${port}`, '--', ...command);
  };

  test('keeps to its protocol', async () => {
    const { code, stdout, stderr } = await proxy();
    expect([code, stderr]).toEqual([0, expect.stringContaining('out| heard is anybody there?')]);
    expect(stdout).toContain('8 messages, 8 packets: conformant');
  });

  test('does not with its bug, of which it knows nothing', async () => {
    const { code, stdout, stderr } = await proxy('--bug');
    expect([code, stderr]).toEqual([1, expect.stringContaining('out| heard is anybody there?')]);
    expect(stdout).toContain('error    ministreaming/own-id');
  });
});
