/** The settings as TypeScript knows them, for configurations that are programs. keys.ts says the same to those that are run. */
import type { Enforcing } from '../faults/enforcement.ts';
import type { SeveritySetting } from '../lint/rule.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';

/** What can be different for some captures. */
export interface CaptureSettings {
  /** Ports that a protocol is spoken on, as `-d` takes them: `['udp.port==27001,mnet']`. */
  readonly decodeAs?: readonly string[] | undefined;
  /** What a specification leaves open: `{ 'mnet.tags': 'sender' }`. */
  readonly dialects?: Readonly<Record<string, string | number>> | undefined;
  /** Severities, by rule or pattern: `{ 'mnet/*': 'off' }`. Where two describe a rule, the later one holds. */
  readonly rules?: Readonly<Record<string, SeveritySetting>> | undefined;
  readonly capture?: 'auto' | 'complete' | 'lossy' | undefined;
  readonly midstream?: 'auto' | 'never' | undefined;
}

/** Other settings for the captures that a pattern describes. */
export interface Override extends CaptureSettings {
  /** Patterns of paths, from the folder of the configuration: `'traces/old-*.pcap'`, `'traces/**'`. */
  readonly captures: string | readonly string[];
}

export interface WirelintConfig extends CaptureSettings {
  /** Folders of your own protocols, from the folder of the configuration, or the protocols themselves. */
  readonly plugins?: readonly (string | AnyProtocol)[] | undefined;
  readonly limits?: Readonly<Partial<Record<keyof Limits, number>>> | undefined;
  readonly sort?: boolean | undefined;
  readonly reader?: 'wirelint' | 'pcap-parser' | undefined;
  readonly allowIncomplete?: boolean | undefined;
  readonly allowEmpty?: boolean | undefined;
  readonly requireEach?: boolean | undefined;
  /** Format of the report of `check` and `proxy`. */
  readonly format?: string | undefined;
  /** File that the report goes to, from the folder of the configuration. */
  readonly output?: string | undefined;
  readonly reports?: readonly (string | { readonly format: string; readonly file: string })[] | undefined;
  readonly junitGranularity?: string | undefined;
  readonly sarifResults?: string | undefined;
  readonly quiet?: boolean | undefined;
  /** Only findings that match, as `-Y` of `check` has it. */
  readonly filter?: string | undefined;
  readonly failOn?: 'error' | 'warning' | 'info' | 'never' | undefined;
  readonly maxWarnings?: number | undefined;
  readonly coverage?: boolean | undefined;
  readonly statements?: boolean | undefined;
  /** Percent that must have been exercised: `{ mnet: 80, 'mnet.transitions': 50 }`. */
  readonly minCoverage?: Readonly<Record<string, number>> | undefined;
  /** File of accepted findings, from the folder of the configuration. */
  readonly baseline?: string | undefined;
  readonly maxFindings?: number | undefined;
  readonly allConnections?: boolean | undefined;
  readonly inspect?:
    | {
        /** `auto`, `dark`, `light`, or a file, from the folder of the configuration. */
        readonly theme?: string | undefined;
        /** By action: `{ 'next-finding': ['n', 'C-n'] }`. */
        readonly keys?: Readonly<Record<string, string | readonly string[]>> | undefined;
        readonly bell?: boolean | undefined;
      }
    | undefined;
  readonly proxy?:
    | {
        /** `'60s'`, as `--idle` takes it. */
        readonly idle?: string | undefined;
        readonly untilIdle?: string | undefined;
        readonly duration?: string | undefined;
        readonly maxConnections?: number | undefined;
        /** As `--fault` takes them. */
        readonly faults?: readonly string[] | undefined;
        /** File of faults that come and go, from the folder of the configuration. */
        readonly scenario?: string | undefined;
        readonly seed?: number | undefined;
        readonly enforce?: Enforcing | undefined;
      }
    | undefined;
  readonly overrides?: readonly Override[] | undefined;
}

/**
 * Gives a configuration back as it is; an editor then completes its keys, and a compiler refuses unknown ones.
 *
 *     import { defineConfig } from 'wirelint';
 *
 *     export default defineConfig({ rules: { 'mnet/*': 'warning', 'mnet/reordered': 'off' } });
 */
export function defineConfig(config: WirelintConfig): WirelintConfig {
  return config;
}
