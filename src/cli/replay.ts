/**
 * `wirelint replay CAPTURE`: plays one side of a recorded conversation against a live peer, judges what that says, and tells
 * where it departed from the recording. Its parts are loaded only when it runs.
 */
import type { Argv } from 'yargs';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { filterHelp } from './filtering.ts';
import { LIMITS_HINT } from './limits-topic.ts';
import { inGroups } from './option-groups.ts';
import { REPLAY_OPTIONS } from './replay-options.ts';

export function addReplay(cli: Argv, program: Program): Argv {
  return cli.command(
    'replay',
    'Play one side of a recording against a live peer',
    command =>
      command
        .usage(
          '$0 replay CAPTURE --to ADDRESS\n\nSends a live peer what one side sent in a recording, waits for the answers that it got, and reports what the ' +
            'peer breaks and where it departs from the recording. Values that the live peer chooses (tags, cookies, identifiers) take the ' +
            'place of those of the recording. Addresses: tcp:HOST:PORT, tls:HOST:PORT, udp:HOST:PORT, unix:PATH, unix-seqpacket:PATH.',
        )
        .strictCommands(false)
        .options(
          inGroups(REPLAY_OPTIONS, {
            'What to play:': ['to', 'as', 'listen', 'connection', 'speed', 'timeout', 'ignore', 'keep-going'],
          }),
        )
        .epilogue(
          exampleHelp([
            ['$0 replay trace.pcap --to udp:127.0.0.1:26999', 'the recorded client, as fast as it was'],
            [
              '$0 replay trace.pcap --to tcp:127.0.0.1:1883 --connection 2 --speed max',
              'one of several, without its pauses',
            ],
            [
              '$0 replay trace.pcap --as server --listen tcp:1883 --timeout 60s',
              'the recorded server, for a live client',
            ],
            ['$0 replay trace.pcap --to tls:localhost:8883 --record live.pcapng', 'over TLS, recorded'],
          ]),
        )
        .epilogue(
          `${filterHelp('findings')}\n\n` +
            `${LIMITS_HINT}\n\n` +
            'Exit codes: 0 it went as recorded, 1 findings about the live peer or departures, 2 usage, 3 capture unreadable or incomplete, ' +
            '4 nothing to replay, 70 our fault.',
        ),
    async args => {
      const { runReplay } = await import('./replay-run.ts');
      program.finish(await runReplay(args._, args, program));
    },
  );
}
