/**
 * What to tell when files cannot be opened because too many are: no fault of ours, nor of a capture. Node's loader opens
 * hundreds at once and takes a package that it cannot look for to be missing, so that its word is not enough.
 */
import process from 'node:process';

/** With as many as this, whatever cannot be loaded is really not there: nearly twice what the program needs to be loaded. */
const ENOUGH = 256;

/** One clause; nothing where the error has another cause. */
export function openFilesProblem(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENFILE') return 'too many files are open on this machine';
  const limit = openFilesLimit();
  const isHidden = code === 'ERR_MODULE_NOT_FOUND' && limit !== undefined && limit < ENOUGH;
  if (code !== 'EMFILE' && !isHidden) return undefined;
  return `too many open files: ${limit ?? 'no more'} may be open at once; raise the limit (ulimit -n 1024)`;
}

/** The process's own limit; nothing where there is none. */
export function openFilesLimit(): number | undefined {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = Number(report.userLimits?.open_files?.soft);
  return Number.isInteger(limit) ? limit : undefined;
}
