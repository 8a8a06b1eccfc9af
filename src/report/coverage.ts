/**
 * How much of a protocol a run has exercised, in numbers that a build can hold on to: of the rules in force those that had
 * something to judge, of the legal steps of the state machine those that were taken, of the messages those that were seen.
 */

import { counted, grouped } from './numbers.ts';
import { type Page, span } from './page.ts';
import type { ProtocolReport, RunReport } from './run-report.ts';

export const MEASURES = ['rules', 'transitions', 'messages'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Part {
  readonly exercised: number;
  readonly total: number;
}

/** The least that is asked for of one protocol. */
export interface Demand {
  readonly protocol: string;
  readonly measure: Measure;
  /** 0 to 100. */
  readonly percent: number;
}

const HUNDRED = 100;

export function exercisedOf({ rules, coverage }: ProtocolReport, measure: Measure): Part {
  switch (measure) {
    case 'rules':
      return {
        exercised: new Set(rules.flatMap(({ id, checked }) => (checked > 0 ? [id] : []))).size,
        // One that is of another severity in some captures has several rows.
        total: new Set(rules.map(({ id }) => id)).size,
      };
    case 'transitions':
      return coverage.transitions;
    case 'messages': {
      const counts = Object.values(coverage.messages);
      return { exercised: counts.filter(count => count > 0).length, total: counts.length };
    }
  }
}

/** Rounded down: what is not reached must not look as if it were. */
export function percentOf({ exercised, total }: Part): number {
  return total === 0 ? 0 : Math.floor((HUNDRED * exercised) / total);
}

/** A line for each minimum that is not met: `mnet: 12 of 39 rules were exercised, 30 %; --min-coverage mnet=80`. */
export function shortfalls({ protocols }: RunReport, demands: readonly Demand[]): string[] {
  return demands.flatMap(({ protocol: id, measure, percent }) => {
    const protocol = protocols.find(candidate => candidate.id === id);
    const asked = `--min-coverage ${id}${measure === 'rules' ? '' : `.${measure}`}=${percent}`;
    if (!protocol) return percent === 0 ? [] : [`${id}: no message of it was seen; ${asked}`];
    const part = exercisedOf(protocol, measure);
    if (part.exercised * HUNDRED >= percent * part.total) return [];
    const { exercised, total } = part;
    return [
      `${id}: ${grouped(exercised)} of ${counted(total, measure, measure)} were exercised, ${percentOf(part)} %; ${asked}`,
    ];
  });
}

/** Every rule, message, state and step, and how often. */
export function printCoverage(page: Page, protocol: ProtocolReport): void {
  const { id, rules, dormant = [], coverage } = protocol;
  const section = (title: string, part?: Part) => {
    const sum = part ? ` ${grouped(part.exercised)} of ${grouped(part.total)}, ${percentOf(part)} %` : '';
    page.blank();
    page.wrap(0, 2, span(`${id} ${title}:`, 'strong'), span(sum));
  };
  const row = (count: number, text: string, more = '') => {
    page.entry(2, COUNT_WIDTH, grouped(count), span(text, count > 0 ? 'plain' : 'dim'), span(more));
  };
  section('rules exercised', exercisedOf(protocol, 'rules'));
  for (const { id: rule, checked, broken, inconclusive } of rules) {
    const facts = [
      ...(broken > 0 ? [`broken ${grouped(broken)}`] : []),
      ...(inconclusive > 0 ? [`inconclusive ${grouped(inconclusive)}`] : []),
    ];
    row(checked, rule, facts.length > 0 ? `, ${facts.join(', ')}` : '');
  }
  for (const { id: rule, onlyWith } of dormant) {
    page.entry(2, COUNT_WIDTH, 'off', span(rule, 'dim'), span(`, only with ${onlyWith}`));
  }
  section('messages seen', exercisedOf(protocol, 'messages'));
  for (const [name, count] of Object.entries(coverage.messages)) row(count, name);
  section('messages sent in each state');
  for (const [state, count] of Object.entries(coverage.sentIn)) row(count, state);
  section('transitions exercised', exercisedOf(protocol, 'transitions'));
  for (const { role, state, event, condition, next, taken } of coverage.steps) {
    row(taken, `${role}: ${state} -- ${event} --> ${next}`, condition === null ? '' : `, if ${condition}`);
  }
}

/** Of numbers up to a million; longer ones move what stands beside them. */
const COUNT_WIDTH = 9;
