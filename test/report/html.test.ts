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

describe('a conversation', () => {
  const pictureOf = async (changes: Parameters<typeof render>[1]) => {
    const [picture = ''] =
      /<svg[^>]*aria-label="connection 3[^"]*"[\s\S]*?<\/svg>/.exec(await render('html', changes)) ?? [];
    return picture;
  };
  const framesIn = (picture: string) => [...picture.matchAll(/>frame (\d+) /g)].map(([, frame]) => Number(frame));

  test('shows what was said, when, and what was found on it', async () => {
    const time = { seconds: 1_700_000_000, nanoseconds: 250_000_000 };
    const exchanged = [
      { kind: 'message', frame: 1, position: 40, time, name: 'INIT', fromClient: true },
      { kind: 'gap', messages: 12 },
      { kind: 'message', frame: 1014, position: 0, time, name: 'DATA', fromClient: false },
      // Another of the same frame.
      { kind: 'message', frame: 1014, position: 300, time, name: 'DATA', fromClient: false },
    ] as const;
    const picture = await pictureOf({ exchangesOf: id => (id === 3 ? exchanged : []) });
    expect(framesIn(picture)).toEqual([1, 1014, 1014]);
    expect(picture).toContain('+0.250000 s');
    expect(picture).toContain('12 messages more');
    expect(picture.match(/<line class="error"/g)).toHaveLength(1);
    expect(picture).toMatch(/>DATA: mnet\/tag-mismatch</);
  });

  test('has an arrow for each message with a finding where the run has kept no others', async () => {
    const picture = await pictureOf({});
    expect(framesIn(picture)).toEqual([4, 1014, 1020]);
    expect(picture.match(/<line class="(?:error|warning|info)"/g)).toHaveLength(3);
  });
});

test('states that some endpoint was in stand out', async () => {
  const [picture] = /<svg[^>]*aria-label="states of[\s\S]*?<\/svg>/.exec(await render('html')) ?? [];
  const seen = [...(picture?.matchAll(/class="box seen[^"]*"[^>]*><\/rect><text[^>]*>([^<]*)/g) ?? [])].map(
    ([, name]) => name,
  );
  expect(seen).toEqual(['ESTABLISHED', 'CLOSED']);
});

test('ways that were taken stand out, and say how often', async () => {
  const html = await render('html');
  expect(html).toMatch(/NEW → COOKIE-WAIT<\/b>[^<]*<span class="kept">, taken 3 times/);
  expect(html).toContain('<span class="dim">, never taken</span>');
  expect(html.match(/<path class="seen"/g)).toHaveLength(1);
});

test('rules have their clause, steps and states how often they were taken', async () => {
  const html = await render('html');
  expect(html).toContain('<b>connector in CLOSED</b>: INIT 3 (to COOKIE-WAIT)');
  expect(html).toContain('Messages sent in each state: CLOSED 3, ESTABLISHED 12,342.');
  expect(html).toMatch(/mnet\/length<\/code><\/td>(?:<td>.*?<\/td>){5}<td>[^<]+<\/td><td>[^<]+<\/td>/);
});
