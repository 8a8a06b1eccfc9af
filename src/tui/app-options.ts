/** What the app is given: what to look at, how to judge and to draw it, and the ways out of it. */
import type { StoredCapture } from '../capture/stored.ts';
import type { EngineOptions } from '../run/options.ts';
import type { ErrandHosts } from './errands.ts';
import type { InterceptOptions } from './intercepting.ts';
import type { KeyMap } from './key-map.ts';
import type { ScreenSettings } from './model/effects.ts';
import type { Memory } from './model/memory.ts';
import type { ColorDepth, Ground, OwnTheme } from './screen/theme.ts';
import type { WatchedProxy } from './watched-proxy.ts';

export interface AppOptions {
  readonly captures: readonly StoredCapture[];
  /** Why the others that were named are not among them, a line each. Where none was named, one is chosen from a list. */
  readonly unopened: readonly string[];
  readonly settings: ScreenSettings;
  /** What a run is to do under these settings. */
  readonly engineOptions: (settings: ScreenSettings) => EngineOptions;
  /** A filter without a problem. */
  readonly filter: string | undefined;
  readonly depth: ColorDepth;
  readonly ground: Ground;
  /** The terminal shows red, green and blue as they are. */
  readonly isTrueColor?: boolean;
  /** The user's own, to begin with. */
  readonly ownTheme?: OwnTheme;
  /** Those of the table if absent. */
  readonly keys?: KeyMap;
  /** Ring for findings as they come. */
  readonly bell?: boolean;
  /** Files, clipboards and other captures. */
  readonly hosts: ErrandHosts;
  /** What earlier sessions left, and where what is to be remembered goes; absent: nowhere. */
  readonly memory?: Memory | undefined;
  /** What passes through it is the capture that is looked at. The run goes on when the user has quit. */
  readonly proxy?: WatchedProxy | undefined;
  /** What that holds, where it can. */
  readonly interception?: InterceptOptions | undefined;
}
