import { describe, expect, test } from 'vitest';
import { textReport } from '../../src/report/text.ts';
import { decisionOf, isReached, type Threshold } from '../../src/report/threshold.ts';
import { finding, report } from './sample.ts';

const at = (failOn: Threshold['failOn'], maxWarnings?: number): Threshold => ({ failOn, maxWarnings });
const counts = (errors: number, warnings: number, infos: number) => ({ errors, warnings, infos });

describe('a run fails', () => {
  test.each<[Threshold, ReturnType<typeof counts>, boolean, string | undefined]>([
    [at('error'), counts(1, 0, 0), true, undefined],
    [at('error'), counts(0, 9, 9), false, undefined],
    [at('error', 3), counts(0, 3, 0), false, undefined],
    [at('error', 3), counts(0, 4, 0), true, '4 warnings, 3 warnings allowed'],
    [at('error', 0), counts(0, 1, 0), true, '1 warning, none allowed'],
    [at('warning'), counts(0, 1, 5), true, '1 warning, --fail-on warning'],
    [at('warning'), counts(0, 0, 5), false, undefined],
    [at('info'), counts(0, 0, 5), true, '5 infos, --fail-on info'],
    [at('info'), counts(0, 2, 5), true, '2 warnings, --fail-on info'],
    [at('info'), counts(0, 0, 0), false, undefined],
    [at('never', 0), counts(1, 1, 1), false, undefined],
  ])('at %j with %j: %s', (threshold, found, fails, decision) => {
    expect(isReached(threshold, found)).toBe(fails);
    expect(decisionOf(threshold, found)).toBe(decision);
  });
});

describe('the text report', () => {
  const summary = { ...report().summary, errors: 0, warnings: 2, infos: 0 };
  const warnings = [1, 2].map(frame => finding({ frame, severity: 'warning', message: `warning ${frame}` }));
  const warned = report({ summary, findings: warnings });
  const page = { color: false, width: 120 };

  test('says what made the exit code 1, where no error did', () => {
    expect(textReport(warned, { ...page, threshold: at('error', 0) })).toContain(
      '(2 warnings, none allowed: exit 1)\n',
    );
    expect(textReport(warned, { ...page, threshold: at('error') })).not.toContain('exit 1');
  });

  test('lists when it is quiet what made the run fail', () => {
    expect(textReport(warned, { ...page, quiet: true, threshold: at('warning') })).toContain('warning 2');
    expect(textReport(warned, { ...page, quiet: true, threshold: at('error') })).not.toContain('warning 2');
  });
});
