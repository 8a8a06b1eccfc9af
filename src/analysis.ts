/**
 * How traffic is to be understood, in the words that the command line has for it, and what they amount to for the
 * engine. The commands and the package's own functions take the same words, so that a setting found on one serves the other.
 */
import { randomInt } from 'node:crypto';
import { parseDecodeAs, parseDialects, parseLimits, parseRuleSettings, requireCarriers } from './config.ts';
import type { AnyProtocol } from './protocol/protocol.ts';
import type { EngineOptions } from './run/options.ts';

export interface AnalysisSettings {
  /** Ports that a protocol is spoken on, as `-d` takes them: `['udp.port==27001,mnet']`. */
  readonly decodeAs?: readonly string[] | undefined;
  /** What the specification leaves open, as `--dialect` takes it: `['mnet.tags=sender']`. */
  readonly dialect?: readonly string[] | undefined;
  /** Severities of rules, as `--rule` takes them: `['mnet/*=warning', 'mnet/reordered=off']`; later ones hold. */
  readonly rule?: readonly string[] | undefined;
  /** Bounds of the program, as `--limit` takes them: `['flows=1000']`. */
  readonly limit?: readonly string[] | undefined;
  /** Whether traffic may begin in the middle of a conversation, as signs tell (`auto`), or never does. */
  readonly midstream?: 'auto' | 'never' | undefined;
  /** Whether captures hold all that was sent (`complete`), lack some of it (`lossy`), or as signs tell (`auto`). */
  readonly capture?: 'auto' | 'complete' | 'lossy' | undefined;
}

/** The engine's options, without those that say how much is listed. */
export type AnalysisOptions = Omit<EngineOptions, 'maxFindings' | 'allConnections'>;

/** @throws UsageError for the first setting that cannot be followed */
export function analysisOptions(settings: AnalysisSettings, protocols: readonly AnyProtocol[]): AnalysisOptions {
  const decodeAs = (settings.decodeAs ?? []).map(text => parseDecodeAs(text, protocols));
  const dialects = parseDialects(settings.dialect ?? [], protocols);
  requireCarriers(decodeAs, dialects, protocols);
  return {
    protocols,
    decodeAs,
    dialects,
    severities: new Map((settings.rule ?? []).flatMap(text => parseRuleSettings(text, protocols))),
    midstream: settings.midstream ?? 'auto',
    capture: settings.capture ?? 'auto',
    limits: parseLimits(settings.limit ?? []),
    // Peers who could guess it could choose keys that collide; no result depends on it.
    seed: randomInt(2 ** 32),
  };
}
