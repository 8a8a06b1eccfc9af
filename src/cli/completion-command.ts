/** `wirelint completion [SHELL]`: prints the script that makes Tab complete wirelint's commands. */
import type { Argv } from 'yargs';
import { UsageError, unknown } from '../settings/words.ts';
import type { Program } from './command.ts';
import { COMPLETION_SCRIPTS, SHELLS, shellOf } from './completion-scripts.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import { Output } from './output.ts';

export function addCompletion(cli: Argv, program: Program): Argv {
  return cli.command(
    'completion',
    'Print a completion script for bash, zsh or fish',
    command =>
      command
        .usage('$0 completion [bash | zsh | fish]\n\nPrints the script; without a name, that of the shell in $SHELL.')
        .strictCommands(false)
        .epilogue(
          exampleHelp([
            ['$0 completion bash >> ~/.bashrc', 'bash'],
            ['$0 completion zsh >> ~/.zshrc', 'zsh'],
            ['$0 completion fish > ~/.config/fish/completions/wirelint.fish', 'fish'],
          ]),
        ),
    async args => program.finish(await completion(args._.slice(1).map(String), program)),
  );
}

async function completion(words: readonly string[], { host }: Program): Promise<number> {
  const [word] = words;
  const shell = word === undefined ? shellOf(host.environment.SHELL) : SHELLS.find(known => known === word);
  if (shell === undefined) throw new UsageError(`completion: ${unknown('shell', word ?? '', [...SHELLS])}`);
  if (words.length > 1) throw new UsageError('completion: name one shell');
  await new Output(host.stdout, 'standard output').write(COMPLETION_SCRIPTS[shell]);
  return OK;
}
