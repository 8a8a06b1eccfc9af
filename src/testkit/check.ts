/** Runs traffic through the real engine, and says what came of it in the form that tests compare. */

import { Engine } from '../engine.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';
import type { RunReport } from '../report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../run/options.ts';
import { parseDecodeAs, parseDialects, parseLimits, parseRuleSettings } from '../settings/words.ts';
import { fieldTree } from '../wire/tree.ts';
import { facts, found } from './engine.ts';
import type { Traffic } from './traffic.ts';

/** As the command line spells them. */
export interface CheckOptions {
  /** `-d`: `['tcp.port==7000,kv']`. */
  readonly decodeAs?: readonly string[];
  /** `--dialect`: `['kv.order=big']`. */
  readonly dialect?: readonly string[];
  /** `--rule`: `['kv/unsolicited=off']`. */
  readonly rule?: readonly string[];
  /** `--limit`: `['flows=10']`. */
  readonly limit?: readonly string[];
  readonly midstream?: 'auto' | 'never';
  /** Traffic that is written down is whole, unless a test says otherwise. */
  readonly capture?: 'complete' | 'auto' | 'lossy';
}

/** A message as `dissect` shows it. */
export interface Dissected {
  readonly frame: number;
  readonly name: string;
  readonly connection: number;
  readonly from: string;
  readonly to: string;
  /** State of the connection after it. */
  readonly state: string;
  /** Frame of the earlier message that it answers or continues; absent where there is none. */
  readonly answers?: number;
  /** Field name -> number, text, or bytes in hex; null for a field that is not all there. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Ids of the rules that it broke. */
  readonly broken: readonly string[];
}

export interface CheckResult {
  /** `ruleId frame` of each finding, by frame: `['kv/unsolicited 7']`. */
  readonly findings: readonly string[];
  /** All connections, with their verdicts and last states. */
  readonly connections: readonly ConnectionReport[];
  readonly messages: readonly Dissected[];
  /** Everything: tallies of rules, coverage of the machine, the findings in full. */
  readonly report: RunReport;
}

/**
 * Checks one capture.
 *
 *     const traffic = new Traffic();
 *     traffic.connect('10.0.0.1:40000', '10.0.0.2:7000').client('0001 07');
 *     const { findings } = await check(kv, traffic, { decodeAs: ['tcp.port==7000,kv'] });
 *     assert.deepEqual(findings, ['kv/malformed 4']);
 *
 * @param protocols one, or several that may claim the traffic
 * @throws UsageError (the promise rejects) for an option that the command line would refuse
 */
export async function check(
  protocols: AnyProtocol | readonly AnyProtocol[],
  traffic: Traffic,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const known = [protocols].flat() as readonly AnyProtocol[];
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    protocols: known,
    decodeAs: (options.decodeAs ?? []).map(text => parseDecodeAs(text, known)),
    dialects: parseDialects(options.dialect ?? [], known),
    severities: new Map((options.rule ?? []).flatMap(text => parseRuleSettings(text, known))),
    limits: parseLimits(options.limit ?? []),
    midstream: options.midstream ?? 'auto',
    capture: options.capture ?? 'complete',
    allConnections: true,
  });
  const messages: Dissected[] = [];
  engine.onMessage = seen => messages.push(dissected(seen));
  engine.beginCapture({ ...facts(), packets: traffic.length });
  for (const frame of traffic.frames()) {
    engine.frame(frame);
    await engine.settle();
  }
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  const report = engine.report();
  return { findings: found(report), connections: report.connections, messages, report };
}

function dissected(seen: SeenMessage): Dissected {
  const { message, name, connection, from, to, state, layout, findings, answers } = seen;
  const nodes = layout ? fieldTree(message, layout) : [];
  return {
    frame: message.frame,
    name,
    connection,
    from,
    to,
    state,
    ...(answers && { answers: answers.frame }),
    fields: Object.fromEntries(nodes.map(node => [node.name, node.value])),
    broken: findings.map(({ ruleId }) => ruleId),
  };
}
