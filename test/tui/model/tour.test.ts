/** Every finding that a report of a fixture has can be reached with `n`, the worst first, and is there what it is in the report. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/lint/finding.ts';
import { historyOf } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, settle } from '../../kit/looking.ts';

const FOLDERS = ['filestorage', 'ministreaming', 'mnet'];
const FIXTURES = FOLDERS.flatMap(folder =>
  readdirSync(fileURLToPath(new URL(`../../../fixtures/${folder}`, import.meta.url)))
    .filter(file => file.endsWith('.pcap'))
    .map(file => `${folder}/${file}`),
);

/** Beyond it only the first and last are compared: the others differ in nothing but their frame. */
const MOST_WALKED = 300;

function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return ['error', 'warning', 'info'].flatMap(level => findings.filter(({ severity }) => severity === level));
}

describe.each(FIXTURES)('%s', fixture => {
  test('n goes through the very findings of the report, the worst first', async () => {
    const past = await historyOf(fixture);
    const model = modelOf(past);
    const expected = worstFirst(past.report.findings).slice(0, MOST_WALKED);
    const seen = expected.map(() => {
      press(model, 'n');
      return model.finding;
    });
    expect(seen).toEqual(expected);
  });

  test('n goes on with the first behind the last, N with the last before the first', async () => {
    const past = await historyOf(fixture);
    const findings = worstFirst(past.report.findings);
    const model = modelOf(past);
    press(model, 'N');
    expect(model.finding).toEqual(findings.at(-1));
    press(model, 'n');
    expect(model.finding).toEqual(findings[0]);
    press(model, 'N');
    expect(model.finding).toEqual(findings.at(-1));
  });

  test('each stands on a message of its frame and connection, with its bytes marked', async () => {
    const past = await historyOf(fixture);
    const model = modelOf(past);
    for (const finding of worstFirst(past.report.findings).slice(0, MOST_WALKED)) {
      press(model, 'n');
      const { messages } = model.history;
      expect(messages.frame(model.message)).toBe(finding.frame);
      expect(messages.connection(model.message)).toBe(finding.connection);
      if (!finding.bytes) continue;
      const { severity, bytes } = finding;
      expect(model.opened?.faults).toContainEqual({ ...bytes, severity });
      expect(model.opened?.byte).toBe(Math.min(bytes.offset, model.opened!.length - 1));
    }
  });

  test('each is shown with its rule, frame, clause, and bytes', async () => {
    const past = await historyOf(fixture);
    const model = modelOf(past);
    press(model, '4');
    for (const { ruleId, frame, spec, bytes } of past.report.findings.slice(0, MOST_WALKED)) {
      const lines = paneText(model, 'finding');
      const text = lines.join(' ').replace(/\s+/g, ' ');
      expect(text).toContain(` ${ruleId} frame ${frame} `);
      expect(text).toContain(`clause ${spec.document}: ${spec.clause}`);
      const wanted = bytes ? Array.from({ length: Math.max(1, bytes.length) }, (_, at) => bytes.offset + at) : [];
      const pointed = pointedAt(lines);
      // Of what is long only the beginning is shown.
      expect(pointed).toEqual(wanted.slice(0, pointed.length));
      expect(pointed.length > 0).toBe(wanted.length > 0);
      press(model, 'j');
    }
  });
});

/** Offsets of the bytes that have a sign under them. */
function pointedAt(lines: readonly string[]): number[] {
  return lines.flatMap((line, index) => {
    const [head = '', digits = ''] = /^ *([0-9a-f]{4,}) {2}/.exec(lines[index - 1] ?? '') ?? [];
    if (digits === '' || !/^ *\^[\^ ]*$/.test(line)) return [];
    const row = Number.parseInt(digits, 16);
    return Array.from(line.matchAll(/\^\^?/g), ({ index: column }) => row + (column - head.length) / 3);
  });
}

describe('n and N', () => {
  // An info at 2 and 5, errors at 7, 17 and 20, a warning at 23.
  test('begin with the worst wherever one is, also in the list, where the first one is chosen', async () => {
    for (const keys of ['', '4', 'G', ': "18" enter']) {
      const model = modelOf(await historyOf('mnet/faults.pcap'));
      expect(press(model, `${keys} n`).finding?.frame).toBe(7);
      expect(barText(model, 'status')).toContain('1 of 6: error mnet/retransmit-differs');
    }
  });

  test('go on from the finding that one came to last, whatever one has looked at since', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'));
    const frames = ['n n', 'j j n', '1 g n', 'n', 'n', 'n', 'N'];
    expect(frames.map(keys => press(model, keys) && model.finding?.frame)).toEqual([17, 20, 23, 2, 5, 7, 5]);
  });

  test('go on from the one that is chosen in the list', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'));
    expect(press(model, '4 G n').finding?.frame).toBe(2);
    expect(press(model, 'g j n').finding?.frame).toBe(7);
  });
});

describe('e and E', () => {
  test.each(['mnet/faults.pcap', 'ministreaming/faults.pcap'])('%s: go round the errors alone', async fixture => {
    const past = await historyOf(fixture);
    const { findings } = past.report;
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThan(findings.length);
    const model = modelOf(past);
    const seen = (key: string) => [...errors, undefined].map(() => press(model, key) && model.finding);
    expect(seen('e')).toEqual([...errors, errors[0]]);
    expect(barText(model, 'status')).toContain(` 1 of ${errors.length}, from the first again: error `);
    const back = errors.toReversed();
    expect(seen('E')).toEqual([...back, back[0]]);
    expect(barText(model, 'status')).toContain(', from the last again: error ');
  });

  test('go on from where one is, also from a finding that is none', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'));
    const frames = ['e', 'E', '4 g E', ': "17" enter e', ': "18" enter E', ': "18" enter e'];
    const seen = frames.map(keys => press(model, keys) && model.finding?.frame);
    expect(seen).toEqual([7, 20, 20, 17, 17, 20]);
  });

  test('say that there is none, of those that the filter leaves', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'));
    press(model, '/ "severity == info" enter');
    settle(model);
    const before = model.finding;
    for (const key of ['e', 'E']) {
      press(model, key);
      expect(barText(model, 'status')).toContain('no error among 2 findings');
      expect(model.finding).toBe(before);
    }
  });
});
