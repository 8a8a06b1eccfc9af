/**
 * Follows the filestorage connections of a capture: finds out which message it is, has its content examined, takes the
 * machine's step, and lets those judge who look beyond the single message: answers.ts, transfers.ts, signatures.ts.
 *
 * A message whose members are wrong was sent all the same: it moves the machine by its user type, and everything that
 * does not need the member is judged. One that has no place in the conversation (an unknown user type, the wrong
 * direction) moves nothing, but may have been meant as a request or as an answer, so its consequences are not reported.
 */
import {
  BROKEN,
  type Doubt,
  type EarlierMessage,
  type FlowSlots,
  INCONCLUSIVE,
  type Layout,
  type Message,
  messageCountsOf,
  type Outcome,
  PASS,
  type RuleDocument,
  Steps,
  Subject,
  type Tracker,
  type TrackerHost,
  UNKNOWN_MESSAGE,
} from '../../src/sdk.ts';
import { Answers } from './answers.ts';
import type { Bits } from './bits.ts';
import { Connection } from './connection.ts';
import { type Content, editionOf, examine } from './content.ts';
import { inferEdition } from './editions.ts';
import { NO_EVIDENCE } from './evidence.ts';
import { Exchange } from './exchange.ts';
import { Files } from './files.ts';
import { Identifiers, MESSAGE } from './identifiers.ts';
import {
  AUTHENTICATION,
  FROM_SERVER,
  HEAD_LENGTH,
  LAST_USER_TYPE,
  LAYOUTS,
  layoutIndex,
  USER_TYPE,
} from './layouts.ts';
import { announcesJust, readJson } from './lookup.ts';
import { machine, STATES, stateOfBoth } from './machine.ts';
import { Ordinary } from './ordinary.ts';
import { Quiet } from './quiet.ts';
import { Request, Requests } from './requests.ts';
import { MARK } from './row.ts';
import { duplicateField, fieldType, missingField } from './rules/members.ts';
import { unknownMessage, wordsOfUnknown, wrongDirection } from './rules/messages.ts';
import { judgeMessageId } from './rules/requests.ts';
import { judgeTurn } from './rules/transfers.ts';
import { SignatureCheck, Signatures } from './signatures.ts';
import type { Edition, Kind, Settings } from './terms.ts';
import { Transfers } from './transfers.ts';

const FIN = machine.event('FIN');
/** By place in the layouts. */
const KINDS = LAYOUTS.map(({ name }) => name as Kind);
const EVENTS = KINDS.map(kind => machine.event(kind));
const ARE_FROM_SERVER = KINDS.map(kind => FROM_SERVER.has(kind));
const READY = machine.state('READY');

/** Faults after which a list of files may hold less than was announced. */
const DOUBTFUL: readonly RuleDocument[] = [missingField, fieldType, duplicateField];

export class FilestorageTracker implements Tracker {
  layout: Layout | undefined = undefined;
  readonly #host: TrackerHost<Exchange>;
  readonly #settings: Settings;
  /** The short ways; undefined where all messages are to go the long one. */
  readonly #ordinary: Ordinary | undefined;
  readonly #quiet: Quiet | undefined;
  /** As the user settled it; undefined for `auto`. */
  readonly #edition: Edition | undefined;
  readonly #identifiers: Identifiers;
  readonly #answers: Answers;
  readonly #transfers: Transfers;
  readonly #signatures: Signatures<Exchange> | undefined;
  readonly #requests: Requests;
  /** Stands in for a request that there was no room to remember. */
  readonly #forgotten = new Request(0);
  /** The connection in hand, and one that is only asked about. */
  readonly #connection: Connection;
  readonly #asked: Connection;
  readonly #slots: FlowSlots;
  /** Flows of which something was lost before their first message. */
  readonly #lostBefore = new Set<number>();
  readonly #subject = new Subject();
  readonly #steps: Steps;
  readonly #exchange = new Exchange();
  readonly #settled = new Set<Edition>();
  readonly #counts = new Float64Array(LAYOUTS.length + 1);
  #userType = -1;

  /** @param shortens ordinary messages go a short way */
  constructor(host: TrackerHost<Exchange>, shortens = true) {
    const { dialect } = host;
    this.#host = host;
    this.#slots = host.connections.inForce;
    this.#settings = {
      idField: dialect.choice('idField') as Settings['idField'],
      token: dialect.choice('token') as Settings['token'],
    };
    this.#ordinary = shortens ? new Ordinary(this.#settings) : undefined;
    const edition = dialect.choice('edition');
    this.#edition = edition === 'auto' ? undefined : (edition as Edition);
    const files = new Files(host);
    this.#steps = new Steps(host.machineRun, wrongDirection.id);
    this.#identifiers = new Identifiers(host);
    this.#requests = new Requests(host, files);
    this.#connection = new Connection(host.connections, this.#requests, files);
    this.#asked = new Connection(host.connections, this.#requests, files);
    this.#answers = new Answers(host, this.#identifiers, this.#requests);
    this.#transfers = new Transfers(host, this.#identifiers, this.#requests);
    const ordinary = this.#ordinary;
    const shared = { identifiers: this.#identifiers, requests: this.#requests, answers: this.#answers };
    this.#quiet = ordinary && new Quiet(host, { ordinary, ...shared });
    const key = dialect.key('tokenKey');
    this.#signatures = key && new Signatures(new SignatureCheck(key), host);
  }

  get answers(): EarlierMessage | undefined {
    return this.#answers.answered;
  }

  get messageName(): string {
    if (this.layout) return this.layout.name;
    return this.#userType < 0 ? UNKNOWN_MESSAGE : `user type ${this.#userType}`;
  }

  message(flow: number, side: number, message: Message): number {
    const connection = this.#seek(flow) ?? this.#open(flow, message);
    const { slot } = connection;
    this.#host.connections.touch(slot, message);
    this.#answers.answered = undefined;
    if (this.#goesQuietly(connection, side, message)) return slot;
    this.#answers.check(connection, message.seconds + message.nanoseconds * 1e-9);
    this.#userType = message.byte(USER_TYPE.offset);
    this.#settleEdition(connection, message);
    const index = connection.edition ? layoutIndex(connection.edition, this.#userType) : -1;
    this.#count(index);
    if (this.layout) this.#settleRoles(connection, side, this.layout);
    this.#enter(connection, side, message);
    if (message.captured < message.length) this.#noteCut(connection, message);
    else if (this.layout) this.#judge(connection, index, message);
    else this.#judgeUnknown(connection, message);
    return slot;
  }

  carried(flow: number, side: number, message: Message): number {
    const connection = this.#seek(flow) ?? this.#open(flow, message);
    if (message.length === 0) return connection.slot;
    const cut = message.captured < message.length || message.length < HEAD_LENGTH;
    if (side !== connection.clientSide) this.#answers.presume(connection);
    else if (cut) connection.mark(MARK.BYTES_UNKNOWN);
    else this.#addUnread(connection, message);
    return connection.slot;
  }

  lost(flow: number): void {
    const connection = this.#seek(flow);
    // Of one that was met in the middle this is known already.
    if (connection && !connection.partial) this.#losesHistory(connection, 'gap');
    else if (!connection) this.#lostBefore.add(flow);
  }

  ended(flow: number, side: number, now: number): void {
    const connection = this.#seek(flow);
    if (!connection) return;
    const fromClient = side === connection.clientSide;
    this.#step(connection, fromClient, FIN);
    if (fromClient) this.#transfers.clientEnded(connection);
    else {
      connection.mark(MARK.SERVER_ENDED);
      this.#answers.serverEnded(connection, now);
    }
  }

  close(flow: number, now: number): void {
    this.#lostBefore.delete(flow);
    const connection = this.#seek(flow);
    if (!connection) return;
    this.#slots.clear(flow);
    this.#answers.close(connection, now);
    this.#identifiers.forget(connection);
    connection.announcements.forget();
    connection.mark(MARK.CLOSED);
    if (connection.pendingSignatures > 0) this.#host.connections.keepEnds(connection.slot);
    this.#release(connection);
  }

  async settle(): Promise<void> {
    await this.#signatures?.settle(slot => {
      const connection = this.#connection.seek(slot);
      connection.pendingSignatures--;
      this.#release(connection);
    });
  }

  state(slot: number): string {
    const { client, server } = this.#asked.seek(slot);
    return STATES[stateOfBoth(client.state, server.state)];
  }

  stateOf(slot: number, side: number): number {
    const { client, server } = this.#asked.seek(slot);
    return side === this.#host.connections.clientSide(slot) ? client.state : server.state;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return this.#settled.size === 0 ? new Map() : new Map([['edition', [...this.#settled].sort()]]);
  }

  messageCounts(): ReadonlyMap<string, number> {
    return messageCountsOf(LAYOUTS, this.#counts);
  }

  // Connections

  /** Takes the connection of a flow in hand, if it has one. */
  #seek(flow: number): Connection | undefined {
    const slot = this.#slots.slotOf(flow);
    return slot < 0 ? undefined : this.#connection.seek(slot);
  }

  #open(flow: number, message: Message): Connection {
    const { connections, flows, midstream } = this.#host;
    const clientSide = flows.clientSide(flow);
    const slot = connections.open(flow, clientSide, message);
    const connection = this.#connection.seek(slot);
    const fromStart = flows.fromStart(flow);
    if (!fromStart) connection.mark(MARK.ROLES_ASSUMED);
    if (this.#edition) connection.mark(MARK.EDITION_CERTAIN);
    connection.edition = this.#edition;
    this.#slots.set(flow, slot);
    const lostBefore = this.#lostBefore.delete(flow);
    if (midstream === 'auto' && !fromStart) this.#beginMidstream(connection, message, 'midstream');
    else if (lostBefore) this.#beginMidstream(connection, message, 'gap');
    return connection;
  }

  /** What was said before is not known; most of a connection is spent in READY. */
  #beginMidstream(connection: Connection, message: Message, doubt: Doubt): void {
    this.#losesHistory(connection, doubt);
    if (message.byte(USER_TYPE.offset) === AUTHENTICATION) return;
    connection.client.state = READY;
    connection.server.state = READY;
  }

  #losesHistory(connection: Connection, doubt: Doubt): void {
    connection.mark(MARK.PARTIAL);
    this.#host.connections.markInconclusive(connection.slot, doubt);
  }

  /** Gives the slot back once the connection is closed and nothing about it is under way. */
  #release(connection: Connection): void {
    if (!connection.has(MARK.CLOSED) || connection.pendingSignatures > 0) return;
    const { slot } = connection;
    this.#host.connections.close(slot, this.state(slot));
  }

  // Which message it is, and whose

  #settleEdition(connection: Connection, message: Message): void {
    if (connection.has(MARK.EDITION_CERTAIN)) return;
    if (this.#userType === AUTHENTICATION) {
      if (readJson(message)?.kind === 'object') this.#takeEdition(connection, editionOf(message));
      // What cannot be read tells nothing; it is shown as the specification has it.
      else connection.edition ??= '2019-12';
      return;
    }
    const first = connection.edition === undefined && !connection.partial;
    const edition = first ? '2019-12' : inferEdition(this.#userType, message);
    if (edition) this.#takeEdition(connection, edition);
  }

  #takeEdition(connection: Connection, edition: Edition): void {
    connection.edition = edition;
    connection.mark(MARK.EDITION_CERTAIN);
    this.#settled.add(edition);
  }

  /** Where the roles were only assumed, a message tells them that one role alone may send. */
  #settleRoles(connection: Connection, side: number, { name }: Layout): void {
    if (!connection.has(MARK.ROLES_ASSUMED) || !connection.has(MARK.EDITION_CERTAIN)) return;
    connection.clear(MARK.ROLES_ASSUMED);
    connection.clientSide = FROM_SERVER.has(name) ? 1 - side : side;
  }

  #enter(connection: Connection, side: number, message: Message): void {
    const subject = this.#subject;
    subject.hold(connection.slot, side, message);
    subject.messageName = this.messageName;
    subject.state = STATES[connection.side(side).state];
    subject.partial = connection.partial;
    subject.doubt = connection.doubt;
    const exchange = this.#exchange;
    exchange.connection = connection;
    exchange.messageName = subject.messageName;
    exchange.state = subject.state;
    exchange.fromClient = side === connection.clientSide;
  }

  /** Takes the short way, if it leads on. */
  #goesQuietly(connection: Connection, side: number, message: Message): boolean {
    const index = this.#quiet?.takes(connection, side, message) ?? -1;
    if (index < 0) return false;
    this.#userType = message.byte(USER_TYPE.offset);
    this.#count(index);
    return true;
  }

  /** @param index of the message in the layouts; -1 for an unknown one */
  #count(index: number): void {
    this.layout = LAYOUTS[index];
    this.#counts[index < 0 ? LAYOUTS.length : index]++;
  }

  // What it says

  /** @param index of the message in the layouts */
  #judge(connection: Connection, index: number, message: Message): void {
    const { fromClient } = this.#exchange;
    const kind = KINDS[index];
    const event = EVENTS[index];
    this.#outcome(unknownMessage, PASS);
    if (ARE_FROM_SERVER[index] === fromClient) {
      this.#step(connection, fromClient, event);
      this.#noteMisplaced(connection, message);
      return;
    }
    const content = this.#examine(connection.edition ?? '2019-12', kind, message);
    this.#enterContent(content);
    if (fromClient) this.#takeRequest(connection, kind, event, content, message);
    else this.#step(connection, false, this.#answers.take(connection, kind, event, content, this.#subject));
  }

  #examine(edition: Edition, kind: Kind, message: Message): Content {
    const ordinary = this.#ordinary;
    return ordinary?.reads(message, kind, edition) ? ordinary : examine(message, kind, edition, this.#settings);
  }

  #enterContent({ faults, passed, inconclusive }: Content): void {
    const { judge } = this.#host;
    const subject = this.#subject;
    // Lists that are frozen are slow to go over, and mostly there is nothing in them.
    if (faults.length > 0) for (const { rule, evidence } of faults) judge.enter(rule, BROKEN, subject, () => evidence);
    judge.allPassed(passed, subject);
    if (inconclusive.length === 0) return;
    for (const rule of inconclusive) judge.enter(rule, INCONCLUSIVE, subject, NO_EVIDENCE);
  }

  #takeRequest(connection: Connection, kind: Kind, event: number, content: Content, message: Message): void {
    const subject = this.#subject;
    const { outstanding } = connection;
    const broken = this.#step(connection, true, event);
    const { messageBits } = content;
    if (messageBits !== undefined) this.#judgeId(connection, messageBits, content, message);
    if (kind === 'TRANSFER') {
      this.#transfers.count(connection, content, message.frame);
      if (broken === undefined) judgeTurn(this.#host.judge, connection, subject);
    }
    const request = this.#addRequest(connection, kind, message);
    request.inOrder = broken === undefined;
    request.idKnown = messageBits !== undefined;
    request.due = request.inOrder && request.idKnown && !connection.has(MARK.SERVER_ENDED);
    if (messageBits !== undefined) this.#requests.setId(request, messageBits);
    if (kind === 'TRANSFER' && request.inOrder) {
      this.#transfers.judge(connection, content, request, subject);
    }
    if (kind === 'AUTHENTICATION') this.#takeAuthentication(connection, content, message);
    if (kind === 'AUTHENTICATION' || kind === 'UPLOAD-REQUEST') this.#takeAnnouncements(connection, content, message);
    if (request !== this.#forgotten) outstanding.added(request);
  }

  #addRequest(connection: Connection, messageName: string, message: Message): Request {
    this.#forgotten.reset();
    const request = connection.outstanding.add() ?? this.#forgotten;
    request.begin(messageName, message, this.#subject.state);
    // To make room for it another one may have been forgotten.
    this.#subject.doubt = connection.doubt;
    return request;
  }

  #judgeId(connection: Connection, id: Bits, content: Content, message: Message): void {
    const earlier = this.#identifiers.add(connection, MESSAGE, id, message.frame);
    this.#subject.doubt = connection.doubt;
    judgeMessageId(this.#host.judge, connection, content, earlier, this.#subject);
  }

  #takeAuthentication(connection: Connection, { token, tokenBytes }: Content, message: Message): void {
    if (connection.authenticationFrame !== 0) connection.mark(MARK.AUTHENTICATED_AGAIN);
    else {
      connection.authenticationFrame = message.frame;
      connection.authenticationSeconds = message.seconds;
      connection.authenticationNanoseconds = message.nanoseconds;
    }
    if (!this.#signatures || token === undefined || connection.edition !== '2019-12') return;
    if (this.#signatures.begin(token, this.#subject, tokenBytes)) connection.pendingSignatures++;
  }

  #takeAnnouncements(connection: Connection, { isObject, files, faults }: Content, message: Message): void {
    const { announcements } = connection;
    const byDigest = connection.edition === '2020-01';
    announcements.begin(byDigest, message.frame);
    for (const file of files) announcements.add(file, byDigest, message.frame);
    const doubtful = faults.some(({ rule }) => DOUBTFUL.includes(rule));
    if (!isObject || (doubtful && !announcesJust(message, files.length))) announcements.misunderstood();
  }

  // What has no place in the conversation

  #judgeUnknown(connection: Connection, message: Message): void {
    const type = this.#userType;
    const { edition } = connection;
    const unsure = !connection.has(MARK.EDITION_CERTAIN) && type >= 0 && type <= LAST_USER_TYPE;
    if (unsure) this.#outcome(unknownMessage, INCONCLUSIVE);
    else this.#host.judge.enter(unknownMessage, BROKEN, this.#subject, () => wordsOfUnknown(type, edition));
    this.#noteMisplaced(connection, message);
  }

  /** It may have been meant as a request, or as an answer. */
  #noteMisplaced(connection: Connection, message: Message): void {
    if (this.#exchange.fromClient) this.#addUnread(connection, message);
    else this.#answers.presume(connection);
  }

  /** Something of the client that the server may answer, and need not. */
  #addUnread(connection: Connection, message: Message): void {
    this.#addRequest(connection, UNKNOWN_MESSAGE, message);
  }

  /** The capture holds only part of it: from here on the history of the connection is not whole. */
  #noteCut(connection: Connection, message: Message): void {
    this.#losesHistory(connection, 'cut');
    this.#subject.partial = true;
    const { layout } = this;
    if (!layout) return;
    const kind = layout.name as Kind;
    const { fromClient } = this.#exchange;
    this.#enterContent(examine(message, kind, connection.edition ?? '2019-12', this.#settings));
    this.#step(connection, fromClient, machine.event(kind));
    if (!fromClient) this.#answers.presume(connection);
    else this.#addRequest(connection, kind, message);
    if (kind === 'TRANSFER') connection.mark(MARK.BYTES_UNKNOWN);
  }

  // The machine

  /** Takes the sender's and the receiver's step. Returns the rule that the sender broke by it, if any. */
  #step(connection: Connection, fromClient: boolean, event: number): string | undefined {
    const { client, server, partial } = connection;
    const sender = fromClient ? client : server;
    const receiver = fromClient ? server : client;
    const brokenRule = this.#steps.take(event, fromClient, sender, receiver, !partial);
    if (brokenRule !== undefined) this.#host.judge.enterStep(brokenRule, this.#exchange, this.#subject);
    return brokenRule;
  }

  #outcome(rule: RuleDocument, outcome: Outcome): void {
    this.#subject.doubt = this.#connection.doubt;
    this.#host.judge.enter(rule, outcome, this.#subject, NO_EVIDENCE);
  }
}
