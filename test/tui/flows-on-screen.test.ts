/** A capture that begins too late for its protocol to be recognised, in a terminal: the flow, what it becomes, and its layers. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../kit/folder.ts';
import { fixtureBytes } from '../kit/history.ts';
import { inTmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { type Check, complaintOf, focusOn, isRead, onlyPanes, screenView, shows } from './checks.ts';

/** Records of a pcap from this one on, behind its file header. */
function without(bytes: Uint8Array, records: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 24;
  for (let record = 0; record < records; record++) at += 16 + view.getUint32(at + 8, true);
  return new Uint8Array([...bytes.subarray(0, 24), ...bytes.subarray(at)]);
}

describe.runIf(requireTool('tmux'))('a flow of no known protocol', () => {
  test.each([
    [80, 24],
    [160, 50],
  ])('is listed, decoded by m, and has layers below its messages, at %i by %i', async (width, height) => {
    const late = without(fixtureBytes('mnet/echo-small.pcap'), 4);
    const capture = join(folderWith({ 'late.pcap': late }), 'late.pcap');
    await inTmux(['inspect', capture], { width, height }, async tmux => {
      const see = (...checks: readonly Check[]) => tmux.untilSeen(screen => complaintOf(screen, checks));
      await see(isRead, shows('Connections', '8 lists the flows'));
      await tmux.press('8');
      await see(
        onlyPanes('Flows', 'Flow'),
        shows('Flows', /udp +127\.0\.0\.1:50185 +127\.0\.0\.1:26999/),
        shows('Flow', /127\.0\.0\.1:50185 sent \d+ packets/),
        shows('Flow', /^0000 ([0-9a-f]{2} )+/m),
      );
      await tmux.press('m');
      const asked = await see(screen =>
        /decode udp\.port==26999 as/.test(screen.rows.at(-1) ?? '') ? undefined : 'no question',
      );
      const [, key = ''] = / (\d) mnet/.exec(asked.rows.at(-1) ?? '') ?? [];
      expect(key).not.toBe('');
      await tmux.press(key);
      await see(({ text }) => (text.includes('Esc closes') ? undefined : 'no summary of what has changed'));
      await tmux.press('Escape');
      await see(screenView(1), shows('Connections', /mnet +127\.0\.0\.1:50185/));
      await tmux.press('2', 'g', '3', 'g');
      await see(focusOn('Frame'), onlyPanes('Frame', 'Bytes of frame 1'), shows('Frame', /^\+ Frame 1 +\d+ bytes/m));
      await tmux.press('j', 'j', 'j', 'l', 'j');
      await see(
        shows('Frame', /^- UDP/m),
        shows('Frame', /^ +Source port +50185/m),
        shows('Bytes', /c4.09/),
        onlyPanes('Frame', 'Bytes of frame 1'),
      );
      await tmux.press('G');
      await see(onlyPanes('Frame', 'Bytes of the message'));
    });
  });
});
