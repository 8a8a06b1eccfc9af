/**
 * The command line as a whole: the commands, the message for a misspelt one, and how errors become exit codes. yargs
 * parses, helps and completes; it neither prints nor exits, so that everything goes through one output.
 */
import yargs, { type Argv, type Options } from 'yargs';
import type { Configuration } from '../configuration/settings.ts';
import { FramingFault } from '../framing/fault.ts';
import { pluginAtFault } from '../plugins.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import { UsageError, unknown } from '../settings/words.ts';
import { visibleAtLineStart } from '../wire/escape.ts';
import { addCheck, CHECK_OPTIONS } from './check.ts';
import type { Program } from './command.ts';
import { answer } from './completion.ts';
import { addCompletion } from './completion-command.ts';
import { COMPLETION_REQUEST } from './completion-scripts.ts';
import { addConfig, CONFIG_OPTIONS } from './config.ts';
import {
  configure,
  configuredFolders,
  fittingConfiguration,
  givenOptions,
  hasPluginInCode,
  keysOf,
  readConfigurationFor,
  withConfiguredPlugins,
} from './configuring.ts';
import { addDissect, DISSECT_OPTIONS } from './dissect.ts';
import { exampleHelp } from './examples.ts';
import { INTERNAL, OK, USAGE } from './exit-code.ts';
import { addExtract } from './extract.ts';
import { EXTRACT_OPTIONS } from './extract-choice.ts';
import { refuseCapture } from './first-word.ts';
import { addHelp, TOPICS } from './help.ts';
import { columnsOf, complain, type Host } from './host.ts';
import { addInspect, INSPECT_OPTIONS } from './inspect.ts';
import { addMerge, MERGE_OPTIONS } from './merge.ts';
import { addNew, NEW_OPTIONS } from './new.ts';
import { openFilesProblem } from './open-files.ts';
import { CONFIG_OPTION, PLUGIN_OPTION } from './options.ts';
import { Output, OutputError } from './output.ts';
import { pluginArguments, withPluginFolders } from './plugins.ts';
import { addProtocols, PROTOCOLS_OPTIONS } from './protocols.ts';
import { addProxy } from './proxy.ts';
import { PROXY_OPTIONS } from './proxy-options.ts';
import { addReplay } from './replay.ts';
import { REPLAY_OPTIONS } from './replay-options.ts';
import { addRules, RULES_OPTIONS } from './rules.ts';

type OptionTable = Readonly<Record<string, Options>>;

const COMMANDS: Readonly<Record<string, OptionTable>> = {
  check: CHECK_OPTIONS,
  merge: MERGE_OPTIONS,
  dissect: DISSECT_OPTIONS,
  inspect: INSPECT_OPTIONS,
  proxy: PROXY_OPTIONS,
  replay: REPLAY_OPTIONS,
  extract: EXTRACT_OPTIONS,
  rules: RULES_OPTIONS,
  protocols: PROTOCOLS_OPTIONS,
  config: CONFIG_OPTIONS,
  new: NEW_OPTIONS,
  help: {},
};

/** Options that hold for every command. */
const EVERYWHERE = { ...PLUGIN_OPTION, ...CONFIG_OPTION };

/** What yargs does not document. A later version need not have it. */
interface YargsInternals {
  getUsageInstance?: () => { cacheHelpMessage: () => void };
}

const YARGS_OPTIONS = ['help', 'version'];

/**
 * Runs one command line to its end.
 * @param builtIn the protocols that need no `--plugin`
 * @returns the exit code; never rejects
 */
export async function runProgram(host: Host, builtIn: readonly AnyProtocol[], tool: Tool): Promise<number> {
  let code = OK;
  let folders = pluginArguments(host.args);
  try {
    if (host.args[0] === COMPLETION_REQUEST) return await complete(host, builtIn);
    const configuration = await readConfigurationFor(host);
    folders = [...configuredFolders(configuration), ...folders];
    const protocols = await protocolsFor(host, builtIn, configuration);
    const program: Program = {
      host,
      protocols,
      configuration: fittingConfiguration(configuration, protocols, Object.values(COMMANDS)),
      tool,
      plugins: hasPluginInCode(configuration) ? undefined : folders,
      finish: result => {
        code = result;
      },
    };
    const printed = await parse(program);
    await new Output(host.stdout, 'standard output').write(printed);
    return code;
  } catch (error) {
    return explain(error, host, folders);
  }
}

/**
 * Does without a configuration and the protocols of others: a key pressed on a command line that nobody has sent off, pasted
 * perhaps, must not run the code that it names.
 */
async function complete({ args, stdout }: Host, builtIn: readonly AnyProtocol[]): Promise<number> {
  const commands = Object.fromEntries(
    Object.entries({ ...COMMANDS, completion: {} }).map(([name, table]) => [name, { ...table, ...EVERYWHERE }]),
  );
  const answered = answer(args.slice(1), { protocols: withCarrierOptions(builtIn), commands, topics: TOPICS });
  await new Output(stdout, 'standard output').write(answered);
  return OK;
}

/** Loaded before anything is parsed. */
async function protocolsFor(
  { args }: Host,
  builtIn: readonly AnyProtocol[],
  configuration: Configuration | undefined,
): Promise<readonly AnyProtocol[]> {
  const configured = await withConfiguredPlugins(builtIn, configuration);
  return withCarrierOptions(await withPluginFolders(configured, pluginArguments(args)));
}

/** @returns what yargs has to print: help, the version, a completion script; empty when a command ran */
async function parse(program: Program): Promise<string> {
  let printed = '';
  await commandLine(program).parseAsync([...program.host.args], {}, (_error, _args, output) => {
    if (output) printed += `${output}\n`;
  });
  return printed;
}

function commandLine(program: Program): Argv {
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
      'name a command: check, merge, dissect, inspect, proxy, replay, extract, rules, protocols, config, new or help; wirelint help lists them',
    )
    .wrap(columnsOf(host.stdout, host.environment))
    .version(tool.version)
    .alias('version', 'v')
    .help()
    .alias('help', 'h')
    .middleware(args => {
      const [word] = args._ as readonly unknown[];
      if (word !== undefined && !commandNames().includes(String(word))) refuseCapture(String(word), host.args);
    }, true)
    .middleware(args => refuseMisuse(args))
    .middleware(args => {
      const command = String((args._ as readonly unknown[])[0]);
      // It shows what is from where, and puts them together itself.
      if (command === 'config') return;
      const table = Object.hasOwn(COMMANDS, command) ? COMMANDS[command]! : {};
      return configure(args, givenOptions(args, cli), keysOf(command, table), program);
    })
    .fail((message, error) => {
      throw error instanceof Error && error.name !== 'YError' ? error : new UsageError(advise(message, host.args));
    });
  layOutNoHelpAhead(cli);
  for (const add of [
    addCheck,
    addMerge,
    addDissect,
    addInspect,
    addProxy,
    addReplay,
    addExtract,
    addRules,
    addProtocols,
    addConfig,
    addNew,
    addCompletion,
  ])
    cli = add(cli, program);
  const printedFor = (args: readonly string[]) => parse({ ...program, host: { ...host, args } });
  return addHelp(cli, program, { commands: commandNames(), printedFor }).epilogue(
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

function commandNames(): string[] {
  return [...Object.keys(COMMANDS), 'completion'];
}

/** Names of a command's options; those that hold everywhere when there is no such command. */
function optionsOf(command: string | undefined): string[] {
  const table = command !== undefined && Object.hasOwn(COMMANDS, command) ? COMMANDS[command]! : {};
  return [...Object.keys({ ...table, ...EVERYWHERE }), ...YARGS_OPTIONS];
}

/** What yargs lets pass: `--no-output`, which makes `false` of a value, and two values for an option that holds one. */
function refuseMisuse(args: Readonly<Record<string, unknown>>): void {
  const command = (args._ as readonly unknown[] | undefined)?.[0];
  const table: OptionTable = { ...COMMANDS[String(command)], ...EVERYWHERE };
  for (const [name, { array, type }] of Object.entries(table)) {
    const given = [args[name]].flat();
    // yargs takes --no-config for what it is.
    if (name === 'config') continue;
    if (type !== 'boolean' && given.includes(false)) throw new UsageError(`unknown option --no-${name}`);
    if (!array && given.length > 1) throw new UsageError(`--${name} was given more than once`);
  }
}

/** yargs' complaint in the words of this program: one line, with what was probably meant. */
function advise(message: string, args: readonly string[]): string {
  const line = message.replace(/\s+/g, ' ').trim();
  const command = args.find(word => Object.hasOwn(COMMANDS, word));
  let match = /^Unknown commands?: ([^,]+)/.exec(line);
  if (match) return unknown('command', match[1]!, commandNames());
  match = /^Unknown arguments?: ([^,]+)/.exec(line);
  if (match) {
    const known = optionsOf(command).map(name => `--${name}`);
    const option = match[1]!.length === 1 ? `-${match[1]}` : `--${match[1]}`;
    return unknown('option', option, known, `wirelint ${command ?? ''} --help lists them`);
  }
  match = /^Invalid values: Argument: (\S+), Given: (.*?), Choices: (.*)$/.exec(line);
  if (match) return `--${match[1]} ${match[2]!.replaceAll('"', '')}: expected one of ${match[3]!.replaceAll('"', '')}`;
  match = /^Not enough arguments following: (\S+)$/.exec(line);
  if (match) return `${match[1]!.length === 1 ? '-' : '--'}${match[1]} needs a value`;
  return line;
}

/** Tells the user in one line, or one a fault of a plugin, and says the exit code. What is neither the user's fault nor a plugin's is ours. */
export function explain(error: unknown, host: Host, folders = pluginArguments(host.args)): number {
  if (error instanceof UsageError || error instanceof OutputError) {
    complain(host, error.message);
    if (error instanceof UsageError) for (const { message } of error.others) complain(host, message);
    return USAGE;
  }
  const shortage = openFilesProblem(error);
  if (shortage !== undefined) {
    complain(host, shortage);
    return USAGE;
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof FramingFault) {
    const at = pluginAtFault(error.cause, folders);
    complain(host, `${at === undefined ? '' : `${at}: `}${error.message}; this is a fault of the protocol`);
    return debugged(error, host);
  }
  const plugin = pluginAtFault(error, folders);
  if (plugin !== undefined) complain(host, `${plugin}: ${reason}; this is a fault of the plugin`);
  else complain(host, `internal error: ${reason}; please report this bug, with what WIRELINT_DEBUG=1 shows`);
  return debugged(error, host);
}

function debugged(error: unknown, host: Host): number {
  if (host.environment.WIRELINT_DEBUG && error instanceof Error) {
    for (const line of String(error.stack).split('\n')) host.stderr.write(`${visibleAtLineStart(line)}\n`);
  }
  return INTERNAL;
}
