/**
 * The commands of the documentation, run as they stand there in a folder that looks like a clone: each ends with an exit code that
 * its reader may expect, and never in wrong usage. What one command writes, the next ones of its page find. Ports to listen on
 * are replaced by free ones, the server that the pages name by one of the test, tests behind a proxy by a program that does nothing, and Ctrl-C comes at once.
 *
 * Commands of other programs are not run; each program is named here, with the reason.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import { runProgram } from '../src/cli/program.ts';
import { commandsOf, type DocumentedCommand } from './kit/documented.ts';
import { givesFixtures, startServer } from './kit/file-server.ts';
import { sourceText } from './kit/sources.ts';
import { FakeTty } from './tui/fake-tty.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
  ...protocols.map(({ id }) => `dissectors/${id}/README.md`),
  'bench/README.md',
];

/** Exit codes that the reader of a page may see. */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  check: [0, 1],
  merge: [0, 1],
  dissect: [0],
  inspect: [0],
  extract: [0],
  rules: [0],
  protocols: [0],
  config: [0],
  completion: [0],
  new: [0],
  help: [0],
  // No traffic comes, but from the example.
  proxy: [0, 1, 4],
  replay: [0, 1],
};

/** Programs that are not wirelint, and why they are not run here. */
const OTHERS: Readonly<Record<string, string>> = {
  tcpdump: 'needs root and traffic',
  docker: 'needs Docker and the network',
  curl: 'needs a server behind the proxy, or another network',
  mosquitto_pub: 'needs a broker',
  'redis-server': 'the queue: cli/queue.test.ts',
  npm: 'test suites, builds and benchmarks; that the script exists is tested',
  node: 'benchmarks, and the example, which runs behind the proxy',
  cd: 'is for the commands behind it',
  say: 'the conversation with the control socket: proxy-control.test.ts',
  socat: 'the conversation with the control socket: proxy-control.test.ts',
  grep: 'the conversation with the control socket: proxy-control.test.ts',
  '{': 'the conversation with the control socket: proxy-control.test.ts',
  '}': 'the conversation with the control socket: proxy-control.test.ts',
  sleep: 'the conversation with the control socket: proxy-control.test.ts',
  'say()': 'the conversation with the control socket: proxy-control.test.ts',
  rm: 'shell around a proxy in the background: proxy.test.ts',
  until: 'shell around a proxy in the background: proxy.test.ts',
  do: 'shell around a proxy in the background: proxy.test.ts',
  done: 'shell around a proxy in the background: proxy.test.ts',
  export: 'a variable of the environment: proxy.test.ts, cli/urls.test.ts',
  kill: 'shell around a proxy in the background: proxy.test.ts',
  wait: 'shell around a proxy in the background: proxy.test.ts',
};

/** Commands of wirelint that are not run here, and why. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/--plugin \./, 'within the built example: examples.test.ts'],
  [/--queue redis:/, 'needs a Redis: cli/queue.test.ts'],
  [/merge \*\.blob/, 'needs the parts of five jobs: merge.test.ts'],
  [/bug-17/, 'needs the broker that the recording was made with: replay/mosquitto.test.ts'],
];

const isWirelint = ({ words }: DocumentedCommand) => words[0] === 'npx' && words[1] === 'wirelint';

/** A folder that has of a clone what commands read, and the files that the pages take for granted. */
const clone = mkdtempSync(join(tmpdir(), 'wirelint-docs-'));
const before = process.cwd();

/** The server that pages name, as it stands there and as it is. */
const NAMED_SERVER = 'https://captures.example';
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer(givesFixtures());
  for (const part of ['fixtures', 'examples']) symlinkSync(join(ROOT, part), join(clone, part));
  for (const folder of ['captures', 'ci']) mkdirSync(join(clone, folder));
  copyFileSync(join(ROOT, 'fixtures/mnet/echo-small.pcap'), join(clone, 'trace.pcap'));
  copyFileSync(join(ROOT, 'fixtures/mnet/echo-small.pcap'), join(clone, 'captures/one.pcapng'));
  writeFileSync(join(clone, 'ci/strict.yaml'), 'failOn: warning\n');
  process.chdir(clone);
});

afterAll(() => {
  server.close();
  process.chdir(before);
  rmSync(clone, { recursive: true });
});

describe.each(PAGES)('of %s', page => {
  const commands = commandsOf(sourceText(page));
  const own = commands.filter(isWirelint).filter(({ line }) => !ELSEWHERE.some(([pattern]) => pattern.test(line)));

  test('each command is of a program that is known here', () => {
    const strangers = commands.filter(command => !isWirelint(command) && OTHERS[command.words[0]!] === undefined);
    expect(strangers.map(({ line }) => line)).toEqual([]);
  });

  test('each script of npm is there', () => {
    const { scripts } = JSON.parse(sourceText('package.json'));
    const named = commands.filter(({ words }) => words[0] === 'npm' && words[1] === 'run').map(({ words }) => words[2]);
    expect(named.filter(name => !(name! in scripts) && page !== 'docs/protocol.md')).toEqual([]);
  });

  test('no command stands outside of a block that says that it is one', () => {
    const bare = sourceText(page).replace(/^```[\s\S]*?^```$/gm, '');
    expect(bare.match(/^ {4}(npx|npm|wirelint (check|proxy|inspect|dissect)) .*$/gm) ?? []).toEqual([]);
  });

  if (own.length === 0) return;
  test('what wirelint is asked to do, it does', async () => {
    const port = await freePort();
    let background: Promise<Outcome> | undefined;
    for (const command of own) {
      const [, , name, ...args] = command.words;
      const isServer = command.isInBackground && name === 'replay';
      const outcome = run([name!, ...here(name!, args, port), ...(isServer ? ['--ready-file', `${port}.json`] : [])]);
      if (isServer) {
        while (!existsSync(`${port}.json`)) await new Promise(resolve => setTimeout(resolve, 5));
        background = outcome;
      } else {
        const { code, stderr } = await outcome;
        expect(EXPECTED[name!], `${command.line}\nended with ${code}\n${stderr}`).toContain(code);
      }
    }
    if (background) expect(EXPECTED.replay).toContain((await background).code);
  });
});

test('a command is read as a shell reads it', () => {
  const page = [
    '```sh',
    'a \'b c\' d="e f" \\',
    '  g # a comment',
    'tcpdump -w - udp | npx wirelint check - > out.txt &',
    '```',
    'Say `npx wirelint rules` or `npx wirelint rules ID`.',
  ].join('\n');
  expect(commandsOf(page).map(({ words, isInBackground }) => [...words, isInBackground])).toEqual([
    ['a', 'b c', 'd=e f', 'g', false],
    ['tcpdump', '-w', '-', 'udp', false],
    ['npx', 'wirelint', 'check', '-', true],
    ['npx', 'wirelint', 'rules', false],
  ]);
});

interface Outcome {
  readonly code: number;
  readonly stderr: string;
}

/** The arguments with what a test may listen on and read from. */
function here(name: string, args: readonly string[], port: number): string[] {
  const withPort = (address: string) => address.replace(/^((?:udp|tcp|tls):(?:[\w.]+:)?)26999$/, `$1${port}`);
  if (name === 'replay') return args.map(withPort);
  if (name !== 'proxy')
    return args.flatMap(expanded).map(arg => (arg === '-' ? 'trace.pcap' : arg.replace(NAMED_SERVER, server.origin)));
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const listen = options.findIndex(arg => /^[a-z-]+:/.test(arg));
  const shifted = options.map((arg, index) => {
    if (options[index - 1] !== '--pair') return index === listen ? listening(arg) : withPort(arg);
    const [from, to] = arg.split('=');
    return `${listening(from!)}=${withPort(to!)}`;
  });
  if (end < 0) return shifted;
  const command = args.slice(end);
  // What is held waits for somebody who forwards it.
  const isExample = command[2] === 'examples/echo.js' && !options.includes('--break-on');
  return [...shifted, ...(isExample ? command : ['--', 'true'])];
}

/** Files of a folder, where the name ends with a pattern such as `fixtures/mnet/*.pcap`; relative to the working directory. */
function expanded(word: string): string[] {
  const [, folder, ending] = /^([^*=]+)\/\*(\.\w+)$/.exec(word) ?? [];
  if (folder === undefined) return [word];
  const names = readdirSync(folder).filter(name => name.endsWith(ending!));
  return names.length === 0 ? [word] : names.map(name => `${dirname(word)}/${name}`);
}

/** Any free port, or a socket in the folder of the test. */
const listening = (address: string) => address.replace(/:\d+$/, ':0').replace(/^(unix[a-z-]*:).*\//, '$1');

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function run(args: readonly string[]): Promise<Outcome> {
  let stderr = '';
  const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const errors = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      stderr += chunk.toString('utf8');
      done();
    },
  });
  const terminal = new FakeTty();
  const isOver = new AbortController();
  const isForever = args[0] === 'proxy' && !args.includes('--');
  const host = {
    args,
    environment: { ...process.env, XDG_STATE_HOME: join(clone, 'state') },
    stdout: sink(),
    stderr: errors,
    now: () => 0,
    openTerminal: () => terminal,
    onInterrupt: (listener: () => void) => {
      if (isForever) listener();
      return () => {};
    },
  };
  const ending = runProgram(host, protocols, { name: 'wirelint', version: '1.2.3' });
  if (args[0] === 'inspect' || args.includes('--inspect')) void quit(terminal, isOver.signal);
  const code = await ending;
  isOver.abort();
  return { code, stderr };
}

/** Looks at the first screen, and leaves; where that is asked about, leaves all the same. */
async function quit(terminal: FakeTty, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    if (/help/.test(terminal.screen())) terminal.type('Q');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
