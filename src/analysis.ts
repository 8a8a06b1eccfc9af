/**
 * How to interpret traffic: the command line's settings, and what they mean for the engine. The commands and the
 * package's own functions take the same words, so that a setting found on one serves the other.
 */
import { randomInt } from 'node:crypto';
import type { AnyProtocol } from './protocol/protocol.ts';
import type { CaptureOptions, EngineOptions } from './run/options.ts';
import { parseDecodeAs, parseDialects, parseLimits, parseRuleSettings, requireCarriers } from './settings/words.ts';

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

/** Settings that hold for some captures only. */
export interface CaptureLayers {
  /** Those that hold for all, and that these replace. They stand at the beginning of each list. */
  readonly common: AnalysisSettings;
  /** Those of a capture, by its path; the same object for the same settings. */
  of(path: string): AnalysisSettings | undefined;
}

/** The engine's options, without those that say how much is listed. */
export type AnalysisOptions = Omit<EngineOptions, 'maxFindings' | 'allConnections'>;

/**
 * @param layers what holds for single captures
 * @throws UsageError for the first setting that cannot be followed
 */
export function analysisOptions(
  settings: AnalysisSettings,
  protocols: readonly AnyProtocol[],
  layers?: CaptureLayers,
): AnalysisOptions {
  const own = captureOptions(settings, protocols);
  return {
    protocols,
    ...own,
    limits: parseLimits(settings.limit ?? []),
    // Peers who could guess it could choose keys that collide; no result depends on it.
    seed: randomInt(2 ** 32),
    ...(layers && { optionsFor: optionsByCapture(settings, protocols, layers) }),
  };
}

function captureOptions(settings: AnalysisSettings, protocols: readonly AnyProtocol[]): CaptureOptions {
  const decodeAs = (settings.decodeAs ?? []).map(text => parseDecodeAs(text, protocols));
  const dialects = parseDialects(settings.dialect ?? [], protocols);
  requireCarriers(decodeAs, dialects, protocols);
  return {
    decodeAs,
    dialects,
    severities: new Map((settings.rule ?? []).flatMap(text => parseRuleSettings(text, protocols))),
    midstream: settings.midstream ?? 'auto',
    capture: settings.capture ?? 'auto',
  };
}

/** Captures with the same settings share their options. */
function optionsByCapture(
  settings: AnalysisSettings,
  protocols: readonly AnyProtocol[],
  { common, of }: CaptureLayers,
): (path: string) => CaptureOptions | undefined {
  const made = new Map<AnalysisSettings, CaptureOptions>();
  const between = (name: 'decodeAs' | 'dialect' | 'rule', own: AnalysisSettings) => {
    const [below = [], all = []] = [common[name], settings[name]];
    const isBelow = below.every((word, index) => all[index] === word);
    return [
      ...below,
      ...(own[name] ?? []),
      ...(isBelow ? all.slice(below.length) : all.filter(w => !below.includes(w))),
    ];
  };
  return path => {
    const own = of(path);
    if (!own) return undefined;
    const layered = {
      decodeAs: between('decodeAs', own),
      dialect: between('dialect', own),
      rule: between('rule', own),
      midstream: own.midstream ?? settings.midstream,
      capture: own.capture ?? settings.capture,
    };
    const options = made.get(own) ?? captureOptions(layered, protocols);
    made.set(own, options);
    return options;
  };
}
