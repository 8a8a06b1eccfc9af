/**
 * The short way of what a capture with uploads mostly holds. On a connection that was followed from its beginning, on which
 * both sides are ready and no request is unanswered: an ordinary TRANSFER (`ordinary.ts`) with a new id, of a chunk for which
 * there is room in a file that was announced; and the ordinary answer to it, in time. Which rules these pass is known before.
 *
 * It does exactly what the whole way does (tracker.ts), or nothing.
 */
import { type MachineRun, type Message, type RuleDocument, Subject, type TrackerHost } from '../../src/sdk.ts';
import type { Answers } from './answers.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { type FileEntry, NO_FILE } from './files.ts';
import { CHUNK, type Identifiers, MESSAGE } from './identifiers.ts';
import { LAYOUTS, layoutIndex, USER_TYPE } from './layouts.ts';
import { machine, STATES } from './machine.ts';
import type { Ordinary } from './ordinary.ts';
import type { Requests } from './requests.ts';
import { MARK } from './row.ts';
import { unknownMessage } from './rules/messages.ts';
import { messageIdReused, requestUnanswered, responseIdMismatch, responseUnsolicited } from './rules/requests.ts';
import { bytesExceedAnnounced, chunkNumber, chunkReused, fileUnknown, transferPipelined } from './rules/transfers.ts';
import type { Edition } from './terms.ts';

/** All marks of a connection about which nothing is out of the ordinary. */
const QUIET_2019 = MARK.EDITION_CERTAIN | MARK.EDITION_2019;
const QUIET_2020 = MARK.EDITION_CERTAIN | MARK.EDITION_2020;

const READY = machine.state('READY');
const CLIENT = machine.role('client');
const SERVER = machine.role('server');
const TRANSFER = machine.event('TRANSFER');
const RESPONSE = machine.event('RESPONSE');

/** Rules that are passed beside those about a single message. */
const PASSED_BY_RESPONSE = [unknownMessage, responseUnsolicited, responseIdMismatch, requestUnanswered];
const PASSED_BY_TRANSFER = [unknownMessage, messageIdReused, transferPipelined, bytesExceedAnnounced];
const OF_EDITION: Readonly<Record<Edition, readonly RuleDocument[]>> = {
  '2019-12': [chunkReused],
  '2020-01': [fileUnknown, chunkNumber],
};

/** What it shares with the whole way. */
export interface QuietParts {
  readonly ordinary: Ordinary;
  readonly identifiers: Identifiers;
  readonly requests: Requests;
  readonly answers: Answers;
}

export class Quiet {
  readonly #host: TrackerHost<Exchange>;
  readonly #run: MachineRun;
  readonly #parts: QuietParts;
  /** Says that the history was seen whole; nothing else of it is looked at. */
  readonly #subject = new Subject();
  /** By place in the layouts: all rules that such a message passes. */
  readonly #passed: (readonly RuleDocument[] | undefined)[] = LAYOUTS.map(() => undefined);

  constructor(host: TrackerHost<Exchange>, parts: QuietParts) {
    this.#host = host;
    this.#run = host.machineRun;
    this.#parts = parts;
  }

  /**
   * Takes a message, if it is one that goes this way.
   * @returns its place in the layouts; -1 where nothing was done
   */
  takes(connection: Connection, side: number, message: Message): number {
    const { marks, client, server } = connection;
    if (client.state !== READY || server.state !== READY) return -1;
    const edition = marks === QUIET_2020 ? '2020-01' : marks === QUIET_2019 ? '2019-12' : undefined;
    if (!edition) return -1;
    const layout = layoutIndex(edition, message.byte(USER_TYPE.offset));
    const name = LAYOUTS[layout]?.name;
    if (side === connection.clientSide) {
      if (name !== 'TRANSFER' || !this.#takesTransfer(connection, edition, message)) return -1;
      this.#step(CLIENT, TRANSFER);
      client.sent |= 1 << TRANSFER;
    } else {
      if (name !== 'RESPONSE' || !this.#takesResponse(connection, edition, message)) return -1;
      this.#step(SERVER, RESPONSE);
      server.sent |= 1 << RESPONSE;
    }
    this.#host.judge.allPassed(this.#passedBy(layout, edition), this.#subject);
    return layout;
  }

  #takesTransfer(connection: Connection, edition: Edition, message: Message): boolean {
    const { ordinary, identifiers, requests } = this.#parts;
    const { outstanding } = connection;
    if (outstanding.size > 0 || !outstanding.hasRoom || !ordinary.reads(message, 'TRANSFER', edition)) return false;
    const { messageBits, chunkBits, dataLength = 0 } = ordinary;
    const isOfFile = edition === '2020-01';
    const file = isOfFile ? this.#fileOf(connection) : this.#totalFor(connection);
    if (file === NO_FILE || !this.#hasRoom(file, dataLength)) return false;
    if (messageBits === undefined || !identifiers.addNew(connection, MESSAGE, messageBits, message.frame)) return false;

    connection.lastTransferFrame = message.frame;
    connection.sentBytes += dataLength;
    const request = outstanding.add()!;
    request.begin('TRANSFER', message, STATES[READY]);
    request.expectsAnswer();
    requests.setId(request, messageBits);
    if (isOfFile) request.chunkNumber = ordinary.chunkNumber ?? -1;
    else if (chunkBits !== undefined) requests.setChunk(request, chunkBits);
    request.file = file;
    request.bytes = dataLength;
    requests.files.hold(file, dataLength);
    outstanding.added(request);
    return true;
  }

  /** 2020-01: the file that the chunk in hand belongs to, if its number is one of the file's. */
  #fileOf({ announcements }: Connection): FileEntry {
    const { fileBits, chunkNumber: number = 0, chunkOf = 0 } = this.#parts.ordinary;
    if (fileBits === undefined || number > chunkOf) return NO_FILE;
    const file = announcements.withDigest(fileBits);
    const chunks = this.#parts.requests.files.chunks(file);
    return chunks >= 0 && (chunkOf === chunks || chunkOf === chunks - 1) ? file : NO_FILE;
  }

  /** 2019-12: what the chunk in hand counts against, if the server does not have it. */
  #totalFor(connection: Connection): FileEntry {
    const { ordinary, identifiers } = this.#parts;
    const { chunkBits } = ordinary;
    if (chunkBits === undefined || identifiers.frameOf(connection, CHUNK, chunkBits) !== 0) return NO_FILE;
    return connection.announcements.total;
  }

  #hasRoom(file: FileEntry, bytes: number): boolean {
    const { files } = this.#parts.requests;
    return !files.isExceeded(file) && files.held(file) + bytes <= files.announced(file);
  }

  #takesResponse(connection: Connection, edition: Edition, message: Message): boolean {
    const { ordinary, requests, answers } = this.#parts;
    const { first, size } = connection.outstanding;
    if (size !== 1 || !first?.isWaiting || !first.isTransfer) return false;
    if (answers.isOverdue(connection, message.seconds + message.nanoseconds * 1e-9)) return false;
    if (!ordinary.reads(message, 'RESPONSE', edition)) return false;
    const { messageBits } = ordinary;
    if (messageBits === undefined || !requests.hasId(first, messageBits)) return false;
    answers.settle(connection, first);
    return true;
  }

  /** Both sides stay as they are. */
  #step(role: number, event: number): void {
    this.#run.step(role, READY, event, false, 0, 0, true);
    this.#run.step(role === CLIENT ? SERVER : CLIENT, READY, event, true, 0, 0, true);
  }

  #passedBy(layout: number, edition: Edition): readonly RuleDocument[] {
    const known = this.#passed[layout];
    if (known) return known;
    const isTransfer = LAYOUTS[layout].name === 'TRANSFER';
    const others = isTransfer ? [...PASSED_BY_TRANSFER, ...OF_EDITION[edition]] : PASSED_BY_RESPONSE;
    const all = [...this.#parts.ordinary.passed, ...others];
    this.#passed[layout] = all;
    return all;
  }
}
