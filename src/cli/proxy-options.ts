/** The options of `proxy`, and where its command line is cut. What they amount to says proxy-setup.ts. */
import type { InferredOptionTypes, Options } from 'yargs';
import { ENFORCING } from '../faults/enforcement.ts';
import { USUAL_IDLE } from '../proxy/io/listener.ts';
import { ANALYSIS_OPTIONS, SCREEN_OPTIONS } from './options.ts';
import { REPORT_OPTIONS } from './reporting.ts';

/** TLS on either side. */
export const TLS_OPTIONS = {
  cert: {
    type: 'string',
    requiresArg: true,
    describe: 'Certificate for clients, PEM, its chain after it; by default our own CA makes one for each name',
  },
  key: { type: 'string', requiresArg: true, describe: 'The key of --cert, PEM' },
  'request-client-cert': { type: 'boolean', describe: 'Ask clients for a certificate' },
  'client-ca': {
    type: 'string',
    requiresArg: true,
    describe: 'Refuse clients without a certificate of a CA in this file, PEM',
  },
  'upstream-ca': { type: 'string', requiresArg: true, describe: 'Trust the CAs in this file, too, PEM' },
  insecure: { type: 'boolean', describe: 'Accept any certificate of the upstream' },
  'client-cert': { type: 'string', requiresArg: true, describe: 'Certificate for the upstream, PEM' },
  'client-key': { type: 'string', requiresArg: true, describe: 'The key of --client-cert, PEM' },
  alpn: {
    type: 'string',
    requiresArg: true,
    describe:
      'Protocols to offer where only one side speaks TLS: h2,http/1.1; where both do, their own choice is passed on',
  },
} as const satisfies Record<string, Options>;

const INTERVENTION_OPTIONS = {
  fault: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "Inject this fault: 'drop=5%,delay=20ms', 'drop if type == DATA nth=3' (repeatable; docs/faults.md)",
  },
  scenario: { type: 'string', requiresArg: true, describe: 'Inject faults in steps, from this YAML file' },
  seed: { type: 'string', requiresArg: true, describe: 'Seed of random faults; the same seed repeats them' },
  attack: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Break this rule once on purpose, and report how the other side reacts (repeatable)',
  },
  enforce: {
    choices: ENFORCING,
    requiresArg: true,
    describe: 'Do not pass on messages that break a rule of severity error',
  },
  'break-on': {
    type: 'string',
    requiresArg: true,
    describe: "Hold what matches until you forward or drop it: 'type == SHUTDOWN' (with --inspect or --control)",
  },
  control: {
    type: 'string',
    requiresArg: true,
    describe: 'Take commands from a Unix socket, unix:PATH, a JSON object a line (docs/control.md)',
  },
} as const satisfies Record<string, Options>;

const { 'decode-as': decodeAs, dialect, rule, midstream, limit, 'allow-empty': allowEmpty } = ANALYSIS_OPTIONS;

export const PROXY_OPTIONS = {
  pair: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Where to listen, and where to connect: udp:27000=udp:127.0.0.1:26999 (repeatable)',
  },
  protocol: {
    alias: 'p',
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'Protocol spoken there: one for all pairs, or one for each in order; by default recognised from the traffic',
  },
  record: { type: 'string', requiresArg: true, describe: 'Record the traffic as pcapng' },
  'record-size': { type: 'string', requiresArg: true, describe: 'Start a new file after this many bytes: 100MB' },
  'record-time': { type: 'string', requiresArg: true, describe: 'Start a new file after this time: 1h' },
  'record-keep': { type: 'string', requiresArg: true, describe: 'Keep only this many files, the newest' },
  'ready-file': {
    type: 'string',
    requiresArg: true,
    describe: 'Write this file, JSON with the ports, when all pairs listen',
  },
  idle: {
    type: 'string',
    default: USUAL_IDLE,
    requiresArg: true,
    describe: 'UDP: forget a client that has been silent for this time',
  },
  'until-idle': { type: 'string', requiresArg: true, describe: 'End when nothing has passed for this time: 5s' },
  duration: { type: 'string', requiresArg: true, describe: 'End after this time: 10m' },
  'max-connections': {
    type: 'string',
    requiresArg: true,
    describe: 'End when this many clients have come and all of them have gone',
  },
  run: {
    type: 'string',
    requiresArg: true,
    describe: 'Run this shell command through the proxy, and end with it; or write -- COMMAND ARGUMENTS',
  },
  inspect: {
    type: 'boolean',
    default: false,
    describe: 'Watch the traffic in the terminal; ? lists the keys',
  },
  ...SCREEN_OPTIONS,
  ...INTERVENTION_OPTIONS,
  ...TLS_OPTIONS,
  'print-ca': { type: 'boolean', describe: 'Print the certificate of that CA, for clients to trust, and end' },
  ...REPORT_OPTIONS,
  'decode-as': decodeAs,
  dialect,
  rule,
  midstream,
  limit,
  'allow-empty': allowEmpty,
} as const satisfies Record<string, Options>;

export type TlsArguments = InferredOptionTypes<typeof TLS_OPTIONS>;

export type ProxyArguments = InferredOptionTypes<typeof PROXY_OPTIONS>;

/** What stands behind `--`: a command and its arguments. */
export function commandWords(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? [] : args.slice(dashes + 1);
}
