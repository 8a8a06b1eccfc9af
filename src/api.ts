/**
 * What programs may import, tests above all: captures checked and proxies run inside the process, several at once. Nothing
 * here prints, takes a signal or ends the process.
 *
 *     import { startProxy } from 'wirelint';
 *     import { toConform } from 'wirelint/vitest';
 *
 *     expect.extend({ toConform });
 *     const proxy = await startProxy({ listen: 'tcp:0', upstream: 'tcp:127.0.0.1:9000' });
 *     await runTheSystemUnderTest({ port: proxy.port });
 *     expect(await proxy.stop()).toConform();
 */

export type { AnalysisSettings } from './analysis.ts';
export { type Capture, type CheckOptions, check } from './api/check.ts';
export type { HoldChanges, OwnMessage, ReleasedUnit } from './api/interception.ts';
export type { Listener } from './api/listeners.ts';
export type { CommonOptions } from './api/options.ts';
export {
  type ListeningPair,
  type PairOptions,
  type ProxyEvents,
  type ProxyOptions,
  type ProxyTlsOptions,
  type RunningProxy,
  startProxy,
} from './api/proxy.ts';
export { type ReplayOptions, type ReplayOutcome, replay } from './api/replay.ts';
export { reportJson, reportText, type TextReportOptions } from './api/report.ts';
export { CaptureError } from './capture/source.ts';
export { type CaptureSettings, defineConfig, type Override, type WirelintConfig } from './configuration/define.ts';
export type { Enforcing } from './faults/enforcement.ts';
export type { DeedKind, DeedRecord } from './lint/deed.ts';
export type { Finding } from './lint/finding.ts';
export type { ConnectionReport, Verdict } from './lint/verdict.ts';
export type { ConnectionEvent } from './protocol/connections.ts';
export type { AnyProtocol } from './protocol/protocol.ts';
export type { StatementOutcome } from './protocol/statements.ts';
export type { HeldMessage, HeldUnit, OpenFlow } from './proxy/holds.ts';
export type { ProxyEvent } from './proxy/io/listener.ts';
export type { Counts as ReplayCounts } from './replay/player.ts';
export type { Departure, DepartureKind } from './report/departure.ts';
export type { DeedCount, DoneDeed, Interference, Reaction, ReactionKind } from './report/interference.ts';
export type { RunReport, RunSummary } from './report/run-report.ts';
export { UsageError } from './settings/words.ts';
