/** `inspect` without a capture, in a terminal: a file is chosen, and the next session offers it first. */
import { copyFileSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../kit/folder.ts';
import { inTmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { chosen, complaintOf, isRead, noCursor, onlyPanes, says, view } from './checks.ts';

describe.runIf(requireTool('tmux'))('inspect without a capture', () => {
  test('a folder, what is no capture, a capture; and the next time it is the first that is offered', async () => {
    const folder = folderWith({ 'traces/notes.txt': 'this is no capture at all' });
    mkdirSync(join(folder, 'state'));
    const capture = join(folder, 'traces', 'faults.pcap');
    copyFileSync(new URL('../../fixtures/mnet/faults.pcap', import.meta.url), capture);
    utimesSync(capture, 1000, 1000);
    const environment = { WIRELINT_STATE: '', XDG_STATE_HOME: join(folder, 'state') };
    const picker = onlyPanes('Open a capture');
    await inTmux(['inspect'], { environment }, async tmux => {
      await tmux.untilSeen(screen => complaintOf(screen, [picker, chosen('Open a capture', /^folder +\.\.\//)]));
      await tmux.type(`${folder}/traces\r`);
      await tmux.untilSeen(screen => complaintOf(screen, [chosen('Open a capture', /^folder +\.\.\//)]));
      await tmux.until('capture faults.pcap');
      await tmux.type('notes\r');
      await tmux.untilSeen(screen => complaintOf(screen, [picker, says(/^cannot read notes\.txt: not a capture/)]));
      await tmux.press('C-u', 'End', 'Up');
      await tmux.untilSeen(screen => complaintOf(screen, [chosen('Open a capture', /^capture faults\.pcap/)]));
      await tmux.press('Enter');
      await tmux.untilSeen(screen => complaintOf(screen, [view(1, 'Connections'), isRead, noCursor]));
      await tmux.press('Q');
      expect(await tmux.ending()).toEqual({ code: 0, signal: undefined });
    });
    await inTmux(['inspect'], { environment }, async tmux => {
      const recent = /^recent +faults\.pcap +2\.1 kB +now/;
      await tmux.untilSeen(screen => complaintOf(screen, [picker, chosen('Open a capture', recent)]));
      await tmux.press('Escape');
      expect(await tmux.ending()).toEqual({ code: 0, signal: undefined });
    });
  });
});
