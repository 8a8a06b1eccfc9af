/**
 * The options of a command under headings, for its `--help`. An option stands under the same heading wherever it is; what is
 * a command's own matter is given by the command, and goes first.
 */
import type { Options } from 'yargs';

type Groups = Readonly<Record<string, readonly string[]>>;

const SHARED: Groups = {
  'What to read:': [
    ...[
      'pair',
      'protocol',
      'shard',
      'queue',
      'jobs',
      'decode-as',
      'frame',
      'connection',
      'follow',
      'sort',
      'limit',
      'reader',
    ],
    ...['allow-incomplete', 'allow-empty', 'require-each'],
  ],
  'How to judge:': [
    ...['dialect', 'rule', 'midstream', 'capture', 'fail-on', 'max-warnings', 'min-coverage'],
    ...['baseline', 'write-baseline'],
  ],
  'How to report:': [
    ...['format', 'output', 'report', 'filter', 'quiet', 'coverage', 'statements', 'max-findings', 'all-connections'],
    ...[
      'fields',
      'layers',
      'hex',
      'count-by',
      'annotate',
      'junit-granularity',
      'sarif-results',
      'inspect',
      'theme',
      'bind',
      'bell',
    ],
    ...['color', 'history', 'progress'],
  ],
  'When to begin and end:': [
    'ready-file',
    'idle',
    'until-idle',
    'duration',
    'max-connections',
    'run',
    'idle-exit',
    'dead-after',
  ],
  'Recording:': ['record', 'record-size', 'record-time', 'record-keep'],
  'What to do to the traffic:': ['fault', 'scenario', 'seed', 'attack', 'enforce', 'break-on', 'control'],
  'TLS:': [
    ...['cert', 'key', 'request-client-cert', 'client-ca', 'upstream-ca', 'insecure', 'client-cert', 'client-key'],
    ...['alpn', 'print-ca'],
  ],
};

/**
 * The same options, each with its group, in the order in which help shows them.
 * @param own headings of this command alone, with what stands under them
 */
export function inGroups<T extends Readonly<Record<string, Options>>>(table: T, own: Groups = {}): T {
  const left = new Map(Object.entries(table));
  const result: Record<string, Options> = {};
  for (const [group, names] of [...Object.entries(own), ...Object.entries(SHARED)]) {
    for (const name of names) {
      const option = left.get(name);
      if (option === undefined) continue;
      left.delete(name);
      result[name] = { ...option, group };
    }
  }
  return { ...result, ...Object.fromEntries(left) } as T;
}
