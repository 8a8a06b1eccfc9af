/** What the program makes of a capture: it is written as a file, opened, read and judged as the command line does it. */
import { protocols as builtIn } from '../../dissectors/index.ts';
import kv from '../../examples/kv/src/index.ts';
import modbus from '../../examples/modbus/src/index.ts';
import resp from '../../examples/resp/src/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import type { Severity, SeveritySetting } from '../../src/lint/rule.ts';
import type { Verdict } from '../../src/lint/verdict.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { parseDecodeAs } from '../../src/settings/words.ts';
import { type Captured, captureFile } from './captured.ts';

const known = [...builtIn, kv, resp, modbus];

export interface Settings {
  /** Ids of the protocols that may be recognised: to make ready for all takes longer than these conversations. */
  readonly protocols: readonly string[];
  /** `-d`. */
  readonly mapped: readonly string[];
  /** `mnet.tags` -> `sender`. */
  readonly dialect?: Readonly<Record<string, string>>;
  /** By the rule's whole id. */
  readonly severities?: Readonly<Record<string, SeveritySetting>>;
  readonly midstream?: 'auto' | 'never';
  readonly capture?: 'complete' | 'auto' | 'lossy';
}

export interface Fault {
  readonly rule: string;
  readonly frame: number;
  readonly severity: Severity;
  readonly message: string;
}

export interface Judgement {
  /** Errors and warnings. */
  readonly faults: readonly Fault[];
  readonly verdict: Verdict;
}

export async function judgeCaptured(packets: readonly Captured[], settings: Settings): Promise<Judgement> {
  const { mapped, dialect = {}, severities = {}, midstream = 'auto', capture = 'auto' } = settings;
  const protocols = known.filter(({ id }) => settings.protocols.includes(id));
  const engine = new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    protocols,
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { ...DEFAULT_ENGINE_OPTIONS.limits, 'stream-memory': 2 ** 18 },
    decodeAs: mapped.map(text => parseDecodeAs(text, protocols)),
    dialects: new Map(Object.entries(dialect)),
    severities: new Map(Object.entries(severities)),
    midstream,
    capture,
  });
  const source = await openBytes(captureFile(packets));
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  const { findings, summary } = engine.report();
  const faults = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, frame, severity, message }) => ({ rule: ruleId, frame, severity, message }));
  return { faults, verdict: summary.verdict };
}
