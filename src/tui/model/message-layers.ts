/**
 * The layers below a message, read again from its capture when somebody looks at it: those of the frame that completed it,
 * and where it came in several frames (segments of TCP, fragments of IP) a list of the others with theirs.
 */
import type { FoundFrame } from '../../capture/frame-finder.ts';
import type { History } from '../../history/history.ts';
import type { CaptureFrames } from '../../history/recall.ts';
import { describeFrame, type FrameContext } from '../../layers/frame.ts';
import { counted } from '../../report/numbers.ts';
import { isoTime } from '../../report/time.ts';
import type { RowNode } from '../panes/fields.ts';
import { formatElapsed } from '../text/time-format.ts';

/** Frames of one message that are listed; behind them stands how many more pieces there are. */
const MOST_FRAMES = 64;

export function layersOf(history: History, frames: CaptureFrames, message: number): readonly RowNode[] {
  const { messages, connections } = history;
  const capture = connections.capture(messages.connection(message));
  const last = frames.frame(capture, messages.frame(message));
  if (!last) return [];
  const own = describeFrame(last, contextOf(history, message, last)).layers.map(node => ({ ...node, frame: last }));
  const places = history.places(message);
  if (places.length < 2) return own;
  const found: FoundFrame[] = [];
  for (const { position } of places.slice(0, MOST_FRAMES)) {
    const frame = frames.frameAt(capture, position);
    if (frame && found.at(-1)?.number !== frame.number) found.push(frame);
  }
  return [...own, piecesNode(history, message, found, places.length - MOST_FRAMES, last)];
}

/** @param more pieces that are not listed, if positive */
function piecesNode(
  history: History,
  message: number,
  frames: readonly FoundFrame[],
  more: number,
  last: FoundFrame,
): RowNode {
  const numbers = frames.map(({ number }) => number);
  const count = more > 0 ? `${counted(frames.length, 'frame')} and ${more} more` : counted(frames.length, 'frame');
  const children = frames.map((frame): RowNode => {
    const [node, ...inner] = describeFrame(frame, contextOf(history, message, frame)).layers;
    const brief = inner.at(-1)?.display ?? node.display;
    const fields = { ...node, title: 'Frame', name: 'frame', frame };
    return { ...node, name: String(frame.number), display: brief, frame, children: [fields, ...inner] };
  });
  return {
    name: 'pieces',
    title: 'In several frames',
    offset: 0,
    length: last.bytes.length,
    value: null,
    display: `${count}: ${numbers.join(', ')}`,
    meaning: 'the frames that carry the message, in the order of its bytes',
    clause: '',
    cut: false,
    frame: last,
    children,
  };
}

function contextOf(history: History, message: number, frame: FoundFrame): FrameContext {
  const { messages, connections, segments } = history;
  const connection = messages.connection(message);
  const capture = connections.capture(connection);
  const side = messages.side(message);
  const digits = history.digits(capture);
  const order = segments.of(capture, frame.number);
  return {
    utc: isoTime(frame, digits),
    elapsed: formatElapsed(history.origin(capture), frame, digits),
    segment: {
      sequenceBase: connections.sequenceBase(connection, side),
      acknowledgementBase: connections.sequenceBase(connection, side === 0 ? 1 : 0),
      order: order === 'next' ? '' : order,
    },
  };
}
