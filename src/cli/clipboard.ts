/** Programs that put a text on a clipboard (src/tui/screen/clipboard.ts says which), run for no longer than a moment. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import type { ClipboardHost } from '../tui/errands.ts';
import type { Host } from './host.ts';

/** Milliseconds that one may take. Those that serve the clipboard for as long as it is theirs do that in another process. */
const PATIENCE = 1500;

export function clipboardHost({ environment }: Pick<Host, 'environment'>): ClipboardHost {
  return {
    platform: process.platform,
    run: ({ command, args }, text) =>
      new Promise(resolve => {
        // What they say is nobody's business: the screen is drawn on that terminal.
        const child = spawn(command, args, {
          env: environment,
          stdio: ['pipe', 'ignore', 'ignore'],
          timeout: PATIENCE,
          killSignal: 'SIGKILL',
        });
        child.on('error', () => resolve(false));
        child.on('exit', code => resolve(code === 0));
        // One that does not read all of it ends with another code.
        child.stdin.on('error', () => {});
        child.stdin.end(text);
      }),
  };
}
