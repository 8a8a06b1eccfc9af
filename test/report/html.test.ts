import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { render } from './run.ts';
import { finding, report } from './sample.ts';

describe('the page', () => {
  test('allows its own style sheet and nothing else', async () => {
    const html = await render('html');
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    const [, style] = /<style>([^<]*)<\/style>/.exec(html) ?? [];
    const hash = createHash('sha256').update(style!).digest('base64');
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
  });

  test('has no script, no style of its own in an element, and asks for nothing', async () => {
    expect(await render('html')).not.toMatch(
      /<script|<link|<img|<iframe|\sstyle=|\son\w+=|\bsrc=|\bhref=|url\(|@import/i,
    );
  });

  test('says the verdict, and has errors before warnings before infos', async () => {
    const html = await render('html');
    expect(html).toContain('<title>wirelint: violations</title>');
    expect(html.match(/<article class="\w+"/g)).toEqual([
      '<article class="error"',
      '<article class="warning"',
      '<article class="info"',
    ]);
  });

  test('closes every element that it opens', async () => {
    const open: string[] = [];
    const html = (await render('html')).replace(/<style>[^<]*<\/style>/, '');
    for (const [, end, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta') continue;
      if (end === '') open.push(name!);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

test('the offending bytes are marked, and no others', async () => {
  const html = await render('html', { report: report({ findings: [finding()] }) });
  expect(html).toContain('0000  00 <mark>11</mark> <mark>22</mark> <mark>33</mark> 00 00');
  expect(html.match(/<mark>/g)).toHaveLength(3);
});

test('findings that say the same are one after the first few, with their frames', async () => {
  const findings = Array.from({ length: 9 }, (_, frame) => finding({ frame: frame + 1 }));
  const html = await render('html', { report: report({ findings }) });
  expect(html.match(/<article/g)).toHaveLength(3);
  expect(html).toContain('6 more findings of the same in this connection: frames 4, 5, 6, 7, 8, 9.');
});

test('what is inconclusive has its reason and what to do', async () => {
  expect(await render('html')).toMatch(/Inconclusive[\s\S]*frame 12 acknowledges bytes[\s\S]*tcpdump -B/);
});

test('a conversation has an arrow for each message with a finding, and a line for what they look back to', async () => {
  const [picture] = /<svg[^>]*aria-label="connection 3[^"]*"[\s\S]*?<\/svg>/.exec(await render('html')) ?? [];
  expect(picture?.match(/>frame \d+</g)).toEqual([
    '>frame 3<',
    '>frame 4<',
    '>frame 7<',
    '>frame 1014<',
    '>frame 1020<',
  ]);
  expect(picture?.match(/<line class="(?:error|warning|info)"/g)).toHaveLength(3);
});

test('states that some endpoint was in stand out', async () => {
  const [picture] = /<svg[^>]*aria-label="states of[\s\S]*?<\/svg>/.exec(await render('html')) ?? [];
  const seen = [...(picture?.matchAll(/class="box seen[^"]*"[^>]*><\/rect><text[^>]*>([^<]*)/g) ?? [])].map(
    ([, name]) => name,
  );
  expect(seen).toEqual(['ESTABLISHED', 'CLOSED']);
});
