/**
 * The sessions, one a flow: their connections, and how much of them was seen.
 *
 * The connections of a session stand in three lists, oldest first: those whose SYN waits for its answer, those that are
 * open (or closed by one side only), and those that are over, which are remembered because a late message may name them.
 * A session holds a bounded number; beyond it the oldest goes, one that is over before one that waits, that before one
 * that is open. What is forgotten so is not forgotten that it was: an unknown id may then be a forgotten one.
 */
import { type ConnectionLog, type Message, Records, recordView, type TrackerHost } from '../../src/sdk.ts';
import { ACCEPTED, type IdTable, OPENED } from './ids.ts';
import { TYPE } from './layouts.ts';
import { type Connection, type ConnectionTable, type Detail, FLAG } from './state.ts';
import { isFinal, STATES } from './states.ts';

export const LIST = { WAITING: 0, LIVE: 1, OVER: 2 } as const;
const LISTS = Object.values(LIST);
/** Which list gives up its oldest first. */
const EVICTION = [LIST.OVER, LIST.WAITING, LIST.LIVE];

/** Flags of a session; the first four are found by `unseen`, four more by `strange`. */
export const SESSION = {
  /** The first message was seen. */
  BEGUN: 1 << 4,
  /** That it was taken up midstream was reported. */
  ANNOUNCED: 1 << 5,
  /** A stream of which the handshake was not seen: what is said on it proves nothing about what is said later. */
  BYTES_ALONE: 1 << 6,
  /** One end has ended its stream: no SYN can count on an answer any more. */
  ENDED: 1 << 7,
  /** It began before the capture did, or may have. */
  MIDSTREAM: 1 << 12,
} as const;
const FIRST_STRANGE = 8;
const ALL_UNSEEN = 0b1111;
/** Connections of a list that are looked at for one that would explain an unknown id. */
const LOOKED_AT = 64;
/** So many ids without a gap are a count. */
const ENOUGH_IDS = 3;

/** The flag that says: ids of this table of this end may have been chosen without our seeing it. */
export const unseen = (side: number, table: number): number => 1 << (side * 2 + table);

/** The flag that says: this end has named, as a client or as a server, a connection that was not seen to be opened. */
export const strange = (side: number, asClient: boolean): number =>
  1 << (FIRST_STRANGE + side * 2 + (asClient ? 0 : 1));

/** What sessions need of the tracker's host. */
type Host = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit' | 'flows' | 'connections'>;

const SessionRow = recordView([
  'flags',
  /** Times that messages of it were lost to the capture. */
  'losses',
  /** Slot + 1 of the connection that stands for what belongs to none. */
  'nobody',
  /** Connections it holds, without that one. */
  'size',
]);
/** Behind them, for each list, slot + 1 of its oldest and of its newest connection. */
const FIRST_LIST = SessionRow.width;
/** Then, of each end, the lowest and the highest id of its SYNs, and how many there were. */
const FIRST_RANGE = FIRST_LIST + LISTS.length * 2;
const RANGE_WORDS = 3;
/**
 * Then, of each end, how many SYNs, ACKs and server's CLOSEs it has sent; the first id under which it has spoken though nobody was
 * seen to open it, with its role; and a mask of the types of what it has said under such ids, with two flags.
 */
const FIRST_SAID = FIRST_RANGE + 2 * RANGE_WORDS;
const SYNS = 0;
const ACKS = 1;
const CLOSES = 2;
const STRANGER = 3;
const SAID_TO_STRANGERS = 4;
const SAID_WORDS = 5;
/** It has used several such ids. */
const SEVERAL = 1 << 30;
/** It has answered or closed more as a server than it was asked for, or sent DATA before it has accepted anything. */
const UNASKED_FOR = 1 << 29;

export class Session extends SessionRow {
  static override readonly width = FIRST_SAID + 2 * SAID_WORDS;

  /** An end has opened a connection under an id that it had not used before. */
  countId(side: number, id: number): void {
    const { words } = this;
    const at = this.base + FIRST_RANGE + side * RANGE_WORDS;
    words[at] = words[at + 2] === 0 ? id : Math.min(words[at], id);
    words[at + 1] = Math.max(words[at + 1], id);
    words[at + 2]++;
  }

  /** Has an end counted past this id: used all others from its lowest, or from 1, to its highest, and this one not? */
  hasCountedPast(side: number, id: number): boolean {
    const at = this.base + FIRST_RANGE + side * RANGE_WORDS;
    const [lowest, highest, count] = [this.words[at], this.words[at + 1], this.words[at + 2]];
    if (count < ENOUGH_IDS || id >= highest) return false;
    return count === highest - 1 || (id > lowest && count === highest - lowest);
  }

  /** An end has sent a message of this type. */
  countSaid(side: number, type: number): void {
    const at = this.#saidBy(side);
    if (type === TYPE.SYN) this.words[at + SYNS]++;
    else if (type === TYPE.ACK) this.words[at + ACKS]++;
    else if (type === TYPE.CLOSE_SERVER) this.words[at + CLOSES]++;
  }

  /** An end has spoken, as a client or as a server, under an id that nobody was seen to open. */
  noteStranger(side: number, asClient: boolean, id: number, type: number): void {
    this.countSaid(side, type);
    const { words } = this;
    const at = this.#saidBy(side);
    const name = id * 2 + (asClient ? 1 : 0);
    words[at + STRANGER] ||= name;
    if (words[at + STRANGER] !== name) words[at + SAID_TO_STRANGERS] |= SEVERAL;
    const asked = words[this.#saidBy(1 - side) + SYNS];
    const isEarly = type === TYPE.DATA_SERVER && words[at + ACKS] === 0;
    if (isEarly || words[at + ACKS] > asked || words[at + CLOSES] > asked) words[at + SAID_TO_STRANGERS] |= UNASKED_FOR;
    words[at + SAID_TO_STRANGERS] |= 1 << type;
  }

  /** Have its ends spoken of several connections that nobody was seen to open? Two ends in the same role speak of two. */
  get hasStrangers(): boolean {
    const first = this.words[this.#saidBy(0) + STRANGER];
    const second = this.words[this.#saidBy(1) + STRANGER];
    if (first !== 0 && second !== 0 && (first & 1) === (second & 1)) return true;
    return ((this.saidToStrangers(0) | this.saidToStrangers(1)) & SEVERAL) !== 0;
  }

  /** Has an end said to them, as a server, what wrong ids alone would not explain? */
  get hasSpokenUnasked(): boolean {
    return ((this.saidToStrangers(0) | this.saidToStrangers(1)) & UNASKED_FOR) !== 0;
  }

  /** What an end has said under ids that nobody was seen to open, as a mask of message types; higher bits are flags. */
  saidToStrangers(side: number): number {
    return this.words[this.#saidBy(side) + SAID_TO_STRANGERS];
  }

  #saidBy(side: number): number {
    return this.base + FIRST_SAID + side * SAID_WORDS;
  }

  /** Slot + 1 of the oldest connection in a list; 0 when it is empty. */
  first(list: number): number {
    return this.words[this.base + FIRST_LIST + list * 2];
  }
  setFirst(list: number, link: number): void {
    this.words[this.base + FIRST_LIST + list * 2] = link;
  }

  last(list: number): number {
    return this.words[this.base + FIRST_LIST + list * 2 + 1];
  }
  setLast(list: number, link: number): void {
    this.words[this.base + FIRST_LIST + list * 2 + 1] = link;
  }
}

export class Sessions {
  /** The session last sought. */
  readonly session: Session;
  readonly #records = new Records(Session.width);
  readonly #log: ConnectionLog;
  readonly #table: ConnectionTable;
  readonly #ids: IdTable;
  readonly #connection: Connection;
  readonly #detail: Detail;
  readonly #neighbour: Detail;
  readonly #host: Host;
  #held = 0;

  constructor(host: Host, table: ConnectionTable, ids: IdTable) {
    this.#host = host;
    this.#log = host.connections;
    this.#table = table;
    this.#ids = ids;
    this.#connection = table.connection();
    this.#detail = table.detail();
    this.#neighbour = table.detail();
    this.session = new Session(this.#records);
  }

  seek(flow: number): Session {
    const base = flow * Session.width;
    if (base >= this.session.words.length) this.#records.reset(flow);
    this.session.base = base;
    return this.session;
  }

  /** The connection that is to be given up before another is opened in the session last sought; -1 where there is room. */
  crowdedOut(): number {
    const { limits } = this.#host;
    const isFull = this.session.size >= limits['session-connections'];
    if (!isFull && this.#held < limits.flows) return -1;
    const slot = this.oldest(EVICTION);
    if (slot >= 0) this.#host.limitHit(isFull ? 'session-connections' : 'flows');
    return slot;
  }

  /** Opens a connection in the session last sought, which has room; its row is new, and in the list of live ones. */
  open(flow: number, clientSide: number, message: Message): number {
    const slot = this.#openRow(flow, clientSide, message);
    this.session.size++;
    this.#held++;
    this.#append(slot, LIST.LIVE);
    return slot;
  }

  /** The connection that stands for what belongs to none. */
  nobody(flow: number, side: number, message: Message): number {
    const { session } = this;
    if (session.nobody === 0) {
      session.nobody = this.#openRow(flow, side, message) + 1;
      this.#connection.flags = FLAG.NOBODY;
    }
    return session.nobody - 1;
  }

  /** Nothing about the connection is certain from here on. */
  doubt(slot: number): void {
    this.#at(slot).flags |= FLAG.PARTIAL;
    this.#log.markInconclusive(slot, this.reason(this.#log.flow(slot)));
  }

  /** Why what is not certain in the session last sought is not. */
  reason(flow: number): 'gap' | 'cut' | 'midstream' | 'ambiguous' {
    const { flags, losses } = this.session;
    if (losses > 0) return this.#host.flows.transport(flow) === 'tcp' ? 'gap' : 'cut';
    return flags & SESSION.MIDSTREAM ? 'midstream' : 'ambiguous';
  }

  /** Puts a connection at the end of another list. */
  move(slot: number, list: number): void {
    this.#table.seekDetail(this.#detail, slot);
    if (this.#detail.list === list) return;
    this.#unlink(slot);
    this.#append(slot, list);
  }

  /** The oldest connection of the first of these lists that has one; -1 for none. */
  oldest(lists: readonly number[] = LISTS): number {
    const list = lists.find(candidate => this.session.first(candidate) !== 0);
    return list === undefined ? -1 : this.session.first(list) - 1;
  }

  /** The newest connection of a list that `fits`, among the last few; -1 for none. */
  newest(list: number, fits: (slot: number) => boolean): number {
    let link = this.session.last(list);
    for (let left = LOOKED_AT; left > 0 && link !== 0; left--) {
      if (fits(link - 1)) return link - 1;
      link = this.#neighbourAt(link - 1).previous;
    }
    return -1;
  }

  /** Visits the connections of a list, which stays as it is meanwhile. */
  forEach(list: number, visit: (slot: number) => void): void {
    for (let link = this.session.first(list); link !== 0; link = this.#neighbourAt(link - 1).next) visit(link - 1);
  }

  /** Has the id of a table name a connection; what it named before keeps its other ids. */
  assign(flow: number, side: number, table: number, id: number, slot: number): void {
    const before = this.#ids.find(flow, side, table, id);
    if (before >= 0) {
      if (this.#ids.owner(before) === slot) return;
      this.#disown(this.#ids.owner(before), before);
    }
    const detail = this.#detail;
    this.#table.seekDetail(detail, slot);
    const place = table === OPENED ? 'clientId' : detail.serverId === 0 ? 'serverId' : 'secondServerId';
    if (detail[place] !== 0) {
      // Only the third ACK of a connection, or another one that nobody asked for, leads here: what it said last counts.
      this.#ids.remove(detail[place] - 1);
      detail[place] = 0;
      if (!(this.#at(slot).flags & FLAG.NOBODY)) this.session.flags |= unseen(side, table);
    }
    const entry = this.#ids.assign(flow, side, table, id, slot);
    if (entry >= 0) detail[place] = entry + 1;
    else {
      this.#host.limitHit('flows');
      this.session.flags |= unseen(side, table);
    }
  }

  /** Gives a connection up, because of a bound: ids that nobody seems to have may be its. */
  giveUp(slot: number): void {
    const { clientSide, state } = this.#at(slot);
    if (!isFinal(state)) this.#log.markInconclusive(slot, 'bound');
    this.session.flags |= unseen(clientSide, OPENED) | unseen(1 - clientSide, ACCEPTED);
    this.release(slot);
  }

  /** A connection goes, with its ids. */
  release(slot: number): void {
    this.#unlink(slot);
    this.#forgetIds(slot);
    this.#log.close(slot, STATES[this.#at(slot).state]);
    this.session.size--;
    this.#held--;
  }

  /** Forgets the session last sought, of which all connections were released. */
  end(): void {
    const { session } = this;
    if (session.nobody !== 0) {
      const slot = session.nobody - 1;
      this.#forgetIds(slot);
      this.#log.close(slot, STATES[0]);
    }
    this.#records.words.fill(0, session.base, session.base + Session.width);
  }

  #openRow(flow: number, clientSide: number, message: Message): number {
    const slot = this.#log.open(flow, clientSide, message);
    this.#table.reset(slot);
    const connection = this.#connection;
    this.#table.seek(connection, slot);
    connection.clientSide = clientSide;
    connection.losses = this.session.losses;
    if (this.session.flags & SESSION.BYTES_ALONE) connection.flags = FLAG.PARTIAL;
    this.#table.seekDetail(this.#detail, slot);
    this.#detail.firstFrame = message.frame;
    this.#detail.firstSeconds = message.seconds;
    this.#detail.firstNanoseconds = message.nanoseconds;
    return slot;
  }

  #forgetIds(slot: number): void {
    const detail = this.#detail;
    this.#table.seekDetail(detail, slot);
    for (const place of ['clientId', 'serverId', 'secondServerId'] as const) {
      if (detail[place] !== 0) this.#ids.remove(detail[place] - 1);
      detail[place] = 0;
    }
  }

  /** Takes an id from the connection that it named; one that is over and has none left is forgotten for good. */
  #disown(slot: number, entry: number): void {
    const detail = this.#detail;
    this.#table.seekDetail(detail, slot);
    for (const place of ['clientId', 'serverId', 'secondServerId'] as const) {
      if (detail[place] === entry + 1) detail[place] = 0;
    }
    this.#ids.remove(entry);
    const { flags, state } = this.#at(slot);
    const nameless = (detail.clientId | detail.serverId | detail.secondServerId) === 0;
    if (nameless && isFinal(state) && !(flags & FLAG.NOBODY)) this.release(slot);
  }

  #append(slot: number, list: number): void {
    const { session } = this;
    const detail = this.#detail;
    this.#table.seekDetail(detail, slot);
    const last = session.last(list);
    detail.list = list;
    detail.previous = last;
    detail.next = 0;
    if (last === 0) session.setFirst(list, slot + 1);
    else this.#neighbourAt(last - 1).next = slot + 1;
    session.setLast(list, slot + 1);
  }

  #unlink(slot: number): void {
    const { session } = this;
    this.#table.seekDetail(this.#detail, slot);
    const { list, previous, next } = this.#detail;
    if (previous === 0) session.setFirst(list, next);
    else this.#neighbourAt(previous - 1).next = next;
    if (next === 0) session.setLast(list, previous);
    else this.#neighbourAt(next - 1).previous = previous;
  }

  #at(slot: number): Connection {
    this.#table.seek(this.#connection, slot);
    return this.#connection;
  }

  #neighbourAt(slot: number): Detail {
    this.#table.seekDetail(this.#neighbour, slot);
    return this.#neighbour;
  }
}

/** All four tables of the session may hold ids that were not seen. */
export function unseeAll(session: Session): void {
  session.flags |= ALL_UNSEEN;
}
