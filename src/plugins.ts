/**
 * Loads third-party protocols: folders, as `--plugin` names them, or protocol objects of a program. A folder is code
 * that the user chose to run, so it is imported without a sandbox. The folder must exist, load, and export what
 * satisfies the contract; anything it lacks is reported in a line of its own that names the folder, the file and what to fix.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join, relative, resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as hook from './plugin-hook.ts';
import { placedProblems } from './protocol/contract.ts';
import type { AnyProtocol } from './protocol/protocol.ts';
import { UsageError } from './settings/words.ts';
import type { SourcePlace } from './source-place.ts';

/** Where the protocol is when no package.json says so, the first one that is there. */
const USUAL_ENTRIES = ['index.js', 'index.mjs', 'index.ts'];
/** Faults of a protocol that are reported at once; of more, how many. */
const MOST_FAULTS = 20;
/** Conditions of package.json's `exports` that an import meets. */
const CONDITIONS = ['import', 'node', 'default', 'module-sync'];

/** Calls back when nothing else is left to happen in the process; returns what ends that. */
export type WhenNothingIsLeft = (listener: () => void) => () => void;

/**
 * The protocols that are built in and, behind them, those of others.
 * @param plugins a folder's path, or a protocol as it is
 * @param whenNothingIsLeft by which a module that waits for what never comes is noticed; without it, it is waited for
 * @throws UsageError for the first one that cannot be used, with all that is wrong with it
 */
export async function withPlugins(
  builtIn: readonly AnyProtocol[],
  plugins: readonly (string | AnyProtocol)[],
  whenNothingIsLeft: WhenNothingIsLeft = () => () => {},
): Promise<readonly AnyProtocol[]> {
  const protocols = [...builtIn];
  for (const plugin of plugins) {
    if (typeof plugin === 'string') protocols.push(await ofFolder(plugin, protocols, whenNothingIsLeft));
    else
      protocols.push(
        requireProtocol(plugin, protocols, reasons =>
          refuseProtocol(
            plugin,
            reasons.map(({ words }) => words),
          ),
        ),
      );
  }
  return protocols;
}

async function ofFolder(
  folder: string,
  known: readonly AnyProtocol[],
  whenNothingIsLeft: WhenNothingIsLeft,
): Promise<AnyProtocol> {
  const entry = entryOf(folder);
  hookLoader();
  const exported = await load(folder, entry, whenNothingIsLeft);
  const name = nameIn(folder, entry);
  if (!('default' in exported)) refuse(folder, `${name}: no default export; it must be the protocol`);
  return requireProtocol(exported.default, known, reasons =>
    refuse(folder, ...reasons.map(({ words, place }) => `${(place && madeIn(folder, place)) ?? name}: ${words}`)),
  );
}

/** Like the `registerHooks` of newer versions of Node, where the thread of `register` is on its way out. */
type RegisterHooks = (hooks: { resolve: typeof hook.resolve }) => void;

let hooked = false;

function hookLoader(): void {
  if (hooked) return;
  hooked = true;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const sdk = new URL(`./sdk.${extension}`, import.meta.url).href;
  const { registerHooks } = nodeModule as { registerHooks?: RegisterHooks };
  if (registerHooks) {
    hook.initialize(sdk);
    registerHooks({ resolve: hook.resolve });
  } else {
    nodeModule.register(`./plugin-hook.${extension}`, { parentURL: import.meta.url, data: sdk });
  }
}

/** Path of the module that exports the protocol. */
function entryOf(folder: string): string {
  const path = resolvePath(folder);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) refuse(folder, 'there is no such folder');
  if (stats.isFile()) return realpathSync(path);
  const named = existsSync(join(path, 'package.json')) ? entryOfPackage(folder, path) : undefined;
  if (named !== undefined) {
    if (!isFile(join(path, named))) refuse(folder, `package.json names ${named}, which is not there; is it built?`);
    return realpathSync(join(path, named));
  }
  const usual = USUAL_ENTRIES.find(name => isFile(join(path, name)));
  if (usual === undefined) refuse(folder, `no package.json that names a module, and no ${USUAL_ENTRIES.join(', no ')}`);
  return realpathSync(join(path, usual));
}

function entryOfPackage(folder: string, path: string): string | undefined {
  try {
    const { exports, main } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return targetOf(exports) ?? (typeof main === 'string' ? main : undefined);
  } catch (error) {
    return refuse(folder, `package.json: ${firstLine(error)}`);
  }
}

/** What `exports` says of the package itself: a path, or paths by subpath and condition. */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const found = Object.entries(exports).find(([key]) => key === '.' || CONDITIONS.includes(key));
  return found && targetOf(found[1]);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A module that waits for what never comes is not waited for: it is refused when nothing else is left to happen. */
async function load(folder: string, entry: string, whenNothingIsLeft: WhenNothingIsLeft): Promise<object> {
  let dispose = () => {};
  const stuck = new Promise<never>((_, reject) => {
    dispose = whenNothingIsLeft(() => reject(new Error('it never finishes loading')));
  });
  try {
    return await Promise.race([import(pathToFileURL(entry).href), stuck]);
  } catch (error) {
    return refuse(folder, explain(error, folder, entry));
  } finally {
    dispose();
  }
}

function explain(error: unknown, folder: string, entry: string): string {
  const reason = firstLine(error);
  const typeScript = /^Unknown file extension "\.[mc]?ts" for (.+)$/.exec(reason)?.[1];
  if (typeScript !== undefined) {
    const file = nameIn(folder, typeScript);
    return `${file}: this Node does not run TypeScript; compile it, or run on Node 22.18 or newer`;
  }
  return `${placeOf(error, folder) ?? nameIn(folder, entry)}: ${reason}`;
}

/** Says which of the folders an error of a running command came out of, and where: `--plugin ./kv: rules.js:12`. */
export function pluginAtFault(error: unknown, folders: readonly string[]): string | undefined {
  for (const folder of folders.filter(path => existsSync(path))) {
    const place = placeOf(error, folder);
    if (place !== undefined) return `--plugin ${folder}: ${place}`;
  }
  return undefined;
}

/**
 * Where in the folder an error came up: file and line, from the first step of its stack that lies there. What is
 * installed below it is not the folder's own; this program may be.
 */
function placeOf(error: unknown, folder: string): string | undefined {
  const found = error instanceof Error ? stepIn(folder, String(error.stack)) : undefined;
  return found && `${found.name}:${found.line}`;
}

/** The first step of a stack that lies in the folder. */
function stepIn(folder: string, stack: string) {
  for (const [, url, line] of stack.matchAll(/(file:\/\/\/[^\s)]+?):(\d+)/g)) {
    const file = fileURLToPath(url);
    const name = nameIn(folder, file);
    if (!/^\.\.|(^|\/)node_modules\//.test(name)) return { file, name, line: Number(line) };
  }
  return undefined;
}

/** Where something was made, if that is in the folder: `src/index.js:12`; its line in a table, where it stands in one. */
function madeIn(folder: string, { call, key }: SourcePlace): string | undefined {
  const found = stepIn(folder, call);
  if (!found) return undefined;
  const { file, name, line } = found;
  return `${name}:${key === undefined ? line : lineOfKey(file, line, key)}`;
}

/** The first line from the one where the table's call begins on that has the key; that one if none has. */
function lineOfKey(file: string, first: number, key: string): number {
  const stands = [`${key}:`, `'${key}':`, `"${key}":`];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(first - 1);
  const at = lines.findIndex(text => stands.some(start => text.trimStart().startsWith(start)));
  return first + Math.max(0, at);
}

/** A file as seen from the folder that the user named. */
function nameIn(folder: string, file: string): string {
  const path = realpathSync(resolvePath(folder));
  return relative(isFile(path) ? dirname(path) : path, file)
    .split(sep)
    .join('/');
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : `${String(error)} was thrown`;
  return message.split('\n', 1)[0]!;
}

/** Why a protocol is refused, and where what is wrong was made, as far as that is known. */
interface Reason {
  readonly words: string;
  readonly place: SourcePlace | undefined;
}

function requireProtocol(
  candidate: unknown,
  known: readonly AnyProtocol[],
  refuseIt: (reasons: readonly Reason[]) => never,
): AnyProtocol {
  const framings = known.flatMap(({ framing }) => framing?.id ?? []);
  const problems = placedProblems(candidate, framings);
  const more = { words: `and ${problems.length - MOST_FAULTS} more faults`, place: undefined };
  if (problems.length > MOST_FAULTS) refuseIt([...problems.slice(0, MOST_FAULTS), more]);
  if (problems.length > 0) refuseIt(problems);
  const protocol = candidate as AnyProtocol;
  if (known.some(({ id }) => id === protocol.id)) refuseIt([{ words: `id ${protocol.id} is taken`, place: undefined }]);
  return protocol;
}

/** @param reasons at least one */
function refuse(folder: string, ...reasons: readonly string[]): never {
  throw together(reasons, reason => `--plugin ${folder}: ${reason}`);
}

/** Of what may be no protocol at all, so that it is named by its id only where it has one. */
function refuseProtocol(plugin: unknown, reasons: readonly string[]): never {
  const { id } = Object(plugin) as { readonly id?: unknown };
  throw together(reasons, reason => `plugins: ${typeof id === 'string' ? `${id}: ` : ''}${reason}`);
}

/** One error for all reasons: that of the first, which has the others with it. */
function together(reasons: readonly string[], messageOf: (reason: string) => string): UsageError {
  const [first, ...others] = reasons;
  const more = others.map(reason => new UsageError(messageOf(reason), reason));
  return new UsageError(messageOf(first), first, more);
}
