/** A run of `wirelint replay`, from its command line to its exit code: the recording is read, then played, then reported. */
import { captureName } from '../capture/location.ts';
import { wallTime } from '../clock.ts';
import { Engine } from '../engine.ts';
import { formatAddress } from '../proxy/address.ts';
import type { ProxyEvent } from '../proxy/io/listener.ts';
import { recordingSettings } from '../proxy/io/rotation.ts';
import { tlsOptions } from '../proxy/io/tls-settings.ts';
import { blamingThePeer, isOwnFault, withDepartures } from '../replay/blame.ts';
import { LiveReplay, type Replayed } from '../replay/io/live-replay.ts';
import { Scribe } from '../replay/scribe.ts';
import type { Script } from '../replay/script.ts';
import {
  isEmpty,
  NOTHING,
  pairOf,
  type ReplaySettings,
  replaySettings,
  requireReplayable,
} from '../replay/settings.ts';
import { departureLine } from '../report/departure.ts';
import { counted } from '../report/numbers.ts';
import { UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import { checkCode, EMPTY, FINDINGS, OK, type ReadingOutcome, readingCode, USAGE } from './exit-code.ts';
import { complain } from './host.ts';
import { LivePrinter } from './live-printer.ts';
import { analysisOf, captureArguments } from './options.ts';
import { requireApart } from './output.ts';
import { tlsSettings } from './proxy-tls.ts';
import { readCaptures } from './reading.ts';
import { writeReady } from './ready-file.ts';
import type { ReplayArguments } from './replay-options.ts';
import { Reporting } from './reporting.ts';
import { troublesOf } from './troubles.ts';

/** @param words that stand behind the command's name, that among them @returns the exit code */
export async function runReplay(
  words: readonly (string | number)[],
  args: ReplayArguments,
  program: Program,
): Promise<number> {
  const { host } = program;
  const [path, ...others] = captureArguments(words);
  if (path === undefined || others.length > 0)
    throw new UsageError('replay: name one capture, or - for standard input');
  const settings = replaySettings({
    role: args.as,
    to: args.to,
    listen: args.listen,
    connections: args.connection,
    speed: args.speed,
    timeout: args.timeout,
    ignore: args.ignore,
  });
  if (args['ready-file'] !== undefined && settings.role === 'client')
    throw new UsageError('--ready-file: a client is ready when it runs; it is for --as server');
  const reporting = new Reporting(args, program);
  requireApart([...reporting.files, { option: '--record', path: args.record }]);
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: args['allow-empty'] };
  const { script, reading } = await scriptOf(path, settings, args, program);
  for (const line of reading.unreadable) complain(host, line);
  if (reading.unreadable.length > 0 || reading.interrupted) return readingCode(reading, allow);
  if (isEmpty(script) && settings.wanted === undefined) {
    complain(host, `${NOTHING}; a port can be named with -d udp.port==PORT,PROTOCOL or -d tcp.port==PORT,PROTOCOL`);
    return readingCode(reading, allow) || (args['allow-empty'] ? OK : EMPTY);
  }
  requireReplayable(script, settings);
  for (const remark of script.remarks) complain(host, remark);
  return perform(script, settings, { args, reporting, reading, path }, program);
}

async function scriptOf(
  path: string,
  { role, wanted }: ReplaySettings,
  args: ReplayArguments,
  { host, protocols }: Program,
): Promise<{ readonly script: Script; readonly reading: ReadingOutcome }> {
  const analysis = analysisOf(args, protocols);
  const engine = new Engine({ ...analysis, maxFindings: 1, allConnections: false });
  const scribe = new Scribe(engine, analysis.dialects, wanted);
  const reading = await readCaptures([path], engine, host, {
    reader: args.reader,
    progress: args.progress,
    ...(args.sort && { sortFrames: analysis.limits['sort-frames'] }),
  });
  return { script: scribe.script(role), reading };
}

interface Parts {
  readonly args: ReplayArguments;
  readonly reporting: Reporting;
  readonly reading: ReadingOutcome;
  readonly path: string;
}

async function perform(
  script: Script,
  settings: ReplaySettings,
  { args, reporting, reading, path }: Parts,
  program: Program,
): Promise<number> {
  const { host, protocols } = program;
  const printer = new LivePrinter(reporting, program);
  const tls = tlsOptions(tlsSettings(args), [pairOf(settings)], host.environment);
  const reports = await reporting.open([path]);
  const live: LiveReplay = new LiveReplay({
    script,
    ...settings,
    engine: {
      ...analysisOf({ ...args, capture: 'auto' }, protocols),
      ...reporting.listing,
      maxFindings: Number.MAX_SAFE_INTEGER,
    },
    tls,
    record: recordingSettings({ record: args.record, size: undefined, time: undefined, keep: undefined }),
    keepGoing: args['keep-going'],
    now: wallTime,
    watch: engine => reporting.watch(engine),
    onEvent: (event: ProxyEvent) => printer.event(event),
    onFinding: finding => {
      if (!isOwnFault(finding, live.ownEnds)) printer.finding(finding);
    },
    onConnection: event => printer.connection(event),
    onListening: async address => {
      complain(host, `listening on ${formatAddress(address)}`);
      if (args['ready-file'] !== undefined)
        await writeReady(args['ready-file'], { listen: formatAddress(address), role: settings.role });
    },
  });
  printer.startReading([captureName(path)]);
  printer.begin(live.facts);
  const dispose = host.onInterrupt(() => live.stop('interrupted'));
  try {
    const replayed = await live.play();
    await printer.end();
    return await conclude(replayed, { args, reporting, reading, path }, reports, program);
  } finally {
    dispose();
    await printer.end();
  }
}

async function conclude(
  replayed: Replayed,
  { args, reporting, reading }: Parts,
  reports: Awaited<ReturnType<Reporting['open']>>,
  { host, protocols }: Program,
): Promise<number> {
  const { departures, omitted, counts, own, recordingProblem } = replayed;
  const blamed = blamingThePeer(replayed.report, own, reporting.listing);
  const report = reporting.narrow(withDepartures(blamed, departures, omitted));
  const lines = departures.map(departureLine);
  const shortfalls = reporting.shortfalls(report);
  const troubles = troublesOf(
    report,
    reading,
    { allowIncomplete: args['allow-incomplete'], allowEmpty: true },
    protocols,
  );
  await reporting.write(reports, report, [...troubles, ...lines, ...shortfalls]);
  if (!reporting.isTextPrinted) for (const line of lines) complain(host, line);
  for (const line of shortfalls) complain(host, line);
  const said = `said ${counts.said} of ${counted(counts.toSay, 'message')}, heard ${counts.heard} of ${counts.expected}`;
  const total = departures.length + omitted;
  complain(host, `${said}; ${total === 0 ? 'as recorded' : `${counted(total, 'departure')} from the recording`}`);
  if (recordingProblem !== undefined) return USAGE;
  const allow = { allowIncomplete: args['allow-incomplete'], allowEmpty: true };
  return (
    readingCode(reading, allow) ||
    checkCode(report.summary, reporting.threshold, allow) ||
    (total > 0 || shortfalls.length > 0 ? FINDINGS : OK)
  );
}
