/**
 * The terms on which the two ends of a connection speak: its tags and whose of them their messages carry, the byte order,
 * and the cookies and echoes that settle them. What an echo that breaks a rule says counts only if the listener takes it.
 */
import type { Message, Subject, TrackerHost } from '../../src/sdk.ts';
import type { CookieLog } from './cookies.ts';
import { type Exchange, REMARK } from './exchange.ts';
import { COOKIE, COOKIE_ECHO, INIT, TYPE } from './layouts.ts';
import { tagNotRandom } from './rules/init.ts';
import { ambiguousReading } from './rules/session.ts';
import {
  type Connection,
  type ConnectionDetail,
  FLAG,
  SIDE_FLAG,
  type SideDetail,
  saidAtAll,
  saidBit,
} from './state.ts';
import { ENOUGH_TAGS } from './tag-pattern.ts';
import { onlyReading, type Reading, readingsAllowing } from './tags.ts';
import type { Waits } from './waits.ts';

const READING_MEANING: Readonly<Record<Reading, string>> = {
  initiator: "every message carries the INIT's tag",
  receiver: 'a message carries the tag that its receiver chose',
  sender: 'a message carries the tag that its sender chose',
};

export class Terms {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #subject: Subject;
  readonly #waits: Waits;
  /** How the options that were left to `auto` turned out. */
  readonly #settled = new Map<string, Set<string>>();

  /** @param exchange the message at hand; @param subject what it is judged as */
  constructor(host: TrackerHost<Exchange>, exchange: Exchange, subject: Subject, waits: Waits) {
    this.#host = host;
    this.#exchange = exchange;
    this.#subject = subject;
    this.#waits = waits;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#settled].map(([option, values]) => [option, [...values].sort()]));
  }

  takeInit(): void {
    const { connection, detail, message, opening, flow, side, slot } = this.#exchange;
    connection.flags |= FLAG.INIT_VERSION_1;
    if (!opening) return;
    connection.flags |= FLAG.INIT_TAG_KNOWN;
    connection.initTag = message.uint(INIT.fields.tag);
    detail.initFrame = message.frame;
    const held = this.#exchange.liveTags.hold(flow, 1 - side, connection.initTag, slot);
    if (held >= 0) detail.liveTag = held + 1;
    this.#judgeHostTags(true, INIT.fields.tag.offset);
  }

  takeCookie(): void {
    const { connection, detail, message, flow, cookies, older, orderKnown, now } = this.#exchange;
    if (!cookies.issue(detail, flow, message)) connection.flags |= FLAG.COOKIES_FORGOTTEN;
    if (!older && orderKnown && message.uint(COOKIE.fields.expiration) <= now) connection.flags |= FLAG.CLOCKS_DIFFER;
    detail.cookieFrame = message.frame;
    if (detail.cookieSeconds === 0) {
      detail.cookieSeconds = message.seconds;
      detail.cookieNanoseconds = message.nanoseconds;
    }
    if (!(connection.flags & FLAG.GOOD_ECHO))
      this.#noteTags(message.uint(COOKIE.fields.tag), message.uint(COOKIE.fields.peerTag));
    if (connection.flags & (FLAG.LISTENER_TAG_COUNTED | FLAG.PARTIAL)) return;
    connection.flags |= FLAG.LISTENER_TAG_COUNTED;
    this.#judgeHostTags(false, COOKIE.fields.tag.offset);
  }

  /**
   * Takes over the tags that a COOKIE or COOKIE-ECHO names. Another tag of the listener than before leaves in doubt
   * which is in force; that of an INIT which was not seen is learned from it.
   */
  #noteTags(tag: number, peerTag: number): void {
    const { connection, sender, receiver } = this.#exchange;
    if (!(connection.flags & FLAG.INIT_TAG_KNOWN)) connection.initTag = peerTag;
    const known = (connection.flags & FLAG.LISTENER_TAG_KNOWN) !== 0;
    if (known && connection.listenerTag !== tag) connection.flags |= FLAG.LISTENER_TAG_VARIES;
    connection.flags |= FLAG.INIT_TAG_KNOWN | FLAG.LISTENER_TAG_KNOWN;
    connection.listenerTag = tag;
    sender.flags &= ~SIDE_FLAG.TAG_RIGHT;
    receiver.flags &= ~SIDE_FLAG.TAG_RIGHT;
  }

  takeEcho(): void {
    const { connection, detail, message, side, slot, older, flow, cookies, echoOrigin, senderDetail } = this.#exchange;
    this.#noteTags(message.uint(COOKIE_ECHO.fields.tag), message.uint(COOKIE_ECHO.fields.peerTag));
    // The first echo chooses among the cookies issued; one that may be no copy of any may have changed the tag itself.
    const isFirst = !(connection.flags & FLAG.GOOD_ECHO);
    if (isFirst && echoOrigin === 'own') connection.flags &= ~FLAG.LISTENER_TAG_VARIES;
    // A cookie that answers another INIT leaves in doubt which of the two is in force.
    if (this.#exchange.initTag !== connection.initTag) connection.flags |= FLAG.LISTENER_TAG_VARIES;
    if (echoOrigin === 'own') cookies.noteEcho(flow, message);
    else senderDetail.strangeEcho = hashOf(message) + 1;
    detail.echoFrame = message.frame;
    if (older) {
      connection.flags |= FLAG.ECHO_REPEATED;
      return;
    }
    // Nobody echoes the cookie of an old INIT.
    if (connection.flags & FLAG.MAY_BE_OLD && echoOrigin === 'own') {
      connection.flags &= ~(FLAG.MAY_BE_OLD | FLAG.PARTIAL);
    }
    this.#waits.began(slot, side, TYPE.COOKIE_ECHO, message);
    connection.flags = (connection.flags | FLAG.GOOD_ECHO) & ~FLAG.ECHO_OF_ANOTHER_INIT;
  }

  /** An echo that breaks a rule: which tag of the listener it names counts only if the listener takes it. */
  takeBadEcho(): void {
    const { connection, detail, message, flow, cookies, echoOrigin, senderDetail, older } = this.#exchange;
    if (echoOrigin === 'own') cookies.noteEcho(flow, message);
    else senderDetail.strangeEcho = hashOf(message) + 1;
    senderDetail.strangeTag = message.uint(COOKIE_ECHO.fields.tag);
    detail.echoFrame = message.frame;
    if (older) return;
    // What its own finding rests on, and so what its acceptance rests on.
    const unseen = echoOrigin !== 'own' && !(echoOrigin === 'altered' && cookies.isLikeOneOf(detail, message));
    connection.flags &= ~(FLAG.ECHO_OF_UNSEEN | FLAG.ECHO_EXPIRED_ONLY | FLAG.ECHO_OF_ANOTHER);
    if (echoOrigin === 'another') connection.flags |= FLAG.ECHO_OF_ANOTHER;
    if (this.#exchange.initTag !== connection.initTag) connection.flags |= FLAG.ECHO_OF_ANOTHER_INIT;
    connection.flags |= FLAG.BAD_ECHO | (unseen ? FLAG.ECHO_OF_UNSEEN : 0);
    if (echoOrigin === 'own') connection.flags |= FLAG.ECHO_EXPIRED_ONLY;
  }

  /** A COOKIE-ACK of no echo that was seen: its tag may be that of a cookie which was not seen, either. */
  takeStrangeAck(): void {
    const { fromConnector, receiver, senderDetail, tag } = this.#exchange;
    if (!fromConnector && !(saidAtAll(receiver.sent) & saidBit(TYPE.COOKIE_ECHO))) senderDetail.strangeTag = tag;
  }

  /** The listener answers an echo; a bad one, if there was no other. */
  accept(): void {
    const { connection, receiverDetail } = this.#exchange;
    const { flags } = connection;
    connection.flags &= ~FLAG.BAD_ECHO;
    if ((flags & (FLAG.BAD_ECHO | FLAG.GOOD_ECHO)) !== FLAG.BAD_ECHO) return;
    connection.flags &= ~FLAG.LISTENER_TAG_VARIES;
    if (connection.flags & FLAG.LISTENER_TAG_KNOWN && connection.listenerTag !== receiverDetail.strangeTag) {
      connection.flags |= FLAG.LISTENER_TAG_VARIES;
    }
    connection.listenerTag = receiverDetail.strangeTag;
    connection.flags |= FLAG.LISTENER_TAG_KNOWN | FLAG.GOOD_ECHO;
  }

  /** Takes a message's tag into account: which readings are left, and whether one is settled. */
  takeTag(): void {
    if (this.#exchange.remarks & REMARK.TAG) this.takeNewTag();
  }

  /** The same of a tag that its side has not sent before, or that was not found right. */
  takeNewTag(): void {
    const { connection, sender, tag, fromConnector } = this.#exchange;
    sender.tag = tag;
    sender.flags = (sender.flags | SIDE_FLAG.TAG_KNOWN) & ~SIDE_FLAG.TAG_RIGHT;
    if (!areTagsKnown(connection)) return;
    const { initTag, listenerTag } = connection;
    const allowing = connection.readings & readingsAllowing(tag, initTag, listenerTag, fromConnector);
    if (!(connection.flags & FLAG.READING_ANNOUNCED)) this.#settleReading(allowing);
    if (allowing && connection.flags & FLAG.READING_ANNOUNCED) sender.flags |= SIDE_FLAG.TAG_RIGHT;
  }

  /** Whether a reading in force allows the message's tag, and there is nothing to report of it. */
  allowsQuietly(): boolean {
    const { connection, tag, fromConnector } = this.#exchange;
    if (!areTagsKnown(connection)) return false;
    const { initTag, listenerTag } = connection;
    const allowing = connection.readings & readingsAllowing(tag, initTag, listenerTag, fromConnector);
    if (allowing === 0 || connection.flags & FLAG.READING_ANNOUNCED) return allowing !== 0;
    const reading = onlyReading(allowing);
    return reading === undefined || !this.#isNews('tags', reading);
  }

  /** @param allowing readings that allow the message at hand, as a mask; none when its tag is wrong in all of them */
  #settleReading(allowing: number): void {
    const { connection, fromConnector } = this.#exchange;
    connection.readings = allowing || connection.readings;
    connection.flags |= fromConnector ? FLAG.CONNECTOR_TAGGED : FLAG.LISTENER_TAGGED;
    const both = FLAG.CONNECTOR_TAGGED | FLAG.LISTENER_TAGGED;
    const reading = onlyReading(connection.readings);
    if (!reading || (connection.flags & both) !== both) return;
    connection.flags |= FLAG.READING_ANNOUNCED;
    if (this.#isNews('tags', reading))
      this.#announce('tags', reading, `tags are read as "${reading}": ${READING_MEANING[reading]}`);
  }

  settleOrder(littleEndian: boolean | undefined): void {
    const { connection } = this.#exchange;
    if (littleEndian === undefined || connection.flags & FLAG.ORDER_KNOWN) return;
    connection.flags |= FLAG.ORDER_KNOWN | (littleEndian ? FLAG.LITTLE_ENDIAN : 0);
    this.#exchange.flags = connection.flags;
    this.#exchange.orderKnown = true;
    const order = littleEndian ? 'little' : 'big';
    if (this.#isNews('byteOrder', order)) this.#announce('byteOrder', order, `integers are read as ${order}-endian`);
  }

  /** Reports, once a run, how an option that was left to `auto` turned out. Called with news only, as words cost. */
  #announce(option: string, value: string, message: string): void {
    const values = this.#settled.get(option) ?? new Set();
    this.#settled.set(option, values.add(value));
    this.#host.judge.enterOnce(`${option} ${value}`, ambiguousReading, this.#subject, () => ({
      message,
      expected: `settled by --dialect mnet.${option}=${value}`,
      actual: 'inferred from the traffic',
    }));
  }

  #isNews(option: string, value: string): boolean {
    return !this.#settled.get(option)?.has(value) && this.#host.dialect.choice(option) === 'auto';
  }

  #judgeHostTags(connector: boolean, offset: number): void {
    const { hostTags, flow, side, message, host } = this.#exchange;
    const found = hostTags.add(flow, side, connector, message, offset);
    if (found === 'few') return;
    const pattern = typeof found === 'object' ? found : undefined;
    if (!pattern) {
      if (found !== 'forgotten') host.judge.passed(tagNotRandom, 1);
      return;
    }
    const who = addressOf(host.connections.endpoint(this.#exchange.slot, side));
    host.judge.enterOnce(`tags of ${who}`, tagNotRandom, this.#subject, () => {
      const what =
        pattern.kind === 'step'
          ? `follow the constant step ${pattern.step}`
          : `repeat: ${pattern.distinct} different ones only`;
      return {
        message: `the tags this host makes ${what}`,
        expected: 'random numbers of 24 bits',
        actual: `after ${ENOUGH_TAGS} or more connections, tags that ${what}`,
        bytes: { offset, length: 3 },
      };
    });
  }

  /** A connection is closed: forgets what it is looked up by. */
  release(detail: ConnectionDetail): void {
    this.#exchange.cookies.release(detail);
    this.releaseTag(detail);
  }

  releaseTag(detail: ConnectionDetail): void {
    if (detail.liveTag) this.#exchange.liveTags.release(detail.liveTag - 1);
    detail.liveTag = 0;
  }
}

/** Both tags of a connection are known, and no doubt is left which of its listener's is in force. */
function areTagsKnown({ flags }: Connection): boolean {
  const known = FLAG.INIT_TAG_KNOWN | FLAG.LISTENER_TAG_KNOWN;
  return (flags & (known | FLAG.LISTENER_TAG_VARIES)) === known;
}

/** Is the INIT at hand one that its sender has sent before? The first was in good form, even if its tag was another's. */
export function isInitAgain(exchange: Exchange): boolean {
  const { sender, fromConnector, initTag, connection } = exchange;
  const hasSaid = (sender.sent & saidBit(TYPE.INIT)) !== 0 || (fromConnector && exchange.has(FLAG.INIT_VERSION_1));
  return hasSaid && initTag === connection.initTag;
}

/** Has an end of a connection sent this very COOKIE-ECHO before? */
export function hasEchoed(cookies: CookieLog, { strangeEcho }: SideDetail, flow: number, message: Message): boolean {
  return (strangeEcho !== 0 && strangeEcho === hashOf(message) + 1) || cookies.wasEchoed(flow, message);
}

/** FNV-1a over the captured bytes of a control message; none is longer than 32. */
function hashOf(message: Message): number {
  const { bytes, start, captured } = message;
  let hash = 0x811c9dc5;
  for (let i = start; i < start + captured; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}

/** The host of a printed endpoint. */
const addressOf = (endpoint: string) => endpoint.slice(0, endpoint.lastIndexOf(':'));
