/** What of a run of the engine lasts longer than one capture. */
import type { FindingRows } from '../lint/finding-rows.ts';
import type { PortMap } from '../protocol/identify.ts';
import type { LanePlan } from './lane-plan.ts';
import type { EngineOptions } from './options.ts';

export interface RunState {
  readonly options: EngineOptions;
  readonly ports: PortMap;
  /** As the protocols. */
  readonly lanes: readonly LanePlan[];
  /** Of all captures; undefined where findings are kept as they come. */
  readonly rows: FindingRows | undefined;
  nextConnection(): number;
  once(key: string): boolean;
}
