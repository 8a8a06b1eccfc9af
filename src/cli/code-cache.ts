/**
 * What V8 made of a part of the program when it was built, in a file beside the part, so that a start need not compile it: a
 * quarter of what a start takes. Node keeps such a cache itself from 22.1 on; Node 20 leaves it to the program.
 *
 * V8 takes only what the same version made with the same flags, of a text of the same length. Anything else it turns down, and
 * compiles the part as it always does. What it takes has forgotten how to `import()`, so parts that do have no such file.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { keepYoungGenerationSmall } from './young-generation.ts';

/** What Node puts around a CommonJS module. */
const BEFORE = '(function (exports, require, module, __filename, __dirname) { ';
const AFTER = '\n})';

const { createRequire, enableCompileCache } = nodeModule as typeof nodeModule & {
  readonly enableCompileCache?: () => void;
};

/** Has this thread load the program's parts with what is beside them. What has nothing beside it is loaded as it always is. */
export function useCodeCache(): void {
  // From Node 22.1 on: what it has compiled it keeps for the next start, and does without where it cannot.
  if (enableCompileCache) {
    enableCompileCache();
    return;
  }
  const { extensions } = createRequire(import.meta.url);
  const own = dirname(fileURLToPath(import.meta.url)) + sep;
  const usual = extensions['.js']!;
  extensions['.cjs'] = (module, path) => {
    const cache = `${path}.cache`;
    if (!path.startsWith(own) || !existsSync(cache)) return usual(module, path);
    const text = BEFORE + readFileSync(path, 'utf8') + AFTER;
    const cachedData = readFileSync(cache);
    keepYoungGenerationSmall();
    const script = new Script(text, { filename: path, cachedData });
    script.runInThisContext().call(module.exports, module.exports, createRequire(path), module, path, dirname(path));
  };
}
