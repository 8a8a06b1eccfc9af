/** `--plugin` on the command line: which folders it names, and how the program notices one that never finishes loading. */
import { withPlugins } from '../plugins.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { beforeExit } from './waiting.ts';

/** The folders that a command line names, in order. Looks only at `--plugin`; the rest is for the parser to judge. */
export function pluginArguments(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const words = end < 0 ? args : args.slice(0, end);
  return words.flatMap((word, index) => {
    if (word.startsWith('--plugin=')) return [word.slice('--plugin='.length)];
    return words[index - 1] === '--plugin' && !word.startsWith('-') ? [word] : [];
  });
}

/**
 * The protocols that are built in and those of the folders behind them.
 * @throws UsageError for the first folder that cannot be used
 */
export function withPluginFolders(
  builtIn: readonly AnyProtocol[],
  folders: readonly string[],
): Promise<readonly AnyProtocol[]> {
  return withPlugins(builtIn, folders, beforeExit);
}
