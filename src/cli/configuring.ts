/**
 * The configuration file before there are protocols: which one it is (`--config`, or the one that is found), and that it is read.
 * What its settings come to is in configured.ts, which is loaded only where there is one.
 */
import { relative } from 'node:path';
import process from 'node:process';
import { findConfiguration, requireProject } from '../configuration/find.ts';
import { formOf } from '../configuration/forms.ts';
import type { SourceFile } from '../configuration/located.ts';
import type { Configuration } from '../configuration/settings.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { beforeExit } from './waiting.ts';

/** Milliseconds that code may take, network and all, to say what its settings are. */
const PATIENCE = 10_000;

/** What `--config` says in place of a file to do without one. */
const NONE = 'none';

const IDLE_COMMANDS = ['completion', 'help'];

/** Words for which nothing runs that a file could set. */
const IDLE_WORDS = ['--help', '-h', '--version', '-v'];

/** Reads the file that the command line names, or the one that is found; undefined where there is none. */
export async function readConfigurationFor(host: Host): Promise<Configuration | undefined> {
  const words = wordsOfProgram(host.args);
  if (IDLE_COMMANDS.includes(words[0] ?? '') || words.some(word => IDLE_WORDS.includes(word))) return undefined;
  const named = configArgument(words);
  if (named === NONE) return undefined;
  const from = workingDirectory(host);
  const found = named === undefined ? search(from) : undefined;
  if (named === undefined && found === undefined) return undefined;
  const { fileNamed, readConfiguration } = await import('../configuration/file.ts');
  const file = found ?? fileNamed(named!, from);
  const hasRun = formOf(file.path) === 'code' ? host.onForeignCode?.(file.name) : undefined;
  const configuration = await readConfiguration(file, whenPointless).finally(hasRun);
  if (found) requireProject(configuration);
  return configuration;
}

export function workingDirectory({ workingDirectory = process.cwd() }: Host): string {
  return workingDirectory;
}

function search(from: string): SourceFile | undefined {
  const nameOf = (path: string) => relative(from, path);
  return findConfiguration({ from, userId: process.getuid?.(), nameOf });
}

/** What stands before `--`; behind it is a command of somebody else's. */
function wordsOfProgram(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? args : args.slice(0, dashes);
}

/** The file that is named, or `none`. Looks at this option only; the rest is for the parser to judge. */
function configArgument(words: readonly string[]): string | undefined {
  const given = words.flatMap((word, index) => {
    if (word === '--no-config') return [NONE];
    if (word.startsWith('--config=')) return [word.slice('--config='.length)];
    return words[index - 1] === '--config' && !word.startsWith('-') ? [word] : [];
  });
  if (given.length > 1) throw new UsageError('--config was given more than once');
  return given[0] === '' ? undefined : given[0];
}

function whenPointless(listener: () => void): () => void {
  const dispose = beforeExit(listener);
  const timer = setTimeout(listener, PATIENCE);
  // Nothing is left that could happen: the process ends, and says so.
  timer.unref();
  return () => {
    clearTimeout(timer);
    dispose();
  };
}
