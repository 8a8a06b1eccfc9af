/** Tab in real shells: the script is loaded, a line is typed, and what stands there afterwards is read. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMPLETION_SCRIPTS, SHELLS, shellOf } from '../../src/cli/completion-scripts.ts';
import { folderWith } from '../kit/folder.ts';
import { inShell, PROMPT, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { runInside } from './host.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

const LINES = [
  ['wirelint check tra', 'wirelint check trace.pcap'],
  ['wirelint check --rule mnet/tag-mismatch=o', 'wirelint check --rule mnet/tag-mismatch=off'],
  ['wirelint check -d udp.port==1,mn', 'wirelint check -d udp.port==1,mnet'],
  ['wirelint check --report=junit=tra', 'wirelint check --report=junit=trace.pcap'],
  ["wirelint dissect -Y 'type == COOKIE-E", "wirelint dissect -Y 'type == COOKIE-ECHO'"],
  ['npx wirelint inspect --the', 'npx wirelint inspect --theme'],
] as const;

/** How a user of the shell loads the script; zsh's completion has to be on. */
const LOADING = {
  bash: 'PATH=$BIN:$PATH; source <(wirelint completion bash)',
  zsh: 'PATH=$BIN:$PATH; autoload -Uz compinit; compinit -u -D; source <(wirelint completion zsh)',
  fish: 'set -x PATH $BIN $PATH; wirelint completion fish | source',
} as const;

describe.each(SHELLS)('in %s', shell => {
  test.runIf(requireTool('tmux') && requireTool(shell))(
    'Tab completes commands, files, and values behind = and :',
    async () => {
      const folder = folderWith({ 'trace.pcap': '' });
      const bin = join(folder, 'node_modules', '.bin');
      mkdirSync(bin, { recursive: true });
      symlinkSync(MAIN, join(bin, 'wirelint'));
      const body = async (tmux: Tmux) => {
        await tmux.until(PROMPT);
        await tmux.type(`cd ${folder}; ${LOADING[shell]}; clear; echo loaded\r`);
        await tmux.until(text => text.startsWith('loaded'));
        for (const [typed, completed] of LINES) {
          await tmux.type(`${typed}\t`);
          await tmux.until(text => text.includes(`${PROMPT} ${completed}`));
          await tmux.press('C-u');
          await tmux.until(text => text.trim().endsWith(PROMPT));
        }
      };
      await inShell({ width: 100, environment: { BIN: bin } }, body, shell);
    },
  );

  test('the script is printed', async () => {
    expect((await runInside('completion', shell)).stdout).toBe(COMPLETION_SCRIPTS[shell]);
  });
});

test('without a name it is that of the user, and bash for any other', async () => {
  expect(['/usr/bin/zsh', '/bin/fish', '/bin/dash', undefined].map(shellOf)).toEqual(['zsh', 'fish', 'bash', 'bash']);
  expect((await runInside('completion', 'zhs')).stderr).toContain('known: bash, zsh, fish');
});
