import { describe, expect, test } from 'vitest';
import { markdownReport } from '../../src/report/markdown.ts';
import { input, render } from './run.ts';
import { finding, report } from './sample.ts';

const many = (count: number, severity: 'error' | 'warning' | 'info') =>
  Array.from({ length: count }, (_, frame) => finding({ frame: frame + 1, severity }));

describe('github', () => {
  test('a command a finding, by its severity, with the rule as its title', async () => {
    expect((await render('github')).match(/^::\w+ title=[^:]*/gm)).toEqual([
      '::error title=mnet/tag-mismatch',
      '::warning title=mnet/shutdown-incomplete',
      '::notice title=mnet/ambiguous-reading',
    ]);
  });

  test('signs of the command language in text and title are escaped', async () => {
    const findings = [finding({ ruleId: 'a,b:c%', message: '100%\r\n::error::x' })];
    const [command] = (await render('github', { report: report({ findings }) })).split('\n');
    expect(command).toMatch(/^::error title=a%2Cb%3Ac%25::lossy.pcap:1014: 100%25\\x0d\\x0a::error::x%0A/);
  });

  test('more than GitHub shows: the tenth says how many there are more', async () => {
    const findings = [...many(30, 'error'), ...many(10, 'warning')];
    const summary = { ...report().summary, errors: 35, warnings: 10, infos: 0 };
    const lines = (await render('github', { report: report({ findings, summary }) })).split('\n');
    expect(lines.filter(line => line.startsWith('::error'))).toHaveLength(10);
    expect(lines[9]).toMatch(/^::error title=wirelint::26 more errors/);
    expect(lines.filter(line => line.startsWith('::warning'))).toHaveLength(10);
    expect(lines.filter(line => /^::warning title=wirelint/.test(line))).toEqual([]);
  });

  test('what kept a capture from being read is an error', async () => {
    expect(await render('github', { troubles: ['a.pcap: cut'] })).toMatch(/^::error title=wirelint::a.pcap: cut$/m);
  });
});

describe('gitlab', () => {
  test('an issue a finding, in the shape that code quality has', async () => {
    expect(JSON.parse(await render('gitlab'))[1]).toEqual({
      description: expect.stringContaining('the tag of DATA is 112233'),
      check_name: 'mnet/tag-mismatch',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      severity: 'critical',
      location: { path: 'lossy.pcap', lines: { begin: 1014 } },
    });
  });

  test('fingerprints are unique, and do not depend on frames and numbers', async () => {
    const issues = async (frame: number) =>
      JSON.parse(
        await render('gitlab', { report: report({ findings: [finding({ frame }), finding({ frame: frame + 1 })] }) }),
      );
    const [first, second] = await issues(5);
    expect(first.fingerprint).not.toBe(second.fingerprint);
    expect((await issues(900)).map(({ fingerprint }: { fingerprint: string }) => fingerprint)).toEqual([
      first.fingerprint,
      second.fingerprint,
    ]);
  });

  test('nothing found is an empty list', async () => {
    expect(JSON.parse(await render('gitlab', { report: report({ findings: [] }) }))).toEqual([]);
  });
});

describe('tap', () => {
  test('a plan, and a point for each rule in each capture', async () => {
    const lines = (await render('tap')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..7']);
    const points = lines.filter(line => /^(not )?ok /.test(line)).map(line => line.replace(/: .*/, ''));
    expect(points).toEqual([
      'ok 1 - captures are read to their end and hold known messages',
      'not ok 2 - mnet/tag-mismatch in lossy.pcap',
      'ok 3 - mnet/length in lossy.pcap',
      expect.stringMatching(/^ok 4 - mnet\/sequence-gap in lossy.pcap # SKIP could not be judged 2 of 5 times/),
      'ok 5 - mnet/shutdown-incomplete in lossy.pcap',
      'ok 6 - mnet/ambiguous-reading in lossy.pcap',
      'ok 7 - mnet/bad-magic in lossy.pcap # SKIP not exercised',
    ]);
  });

  test('a name that looks like a directive is none', async () => {
    const captures = [{ ...report().captures[0]!, path: 'a # SKIP\nnot ok 9' }];
    const text = await render('tap', { report: report({ captures }) });
    expect(text).toContain('ok 3 - mnet/length in a \\# SKIP\\\\x0anot ok 9\n');
    expect(text.match(/^not ok/gm)).toHaveLength(1);
  });
});

describe('compact', () => {
  test('a line a finding: file, frame, severity, rule', async () => {
    expect(
      (await render('compact'))
        .replace(/: [^:]*$/gm, '')
        .split('\n')
        .slice(1, 2),
    ).toEqual(['lossy.pcap:1014: error mnet/tag-mismatch']);
  });

  test('quietly, errors only', async () => {
    expect((await render('compact', { quiet: true })).trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('markdown', () => {
  test('the verdict first, errors before warnings, reasons of what is inconclusive', async () => {
    const text = await render('markdown');
    expect(text).toMatch(/^## wirelint: violations\n/);
    expect(text.indexOf('`mnet/tag-mismatch`')).toBeLessThan(text.indexOf('`mnet/shutdown-incomplete`'));
    expect(text).toMatch(/### Inconclusive[\s\S]*connection 9[\s\S]*frame 12/);
  });

  test('what does not fit is counted, and the whole keeps within its bound', () => {
    const findings = many(500, 'error');
    const text = [...markdownReport(input({ report: report({ findings }) }), 20_000)].join('');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000);
    expect(text).toMatch(/_\d+ parts of the report did not fit in here\._\n$/);
  });

  test('markup of others is text', async () => {
    const findings = [finding({ message: '**b** <img src=x> | [l](x)', messageName: 'a`b', atFault: '@everyone' })];
    const text = await render('markdown', { report: report({ findings }) });
    expect(text).toContain('\\*\\*b\\*\\* \\<img src=x\\> \\| \\[l\\](x)');
    expect(text).toContain('``a`b``');
    expect(text).toContain('at fault: `@everyone`');
  });
});
