/** What a case of the catalogue is, and how it is written down for both versions at once. */
import type { Severity } from '../../../../src/lint/rule.ts';
import { type Judged, type JudgeOptions, judgeNet, type Scene, scene } from '../../../kit/mqtt-judge.ts';

export type Bytes = readonly [offset: number, length: number];

/** A conversation of one version that breaks one rule and no other. */
export interface BreakingCase {
  /** Id without `mqtt/`. */
  readonly rule: string;
  readonly level: 3 | 4 | 5;
  readonly severity: Severity;
  readonly atFault: 'client' | 'server' | null;
  readonly frame: number;
  readonly bytes: Bytes | null;
  /** A statement or section that the finding cites; empty where the version has none. */
  readonly clause: string;
  readonly options: JudgeOptions;
  /** `header-flags 6`: findings that cannot be without, as this one has them for its cause. */
  readonly beside: readonly string[];
  readonly talk: (scene: Scene) => void;
}

/** Clauses of 3.1.1 and of 5.0; empty where a version does not demand it. */
export type Clauses = readonly [v311: string, v5: string];

export interface Choice {
  /** `error` by default. */
  readonly severity?: Severity;
  /** The client by default. */
  readonly by?: 'client' | 'server' | null;
  /** The first behind a CONNACK by default: 6. */
  readonly frame?: number;
  /** Of both versions, or of each. The first byte by default. */
  readonly bytes?: Bytes | null;
  readonly bytes5?: Bytes | null;
  readonly options?: JudgeOptions;
  readonly beside?: readonly string[];
}

/** The cases of one rule, by its id, in each version that demands it. */
export function breaks(
  id: string,
  [v311, v5]: Clauses,
  choice: Choice,
  talk: (scene: Scene) => void,
): readonly BreakingCase[] {
  const { severity = 'error', by = 'client', frame = 6, bytes = [0, 1], options = {}, beside = [] } = choice;
  const { bytes5 = bytes } = choice;
  const shared = { rule: id.slice('mqtt/'.length), severity, atFault: by, frame, options, beside, talk };
  return [
    ...(v311 === '' ? [] : [{ ...shared, level: 4, bytes, clause: v311 } as const]),
    ...(v5 === '' ? [] : [{ ...shared, level: 5, bytes: bytes5, clause: v5 } as const]),
  ];
}

export function judgeCase({ level, options, talk }: BreakingCase, more: JudgeOptions = {}): Judged {
  const stage = scene(level);
  talk(stage);
  return judgeNet(stage.net, { ...options, ...more });
}
