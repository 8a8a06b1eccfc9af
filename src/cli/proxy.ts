/**
 * `wirelint proxy LISTEN UPSTREAM`: stands between two programs, forwards every byte, judges as it goes, and reports
 * when it ends. Its parts are loaded only when it runs: the other commands would load them for nothing.
 */
import type { Argv } from 'yargs';
import { FAULT_HELP } from '../faults/help.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { filterHelp } from './filtering.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { inGroups } from './option-groups.ts';
import { commandWords, PROXY_OPTIONS } from './proxy-options.ts';

export function addProxy(cli: Argv, program: Program): Argv {
  return cli.command(
    'proxy',
    'Stand between two programs and check what they say to each other',
    command =>
      command
        .usage(
          '$0 proxy LISTEN UPSTREAM [-- COMMAND...]\n\nForwards every byte between clients of LISTEN and UPSTREAM, and checks as it goes. ' +
            'Addresses: tcp:HOST:PORT, tls:HOST:PORT, udp:HOST:PORT, unix:PATH, unix-seqpacket:PATH; without a host the loopback, port 0 for any free one.',
        )
        .strictCommands(false)
        .options(inGroups(PROXY_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 proxy udp:27000 udp:127.0.0.1:26999', 'findings as they come up, the report at Ctrl-C'],
            ['$0 proxy tcp:0 tcp:localhost:9000 --record trace.pcapng', 'keep what passed'],
            ['$0 proxy tls:8443 tls:example.org:443', 'judge what is said in TLS'],
            ['$0 proxy udp:27000 udp:127.0.0.1:26999 -p mnet -- npm test', 'end with the command that runs the tests'],
            ["$0 proxy tcp:1884 tcp:127.0.0.1:1883 --fault 'drop=5%,delay=20ms'", 'be a bad network'],
            ['$0 proxy udp:27000 udp:127.0.0.1:26999 --inspect', 'look at what passes, in the terminal'],
          ]),
        )
        .epilogue(
          `${FAULT_HELP}\n\n${filterHelp('findings')}\n\n` +
            `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 clean, 1 findings, 2 usage, 4 nothing to check, 5 only the command that was run failed, 70 our fault.',
        ),
    async args => {
      const { runProxy } = await import('./proxy-run.ts');
      program.finish(await runProxy(args, positionals(args._, program), program));
    },
  );
}

/** What stands before `--`, behind the command's name. */
function positionals(words: readonly (string | number)[], { host }: Program): string[] {
  return words.slice(1, words.length - commandWords(host.args).length).map(String);
}
