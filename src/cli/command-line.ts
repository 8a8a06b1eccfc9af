/**
 * The command line in yargs: what there is, the message for what is misspelt, and where settings of a file come in. yargs
 * parses and helps; it neither prints nor exits, so that everything goes through one output.
 */
import yargs, { type Argv } from 'yargs';
import { UsageError, unknown } from '../settings/words.ts';
import type { Program } from './command.ts';
import { COMMAND_NAMES, type Commands, commandsFor, type OptionTable } from './commands.ts';
import { exampleHelp } from './examples.ts';
import { refuseCapture } from './first-word.ts';
import { columnsOf } from './host.ts';
import { CONFIG_OPTION, PLUGIN_OPTION } from './options.ts';

/** Options that hold for every command. */
const EVERYWHERE: OptionTable = { ...PLUGIN_OPTION, ...CONFIG_OPTION };

/** What yargs does not document. A later version need not have it. */
interface YargsInternals {
  getUsageInstance?: () => { cacheHelpMessage: () => void };
}

const YARGS_OPTIONS = ['help', 'version'];

/** @returns what yargs has to print: help, the version, a completion script; empty when a command ran */
export async function parse(program: Program): Promise<string> {
  const commands = await commandsFor(program.host.args);
  let printed = '';
  await commandLine(program, commands).parseAsync([...program.host.args], {}, (_error, _args, output) => {
    if (output) printed += `${output}\n`;
  });
  return printed;
}

function commandLine(program: Program, commands: Commands): Argv {
  const { host, tool } = program;
  let cli: Argv = yargs()
    .scriptName('wirelint')
    .usage(
      '$0 COMMAND\n\nA linter for wire protocols: reads captured traffic and reports each departure from the specification.',
    )
    .parserConfiguration({ 'greedy-arrays': false, 'parse-positional-numbers': false, 'dot-notation': false })
    .detectLocale(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .strictOptions()
    .strictCommands()
    .options(EVERYWHERE)
    .group([...Object.keys(EVERYWHERE), ...YARGS_OPTIONS], 'For every command:')
    .demandCommand(
      1,
      'name a command: check, merge, worker, dissect, inspect, proxy, replay, extract, rules, protocols, config, new or help; wirelint help lists them',
    )
    .wrap(columnsOf(host.stdout, host.environment))
    .version(tool.version)
    .alias('version', 'v')
    .help()
    .alias('help', 'h')
    .middleware(args => {
      const [word] = args._ as readonly unknown[];
      if (word !== undefined && !COMMAND_NAMES.includes(String(word))) refuseCapture(String(word), host.args);
    }, true)
    .middleware(args => refuseMisuse(args, commands))
    .middleware(async args => {
      const command = String((args._ as readonly unknown[])[0]);
      // `config` shows what is from where, and puts them together itself.
      if (program.configuration === undefined || command === 'config') return;
      const { configure, givenOptions, keysOf } = await import('./configured.ts');
      await configure(args, givenOptions(args, cli), keysOf(command, optionsOf(command, commands)), program);
    })
    .fail((message, error) => {
      throw error instanceof Error && error.name !== 'YError'
        ? error
        : new UsageError(advise(message, host.args, commands));
    });
  layOutNoHelpAhead(cli);
  const printedFor = (args: readonly string[]) => parse({ ...program, host: { ...host, args } });
  const source = { commands: COMMAND_NAMES, printedFor };
  for (const { add } of Object.values(commands)) cli = add(cli, program, source);
  return cli.epilogue(
    exampleHelp([
      ['$0 check trace.pcap', 'conformance report'],
      ['$0 dissect trace.pcap --frame 12 --fields', 'one message, field by field'],
      ['$0 inspect trace.pcap', 'the same in the terminal, to look around in'],
      ['$0 rules mnet/tag-mismatch', 'a rule explained'],
      ['$0 new my-protocol', 'a folder for a protocol of your own'],
      ['$0 help check', 'the options of a command'],
      ['$0 completion bash >> ~/.bashrc', 'completion in bash; zsh and fish likewise'],
    ]),
  );
}

/**
 * Whenever a command has begun, yargs lays out its help for the case that something fails, which takes a tenth of a second.
 * Nothing here shows help then. Only `--help` does, and that lays it out itself.
 */
function layOutNoHelpAhead(cli: Argv): void {
  const { getInternalMethods } = cli as { getInternalMethods?: () => YargsInternals };
  const usage = getInternalMethods?.call(cli).getUsageInstance?.();
  if (usage) usage.cacheHelpMessage = () => {};
}

/** A command's own options; none when there is no such command. */
function optionsOf(command: string | undefined, commands: Commands): OptionTable {
  return command !== undefined && Object.hasOwn(commands, command) ? commands[command].options : {};
}

/** What yargs lets pass: `--no-output`, which makes `false` of a value, and two values for an option that holds one. */
function refuseMisuse(args: Readonly<Record<string, unknown>>, commands: Commands): void {
  const command = (args._ as readonly unknown[] | undefined)?.[0];
  const table = { ...optionsOf(String(command), commands), ...EVERYWHERE };
  for (const [name, { array, type }] of Object.entries(table)) {
    const given = [args[name]].flat();
    // yargs takes --no-config for what it is.
    if (name === 'config') continue;
    if (type !== 'boolean' && given.includes(false)) throw new UsageError(`unknown option --no-${name}`);
    if (!array && given.length > 1) throw new UsageError(`--${name} was given more than once`);
  }
}

/** yargs' complaint in the words of this program: one line, with what was probably meant. */
function advise(message: string, args: readonly string[], commands: Commands): string {
  const line = message.replace(/\s+/g, ' ').trim();
  const command = args.find(word => COMMAND_NAMES.includes(word));
  let match = /^Unknown commands?: ([^,]+)/.exec(line);
  if (match) return unknown('command', match[1]!, COMMAND_NAMES);
  match = /^Unknown arguments?: ([^,]+)/.exec(line);
  if (match) {
    const table = { ...optionsOf(command, commands), ...EVERYWHERE };
    const known = [...Object.keys(table), ...YARGS_OPTIONS].map(name => `--${name}`);
    const option = match[1]!.length === 1 ? `-${match[1]}` : `--${match[1]}`;
    return unknown('option', option, known, `wirelint ${command ?? ''} --help lists them`);
  }
  match = /^Invalid values: Argument: (\S+), Given: (.*?), Choices: (.*)$/.exec(line);
  if (match) return `--${match[1]} ${match[2]!.replaceAll('"', '')}: expected one of ${match[3]!.replaceAll('"', '')}`;
  match = /^Not enough arguments following: (\S+)$/.exec(line);
  if (match) return `${match[1]!.length === 1 ? '-' : '--'}${match[1]} needs a value`;
  return line;
}
