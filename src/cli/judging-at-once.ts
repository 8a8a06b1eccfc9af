/** `check --jobs`: captures are judged in threads, and taken into the run at hand as if they had been judged in it. */
import type { Captured, Unread } from '../blob/captured.ts';
import { readCaptureLine } from '../blob/captured.ts';
import type { Engine } from '../engine.ts';
import type { BlobOutput } from './blob-output.ts';
import type { Program } from './command.ts';
import type { ReadingOutcome } from './exit-code.ts';
import { complain } from './host.ts';
import type { LivePrinter } from './live-printer.ts';
import { type AnalysisArguments, CAPTURE_LAYERS, type LayeredArguments } from './options.ts';
import { readInParallel } from './parallel.ts';
import type { Reporting } from './reporting.ts';
import { TakingIn } from './taking-in.ts';

type Arguments = AnalysisArguments &
  LayeredArguments & {
    readonly reader: 'wirelint' | 'pcap-parser';
    readonly sort: boolean;
    readonly progress: boolean;
  };

/** Whom it concerns. */
interface Parts {
  readonly engine: Engine;
  readonly reporting: Reporting;
  readonly printer: LivePrinter;
  readonly blob: BlobOutput | undefined;
  readonly program: Program;
}

/** @param captures with their places in the run */
export async function judgeAtOnce(
  captures: readonly { readonly index: number; readonly path: string }[],
  jobs: number,
  args: Arguments,
  { engine, reporting, printer, blob, program }: Parts,
): Promise<ReadingOutcome> {
  const { dialect, rule, limit, midstream, capture } = args;
  const layers = args[CAPTURE_LAYERS];
  const takingIn = new TakingIn(engine, reporting, printer, captures.length);
  const { isStopped, hasBegunAll } = await readInParallel(program.host, {
    captures,
    jobs,
    shares: captures.length === 1 ? jobs : 1,
    protocols: engine.protocols,
    limits: engine.limits,
    setup: {
      plugins: program.plugins ?? [],
      settings: { decodeAs: args['decode-as'], dialect, rule, limit, midstream, capture },
      common: layers?.common ?? {},
      listing: reporting.listing,
      reader: args.reader,
      sort: args.sort,
      showsConversations: reporting.showsConversations,
      hasConnections: printer.isJson,
    },
    progress: args.progress,
    ownOf: path => layers?.of(path),
    take: async (judged, index) => {
      takingIn.take(given(judged, index, engine));
      if (judged.kind === 'captured') blob?.line(judged.line);
      else blob?.unread(index, judged.reason);
      await blob?.written();
    },
  });
  const outcome = takingIn.outcome(false);
  const interrupted = isStopped && (outcome.incomplete || !hasBegunAll);
  if (interrupted) complain(program.host, 'interrupted: not everything was read');
  return { ...outcome, interrupted };
}

function given(
  judged:
    | { readonly kind: 'captured'; readonly line: string }
    | { readonly kind: 'unreadable'; readonly reason: string },
  index: number,
  { protocols }: Engine,
): Captured | Unread {
  if (judged.kind === 'unreadable') return { index, unreadable: judged.reason };
  return readCaptureLine(JSON.parse(judged.line), protocols);
}
