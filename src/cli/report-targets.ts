/**
 * Where the reports of one command line go, and in which formats: `--format` with `-o` for one, `--report FORMAT=FILE` for
 * any number. One of them at most has standard output.
 */

import { FORMAT_NAMES, type FormatName, isFormat } from '../report/formats.ts';
import { UsageError, unknown } from '../settings/words.ts';

/** A report that was asked for. */
export interface Target {
  readonly format: FormatName;
  /** Undefined for standard output. */
  readonly path: string | undefined;
  /** The option that names it, for error messages. */
  readonly option: string;
}

export interface TargetArguments {
  readonly format: string | undefined;
  readonly output: string | undefined;
  readonly report: readonly string[] | undefined;
}

/** The report that `merge` reads, no format for anybody else: `--report blob=FILE`. */
const BLOB = 'blob';

/** The file of the blob that is asked for, if one is, and the other reports. @throws UsageError */
export function withoutBlob(report: TargetArguments['report']): {
  readonly blob: string | undefined;
  readonly report: TargetArguments['report'];
} {
  const isBlob = (text: string) => text === BLOB || text.startsWith(`${BLOB}=`);
  const [first, second] = (report ?? []).filter(isBlob);
  if (second !== undefined) throw new UsageError(`--report ${second}: one blob a run; ${first} is one`);
  const blob = first?.slice(BLOB.length + 1);
  if (blob === '' || blob === '-') throw new UsageError(`--report ${first}: name a file, as blob=1.blob`);
  return { blob, report: report?.filter(text => !isBlob(text)) };
}

/** Throws a `UsageError` for a format that there is not, and where standard output is asked for twice. */
export function targetsOf({ format, output, report }: TargetArguments): Target[] {
  const named = (report ?? []).map(parseTarget);
  const printed = named.filter(({ path }) => path === undefined);
  const main: Target = {
    format: formatOf(`--format ${format}`, format ?? 'text'),
    path: pathOf(output),
    option: output === undefined ? '--format' : `--output ${output}`,
  };
  // A report that is printed takes the place of the text that nobody has asked for.
  const isAsked = format !== undefined || output !== undefined || printed.length === 0;
  const [first, second] = isAsked && usesStandardOutput(main) ? [main, ...printed] : printed;
  if (first && second) {
    const words = first === main ? `--format ${main.format}` : first.option;
    throw new UsageError(`${words} and ${second.option}: standard output holds one of them; give the other a file`);
  }
  return isAsked ? [main, ...named] : named;
}

/** Lines of JSON are printed as things happen, wherever the report goes. */
function usesStandardOutput({ path, format }: Target): boolean {
  return path === undefined || format === 'ndjson';
}

function parseTarget(text: string): Target {
  const equals = text.indexOf('=');
  if (equals < 1 || equals === text.length - 1) {
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name !== '') formatOf(`--report ${text}`, name);
    throw new UsageError(`--report ${text}: write FORMAT=FILE, as junit=report.xml; - as FILE is standard output`);
  }
  const format = formatOf(`--report ${text}`, text.slice(0, equals));
  return { format, path: pathOf(text.slice(equals + 1)), option: `--report ${text}` };
}

function formatOf(option: string, name: string): FormatName {
  if (isFormat(name)) return name;
  throw new UsageError(`${option}: ${unknown('format', name, FORMAT_NAMES)}`);
}

function pathOf(path: string | undefined): string | undefined {
  return path === '-' ? undefined : path;
}
