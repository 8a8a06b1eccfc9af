/** Lines of the control socket held against their schema. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { sourceText } from './sources.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
for (const name of ['report', 'message', 'control'])
  ajv.addSchema(JSON.parse(sourceText(`schema/${name}.schema.json`)));

const ANSWER = 'urn:wirelint:schema:control:1';
const REQUEST = `${ANSWER}#/$defs/request`;

/** A line that the proxy has written, read. */
// biome-ignore lint/suspicious/noExplicitAny: what stands in it, tests ask
export function answerIn(line: string): any {
  expect(line).toMatch(/^[^\n]+\n$/);
  const value = JSON.parse(line);
  expect(problemsOf(ANSWER, value)).toEqual([]);
  return value;
}

/** What the schema has against a request. */
export function requestProblems(value: unknown): readonly string[] {
  return problemsOf(REQUEST, value);
}

/** Of a `oneOf` the complaints about all its cases: those are asked for that have the right name. */
function problemsOf(id: string, value: unknown): readonly string[] {
  const validate = ajv.getSchema(id);
  if (!validate) throw new Error(`no schema ${id}`);
  return validate(value) ? [] : (validate.errors ?? []).map(({ schemaPath, message }) => `${schemaPath}: ${message}`);
}
