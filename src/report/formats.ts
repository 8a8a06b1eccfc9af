/**
 * The formats that a report can be written in: the one list that the command line, its help, its completion and the
 * documentation go by. Each is loaded when it is asked for: commands that do not write it need not wait for it.
 */
import type { Format, Renderer } from './format.ts';

/** In the order in which they are listed. */
const FORMATS = {
  text: { describe: 'for people, on a terminal', load: async () => (await import('./plain.ts')).text },
  json: {
    describe: 'everything, as schema/report.schema.json says',
    load: async () => (await import('./plain.ts')).json,
  },
  ndjson: {
    describe: 'a line for each thing as it happens, the report last',
    load: async () => (await import('./plain.ts')).ndjson,
  },
  compact: { describe: 'a line a finding', load: async () => (await import('./compact.ts')).compact },
  markdown: { describe: 'for comments and summaries', load: async () => (await import('./markdown.ts')).markdown },
  html: {
    describe: 'one page with pictures, for people',
    load: async () => (await import('./html.ts')).html,
  },
  github: { describe: 'annotations of GitHub Actions', load: async () => (await import('./github.ts')).github },
  sarif: {
    describe: 'SARIF 2.1.0, with a transcript beside it',
    load: async () => (await import('./sarif.ts')).sarif,
  },
  junit: { describe: 'JUnit XML, for GitLab and Jenkins', load: async () => (await import('./junit.ts')).junit },
  gitlab: { describe: 'code quality of GitLab', load: async () => (await import('./gitlab.ts')).gitlab },
  tap: { describe: 'TAP version 14', load: async () => (await import('./tap.ts')).tap },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}

export function describeFormat(name: FormatName): string {
  return FORMATS[name].describe;
}

export function loadFormat(name: FormatName): Promise<Renderer> {
  return FORMATS[name].load();
}
