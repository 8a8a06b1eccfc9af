/** Makes a finding of a broken rule: who, where and when, in the words of its evidence, with the bytes. */
import { type ActiveRule, citationHere } from './active-rule.ts';
import type { Finding } from './finding.ts';
import type { JudgeOptions } from './judge-options.ts';
import type { Basis, Evidence, Severity } from './rule.ts';
import { excerptOf, type Subject } from './subject.ts';

/** Of findings that look back to no frame. */
const NONE: readonly number[] = [];

/** What was broken, and by what. */
interface Fault<Context> {
  readonly active: ActiveRule<Context>;
  readonly severity: Severity;
  readonly basis: Basis;
  readonly subject: Subject;
  readonly evidence: Evidence | undefined;
  readonly context: Context | undefined;
}

/** @param ends of the connection, as they are printed */
export function findingOf<Context>(
  { active, severity, basis, subject, evidence, context }: Fault<Context>,
  { connection, ends }: { readonly connection: number; readonly ends: readonly string[] },
  { protocol, capture, editions }: Pick<JudgeOptions<Context>, 'protocol' | 'capture' | 'editions'>,
): Finding {
  const { rule } = active;
  const from = ends[subject.side];
  const to = ends[1 - subject.side];
  const finding: Finding = {
    ruleId: rule.id,
    severity,
    message: evidence?.message ?? rule.summary,
    capture: capture,
    frame: subject.frame,
    time: { seconds: subject.seconds, nanoseconds: subject.nanoseconds },
    protocol: protocol,
    connection,
    from,
    to,
    atFault: rule.atFault === 'none' ? null : rule.atFault === 'sender' ? from : to,
    messageName: subject.messageName,
    state: subject.state,
    bytes: evidence?.bytes ?? null,
    expected: evidence?.expected ?? '',
    actual: evidence?.actual ?? '',
    restsOn: basis,
    spec: citationHere(active, context, editions?.[subject.edition - 1]),
    relatedFrames: evidence?.relatedFrames ?? NONE,
    excerpt: subject.message ? excerptOf(subject.message, evidence?.bytes?.offset) : subject.excerpt,
  };
  return evidence?.mentions === undefined ? finding : { ...finding, mentions: evidence.mentions };
}
