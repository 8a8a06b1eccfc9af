/**
 * Takes connections or messages out of a capture as a pcapng of its own, or copies all of it, with the findings as
 * comments on their frames, so that Wireshark shows them and `check` finds them again.
 *
 * The capture is read twice: a fragment comes before the frame that tells whose datagram it was a part of, so the first
 * reading only notes which frames belong to it, and the second writes them. Nothing is kept of a frame but its number.
 */
import type { CaptureSource, Frame } from '../capture/source.ts';
import { PcapngWriter } from '../capture/writer.ts';
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import type { ExtentPlace } from '../net/extents.ts';
import { visible } from '../wire/escape.ts';
import { type Flow, FrameSelector, FrameSet } from './frame-selector.ts';
import type { History } from './history.ts';

/** What of a capture is wanted: a frame that fits `flows`, `frames` or `places`. */
export interface Selection {
  /** All frames between two ends. */
  readonly flows?: readonly Flow[];
  /** Numbers of frames; of datagrams that were put together in them, the fragments' frames too. */
  readonly frames?: Pick<ReadonlySet<number>, 'has'>;
  /** Frames that hold some of these bytes. Gone through once. */
  readonly places?: Iterable<ExtentPlace>;
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

/**
 * The frames that these messages of one capture came in. What is kept of a message is a bit for its frame, and 16 bytes for
 * each place of its bytes.
 * @param messages ascending; those of other captures are passed over
 */
export function messagesSelection(history: History, capture: number, messages: Uint32Array): Selection {
  const { connections, findings, captures } = history;
  const isOwn = (message: number) => connections.capture(history.messages.connection(message)) === capture;
  const frames = new FrameSet();
  for (const message of messages) if (isOwn(message)) frames.add(history.messages.frame(message));
  const own = findings.list.filter((_, index) => {
    const message = findings.messageOf(index);
    return message >= 0 && placeOf(messages, message) >= 0 && isOwn(message);
  });
  function* places() {
    for (const message of messages) if (isOwn(message)) yield* history.places(message);
  }
  return { frames, places: places(), until: captures[capture].packets, findings: own };
}

/** What was written before into the same file, which goes on. */
export interface ExportBefore {
  readonly writer: PcapngWriter;
  readonly frames: number;
}

/** Writes the frames selected, in the order of the capture, a chunk at a time. @returns how many there were */
export async function exportFrames(
  open: OpenCapture,
  selection: Selection,
  write: WriteBytes,
  before: ExportBefore = { writer: new PcapngWriter(), frames: 0 },
): Promise<number> {
  const { writer } = before;
  const frames = await selectFrames(open, selection);
  const numberOf = (frame: number) => {
    const place = placeOf(frames, frame);
    return place < 0 ? undefined : before.frames + place + 1;
  };
  const comments = findingComments(selection.findings, { get: numberOf });
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
export async function selectFrames(open: OpenCapture, selection: Selection): Promise<Uint32Array> {
  const selector = new FrameSelector(selection);
  await readUntil(await open('time'), selection.until, frame => selector.frame(frame));
  return selector.frames();
}

/** Hands each of these frames out, in the order in which they were judged. */
export async function readFrames(
  open: OpenCapture,
  numbers: Uint32Array,
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

/** By the number of a frame in the capture, the one that it has in the export. */
type FrameNumbers = Pick<ReadonlyMap<number, number>, 'get'>;

/** By frame of the capture. @param numbers of the frames in the export, where they are others */
export function findingComments(findings: readonly Finding[], numbers?: FrameNumbers): Map<number, string[]> {
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
function findingComment(finding: Finding, numbers: FrameNumbers | undefined): string {
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
function renumbered(text: string, related: readonly number[], numbers: FrameNumbers): string {
  return text.replace(/\bframe (\d+)/g, (words, digits) => {
    const frame = Number(digits);
    if (!related.includes(frame)) return words;
    const number = numbers.get(frame);
    return number === undefined ? `frame ${frame} of the whole capture` : `frame ${number}`;
  });
}

/** Place of a number among ascending ones; -1 where it is not there. */
function placeOf(ascending: Uint32Array, wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted ? low : -1;
}
