/**
 * Every capture in fixtures/field/, with what its README says is right: the errors and warnings, the verdict, what the notes
 * tell and the exit code. The whole command line is run; a file that is not listed here fails.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/lint/verdict.ts';
import { runInside } from '../cli/host.ts';
import { wirelint } from '../cli/run.ts';

const FOLDER = 'fixtures/field';
const names = readdirSync(FOLDER).filter(name => name !== 'README.md');

const MNET = 'udp.port==26999,mnet';
const MINISTREAMING = 'udp.port==7654,ministreaming';
const FILESTORAGE = 'tcp.port==9000,filestorage';

interface Row {
  /** `-d`. */
  readonly mapped?: string;
  readonly options?: readonly string[];
  /** Errors and warnings, `rule frame`. */
  readonly found: readonly string[];
  /** Warnings that may be there besides. */
  readonly tolerated?: readonly string[];
  readonly verdict?: Verdict;
  readonly packets?: number;
  readonly notes?: RegExp;
  /** By default 1 where there is an error, else 0. */
  readonly code?: number;
}

const nothing = { found: [] } as const;
const conformant = { found: [], verdict: 'conformant' } as const;
const inconclusive = { found: [], verdict: 'inconclusive' } as const;
const mnet = (row: Row, file: string) => ({ file, mapped: MNET, ...row });
const ministreaming = (row: Row, file: string) => ({ file, mapped: MINISTREAMING, ...row });
const recognised = (row: Row, file: string) => ({ file, ...row });
const copies: Row = { ...conformant, notes: /\b6\b.*\bcop(y|ies)\b|\bcop(y|ies)\b.*\b6\b/ };
const disordered: Row = { ...inconclusive, notes: /--sort/ };
const sorted: Row = { ...conformant, options: ['--sort'] };
const fault = (...found: readonly string[]): Row => ({ found, verdict: 'violations' });

const ROWS: readonly (Row & { readonly file: string })[] = [
  mnet(conformant, 'ok-mnet.pcap'),
  ministreaming(conformant, 'ok-ministreaming.pcap'),
  ministreaming(copies, '3a-mirrored-ministreaming.pcap'),
  ministreaming(copies, '3b-mirrored-vlan-ministreaming.pcap'),
  ministreaming(copies, '3c-routed-twice-ministreaming.pcap'),
  ministreaming(copies, '3d-any-device-ministreaming.pcap'),
  recognised(copies, 'ministreaming-twice.pcapng'),
  mnet(inconclusive, '4a-client-side-mnet.pcap'),
  ministreaming(inconclusive, '4b-client-side-ministreaming.pcap'),
  mnet(conformant, '5a-neighbours-swapped-mnet.pcap'),
  mnet(disordered, '5b-two-taps-appended-mnet.pcap'),
  mnet(sorted, '5b-two-taps-appended-mnet.pcap'),
  ministreaming(disordered, '5c-two-taps-appended-ministreaming.pcap'),
  ministreaming(sorted, '5c-two-taps-appended-ministreaming.pcap'),
  mnet({ ...nothing, tolerated: ['mnet/cookie-expired 2'] }, '6-capture-clock-10s-ahead-mnet.pcap'),
  mnet({ ...nothing, tolerated: ['mnet/cookie-expired 2'] }, 'mnet-clock-8s-ahead.pcap'),
  mnet(conformant, '7a-fragments-mirrored-id-reused-mnet.pcap'),
  mnet(inconclusive, '7b-tail-of-lost-datagram-mnet.pcap'),
  mnet(conformant, '8-udp-gso-mnet.pcap'),
  mnet(conformant, '10-vlan-9200-mnet.pcap'),
  mnet(inconclusive, '11-begins-between-two-inits-mnet.pcap'),
  recognised(inconclusive, 'mnet-two-cookies-cut1.pcap'),
  recognised(inconclusive, 'mnet-lost-2.pcap'),
  recognised(inconclusive, 'mnet-lost-3.pcap'),
  recognised(inconclusive, 'mnet-lost-5.pcap'),
  recognised(inconclusive, 'ministreaming-cut-first-1.pcap'),
  ministreaming(inconclusive, 'ministreaming-f4-lost-fragment.pcap'),
  ministreaming(inconclusive, 'ministreaming-f5-epb-dropcount.pcapng'),
  // The service name and a bare acknowledgement: no message is in it.
  { file: 'filestorage-preface-syn-lost.pcap', mapped: FILESTORAGE, ...inconclusive, code: 4 },

  mnet({ ...conformant, packets: 11 }, '1-gzip-zero-padding.pcap.gz'),
  mnet({ ...conformant, packets: 11, notes: /gzip/ }, '2-gzip-trailing-bytes.pcap.gz'),
  mnet({ ...conformant, packets: 11 }, '9-length-not-rounded.pcapng'),

  ministreaming(fault('ministreaming/close-unknown-id 3'), 'ministreaming-f1-reverse-role.pcap'),
  recognised(fault('ministreaming/truncated-header 2'), 'ministreaming-f2-short-before-answer.pcap'),
  ministreaming(fault('ministreaming/close-payload 2'), 'ministreaming-f3-close-payload-midstream.pcap'),
  ministreaming(fault('ministreaming/reserved-id 2'), 'ministreaming-f3-ack-id0-midstream.pcap'),
  ministreaming(fault('ministreaming/ack-duplicate 6'), 'ministreaming-f6-reuse-after-30s.pcap'),
  mnet(conformant, 'mnet-f1a.pcap'),
  mnet(conformant, 'mnet-f1b.pcap'),
  mnet(conformant, 'mnet-f1c.pcap'),
  mnet(nothing, 'mnet-f2a.pcap'),
  mnet(nothing, 'mnet-f2b.pcap'),
  mnet(nothing, 'mnet-f2c.pcap'),
  mnet(fault('mnet/shutdown-before-established 3'), 'mnet-f3a.pcap'),
  mnet(fault('mnet/shutdown-before-established 4'), 'mnet-f3b.pcap'),
  mnet(fault('mnet/shutdown-ack-unsolicited 5'), 'mnet-f4a.pcap'),
  mnet(fault('mnet/after-close 8'), 'mnet-f4b.pcap'),
  mnet(fault('mnet/after-abort 6'), 'mnet-f4c.pcap'),
  mnet(fault('mnet/bad-magic 5'), 'mnet-f4d.pcap'),
  mnet(fault('mnet/bad-magic 1'), 'mnet-f4e.pcap'),
  mnet(fault('mnet/echo-mismatch 3'), 'mnet-f4f.pcap'),
  mnet(fault('mnet/echo-unsolicited 2'), 'mnet-f4g.pcap'),
  mnet({ ...fault('mnet/echo-expired 3'), code: 0 }, 'mnet-f4h.pcap'),
  mnet(fault('mnet/unsupported-version 1'), 'mnet-f4i.pcap'),
  mnet(fault('mnet/tag-mismatch 5'), 'mnet-f4j.pcap'),
  mnet(fault('mnet/bad-magic 10'), 'mnet-f5a.pcap'),
  mnet(fault('mnet/bad-magic 5'), 'mnet-f5b.pcap'),
  mnet(fault('mnet/unsupported-version 5'), 'mnet-f5c.pcap'),
  mnet(fault('mnet/sequence-underflow 5'), 'mnet-f6.pcap'),
  mnet(nothing, 'mnet-f7a.pcap'),
  mnet(nothing, 'mnet-f7b.pcap'),
  mnet(fault('mnet/data-length-mismatch 5'), 'mnet-f8.pcap'),
  mnet(fault('mnet/length 8'), 'mnet-f9.pcap'),
  mnet(conformant, 'mnet-f10.pcap'),
];
/** Those of which something else is expected than findings. */
const OTHERS = ['escapes.pcapng', 'never-resolves.gz'];

test('every file is known here and listed in the README, and no other', () => {
  const known = new Set([...ROWS.map(({ file }) => file), ...OTHERS]);
  expect([...known].sort()).toEqual([...names].sort());
  const listed = [...readFileSync(`${FOLDER}/README.md`, 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...names].sort());
});

test.each(ROWS.map(row => ({ name: [row.file, ...(row.options ?? [])].join(' '), ...row })))(
  '$name',
  async ({ file, mapped, options = [], ...expected }) => {
    const args = ['check', '--format', 'json', ...(mapped ? ['-d', mapped] : []), ...options, `${FOLDER}/${file}`];
    // Packed files in a process of its own: an await that never settles ends a process, and nothing else.
    const { code, stdout, stderr } = file.endsWith('.gz') ? await wirelint(args) : await runInside(...args);
    expect({ stderr: expected.code ? '' : stderr }).toEqual({ stderr: '' });
    const { findings, summary, notes } = JSON.parse(stdout);
    const faults = (findings as { ruleId: string; frame: number; severity: string }[])
      .filter(({ severity }) => severity !== 'info')
      .map(({ ruleId, frame }) => `${ruleId} ${frame}`);
    const { found, tolerated = [], verdict = summary.verdict, packets = summary.packets } = expected;
    const own = faults.filter(fault => found.includes(fault) || !tolerated.includes(fault));
    expect({ found: own, packets: summary.packets }).toEqual({ found, packets });
    expect(summary.verdict).toBe(verdict);
    if (found.length === 0 && tolerated.length === 0) expect(summary.verdict).not.toBe('violations');
    if (expected.notes) expect(notes.join('\n')).toMatch(expected.notes);
    expect(code).toBe(expected.code ?? (summary.errors > 0 ? 1 : 0));
  },
);

test('never-resolves.gz is no capture, and that is said at once', async () => {
  const { code, stderr } = await wirelint(['check', `${FOLDER}/never-resolves.gz`]);
  expect(code).toBe(3);
  expect(stderr).toContain('never-resolves.gz');
});

describe('escapes.pcapng', () => {
  const mapped = [MNET, MINISTREAMING, FILESTORAGE].flatMap(mapping => ['-d', mapping]);
  /** Control and format characters, lone surrogates, what is seen as nothing, and commands to the systems that run builds. */
  const hostile =
    /[^\P{C}\n]|[\u115f\u1160\u2028\u2029\u2800\u3164\uffa0]|\p{Variation_Selector}|##\[|##vso\[|##teamcity\[|^::/mu;

  test.each([
    'check',
    'check --format json',
    'dissect',
    'dissect -V --hex',
    'dissect --format json',
    'dissect --format ndjson -V',
  ])('reaches no output of %s as it is', async command => {
    const { stdout, stderr } = await runInside(...command.split(' '), ...mapped, `${FOLDER}/escapes.pcapng`);
    expect(stdout.length).toBeGreaterThan(1_000);
    for (const text of [stdout, stderr]) {
      const at = text.search(hostile);
      expect(JSON.stringify(at < 0 ? '' : text.slice(Math.max(0, at - 20), at + 20))).toBe('""');
    }
  });
});
