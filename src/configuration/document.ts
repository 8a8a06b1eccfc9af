/** Tables of keys as Markdown, for the pages about configurations and scenarios. */
import { KEYS, type Key } from './keys.ts';
import type { ScenarioKey } from './scenario.ts';

const FORMS: Readonly<Record<Key['kind'], string>> = {
  flag: '`true` or `false`',
  choice: '',
  count: 'a whole number',
  duration: "a time: `'5s'`",
  filter: 'a filter',
  path: 'a path',
  theme: '`auto`, `dark`, `light` or a path',
  keys: 'an object: action to a list of keys',
  ports: 'a list',
  dialects: 'an object: option to value',
  rules: 'an object: rule or pattern to `off`, `info`, `warning` or `error`',
  limits: 'an object: name to number',
  shares: 'an object: protocol, or protocol and measure, to percent',
  plugins: 'a list of paths',
  faults: 'a list of faults',
  reports: "a list of `{ format, file }` or `'FORMAT=FILE'`",
};

/** @param options those that the commands have; a key without one can be used once there is */
export function keysAsTable(options: readonly string[]): string {
  const rows = KEYS.filter(({ option }) => options.includes(option)).map(
    ({ name, kind, words, option, perCapture, meaning }) => {
      const form = words ? words.map(word => `\`${word}\``).join(', ') : FORMS[kind];
      return `| \`${name}\`${perCapture ? ' \\*' : ''} | ${form} | \`--${option}\` | ${meaning} |`;
    },
  );
  return ['| key | holds | option | is |', '|---|---|---|---|', ...rows].join('\n');
}

const SCENARIO_FORMS: Readonly<Record<ScenarioKey['kind'], string>> = {
  text: 'a text',
  seed: 'a whole number',
  duration: 'a time: `5s`',
  condition: 'a filter',
  choice: '',
  faults: 'a list of faults',
  steps: 'a list of steps',
};

/** The keys of a scenario, or of a step of one. */
export function scenarioKeysAsTable(keys: readonly ScenarioKey[]): string {
  const rows = keys.map(({ name, kind, words, meaning }) => {
    const form = words ? words.map(word => `\`${word}\``).join(', ') : SCENARIO_FORMS[kind];
    return `| \`${name}\` | ${form} | ${meaning} |`;
  });
  return ['| key | holds | is |', '|---|---|---|', ...rows].join('\n');
}
