/**
 * Takes connections, or one message, out of a capture as a pcapng of its own, or copies all of it, with the findings as
 * comments on their frames, so that Wireshark shows them and `check` finds them again.
 *
 * The capture is read twice: a fragment comes before the frame that tells whose datagram it was a part of, so the first
 * reading only notes which frames belong to it, and the second writes them. Nothing is kept of a frame but its number.
 */
import type { CaptureSource, Frame } from '../capture/source.ts';
import { PcapngWriter } from '../capture/writer.ts';
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import type { Place } from '../net/extents.ts';
import { visible } from '../wire/escape.ts';
import { type Flow, FrameSelector } from './frame-selector.ts';
import type { History } from './history.ts';

/** What of a capture is wanted: a frame that fits `flows`, `frames` or `places`. */
export interface Selection {
  /** All frames between two ends. */
  readonly flows?: readonly Flow[];
  /** Numbers of frames; of datagrams that were put together in them, the fragments' frames too. */
  readonly frames?: ReadonlySet<number>;
  /** Frames that hold some of these bytes. */
  readonly places?: readonly Place[];
  /** Frames beyond this one are not looked at: a capture may still grow. */
  readonly until: number;
  /** Become comments on their frames. */
  readonly findings: readonly Finding[];
}

/**
 * Opens the capture again, with its frames in the order in which it was judged, or as they stand. Rejects with
 * `CaptureError`.
 */
export type OpenCapture = (order: 'time' | 'capture') => Promise<CaptureSource>;
/** Takes the next bytes of an export; waited for. */
export type WriteBytes = (bytes: Uint8Array) => undefined | Promise<void>;

/** Findings of one frame that become comments; behind them stands how many more there are. */
const MOST_COMMENTS = 50;

/**
 * What a connection is made of. On TCP that is whatever the two ends sent each other, handshakes and repetitions
 * included, because all of it bears on how the bytes are put in order. Of datagrams it is those of its own messages; but
 * where something was found, all between the two ends, because a finding may rest on what was said in other connections
 * there: on ids in use, or on the datagrams by which the protocol was recognised.
 */
export function connectionSelection(history: History, connection: number): Selection {
  const { connections, messages, findings, captures } = history;
  const until = captures[connections.capture(connection)].packets;
  const own = findings.ofConnection(connection).map(index => findings.list[index]);
  const transport = connections.transport(connection);
  if (transport === 'tcp' || own.length > 0) {
    const ends = [connections.address(connection, 0), connections.address(connection, 1)] as const;
    return { flows: [{ transport, ends }], until, findings: own };
  }
  const frames = new Set<number>();
  for (const message of connections.messagesOf(connection)) frames.add(messages.frame(message));
  return { frames, until, findings: own };
}

/** The frames that a message came in. */
export function messageSelection(history: History, message: number): Selection {
  const { messages, findings } = history;
  const frame = messages.frame(message);
  return {
    frames: new Set([frame]),
    places: history.places(message),
    until: frame,
    findings: findings.ofMessage(message).map(index => findings.list[index]),
  };
}

/** Writes the frames selected, in the order of the capture, a chunk at a time. @returns how many there were */
export async function exportFrames(open: OpenCapture, selection: Selection, write: WriteBytes): Promise<number> {
  const frames = await selectFrames(open, selection);
  const comments = findingComments(selection.findings, new Map(frames.map((frame, index) => [frame, index + 1])));
  const writer = new PcapngWriter();
  let written = 0;
  const copy = (frame: Frame) => {
    if (frame.number !== frames[written]) return;
    writer.frame(frame, [...ownComment(frame), ...(comments.get(frame.number) ?? [])]);
    written++;
  };
  await readUntil(await open('capture'), frames.at(-1) ?? 0, copy, () => handOn(writer, write));
  return written;
}

/**
 * Writes a whole capture again, as it stands, with the findings as comments on their frames.
 * @param until the last frame that was judged
 * @returns how many frames there were
 */
export async function annotateFrames(
  open: OpenCapture,
  findings: readonly Finding[],
  until: number,
  write: WriteBytes,
): Promise<number> {
  const comments = findingComments(findings);
  const writer = new PcapngWriter();
  let written = 0;
  const copy = (frame: Frame) => {
    writer.frame(frame, [...ownComment(frame), ...(comments.get(frame.number) ?? [])]);
    written++;
  };
  await readUntil(await open('capture'), until, copy, () => handOn(writer, write));
  return written;
}

/** Numbers of the frames selected, ascending. */
export async function selectFrames(open: OpenCapture, selection: Selection): Promise<number[]> {
  const selector = new FrameSelector(selection);
  await readUntil(await open('time'), selection.until, frame => selector.frame(frame));
  return selector.frames();
}

/** Hands each of these frames out, in the order in which they were judged. */
export async function readFrames(
  open: OpenCapture,
  numbers: readonly number[],
  onFrame: (frame: Frame) => void,
): Promise<void> {
  const wanted = new Set(numbers);
  await readUntil(await open('time'), numbers.at(-1) ?? 0, frame => {
    if (wanted.has(frame.number)) onFrame(frame);
  });
}

async function handOn(writer: PcapngWriter, write: WriteBytes): Promise<void> {
  if (writer.length > 0) await write(writer.take());
}

async function readUntil(
  source: CaptureSource,
  last: number,
  onFrame: (frame: Frame) => void,
  afterChunk?: () => Promise<void>,
): Promise<void> {
  let reached = 0;
  await source.read(
    frame => {
      if (frame.number > last) return;
      reached++;
      onFrame(frame);
    },
    async () => {
      await afterChunk?.();
      return reached < last ? undefined : false;
    },
  );
}

/** What was noted on the frame before, which may be several lines. */
function ownComment({ comment }: Frame): string[] {
  return comment === '' ? [] : [comment.split('\n').map(visible).join('\n')];
}

/** By frame of the capture. @param numbers of the frames in the export, where they are others */
export function findingComments(
  findings: readonly Finding[],
  numbers?: ReadonlyMap<number, number>,
): Map<number, string[]> {
  const comments = new Map<number, string[]>();
  const omitted = new Map<number, number>();
  for (const finding of findings) {
    const { frame } = finding;
    const present = comments.get(frame) ?? [];
    comments.set(frame, present);
    if (present.length < MOST_COMMENTS) present.push(findingComment(finding, numbers));
    else omitted.set(frame, (omitted.get(frame) ?? 0) + 1);
  }
  for (const [frame, count] of omitted) comments.get(frame)?.push(`wirelint: ${count} more`);
  return comments;
}

/** `wirelint error mnet/tag-mismatch: ... (expected ..., actual ..., at fault 10.0.0.1:5000; MNET: Tags)` */
function findingComment(finding: Finding, numbers: ReadonlyMap<number, number> | undefined): string {
  const { severity, ruleId, message, expected, actual, atFault, spec } = finding;
  const facts = [
    expected && `expected ${expected}`,
    actual && `actual ${actual}`,
    atFault && `at fault ${atFault}`,
  ].filter(Boolean);
  const text = `wirelint ${severity} ${ruleId}: ${message} (${[facts.join(', '), citationText(spec)].filter(Boolean).join('; ')})`;
  return visible(numbers ? renumbered(text, finding.relatedFrames, numbers) : text);
}

/** Frames that a finding points to have other numbers in the export, or none. */
function renumbered(text: string, related: readonly number[], numbers: ReadonlyMap<number, number>): string {
  return text.replace(/\bframe (\d+)/g, (words, digits) => {
    const frame = Number(digits);
    if (!related.includes(frame)) return words;
    const number = numbers.get(frame);
    return number === undefined ? `frame ${frame} of the whole capture` : `frame ${number}`;
  });
}
