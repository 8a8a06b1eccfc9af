/** What a run of the engine is to do. */
import type { SeveritySetting } from '../lint/rule.ts';
import type { DecodeAs } from '../protocol/identify.ts';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { CaptureMode } from './completeness.ts';
import type { FlowShare } from './share.ts';

/** How the traffic of a capture is understood. */
export interface CaptureOptions {
  readonly decodeAs: readonly DecodeAs[];
  /** `mnet.tags` -> `sender`; checked before. */
  readonly dialects: ReadonlyMap<string, string>;
  /** Rule id -> severity or `off`, where it differs from the rule's own. */
  readonly severities: ReadonlyMap<string, SeveritySetting>;
  readonly midstream: 'auto' | 'never';
  /** Whether the captures hold all that was sent, may lack something as signs tell, or do. */
  readonly capture: CaptureMode;
}

export interface EngineOptions extends CaptureOptions {
  readonly protocols: readonly AnyProtocol[];
  /** How it is in a capture of this path, where that is different; the same object for the same options. */
  readonly optionsFor?: (path: string) => CaptureOptions | undefined;
  /** Findings listed for one rule in one connection. */
  readonly maxFindings: number;
  /** List every connection, not only those with a finding or an inconclusive verdict. */
  readonly allConnections: boolean;
  /**
   * Of each flow only what this side breaks counts: the client, who has sent its first packet, or the server. What the
   * other side breaks is neither counted nor in a verdict, and stands in the report's `view` alone. Absent, both count.
   */
  readonly blames?: 'client' | 'server';
  /** Say of each numbered statement of a specification what became of it. */
  readonly statements?: boolean;
  /**
   * Only these of a capture's flows; what stands in the others is judged elsewhere, and put together by `joined`. The limits are
   * then `limitsOf` it.
   */
  readonly share?: FlowShare;
  /** Where shares have shown that bytes were not captured, in any flow: from when on that is known. */
  readonly unseenSince?: number;
  /** Say of each message of a stream where it stood (`SeenMessage.extent`), for who passes its bytes on. */
  readonly locates?: boolean;
  /**
   * Keep findings in rows until they are printed, for who may have very many and prints them: see `FindingRows` for what cannot
   * be done with them.
   */
  readonly keepsRows?: boolean;
  readonly limits: Limits;
  /** Seed for all tables whose keys peers choose; the same seed gives the same run. */
  readonly seed: number;
}

export const DEFAULT_ENGINE_OPTIONS: Omit<EngineOptions, 'protocols'> = {
  decodeAs: [],
  dialects: new Map(),
  severities: new Map(),
  midstream: 'auto',
  capture: 'auto',
  maxFindings: 100,
  allConnections: false,
  limits: DEFAULT_LIMITS,
  seed: 0,
};
