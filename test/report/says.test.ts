/** What the specification demands stands beside the clause in each format that names it, and nowhere if the rule is silent. */
import { describe, expect, test } from 'vitest';
import type { FormatInput } from '../../src/report/format.ts';
import type { FormatName } from '../../src/report/formats.ts';
import { render } from './run.ts';
import { finding, report } from './sample.ts';

const CITED = { document: 'KV', clause: '4', says: 'An id is free once it was answered.' };
const spoken: Partial<FormatInput> = { report: report({ findings: [finding({ spec: CITED })] }) };
const silent: Partial<FormatInput> = { report: report({ findings: [finding()] }) };

/** By format: the clause, and what it says behind it. */
const SHOWN = {
  text: '    clause    KV: 4\n    says      An id is free once it was answered.\n    see also',
  junit: '    clause    KV: 4\n    says      An id is free once it was answered.\n    see also',
  markdown: '  - clause: KV: 4\n  - says: An id is free once it was answered.\n',
  html: '<dt>clause</dt><dd>KV: 4</dd><dt>says</dt><dd>An id is free once it was answered.</dd>',
  github: '%0AKV: 4%0Asays: An id is free once it was answered.\n',
  tap: '"clause":"KV: 4","says":"An id is free once it was answered."}',
  sarif: '"specification":"KV: 4","says":"An id is free once it was answered."}',
  json: '"spec": {\n        "document": "KV",\n        "clause": "4",\n        "says": "An id is free once it was answered."\n      }',
  ndjson: '"spec":{"document":"KV","clause":"4","says":"An id is free once it was answered."}',
} as const satisfies Partial<Record<FormatName, string>>;
const FORMATS = Object.keys(SHOWN) as (keyof typeof SHOWN)[];

test.each(FORMATS)('%s shows it behind the clause', async format => {
  expect(await render(format, spoken)).toContain(SHOWN[format]);
});

test.each(FORMATS)('%s has no word of it where the rule is silent', async format => {
  expect(await render(format, { ...silent, rules: new Map() })).not.toContain('says');
});

describe('the help of a rule in SARIF', () => {
  const descriptorOf = async (cited: object) => {
    const base = { id: 'mnet/tag-mismatch', severity: 'error', atFault: 'sender', restsOn: 'bytes' } as const;
    const rule = { ...base, clause: '4', summary: 's', why: 'It matters.', example: 'e', ...cited };
    const rules = new Map([[rule.id, { rule, specification: 'KV' }]]);
    return JSON.parse(await render('sarif', { ...spoken, rules })).runs[0].tool.driver.rules[0];
  };

  test('begins its full description with it, and has it behind the clause', async () => {
    const { fullDescription, help } = await descriptorOf({ says: 'An id is free once it was answered.' });
    expect(fullDescription.text).toBe('An id is free once it was answered. It matters.');
    expect(help.text).toContain('\n\nClause: KV: 4: An id is free once it was answered.\n\n');
    expect(help.markdown).toContain('\n\nClause: KV: 4: An id is free once it was answered.\n\n');
  });

  test('has a line for each edition', async () => {
    const { fullDescription, help, properties } = await descriptorOf({
      clause: [
        { clause: '4', edition: '1', says: 'An id is free at once.' },
        { clause: '4.2', edition: '2', says: 'An id is free later.' },
      ],
    });
    expect(fullDescription.text).toBe('1: An id is free at once. 2: An id is free later. It matters.');
    expect(help.text).toContain(
      'Clause: KV: 4 (1): An id is free at once.\n\nClause: KV: 4.2 (2): An id is free later.',
    );
    expect(properties.clause).toBe('KV: 4 (1); 4.2 (2)');
  });

  test('of a silent rule is what it was', async () => {
    const { fullDescription, help } = await descriptorOf({});
    expect(fullDescription.text).toBe('It matters.');
    expect(help.text).toBe('It matters.\n\nClause: KV: 4\n\nAt fault: the sender of the message\n\nExample: e');
  });
});

test('the table of rules in HTML names the clauses of all editions', async () => {
  const clause = [
    { clause: '4', edition: '1' },
    { clause: '4.2', edition: '2' },
  ];
  const base = { id: 'mnet/length', severity: 'error', atFault: 'sender', restsOn: 'bytes' } as const;
  const rule = { ...base, clause, summary: 's', why: 'It matters.', example: 'e' };
  const html = await render('html', { rules: new Map([[rule.id, { rule, specification: 'KV' }]]) });
  expect(html).toContain('<td>4 (1); 4.2 (2)</td>');
});
