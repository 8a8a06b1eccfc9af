/**
 * What a run over a capture has seen, for tests of what looks at it afterwards: the history, the report, and the
 * capture's bytes to read messages again.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { protocols } from '../../dissectors/index.ts';
import { FrameFinder } from '../../src/capture/frame-finder.ts';
import { openBytes } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { History } from '../../src/history/history.ts';
import type { CaptureBytes, CaptureFrames } from '../../src/history/recall.ts';
import type { AnyProtocol, SeenMessage } from '../../src/protocol/protocol.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';

export interface PastRun {
  readonly history: History;
  readonly report: RunReport;
  readonly bytes: CaptureBytes;
  readonly frames: CaptureFrames;
  readonly engine: Engine;
}

/** Reads captures, given by their path under fixtures/ or as their bytes (uncompressed), as one run. */
export async function historyOf(
  captures: string | Uint8Array | readonly (string | Uint8Array)[],
  settings: Partial<EngineOptions & { protocols: readonly AnyProtocol[] }> = {},
  onMessage?: (seen: SeenMessage) => void,
  unknownFlows = 4096,
): Promise<PastRun> {
  // What a capture may have missed is another test's affair.
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, capture: 'complete', protocols, ...settings });
  const history = new History(engine.protocols, unknownFlows);
  engine.history = history;
  engine.onMessage = onMessage;
  const files: Uint8Array[] = [];
  const finders: FrameFinder[] = [];
  for (const capture of [captures].flat() as (string | Uint8Array)[]) {
    const bytes = typeof capture === 'string' ? fixtureBytes(capture) : capture;
    const finder = new FrameFinder();
    const path = typeof capture === 'string' ? `fixtures/${capture}` : 'memory';
    const source = await openBytes(bytes, path, undefined, { finder });
    files.push(bytes);
    finders.push(finder);
    engine.beginCapture(source.facts);
    await source.read(
      frame => engine.frame(frame),
      async () => {
        await engine.settle();
        return undefined;
      },
    );
    engine.closeCapture();
    await engine.settle();
    engine.endCapture();
  }
  const read: CaptureBytes['read'] = (capture, position, length) =>
    files[capture].subarray(position, position + length);
  const reading = (capture: number) => (position: number, length: number) => read(capture, position, length);
  const frames: CaptureFrames = {
    frame: (capture, number) => finders[capture].numbered(number, reading(capture)),
    frameAt: (capture, position) => finders[capture].at(position, reading(capture)),
  };
  return { history, report: engine.report(), bytes: { read }, frames, engine };
}

export function fixtureBytes(path: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url)));
}
