/**
 * The JSON schema of a scenario, for editors: made from the tables that check one, and kept in schema/scenario.schema.json.
 * What stands in a fault or a filter is text to it.
 */
import { SCENARIO_KEYS, type ScenarioKey, STEP_KEYS } from './scenario.ts';

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const SENDER: Schema = { ...objectOf({ client: TEXT, server: TEXT }), minProperties: 1, maxProperties: 1 };

export function scenarioSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:wirelint:schema:scenario:1',
    title: 'wirelint scenario: faults that come and go',
    definitions: { fault: { anyOf: [TEXT, SENDER] }, step: ofKeys(STEP_KEYS) },
    ...ofKeys(SCENARIO_KEYS, { $schema: TEXT }),
    anyOf: [{ required: ['steps'] }, { required: ['faults'] }],
  };
}

function ofKeys(keys: readonly ScenarioKey[], more: Schema = {}): Schema {
  const properties = keys.map(key => [key.name, { description: key.meaning, ...schemaOf(key) }]);
  const required = keys.filter(key => key.required).map(({ name }) => name);
  return objectOf({ ...more, ...Object.fromEntries(properties) }, required);
}

function schemaOf({ kind, words }: ScenarioKey): Schema {
  switch (kind) {
    case 'text':
    case 'condition':
      return TEXT;
    case 'seed':
      return { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
    case 'duration':
      return { type: 'string', pattern: '^[0-9.]+(ms|s|m|h)$' };
    case 'choice':
      return { enum: words };
    case 'faults':
      return { type: 'array', minItems: 1, items: { $ref: '#/definitions/fault' } };
    case 'steps':
      return { type: 'array', items: { $ref: '#/definitions/step' } };
  }
}

function objectOf(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}
