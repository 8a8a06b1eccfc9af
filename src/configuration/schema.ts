/**
 * The JSON schema of a configuration, for editors: made from the table that checks one, so that the two cannot differ, and
 * kept in schema/config.schema.json. Of the built-in protocols it has the names; those of others are let pass. Draft 7,
 * which the editors know best.
 */

import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { RULE_SETTINGS, ruleIds } from '../settings/words.ts';
import { KEYS, type Key, namesIn } from './keys.ts';

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const KEY: Schema = { type: ['string', 'integer'] };
const TEXTS: Schema = { type: 'array', items: TEXT };
const REPORT: Schema = objectOf({ format: TEXT, file: TEXT }, ['format', 'file']);

export function configurationSchema(protocols: readonly AnyProtocol[]): Schema {
  const perCapture = KEYS.filter(key => key.perCapture);
  const captures = {
    description: 'Paths from the folder of the configuration: traces/old-*.pcap',
    anyOf: [TEXT, TEXTS],
  };
  const override = objectOf({ captures, ...propertiesOf(perCapture) }, ['captures']);
  const groups = namesIn('').filter(name => !KEYS.some(key => key.name === name));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:wirelint:schema:config:1',
    title: 'wirelint configuration',
    definitions: definitionsOf(protocols),
    ...objectOf({
      $schema: TEXT,
      ...propertiesOf(KEYS.filter(({ name }) => !name.includes('.'))),
      ...Object.fromEntries(groups.map(group => [group, groupOf(group)])),
      overrides: { description: 'Other settings for some captures', type: 'array', items: override },
    }),
  };
}

function groupOf(group: string): Schema {
  const keys = KEYS.filter(({ name }) => name.startsWith(`${group}.`));
  return objectOf(propertiesOf(keys.map(key => ({ ...key, name: key.name.slice(group.length + 1) }))));
}

function propertiesOf(keys: readonly Key[]): Schema {
  return Object.fromEntries(keys.map(key => [key.name, { description: key.meaning, ...schemaOf(key) }]));
}

function schemaOf({ kind, words, least }: Key): Schema {
  switch (kind) {
    case 'flag':
      return { type: 'boolean' };
    case 'choice':
      return { enum: words };
    case 'count':
      return { type: 'integer', minimum: least ?? 0 };
    case 'duration':
      return { type: 'string', pattern: '^[0-9.]+(ms|s|m|h)$' };
    case 'filter':
    case 'path':
    case 'theme':
      return TEXT;
    case 'ports':
    case 'faults':
    case 'plugins':
      return TEXTS;
    case 'reports':
      return { type: 'array', items: { anyOf: [TEXT, REPORT] } };
    case 'rules':
    case 'dialects':
      return { allOf: [definition(kind)] };
    case 'keys':
      return { type: 'object', additionalProperties: { anyOf: [KEY, { type: 'array', items: KEY }] } };
    case 'shares':
      return { type: 'object', additionalProperties: { type: 'integer', minimum: 0, maximum: 100 } };
    case 'limits':
      return objectOf(
        Object.fromEntries(Object.keys(DEFAULT_LIMITS).map(name => [name, { type: 'integer', minimum: 1 }])),
      );
  }
}

/** What stands in several places: all rules and all dialects are long. */
function definitionsOf(protocols: readonly AnyProtocol[]): Schema {
  const setting = definition('setting');
  return {
    setting: { enum: RULE_SETTINGS },
    rules: {
      type: 'object',
      properties: Object.fromEntries(ruleIds(protocols).map(id => [id, setting])),
      additionalProperties: setting,
    },
    dialects: {
      type: 'object',
      properties: dialectProperties(protocols),
      additionalProperties: { type: ['string', 'number'] },
    },
  };
}

function definition(name: string): Schema {
  return { $ref: `#/definitions/${name}` };
}

function dialectProperties(protocols: readonly AnyProtocol[]): Schema {
  return Object.fromEntries(
    protocols.flatMap(({ id, dialect }) =>
      dialect.map(({ name, kind, values }) => [
        `${id}.${name}`,
        kind === 'choice' ? { enum: values } : kind === 'seconds' ? { type: ['string', 'number'] } : TEXT,
      ]),
    ),
  );
}

function objectOf(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}
