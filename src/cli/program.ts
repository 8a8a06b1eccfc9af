/**
 * The command line as a whole: from what was typed to the exit code, and how errors become one. What completes a line does
 * without the parser, which takes longer to load.
 */
import { CaptureError } from '../capture/source.ts';
import type { Configuration } from '../configuration/settings.ts';
import { FramingFault } from '../framing/fault.ts';
import { pluginAtFault } from '../plugins.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import { UsageError } from '../settings/words.ts';
import { visibleAtLineStart } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { loadCommands } from './commands.ts';
import { COMPLETION_REQUEST } from './completion-scripts.ts';
import { readConfigurationFor } from './configuring.ts';
import { CAPTURE, INTERNAL, OK, USAGE } from './exit-code.ts';
import { complain, type Host } from './host.ts';
import { openFilesProblem } from './open-files.ts';
import { CONFIG_OPTION, PLUGIN_OPTION } from './options.ts';
import { Output, OutputError } from './output.ts';
import { pluginArguments, withPluginFolders } from './plugins.ts';

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
    let protocols = builtIn;
    // By a thread of its own, from the folders alone.
    let isLoadableAgain = true;
    if (configuration) {
      const { configuredFolders, hasPluginInCode, withConfiguredPlugins } = await import('./configured.ts');
      isLoadableAgain = !hasPluginInCode(configuration);
      folders = [...configuredFolders(configuration), ...folders];
      protocols = await withConfiguredPlugins(builtIn, configuration);
    }
    // Loaded before anything is parsed.
    protocols = withCarrierOptions(await withPluginFolders(protocols, pluginArguments(host.args)));
    const program: Program = {
      host,
      protocols,
      configuration: configuration && (await checked(configuration, protocols)),
      tool,
      plugins: isLoadableAgain ? folders : undefined,
      finish: result => {
        code = result;
      },
    };
    const { parse } = await import('./command-line.ts');
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
  const [{ answer }, { TOPICS }, loaded] = await Promise.all([
    import('./completion.ts'),
    import('./help.ts'),
    loadCommands(),
  ]);
  const commands = Object.fromEntries(
    Object.entries(loaded).map(([name, { options }]) => [name, { ...options, ...PLUGIN_OPTION, ...CONFIG_OPTION }]),
  );
  const answered = answer(args.slice(1), { protocols: withCarrierOptions(builtIn), commands, topics: TOPICS });
  await new Output(stdout, 'standard output').write(answered);
  return OK;
}

/** Loads what checks a configuration, for those who have one. */
async function checked(configuration: Configuration, protocols: readonly AnyProtocol[]): Promise<Configuration> {
  const { checkedConfiguration } = await import('../configuration/settings.ts');
  return checkedConfiguration(configuration, protocols);
}

/** Tells the user in one line, or one a fault of a plugin, and says the exit code. What is neither the user's fault nor a plugin's is ours. */
export function explain(error: unknown, host: Host, folders = pluginArguments(host.args)): number {
  if (error instanceof UsageError || error instanceof OutputError) {
    complain(host, error.message);
    if (error instanceof UsageError) for (const { message } of error.others) complain(host, message);
    return USAGE;
  }
  if (error instanceof CaptureError) {
    complain(host, error.message);
    return CAPTURE;
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
