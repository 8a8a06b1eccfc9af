/**
 * Two correct MNET endpoints and the network between them, for the property tests: numbers decide what happens next, so
 * that every list of numbers is a conforming conversation, as an observer in the middle of the path sees it.
 *
 * Behind the observer the network may lose, double, delay and reorder everything. Before the observer it may double what
 * was seen already, and lose those messages whose absence cannot be taken for a fault of their sender.
 */
import { type Line, type Party, parties, START, type Terms } from '../../kit/mnet.ts';

const DATA = 0;
const INIT = 1;
const COOKIE = 2;
const COOKIE_ECHO = 3;
const COOKIE_ACK = 4;
const SHUTDOWN = 5;
const SHUTDOWN_ACK = 6;
const SHUTDOWN_COMPLETE = 7;
const ABORT = 8;
/** What may be lost before the observer: nothing that its sender says later rests on these having been seen. */
const MAY_BE_LOST = [INIT, COOKIE, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE, ABORT];
const MAX_STEP_MILLISECONDS = 20;

/** Hands out decisions. */
class Dice {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  get empty(): boolean {
    return this.#next >= this.#numbers.length;
  }

  /** 0..sides - 1; 0 once the numbers are used up. */
  roll(sides: number): number {
    return (this.#numbers[this.#next++] ?? 0) % sides;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)];
  }
}

const typeOf = ({ bytes }: Line) => bytes[0];
const tagOf = ({ bytes }: Line) => (bytes[1] << 16) | (bytes[2] << 8) | bytes[3];

/** One side of a connection, from the moment it may send DATA. */
class Endpoint {
  readonly #party: Party;
  readonly #peerTag: number;
  readonly #littleEndian: boolean;
  /** The connector has echoed and waits; or the connection stands; or it is over. */
  state: 'echoed' | 'established' | 'over';
  #sent = 0;
  /** This side has said how much it has sent. */
  #counted = false;
  #acknowledged = 0;
  #received = 0;
  #shutdown: Line | undefined = undefined;
  #answeredShutdown = false;

  constructor(party: Party, peer: Party, littleEndian: boolean, state: 'echoed' | 'established') {
    this.#party = party;
    this.#peerTag = peer.tag;
    this.#littleEndian = littleEndian;
    this.state = state;
  }

  /** Something that this side says of its own accord. */
  speak(dice: Dice): Line | undefined {
    if (this.state === 'over') return undefined;
    const mayBegin = !this.#shutdown && !this.#answeredShutdown;
    switch (dice.roll(12)) {
      case 0:
        return this.state === 'established' ? this.#shutDown() : undefined;
      case 1:
        return dice.roll(5) === 0 ? this.#abort() : undefined;
      case 2:
      case 3:
      case 4:
        return this.#acknowledged < this.#sent ? this.#sendAgain(dice, mayBegin) : undefined;
      case 5:
      case 6:
        // A first acknowledgement after SHUTDOWN-ACK could cross the SHUTDOWN-COMPLETE, as could new bytes.
        return this.#counted || mayBegin ? this.#data(this.#sent, this.#sent) : undefined;
      default:
        return mayBegin ? this.#data(this.#sent, this.#sent + 1 + dice.roll(60)) : undefined;
    }
  }

  /** What this side answers to a message of its connection. */
  hear(line: Line): Line | undefined {
    if (tagOf(line) !== this.#peerTag) return undefined;
    const type = typeOf(line);
    if (this.state === 'over') return this.#hearAfterTheEnd(type);
    switch (type) {
      case COOKIE_ACK:
        this.state = 'established';
        return undefined;
      case DATA:
        this.state = 'established';
        this.#take(line);
        return undefined;
      case SHUTDOWN:
        this.state = 'established';
        this.#answeredShutdown = true;
        return this.#party.shutdownAck();
      case SHUTDOWN_ACK:
        if (!this.#shutdown) return undefined;
        this.state = 'over';
        return this.#party.shutdownComplete();
      case SHUTDOWN_COMPLETE:
      case ABORT:
        this.state = 'over';
        this.#shutdown = undefined;
        return undefined;
      default:
        return undefined;
    }
  }

  #hearAfterTheEnd(type: number): Line | undefined {
    // A side that has aborted says no more; a side that has completed says so again.
    return type === SHUTDOWN_ACK && this.#shutdown ? this.#party.shutdownComplete() : undefined;
  }

  #take({ bytes }: Line): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const end = view.getUint32(4, this.#littleEndian);
    const first = end - view.getUint16(12, this.#littleEndian);
    if (first <= this.#received && end > this.#received) this.#received = end;
    this.#acknowledged = Math.max(this.#acknowledged, view.getUint32(8, this.#littleEndian));
  }

  #data(first: number, end: number): Line {
    this.#counted = true;
    this.#sent = Math.max(this.#sent, end);
    return this.#party.data(first, end, this.#received);
  }

  /** From some byte that is not acknowledged, in whatever cut, perhaps on into new bytes. */
  #sendAgain(dice: Dice, mayBegin: boolean): Line {
    const first = this.#acknowledged + dice.roll(this.#sent - this.#acknowledged);
    const end = first + 1 + dice.roll(this.#sent - first);
    return this.#data(first, end === this.#sent && mayBegin ? end + dice.roll(30) : end);
  }

  #shutDown(): Line | undefined {
    // Sent after SHUTDOWN-ACK it could cross the SHUTDOWN-COMPLETE.
    if (this.#answeredShutdown) return undefined;
    this.#shutdown = this.#party.shutdown(this.#received);
    return this.#shutdown;
  }

  #abort(): Line {
    this.state = 'over';
    this.#shutdown = undefined;
    return this.#party.abort();
  }
}

/** One connection: the handshake, and then its two endpoints. */
class Session {
  readonly #terms: Partial<Terms>;
  readonly #littleEndian: boolean;
  readonly #init: Line;
  readonly #cookies: Line[] = [];
  #echo: Line | undefined = undefined;
  #connector: Endpoint | undefined = undefined;
  #listener: Endpoint | undefined = undefined;
  #pair: ReturnType<typeof parties>;

  constructor(terms: Partial<Terms>) {
    this.#terms = terms;
    this.#littleEndian = terms.order !== 'big';
    this.#pair = parties(terms);
    this.#init = this.#pair.C.init();
  }

  get over(): boolean {
    return this.#connector?.state === 'over';
  }

  speak(dice: Dice): Line | undefined {
    if (dice.roll(2) === 0) return this.#listener?.speak(dice);
    if (!this.#connector) return this.#init;
    return this.#connector.state === 'echoed' && dice.roll(3) === 0 ? this.#echo : this.#connector.speak(dice);
  }

  hear(line: Line, now: number): Line | undefined {
    switch (typeOf(line)) {
      case INIT:
        return tagOf({ ...line, bytes: line.bytes.subarray(5) }) === this.#terms.initTag ? this.#issue(now) : undefined;
      case COOKIE:
        return this.#cookies.includes(line) && !this.#connector ? this.#choose(line) : undefined;
      case COOKIE_ECHO:
        return line === this.#echo ? this.#accept() : undefined;
      default:
        return line.from === 'connector' ? this.#listener?.hear(line) : this.#connector?.hear(line);
    }
  }

  /** The listener keeps no state: each INIT gets a cookie with a tag of its own. */
  #issue(now: number): Line {
    const tag = ((this.#terms.listenerTag ?? 0) + this.#cookies.length * 0x3571f) & 0xffffff;
    const { L } = parties({ ...this.#terms, listenerTag: tag, expiration: START + 6 + Math.floor(now) });
    const cookie = L.cookie();
    this.#cookies.push(cookie);
    return cookie;
  }

  #choose(cookie: Line): Line {
    this.#pair = parties({ ...this.#terms, listenerTag: tagOf(cookie) });
    const { C, L } = this.#pair;
    const bytes = cookie.bytes.slice();
    bytes[0] = COOKIE_ECHO;
    this.#echo = C.raw(bytes);
    this.#connector = new Endpoint(C, L, this.#littleEndian, 'echoed');
    return this.#echo;
  }

  #accept(): Line | undefined {
    const { C, L } = this.#pair;
    this.#listener ??= new Endpoint(L, C, this.#littleEndian, 'established');
    return this.#listener.state === 'established' ? L.cookieAck() : undefined;
  }
}

/**
 * A conversation of up to `connections.length` connections in turn on one pair, as it was seen. Only datagrams of the
 * connection in force and of the one before it may come late.
 */
export function conversation(numbers: readonly number[], connections: readonly Partial<Terms>[]): Line[] {
  const dice = new Dice(numbers);
  const sessions: Session[] = [];
  /** What the observer saw, without times; and what of it is still on its way behind the observer. */
  const passed: Line[] = [];
  const underway: Line[] = [];
  const seen: Line[] = [];
  let milliseconds = 0;

  const pass = (line: Line) => {
    const step = dice.roll(MAX_STEP_MILLISECONDS);
    if (seen.length > 0) milliseconds += step;
    seen.push({ ...line, after: step / 1000 });
    passed.push(line);
    underway.push(line);
  };
  const send = (line: Line | undefined) => {
    if (line && !(MAY_BE_LOST.includes(typeOf(line)) && dice.roll(10) === 0)) pass(line);
  };
  const arrive = (index: number) => {
    const line = underway[index];
    if (dice.roll(6) > 0) underway.splice(index, 1);
    for (const session of sessions) send(session.hear(line, milliseconds / 1000));
  };

  while (!dice.empty) {
    const current = sessions.at(-1);
    if (!current || (current.over && sessions.length < connections.length && dice.roll(8) === 0)) {
      sessions.push(new Session(connections[sessions.length]));
      continue;
    }
    const action = dice.roll(20);
    if (action < 9) send(current.speak(dice));
    else if (action === 9) send(sessions.at(-2)?.speak(dice));
    else if (action === 10 && passed.length > 0) pass(dice.pick(passed));
    else if (action === 11 && underway.length > 0) underway.splice(dice.roll(underway.length), 1);
    else if (underway.length > 0) arrive(dice.roll(underway.length));
  }
  return seen;
}
