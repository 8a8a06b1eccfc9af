/** The options of `replay`, and where its words are; what they amount to says src/replay/settings.ts. */
import type { InferredOptionTypes, Options } from 'yargs';
import { USUAL_TIMEOUT } from '../replay/settings.ts';
import { ANALYSIS_OPTIONS, PROGRESS_OPTION } from './options.ts';
import { TLS_OPTIONS } from './proxy-options.ts';
import { REPORT_OPTIONS } from './reporting.ts';

export const REPLAY_OPTIONS = {
  to: {
    type: 'string',
    requiresArg: true,
    describe: 'The live server to play the recorded client to: tcp:127.0.0.1:1883',
  },
  as: {
    choices: ['client', 'server'],
    default: 'client',
    requiresArg: true,
    describe: 'Which side of the recording to play',
  },
  listen: {
    type: 'string',
    requiresArg: true,
    describe: 'Where the recorded server waits for its live clients, with --as server: tcp:1883',
  },
  connection: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Replay this connection, by its number in reports; all by default (repeatable)',
  },
  speed: {
    type: 'string',
    default: '1',
    requiresArg: true,
    describe: 'How many times as fast as recorded, or max for no pauses at all',
  },
  timeout: {
    type: 'string',
    default: USUAL_TIMEOUT,
    requiresArg: true,
    describe: 'How much longer than in the recording the peer may take to answer',
  },
  ignore: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Do not compare this field of the peer, nor what is in it: CONNACK.properties, *.payload (repeatable)',
  },
  'keep-going': {
    type: 'boolean',
    default: false,
    describe: 'Go on with a conversation in which an answer is missing',
  },
  record: { type: 'string', requiresArg: true, describe: 'Record the live conversation as pcapng' },
  'ready-file': {
    type: 'string',
    requiresArg: true,
    describe: 'Write this file, JSON with the address, when the played server listens',
  },
  ...TLS_OPTIONS,
  ...REPORT_OPTIONS,
  ...ANALYSIS_OPTIONS,
  ...PROGRESS_OPTION,
} as const satisfies Record<string, Options>;

export type ReplayArguments = InferredOptionTypes<typeof REPLAY_OPTIONS>;
