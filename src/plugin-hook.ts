/**
 * How Node's module loader resolves imports of a third-party protocol: `wirelint/sdk` is the sdk of the running
 * program, wherever the folder lies, even where another version is installed beside it. So a bare folder works, and no
 * protocol is ever judged through the constants and classes of another version.
 *
 * Node 20 runs this in a thread of its own, newer ones beside the program; see plugins.ts.
 */

const SDK = 'wirelint/sdk';
let sdkUrl = '';

export function initialize(url: string): void {
  sdkUrl = url;
}

export function resolve<Context, Resolved>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Resolved,
): Resolved | { url: string; shortCircuit: true } {
  return specifier === SDK ? { url: sdkUrl, shortCircuit: true } : next(specifier, context);
}
