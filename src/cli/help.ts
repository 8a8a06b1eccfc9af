/**
 * `wirelint help`: what `--help` prints, of the program or of one command, and topics that several commands share. The
 * command line is parsed once more for the first, so that both can never differ.
 */
import type { Argv } from 'yargs';
import { UsageError, unknown } from '../settings/words.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import { LIMITS_TOPIC, limitsTopic } from './limits-topic.ts';
import { pageOptions } from './options.ts';
import { Output } from './output.ts';

/** What there is help for beside the commands. */
export const TOPICS: readonly string[] = [LIMITS_TOPIC];

/** How help comes to be printed. */
export interface HelpSource {
  readonly commands: readonly string[];
  /** @returns what yargs prints for this command line */
  readonly printedFor: (args: readonly string[]) => Promise<string>;
}

export function addHelp(cli: Argv, program: Program, source: HelpSource): Argv {
  return cli.command(
    'help',
    'Print the help of a command, or of a topic: limits',
    command =>
      command
        .usage('$0 help [COMMAND | limits]\n\nThe help of the program, of one command, or of the limits.')
        .strictCommands(false)
        .epilogue(
          exampleHelp([
            ['$0 help check', 'as wirelint check --help'],
            ['$0 help limits', 'every limit, with its default'],
          ]),
        ),
    async args => program.finish(await help(args._.slice(1).map(String), program, source)),
  );
}

async function help(words: readonly string[], { host }: Program, source: HelpSource): Promise<number> {
  const [word] = words;
  if (words.length > 1) throw new UsageError('help: name one command or topic: wirelint help check');
  if (word !== undefined && word !== LIMITS_TOPIC && !source.commands.includes(word))
    throw new UsageError(`help: ${unknown('command', word, [...source.commands, ...TOPICS])}`);
  const text =
    word === LIMITS_TOPIC
      ? limitsTopic(pageOptions({ color: undefined, output: undefined }, host))
      : await source.printedFor(word === undefined ? ['--help'] : [word, '--help']);
  await new Output(host.stdout, 'standard output').write(text);
  return OK;
}
