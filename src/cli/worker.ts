/** `wirelint worker`: judges captures for `check --queue`, until it is stopped. Its parts are loaded only when it runs. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { parseCount, parseDuration, UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { inGroups } from './option-groups.ts';

/** Milliseconds. */
const SHORTEST_LIFE = 200;

export const WORKER_OPTIONS = {
  queue: {
    type: 'string',
    requiresArg: true,
    describe: 'Redis that the jobs are in: redis://HOST[:PORT][/DB], rediss:// for TLS',
  },
  jobs: {
    alias: 'j',
    type: 'string',
    requiresArg: true,
    describe: 'Jobs (captures, or shares of one) at once, each in a thread; by default as many as there are cores',
  },
  'idle-exit': {
    type: 'string',
    requiresArg: true,
    describe: 'End when there has been nothing to do for this time: 30s',
  },
  'dead-after': {
    type: 'string',
    default: '15s',
    requiresArg: true,
    describe: 'Another worker gets the jobs of one that has not been heard of for this time',
  },
  quiet: { alias: 'q', type: 'boolean', default: false, describe: 'Print no line for each job' },
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof WORKER_OPTIONS>;

export function addWorker(cli: Argv, program: Program): Argv {
  return cli.command(
    'worker',
    'Judge captures for check --queue on other machines',
    command =>
      command
        .usage(
          '$0 worker --queue URL\n\nTakes captures from a queue in Redis (BullMQ), judges them, and gives back what it found. It opens them itself: by the path that check was given, or by their URL. Give it the --plugin folders that check has.',
        )
        .options(inGroups(WORKER_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 worker --queue redis://queue.example', 'as many captures at once as there are cores'],
            ['$0 worker --queue redis://queue.example --idle-exit 1m', 'in CI: end when there is no more to do'],
            ['$0 check --queue redis://queue.example /shared/traces', 'what the workers work on'],
          ]),
        )
        .epilogue(
          'The first Ctrl-C (or SIGTERM) ends it when the captures in hand are judged, the second at once: other workers get them then. ' +
            'Exit codes: 0 ended in order, 2 usage, or no such Redis, 70 our fault.',
        ),
    async args => program.finish(await work(args, program)),
  );
}

async function work(args: Arguments, program: Program): Promise<number> {
  const { queue, quiet } = args;
  if (queue === undefined) throw new UsageError('worker: name the Redis that the jobs are in: --queue redis://HOST');
  if (!program.host.threads || !program.plugins)
    throw new UsageError(
      'worker: a protocol that a configuration has in its code cannot be loaded in threads; name its folder',
    );
  const jobs = args.jobs === undefined ? program.host.threads.cores : parseCount('--jobs', args.jobs, 1);
  const idleExit = args['idle-exit'] === undefined ? undefined : parseDuration('--idle-exit', args['idle-exit']);
  const deadAfter = parseDuration('--dead-after', args['dead-after']);
  if (deadAfter < SHORTEST_LIFE)
    throw new UsageError(
      `--dead-after ${args['dead-after']}: a worker says that it lives at most every ${SHORTEST_LIFE / 2} ms; write ${SHORTEST_LIFE}ms or more`,
    );
  const { runWorker } = await import('./worker-run.ts');
  return runWorker(queue, { jobs, idleExit, deadAfter, isQuiet: quiet }, program);
}
