/**
 * Conversations as programs have them, of the two protocols over UDP: identifiers that do not come again, answers after the way
 * there and back, connections that are used and mostly closed, some of them at a time; and now and then a datagram of MNET that
 * the network loses behind the observer, and that is sent again when its time is up. (The others that dice drive go to where the
 * law is hard: identifiers that come again at once, answers in any order or none, ends anywhere.) And the same with a fault.
 */
import * as ministreaming from '../kit/ministreaming.ts';
import * as mnet from '../kit/mnet.ts';
import type { Dice } from './dice.ts';

/** What is said at so many seconds since the start. */
interface Said<Line> {
  readonly at: number;
  readonly line: Line;
}

/** A conversation, and where in it a fault lies, as frame; undefined for none. */
export interface Everyday<Line> {
  readonly lines: readonly Line[];
  readonly frame: number | undefined;
}

/** In the order of time, each after the one before. */
function inTime<Line>(said: readonly Said<Line>[], fault: Said<Line> | undefined): Everyday<Line & { after: number }> {
  const all = fault ? [...said.filter(one => one !== fault), fault] : [...said];
  all.sort((one, other) => one.at - other.at);
  const lines = all.map(({ at, line }, index) => ({ ...line, after: index === 0 ? 0 : at - all[index - 1].at }));
  return { lines, frame: fault && all.indexOf(fault) + 1 };
}

/** In seconds: from, and up to so much more. */
const between = (dice: Dice, from: number, more: number) => from + (dice.roll(1_000) / 1_000) * more;

// ministreaming

type Link = ministreaming.Link;
type Spoken = Said<ministreaming.Line>;

const idOf = (dice: Dice) => 1 + dice.roll(0xff_fffe);

/** What is said after the ACK: sides take turns, and the first of them asks or greets. */
const TALKS: readonly ((dice: Dice) => readonly ('client' | 'server' | 'close' | 'serverClose')[])[] = [
  // A question, answered in pieces.
  dice => ['client', ...Array.from({ length: 1 + dice.roll(6) }, () => 'server' as const), 'serverClose', 'close'],
  // A greeting, commands and replies.
  dice => [
    'server',
    ...Array.from({ length: 2 + dice.roll(5) }, () => ['client', 'server'] as const).flat(),
    'close',
    'serverClose',
  ],
  // Something is brought.
  dice => [...Array.from({ length: 3 + dice.roll(10) }, () => 'client' as const), 'server', 'close', 'serverClose'],
  // A connection that stays.
  dice => Array.from({ length: 2 + dice.roll(6) }, () => ['client', 'server'] as const).flat(),
];

function connection(dice: Dice, link: Link, start: number, way: number): Spoken[] {
  const said: Spoken[] = [];
  let at = start;
  const say = (line: ministreaming.Line, after: number) => {
    at += after;
    said.push({ at, line });
  };
  say(link.syn(), 0);
  if (dice.roll(20) === 0) {
    say(link.refuse(), way);
    return said;
  }
  say(link.ack(), way);
  let before = 'server';
  for (const next of dice.pick(TALKS)(dice)) {
    const isServers = next === 'server' || next === 'serverClose';
    const isTurn = isServers !== (before === 'server' || before === 'serverClose');
    const after = isTurn ? (isServers ? way : 0) + between(dice, 0.001, 0.02) : between(dice, 0.0002, 0.002);
    if (next === 'client') say(link.send(), after);
    else if (next === 'server') say(link.answer(), after);
    else if (next === 'close') say(link.close(), after);
    else say(link.serverClose(), after);
    before = next;
  }
  return said;
}

/** Faults of ministreaming, each on a connection that is open. */
const MINISTREAMING_FAULTS: Readonly<Record<string, (link: Link, dice: Dice) => ministreaming.Line>> = {
  'data-unknown-id': (link, dice) => new ministreaming.Link(link.client, 0, idOf(dice)).send(),
  'own-id': link => new ministreaming.Link(link.client, 0, link.clientId).send(),
  'syn-id-in-use': link => link.syn(),
  'ack-duplicate': link => link.ack(),
  'ack-unexpected': (link, dice) => new ministreaming.Link(link.client, idOf(dice), idOf(dice)).ack(),
  'close-payload': link => link.serverClose([1, 2, 3]),
};
export const MINISTREAMING_RULES = Object.keys(MINISTREAMING_FAULTS);

/** @param rule that one message breaks */
export function ministreamingSession(dice: Dice, rule?: string): Everyday<ministreaming.Line> {
  const way = between(dice, 0.02, 0.3);
  const said: Spoken[] = [];
  let start = 0;
  let fault: Spoken | undefined;
  for (let left = 2 + dice.roll(5); left > 0; left--) {
    const client = dice.roll(6) === 0 ? 'bob' : 'ann';
    const link = new ministreaming.Link(client, idOf(dice), idOf(dice));
    const own = connection(dice, link, start, way);
    said.push(...own);
    // The connection goes on for some time from here.
    if (rule && !fault && own.length > 6)
      fault = { at: own[4].at + 0.0001, line: MINISTREAMING_FAULTS[rule](link, dice) };
    start += dice.roll(3) === 0 ? between(dice, 0.001, 0.05) : between(dice, 0.2, 3);
  }
  return inTime(said, fault);
}

// MNET

type Parties = ReturnType<typeof mnet.parties>;
type Sent = Said<mnet.Line>;

/** Of so many datagrams the network loses one, and seconds until what was lost is sent again. */
const LOSSES = 25;
const AGAIN = 0.2;
const OPENING_AGAIN = 0.3;
const ENDING_AGAIN = 0.4;

class Talk {
  readonly said: Sent[] = [];
  at: number;
  readonly #dice: Dice;
  readonly #way: number;
  readonly #parties: Parties;
  readonly #sent = { C: 0, L: 0 };
  readonly #received = { C: 0, L: 0 };

  constructor(dice: Dice, parties: Parties, start: number, way: number) {
    this.#dice = dice;
    this.#parties = parties;
    this.at = start;
    this.#way = way;
  }

  say(line: mnet.Line, after = this.#way): void {
    this.at += after;
    this.said.push({ at: this.at, line });
  }

  /** Says it until it arrives. */
  #insist(line: mnet.Line, again: number): void {
    this.say(line);
    for (let most = 4; most > 0 && this.#isLost(); most--) this.say(line, again);
  }

  #isLost(): boolean {
    return this.#dice.roll(LOSSES) === 0;
  }

  open(): void {
    const { C, L } = this.#parties;
    this.#insist(C.init(), OPENING_AGAIN);
    this.say(L.cookie());
    this.#insist(C.echo(), OPENING_AGAIN);
    this.say(L.cookieAck());
  }

  /** Some DATA of one side, and what its peer counts. */
  burst(from: 'C' | 'L'): void {
    const to = from === 'C' ? 'L' : 'C';
    const party = this.#parties[from];
    for (let left = 1 + this.#dice.roll(4); left > 0; left--) {
      const first = this.#sent[from];
      this.#sent[from] += 20 + this.#dice.roll(460);
      this.say(party.data(first, this.#sent[from], this.#received[from]), between(this.#dice, 0.0002, 0.002));
      if (!this.#isLost() && this.#received[to] === first) this.#received[to] = this.#sent[from];
    }
    while (this.#received[to] < this.#sent[from]) {
      this.say(this.#parties[to].bare(this.#sent[to], this.#received[to]));
      this.say(party.data(this.#received[to], this.#sent[from], this.#received[from]), AGAIN);
      if (!this.#isLost()) this.#received[to] = this.#sent[from];
    }
    this.say(this.#parties[to].bare(this.#sent[to], this.#received[to]));
  }

  end(): void {
    const { C, L } = this.#parties;
    if (this.#dice.roll(10) === 0) {
      this.say(this.#dice.pick([C, L]).abort());
      return;
    }
    const [from, to, count] = this.#dice.pick([[C, L, this.#received.C] as const, [L, C, this.#received.L] as const]);
    this.#insist(from.shutdown(count), ENDING_AGAIN);
    this.#insist(to.shutdownAck(), ENDING_AGAIN);
    this.say(from.shutdownComplete());
  }

  /** What `parties` would say next, for a fault in its place. */
  get state(): { readonly C: number; readonly L: number; readonly counted: number } {
    return { ...this.#sent, counted: this.#received.C };
  }
}

/** Faults of MNET, each in a connection that stands. */
const MNET_FAULTS: Readonly<Record<string, (parties: Parties, state: Talk['state']) => mnet.Line>> = {
  'ack-unsent': ({ C }, { C: sent, L }) => C.bare(sent, L + 100_000),
  'tag-mismatch': ({ C }, { C: sent, counted }) => C.data(sent, sent + 20, counted, { tag: 0x123456 }),
  'retransmit-differs': ({ C }, { C: sent, counted }) =>
    C.data(sent - 10, sent, counted, { content: new Uint8Array(10).fill(0xee) }),
  'shutdown-ack-unsolicited': ({ L }) => L.shutdownAck(),
  'data-length-mismatch': ({ L }, { L: sent, C }) => L.data(sent, sent + 20, C, { length: 21 }),
};
export const MNET_RULES = Object.keys(MNET_FAULTS);

/** @param rule that one message breaks */
export function mnetSession(dice: Dice, rule?: string): Everyday<mnet.Line> {
  const way = between(dice, 0.0005, 0.04);
  const terms = {
    order: dice.pick(['little', 'big'] as const),
    tags: dice.pick(['initiator', 'receiver', 'sender'] as const),
  };
  const said: Sent[] = [];
  let start = 0;
  let fault: Sent | undefined;
  for (let left = 1 + dice.roll(3); left > 0; left--) {
    const parties = mnet.parties({
      ...terms,
      initTag: dice.roll(0x100_0000),
      listenerTag: dice.roll(0x100_0000),
      expiration: mnet.START + Math.floor(start) + 6,
    });
    const talk = new Talk(dice, parties, start, way);
    talk.open();
    const turns = 2 + dice.roll(5);
    for (let turn = 0; turn < turns; turn++) {
      talk.burst('C');
      talk.burst('L');
      if (rule && !fault && turn === 1) fault = { at: talk.at + 0.00005, line: MNET_FAULTS[rule](parties, talk.state) };
    }
    // The last may be still open where the capture ends.
    if (left > 1 || dice.roll(4) > 0) talk.end();
    said.push(...talk.said);
    start = talk.at + between(dice, 0.01, 2);
  }
  return inTime(said, fault);
}
