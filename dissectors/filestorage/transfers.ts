/**
 * Holds the chunks of a connection against each other and against what was announced. A chunk that does not belong (an
 * id that was stored before, a number beyond the end of its file, a file that nobody announced) is one fault, and its
 * bytes are then not counted against the announcement as well.
 */
import {
  BROKEN,
  INCONCLUSIVE,
  type Message,
  type Outcome,
  PASS,
  type RuleDocument,
  SKIP,
  Subject,
  type TrackerHost,
} from '../../src/sdk.ts';
import { NO_EVIDENCE } from './answers.ts';
import type { Connection } from './connection.ts';
import type { Content } from './content.ts';
import { shortened } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { type FileEntry, type Files, NO_FILE } from './files.ts';
import { CHUNK, IDENTIFIER_WORDS, type Identifier, type Identifiers, writeIdentifier } from './identifiers.ts';
import { atMember } from './lookup.ts';
import { MARK } from './marks.ts';
import type { Request, Requests } from './requests.ts';
import {
  bytesExceedAnnounced,
  chunkNumber,
  chunkReused,
  fileUnknown,
  transferIncomplete,
  transferPipelined,
} from './rules/transfers.ts';

export class Transfers {
  readonly #host: TrackerHost<Exchange>;
  readonly #identifiers: Identifiers;
  readonly #requests: Requests;
  readonly #files: Files;
  /** Id of the chunk in hand. */
  readonly #chunk: Identifier = new Uint32Array(IDENTIFIER_WORDS);
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
  judge(connection: Connection, content: Content, request: Request, subject: Subject, message: Message): void {
    if (!content.isObject) return;
    const file =
      connection.edition === '2019-12'
        ? this.#judgeChunkId(connection, content, request, subject, message)
        : this.#judgeFile(connection, content, request, subject, message);
    if (file !== undefined) this.#judgeBytes(connection, file, content, request, subject, message);
  }

  /** Judges whether a TRANSFER has waited for the answer to the one before. */
  judgeTurn(connection: Connection, subject: Subject): void {
    const { outstanding } = connection;
    const earlier = outstanding.unansweredTransfer;
    if (!earlier) {
      this.#enter(transferPipelined, outstanding.forgotSome ? INCONCLUSIVE : PASS, subject);
      return;
    }
    const { frame } = earlier;
    this.#host.judge.enter(transferPipelined, BROKEN, subject, () => ({
      message: `TRANSFER comes while that in frame ${frame} is unanswered`,
      expected: 'the answer to the TRANSFER before',
      actual: 'another TRANSFER',
      relatedFrames: [frame],
    }));
  }

  /** The client has closed its side: is all there that it announced? */
  clientEnded(connection: Connection): void {
    const { announcements, sentBytes, lastTransferFrame } = connection;
    // Without a TRANSFER the connection has only announced.
    if (lastTransferFrame === 0 || connection.authenticationFrame === 0 || !announcements.understood) return;
    if (connection.has(MARK.BYTES_UNKNOWN | MARK.AUTHENTICATED_AGAIN)) return;
    const { expected, forgotSome } = announcements;
    const outcome = forgotSome ? INCONCLUSIVE : sentBytes < expected ? BROKEN : PASS;
    this.#host.judge.enter(transferIncomplete, outcome, this.#atAnnouncement(connection), () => ({
      message: `the client announces ${expected} bytes here, and closes after ${sentBytes}`,
      expected: `${expected} bytes`,
      actual: `${sentBytes} bytes`,
      relatedFrames: [lastTransferFrame],
    }));
  }

  /** 2019-12: is it a chunk that the server has? If not, returns what its bytes count against. */
  #judgeChunkId(
    connection: Connection,
    { chunkId }: Content,
    request: Request,
    subject: Subject,
    message: Message,
  ): FileEntry | undefined {
    const { announcements } = connection;
    if (chunkId === undefined) return announcements.total;
    writeIdentifier(chunkId, this.#chunk);
    this.#requests.setChunk(request, this.#chunk);
    request.chunkKnown = true;
    const earlier = this.#identifiers.frameOf(connection, CHUNK, this.#chunk);
    if (earlier === 0) {
      const unsure = connection.has(MARK.PARTIAL | MARK.FORGOT_IDENTIFIERS);
      this.#enter(chunkReused, unsure ? INCONCLUSIVE : PASS, subject);
      return announcements.total;
    }
    this.#host.judge.enter(chunkReused, BROKEN, subject, () => ({
      message: `a chunk with this id was sent in frame ${earlier} and answered Ok`,
      expected: 'an id of its own for each chunk',
      actual: shortened(chunkId),
      ...atMember(message, 'chunk'),
      relatedFrames: [earlier],
    }));
    return undefined;
  }

  /** 2020-01: does the chunk belong to a file that was announced? Returns the file, unless the chunk is none of it. */
  #judgeFile(
    connection: Connection,
    content: Content,
    request: Request,
    subject: Subject,
    message: Message,
  ): FileEntry | undefined {
    const { announcements } = connection;
    const { fileDigest } = content;
    const file = fileDigest === undefined ? NO_FILE : announcements.withDigest(fileDigest);
    request.chunkNumber = content.chunkNumber ?? -1;
    if (announcements.understood && fileDigest !== undefined) {
      const outcome = file ? PASS : announcements.forgotSome ? INCONCLUSIVE : BROKEN;
      this.#host.judge.enter(fileUnknown, outcome, subject, () => ({
        message: 'no file with this digest was announced on this connection',
        expected: 'the digest of an announced file',
        actual: shortened(fileDigest),
        ...atMember(message, 'filedigest'),
        relatedFrames: [announcements.frame],
      }));
    }
    return this.#judgeNumber(file, content, subject, message) === BROKEN ? undefined : file;
  }

  #judgeNumber(file: FileEntry, content: Content, subject: Subject, message: Message): Outcome {
    const { chunkNumber: n, chunkOf: on } = content;
    if (on === undefined) return SKIP;
    const beyond = n !== undefined && n > on;
    const chunks = this.#files.chunks(file);
    // Counted from 1 the last number is that of the chunks; counted from 0, one less.
    const fits = chunks < 0 || on === chunks || on === chunks - 1;
    const outcome = beyond || !fits ? BROKEN : chunks < 0 ? SKIP : PASS;
    this.#host.judge.enter(chunkNumber, outcome, subject, () => ({
      message: beyond
        ? `chunk number ${n} of ${on}`
        : `the last chunk is said to have number ${on}, and ${chunks} chunks were announced`,
      expected: beyond ? `at most ${on}` : `${chunks} (counted from 1) or ${chunks - 1} (from 0)`,
      actual: `${beyond ? n : on}`,
      ...atMember(message, 'chunk', beyond ? 'n' : 'on'),
      relatedFrames: file === NO_FILE ? [] : [this.#files.frame(file)],
    }));
    return outcome;
  }

  #judgeBytes(
    connection: Connection,
    file: FileEntry,
    { dataLength }: Content,
    request: Request,
    subject: Subject,
    message: Message,
  ): void {
    const { announcements, outstanding } = connection;
    const files = this.#files;
    if (dataLength === undefined || !announcements.understood) return;
    if (file === NO_FILE) {
      if (announcements.forgotSome) this.#enter(bytesExceedAnnounced, INCONCLUSIVE, subject);
      return;
    }
    request.file = file;
    request.bytes = dataLength;
    this.#releaseSameChunk(connection, request);
    files.hold(file, dataLength);
    if (files.isExceeded(file)) return;
    const held = files.held(file);
    const announced = files.announced(file);
    const exceeded = held > announced;
    if (exceeded) files.setExceeded(file);
    const outcome = exceeded ? BROKEN : outstanding.forgotSome ? INCONCLUSIVE : PASS;
    this.#host.judge.enter(bytesExceedAnnounced, outcome, subject, () => ({
      message: `with this chunk ${held} bytes are transferred, of ${announced} announced`,
      expected: `at most ${announced} bytes`,
      actual: `${held} bytes`,
      ...atMember(message, 'data'),
      relatedFrames: [files.frame(file)],
    }));
  }

  /** A chunk that is sent again before it was answered counts once. */
  #releaseSameChunk({ outstanding }: Connection, request: Request): void {
    if (request.chunkKnown) this.#requests.copyChunk(request, this.#chunk);
    for (let other = outstanding.first; other; other = outstanding.after(other)) {
      if (other === request || other.bytes === 0 || other.file !== request.file) continue;
      const byId = request.chunkKnown && this.#requests.hasChunk(other, this.#chunk);
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

  #enter(rule: RuleDocument, outcome: Outcome, subject: Subject): void {
    this.#host.judge.enter(rule, outcome, subject, NO_EVIDENCE);
  }
}
