/**
 * What a format of the report is: a pure function from the outcome of a run, and what it was asked, to text. The text
 * comes in pieces, so that a report of a hundred thousand findings need not stand in memory as a whole. No clock, no
 * locale, no environment: the same input gives the same bytes.
 */

import type { Exchange } from '../lint/exchange.ts';
import type { RuleDocument } from '../lint/rule.ts';
import type { StateGraph } from '../protocol/diagram.ts';
import type { Tool } from './json.ts';
import type { PageOptions } from './page.ts';
import type { RunReport } from './run-report.ts';
import type { Threshold } from './threshold.ts';

/** A rule of the catalogue, with the name of the specification that it cites. */
export interface CatalogueRule {
  readonly rule: RuleDocument;
  readonly specification: string;
}

/** What one test case of a JUnit report stands for. */
export type Granularity = 'rule' | 'connection';
export const GRANULARITIES: readonly Granularity[] = ['rule', 'connection'];

/** Which results a SARIF file holds: broken rules, or those that passed or could not be judged, too. */
export type SarifResults = 'failing' | 'all';
export const SARIF_RESULTS: readonly SarifResults[] = ['failing', 'all'];

export interface FormatInput {
  readonly report: RunReport;
  readonly tool: Tool;
  /** Every rule there is, by its id. */
  readonly rules: ReadonlyMap<string, CatalogueRule>;
  /** The state machine of a protocol, as pictures show it; asked for by those that draw one. */
  readonly graphsOf: (protocol: string) => readonly StateGraph[];
  /** What was said in a connection, around these frames; empty where the run has not kept it. */
  readonly exchangesOf: (connection: number, frames: ReadonlySet<number>, most: number) => readonly Exchange[];
  readonly threshold: Threshold;
  /** Why the run is no verdict, whatever was found: captures that could not be read, nothing to check. One line each. */
  readonly troubles: readonly string[];
  /** Width and colour, for formats that people read on a terminal. */
  readonly page: PageOptions;
  readonly quiet: boolean;
  /** Whether readers want to know of each rule, state and step how often it was exercised. */
  readonly coverage: boolean;
  /** The file that the report goes to, as the user named it; undefined for standard output. */
  readonly file: string | undefined;
  readonly granularity: Granularity;
  readonly sarifResults: SarifResults;
}

export type Render = (input: FormatInput) => Iterable<string>;

/** A second file that belongs to a report and is written beside it. */
export interface Companion {
  /** What the report's file name is followed by. */
  readonly suffix: string;
  readonly render: Render;
}

export interface Renderer {
  readonly render: Render;
  readonly companion?: Companion;
}

/** A format in the list of those there are. */
export interface Format {
  /** One clause for `--help` and the documentation. */
  readonly describe: string;
  /** Loads what renders it: no command waits for formats that it does not write. */
  readonly load: () => Promise<Renderer>;
}
