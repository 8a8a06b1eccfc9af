/**
 * Judges one packet against what is known so far, then takes in what it says. The order: its form; a step of the machine on
 * both sides; its content, unless the step broke a rule; then it becomes part of the memory (`taking.ts`, `connecting.ts`).
 */
import { BROKEN, type EarlierMessage, type Rule, Steps, type TrackerHost } from '../../src/sdk.ts';
import { assess } from './assess.ts';
import type { Attaching } from './attaching.ts';
import type { Bystander } from './bystander.ts';
import { type Connecting, isOutOfPlace } from './connecting.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { type Flow, STAGE } from './flows.ts';
import { eventOf, REFUSAL_EVENT } from './machine.ts';
import { copyPlace, type Place } from './place.ts';
import type { Reading } from './reading.ts';
import { remarksInConversation, remarksOf } from './remarks.ts';
import type { Resending } from './resending.ts';
import { MALFORMED_ACCEPTED_LOOKS_AT, midstream } from './rules/closing.ts';
import { CONTENT_RULES, FORM_RULES } from './rules.ts';
import { STANDING } from './standing.ts';
import type { Taking } from './taking.ts';
import { LEVEL, TYPE } from './terms.ts';
import { AWAITED } from './waits.ts';
import type { Watch } from './watch.ts';

/** Do packets of this type come from the other side alone? */
function isOfOtherSide(type: number, fromClient: boolean): boolean {
  switch (type) {
    case TYPE.CONNECT:
    case TYPE.SUBSCRIBE:
    case TYPE.UNSUBSCRIBE:
    case TYPE.PINGREQ:
      return !fromClient;
    case TYPE.CONNACK:
    case TYPE.SUBACK:
    case TYPE.UNSUBACK:
    case TYPE.PINGRESP:
      return fromClient;
    default:
      return false;
  }
}

/** Was the last packet of the flow of the same side as one of this type, which goes on with it or sends it again? */
function goesOn(type: number, { stage }: Flow): boolean {
  switch (type) {
    case TYPE.PUBLISH:
    case TYPE.PUBREL:
    case TYPE.SUBSCRIBE:
    case TYPE.UNSUBSCRIBE:
      return stage !== STAGE.RECEIVED;
    default:
      return stage === STAGE.RECEIVED;
  }
}

/** What the judging shares with the tracker. */
export interface JudgingParts {
  readonly attaching: Attaching;
  readonly watch: Watch;
  readonly reading: Reading;
  readonly resending: Resending;
  readonly connecting: Connecting;
  readonly taking: Taking;
  readonly bystander: Bystander | undefined;
}

export class Judging {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #steps: Steps;
  readonly #attaching: Attaching;
  readonly #watch: Watch;
  readonly #reading: Reading;
  readonly #resending: Resending;
  readonly #bystander: Bystander | undefined;
  readonly #connecting: Connecting;
  readonly #taking: Taking;
  readonly #answered: Place = { ordinal: 0, frame: 0, seconds: 0, nanoseconds: 0 };

  constructor(host: TrackerHost<Exchange>, exchange: Exchange, parts: JudgingParts) {
    this.#host = host;
    this.#exchange = exchange;
    this.#steps = new Steps(host.machineRun);
    this.#attaching = parts.attaching;
    this.#watch = parts.watch;
    this.#reading = parts.reading;
    this.#resending = parts.resending;
    this.#bystander = parts.bystander;
    this.#connecting = parts.connecting;
    this.#taking = parts.taking;
  }

  /** The packet that the one judged last answers or goes on with. */
  get answers(): EarlierMessage | undefined {
    return this.#answered.frame === 0 ? undefined : this.#answered;
  }

  /** Another packet is in hand. */
  begin(): void {
    this.#answered.frame = 0;
  }

  /** Judges the packet in the exchange, and takes in what it says. */
  judge(connection: Connection): void {
    const exchange = this.#exchange;
    if (connection.isMidstream && !connection.isAnnounced) this.#announce(connection);
    this.#reading.measure(connection);
    this.#reading.advance(connection);
    if (!exchange.sender.isLost) this.#weigh(connection);
    this.#reading.finish(connection);
  }

  #weigh(connection: Connection): void {
    const exchange = this.#exchange;
    const { judge } = this.#host;
    const { packet, sender, receiver, subject } = exchange;
    // What crosses a DISCONNECT breaks nothing; who has sent one breaks one rule alone (Certainty 9, 10).
    const isSilent = sender.disconnected > 0 || receiver.disconnected > 0 || connection.level === 0;
    const isWrongWay = isOfOtherSide(packet.type, exchange.fromClient);
    const remarks = remarksOf(exchange);
    const isMalformed = !isSilent && !isWrongWay && judge.judgeForm(exchange.type, exchange, subject, remarks);
    const isCrossing = receiver.disconnected > 0 && sender.disconnected === 0;
    const outOfTurn = this.#move(connection, isMalformed);
    if (outOfTurn !== undefined && !isCrossing && !isMalformed) {
      judge.enterStep(outOfTurn, exchange, subject);
      this.#blame(connection, outOfTurn);
      connection.isUnopened ||= outOfTurn === 'mqtt/connect-not-first';
    }
    if (isMalformed || isSilent) this.#bystander?.takenMalformed();
    if (isCrossing && packet.id > 0) this.#taking.takeCrossing();
    if (isSilent || (outOfTurn !== undefined && isOutOfPlace(outOfTurn))) return;
    if (isMalformed) this.#takeMalformed(connection);
    else this.#takeWhole(connection, outOfTurn, remarks);
  }

  #takeMalformed(connection: Connection): void {
    const { packet } = this.#exchange;
    const broken = this.#broken(FORM_RULES);
    this.#blame(connection, broken);
    if (broken === 'mqtt/wrong-direction') return;
    this.#reading.noteMalformed(connection);
    this.#connecting.takeMalformed(connection, broken);
    if (packet.type >= TYPE.PUBLISH && packet.type <= TYPE.UNSUBACK) this.#taking.takeMalformed();
  }

  /**
   * @param outOfTurn id of the rule of order that the packet broke
   * @param remarks of its form
   */
  #takeWhole(connection: Connection, outOfTurn: string | undefined, remarks: number): void {
    const exchange = this.#exchange;
    const { judge } = this.#host;
    const { packet, subject } = exchange;
    this.#prepare(connection);
    let broken = outOfTurn;
    if (
      broken === undefined &&
      judge.judgeContent(exchange.type, exchange, subject, remarks | remarksInConversation(exchange))
    ) {
      broken = this.#broken(CONTENT_RULES) ?? 'unknown';
      this.#blame(connection, broken);
      connection.isFaultReported ||= broken === 'mqtt/malformed-accepted';
      connection.isTakeoverReported ||= broken === 'mqtt/takeover-not-closed';
    }
    this.#reading.note();
    // Nobody must answer a client that has not said CONNECT.
    const deservesNothing = connection.isUnopened ? 'mqtt/connect-not-first' : undefined;
    this.#connecting.take(connection, broken ?? deservesNothing);
    if (packet.id > 0) this.#taking.take((broken ?? deservesNothing) !== undefined);
    if (packet.id > 0 && connection.takenFrom) this.#taking.loosenIn(connection.takenFrom);
    this.#bystander?.taken(broken !== undefined);
    if (packet.type === TYPE.CONNACK && packet.code === 0) this.#resending.begin(connection);
    if (packet.type === TYPE.DISCONNECT) this.#watch.begin(AWAITED.CLOSE_AFTER_DISCONNECT);
  }

  /** Works out what the rules of content look at. */
  #prepare(connection: Connection): void {
    const exchange = this.#exchange;
    const { packet } = exchange;
    this.#reading.content(connection);
    if (packet.type === TYPE.CONNACK && packet.code === 0) this.#attaching.prepareConnack(connection);
    if (packet.id > 0) {
      assess(exchange);
      this.#reading.order();
    }
    this.#reading.answer(connection);
    this.noteAnswered();
  }

  /** Notes which packet the one in hand answers or goes on with. */
  noteAnswered(): void {
    const exchange = this.#exchange;
    const { packet } = exchange;
    const earlier = exchange.standing === STANDING.RIGHT ? exchange.flow : exchange.answered;
    if (!earlier || earlier.frame === 0) return;
    this.noteEarlier(earlier);
    this.#answered.isContinued = earlier === exchange.flow && goesOn(packet.type, exchange.flow);
  }

  /** The packet in hand answers this one. */
  noteEarlier(earlier: EarlierMessage): void {
    copyPlace(earlier, this.#answered);
    this.#answered.isContinued = false;
  }

  /** Takes the step that the packet is. @returns id of the rule that it breaks by coming now */
  #move(connection: Connection, isMalformed: boolean): string | undefined {
    const { packet, role, fromClient, subject } = this.#exchange;
    const { type } = packet;
    if (type === 0 || (type === TYPE.AUTH && connection.level !== LEVEL.V5)) return undefined;
    // Of a DISCONNECT of the server the version decides, which a rule of form looks at.
    if (type === TYPE.DISCONNECT && !fromClient && connection.level !== LEVEL.V5 && connection.level !== 0)
      return undefined;
    // A CONNACK for a repeated CONNECT is what became of that, and nothing else (Certainty 9).
    if (type === TYPE.CONNACK && connection.repeatedConnect > 0) return undefined;
    const isRefusal = type === TYPE.CONNACK && packet.code > 0;
    return this.step(connection, role, isRefusal ? REFUSAL_EVENT : eventOf(type), !subject.partial && !isMalformed);
  }

  /** Takes a step on both sides. @returns id of the rule that it broke */
  step(connection: Connection, role: 0 | 1, event: number, judged: boolean): string | undefined {
    return this.#steps.take(event, role === 0, connection.sides[role], connection.sides[1 - role], judged);
  }

  /** A rule was broken: is it one after which a server must not go on? */
  #blame(connection: Connection, rule: string | undefined): void {
    const { fromClient, message, packet } = this.#exchange;
    if (!fromClient || rule === undefined) return;
    if (rule === 'mqtt/connect-repeated') connection.repeatedConnect = connection.ordinal;
    if (connection.faultOrdinal > 0 || (packet.type === TYPE.CONNECT && rule !== 'mqtt/connect-repeated')) return;
    if (!MALFORMED_ACCEPTED_LOOKS_AT.has(rule)) return;
    connection.faultOrdinal = connection.ordinal;
    connection.faultFrame = message.frame;
  }

  /** Id of the first rule that the packet in hand breaks. */
  #broken(rules: readonly Rule<Exchange>[]): string | undefined {
    const exchange = this.#exchange;
    const found = rules.find(
      ({ on, check }) => on?.includes(this.#exchange.subject.messageName) && check?.(exchange) === BROKEN,
    );
    return found?.id;
  }

  #announce(connection: Connection): void {
    connection.isAnnounced = true;
    this.#host.judge.enter(midstream, BROKEN, this.#exchange.subject, () => ({
      message: 'the first packet of the connection is no CONNECT: it is taken up midstream',
      expected: 'CONNECT',
      actual: this.#exchange.subject.messageName,
    }));
  }
}
