/**
 * A specification's numbered statements, as plain data: which rules judge each, as its protocol says, or why none can;
 * and what became of it in a run, as reports print it. All of them together are an implementation's conformance statement.
 */

/** What must be so for more rules to judge a statement: an option of the dialect has a value, or what is said in words. */
export type Need = { readonly rules: readonly string[] } & (
  | { readonly option: string; readonly value: string }
  | { readonly option?: undefined; readonly words: string }
);

export interface Statement {
  /** As clauses cite it: `MQTT-3.1.0-1`. */
  readonly id: string;
  /** As clauses name it; absent where the specification has one edition. */
  readonly edition?: string;
  /** Ids of the rules that see a breach of it by default. Empty for what no rule judges yet. */
  readonly judgedBy: readonly string[];
  /** Rules that judge it only where something more is given. */
  readonly needs?: Need;
  /** Which part of it they see, where they do not see all: `the close; which levels a server supports does not show`. */
  readonly note?: string;
  /** Why no observer can judge it. */
  readonly notObservable?: string;
}

/** The editions that a protocol's statements are of, in their order. */
export function editionsOf({ statements = [] }: { readonly statements?: readonly Statement[] }): readonly string[] {
  const editions = new Set<string>();
  for (const { edition } of statements) if (edition !== undefined) editions.add(edition);
  return [...editions];
}

/**
 * `kept`: a rule had something to judge, and none was broken. `inconclusive`: what there was to judge could not be.
 * `not exercised`: there was nothing to judge. `off`: its rules are not in force in this run. `not judged`: there is no rule.
 */
export type StatementStatus =
  | 'kept'
  | 'broken'
  | 'inconclusive'
  | 'not exercised'
  | 'off'
  | 'not judged'
  | 'not observable';

export type Role = 'client' | 'server';

/** What became of a statement in a run. */
export interface StatementOutcome {
  readonly id: string;
  readonly edition: string | undefined;
  readonly status: StatementStatus;
  /** Of the rules that judge it, together: times they had something to judge and could, and those that were broken. */
  readonly checked: number;
  readonly broken: number;
  readonly inconclusive: number;
  /** Whose faults these were, as far as findings are listed. */
  readonly brokenBy: readonly Role[];
  /** Ids of all rules that judge it, those that are not in force among them. */
  readonly rules: readonly string[];
  /** What it requires, in the words of a rule that cites it; empty where none does. */
  readonly says: string;
  /** What is to be said of it besides: which part is seen, what it would need, why it cannot be seen. */
  readonly note: string;
}
