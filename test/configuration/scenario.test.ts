/**
 * Scenarios as files: what is read of them, and what their authors are told. The JSON schema for editors is made from the
 * tables that check them, and kept in a file: `npm run docs` writes it where it is out of date.
 */
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { fileNamed } from '../../src/configuration/file.ts';
import { readScenario } from '../../src/configuration/scenario.ts';
import { scenarioSchema } from '../../src/configuration/scenario-schema.ts';
import { FaultReader, parseFaults } from '../../src/faults/parse.ts';
import { messageReadersOf } from '../../src/faults/reader.ts';
import { UsageError } from '../../src/settings/words.ts';
import { catalogue, known } from '../faults/asking.ts';
import { folderWith } from '../kit/folder.ts';

const reader = new FaultReader(catalogue, messageReadersOf(known), '--scenario');
const read = (text: string, name = 'a.yaml') => readScenario(fileNamed(name, folderWith({ [name]: text })), reader);

async function problem(text: string, name?: string): Promise<string> {
  try {
    await read(text, name);
    return 'nothing';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message;
  }
}

const WHOLE = `
# yaml-language-server: $schema=../schema/scenario.schema.json
name: a slow morning
seed: 7
faults:
  - delay=20ms±10
steps:
  - name: lossy
    at: 5s
    for: 1m
    faults: [drop=5%, "server: reorder=1%"]
  - after: type == CONNECT nth=2
    until: type == CONNACK
    per: connection
    faults:
      - client: drop=50%,seed=3
      - set mqtt.topic = "x" if type == PUBLISH times=1
`;

test('a scenario is read', async () => {
  const { name, seed, faults, steps } = await read(WHOLE);
  expect([name, seed, faults.map(({ cause }) => cause)]).toEqual(['a slow morning', 7, ['delay=20ms±10']]);
  const [lossy, answers] = steps;
  expect(lossy).toMatchObject({ name: 'lossy', at: 5_000, for: 60_000, perConnection: false });
  expect([lossy.after, lossy.until, lossy.faults.map(({ cause }) => cause)]).toEqual([
    undefined,
    undefined,
    ['drop=5%', 'server: reorder=1%'],
  ]);
  expect(answers).toMatchObject({ name: '', at: 0, perConnection: true, after: { nth: 2 } });
  expect([answers.after?.condition?.text, answers.until?.condition?.text, answers.for]).toEqual([
    'type == CONNECT',
    'type == CONNACK',
    undefined,
  ]);
  expect(answers.faults.map(({ cause, from, seed }) => [cause, from, seed])).toEqual([
    ['client: drop=50%', 'client', 3],
    ['set mqtt.topic = "x" if type == PUBLISH times=1', undefined, undefined],
  ]);
});

test('its seed holds where the command line has none', async () => {
  const scenario = await read(WHOLE);
  expect(parseFaults([], catalogue, { scenario }).seed).toBe(7);
  expect(parseFaults([], catalogue, { scenario, seed: 8 }).seed).toBe(8);
  expect(parseFaults(['drop=1%'], catalogue, { scenario }).faults.map(({ cause }) => cause)).toEqual([
    'drop=1%',
    'delay=20ms±10',
    'drop=5%',
    'server: reorder=1%',
    'client: drop=50%',
    'set mqtt.topic = "x" if type == PUBLISH times=1',
  ]);
});

test('JSON is a scenario, too', async () => {
  const { steps } = await read('{ "steps": [{ "faults": ["drop=5%", { "client": "cut=1%" }] }] }', 'a.json');
  expect(steps[0].faults.map(({ cause }) => cause)).toEqual(['drop=5%', 'client: cut=1%']);
});

describe('its author is told', () => {
  const step = (lines: string) => `steps:\n  - ${lines.replaceAll('\n', '\n    ')}\n`;

  test.each([
    ['name: x\n', 'a.yaml:1:1: no steps and no faults: nothing would happen'],
    ['[]', 'a.yaml:1:1: expected a scenario, with steps, not a list'],
    ['stesp: []\n', 'a.yaml:1:1: stesp: unknown key stesp; did you mean steps?'],
    ['steps: 5\n', 'a.yaml:1:8: steps: 5: expected a list'],
    ['seed: -1\nfaults: [drop=5%]\n', 'a.yaml:1:7: seed: -1: a seed is a whole number from 0 to 9007199254740991'],
    ['name: 5\nfaults: [drop=5%]\n', 'a.yaml:1:7: name: 5: expected a string'],
    ['faults: []\n', 'a.yaml:1:9: faults: expected at least one fault, such as drop=5%'],
    ['faults:\n  - drop=5\n', 'a.yaml:2:5: faults[0]: column 6: 5: write a percentage from 0% to 100%, such as 0.5%'],
    [
      'faults:\n  - drop=5%\n  - drop if typ == DATA\n',
      'a.yaml:3:5: faults[1]: column 9: unknown field typ; did you mean type?',
    ],
    ['faults:\n  - clien: drop=5%\n', 'a.yaml:2:5: faults[0]: expected a fault, such as drop=5% or client: drop=5%'],
    ['faults:\n  - client: 5\n', 'a.yaml:2:13: faults[0].client: 5: expected a fault, such as drop=5%'],
    [step('for: 5s'), 'a.yaml:2:5: steps[0]: no faults: name what happens, as faults: [drop=5%]'],
    [step('for: 5\nfaults: [drop=5%]'), 'a.yaml:2:10: steps[0].for: 5: expected a time: 500ms, 5s, 2m or 1h'],
    [step('at: soon\nfaults: [drop=5%]'), 'a.yaml:2:9: steps[0].at: "soon": write a time of at most 24 days'],
    [step('until: typ == X\nfaults: [drop=5%]'), 'a.yaml:2:12: steps[0].until: column 1: unknown field typ'],
    [
      step('after: mqtt p=5%\nfaults: [drop=5%]'),
      'a.yaml:2:12: steps[0].after: column 6: a step does not begin or end',
    ],
    [step('after: nth=3\nfaults: [drop=5%]'), 'a.yaml:2:12: steps[0].after: column 1: expected a filter'],
    [step('per: flow\nfaults: [drop=5%]'), 'a.yaml:2:10: steps[0].per: "flow": expected one of run, connection'],
    [step('unless: x\nfaults: [drop=5%]'), 'a.yaml:2:5: steps[0].unless: unknown key unless; '],
    ['faults: [drop=5%\n', 'a.yaml:2:1: not YAML: '],
  ])('%j', async (text, expected) => {
    const message = await problem(text);
    expect(message.slice(0, expected.length)).toBe(expected);
  });

  test('of a file that is none, and of code', async () => {
    expect(await problem('export default {}', 'a.ts')).toBe(
      'a.ts: a scenario is YAML or JSON; name it .yaml, .yml or .json',
    );
    await expect(readScenario(fileNamed('none.yaml', folderWith({})), reader)).rejects.toThrow(
      'none.yaml: cannot be read',
    );
  });
});

const schema = scenarioSchema();
const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);

test('schema/scenario.schema.json says what the tables say', async () => {
  const file = fileURLToPath(new URL('../../schema/scenario.schema.json', import.meta.url));
  const hint = 'schema/scenario.schema.json is out of date: run "npm run docs"';
  await expect(`${JSON.stringify(schema, null, 2)}\n`, hint).toMatchFileSnapshot(file);
});

describe('the schema and the program agree', () => {
  test.each([
    ['{ "faults": ["drop=5%"] }', true],
    ['{ "$schema": "./scenario.schema.json", "name": "a", "seed": 7, "steps": [] }', true],
    ['{ "steps": [{ "at": "5s", "for": "1.5m", "per": "run", "faults": ["drop=5%"] }] }', true],
    ['{ "steps": [{ "name": "b", "after": "mqtt", "until": "mqtt", "faults": [{ "server": "drop=5%" }] }] }', true],
    ['{}', false],
    ['{ "seed": 7 }', false],
    ['{ "seed": 0.5, "faults": ["drop=5%"] }', false],
    ['{ "faults": [] }', false],
    ['{ "faults": "drop=5%" }', false],
    ['{ "faults": [{ "client": "drop=5%", "server": "drop=5%" }] }', false],
    ['{ "faults": [{ "both": "drop=5%" }] }', false],
    ['{ "steps": [{ "for": "5s" }] }', false],
    ['{ "steps": [{ "for": 5, "faults": ["drop=5%"] }] }', false],
    ['{ "steps": [{ "per": "client", "faults": ["drop=5%"] }] }', false],
    ['{ "steps": [{ "faults": ["drop=5%"], "when": "5s" }] }', false],
    ['[]', false],
  ])('about %s', async (text, isRight) => {
    expect([validate(JSON.parse(text)), (await problem(text, 'a.json')) === 'nothing']).toEqual([isRight, isRight]);
  });
});
