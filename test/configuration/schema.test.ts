/**
 * The JSON schema for editors is made from the table that checks configurations, and kept in a file: `npm run docs` writes
 * it where it is out of date. What it lets pass and what the program lets pass is the same, as far as a schema can say it.
 */
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { CHECK_OPTIONS } from '../../src/cli/check.ts';
import { loadCommands } from '../../src/cli/commands.ts';
import { INSPECT_OPTIONS } from '../../src/cli/inspect.ts';
import { PLUGIN_OPTION } from '../../src/cli/options.ts';
import { PROXY_OPTIONS } from '../../src/cli/proxy-options.ts';
import type { WirelintConfig } from '../../src/configuration/define.ts';
import { fileNamed, readConfiguration } from '../../src/configuration/file.ts';
import { KEYS, namesIn } from '../../src/configuration/keys.ts';
import { configurationSchema } from '../../src/configuration/schema.ts';
import { checkedConfiguration } from '../../src/configuration/settings.ts';
import { withCarrierOptions } from '../../src/protocol/carrier.ts';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { folderWith } from '../kit/folder.ts';

const known = withCarrierOptions(protocols);
const schema = configurationSchema(known);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

test('each key stands for an option that a command has', async () => {
  const tables = [PLUGIN_OPTION, ...Object.values(await loadCommands()).map(({ options }) => options)];
  expect(KEYS.filter(({ option }) => !tables.some(table => Object.hasOwn(table, option)))).toEqual([]);
});

test('schema/config.schema.json says what the table says', async () => {
  const file = fileURLToPath(new URL('../../schema/config.schema.json', import.meta.url));
  const hint = 'schema/config.schema.json is out of date: run "npm run docs"';
  await expect(`${JSON.stringify(schema, null, 2)}\n`, hint).toMatchFileSnapshot(file);
});

const isRead = async (text: string) => {
  const folder = folderWith({ 'a.json': text });
  return readConfiguration(fileNamed('a.json', folder), () => () => {})
    .then(configuration => checkedConfiguration(configuration, known))
    .then(
      () => true,
      () => false,
    );
};

describe('the schema and the program agree', () => {
  test.each([
    ['{}', true],
    ['{ "$schema": "./node_modules/wirelint/schema/config.schema.json", "sort": true }', true],
    ['{ "rules": { "mnet/*": "off", "mnet/length": "info" }, "dialects": { "mnet.tags": "sender" } }', true],
    ['{ "dialects": { "mnet.clockSkew": 5 }, "limits": { "flows": 7 }, "decodeAs": ["udp.port==1,mnet"] }', true],
    ['{ "proxy": { "idle": "5s", "maxConnections": 2 }, "maxWarnings": 0, "failOn": "never" }', true],
    ['{ "reports": ["junit=a.xml", { "format": "sarif", "file": "a.sarif" }], "output": "a", "quiet": false }', true],
    ['{ "overrides": [{ "captures": "a", "rules": {} }, { "captures": ["a", "b"], "capture": "lossy" }] }', true],
    ['{ "minCoverage": { "mnet": 80, "mnet.transitions": 50 }, "baseline": "accepted.json" }', true],
    ['{ "minCoverage": { "mnet": 101 } }', false],
    ['{ "rule": {} }', false],
    ['{ "proxy": { "idl": "5s" } }', false],
    ['{ "proxy": { "idle": 5 } }', false],
    ['{ "rules": { "mnet/length": "fatal" } }', false],
    ['{ "rules": ["mnet/length=off"] }', false],
    ['{ "dialects": { "mnet.tags": "mine" } }', false],
    ['{ "limits": { "flow": 7 } }', false],
    ['{ "limits": { "flows": 0 } }', false],
    ['{ "maxFindings": 0 }', false],
    ['{ "maxWarnings": 0.5 }', false],
    ['{ "sort": "yes" }', false],
    ['{ "format": "xml" }', false],
    ['{ "reports": [{ "format": "junit" }] }', false],
    ['{ "overrides": [{ "rules": {} }] }', false],
    ['{ "overrides": [{ "captures": "a", "limits": {} }] }', false],
    ['[]', false],
  ])('about %s', async (text, isRight) => {
    expect([validate(JSON.parse(text)), await isRead(text)]).toEqual([isRight, isRight]);
  });
});

/** As the compiler has them: a key too many, or one too few, does not compile. */
const TYPED: Readonly<Record<keyof WirelintConfig, true>> = {
  plugins: true,
  decodeAs: true,
  dialects: true,
  rules: true,
  limits: true,
  capture: true,
  midstream: true,
  sort: true,
  reader: true,
  allowIncomplete: true,
  allowEmpty: true,
  requireEach: true,
  format: true,
  output: true,
  reports: true,
  junitGranularity: true,
  sarifResults: true,
  quiet: true,
  filter: true,
  failOn: true,
  maxWarnings: true,
  coverage: true,
  statements: true,
  minCoverage: true,
  baseline: true,
  maxFindings: true,
  allConnections: true,
  inspect: true,
  proxy: true,
  overrides: true,
};

test('defineConfig knows the keys of the table', () => {
  expect(Object.keys(TYPED)).toEqual([...namesIn(''), 'overrides']);
});

describe('the table of keys', () => {
  const options = { ...INSPECT_OPTIONS, ...PROXY_OPTIONS, ...CHECK_OPTIONS, ...PLUGIN_OPTION };

  test.each(KEYS.map(key => [key.name, key] as const))('%s stands for an option of its kind', (_, key) => {
    const option = Object.entries(options).find(([name]) => name === key.option)?.[1] as
      | { readonly type?: string; readonly array?: boolean; readonly choices?: readonly string[] }
      | undefined;
    expect(option).toBeDefined();
    // The forms of a report are in its option's description.
    expect(option?.choices ?? (key.name === 'format' ? FORMAT_NAMES : undefined)).toEqual(key.words);
    expect(option?.type === 'boolean').toBe(key.kind === 'flag');
    const lists = ['ports', 'dialects', 'rules', 'limits', 'shares', 'plugins', 'faults', 'reports', 'keys'];
    expect(option?.array === true).toBe(lists.includes(key.kind));
  });
});
