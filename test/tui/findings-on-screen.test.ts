/** `n` through all findings of a capture, in a terminal, the worst first: each is what `check` says, on its message and with its bytes. */
import { describe, expect, test } from 'vitest';
import { Theme } from '../../src/tui/screen/theme.ts';
import { runInside } from '../cli/host.ts';
import type { SeenPane, TerminalScreen } from '../kit/terminal-screen.ts';
import { inTmux, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { type Check, complaintOf, isRead, onByte, openFrame, paneOf, says, screenView } from './checks.ts';

/** As the JSON report has it. */
interface Finding {
  readonly ruleId: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly frame: number;
  readonly connection: number;
  readonly atFault: string | null;
  readonly bytes: { readonly offset: number; readonly length: number } | null;
  readonly spec: { readonly document: string; readonly clause: string };
}

const CAPTURES = [
  'fixtures/mnet/faults.pcap',
  'fixtures/ministreaming/faults.pcap',
  'fixtures/filestorage/2020-01-02-pipelined.pcap',
  'fixtures/filestorage/2019-12-auth.pcap',
];
const THEME = new Theme(256, 'dark');

describe.runIf(requireTool('tmux'))('n', () => {
  test.concurrent.each(CAPTURES)('goes through what check finds in %s, and round', async capture => {
    const findings = worstFirst(await checked(capture));
    expect(findings).not.toEqual([]);
    await inTmux(['inspect', '--capture', 'complete', capture], { width: 160, height: 50 }, async tmux => {
      await tmux.untilSeen(isRead);
      for (const [place, finding] of [...findings, findings[0]!].entries()) {
        const number = (place % findings.length) + 1;
        await tmux.press('n');
        await see(tmux, [
          says(new RegExp(`^${number} of ${findings.length}[:,].*${finding.ruleId}`)),
          screenView(2),
          openFrame(finding.frame),
          marked(finding),
        ]);
        await tmux.press('4');
        await see(tmux, [screenView(4), inList(finding), describes(finding), pointedAt(finding)]);
        await tmux.press('Escape');
        await see(tmux, [screenView(2)]);
      }
    });
  });
});

async function checked(capture: string): Promise<readonly Finding[]> {
  const { stdout } = await runInside('check', '--capture', 'complete', '--format', 'json', capture);
  return (JSON.parse(stdout) as { findings: readonly Finding[] }).findings;
}

function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return ['error', 'warning', 'info'].flatMap(level => findings.filter(({ severity }) => severity === level));
}

function see(tmux: Tmux, checks: readonly Check[]): Promise<TerminalScreen> {
  return tmux.untilSeen(screen => complaintOf(screen, checks));
}

/** In the bytes of the message the cursor stands on the first one, and all are in the severity's colour. */
function marked({ bytes, severity }: Finding): Check {
  return screen => {
    if (!bytes) return undefined;
    const pane = paneOf(screen, 'Bytes');
    const complaint = onByte(bytes.offset)(screen);
    if (complaint !== undefined || !pane) return complaint ?? 'no bytes';
    // A byte that is marked for its field, too, has a colour of its own for that.
    const colors = [THEME.style(severity).fg, THEME.style(`match-${severity}`).fg];
    const colored = coloredBytes(screen, pane, colors);
    const wanted = range(bytes).filter(offset => isInSight(pane, offset));
    const isRight = wanted.length > 0 && wanted.every(offset => colored.includes(offset));
    return isRight ? undefined : `bytes ${colored} are marked in place of ${wanted}`;
  };
}

const range = ({ offset, length }: { readonly offset: number; readonly length: number }) =>
  Array.from({ length }, (_, at) => offset + at);

/** Offset of the row's first byte, and the column at which it stands. */
function rowOf(line: string): { readonly offset: number; readonly column: number } | undefined {
  const [, digits] = /^ *([0-9a-f]{4,})[ [][ 0-9a-f.[\]]/.exec(line) ?? [];
  return digits === undefined
    ? undefined
    : { offset: Number.parseInt(digits, 16), column: line.indexOf(digits) + digits.length + 1 };
}

function isInSight({ lines }: SeenPane, offset: number): boolean {
  const rows = lines.flatMap(line => rowOf(line)?.offset ?? []);
  return rows.length > 0 && offset >= rows[0]! && offset < rows.at(-1)! + 16;
}

function coloredBytes(screen: TerminalScreen, pane: SeenPane, colors: readonly unknown[]): number[] {
  return pane.lines.flatMap((line, y) => {
    const row = rowOf(line);
    if (!row) return [];
    const columns = Array.from({ length: 16 }, (_, at) => at);
    return columns
      .filter(at => {
        const style = screen.styleAt(pane.x + 1 + row.column + at * 3, pane.y + 1 + y);
        return style?.foreground !== undefined && colors.includes(style.foreground);
      })
      .map(at => row.offset + at);
  });
}

/** The chosen row of the list. */
function inList({ ruleId, frame, connection }: Finding): Check {
  return screen => {
    const pane = paneOf(screen, 'Findings');
    const row = pane?.lines[pane.selected] ?? '';
    const [, foundFrame, foundConnection] = /^\w+ +(\d+) +(?:[\d.]+ +)?(\d+) /.exec(row.trim()) ?? [];
    const isRight =
      foundFrame === String(frame) && foundConnection === String(connection) && row.includes(` ${ruleId.slice(0, 20)}`);
    return isRight ? undefined : `"${row}" is chosen in place of ${ruleId} in frame ${frame}`;
  };
}

/** The finding beside the list. */
function describes({ ruleId, frame, spec, atFault }: Finding): Check {
  return screen => {
    const text = (paneOf(screen, 'Finding')?.lines ?? []).join(' ').replace(/\s+/g, ' ');
    const missing = [
      ` ${ruleId} frame ${frame} `,
      `clause ${spec.document}: ${spec.clause}`,
      `at fault ${atFault ?? 'nobody'}`,
    ].find(part => !text.includes(part));
    return missing === undefined ? undefined : `"${missing}" is not in the finding`;
  };
}

/** The signs under the bytes of the finding stand under these and no others. */
function pointedAt({ bytes }: Finding): Check {
  return screen => {
    const lines = paneOf(screen, 'Finding')?.lines ?? [];
    const pointed = lines.flatMap((line, index) => {
      const row = rowOf(lines[index - 1] ?? '');
      if (!row || !/^ *\^[\^ ]*$/.test(line)) return [];
      return Array.from(line.matchAll(/\^\^?/g), ({ index: column }) => row.offset + (column - row.column - 1) / 3);
    });
    const wanted = bytes ? (bytes.length === 0 ? [bytes.offset] : range(bytes)) : [];
    const inSight = wanted.filter(offset => offset <= (pointed.at(-1) ?? Number.NEGATIVE_INFINITY));
    const isRight = String(pointed) === String(inSight) && pointed.length > 0 === wanted.length > 0;
    return isRight ? undefined : `bytes ${pointed} are pointed at in place of ${wanted}`;
  };
}
