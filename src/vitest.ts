/**
 * `toConform`, a matcher for Vitest and Jest: did what passed conform to its protocols?
 *
 *     import { toConform } from 'wirelint/vitest';
 *
 *     expect.extend({ toConform });
 *     expect(await proxy.stop()).toConform();
 *
 * It fails where `wirelint check` or `replay` would not end with 0, and in one case more: when not one connection could be judged. A
 * test that has seen nothing has shown nothing.
 *
 * No test runner is imported: a matcher is a function, and gets what it needs of its runner as properties of `this`.
 */

import { countWords } from './report/counts.ts';
import { departureLine } from './report/departure.ts';
import { counted } from './report/numbers.ts';
import type { RunReport } from './report/run-report.ts';
import { captureProblems, textReport } from './report/text.ts';
import { isReached } from './report/threshold.ts';
import { UsageError } from './settings/words.ts';

export interface ConformOptions {
  /** Least severity of a finding that is a failure, `error` by default. Infos never are. */
  readonly failOn?: 'error' | 'warning' | undefined;
  /**
   * Whether connections may be inconclusive: not all of them by default, as long as one was judged; none with `false`; all
   * with `true`. Which they are, and why, is in the report.
   */
  readonly allowInconclusive?: boolean | undefined;
  /** Whether there may have been nothing to check: not one message of a known protocol. False by default. */
  readonly allowEmpty?: boolean | undefined;
  /** Whether a capture may be cut or damaged; what a proxy has seen never is. False by default. */
  readonly allowIncomplete?: boolean | undefined;
}

/** What Vitest and Jest have in `this` of a matcher, as far as it is looked at. */
export interface MatcherContext {
  /** Behind `.not`. */
  readonly isNot?: boolean | undefined;
  /** Paints a text where the runner has colours. */
  readonly utils?: { readonly RECEIVED_COLOR?: ((text: string) => string) | undefined } | undefined;
}

export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

const NAMES = ['failOn', 'allowInconclusive', 'allowEmpty', 'allowIncomplete'];
const WIDTH = 100;

/**
 * The matcher. Behind `.not` it expects findings; what says nothing either way (no message, a cut capture, no judgement)
 * fails there, too.
 *
 * @param received what `check` or the `stop` of a proxy has given, or the report of a `replay`
 * @throws UsageError for what is no report, and for an unknown option
 */
export function toConform(this: MatcherContext, received: RunReport, options: ConformOptions = {}): MatcherResult {
  requireReport(received);
  const unknownName = Object.keys(options).find(name => !NAMES.includes(name));
  if (unknownName !== undefined)
    throw new UsageError(`toConform: unknown option ${unknownName}; known: ${NAMES.join(', ')}`);
  const { failOn = 'error' } = options;
  const { summary } = received;
  const color = (this?.utils?.RECEIVED_COLOR?.('x') ?? 'x') !== 'x';
  const withReport = (sentence: string) => () => `${sentence}\n\n${textReport(received, { color, width: WIDTH })}`;
  const unproven = whyUnproven(received, options);
  if (isReached({ failOn, maxWarnings: undefined }, summary)) {
    const found = countWords({ ...summary, infos: 0 }).join(' and ');
    return { pass: false, message: withReport(`expected traffic that conforms, got ${found}`) };
  }
  const [departure, ...others] = received.departures ?? [];
  if (departure) {
    const more = others.length > 0 ? `, and ${counted(others.length, 'departure')} more` : '';
    return { pass: false, message: withReport(`expected what was recorded: ${departureLine(departure)}${more}`) };
  }
  if (unproven !== undefined) return { pass: this?.isNot === true, message: withReport(unproven) };
  return { pass: true, message: withReport('expected traffic that breaks a rule, and it conforms') };
}

/** Why a report without findings shows nothing. */
function whyUnproven(
  { summary, captures }: RunReport,
  { allowEmpty = false, allowIncomplete = false, allowInconclusive }: ConformOptions,
): string | undefined {
  const { messages, packets, connections, inconclusive } = summary;
  const [cut] = allowIncomplete ? [] : captureProblems(captures.filter(({ complete }) => !complete));
  if (cut !== undefined) return `${cut}; { allowIncomplete: true } accepts this`;
  if (messages === 0) {
    if (allowEmpty) return undefined;
    const seen = `not one message of a known protocol in ${counted(packets, 'packet')}`;
    return `nothing was checked: ${seen}; name the protocol or a port (decodeAs), or accept this with { allowEmpty: true }`;
  }
  const most = allowInconclusive === undefined ? connections - 1 : allowInconclusive ? connections : 0;
  if (inconclusive <= most) return undefined;
  const which = inconclusive === connections ? 'no connection' : `not every connection`;
  return `${which} could be judged: ${inconclusive} of ${connections} inconclusive, for the reasons below; { allowInconclusive: true } accepts this`;
}

function requireReport(received: unknown): void {
  const { summary, findings, captures } = Object(received) as Partial<Record<keyof RunReport, unknown>>;
  if (typeof summary === 'object' && summary && Array.isArray(findings) && Array.isArray(captures)) return;
  const advice = received instanceof Promise ? '; await it' : '';
  throw new UsageError(`toConform: expected a report, as check() and the stop() of a proxy give it${advice}`);
}

/** What the runners' assertions gain. @template Result what an assertion returns: nothing, or a promise behind `resolves` */
export interface ConformMatchers<Result = unknown> {
  /** Fails, with the report as text, when the traffic broke a rule or nothing was checked. */
  toConform(options?: ConformOptions): Result;
}

// One declaration serves both. Jest's assertions are this interface, and Vitest's extend it, so that matchers written
// for Jest have types there. A namespace that only has types does no harm with the other runner, or none; declaring the
// module `vitest` would be an error for all who have not installed it.
declare global {
  namespace jest {
    interface Matchers<R, T> extends ConformMatchers<R> {}
  }
}
