/** `check --jobs` and `--queue`: captures are judged elsewhere, and taken into the run at hand as if they had been judged in it. */
import type { Captured, Unread } from '../blob/captured.ts';
import { readCaptureLine } from '../blob/captured.ts';
import { ShapeError } from '../blob/shape.ts';
import type { Engine } from '../engine.ts';
import type { BlobOutput } from './blob-output.ts';
import type { Program } from './command.ts';
import type { ReadingOutcome } from './exit-code.ts';
import { complain } from './host.ts';
import type { JudgingSetup, JudgingTask } from './judging.ts';
import type { LivePrinter } from './live-printer.ts';
import { type AnalysisArguments, CAPTURE_LAYERS, type LayeredArguments } from './options.ts';
import { type Carrier, readInParallel, type Taken } from './parallel.ts';
import type { Reporting } from './reporting.ts';
import { TakingIn } from './taking-in.ts';

type Arguments = AnalysisArguments &
  LayeredArguments & {
    readonly reader: 'wirelint' | 'pcap-parser';
    readonly sort: boolean;
  };

/** Whom it concerns. */
interface Parts {
  readonly engine: Engine;
  readonly reporting: Reporting;
  readonly printer: LivePrinter;
  readonly blob: BlobOutput | undefined;
  readonly program: Program;
}

/** What captures are judged by, elsewhere as here. */
export function setupOf(args: Arguments, reporting: Reporting, printer: LivePrinter): JudgingSetup {
  const { dialect, rule, limit, midstream, capture, reader, sort } = args;
  return {
    settings: { decodeAs: args['decode-as'], dialect, rule, limit, midstream, capture },
    common: args[CAPTURE_LAYERS]?.common ?? {},
    listing: reporting.listing,
    reader,
    sort,
    showsConversations: reporting.showsConversations,
    hasConnections: printer.isJson,
  };
}

/** @param captures with their places in the run; @param carrier which is closed in the end */
export async function judgeAtOnce(
  captures: readonly { readonly index: number; readonly path: string }[],
  carrier: Carrier,
  args: Arguments,
  { engine, reporting, printer, blob, program }: Parts,
): Promise<ReadingOutcome> {
  const takingIn = new TakingIn(engine, reporting, printer, captures.length);
  const reading = {
    captures,
    ownOf: (path: string) => args[CAPTURE_LAYERS]?.of(path),
    take: async (judged: Taken, capture: Pick<JudgingTask, 'index' | 'path'>) => {
      const given = readTaken(judged, capture, engine);
      takingIn.take(given);
      if ('unreadable' in given) blob?.unread(given.index, given.unreadable);
      else if (judged.kind === 'captured') blob?.line(judged.line);
      await blob?.written();
    },
  };
  const { isStopped, hasBegunAll } = await readInParallel(program.host, reading, carrier);
  const outcome = takingIn.outcome(false);
  const interrupted = !hasBegunAll || (isStopped && outcome.incomplete);
  if (interrupted) complain(program.host, 'interrupted: not everything was read');
  return { ...outcome, interrupted };
}

/** What somebody else has written may be damaged. */
function readTaken(
  judged: Taken,
  { index, path }: Pick<JudgingTask, 'index' | 'path'>,
  engine: Engine,
): Captured | Unread {
  if (judged.kind === 'unreadable') return { index, unreadable: judged.reason };
  try {
    const given = readCaptureLine(JSON.parse(judged.line), engine.protocols);
    if (given.index === index) return given;
    return { index, unreadable: `${path}: what came of it is of another capture` };
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
    return { index, unreadable: `${path}: what came of it is damaged: ${error.message}` };
  }
}
