/**
 * The README of each built-in protocol, and some pages of docs/, hold sections that are made from tables, between markers:
 *
 *     <!-- generated: rules -->
 *     ...
 *     <!-- end -->
 *
 * They must say what the tables say now. `npm run docs` runs this file with vitest's `-u`, which writes each of them
 * again; run without it, a stale one fails. What stands outside the markers is its author's and stays as it is.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import { CHECK_OPTIONS } from '../src/cli/check.ts';
import { INSPECT_OPTIONS } from '../src/cli/inspect.ts';
import { PLUGIN_OPTION } from '../src/cli/options.ts';
import { PROXY_OPTIONS } from '../src/cli/proxy-options.ts';
import { keysAsTable, scenarioKeysAsTable } from '../src/configuration/document.ts';
import { SCENARIO_KEYS, STEP_KEYS } from '../src/configuration/scenario.ts';
import { protocolSections } from '../src/protocol/document.ts';
import type { AnyProtocol } from '../src/protocol/protocol.ts';
import { commandsAsMarkdown } from '../src/proxy/control/commands.ts';
import { keysAsMarkdown } from '../src/tui/keys.ts';
import { sourceText } from './kit/sources.ts';

const GENERATED = /<!-- generated: (\S+) -->\n[\s\S]*?<!-- end -->/g;
const ANY_MARKER = /^<!-- (?:generated: \S+|end) -->$/gm;

/** The README with each marked section as the protocol's tables have it; a section that there is not becomes empty. */
function withSections(readme: string, protocol: AnyProtocol): string {
  const sections = protocolSections(protocol);
  return readme.replace(GENERATED, (_, wanted: string) => {
    const body = sections.find(({ name }) => name === wanted)?.body;
    return [`<!-- generated: ${wanted} -->`, ...(body ? ['', body, ''] : []), '<!-- end -->'].join('\n');
  });
}

describe.each(protocols.map(protocol => ({ id: protocol.id, protocol })))('the README of $id', ({ id, protocol }) => {
  const path = `dissectors/${id}/README.md`;

  test('has a place for each section, once', () => {
    const readme = sourceText(path);
    const names = protocolSections(protocol).map(({ name }) => name);
    const marked = [...readme.matchAll(GENERATED)].map(([, name]) => name);
    // Tables of fields are for `wirelint protocols ID`; a README may have them.
    const expected = names.filter(name => name !== 'fields' || marked.includes(name));
    expect(marked.sort()).toEqual(expected.sort());
    expect(readme.match(ANY_MARKER)).toHaveLength(2 * expected.length);
  });

  test('says what the tables say', async () => {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
    const hint = `${path} is out of date: run "npm run docs"`;
    await expect(withSections(sourceText(path), protocol), hint).toMatchFileSnapshot(file);
  });
});

test('the page about the terminal says which keys there are', async () => {
  const text = sourceText('docs/terminal.md');
  expect([...text.matchAll(GENERATED)].map(([, name]) => name)).toEqual(['keys']);
  const made = text.replace(GENERATED, () => `<!-- generated: keys -->\n\n${keysAsMarkdown()}\n\n<!-- end -->`);
  const file = fileURLToPath(new URL('../docs/terminal.md', import.meta.url));
  await expect(made, 'docs/terminal.md is out of date: run "npm run docs"').toMatchFileSnapshot(file);
});

test('the page about configurations says which keys there are', async () => {
  const options = Object.keys({ ...INSPECT_OPTIONS, ...PROXY_OPTIONS, ...CHECK_OPTIONS, ...PLUGIN_OPTION });
  const text = sourceText('docs/configuration.md');
  expect([...text.matchAll(GENERATED)].map(([, name]) => name)).toEqual(['keys']);
  const made = text.replace(GENERATED, () => `<!-- generated: keys -->\n\n${keysAsTable(options)}\n\n<!-- end -->`);
  const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
  await expect(made, 'docs/configuration.md is out of date: run "npm run docs"').toMatchFileSnapshot(file);
});

test('the page about the control socket says which commands there are', async () => {
  const text = sourceText('docs/control.md');
  expect([...text.matchAll(GENERATED)].map(([, name]) => name)).toEqual(['commands']);
  const made = text.replace(GENERATED, () => `<!-- generated: commands -->\n\n${commandsAsMarkdown()}\n\n<!-- end -->`);
  const file = fileURLToPath(new URL('../docs/control.md', import.meta.url));
  await expect(made, 'docs/control.md is out of date: run "npm run docs"').toMatchFileSnapshot(file);
});

test('the page about faults has the example, and the keys of a scenario', async () => {
  const bodies: Readonly<Record<string, string>> = {
    scenario: `\`\`\`yaml\n${sourceText('examples/faults/bad-line.yaml')}\`\`\`\n\n${scenarioKeysAsTable(SCENARIO_KEYS)}`,
    steps: scenarioKeysAsTable(STEP_KEYS),
  };
  const text = sourceText('docs/faults.md');
  expect([...text.matchAll(GENERATED)].map(([, name]) => name)).toEqual(Object.keys(bodies));
  const made = text.replace(
    GENERATED,
    (_, wanted: string) => `<!-- generated: ${wanted} -->\n\n${bodies[wanted]}\n\n<!-- end -->`,
  );
  const file = fileURLToPath(new URL('../docs/faults.md', import.meta.url));
  await expect(made, 'docs/faults.md is out of date: run "npm run docs"').toMatchFileSnapshot(file);
});

test('what an author wrote around the markers stays', () => {
  const [protocol] = protocols;
  const text = '# Mine\n\n<!-- generated: rules -->\nold\n<!-- end -->\n\nAlso mine: $& $1\n';
  const made = withSections(text, protocol);
  expect(made).toMatch(/^# Mine\n\n<!-- generated: rules -->\n\n\| rule /);
  expect(made).toMatch(/inconclusive\.\n\n<!-- end -->\n\nAlso mine: \$& \$1\n$/);
  expect(withSections(made, protocol)).toBe(made);
});
