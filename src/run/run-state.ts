/** What of a run of the engine lasts longer than one capture. */
import type { PortMap } from '../protocol/identify.ts';
import type { LanePlan } from './lane-plan.ts';
import type { EngineOptions } from './options.ts';

export interface RunState {
  readonly options: EngineOptions;
  readonly ports: PortMap;
  /** As the protocols. */
  readonly lanes: readonly LanePlan[];
  nextConnection(): number;
  once(key: string): boolean;
}
