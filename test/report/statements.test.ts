/** Numbered statements of a specification in the formats that have a place for them. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { StatementOutcome } from '../../src/protocol/statements.ts';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { render } from './run.ts';
import { report } from './sample.ts';

function statement(changes: Partial<StatementOutcome>): StatementOutcome {
  return {
    ...{ id: 'M-1', edition: '1', status: 'kept', checked: 0, broken: 0, inconclusive: 0 },
    ...{ brokenBy: [], rules: [], says: '', note: '' },
    ...changes,
  };
}

const STATEMENTS: readonly StatementOutcome[] = [
  statement({
    ...{ id: 'M-1', status: 'broken', checked: 1200, broken: 1, inconclusive: 2, brokenBy: ['client'] },
    ...{ rules: ['mnet/tag-mismatch', 'mnet/away'], says: 'A tag stays.', note: 'the tag' },
  }),
  statement({ id: 'M-2', checked: 7, rules: ['mnet/length'], says: 'It is long enough.' }),
  statement({ id: 'M-3', status: 'not observable', note: 'inside the peers' }),
];

function withStatements(statements: readonly StatementOutcome[]) {
  const sample = report({ findings: [], connections: [] });
  return { report: { ...sample, protocols: sample.protocols.map(protocol => ({ ...protocol, statements })) } };
}

const one = withStatements(STATEMENTS);
const two = withStatements([
  ...STATEMENTS,
  statement({ edition: '2', id: 'M-9', status: 'off', note: 'needs mnet.x=y' }),
]);

test.each(FORMAT_NAMES)('%s has none where nobody asked', async format => {
  expect(await render(format)).not.toMatch(/statement/i);
});

test('text lists each with its rules and what is to be said', async () => {
  const text = await render('text', one);
  expect(text).toContain(`
mnet statements of 1: 1 broken, 1 kept, 1 not observable
  broken          M-1 mnet/tag-mismatch, mnet/away (broken 1 of 1,200, by
                  client, inconclusive 2, the tag)
  kept            M-2 mnet/length
  not observable  M-3 (inside the peers)
`);
});

test('text says how counts of several editions are to be read, and nothing of one', async () => {
  expect(await render('text', one)).not.toContain('edition');
  const text = await render('text', two);
  expect(text).toContain('\nmnet statements of 2: 1 off\n  off             M-9 (needs mnet.x=y)\n');
  expect(text).toContain('\nWhat happened in connections of which the edition is not known');
});

test('quiet text has none', async () => {
  expect(await render('text', { ...one, quiet: true })).not.toContain('statements');
});

test('markdown has a table of each edition', async () => {
  const text = await render('markdown', two);
  expect(text).toContain(`
### mnet: statements of 1

1 broken, 1 kept, 1 not observable.

| statement | was | checked | broken | inconclusive | judged by | what it requires |
|---|---|---|---|---|---|---|
| \`M-1\` | broken by client | 1,200 | 1 | 2 | \`mnet/tag-mismatch\`, \`mnet/away\` | A tag stays. (the tag) |
| \`M-2\` | kept | 7 | 0 | 0 | \`mnet/length\` | It is long enough. |
| \`M-3\` | not observable | 0 | 0 | 0 |  | inside the peers |

### mnet: statements of 2
`);
  expect(text).toContain('\nWhat happened in connections of which');
});

test('JSON has them as its schema says', async () => {
  const schema = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);
  const parsed = JSON.parse(await render('json', withStatements([...STATEMENTS, statement({ edition: undefined })])));
  validate(parsed);
  expect(validate.errors).toBeNull();
  expect(parsed.protocols[0].statements[0]).toEqual({
    ...{ id: 'M-1', edition: '1', status: 'broken', checked: 1200, broken: 1, inconclusive: 2, brokenBy: ['client'] },
    ...{ rules: ['mnet/tag-mismatch', 'mnet/away'], says: 'A tag stays.', note: 'the tag' },
  });
  expect(parsed.protocols[0].statements[3]).toEqual({
    ...{ id: 'M-1', status: 'kept', checked: 0, broken: 0, inconclusive: 0, brokenBy: [], rules: [] },
  });
});

describe('HTML', () => {
  test('has a row for each, with the words of what it requires', async () => {
    const html = await render('html', one);
    expect(html).toContain('<h3>Statements of 1</h3>\n<p>1 broken, 1 kept, 1 not observable.</p>');
    expect(html).toContain(
      '<td><span class="whole broken">broken by client</span></td><td>1,200</td><td>1</td><td>2</td>',
    );
    expect(html).toContain('<td>A tag stays. <span class="dim">(the tag)</span></td>');
    expect(html).toContain('<td><span class="dim">inside the peers</span></td>');
  });

  test('leads from a rule to its entry, if it has one, and nowhere else', async () => {
    const html = await render('html', one);
    expect(html).toContain('<code id="mnet:mnet/tag-mismatch">mnet/tag-mismatch</code>');
    expect(html).toContain(
      '<a href="#mnet:mnet/tag-mismatch"><code class="whole">mnet/tag-mismatch</code></a>, <code class="whole">mnet/away</code>',
    );
    for (const [, target] of html.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#/);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
