/** The names that a configuration's file can have. Apart from what reads one, which is loaded when there is one. */
import { extname } from 'node:path';

export type Form = 'code' | 'json' | 'yaml';

const FORMS: Readonly<Record<string, Form>> = {
  ts: 'code',
  mts: 'code',
  js: 'code',
  mjs: 'code',
  cjs: 'code',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
};

export const EXTENSIONS: readonly string[] = Object.keys(FORMS);

/** Names under which one is found. */
export const FILE_NAMES: readonly string[] = EXTENSIONS.map(extension => `wirelint.config.${extension}`);

/** By the file's name; undefined for any other. */
export function formOf(name: string): Form | undefined {
  return new Map(Object.entries(FORMS)).get(extname(name).slice(1).toLowerCase());
}
