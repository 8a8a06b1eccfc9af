/**
 * No text of others says anything in a report but itself: whatever stands in a packet, a file name, a comment, a plugin's
 * rule or a reason, each format has the structure that it has with harmless text in their place.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CatalogueRule, FormatInput } from '../../src/report/format.ts';
import { FORMAT_NAMES, type FormatName } from '../../src/report/formats.ts';
import { casesOf } from '../kit/portion.ts';
import { render, renderCompanion } from './run.ts';
import { capture, finding, RULES, report } from './sample.ts';

const PARTS = [
  ...[
    '::error::x',
    '::stop-commands::x',
    '##[error]x',
    '##vso[task.complete]',
    '##teamcity[x]',
    '\n::warning::',
    '\r\n',
  ],
  ...[
    ']]>',
    '</script',
    '<!--',
    '-->',
    '<img src=x onerror=y>',
    '&amp;',
    '&#0;',
    '"',
    "'",
    '`',
    '``',
    '```',
    '~~~',
    '|',
  ],
  ...[
    '{red-fg}',
    '{0}',
    '[l](javascript:x)',
    '](',
    '![',
    '*',
    '__',
    '\\',
    '@all',
    '#1',
    'http://x',
    'www.x',
    '$x$',
    '<',
  ],
  ...[
    '=1+1',
    '+1',
    '-1',
    '@SUM',
    '\t',
    '#',
    ' # SKIP',
    ' # TODO',
    'not ok 9',
    '1..9',
    'Bail out!',
    '---',
    '...',
    '%0A',
  ],
  ...[
    '\x1b]52;c;aGk=\x07',
    '\x9b31m',
    '\u202e',
    '\u2066',
    '\u200b',
    '\ufeff',
    '\u3164',
    '\ud800',
    '\uffff',
    '\0',
    '\x7f',
  ],
];
const everyByte = fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code));
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 6 }).map(parts => parts.join('')),
  fc.array(everyByte, { minLength: 1, maxLength: 20 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.tuple(fc.constantFrom(...PARTS), fc.constantFrom(...PARTS)).map(([a, b]) => `${a} ${b}`),
);

const DEED = { frame: 3, time: { seconds: 1_700_000_001, nanoseconds: 0 }, connection: 3, deed: 'drop' } as const;
const REACTION = { frame: 3, connection: 3, reaction: 'aborted' } as const;

/** A run in which all that others have a say in is this text. */
function runOf(text: string): Partial<FormatInput> {
  const rules = RULES.map(rule => (rule.id === 'mnet/tag-mismatch' ? { ...rule, id: text } : rule));
  const sample = report();
  const counts = { checked: 3, broken: 1, inconclusive: 0, brokenBy: ['client'] } as const;
  const statement = {
    id: text,
    edition: text,
    status: 'broken',
    ...counts,
    rules: [text],
    says: text,
    note: text,
  } as const;
  const statements = [statement, { ...statement, edition: undefined, rules: [] }];
  const protocols = sample.protocols.map(protocol => {
    const dormant = [{ id: text, onlyWith: text }];
    return { ...protocol, id: text, dialect: { [text]: text }, rules, dormant, statements };
  });
  const found = { messageName: text, state: text, message: text, expected: text, actual: text, from: text, to: text };
  const spec = { document: text, clause: text, says: text };
  const document: CatalogueRule = {
    specification: text,
    rule: {
      id: text,
      severity: 'error',
      atFault: 'sender',
      restsOn: 'bytes',
      clause: text,
      says: text,
      summary: text,
      why: text,
      example: text,
    },
  };
  return {
    report: report({
      captures: [capture({ path: text, complete: false, problem: { offset: 9, message: text } })],
      protocols,
      tallies: [{ capture: 0, protocol: text, connections: 14, messages: 9, rules }],
      connections: sample.connections.map(connection => ({
        ...connection,
        protocol: text,
        client: text,
        server: text,
        state: text,
        reasons: connection.reasons.map(({ kind }) => ({ kind, because: text, advice: text })),
      })),
      findings: (['error', 'warning', 'info'] as const).map((severity, frame) =>
        finding({ ...found, ruleId: text, protocol: text, severity, atFault: text, frame: frame + 1, spec }),
      ),
      induced: [finding({ ...found, ruleId: text, protocol: text, atFault: text, spec })],
      interference: {
        seed: 7,
        faults: [{ cause: text, by: 'fault', deed: 'drop', count: 1 }],
        deeds: [{ ...DEED, from: text, to: text, messageName: text, cause: text, note: text }],
        reactions: [{ ...REACTION, rule: text, cause: text, by: text, messages: [text, text] }],
        omitted: { deeds: 1, reactions: 1 },
      },
      notes: [text],
    }),
    rules: new Map([[text, document]]),
    troubles: [text],
    sarifResults: 'all',
    file: `out/${text}`,
  };
}

const HARMFUL =
  /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;
const LOG_COMMAND = /##(vso|teamcity)?\[/i;
const HARMLESS = runOf('harmless');

/** Everything that the format writes of a run in which others say this. */
async function written(format: FormatName, text: string): Promise<readonly string[]> {
  const run = runOf(text);
  return [await render(format, run), await renderCompanion(format, run)];
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

function check(run: (text: string) => Promise<void>, runs = casesOf(150)): Promise<void> {
  return fc.assert(fc.asyncProperty(hostile, run), { numRuns: runs });
}

describe.each(FORMAT_NAMES)('%s', format => {
  test('has nothing that acts on a terminal or on a CI system', async () => {
    await check(async text => {
      for (const file of await written(format, text)) {
        expect(file).not.toMatch(HARMFUL);
        expect(file).not.toMatch(LOG_COMMAND);
        const commands = file.match(/^\s*::.*/gm) ?? [];
        if (format !== 'github') expect(commands).toEqual([]);
        for (const command of commands) expect(command).toMatch(/^::(error|warning|notice) title=[^:,]*::/);
      }
    });
  });
});

test('XML has the tags that it has of harmless text, and characters of XML 1.0 alone', async () => {
  for (const granularity of ['rule', 'connection'] as const) {
    const tags = (xml: string) => (xml.match(/<[^>]*>/g) ?? []).map(tag => tag.match(/^<[/?]?[\w-]+/)?.[0]);
    const expected = tags(await render('junit', { ...HARMLESS, granularity }));
    await check(async text => {
      const xml = await render('junit', { ...runOf(text), granularity });
      expect(tags(xml)).toEqual(expected);
      expect(xml).not.toMatch(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u);
      expect(xml.replace(/&(amp|lt|gt|quot|apos);/g, '')).not.toContain('&');
      expect(xml).not.toContain(']]>');
    });
  }
});

test('HTML has the tags and the attributes that it has of harmless text', async () => {
  const skeleton = (html: string) => html.replace(/="[^"]*"/g, '=""').match(/<[^>]*>/g) ?? [];
  const expected = skeleton(await render('html', HARMLESS));
  await check(async text => {
    const html = await render('html', runOf(text));
    expect(skeleton(html)).toEqual(expected);
    expect(html.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
  });
});

test.each(['json', 'sarif', 'gitlab'] as const)('%s can be read back', async format => {
  await check(async text => {
    const value = JSON.parse(await render(format, runOf(text)));
    expect(value).toBeTypeOf('object');
  });
});

test.each(['github', 'tap', 'compact', 'markdown', 'ndjson'] as const)('%s has the lines that it has', async format => {
  const expected = count(await render(format, HARMLESS), /\n/g);
  await check(async text => {
    expect(count(await render(format, runOf(text)), /\n/g)).toBe(expected);
  });
});

test('the transcript of SARIF has the lines that it has', async () => {
  const expected = count(await renderCompanion('sarif', HARMLESS), /\n/g);
  await check(async text => {
    expect(count(await renderCompanion('sarif', runOf(text)), /\n/g)).toBe(expected);
  });
});

test('a line of TAP is one of its own kinds, and every value in its blocks is JSON', async () => {
  const kind =
    /^(TAP version 14|1\.\.\d+|(not )?ok \d+ - .*|# .*| {2}---| {2}\.\.\.| {2}\w+:| {2}\w+: (?<value>.*)| {4}- (?<item>.*))$/;
  const points = count(await render('tap', HARMLESS), /^(not )?ok /gm);
  await check(async text => {
    const tap = await render('tap', runOf(text));
    expect(count(tap, /^(not )?ok /gm)).toBe(points);
    for (const line of tap.trimEnd().split('\n')) {
      const found = kind.exec(line);
      expect(found, line).not.toBeNull();
      const json = found?.groups?.value ?? found?.groups?.item;
      if (json !== undefined) expect(() => JSON.parse(json)).not.toThrow();
      if (/^(not )?ok/.test(line)) expect(count(line, /(?<!\\)(?:\\\\)*#/g)).toBeLessThanOrEqual(1);
    }
  });
});

test('markdown has no markup, link, mention or tag of others outside of code', async () => {
  await check(async text => {
    const markdown = await render('markdown', runOf(text));
    const prose = markdown
      .replace(/^ {2}(`{3,})text\n[\s\S]*?\n {2}\1$/gm, '')
      .replace(/\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
    expect(prose).not.toMatch(/[<>`[\]@]|:\/\/|www\.|~~/);
    expect(prose.replace(/^- \*\*(error|warning|info|induced)\*\*/gm, '').replace(/^\|.*\|$/gm, '')).not.toMatch(
      /[*|]/,
    );
    // As many cells in each row as its table has columns.
    for (const rows of markdown.match(/^\|.*(\n\|.*)*/gm) ?? []) {
      const bars = rows.split('\n').map(row => count(row, /(?<!\\)\|/g));
      expect(new Set(bars).size).toBe(1);
    }
  }, casesOf(200));
});

test.each(FORMAT_NAMES)('%s of one run is the same twice', async format => {
  expect(await written(format, 'x')).toEqual(await written(format, 'x'));
});
