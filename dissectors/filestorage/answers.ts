/**
 * Holds answers against requests: which request an answer belongs to, and which never got one.
 *
 * An answer names its request by message id. Where that cannot be (the id is missing, or that of the request could not be
 * read) the oldest is taken, without a word; where the id names none, that is a finding, and the oldest is taken all the
 * same. An ERROR may come unasked and settles a request if it can, but is never said to settle none.
 */
import {
  AnswerTimeout,
  BROKEN,
  type EarlierMessage,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type RuleDocument,
  type Subject,
  type TrackerHost,
} from '../../src/sdk.ts';
import { BITS_WORDS } from './bits.ts';
import type { Connection } from './connection.ts';
import type { Content } from './content.ts';
import { NO_EVIDENCE } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { CHUNK, type Identifiers } from './identifiers.ts';
import { refusesSome } from './lookup.ts';
import { machine } from './machine.ts';
import type { Request, Requests } from './requests.ts';
import { MARK } from './row.ts';
import {
  judgeMismatch,
  judgeUnsolicited,
  requestUnanswered,
  responseIdMismatch,
  responseUnsolicited,
  wordsOfUnanswered,
} from './rules/requests.ts';
import type { Kind } from './terms.ts';

const ACCEPTED = machine.event('RESPONSE (Ok)');
const REFUSED = machine.event('RESPONSE (failure)');
const UNREADABLE = machine.event('RESPONSE (unreadable)');

export class Answers {
  /** The request that the message in hand answers beyond doubt; its own data, which another one gets later. */
  answered: EarlierMessage | undefined = undefined;
  readonly #host: TrackerHost<Exchange>;
  readonly #identifiers: Identifiers;
  readonly #requests: Requests;
  readonly #timeout: AnswerTimeout;
  /** Id of a chunk that was answered. */
  readonly #chunk = new Uint32Array(BITS_WORDS);
  /** Whether the request that was found last is beyond doubt the one that was answered. */
  #certain = false;

  constructor(host: TrackerHost<Exchange>, identifiers: Identifiers, requests: Requests) {
    this.#host = host;
    this.#identifiers = identifiers;
    this.#requests = requests;
    this.#timeout = new AnswerTimeout(host.judge, host.dialect.seconds('answerTimeout'));
  }

  /**
   * Takes an answer of the server.
   * @param own the machine's event of such a message
   * @returns the machine's event: that of the message, or what became of an AUTHENTICATION
   */
  take(connection: Connection, kind: Kind, own: number, content: Content, subject: Subject): number {
    const request = this.#match(connection, kind, content, subject);
    if (!request) return own;
    if (this.#certain) this.answered = request;
    const response = kind === 'ERROR' ? 'failure' : content.response;
    const event = request.isAuthentication ? eventOf(response) : own;
    if (request.isWaiting) this.#enter(requestUnanswered, PASS, subject);
    if (request.isTransfer) this.#settleChunk(connection, request, response === 'ok');
    if (refusesFile(request, kind, response, subject)) connection.mark(MARK.BYTES_UNKNOWN);
    if (this.#certain || !request.idKnown) connection.outstanding.remove(request);
    else connection.outstanding.presume(request);
    return event;
  }

  /** Success for a request of which it is beyond doubt, as to a request that the server is ready for. */
  settle(connection: Connection, request: Request): void {
    this.answered = request;
    this.#certain = true;
    if (request.isTransfer) this.#settleChunk(connection, request, true);
    connection.outstanding.remove(request);
  }

  /** The server has sent something that moves nothing, but may have been meant as an answer. */
  presume(connection: Connection): void {
    const request = connection.outstanding.oldest;
    if (!request) return;
    if (request.isAuthentication) connection.server.sent |= 1 << UNREADABLE;
    connection.outstanding.presume(request);
  }

  /** Has anything waited too long by `now`, in seconds of capture time? */
  isOverdue({ outstanding }: Connection, now: number): boolean {
    return this.#timeout.isOver(outstanding.waitingSince, now);
  }

  /** Reports what has. */
  check(connection: Connection, now: number): void {
    const { outstanding } = connection;
    if (!this.isOverdue(connection, now)) return;
    for (let request = outstanding.first; request; request = outstanding.after(request)) {
      if (!request.isWaiting || !this.#timeout.isOver(request.time, now)) continue;
      this.#unanswered(connection, request, BROKEN, false);
    }
  }

  /** The server's stream has ended in order: no answer will come. */
  serverEnded(connection: Connection, now: number): void {
    this.check(connection, now);
    this.#allUnanswered(connection, BROKEN, true);
  }

  /** The connection is over: requests that still wait for an answer are inconclusive. */
  close(connection: Connection, now: number): void {
    this.check(connection, now);
    this.#allUnanswered(connection, INCONCLUSIVE, false);
    connection.outstanding.clear();
  }

  #match(connection: Connection, kind: Kind, content: Content, subject: Subject): Request | undefined {
    const { outstanding } = connection;
    const judged = kind !== 'ERROR';
    const { messageBits } = content;
    if (messageBits !== undefined) {
      const named = outstanding.withId(messageBits);
      this.#certain = named !== undefined;
      if (named) {
        if (judged) this.#enter(responseUnsolicited, PASS, subject);
        if (judged) this.#enter(responseIdMismatch, PASS, subject);
        return named;
      }
    }
    const unread = outstanding.oldestUnread;
    const request = (messageBits !== undefined && unread) || outstanding.oldest;
    const presumed = messageBits === undefined ? outstanding.first : undefined;
    if (!request && presumed) return undefined;
    if (judged) judgeUnsolicited(this.#host.judge, connection, request, subject);
    if (!request) return undefined;
    this.#certain = outstanding.isOnly(request) && (messageBits === undefined || request === unread);
    if (judged && messageBits !== undefined && request !== unread) {
      judgeMismatch(this.#host.judge, connection, request, content, subject);
    }
    return request;
  }

  /** What was stored cannot be sent again under its id; what was not, or may not have been, can. */
  #settleChunk(connection: Connection, request: Request, stored: boolean): void {
    if (!stored) {
      this.#requests.releaseBytes(request);
      return;
    }
    if (!request.chunkKnown || !this.#certain) return;
    this.#requests.copyChunk(request, this.#chunk);
    this.#identifiers.add(connection, CHUNK, this.#chunk, request.frame);
  }

  #allUnanswered(connection: Connection, outcome: Outcome, closed: boolean): void {
    const { outstanding } = connection;
    for (let request = outstanding.first; request; request = outstanding.after(request)) {
      if (request.isWaiting) this.#unanswered(connection, request, outcome, closed);
    }
  }

  /** @param closed the server has closed its side */
  #unanswered(connection: Connection, request: Request, outcome: Outcome, closed: boolean): void {
    const { messageName, frame } = request;
    const { subject, seconds } = this.#timeout;
    subject.recall(connection.slot, connection.clientSide, frame, request.seconds, request.nanoseconds);
    subject.messageName = messageName;
    subject.state = request.state;
    subject.partial = connection.partial;
    subject.doubt = 'ended';
    connection.outstanding.reported(request);
    const words = () => wordsOfUnanswered(messageName, closed ? undefined : seconds);
    this.#host.judge.enter(requestUnanswered, outcome, subject, words);
  }

  #enter(rule: RuleDocument, outcome: Outcome, subject: Subject): void {
    this.#host.judge.enter(rule, outcome, subject, NO_EVIDENCE);
  }
}

function eventOf(response: Content['response']): number {
  if (response === undefined) return UNREADABLE;
  return response === 'ok' ? ACCEPTED : REFUSED;
}

/** Whether the client need not send all that it has announced. */
function refusesFile(request: Request, kind: Kind, response: Content['response'], { message }: Subject): boolean {
  if (request.messageName === 'UPLOAD-REQUEST') return response !== 'ok';
  return request.isAuthentication && kind === 'RESPONSES' && message !== undefined && refusesSome(message);
}
