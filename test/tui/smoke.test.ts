/** The built program on a real terminal (tmux): that it draws, hears, and leaves the terminal as it was. */
import { afterAll, describe, expect, test } from 'vitest';
import { conversation, Folder, INIT } from '../cli/captures.ts';
import { inShell, inTmux, PROMPT } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';

const FAULTS = 'fixtures/mnet/faults.pcap';

const folder = new Folder();
afterAll(() => folder.remove());

describe.runIf(requireTool('tmux'))('in a terminal', () => {
  test.concurrent.each([
    { width: 80, height: 24 },
    { width: 160, height: 50 },
  ])('draws, hears keys, and quits: %o', async size => {
    await inTmux(['inspect', '--capture', 'complete', FAULTS], size, async screen => {
      expect(await screen.until('Connections: 3')).toContain('10.0.0.1:5000');
      expect(await screen.flag('alternate_on')).toBe(true);
      expect(await screen.cursor()).toMatchObject({ visible: false });
      await screen.press('Enter');
      await screen.until('COOKIE-ECHO');
      await screen.press('4');
      await screen.until('mnet/retransmit-differs');
      await screen.press('/');
      await screen.untilSeen(({ cursor, rows }) =>
        cursor.visible && rows[1] === ' Filter:' ? undefined : 'no cursor',
      );
      await screen.paste('qQ');
      await screen.until(/filter: qQ/i);
      await screen.press('Escape', 'Q');
      expect(await screen.ending()).toEqual({ code: 0, signal: undefined });
      expect(await screen.flag('alternate_on')).toBe(false);
      expect(await screen.flag('mouse_any_flag')).toBe(false);
    });
  });

  test.concurrent('the mouse chooses a row', async () => {
    await inTmux(['inspect', '--capture', 'complete', FAULTS], {}, async screen => {
      const text = await screen.until('10.0.0.3:5000');
      await screen.click(
        5,
        text.split('\n').findIndex(line => line.includes('10.0.0.3:5000')),
      );
      await screen.until(/^ connection 3\b/m);
    });
  });

  test.concurrent('another size is drawn as it comes', async () => {
    await inTmux(['inspect', '--capture', 'complete', FAULTS], {}, async screen => {
      await screen.until('Connections: 3');
      await screen.resize(120, 40);
      await screen.until(text => text.split('\n')[2]?.length === 120);
      await screen.resize(50, 12);
      await screen.until(text => text.split('\n')[2]?.length === 50);
    });
  });

  test.concurrent('ctrl-z gives the shell its terminal, fg brings the screen back in the size that it has by then', async () => {
    await inShell({}, async screen => {
      await screen.until(PROMPT);
      await screen.type(`$WIRELINT inspect ${FAULTS}\r`);
      await screen.until('Connections: 3');
      await screen.press('C-z');
      await screen.until('Stopped');
      expect(await screen.flag('alternate_on')).toBe(false);
      await screen.resize(100, 30);
      await screen.type('fg\r');
      await screen.until(text => text.includes('Connections: 3') && text.split('\n')[2]?.length === 100);
      await screen.press('Q');
      await screen.until(text => text.trimEnd().endsWith(PROMPT));
      await screen.type('echo code $?; stty -a\r');
      expect(await screen.until(/code \d[\s\S]* -?echo /)).toMatch(/code 0[\s\S]* icanon /);
    });
  });

  test.concurrent.each([
    ['TERM', 143],
    ['HUP', 129],
    ['INT', 130],
  ])('SIG%s ends it as it ends others, with the terminal whole', async (signal, code) => {
    await inShell({}, async screen => {
      await screen.until(PROMPT);
      // The shell tells the number of the process, which is its own when it begins.
      await screen.type(`sh -c 'echo $$ > "${folder.path}/${signal}"; exec $WIRELINT inspect ${FAULTS}'\r`);
      await screen.until('Connections: 3');
      process.kill(Number(folder.read(signal)), `SIG${signal}`);
      await screen.until(PROMPT);
      await screen.type('echo code $?\r');
      await screen.until(`code ${code}`);
      expect(await screen.flag('alternate_on')).toBe(false);
      expect(await screen.flag('mouse_any_flag')).toBe(false);
      expect(await screen.cursor()).toMatchObject({ visible: true });
    });
  });

  test.concurrent('keys come from the terminal when a capture comes through a pipe that stays open', async () => {
    await inShell({}, async screen => {
      await screen.until(PROMPT);
      await screen.type(`mkfifo ${folder.path}/pipe; (cat ${FAULTS}; sleep 1000) > ${folder.path}/pipe &\r`);
      await screen.type(`$WIRELINT inspect - < ${folder.path}/pipe; echo code $?; kill %1\r`);
      await screen.until('Connections: 3');
      await screen.press('j');
      await screen.press('4');
      await screen.until('mnet/retransmit-differs');
      await screen.press('Q');
      await screen.until('code 0');
    });
  });

  test.concurrent('names and bytes that would act on a terminal are shown as marks, and do nothing to it', async () => {
    const hostile = folder.file('\x1b]0;evil\x07\x9b2J\u202e{red-fg}.pcap', conversation(INIT));
    const title = await inTmux(['inspect', hostile], { width: 160, height: 50 }, async screen => {
      const before = await screen.title();
      await screen.until('Connections: 1');
      await screen.press('6');
      const text = await screen.until('{red-fg}');
      expect(text).toContain('\\x1b]0;evil\\x07\\x9b2J\\u{202e}{red-fg}.pcap');
      expect(await screen.clipboard()).toBeUndefined();
      return [before, await screen.title()];
    });
    expect(title[1]).toBe(title[0]);
  });

  test.concurrent('what the user copies is in the clipboard, and nothing before', async () => {
    await inTmux(['inspect', '--capture', 'complete', FAULTS], {}, async screen => {
      await screen.until('Connections: 3');
      await screen.press('3', 'y');
      await screen.until(/ copy /);
      expect(await screen.clipboard()).toBeUndefined();
      await screen.press('v');
      await screen.until("copied to tmux's buffer");
      expect(await screen.clipboard()).toBeDefined();
    });
  });

  test.concurrent.each([
    'xterm-256color',
    'screen',
    'tmux-256color',
    'xterm',
    'linux',
    'vt100',
    'foot',
    'a-terminal-of-tomorrow',
  ])('TERM=%s: the screen, and no word about it', async term => {
    await inTmux(['inspect', '--capture', 'complete', FAULTS], { term }, async screen => {
      const text = await screen.until('Connections: 3');
      expect(text.split('\n')[2]).toMatch(/^┌ .*─┐$/);
      await screen.press('Q');
      expect((await screen.ending()).code).toBe(0);
      expect((await screen.text()).trim()).toBe('');
    });
  });
});
