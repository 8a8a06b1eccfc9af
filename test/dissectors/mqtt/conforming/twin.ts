/** What a conversation that breaks nothing is, and how it is written down. */
import { type Judged, type JudgeOptions, judgeNet, type Scene, scene } from '../../../kit/mqtt-judge.ts';
import { MqttNet, type NetChoice } from '../../../kit/mqtt-net.ts';

export type Level = 3 | 4 | 5;
export const BOTH: readonly Level[] = [4, 5];
export const V311: readonly Level[] = [4];
export const V5: readonly Level[] = [5];
export const V31: readonly Level[] = [3];

export interface TwinChoice {
  readonly options?: JudgeOptions;
  readonly net?: NetChoice;
  /** Of all connections; `conformant` by default. */
  readonly verdict?: 'conformant' | 'inconclusive' | 'violations';
  /** What is found all the same: remarks, and faults that stand for themselves. */
  readonly found?: readonly string[];
}

/** A conversation in which a rule is kept. */
export interface Twin {
  /** Id without `mqtt/`. */
  readonly rule: string;
  readonly what: string;
  readonly level: Level;
  /** The rule was asked, and answered. */
  readonly isAsked: boolean;
  readonly choice: TwinChoice;
  readonly talk: (scene: Scene) => void;
}

type Talk = (scene: Scene) => void;

/** The nearest that is right: the rule is asked and finds nothing. */
export function keeps(
  rule: string,
  levels: readonly Level[],
  what: string,
  talk: Talk,
  choice: TwinChoice = {},
): Twin[] {
  return levels.map(level => ({ rule, what, level, isAsked: true, choice, talk }));
}

/** What the rule does not speak of. */
export function spares(
  rule: string,
  levels: readonly Level[],
  what: string,
  talk: Talk,
  choice: TwinChoice = {},
): Twin[] {
  return levels.map(level => ({ rule, what, level, isAsked: false, choice, talk }));
}

export function judgeTwin({ level, choice, talk }: Twin): Judged {
  const stage = scene(level, new MqttNet(choice.net));
  talk(stage);
  return judgeNet(stage.net, choice.options);
}
