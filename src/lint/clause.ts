/**
 * Where a specification requires something, and what it says there. Editions of a specification number and word the same
 * requirement differently, so a rule may cite one clause of each. A finding cites the clause of the edition that its connection
 * speaks; where that is unknown, it cites all of them: to pick one would be a guess.
 */

export interface Clause {
  /** As the specification names it: `COOKIE, Expiration`, `MQTT-3.1.0-1`. Several of one edition stand in one text. */
  readonly clause: string;
  /** As the specification names it: `3.1.1`, `5.0`. */
  readonly edition?: string;
  /** What is required there: one sentence, in words of our own, with a full stop. */
  readonly says?: string;
}

/** What a rule says of its clauses. */
export interface Cited {
  readonly clause: string | readonly Clause[];
  readonly says?: string;
}

/** What a finding cites. */
export interface Citation {
  /** Name of the specification. */
  readonly document: string;
  /** With its edition, where there are several: `MQTT-3.1.0-1 (5.0)`. All clauses, if it is not known which one holds. */
  readonly clause: string;
  readonly says?: string;
}

/** The clauses of a rule, one at least. */
export function clausesOf({ clause, says }: Cited): readonly Clause[] {
  return typeof clause === 'string' ? [{ clause, ...(says !== undefined && { says }) }] : clause;
}

/** All of them in a line: `MQTT-3.1.0-1 (3.1.1); MQTT-3.1.0-1 (5.0)`. */
export function clauseNames(cited: Cited): string {
  return clausesOf(cited).map(nameOf).join('; ');
}

/** Some clauses of a specification as one citation. */
export function citation(document: string, clauses: readonly Clause[]): Citation {
  const clause = clauses.map(nameOf).join('; ');
  const says = saidIn(clauses);
  return { document, clause, ...(says !== undefined && { says }) };
}

/** A citation in a line. */
export function citationText({ document, clause }: Citation): string {
  return `${document}: ${clause}`;
}

/** The same with what is said there. */
export function demandText(cited: Citation): string {
  return cited.says === undefined ? citationText(cited) : `${citationText(cited)}: ${cited.says}`;
}

function nameOf({ clause, edition }: Clause): string {
  return edition === undefined ? clause : `${clause} (${edition})`;
}

/** The sentence that all of them share, or each behind its edition. */
function saidIn(clauses: readonly Clause[]): string | undefined {
  const [first] = clauses;
  if (clauses.every(({ says }) => says === first?.says)) return first?.says;
  return clauses.flatMap(({ edition, says }) => (says === undefined ? [] : [`${edition}: ${says}`])).join(' ');
}
