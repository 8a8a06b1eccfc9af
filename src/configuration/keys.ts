/**
 * What a configuration can hold: the one table that checks it, that its JSON schema is made from, that says which option of
 * the command line a key stands for, and that the documentation prints. A test holds that a command has its option.
 */
import { ENFORCING } from '../faults/enforcement.ts';
import { GRANULARITIES, SARIF_RESULTS } from '../report/format.ts';
import { FORMAT_NAMES } from '../report/formats.ts';

/** What a key holds. */
export type KeyKind =
  /** `true` or `false`. */
  | 'flag'
  /** One of `words`. */
  | 'choice'
  /** A whole number of at least `least`. */
  | 'count'
  /** `5s`, `500ms`. */
  | 'duration'
  /** An expression of `-Y` about findings. */
  | 'filter'
  /** Path of a file, from the folder of the configuration. */
  | 'path'
  /** A list of `udp.port==26999,mnet`. */
  | 'ports'
  /** An object: `mnet.tags` -> `sender`. */
  | 'dialects'
  /** An object: id or pattern -> severity. */
  | 'rules'
  /** An object: name -> whole number. */
  | 'limits'
  /** An object: `mnet` or `mnet.transitions` -> percent. */
  | 'shares'
  /** A list of folders, from the folder of the configuration, or in code of protocols. */
  | 'plugins'
  /** One of the themes there are, or path of a file, from the folder of the configuration. */
  | 'theme'
  /** An object: action -> list of keys. */
  | 'keys'
  /** A list of `drop=5%`, `drop if type == DATA nth=3`. */
  | 'faults'
  /** A list of `{ format, file }` or `FORMAT=FILE`. */
  | 'reports';

export interface Key {
  /** `proxy.idle` stands in an object `proxy`. */
  readonly name: string;
  readonly kind: KeyKind;
  readonly words?: readonly string[];
  readonly least?: number;
  /** Name of the option that it stands for. */
  readonly option: string;
  /** Commands that it is for, where others have an option of that name for something else. */
  readonly commands?: readonly string[];
  /** May be different for some captures (`overrides`). */
  readonly perCapture?: true;
  /** One line for people. */
  readonly meaning: string;
}

/** What `theme` names beside files; `auto` looks at the terminal. */
export const THEME_NAMES: readonly string[] = ['auto', 'dark', 'light'];

/** Reports of a run; `dissect` prints messages, `rules` a catalogue. */
const REPORTING = ['check', 'merge', 'proxy', 'replay'];

export const KEYS: readonly Key[] = [
  {
    name: 'plugins',
    kind: 'plugins',
    option: 'plugin',
    meaning: 'Folders of your own protocols; their code is run',
  },
  {
    name: 'decodeAs',
    kind: 'ports',
    option: 'decode-as',
    perCapture: true,
    meaning: 'Ports that a protocol is spoken on: udp.port==26999,mnet',
  },
  {
    name: 'dialects',
    kind: 'dialects',
    option: 'dialect',
    perCapture: true,
    meaning: 'What a specification leaves open: mnet.tags: sender',
  },
  {
    name: 'rules',
    kind: 'rules',
    option: 'rule',
    perCapture: true,
    meaning: 'Severities of rules, or of all that a pattern describes; where two describe a rule, the later one holds',
  },
  { name: 'limits', kind: 'limits', option: 'limit', meaning: 'Limits of memory and time: flows: 100000' },
  {
    name: 'capture',
    kind: 'choice',
    words: ['auto', 'complete', 'lossy'],
    option: 'capture',
    perCapture: true,
    meaning: 'Whether captures hold all that was sent or lack some of it; auto looks for signs',
  },
  {
    name: 'midstream',
    kind: 'choice',
    words: ['auto', 'never'],
    option: 'midstream',
    perCapture: true,
    meaning: 'Whether a capture may begin in the middle of a conversation',
  },
  { name: 'sort', kind: 'flag', option: 'sort', meaning: 'Read each capture in the order of time' },
  {
    name: 'reader',
    kind: 'choice',
    words: ['wirelint', 'pcap-parser'],
    option: 'reader',
    meaning: 'What reads the capture file',
  },
  {
    name: 'allowIncomplete',
    kind: 'flag',
    option: 'allow-incomplete',
    meaning: 'Cut or damaged captures do not end in exit code 3',
  },
  {
    name: 'allowEmpty',
    kind: 'flag',
    option: 'allow-empty',
    meaning: 'Captures without a known message do not end in exit code 4',
  },
  {
    name: 'requireEach',
    kind: 'flag',
    option: 'require-each',
    meaning: 'Exit code 4 where one of several captures has no known message',
  },
  {
    name: 'format',
    kind: 'choice',
    words: FORMAT_NAMES,
    option: 'format',
    commands: REPORTING,
    meaning: 'Format of the report of check, proxy and replay',
  },
  {
    name: 'output',
    kind: 'path',
    option: 'output',
    commands: REPORTING,
    meaning: 'File that the report goes to; - is standard output',
  },
  {
    name: 'reports',
    kind: 'reports',
    option: 'report',
    commands: REPORTING,
    meaning: 'Reports beside that one, each with its format and its file',
  },
  {
    name: 'junitGranularity',
    kind: 'choice',
    words: GRANULARITIES,
    option: 'junit-granularity',
    meaning: 'What is a test case of junit and tap',
  },
  {
    name: 'sarifResults',
    kind: 'choice',
    words: SARIF_RESULTS,
    option: 'sarif-results',
    meaning: 'Results in sarif: broken rules, or what passed and could not be judged, too',
  },
  { name: 'quiet', kind: 'flag', option: 'quiet', commands: REPORTING, meaning: 'Errors and the summary only' },
  {
    name: 'filter',
    kind: 'filter',
    option: 'filter',
    commands: REPORTING,
    meaning: 'Only findings that match, as -Y of check has it',
  },
  {
    name: 'failOn',
    kind: 'choice',
    words: ['error', 'warning', 'info', 'never'],
    option: 'fail-on',
    meaning: 'Least severity that makes the exit code 1',
  },
  {
    name: 'maxWarnings',
    kind: 'count',
    least: 0,
    option: 'max-warnings',
    meaning: 'More warnings than this make the exit code 1',
  },
  {
    name: 'coverage',
    kind: 'flag',
    option: 'coverage',
    meaning: 'Text report: each rule, state and transition, too, and how often it was exercised',
  },
  {
    name: 'statements',
    kind: 'flag',
    option: 'statements',
    meaning: 'Text, json, html and markdown: each numbered statement of the specification, and what became of it',
  },
  {
    name: 'minCoverage',
    kind: 'shares',
    option: 'min-coverage',
    meaning: 'Percent of the rules that must have been exercised, else exit code 1: mnet: 80, mnet.transitions: 50',
  },
  {
    name: 'baseline',
    kind: 'path',
    option: 'baseline',
    meaning: 'Do not count findings that this file accepts',
  },
  {
    name: 'maxFindings',
    kind: 'count',
    least: 1,
    option: 'max-findings',
    meaning: 'Findings listed for one rule in one connection',
  },
  {
    name: 'allConnections',
    kind: 'flag',
    option: 'all-connections',
    meaning: 'List conformant connections, too',
  },
  {
    name: 'inspect.theme',
    kind: 'theme',
    option: 'theme',
    meaning: 'Colours of the terminal UI: for a dark or a light terminal, or those of a file',
  },
  {
    name: 'inspect.keys',
    kind: 'keys',
    option: 'bind',
    meaning: 'Keys in place of those of the table, by action: next-finding: [n, C-n]',
  },
  {
    name: 'inspect.bell',
    kind: 'flag',
    option: 'bell',
    meaning: 'Ring the bell for findings as they come, at most once a second',
  },
  {
    name: 'proxy.idle',
    kind: 'duration',
    option: 'idle',
    meaning: 'UDP: forget a client that has been silent for so long',
  },
  {
    name: 'proxy.untilIdle',
    kind: 'duration',
    option: 'until-idle',
    meaning: 'End the proxy when nothing has passed for so long',
  },
  { name: 'proxy.duration', kind: 'duration', option: 'duration', meaning: 'End the proxy after so long' },
  {
    name: 'proxy.maxConnections',
    kind: 'count',
    least: 1,
    option: 'max-connections',
    meaning: 'End the proxy when so many clients have come and the last of them has gone',
  },
  {
    name: 'proxy.faults',
    kind: 'faults',
    option: 'fault',
    meaning: 'Faults to inject: drop=5%,delay=20ms',
  },
  { name: 'proxy.scenario', kind: 'path', option: 'scenario', meaning: 'File of faults that come and go' },
  {
    name: 'proxy.seed',
    kind: 'count',
    least: 0,
    option: 'seed',
    meaning: 'Seed of what is left to chance, where a fault has none of its own',
  },
  {
    name: 'proxy.enforce',
    kind: 'choice',
    words: ENFORCING,
    option: 'enforce',
    meaning: 'What to do with messages that break a rule of severity error, instead of passing them on',
  },
];

/** Names at one level of the table: those of the keys themselves, or those behind `proxy.`. */
export function namesIn(group: string): string[] {
  const prefix = group === '' ? '' : `${group}.`;
  const names = KEYS.filter(({ name }) => name.startsWith(prefix)).map(
    ({ name }) => name.slice(prefix.length).split('.', 1)[0]!,
  );
  return [...new Set(names)];
}
