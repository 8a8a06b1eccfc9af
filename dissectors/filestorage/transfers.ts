/**
 * Holds the chunks of a connection against each other and against what was announced. A chunk that does not belong (an
 * id that was stored before, a number beyond the end of its file, a file that nobody announced) is one fault, and its
 * bytes are then not counted against the announcement as well.
 */
import { BROKEN, INCONCLUSIVE, Subject, type TrackerHost } from '../../src/sdk.ts';
import type { Bits } from './bits.ts';
import type { Connection } from './connection.ts';
import type { Content } from './content.ts';
import { NO_EVIDENCE } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { type FileEntry, type Files, NO_FILE } from './files.ts';
import { CHUNK, type Identifiers } from './identifiers.ts';
import type { Request, Requests } from './requests.ts';
import { MARK } from './row.ts';
import {
  bytesExceedAnnounced,
  judgeBytes,
  judgeChunkId,
  judgeFile,
  judgeIncomplete,
  judgeNumber,
} from './rules/transfers.ts';

export class Transfers {
  readonly #host: TrackerHost<Exchange>;
  readonly #identifiers: Identifiers;
  readonly #requests: Requests;
  readonly #files: Files;
  readonly #announcement = new Subject();

  constructor(host: TrackerHost<Exchange>, identifiers: Identifiers, requests: Requests) {
    this.#host = host;
    this.#identifiers = identifiers;
    this.#requests = requests;
    this.#files = requests.files;
  }

  /** Counts a TRANSFER, whatever else is wrong with it. */
  count(connection: Connection, { dataLength }: Content, frame: number): void {
    connection.lastTransferFrame = frame;
    if (dataLength === undefined) connection.mark(MARK.BYTES_UNKNOWN);
    else connection.sentBytes += dataLength;
  }

  /**
   * Judges a TRANSFER that came when it could come.
   * @param request its entry among the outstanding ones, which takes what the answer will need
   */
  judge(connection: Connection, content: Content, request: Request, subject: Subject): void {
    if (!content.isObject) return;
    const file =
      connection.edition === '2019-12'
        ? this.#judgeChunkId(connection, content, request, subject)
        : this.#judgeFile(connection, content, request, subject);
    if (file !== undefined) this.#judgeBytes(connection, file, content, request, subject);
  }

  /** The client has closed its side: is all there that it announced? */
  clientEnded(connection: Connection): void {
    const { announcements, lastTransferFrame } = connection;
    // Without a TRANSFER the connection has only announced.
    if (lastTransferFrame === 0 || connection.authenticationFrame === 0 || !announcements.understood) return;
    if (connection.has(MARK.BYTES_UNKNOWN | MARK.AUTHENTICATED_AGAIN)) return;
    judgeIncomplete(this.#host.judge, connection, this.#atAnnouncement(connection));
  }

  /** 2019-12: is it a chunk that the server has? If not, returns what its bytes count against. */
  #judgeChunkId(connection: Connection, content: Content, request: Request, subject: Subject): FileEntry | undefined {
    const { announcements } = connection;
    const { chunkBits } = content;
    if (chunkBits === undefined) return announcements.total;
    this.#requests.setChunk(request, chunkBits);
    const earlier = this.#identifiers.frameOf(connection, CHUNK, chunkBits);
    judgeChunkId(this.#host.judge, connection, content, earlier, subject);
    return earlier === 0 ? announcements.total : undefined;
  }

  /** 2020-01: does the chunk belong to a file that was announced? Returns the file, unless the chunk is none of it. */
  #judgeFile(connection: Connection, content: Content, request: Request, subject: Subject): FileEntry | undefined {
    const { judge } = this.#host;
    const { fileBits } = content;
    const file = fileBits === undefined ? NO_FILE : connection.announcements.withDigest(fileBits);
    request.chunkNumber = content.chunkNumber ?? -1;
    judgeFile(judge, connection, content, file, subject);
    return judgeNumber(judge, content, file, this.#files, subject) === BROKEN ? undefined : file;
  }

  #judgeBytes(
    connection: Connection,
    file: FileEntry,
    { dataLength, chunkBits }: Content,
    request: Request,
    subject: Subject,
  ): void {
    const { announcements } = connection;
    if (dataLength === undefined || !announcements.understood) return;
    if (file === NO_FILE) {
      if (!announcements.forgotSome) return;
      this.#host.judge.enter(bytesExceedAnnounced, INCONCLUSIVE, subject, NO_EVIDENCE);
      return;
    }
    request.file = file;
    request.bytes = dataLength;
    this.#releaseSameChunk(connection, request, chunkBits);
    const files = this.#files;
    files.hold(file, dataLength);
    // Said once a file.
    if (files.isExceeded(file)) return;
    if (judgeBytes(this.#host.judge, connection, file, files, subject) === BROKEN) files.setExceeded(file);
  }

  /** A chunk that is sent again before it was answered counts once. */
  #releaseSameChunk({ outstanding }: Connection, request: Request, chunkBits: Bits | undefined): void {
    for (let other = outstanding.first; other; other = outstanding.after(other)) {
      if (other === request || other.bytes === 0 || other.file !== request.file) continue;
      const byId = chunkBits !== undefined && this.#requests.hasChunk(other, chunkBits);
      const byNumber = request.chunkNumber >= 0 && request.chunkNumber === other.chunkNumber;
      if (byId || byNumber) this.#requests.releaseBytes(other);
    }
  }

  /** The message that announced, for a finding about what was not sent. */
  #atAnnouncement(connection: Connection): Subject {
    const subject = this.#announcement;
    const { slot, clientSide, authenticationFrame, authenticationSeconds, authenticationNanoseconds } = connection;
    subject.recall(slot, clientSide, authenticationFrame, authenticationSeconds, authenticationNanoseconds);
    subject.messageName = 'AUTHENTICATION';
    subject.state = 'NEW';
    subject.partial = connection.partial;
    subject.doubt = connection.doubt;
    return subject;
  }
}
