/**
 * Configurations that are programs: they are run, and what they export by default is taken over as plain values, so that
 * nothing of theirs runs later. TypeScript is translated first, and JavaScript goes the same way, so that one behaves as
 * the other: `wirelint` gives them `defineConfig`, `wirelint/sdk` the sdk of the running program, whatever is installed.
 */
import type { UsageError } from '../settings/words.ts';
import { defineConfig } from './define.ts';
import { complaint, DEEPEST, type Located, MOST_VALUES, type SourceFile } from './located.ts';

/** Calls back when it has become pointless to wait; returns what ends that. */
export type WhenPointless = (listener: () => void) => () => void;

/**
 * Runs the text of a file.
 * @throws UsageError for whatever it throws, or when it never ends
 */
export async function locatedCode(text: string, file: SourceFile, whenPointless: WhenPointless): Promise<Located> {
  const exported = await run(text, file, whenPointless);
  try {
    return plain(exported, file);
  } catch (error) {
    throw explained(error, file);
  }
}

/** Whatever is looked at may be a trap. */
function plain(exported: unknown, file: SourceFile): Located {
  const isModule = Object(exported).__esModule === true || 'default' in Object(exported);
  const settings = isModule ? (exported as { readonly default?: unknown }).default : exported;
  if (settings === undefined) throw complaint(file, undefined, 'no default export; it must be the settings');
  if (typeof settings === 'function')
    throw complaint(file, undefined, 'the default export is a function; export what it returns');
  if (isThenable(settings)) {
    // What it may yet throw is nobody's any more.
    Promise.resolve(settings).catch(() => {});
    throw complaint(file, undefined, 'the default export is a promise; export default await ... what it gives');
  }
  return new Plain(file).of(settings, 0);
}

async function run(text: string, file: SourceFile, whenPointless: WhenPointless): Promise<unknown> {
  let dispose = () => {};
  const stuck = new Promise<never>((_, reject) => {
    dispose = whenPointless(() => reject(complaint(file, undefined, 'it never finishes loading')));
  });
  try {
    return await Promise.race([evaluated(text, file), stuck]);
  } catch (error) {
    throw explained(error, file);
  } finally {
    dispose();
  }
}

async function evaluated(text: string, { path }: SourceFile): Promise<unknown> {
  const [{ createJiti }, sdk] = await Promise.all([import('jiti'), import('../sdk.ts')]);
  const jiti = createJiti(path, {
    // A cache would lie in a folder that others can write to, and be run.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { wirelint: { defineConfig }, 'wirelint/sdk': sdk },
  });
  return jiti.evalModule(text, { filename: path, async: true, forceTranspile: true });
}

/** What code threw, in one line, with the line of the file that its stack names first. */
function explained(error: unknown, file: SourceFile): UsageError {
  if (isOurs(error)) return error;
  const { message, stack } = readable(error);
  const reason = message.split('\n', 1)[0]!.trim();
  const line = lineIn(`${message}\n${stack}`, file.path);
  return complaint(file, undefined, line === undefined ? reason : `line ${line}: ${reason}`);
}

function isOurs(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError' && 'advice' in error;
}

/** Of what may be anything at all, and may throw when it is looked at. */
function readable(error: unknown): { readonly message: string; readonly stack: string } {
  try {
    if (error instanceof Error) return { message: String(error.message) || error.name, stack: String(error.stack) };
    return { message: `${String(error)} was thrown`, stack: '' };
  } catch {
    return { message: 'it throws what cannot be read', stack: '' };
  }
}

function lineIn(text: string, path: string): string | undefined {
  const start = text.indexOf(`${path}:`);
  return start < 0 ? undefined : /^\d+/.exec(text.slice(start + path.length + 1))?.[0];
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Reads each property once, in bounds: an object of somebody else's may be endless, or contain itself. */
class Plain {
  readonly #file: SourceFile;
  #values = 0;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  of(value: unknown, depth: number): Located {
    if (++this.#values > MOST_VALUES) throw complaint(this.#file, undefined, `more than ${MOST_VALUES} values`);
    if (depth > DEEPEST)
      throw complaint(this.#file, undefined, `more than ${DEEPEST} lists and objects within each other`);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value))
      return { kind: 'value', value: value as string | number | boolean | null, at: undefined };
    if (Array.isArray(value))
      return { kind: 'list', items: Array.from(value, item => this.of(item, depth + 1)), at: undefined };
    if (typeof value !== 'object') return { kind: 'other', value, words: wordsFor(value), at: undefined };
    // A protocol has methods: it is kept as it is, for who takes protocols to look at.
    if (isProtocol(value)) return { kind: 'other', value, words: 'a protocol', at: undefined };
    // Of a Map or a Date the entries would be nothing, and nothing would be said.
    if (![Object.prototype, null].includes(Object.getPrototypeOf(value)))
      return { kind: 'other', value, words: 'an object of a class', at: undefined };
    const members = Object.entries(value)
      // A setting that is undefined is one that was not made.
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => ({ key, at: undefined, value: this.of(member, depth + 1) }));
    return { kind: 'object', members, at: undefined };
  }
}

function isProtocol(value: object): boolean {
  return 'createTracker' in value && 'id' in value;
}

function wordsFor(value: unknown): string {
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}
