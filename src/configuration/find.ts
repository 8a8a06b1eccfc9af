/**
 * Where a configuration is found: upwards from the working directory, the nearest one. Never beside a capture, which may come
 * from anybody; and what is found is looked at before it is believed. It must belong to who runs the program, to root, or to
 * whom the working directory belongs, so that nobody else's file in /tmp speaks for what lies below. Code is run only where
 * a project stands, beside a package.json. To name a file (`--config`) decides both.
 */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FILE_NAMES, formOf } from './forms.ts';
import { complaint, type SourceFile, settingComplaint } from './located.ts';
import type { Configuration } from './settings.ts';

const ROOT_USER = 0;
const ADVICE = 'name it with --config FILE where you trust it, or do without it: --no-config';

export interface Search {
  /** Absolute: the working directory. */
  readonly from: string;
  /** Of who runs the program; undefined where users have no numbers. */
  readonly userId: number | undefined;
  /** How people are shown a path. */
  readonly nameOf: (path: string) => string;
}

/** @throws UsageError for a file that must not be used, and for two in one folder */
export function findConfiguration(search: Search): SourceFile | undefined {
  for (let folder = search.from; ; folder = dirname(folder)) {
    const names = FILE_NAMES.filter(name => statusOf(join(folder, name), lstatSync) !== undefined);
    const [path] = names.map(name => join(folder, name));
    if (path !== undefined) {
      const file: SourceFile = { path, name: search.nameOf(path), folder };
      if (names.length > 1)
        throw complaint(file, undefined, `${names[1]} is there, too; keep one, or name it with --config`);
      requireTrusted(file, search);
      return file;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function requireTrusted(file: SourceFile, { from, userId }: Search): void {
  const target = statusOf(file.path, statSync);
  if (!target) throw complaint(file, undefined, 'a link that leads nowhere');
  const own = [userId, ROOT_USER, statusOf(from, statSync)?.uid];
  const owners = [target, statusOf(file.path, lstatSync)].map(status => status?.uid);
  if (userId !== undefined && !owners.every(owner => own.includes(owner)))
    throw complaint(file, undefined, `found here, and it belongs to another user; ${ADVICE}`);
  if (formOf(file.path) === 'code' && !standsInProject(file))
    throw complaint(file, undefined, `not run: it is code, and there is no package.json beside it; ${ADVICE}`);
}

/** The folders of plugins hold code, too. */
export function requireProject({ file, settings }: Configuration): void {
  const plugin = settings.find(({ key }) => key.kind === 'plugins');
  if (plugin && !standsInProject(file))
    throw settingComplaint(
      file,
      plugin,
      `not run: it is code, and there is no package.json beside ${basename(file.path)}; ${ADVICE}`,
    );
}

function standsInProject({ folder }: SourceFile): boolean {
  return statusOf(join(folder, 'package.json'), statSync)?.isFile() ?? false;
}

function statusOf(path: string, of: typeof statSync | typeof lstatSync): Stats | undefined {
  try {
    return of(path, { throwIfNoEntry: false });
  } catch {
    // Folders above may be closed to us; what they hold is not ours to use.
    return undefined;
  }
}
