/**
 * What a capture is to the rest of the program: a sequence of frames, and the facts that hold for the whole of it.
 *
 * A source hands out one reused `Frame`, synchronously, many times between two awaits: nobody may keep it, or a view
 * of its bytes, past the call. A damaged capture is no exception here: all frames before the damage are handed out,
 * then `facts.problem` says where and what. Only what cannot be read at all throws a `CaptureError`.
 */

/** Frames of a batch, see `Frame.upcoming`: enough that fetches from memory overlap, and few enough that all of it stays in the cache. */
export const MOST_UPCOMING = 32;
const NO_STARTS = new Int32Array(0);

/** A frame as it stood in the capture. Reused: valid only during the call that hands it out. */
export class Frame {
  /** Counted from 1 within its capture, as Wireshark counts. */
  number = 0;
  /** Whole seconds since the Unix epoch; negative never occurs. */
  seconds = 0;
  /** 0..999,999,999, in nanoseconds whatever the capture's own precision. */
  nanoseconds = 0;
  /** LINKTYPE_ value as registered at tcpdump.org/linktypes.html. */
  linkType = 0;
  /** Interface in a pcapng section, counted over the whole file; 0 for classic pcap. */
  interfaceId = 0;
  /**
   * Holds the captured bytes at [start, end). What stands in it before `start` stands before it in the capture, too, as
   * far as `position` counts back.
   */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Offset in the uncompressed capture of the first captured byte; -1 where there is no capture that it stands in. */
  position = -1;
  /** Length on the wire in bytes; larger than `end - start` when the snap length cut the frame. */
  wireLength = 0;
  /**
   * Where this frame and the next ones begin in `bytes`, as far as `upcoming` says: 0 for all but the first of a batch, and
   * where the reader cannot know. It looks for them once the frame's user has set `wantsUpcoming`. They are there so that
   * what they will need can be brought into the cache in time (run/prefetch.ts); they may be handed out in another order.
   */
  starts = NO_STARTS;
  upcoming = 0;
  wantsUpcoming = false;
  /** pcapng packet comments, joined by newlines; empty for most. Untrusted text. */
  comment = '';
}

export interface CaptureProblem {
  /** Byte offset in the (uncompressed) capture at which reading had to stop. */
  readonly offset: number;
  /** One clause that says what is wrong there: `packet 9 is cut: 54 of 98 bytes are in the file`. */
  readonly message: string;
}

/** Time in the capture's own precision; `digits` of the second's fraction are meaningful (0..9). */
export interface CaptureTime {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly digits: number;
}

export interface Disorder {
  /** Number of the frame that is out of order. */
  readonly frame: number;
  /** By which it is earlier than one before it. */
  readonly seconds: number;
}

/** What is known of the whole capture; grows while it is read. */
export interface CaptureFacts {
  /** As the user named it; `-` for standard input, and of a URL what hides its secrets (see location.ts). */
  readonly path: string;
  format: 'pcap' | 'pcapng';
  /** The variant in words, for people: `pcap, little-endian, microseconds`, `modified pcap (Kuznetzov)`, `pcapng, gzip`. */
  description: string;
  /** Every link type seen or declared, in order of appearance. */
  linkTypes: number[];
  packets: number;
  /** Sum of the frames' lengths on the wire, as capinfos prints "Data size". */
  bytes: number;
  /** Earliest and latest time stamp; absent while no frame was read. */
  firstTime?: CaptureTime;
  lastTime?: CaptureTime;
  /** Packets that the capturing host says it dropped (pcapng statistics, packet blocks); 0 when it does not say. */
  dropped: number;
  /**
   * Whether the capture itself says how many were dropped, of each interface that has packets. Statistics stand behind
   * the packets they count, so that this may turn true only with the last bytes, and false again when packets follow.
   */
  dropsCounted: boolean;
  /**
   * Whether the source says that nothing is missing between the packets: by a section that declares it (from its first
   * packet on), or by drops that were counted and are none, where no filter left packets out either. It says nothing of
   * the file's end, see `complete`.
   */
  knownComplete: boolean;
  /**
   * True while the source says of all packets so far that it saw each once, as a proxy does: none is a copy of another,
   * taken at a second point.
   */
  eachOnce?: boolean;
  /** Where time first ran backwards further than frames are put in order (sequence.ts), and by how much. */
  disorder?: Disorder;
  /** False when the end of the capture was not reached in order. */
  complete: boolean;
  problem?: CaptureProblem;
  /** A clause on something about the file that is no damage, but worth knowing. */
  note?: string;
}

/** Progress between two chunks, in bytes of the file; `total` is absent for pipes, and grows with a file that grows. */
export interface ReadProgress {
  readonly read: number;
  readonly total?: number;
  /** Present when all there is for now has been read: the source will wait for more (see stored.ts). */
  readonly waiting?: true;
}

export interface CaptureSource {
  readonly facts: CaptureFacts;
  /** Whether it may come as somebody writes it; absent where it was written before. */
  readonly live?: boolean;
  /**
   * Reads to the end, calling `onFrame` synchronously for each frame, in the order of time as far as sequence.ts puts
   * them there; the facts may know of frames that are still to be handed out. After each chunk `onChunk` is awaited if it
   * returns a promise (back-pressure); returning `false` stops the reading without marking the capture incomplete.
   * Can be called once. Always releases what it opened.
   */
  read(
    onFrame: (frame: Frame) => void,
    onChunk?: (progress: ReadProgress) => undefined | false | Promise<undefined | false>,
  ): Promise<void>;
}

/** A capture that cannot be read at all; the message is one line for the user. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}
