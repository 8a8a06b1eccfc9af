/**
 * The commands, in the order in which help lists them. Each is loaded when it is asked for: what one needs, from the sockets of a
 * proxy to the screen of `inspect`, is not for the others to wait for.
 */
import type { Argv, Options } from 'yargs';
import type { Program } from './command.ts';
import type { HelpSource } from './help.ts';

export type OptionTable = Readonly<Record<string, Options>>;

/** A command that has been loaded. */
export interface Command {
  /** What it takes beside what every command does. */
  readonly options: OptionTable;
  /** Adds it to a command line. */
  readonly add: (cli: Argv, program: Program, source: HelpSource) => Argv;
}

export type Commands = Readonly<Record<string, Command>>;

const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => {
    const { addCheck, CHECK_OPTIONS } = await import('./check.ts');
    return { options: CHECK_OPTIONS, add: addCheck };
  },
  merge: async () => {
    const { addMerge, MERGE_OPTIONS } = await import('./merge.ts');
    return { options: MERGE_OPTIONS, add: addMerge };
  },
  worker: async () => {
    const { addWorker, WORKER_OPTIONS } = await import('./worker.ts');
    return { options: WORKER_OPTIONS, add: addWorker };
  },
  dissect: async () => {
    const { addDissect, DISSECT_OPTIONS } = await import('./dissect.ts');
    return { options: DISSECT_OPTIONS, add: addDissect };
  },
  inspect: async () => {
    const { addInspect, INSPECT_OPTIONS } = await import('./inspect.ts');
    return { options: INSPECT_OPTIONS, add: addInspect };
  },
  proxy: async () => {
    const [{ addProxy }, { PROXY_OPTIONS }] = await Promise.all([import('./proxy.ts'), import('./proxy-options.ts')]);
    return { options: PROXY_OPTIONS, add: addProxy };
  },
  replay: async () => {
    const [{ addReplay }, { REPLAY_OPTIONS }] = await Promise.all([
      import('./replay.ts'),
      import('./replay-options.ts'),
    ]);
    return { options: REPLAY_OPTIONS, add: addReplay };
  },
  extract: async () => {
    const [{ addExtract }, { EXTRACT_OPTIONS }] = await Promise.all([
      import('./extract.ts'),
      import('./extract-choice.ts'),
    ]);
    return { options: EXTRACT_OPTIONS, add: addExtract };
  },
  rules: async () => {
    const { addRules, RULES_OPTIONS } = await import('./rules.ts');
    return { options: RULES_OPTIONS, add: addRules };
  },
  protocols: async () => {
    const { addProtocols, PROTOCOLS_OPTIONS } = await import('./protocols.ts');
    return { options: PROTOCOLS_OPTIONS, add: addProtocols };
  },
  config: async () => {
    const { addConfig, CONFIG_OPTIONS } = await import('./config.ts');
    return { options: CONFIG_OPTIONS, add: addConfig };
  },
  new: async () => {
    const { addNew, NEW_OPTIONS } = await import('./new.ts');
    return { options: NEW_OPTIONS, add: addNew };
  },
  completion: async () => ({ options: {}, add: (await import('./completion-command.ts')).addCompletion }),
  help: async () => ({ options: {}, add: (await import('./help.ts')).addHelp }),
};

export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS);

/** All commands: to list them, to complete any of them, to say that an option is none of theirs. */
export function loadCommands(names = COMMAND_NAMES): Promise<Commands> {
  const loaded = names.map(async name => [name, await LOADERS[name]()] as const);
  return Promise.all(loaded).then(entries => Object.fromEntries(entries));
}

/** Those that a command line is about: the one that it begins with; all where it begins otherwise, or asks for the list. */
export function commandsFor([first, second]: readonly string[]): Promise<Commands> {
  const isKnown = (word: string | undefined) => word !== undefined && COMMAND_NAMES.includes(word);
  const isOne = isKnown(first) && (first !== 'help' || isKnown(second));
  return loadCommands(isOne ? [first!] : COMMAND_NAMES);
}
