/** The options of `proxy`, and where its command line is cut. What they amount to says proxy-setup.ts. */
import type { InferredOptionTypes, Options } from 'yargs';
import { ENFORCING } from '../faults/enforcement.ts';
import { USUAL_IDLE } from '../proxy/io/listener.ts';
import { ANALYSIS_OPTIONS } from './options.ts';
import { REPORT_OPTIONS } from './reporting.ts';

/** TLS on either side. */
export const TLS_OPTIONS = {
  cert: {
    type: 'string',
    requiresArg: true,
    describe:
      'Certificate for clients, PEM, its chain after it; by default one is made for each name, by a CA of our own',
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
      'Protocols to agree on where one side alone speaks it: h2,http/1.1; with two, what they agree on is passed on',
  },
} as const satisfies Record<string, Options>;

const INTERVENTION_OPTIONS = {
  fault: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "Do this to what passes: 'drop=5%,delay=20ms', 'drop if type == DATA nth=3' (repeatable; docs/faults.md)",
  },
  scenario: { type: 'string', requiresArg: true, describe: 'Do what this file says, YAML: faults in steps' },
  seed: { type: 'string', requiresArg: true, describe: 'Seed of what is left to chance: the same does the same again' },
  attack: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Break this rule once on purpose, and say how the other side takes it (repeatable)',
  },
  enforce: {
    choices: ENFORCING,
    requiresArg: true,
    describe: 'Keep messages that break a rule of severity error from the other side',
  },
  'break-on': {
    type: 'string',
    requiresArg: true,
    describe: "Hold back what matches, until somebody lets it go: 'type == SHUTDOWN' (with --inspect or --control)",
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
    describe: 'Where to listen and whom to speak to: udp:27000=udp:127.0.0.1:26999 (repeatable)',
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
  'record-size': { type: 'string', requiresArg: true, describe: 'Begin another file after so many bytes: 100MB' },
  'record-time': { type: 'string', requiresArg: true, describe: 'Begin another file after so long: 1h' },
  'record-keep': { type: 'string', requiresArg: true, describe: 'Keep so many files, the newest ones' },
  'ready-file': {
    type: 'string',
    requiresArg: true,
    describe: 'Write this file, JSON with the ports, once all pairs listen',
  },
  idle: {
    type: 'string',
    default: USUAL_IDLE,
    requiresArg: true,
    describe: 'UDP: forget a client that has been silent for so long',
  },
  'until-idle': { type: 'string', requiresArg: true, describe: 'End when nothing has passed for so long: 5s' },
  duration: { type: 'string', requiresArg: true, describe: 'End after so long' },
  'max-connections': {
    type: 'string',
    requiresArg: true,
    describe: 'End when so many clients have come and the last of them has gone',
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
