/**
 * Holds answers against requests: which request an answer belongs to, and which never got one.
 *
 * An answer names its request by message id. Where that cannot be (the id is missing, or that of the request could not be
 * read) the oldest is taken, without a word; where the id names none, that is a finding, and the oldest is taken all the
 * same. An ERROR may come unasked and settles a request if it can, but is never said to settle none.
 */
import {
  BROKEN,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type RuleDocument,
  Subject,
  type TrackerHost,
} from '../../src/sdk.ts';
import type { Connection } from './connection.ts';
import type { Content } from './content.ts';
import { shortened } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { CHUNK, IDENTIFIER_WORDS, type Identifiers, writeIdentifier } from './identifiers.ts';
import { atMember, refusesSome } from './lookup.ts';
import { eventNumber } from './machine.ts';
import { MARK } from './marks.ts';
import type { Request, Requests } from './requests.ts';
import { requestUnanswered, responseIdMismatch, responseUnsolicited } from './rules/requests.ts';
import type { Kind } from './terms.ts';

/** Names of the member that holds the message id. */
export const ID_NAMES = ['message-id', 'mid'] as const;

const ACCEPTED = eventNumber('RESPONSE (Ok)');
const REFUSED = eventNumber('RESPONSE (failure)');
const UNREADABLE = eventNumber('RESPONSE (unreadable)');

/** For outcomes that find nothing. */
export const NO_EVIDENCE = () => ({ message: '', expected: '', actual: '' });

export class Answers {
  readonly #host: TrackerHost<Exchange>;
  readonly #identifiers: Identifiers;
  readonly #requests: Requests;
  readonly #timeout: number;
  readonly #id = new Uint32Array(IDENTIFIER_WORDS);
  readonly #waiting = new Subject();
  /** Whether the request that was found last is beyond doubt the one that was answered. */
  #certain = false;

  constructor(host: TrackerHost<Exchange>, identifiers: Identifiers, requests: Requests) {
    this.#host = host;
    this.#identifiers = identifiers;
    this.#requests = requests;
    this.#timeout = host.dialect.seconds('answerTimeout');
  }

  /**
   * Takes an answer of the server.
   * @returns the machine's event: that of the message, or what became of an AUTHENTICATION
   */
  take(connection: Connection, kind: Kind, content: Content, subject: Subject): number {
    const request = this.#match(connection, kind, content, subject);
    if (!request) return eventNumber(kind);
    const response = kind === 'ERROR' ? 'failure' : content.response;
    const event = request.isAuthentication ? eventOf(response) : eventNumber(kind);
    if (request.isWaiting) this.#enter(requestUnanswered, PASS, subject);
    if (request.isTransfer) this.#settleChunk(connection, request, response === 'ok');
    if (refusesFile(request, kind, response, subject)) connection.mark(MARK.BYTES_UNKNOWN);
    if (this.#certain || !request.idKnown) connection.outstanding.remove(request);
    else connection.outstanding.presume(request);
    return event;
  }

  /** The server has sent something that moves nothing, but may have been meant as an answer. */
  presume(connection: Connection): void {
    const request = connection.outstanding.oldest;
    if (!request) return;
    if (request.isAuthentication) connection.server.sent |= 1 << UNREADABLE;
    connection.outstanding.presume(request);
  }

  /** Reports what has waited too long by `now`, in seconds of capture time. */
  check(connection: Connection, now: number): void {
    const { outstanding } = connection;
    if (now - outstanding.waitingSince <= this.#timeout) return;
    for (let request = outstanding.first; request; request = outstanding.after(request)) {
      if (request.isWaiting && now - request.time > this.#timeout) this.#unanswered(connection, request, BROKEN, false);
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

  #match(connection: Connection, kind: Kind, { messageId }: Content, subject: Subject): Request | undefined {
    const { outstanding } = connection;
    const judged = kind !== 'ERROR';
    if (messageId !== undefined) {
      writeIdentifier(messageId, this.#id);
      const named = outstanding.withId(this.#id);
      this.#certain = named !== undefined;
      if (named) {
        if (judged) this.#enter(responseUnsolicited, PASS, subject);
        if (judged) this.#enter(responseIdMismatch, PASS, subject);
        return named;
      }
    }
    const unread = outstanding.oldestUnread;
    const request = (messageId !== undefined && unread) || outstanding.oldest;
    const presumed = messageId === undefined ? outstanding.first : undefined;
    if (!request && presumed) return undefined;
    if (judged) this.#judgeUnsolicited(connection, request, subject);
    if (!request) return undefined;
    this.#certain = outstanding.isOnly(request) && (messageId === undefined || request === unread);
    if (judged && messageId !== undefined && request !== unread) {
      this.#judgeMismatch(connection, request, messageId, subject);
    }
    return request;
  }

  #judgeUnsolicited(connection: Connection, request: Request | undefined, subject: Subject): void {
    const outcome = request ? PASS : connection.outstanding.forgotSome ? INCONCLUSIVE : BROKEN;
    if (outcome !== BROKEN) {
      this.#enter(responseUnsolicited, outcome, subject);
      return;
    }
    this.#host.judge.enter(responseUnsolicited, BROKEN, subject, () => ({
      message: `${subject.messageName} answers nothing: no request is outstanding`,
      expected: 'no answer',
      actual: subject.messageName,
    }));
  }

  #judgeMismatch(connection: Connection, oldest: Request, messageId: string, subject: Subject): void {
    if (connection.outstanding.forgotSome) {
      this.#enter(responseIdMismatch, INCONCLUSIVE, subject);
      return;
    }
    const { frame, messageName } = oldest;
    this.#host.judge.enter(responseIdMismatch, BROKEN, subject, () => ({
      message: `the message id of this ${subject.messageName} is that of no outstanding request`,
      expected: `the id of the ${messageName} in frame ${frame}`,
      actual: shortened(messageId),
      ...atMember(subject.message, ID_NAMES),
      relatedFrames: [frame],
    }));
  }

  /** What was stored cannot be sent again under its id; what was not, or may not have been, can. */
  #settleChunk(connection: Connection, request: Request, stored: boolean): void {
    if (!stored) {
      this.#requests.releaseBytes(request);
      return;
    }
    if (!request.chunkKnown || !this.#certain) return;
    this.#requests.copyChunk(request, this.#id);
    this.#identifiers.add(connection, CHUNK, this.#id, request.frame);
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
    const subject = this.#waiting;
    subject.recall(connection.slot, connection.clientSide, frame, request.seconds, request.nanoseconds);
    subject.messageName = messageName;
    subject.state = request.state;
    subject.partial = connection.partial;
    subject.doubt = 'ended';
    connection.outstanding.reported(request);
    const how = closed ? 'when the server closes' : `for ${this.#timeout} s`;
    this.#host.judge.enter(requestUnanswered, outcome, subject, () => ({
      message: `${messageName} has no answer ${how}`,
      expected: closed ? 'an answer first' : `an answer within ${this.#timeout} s`,
      actual: 'none',
    }));
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
