/**
 * Settings in layers: those of the file, over them those that it has for the capture at hand, over both what was said where
 * the program was called. In a list the later word holds, so that a layer is put behind the one below it.
 */
import { relative, resolve, sep } from 'node:path';
import type { AnalysisSettings, CaptureLayers } from '../analysis.ts';
import { captureName, isUrl } from '../capture/location.ts';
import type { CaptureOverride, Configuration, Setting } from './settings.ts';
import { wordsOf } from './settings.ts';

type Single = 'capture' | 'midstream';
const SINGLES: readonly Single[] = ['capture', 'midstream'];

/** The settings of the file that say how traffic is understood. */
export function analysisSettings(settings: readonly Setting[]): AnalysisSettings {
  const single = (option: Single) => wordsOf(settings, option).at(-1);
  return {
    decodeAs: wordsOf(settings, 'decode-as'),
    dialect: wordsOf(settings, 'dialect'),
    rule: wordsOf(settings, 'rule'),
    limit: wordsOf(settings, 'limit'),
    capture: single('capture') as AnalysisSettings['capture'],
    midstream: single('midstream') as AnalysisSettings['midstream'],
  };
}

/**
 * What the file has for single captures; undefined when it has nothing of the kind.
 * @param from folder that paths of captures start from
 * @param given options that were set where the program was called, which no file changes
 */
export async function captureLayers(
  { file, settings, overrides }: Configuration,
  from: string,
  given: ReadonlySet<string>,
): Promise<CaptureLayers | undefined> {
  if (overrides.length === 0) return undefined;
  const { default: picomatch } = await import('picomatch');
  const matchers = overrides.map(override => ({ override, matches: picomatch([...override.patterns], { dot: true }) }));
  /** By the overrides that hold, so that captures of the same settings share what is made of them. */
  const made = new Map<string, AnalysisSettings>();
  return {
    common: analysisSettings(settings),
    of: path => {
      if (path === '-') return undefined;
      const name = isUrl(path) ? captureName(path) : relative(file.folder, resolve(from, path)).split(sep).join('/');
      const holding = matchers.flatMap(({ override, matches }) => (matches(name) ? [override] : []));
      if (holding.length === 0) return undefined;
      const key = holding.map(override => override.path).join();
      const found = made.get(key) ?? withoutGiven(holding, given);
      made.set(key, found);
      return found;
    },
  };
}

function withoutGiven(overrides: readonly CaptureOverride[], given: ReadonlySet<string>): AnalysisSettings {
  const own = analysisSettings(overrides.flatMap(({ settings }) => settings));
  const dropped = SINGLES.filter(name => given.has(name)).map(name => [name, undefined]);
  return { ...own, ...Object.fromEntries(dropped) };
}

/** The settings of the file with those of a program over them. */
export function beneath(settings: readonly Setting[], over: AnalysisSettings): AnalysisSettings {
  const own = analysisSettings(settings);
  const both = (name: 'decodeAs' | 'dialect' | 'rule' | 'limit') => [...(own[name] ?? []), ...(over[name] ?? [])];
  return {
    decodeAs: both('decodeAs'),
    dialect: both('dialect'),
    rule: both('rule'),
    limit: both('limit'),
    capture: over.capture ?? own.capture,
    midstream: over.midstream ?? own.midstream,
  };
}
