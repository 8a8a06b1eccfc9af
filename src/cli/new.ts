/**
 * `wirelint new NAME [DIR]`: writes the folder of a protocol that works, for its author to change. The folder comes from the
 * files in templates/, which are a protocol themselves, called my-protocol, over TCP behind a length of two bytes; only the
 * words that stand for these three are replaced. Nothing that is there is written over.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { DATAGRAM } from '../framing/framing.ts';
import { LENGTH_16, READY, READY_NAMES } from '../framing/ready.ts';
import { wrapped } from '../framing/wrapped.ts';
import { idProblem } from '../protocol/contract.ts';
import { counted } from '../report/numbers.ts';
import { UsageError } from '../settings/words.ts';
import { codeOf, reasonOf, TO_WRITE } from '../system-errors.ts';
import { visible } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import { inGroups } from './option-groups.ts';
import { Output, OutputError } from './output.ts';

export const NEW_OPTIONS = {
  transport: {
    choices: ['tcp', 'udp'],
    requiresArg: true,
    describe: 'What carries it; udp where --framing is datagram, else tcp',
  },
  framing: {
    choices: [...READY_NAMES, DATAGRAM],
    requiresArg: true,
    describe: 'What cuts the stream into messages; length16 over tcp, datagram over udp',
  },
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof NEW_OPTIONS>;

export function addNew(cli: Argv, program: Program): Argv {
  return cli.command(
    'new',
    'Write the folder of a new protocol, ready to test',
    command =>
      command
        .usage('$0 new NAME [DIR]\n\nWrites the folder of a protocol of your own, which works and is yours to change.')
        .strictCommands(false)
        .options(inGroups(NEW_OPTIONS, { 'What to write:': ['transport', 'framing'] }))
        .epilogue(
          exampleHelp([
            ['$0 new key-value', 'in ./key-value, over TCP, messages after a length of two bytes'],
            ['$0 new chat --framing lines-crlf', 'messages are lines'],
            ['$0 new probe ./protocols/probe --transport udp', 'a message a datagram'],
          ]),
        ),
    async args => program.finish(await create(args._.slice(1).map(String), args, program)),
  );
}

async function create(words: readonly string[], args: Arguments, program: Program): Promise<number> {
  const [name, folder = name, ...others] = words;
  if (name === undefined || folder === undefined || others.length > 0)
    throw new UsageError('new: name one protocol, and a folder if it has another name: wirelint new key-value');
  requireName(name, program);
  const carrier = carrierOf(args);
  await requireEmpty(folder);
  const files = filesOf(name, carrier);
  await writeFolder(folder, files);
  const output = new Output(program.host.stdout, 'standard output');
  const place = visible(folder.startsWith('-') ? `./${folder}` : folder);
  await output.write(
    `${place}: ${counted(files.length, 'file')}; src/index.ts is the protocol\n\n` +
      `    cd ${/^[\w./-]+$/.test(place) ? place : `'${place}'`}\n` +
      '    npm install && npm test\n' +
      `    npm run capture && npx wirelint check ${name}.pcap --plugin .\n`,
  );
  return OK;
}

function requireName(name: string, { protocols }: Program): void {
  const problem = idProblem(name);
  if (problem !== undefined) throw new UsageError(`new: ${problem}; ids are ^[a-z][a-z0-9]*(-[a-z0-9]+)*$`);
  if (protocols.some(({ id }) => id === name)) throw new UsageError(`new: id ${name} is taken`);
}

interface Carrier {
  readonly transport: 'tcp' | 'udp';
  readonly framing: string;
}

function carrierOf(args: Arguments): Carrier {
  const transport = args.transport ?? (args.framing === DATAGRAM ? 'udp' : 'tcp');
  const framing = args.framing ?? (transport === 'udp' ? DATAGRAM : LENGTH_16.id);
  if (transport === 'tcp' && framing === DATAGRAM)
    throw new UsageError('new: --framing datagram is for --transport udp; TCP is a stream, which something must cut');
  if (transport === 'udp' && framing !== DATAGRAM)
    throw new UsageError(`new: --framing ${framing} is for --transport tcp; over UDP each datagram is a message`);
  return { transport, framing };
}

/** Refuses a folder that has anything in it. */
async function requireEmpty(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw new OutputError(`cannot write to ${folder}: ${reasonOf(error, TO_WRITE)}`);
  }
  throw new UsageError(`new: ${folder} is there and not empty; name another folder`);
}

/** Folders that are missing above it are not made, as nowhere else: a slip of the pen would leave them behind. */
async function writeFolder(folder: string, files: readonly NewFile[]): Promise<void> {
  const folders = new Set([folder, ...files.map(({ path }) => dirname(join(folder, path)))]);
  for (const path of folders) await written(path, mkdir(path).catch(unlessPresent));
  for (const { path, text } of files) {
    const file = join(folder, path);
    await written(file, writeFile(file, text, { flag: 'wx' }));
  }
}

async function written(path: string, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw new OutputError(`cannot write to ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
}

function unlessPresent(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

interface NewFile {
  /** From the folder on. */
  readonly path: string;
  readonly text: string;
}

/** Bytes of the longest message in the templates. */
const LONGEST_MESSAGE = 4096;

/** The first message in the templates, which a conversation is recognised by. */
const FIRST_MESSAGE = '4f50454e 31';

/** The template's files with the author's words in them. */
export function filesOf(name: string, { transport, framing }: Carrier): readonly NewFile[] {
  const ready = READY.find(({ id }) => id === framing);
  const specification = ready?.specification ?? 'nothing, a datagram is a message';
  // A length of one byte says less than the template allows.
  const most = ready ? ready.longest - ready.hidden - (ready.hiddenAtEnd ?? 0) : LONGEST_MESSAGE;
  const longest = String(Math.min(LONGEST_MESSAGE, most));
  const words: readonly (readonly [from: string, to: string])[] = [
    ['my-protocol', name],
    ['MY-PROTOCOL', name.toUpperCase()],
    ["transport: 'tcp'", `transport: '${transport}'`],
    [`'${LENGTH_16.id}'`, `'${framing}'`],
    [`'${headOf(LENGTH_16.id)}${FIRST_MESSAGE}'`, `'${headOf(framing)}${FIRST_MESSAGE}'`],
    [`longest: ${LONGEST_MESSAGE}`, `longest: ${longest}`],
    [`at most ${LONGEST_MESSAGE} bytes`, `at most ${longest} bytes`],
    ['runs over TCP', `runs over ${transport.toUpperCase()}`],
    [LENGTH_16.specification, specification],
  ];
  const replaced = (text: string) => words.reduce((sofar, [from, to]) => sofar.replaceAll(from, () => to), text);
  const files = new Map(transport === 'udp' ? [...textsIn('protocol'), ...textsIn('udp')] : textsIn('protocol'));
  // npm leaves files of that name out of packages.
  const pathOf = (path: string) => (path === 'gitignore' ? '.gitignore' : replaced(path));
  return [...files].map(([path, text]) => ({ path: pathOf(path), text: replaced(text) }));
}

/** Path and text of each file in a folder of the templates; that of udp has what differs from the whole. */
function textsIn(part: 'protocol' | 'udp'): readonly (readonly [path: string, text: string])[] {
  const folder = join(templates(), part);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return entries.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')];
  });
}

/** What stands before the first message on the wire, in hex. */
function headOf(framing: string): string {
  const message = Buffer.from(FIRST_MESSAGE.replace(' ', ''), 'hex');
  const wire = Buffer.from(wrapped(framing, message));
  const head = wire.subarray(0, wire.indexOf(message)).toString('hex');
  return head === '' ? '' : `${head} `;
}

/** Beside the sources, and beside the build in dist/. */
function templates(): string {
  const places = ['../../templates', '../../../templates'];
  const found = places.map(place => fileURLToPath(new URL(place, import.meta.url))).find(place => existsSync(place));
  if (found === undefined) throw new Error('templates/ is missing: the installation is damaged');
  return found;
}
