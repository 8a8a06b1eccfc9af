/** `x` on a connection with a finding, in a terminal: what is written is what others read. */
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Folder } from '../cli/captures.ts';
import { runInside } from '../cli/host.ts';
import { inTmux, type Tmux } from '../kit/tmux.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { type Check, complaintOf, edits, isRead, openFrame, says, view } from './checks.ts';

interface Report {
  readonly findings: readonly { readonly ruleId: string; readonly frame: number; readonly message: string }[];
}

/** A finding of each protocol, the frames of its connection, and what `n` is pressed for. */
const CASES = [
  { capture: 'fixtures/mnet/faults.pcap', rule: 'mnet/ack-unsent', frame: 17, presses: 2, connection: 2 },
  {
    capture: 'fixtures/ministreaming/faults.pcap',
    rule: 'ministreaming/data-before-ack',
    frame: 14,
    presses: 3,
    connection: 3,
  },
  {
    capture: 'fixtures/filestorage/2020-01-02-pipelined.pcap',
    rule: 'filestorage/transfer-pipelined',
    frame: 10,
    presses: 1,
    connection: 1,
  },
];

type Case = (typeof CASES)[number];

const folder = new Folder();
afterAll(() => folder.remove());

describe.runIf(requireTool('tmux'))('x', () => {
  describe.runIf(requireTool('tshark'))('as pcapng', () => {
    test.concurrent.each(CASES)('$capture: with a comment on the frame, and the finding again', async each => {
      const { pcapng: path } = await exportsOf(each);
      const { findings } = await checked(each.capture);
      const message = findings.find(({ ruleId, frame }) => ruleId === each.rule && frame === each.frame)?.message;
      // The frames are renumbered; the time shows which is which.
      const time = fieldsOf(each.capture, `frame.number == ${each.frame}`, 'frame.time_epoch')[0];
      const comments = fieldsOf(path, `frame.time_epoch == ${time}`, 'frame.comment');
      expect(comments.join()).toContain(each.rule);
      expect(comments.join()).toContain(message);
      const [frame] = fieldsOf(path, `frame.time_epoch == ${time}`, 'frame.number').map(Number);
      const again = await checked(path);
      expect(again.findings).toContainEqual(expect.objectContaining({ ruleId: each.rule, frame, message }));
    });
  });

  test.concurrent.each(CASES)('$capture: as JSON, by the ending', async each => {
    const { json } = await exportsOf(each);
    const messages = JSON.parse(readFileSync(json, 'utf8')) as { frame: number; findings: { ruleId: string }[] }[];
    const found = messages.find(({ frame }) => frame === each.frame);
    expect(found?.findings.map(({ ruleId }) => ruleId)).toContain(each.rule);
  });

  test.concurrent('the message that is looked at, alone', async () => {
    const path = folder.file('message.json');
    await onFinding(CASES[0]!, async tmux => {
      await tmux.press('3');
      await tmux.untilSeen(screen => complaintOf(screen, [view(3, 'Frame', 'Bytes')]));
      await tmux.press('x');
      await tmux.untilSeen(edits(-3, 'export the message to: frame-17.pcapng'));
      await tmux.press('C-u');
      await tmux.type(`${path}\r`);
      await tmux.untilSeen(says(/: 1 message written$/));
    });
    const messages = JSON.parse(readFileSync(path, 'utf8')) as { frame: number }[];
    expect(messages.map(({ frame }) => frame)).toEqual([17]);
  });

  test.concurrent('a file that is there is overwritten only after a question', async () => {
    const path = folder.file('there.json', Buffer.from('mine'));
    await onFinding(CASES[0]!, async tmux => {
      for (const no of ['n', 'Escape']) {
        await exportTo(tmux, path);
        await tmux.untilSeen(says(/there\.json exists: overwrite\?/));
        await tmux.press(no);
        await tmux.untilSeen(screen => (screen.status.includes('overwrite') ? 'still asked' : undefined));
        expect(readFileSync(path, 'utf8')).toBe('mine');
      }
      await exportTo(tmux, path);
      await tmux.untilSeen(says(/there\.json exists: overwrite\?/));
      await tmux.press('y');
      await tmux.untilSeen(says(/there\.json: 11 messages written$/));
      expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(11);
    });
  });

  test.concurrent('the capture itself is not, whatever one answers', async () => {
    const path = folder.file(
      'capture.pcapng',
      readFileSync(new URL('../../fixtures/mnet/faults.pcap', import.meta.url)),
    );
    // One that was written a moment ago may still grow, and would be followed.
    utimesSync(path, 1_000_000, 1_000_000);
    const before = statSync(path).size;
    await onFinding({ ...CASES[0]!, capture: path }, async tmux => {
      await exportTo(tmux, path);
      await tmux.untilSeen(refuses(/is the capture that is open$/));
      expect(statSync(path).size).toBe(before);
    });
  });

  test.concurrent('a folder that is not there, and one that nobody may write to, is a line under the one that is kept, and all stays as it is', async () => {
    const file = folder.file('no-folder', Buffer.from(''));
    await onFinding(CASES[0]!, async tmux => {
      for (const [path, reason] of [
        [folder.file('nowhere/out.pcapng'), /cannot write to .*nowhere\/out\.pcapng: no such /],
        [`${file}/out.pcapng`, /cannot write to .*no-folder\/out\.pcapng: (?:no such|not a) directory/],
      ] as const) {
        await exportTo(tmux, path);
        await tmux.untilSeen(refuses(reason));
        await tmux.untilSeen(edits(-3, `export the connection to: ${path}`));
        await tmux.press('Escape');
        const screen = await tmux.untilSeen(openFrame(17));
        expect(complaintOf(screen, [view(2, 'Connection', 'Frame', 'Bytes')])).toBeUndefined();
      }
    });
  });

  test.concurrent('another ending is refused, and the line is kept to be corrected', async () => {
    await onFinding(CASES[0]!, async tmux => {
      await exportTo(tmux, 'out.pcap');
      await tmux.untilSeen(refuses(/a file ends in \.pcapng or in \.json/));
      await tmux.untilSeen(edits(-3, 'export the connection to: out.pcap'));
    });
  });
});

/** What is said under the line that is edited. */
function refuses(reason: RegExp): Check {
  return ({ rows }) => (reason.test(rows.at(-2) ?? '') ? undefined : `"${rows.at(-2)}" stands in place of ${reason}`);
}

/** With the finding chosen, in its conversation. */
async function onFinding(each: Case, body: (tmux: Tmux) => Promise<void>): Promise<void> {
  const { capture, presses, rule, frame } = each;
  // Long paths are to be seen whole.
  await inTmux(['inspect', '--capture', 'complete', capture], { width: 160, height: 24 }, async tmux => {
    await tmux.untilSeen(isRead);
    await tmux.press(...Array.from({ length: presses }, () => 'n'));
    await tmux.untilSeen(screen => complaintOf(screen, [says(rule), openFrame(frame)]));
    await body(tmux);
  });
}

interface Exports {
  readonly pcapng: string;
  readonly json: string;
}

const exported = new Map<Case, Promise<Exports>>();

/** The files that `x` makes of the finding's connection, both in one session. */
function exportsOf(each: Case): Promise<Exports> {
  const known = exported.get(each) ?? exportBoth(each);
  exported.set(each, known);
  return known;
}

async function exportBoth(each: Case): Promise<Exports> {
  const name = folder.file(each.rule.replace('/', '-'));
  const paths = { pcapng: `${name}.pcapng`, json: `${name}.json` };
  await onFinding(each, async tmux => {
    await exportTo(tmux, paths.pcapng);
    await tmux.untilSeen(says(/: \d+ frames written$/));
    await exportTo(tmux, paths.json);
    await tmux.untilSeen(says(/: \d+ messages written$/));
  });
  return paths;
}

async function exportTo(tmux: Tmux, path: string): Promise<void> {
  await tmux.press('x', 'C-u');
  await tmux.untilSeen(edits(-3, 'export the connection to: '));
  await tmux.type(path);
  await tmux.untilSeen(edits(-3, `export the connection to: ${path}`));
  await tmux.press('Enter');
}

async function checked(capture: string): Promise<Report> {
  const { stdout } = await runInside('check', '--capture', 'complete', '--format', 'json', capture);
  return JSON.parse(stdout) as Report;
}

function fieldsOf(capture: string, filter: string, field: string): string[] {
  const text = runTool('tshark', ['-r', capture, '-Y', filter, '-T', 'fields', '-e', field]);
  return text.split('\n').filter(line => line !== '');
}
